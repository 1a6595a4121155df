# Each target says what it does and how long each step took. The work is in scripts/.
.PHONY: help setup demo port-is-free test bench faults fuzz-nightly lint

help:
	@echo "make setup    install and fetch what building and running needs (about 3 minutes once, then a second)"
	@echo "make demo     a whole city on this machine; HTTP_PORT=8080 chooses the port, DEMO_SECONDS=90 ends by itself"
	@echo "make test     everything that must hold: lints, unit, end-to-end, fuzz and browser tests"
	@echo "make lint     formatting and lints only"
	@echo "make bench    speeds, each beside the floor measured in the same run; ARGS=\"latency gate\" picks parts"
	@echo "make faults   the fault tests at full length"
	@echo "make fuzz-nightly   ten million inputs for every decoder of foreign bytes (FUZZ_RUNS=10000000)"

setup:
	@scripts/setup.sh

lint: setup
	@scripts/lint.sh

test: setup
	@scripts/test.sh

# A busy port is told before anything is installed or built.
demo: port-is-free
	@scripts/setup.sh demo
	@scripts/run.sh demo $(ARGS)

port-is-free:
	@scripts/port_is_free.sh "$${HTTP_PORT:-8080}"

bench faults: setup
	@scripts/run.sh $@ $(ARGS)

fuzz-nightly: setup
	@FUZZ_RUNS=$${FUZZ_RUNS:-10000000} scripts/fuzz.sh
