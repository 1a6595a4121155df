#!/usr/bin/env bash
# Everything that must hold, from lints to a browser. Ends with one line: how many of the Rust tests passed.
# Expects that setup.sh has run. FUZZ_SECONDS says how long each decoder is fuzzed (30).
#
# The end-to-end and browser tests mostly wait, so fuzzing runs beside them and takes only the time that they leave.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

# Told at once, not after all that comes before the browser tests.
CHROMIUM=$(find_browser) || die "$NO_BROWSER; CHROMIUM names one that is elsewhere"
export CHROMIUM

mkdir -p target
LOG=target/test-output.log
FUZZ_LOG=target/fuzz-output.log

converter_tests() { (cd scripts/model && PYTHONDONTWRITEBYTECODE=1 ../../.setup/venv/bin/python -m unittest --quiet); }
dashboard_tests() { (cd dashboard && npm test --silent); }
browser_tests() { (cd tests/browser && npm test --silent); }

# Clippy is a compiler too, so our crates are built with it and a warning ends the build. `cargo clippy` would read all
# dependencies and all of our code once more: on two processors that took 341 s from nothing.
# Not incrementally: from nothing there is nothing to reuse, and to keep what could be takes time.
linting_cargo() {
    RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings CARGO_INCREMENTAL=0 cargo "$@"
}

# Builds the programs that the end-to-end tests start, too. Naming the whole workspace here and below keeps the
# features of the dependencies the same, so that nothing is built twice.
rust_build() { linting_cargo test --quiet --locked --workspace --no-run; }

# The tests of the eyes keep a processor busy, those of the center mostly wait. So they run side by side, the latter seen as
# they go, the former shown afterwards. These of the end-to-end ones look at pictures all the time, too.
LOOKING='^--test=(tracking|truth)$'
rust_tests() {
    local center eyes eyes_log=target/test-output-eyes.log eyes_status=0 center_status=0
    mapfile -t center < <(test_targets control-center ngatu-tests | grep -vE -- "$LOOKING")
    mapfile -t eyes < <(
        test_targets ngatu-protocol ngatu-scene edge-agent
        test_targets ngatu-tests | grep -E -- "$LOOKING"
    )
    linting_cargo test --locked --workspace --no-fail-fast --lib "${eyes[@]}" >"$eyes_log" 2>&1 &
    linting_cargo test --locked --workspace --no-fail-fast "${center[@]}" 2>&1 | tee "$LOG" || center_status=$?
    wait "$!" || eyes_status=$?
    tee -a "$LOG" <"$eyes_log"
    return "$((center_status | eyes_status))"
}

# test_targets PACKAGE…   Cargo's arguments for the test programs of these packages.
test_targets() {
    cargo metadata --locked --no-deps --format-version 1 | node -e '
        const packages = process.argv.slice(1);
        for (const { name, targets } of JSON.parse(require("fs").readFileSync(0)).packages)
            for (const target of packages.includes(name) ? targets : [])
                if (target.test && !target.kind.includes("lib")) console.log(`--${target.kind[0]}=${target.name}`);
    ' "$@"
}

# Begins to fuzz in a process group of its own, so that all of it ends with us. Its share of a busy processor is a
# tenth, so an input may seem slow: the limit is twice the usual one.
begin_fuzzing() {
    set -m
    FUZZ_LIMIT_S=10 nice -n 10 scripts/fuzz.sh "${FUZZ_SECONDS:-30}" >"$FUZZ_LOG" 2>&1 &
    fuzzing=$!
    set +m
    trap 'kill -- "-$fuzzing" 2>/dev/null || true' EXIT
}
end_fuzzing() {
    local status=0
    wait "$fuzzing" || status=$?
    trap - EXIT
    cat "$FUZZ_LOG"
    return "$status"
}

# Adds up cargo's own "test result: ok. 3 passed; 0 failed; …" lines.
total() { awk -v word="$1" '/^test result: /{for (i = 2; i <= NF; i++) if ($i == word) sum += $(i - 1)} END {print sum + 0}' "$LOG"; }

step "lints" scripts/lint.sh --without-clippy
step "model converter: tests" converter_tests
if [ -f dashboard/package.json ]; then
    step "dashboard: tests" dashboard_tests
fi
: >"$LOG"
step "Rust: lints, and the tests' build" rust_build
say "fuzzing every decoder of foreign bytes begins in the background"
begin_fuzzing
# In a subshell of its own, neither behind `||` nor before `&&`, where bash would not stop at the first failing command.
set +e
(
    set -e
    step "Rust tests" rust_tests
)
status=$?
set -e
passed=$(total 'passed;') failed=$(total 'failed;')
if [ "$status" -ne 0 ] || [ "$failed" -ne 0 ] || [ "$passed" -eq 0 ]; then
    printf '\n%s passed, %s failed (cargo ended with status %s; its output is in %s)\n' \
        "$passed" "$failed" "$status" "$LOG"
    exit 1
fi
if [ -f tests/browser/package.json ]; then
    step "browser tests" browser_tests
fi
step "fuzzing: the rest of it" end_fuzzing
# What this machine did not allow is no success: it must be seen.
grep -oh 'SKIPPED .*' "$LOG" | sort -u || true
say "all of it: $SECONDS s"
printf '%s passed, 0 failed\n' "$passed"
