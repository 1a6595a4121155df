#!/usr/bin/env bash
# port_is_free.sh PORT   Ends with a message for people when something listens there on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

port=$1
case $port in
'' | *[!0-9]*) die "HTTP_PORT=$port is not a number" ;;
esac
[ "$port" -ge 1 ] && [ "$port" -le 65535 ] || die "HTTP_PORT=$port is not between 1 and 65535"
# A shell's own connection: it needs no tool that may not be installed yet.
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    die "port $port on 127.0.0.1 is busy: something else listens there. Choose another: HTTP_PORT=$((port < 65535 ? port + 1 : 8080)) make demo"
fi
