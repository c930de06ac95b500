"""Python's cryptography as a judge where Debian's openssl and ssh-keygen cannot be.

verify PUBLIC SIGNATURE MESSAGE: print "valid" or "invalid". make ALGORITHM: write a new private key in every form that
cryptography has into the working directory, the public key beside it, and a JWK. sign PRIVATE MESSAGE SIGNATURE: sign a file. ssh LINE:
print an OpenSSH public key as PEM.
"""

import base64
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
    load_ssh_public_key,
)


def verify(public, signature, message):
    key = load_pem_public_key(Path(public).read_bytes())
    try:
        key.verify(Path(signature).read_bytes(), Path(message).read_bytes())
        print("valid")
    except InvalidSignature:
        print("invalid")


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make(algorithm):
    if algorithm == "EdDSA":
        key = ed25519.Ed25519PrivateKey.generate()
        about, names = {"kty": "OKP", "crv": "Ed25519"}, ("x", "d")
    else:
        key = getattr(mldsa, algorithm.replace("-", "") + "PrivateKey").generate()
        about, names = {"kty": "AKP", "alg": algorithm}, ("pub", "priv")
    public = key.public_key()
    jwk = about | dict(zip(names, map(text, (public.public_bytes_raw(), key.private_bytes_raw()))))
    pkcs8 = lambda encoding, protection: key.private_bytes(encoding, PrivateFormat.PKCS8, protection)
    files = {
        "pkcs8": pkcs8(Encoding.PEM, NoEncryption()),
        "der": pkcs8(Encoding.DER, NoEncryption()),
        "encrypted": pkcs8(Encoding.PEM, BestAvailableEncryption(b"right")),
        "jwk": json.dumps(jwk).encode(),
        "public": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    }
    if algorithm == "EdDSA":
        files["openssh"] = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    for name, content in files.items():
        Path(name).write_bytes(content)
        Path(name).chmod(0o600)


def sign(private, message, signature):
    key = load_pem_private_key(Path(private).read_bytes(), None)
    Path(signature).write_bytes(key.sign(Path(message).read_bytes()))


def ssh(line):
    key = load_ssh_public_key(Path(line).read_bytes())
    print(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(), end="")


COMMANDS = {"verify": verify, "make": make, "sign": sign, "ssh": ssh}
COMMANDS[sys.argv[1]](*sys.argv[2:])
