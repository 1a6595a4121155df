# What the scripts share. To be sourced by bash, from the repository's root.

# Debian keeps Mosquitto here, which is not on the PATH of an ordinary user.
export PATH="$PATH:/usr/sbin:/sbin"

# Tells what begins now.
say() { printf '==> %s\n' "$*"; }

# Ends with a message for people: what is wrong, and what to do about it.
die() {
    printf '\nerror: %s\n' "$*" >&2
    exit 1
}

# step "What it does" command…   Runs the command and tells how long it took.
step() {
    local title=$1 started=$SECONDS
    shift
    say "$title"
    "$@"
    printf '    %s: %d s\n' "$title" "$((SECONDS - started))"
}

# retry COUNT command…   For commands that depend on the network.
retry() {
    local left=$1
    shift
    until "$@"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        printf '    that failed; once more\n' >&2
        sleep 3
    done
}

# at_least WANTED HAVE   Compares versions.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# has_sum FILE SHA256
has_sum() { [ -f "$1" ] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status; }

# Prints the path of the browser for the browser tests: what CHROMIUM says, else the first that is there and runs.
find_browser() {
    local name names=(chromium google-chrome-stable google-chrome chromium-browser)
    [ -z "${CHROMIUM:-}" ] || names=("$CHROMIUM")
    for name in "${names[@]}"; do
        # Ubuntu's chromium packages hold only a script that asks for a snap: run it to know.
        if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    return 1
}
NO_BROWSER='no Chromium or Chrome: the browser tests need one (on Ubuntu the package of Chrome, or the snap chromium)'

# Builds the dashboard, unless it is newer than all of its sources. The control center carries the result.
build_dashboard() {
    [ -f dashboard/package.json ] || return 0
    local stamp=dashboard/node_modules/.built
    if [ -f "$stamp" ] && [ -f dashboard/dist/index.html ] &&
        [ -z "$(find dashboard \( -path dashboard/node_modules -o -path dashboard/dist \) -prune -o \
            -type f -newer "$stamp" -print -quit)" ]; then
        return 0
    fi
    (cd dashboard && npm run --silent build)
    touch "$stamp"
}
