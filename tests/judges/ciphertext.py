"""A second implementation of the ciphertexts that kmsctl-inspect(1) describes, from that page and age's specification.

KEY FILE [CONTEXT]: print the plaintext of FILE; KEY is a file with the 32 bytes of an AES key, or an RSA or ML-KEM key in
PEM. seal HEADER KEY FILE [CONTEXT]: print a text with this header (kms:v1:TAG:) of FILE for the public half of KEY.
"""

import base64
import hashlib
import hmac
import os
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import mlkem, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

CHUNK = 64 * 1024
TAG = 16


def base64_of(text, alphabet):
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=alphabet, validate=True)


def open_gcm(key, sealed, authenticated):
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], authenticated)


def open_oaep(key, block):
    private = serialization.load_pem_private_key(key, None)
    mask = padding.MGF1(hashes.SHA256())
    return private.decrypt(block, padding.OAEP(mask, hashes.SHA256(), None))


MARK = b"kmsctl:envelope:"
ENCAPSULATION = {mlkem.MLKEM768PrivateKey: 1088, mlkem.MLKEM1024PrivateKey: 1568}


def ml_kem(key):
    """The key, if it is one of ML-KEM, and the length of its encapsulations."""
    private = serialization.load_pem_private_key(key, None)
    return next(((private, size) for kind, size in ENCAPSULATION.items() if isinstance(private, kind)), None)


def open_encapsulated(private, size, sealed, info, authenticated):
    encapsulation, rest = sealed[:size], sealed[size:]
    return open_gcm(derive(private.decapsulate(encapsulation), encapsulation, info), rest, authenticated)


def seal(header, key, plaintext, context):
    shared, encapsulation = ml_kem(key)[0].public_key().encapsulate()
    nonce = os.urandom(12)
    cipher = AESGCM(derive(shared, encapsulation, b"kmsctl ml-kem text"))
    sealed = encapsulation + nonce + cipher.encrypt(nonce, plaintext, header + context)
    return header + base64.urlsafe_b64encode(sealed).rstrip(b"=")


def open_text(key, text, context):
    header, payload = text.strip().rsplit(":", 1)
    sealed = base64_of(payload, b"-_")
    if key.startswith(b"-----") and ml_kem(key):
        return open_encapsulated(*ml_kem(key), sealed, b"kmsctl ml-kem text", header.encode() + b":" + context)
    if key.startswith(b"-----"):
        assert not context
        opened = open_oaep(key, sealed)
        assert not opened.startswith(MARK), "an envelope's file key, not a text"
        return opened
    return open_gcm(key, sealed, header.encode() + b":" + context)


def file_key(key, stanza, context):
    """Of the one stanza that is kmsctl's; age adds others that mean nothing, so that readers learn to pass over them."""
    begin, *body = stanza.split("\n")
    version, tag, wrapping, *rest = begin.split(" ")
    assert rest == (["context"] if context else [])
    wrapped = base64_of("".join(body), b"+/")
    authenticated = f"age:{version}:{tag}:".encode() + context
    if wrapping == "aes-gcm":
        return open_gcm(key, wrapped, authenticated)
    if wrapping == "ml-kem-aes-gcm":
        return open_encapsulated(*ml_kem(key), wrapped, b"kmsctl ml-kem envelope", authenticated)
    assert wrapping == "rsa-oaep-sha256-2"
    opened = open_oaep(key, wrapped)
    assert len(opened) == 64 and opened.startswith(MARK)
    assert opened[32:] == hashlib.sha256(authenticated).digest()
    return opened[16:32]


def derive(secret, salt, info):
    return HKDF(hashes.SHA256(), 32, salt, info).derive(secret)


def open_envelope(key, data, context):
    mac_at = data.index(b"\n--- ") + 1
    line_end = data.index(b"\n", mac_at)
    first, *stanzas = data[: mac_at - 1].decode().split("\n-> ")
    assert first == "age-encryption.org/v1"
    (ours,) = [stanza.removeprefix("kmsctl ") for stanza in stanzas if stanza.startswith("kmsctl ")]
    secret = file_key(key, ours, context)
    mac = hmac.digest(derive(secret, b"", b"header"), data[: mac_at + 3], "sha256")
    assert mac == base64_of(data[mac_at + 4 : line_end].decode(), b"+/")
    body = data[line_end + 1 :]
    payload_key = derive(secret, body[:16], b"payload")
    chunks = [body[at : at + CHUNK + TAG] for at in range(16, len(body), CHUNK + TAG)]
    opened = []
    for number, chunk in enumerate(chunks):
        last = number + 1 == len(chunks)
        nonce = number.to_bytes(11, "big") + bytes([last])
        opened.append(ChaCha20Poly1305(payload_key).decrypt(nonce, chunk, None))
    return b"".join(opened)


def main(key, name, context="", *more):
    if key == "seal":
        key, plaintext = (open(name, "rb").read() for name in (context, more[0]))
        sys.stdout.buffer.write(seal(name.encode(), key, plaintext, "".join(more[1:]).encode()))
        return
    with open(key, "rb") as file:
        key = file.read()
    with open(name, "rb") as file:
        data = file.read()
    if data.startswith(b"kms:"):
        plaintext = open_text(key, data.decode(), context.encode())
    else:
        plaintext = open_envelope(key, data, context.encode())
    sys.stdout.buffer.write(plaintext)


main(*sys.argv[1:])
