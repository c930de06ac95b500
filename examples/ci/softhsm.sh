#!/bin/sh
# Runs a command with a fresh SoftHSM token, where the job is to go through a PKCS#11 module as in production.
# Usage: softhsm.sh COMMAND [ARG]...
set -eu

place=$(mktemp -d)
trap 'rm -rf -- "$place"' EXIT
mkdir "$place/tokens"
printf 'directories.tokendir = %s\n' "$place/tokens" > "$place/softhsm2.conf"
export SOFTHSM2_CONF="$place/softhsm2.conf"
export KMSCTL_MODULE="${KMSCTL_MODULE:-/usr/lib/softhsm/libsofthsm2.so}"
kmsctl token init --label ci --generate-pin "$place/pin" --no-input --quiet >&2
export KMSCTL_PIN_FILE="$place/pin"
"$@"
