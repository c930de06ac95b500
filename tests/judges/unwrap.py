"""A second implementation of the file of `kmsctl key wrap`. KEY FILE: print what is inside.

KEY is the receiver's RSA key in PEM. An AES key is printed in hexadecimal, of a private key its public half.
"""

import base64
import json
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding

with open(sys.argv[1], "rb") as file:
    receiver = serialization.load_pem_private_key(file.read(), None)
with open(sys.argv[2]) as file:
    # The second block has what goes along with the key.
    key, mark, details = file.read().partition("-----BEGIN KMSCTL KEY DETAILS-----\n")
begin, *lines, end = key.splitlines()
assert begin == "-----BEGIN KMSCTL WRAPPED KEY-----" and end == "-----END KMSCTL WRAPPED KEY-----"
blank = lines.index("")
headers = dict(line.split(": ", 1) for line in lines[:blank])
assert headers["Scheme"] == "RSA-OAEP-SHA256 AES-256-KWP"
body = base64.b64decode("".join(lines[blank + 1 :]), validate=True)
size = receiver.key_size // 8
oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
between = receiver.decrypt(body[:size], oaep)
key = aes_key_unwrap_with_padding(between, body[size:])
details = base64.b64decode("".join(details.splitlines()[:-1]), validate=True)
details = json.loads(aes_key_unwrap_with_padding(between, details))
assert aes_key_unwrap_with_padding(between, base64.b64decode(details["keys"][-1]["key"])) == key
assert headers["Label"] == details["record"]["label"]
if len(key) == 32:
    print(key.hex())
else:
    public = serialization.load_der_private_key(key, None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    print(public.public_bytes(serialization.Encoding.PEM, form).decode(), end="")
