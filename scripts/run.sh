#!/usr/bin/env bash
# Builds everything for speed and runs one of the programs of the tests crate: demo, bench or faults.
# Expects that setup.sh has run.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

program=${1:?which one: demo, bench or faults}

step "dashboard: build" build_dashboard
step "release build (minutes the first time)" cargo build --locked --release --workspace --bins
say "$program"
# In place of this shell, so that a signal reaches the program and its exit status is ours.
shift
exec "${CARGO_TARGET_DIR:-target}/release/$program" "$@"
