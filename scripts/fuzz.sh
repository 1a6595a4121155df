#!/usr/bin/env bash
# fuzz.sh [SECONDS]          Fuzzes every decoder of foreign bytes, two at a time, SECONDS (30) each.
# FUZZ_RUNS=10000000 fuzz.sh The same by count instead of time, where no input may take longer than a second: for a night.
#
# FUZZ_TARGETS="topic ack" picks some, FUZZ_JOBS says how many at a time (2). Ends with a line of totals.
#
# libFuzzer with coverage counters on stable Rust: the counters are a pass of LLVM that rustc can run, so neither
# nightly nor cargo-fuzz is needed. What was found interesting stays in fuzz/corpus/ for the next run; an input that
# fails a target is left in fuzz/artifacts/ and this ends with 1.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

SECONDS_EACH=${1:-30}
RUNS=${FUZZ_RUNS:-}
JOBS=${FUZZ_JOBS:-2}
# An input may take this long, seconds. Honest ones take microseconds; the margin is for a busy machine.
LIMIT_S=${FUZZ_LIMIT_S:-5}
# Fewer executions a second than this try nothing. Beside four busy processes the slowest target made 300, and a machine may be slower.
LEAST=$((50 * SECONDS_EACH))
bound=-max_total_time=$SECONDS_EACH amount="$SECONDS_EACH s"
if [ -n "$RUNS" ]; then
    LIMIT_S=1
    bound=-runs=$RUNS amount="$RUNS executions"
fi

host=$(rustc -vV | sed -n 's/^host: //p')
binary=$PWD/fuzz/target/$host/release/ngatu-fuzz

build() {
    # With --target, build scripts and procedural macros are built without the counters, which they could not link.
    # In fuzz/, so that the settings of the workspace do not apply. With clippy, which is a compiler too: a warning ends the build,
    # and the lints cost no second reading of all dependencies.
    (cd fuzz && unset CARGO_ENCODED_RUSTFLAGS && CARGO_TARGET_DIR=target RUSTC_WORKSPACE_WRAPPER=clippy-driver \
        CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 \
        -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares" \
        cargo build --quiet --locked --release --target "$host")
}

# Passes libFuzzer's output on into a file and tells how far it is, at each doubling from a million on.
tell_progress() {
    awk -v target="$1" -v runs="$RUNS" -v log_file="$2" '
        {print > log_file}
        runs != "" && /^#[0-9]+\tpulse/ && substr($1, 2) + 0 >= 1000000 {
            printf "    %-18s %9d of %d\n", target, substr($1, 2), runs; fflush()
        }'
}

# fuzz_one TARGET   Its output goes to a file, since two run at a time.
fuzz_one() {
    local target=$1 log=fuzz/target/$1.log status=0 started=$SECONDS
    mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
    FUZZ_TARGET=$target FUZZ_SEEDS=fuzz/seeds/$target "$binary" "fuzz/corpus/$target" "fuzz/seeds/$target" \
        "$bound" -timeout="$LIMIT_S" -rss_limit_mb=1024 -max_len=65536 -len_control=100 \
        -dict=fuzz/dictionary.txt -artifact_prefix="fuzz/artifacts/$target/" -print_final_stats=1 \
        2>&1 | tell_progress "$target" "$log" || status=$?
    local seconds=$((SECONDS - started))
    awk -v status="$status" -v seconds="$seconds" '
        /number_of_executed_units/ {runs = $2} /ERROR: libFuzzer: timeout/ {hang = 1}
        END {print runs + 0, seconds, status != 0 && !hang, hang + 0}' "$log" >>"$TALLY"
    if [ "$status" -ne 0 ]; then
        printf '\n%s failed:\n' "$target"
        grep -v -E '^#[0-9]+\s' "$log" | tail -n 40
        return 1
    fi
    awk -v target="$target" -v seconds="$seconds" '
        /INITED/ {first = $0} /^#[0-9]+\t/ {last = $0}
        /number_of_executed_units/ {runs = $2} /slowest_unit_time_sec/ {slowest = $2}
        function value(line, key) {return match(line, key ": [0-9]+") ? substr(line, RSTART + length(key) + 2, RLENGTH - length(key) - 2) : "?"}
        END {printf "    %-18s %9d executions (%d/s), coverage %s -> %s, slowest %s s\n", target, runs, runs / (seconds ? seconds : 1), value(first, "cov"), value(last, "cov"), slowest}' "$log"
    # A target without coverage would be a blind one: then the build is broken, not the decoder.
    grep -q 'cov: [0-9]' "$log" || die "$target ran without coverage counters"
    local executions
    executions=$(awk '/number_of_executed_units/ {print $2}' "$log")
    [ -n "$RUNS" ] || [ "${executions:-0}" -ge "$LEAST" ] ||
        die "$target was executed only ${executions:-0} times in $SECONDS_EACH s, and $LEAST are the least: it hangs, or the machine does"
}

step "build of the fuzz targets" build
targets=$(FUZZ_TARGET=list "$binary" 2>/dev/null)
targets=${FUZZ_TARGETS:-$targets}
for target in $targets; do
    [ -d "fuzz/seeds/$target" ] || die "there are no seeds in fuzz/seeds/$target"
done
TALLY=fuzz/target/tally
: >"$TALLY"
export -f fuzz_one tell_progress die
export RUNS LIMIT_S LEAST SECONDS_EACH TALLY bound binary
# shellcheck disable=SC2086 # a list of words
count=$(printf '%s\n' $targets | wc -l)
say "$count targets, $JOBS at a time, $amount each"
status=0
# shellcheck disable=SC2086 # a list of words
printf '%s\n' $targets |
    xargs -P "$JOBS" -I '{}' bash -c 'set -euo pipefail; fuzz_one "$1"' fuzz '{}' || status=$?
awk -v targets="$count" -v limit="$LIMIT_S" '
    {runs += $1; seconds += $2; panics += $3; hangs += $4}
    END {printf "    fuzzed: %d targets, %d executions in %d s of work, %d panics, %d hangs over %d s\n", targets, runs, seconds, panics, hangs, limit}' "$TALLY"
[ "$status" -eq 0 ] || die "fuzzing failed, as said above; an input that a decoder cannot take is in fuzz/artifacts/"
