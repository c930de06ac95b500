"""Python's cryptography on its own vectors of key files (the package cryptography_vectors).

Prints a JSON list: path; the passphrase that opens it, if any does; "kind" and "fingerprint" (SHA-256 of the public half's
SubjectPublicKeyInfo), or null where cryptography reads no private key.
"""

import hashlib
import json
import warnings
from pathlib import Path

import cryptography_vectors
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
    load_ssh_private_key,
    pkcs12,
)

warnings.simplefilter("ignore")
root = Path(cryptography_vectors.__file__).parent
directories = [
    "PEM_Serialization",
    "DER_Serialization",
    "PKCS8",
    "OpenSSH",
    "Traditional_OpenSSL_Serialization",
    "RSA",
    "EC",
]
files = [file for name in directories for file in (root / "asymmetric" / name).iterdir()]
files += (root / "pkcs12").rglob("*")
# Those of cryptography's own tests.
passphrases = [
    None,
    "password",
    "cryptography",
    "123456",
    "a123456",
    "foobar",
    "baz",
    "PolarSSLTest",
    "hunter2",
    "hunter42",
    "Red Hat Enterprise Linux 7.4",
]


def from_pkcs12(data, passphrase):
    return pkcs12.load_key_and_certificates(data, passphrase)[0]


def read(data, passphrase):
    """The key by the first loader that reads one."""
    for load in (load_pem_private_key, load_der_private_key, load_ssh_private_key, from_pkcs12):
        try:
            key = load(data, passphrase)
            if key is not None:
                return key
        except Exception:
            continue
    return None


def describe(key):
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        kind = f"rsa-{public.key_size}"
    elif isinstance(public, ec.EllipticCurvePublicKey):
        kind = public.curve.name
    else:
        kind = type(key).__name__
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"kind": kind, "fingerprint": hashlib.sha256(spki).hexdigest()}


found = []
for file in sorted(files):
    if not file.is_file() or file.suffix in (".txt", ".md", ".py"):
        continue
    data = file.read_bytes()
    answer = {"path": str(file), "name": str(file.relative_to(root)), "passphrase": None, "key": None}
    for passphrase in passphrases:
        key = read(data, passphrase and passphrase.encode())
        if key is not None:
            try:
                answer.update(passphrase=passphrase, key=describe(key))
            except Exception as error:
                answer.update(passphrase=passphrase, key={"kind": str(error), "fingerprint": ""})
            break
    found.append(answer)
print(json.dumps(found))
