#!/usr/bin/env bash
# Every file or folder that the documents name exists. Without this, a map of the code is soon wrong.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
for document in README.md ARCHITECTURE.md docs/*.md; do
    # `like/this.rs` and [text](like/this.md); made while building or running: not looked for.
    while read -r path; do
        case $path in
        .setup/* | node_modules/* | DATA_DIR/* | *\{* | *://* | */h | */km | */s | */s2) continue ;; # the last four are units
        esac
        if [ ! -e "$path" ] && [ ! -e "$(dirname "$document")/$path" ]; then
            printf '%s names %s, which is not there\n' "$document" "$path" >&2
            status=1
        fi
    done < <(grep -oE '`[A-Za-z.][A-Za-z0-9_.-]*/[A-Za-z0-9_./-]*`|\]\([^)#]+\)' "$document" | sed -E 's/^(`|\]\()//; s/(`|\))$//' | sort -u)
done
exit "$status"
