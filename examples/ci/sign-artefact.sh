#!/bin/sh
# Signs a file with the key "ci" of whatever token the environment selects, and lets OpenSSL judge the signature.
# The key is made if it is not there. Usage: sign-artefact.sh FILE
set -eu

artefact=$1
kmsctl key create --label ci --algorithm ec-p256 --usage sign,verify --if-not-exists --no-input --quiet >&2
kmsctl sign --label ci --in "$artefact" --encoding binary --out "$artefact.sig" --no-input
kmsctl key show --label ci --pem --out "$artefact.pub.pem"
openssl dgst -sha256 -verify "$artefact.pub.pem" -signature "$artefact.sig" "$artefact"
