#!/usr/bin/env bash
# fuzz.sh [SECONDS]   Fuzzes every decoder of foreign bytes, two at a time, SECONDS (30) each.
#
# libFuzzer with coverage counters on stable Rust: the counters are a pass of LLVM that rustc can run, so neither
# nightly nor cargo-fuzz is needed. What was found interesting stays in fuzz/corpus/ for the next run; an input that
# fails a target is left in fuzz/artifacts/ and this ends with 1.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

SECONDS_EACH=${1:-30}
# An input may take this long, seconds. Honest ones take microseconds; the margin is for a busy machine.
LIMIT_S=5

host=$(rustc -vV | sed -n 's/^host: //p')
binary=$PWD/fuzz/target/$host/release/ngatu-fuzz

build() {
    # With --target, build scripts and procedural macros are built without the counters, which they could not link.
    # In fuzz/, so that the settings of the workspace do not apply.
    (cd fuzz && unset CARGO_ENCODED_RUSTFLAGS && CARGO_TARGET_DIR=target RUSTFLAGS="--cfg fuzzing -Ccodegen-units=1 \
        -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares" \
        cargo build --quiet --locked --release --target "$host")
}

# fuzz_one TARGET   Its output goes to a file, since two run at a time.
fuzz_one() {
    local target=$1 log=fuzz/target/$1.log status=0
    mkdir -p "fuzz/corpus/$target" "fuzz/artifacts/$target"
    FUZZ_TARGET=$target FUZZ_SEEDS=fuzz/seeds/$target "$binary" "fuzz/corpus/$target" "fuzz/seeds/$target" \
        -max_total_time="$SECONDS_EACH" -timeout="$LIMIT_S" -rss_limit_mb=1024 -max_len=65536 -len_control=100 \
        -dict=fuzz/dictionary.txt -artifact_prefix="fuzz/artifacts/$target/" -print_final_stats=1 \
        >"$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        printf '\n%s failed:\n' "$target"
        grep -v -E '^#[0-9]+\s' "$log" | tail -n 40
        return 1
    fi
    awk -v target="$target" '
        /INITED/ {first = $0} /^#[0-9]+\t/ {last = $0}
        /number_of_executed_units/ {runs = $2} /slowest_unit_time_sec/ {slowest = $2}
        function value(line, key) {return match(line, key ": [0-9]+") ? substr(line, RSTART + length(key) + 2, RLENGTH - length(key) - 2) : "?"}
        END {printf "    %-18s %9d executions, coverage %s -> %s, slowest %s s\n", target, runs, value(first, "cov"), value(last, "cov"), slowest}' "$log"
    # A target without coverage would be a blind one: then the build is broken, not the decoder.
    grep -q 'cov: [0-9]' "$log" || die "$target ran without coverage counters"
}

step "build of the fuzz targets" build
targets=$(FUZZ_TARGET=list "$binary" 2>/dev/null)
for target in $targets; do
    [ -d "fuzz/seeds/$target" ] || die "there are no seeds in fuzz/seeds/$target"
done
export -f fuzz_one die
export SECONDS_EACH LIMIT_S binary
say "$(printf '%s\n' "$targets" | wc -l) targets, two at a time, $SECONDS_EACH s each"
printf '%s\n' "$targets" | xargs -P 2 -I '{}' bash -c 'set -euo pipefail; fuzz_one "$1"' fuzz '{}' ||
    die "fuzzing found an input that a decoder cannot take; it is in fuzz/artifacts/"
