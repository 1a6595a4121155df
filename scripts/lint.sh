#!/usr/bin/env bash
# Formatting and lints of all languages. Expects that setup.sh has run.
# lint.sh --without-clippy leaves the lints of the Rust code to the builds of the tests and of the fuzz targets, as test.sh does.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

shell_syntax() {
    local script
    for script in scripts/*.sh .ci/run; do
        bash -n "$script"
    done
}

formatting() {
    cargo fmt --all --check
    cargo fmt --manifest-path fuzz/Cargo.toml --check
}

# A workspace of its own, with a target folder of its own.
fuzz_clippy() { (cd fuzz && CARGO_TARGET_DIR=target cargo clippy --quiet --locked -- -D warnings); }
dashboard_check() { (cd dashboard && npm run --silent check); }
browser_tests_check() { (cd tests/browser && npm run --silent check); }

step "syntax of the scripts" shell_syntax
step "files named in the documents" scripts/check-docs.sh
step "formatting" formatting
if [ -f dashboard/package.json ]; then
    step "dashboard: types and lints" dashboard_check
    step "dashboard: build" build_dashboard
fi
if [ -f tests/browser/package.json ]; then
    step "browser tests: types" browser_tests_check
fi
if [ "${1:-}" != --without-clippy ]; then
    step "clippy" cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
    step "clippy: fuzz targets" fuzz_clippy
fi
