"""A second implementation of age files with an X25519 or scrypt stanza, from https://c2sp.org/age.

FILE IDENTITY|PASSPHRASE: print the plaintext of FILE.
"""

import base64
import hashlib
import hmac
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CHUNK = 64 * 1024 + 16
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def unpadded(text):
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def hkdf(secret, salt, info):
    return HKDF(hashes.SHA256(), 32, salt, info).derive(secret)


def x25519(identity, arguments, body):
    values = [BECH32.index(character) for character in identity.lower().split("1", 1)[1]][:-6]
    number = int("".join(f"{value:05b}" for value in values)[:256], 2)
    private = X25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))
    share = unpadded(arguments[0])
    ours = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    shared = private.exchange(X25519PublicKey.from_public_bytes(share))
    key = hkdf(shared, share + ours, b"age-encryption.org/v1/X25519")
    return ChaCha20Poly1305(key).decrypt(bytes(12), body, None)


def scrypt(passphrase, arguments, body):
    salt = b"age-encryption.org/v1/scrypt" + unpadded(arguments[0])
    cost = 1 << int(arguments[1])
    key = hashlib.scrypt(passphrase.encode(), salt=salt, n=cost, r=8, p=1, maxmem=2 * 128 * 8 * cost, dklen=32)
    return ChaCha20Poly1305(key).decrypt(bytes(12), body, None)


def main(path, secret):
    with open(path, "rb") as file:
        data = file.read()
    covered, rest = data.split(b"\n--- ", 1)
    mac, body = rest.split(b"\n", 1)
    lines = covered.decode().split("\n")
    assert lines[0] == "age-encryption.org/v1"
    kind, *arguments = lines[1].removeprefix("-> ").split(" ")
    wrapped = unpadded(lines[2])
    file_key = {"X25519": x25519, "scrypt": scrypt}[kind](secret, arguments, wrapped)
    expected = hmac.digest(hkdf(file_key, None, b"header"), covered + b"\n---", "sha256")
    assert hmac.compare_digest(expected, unpadded(mac.decode()))
    payload = ChaCha20Poly1305(hkdf(file_key, body[:16], b"payload"))
    chunks = [body[start : start + CHUNK] for start in range(16, len(body), CHUNK)]
    for number, chunk in enumerate(chunks):
        nonce = number.to_bytes(11, "big") + bytes([number == len(chunks) - 1])
        sys.stdout.buffer.write(payload.decrypt(nonce, chunk, None))


main(*sys.argv[1:])
