"""Key files by Python's cryptography, and files with numbers that do not belong together. DIRECTORY: write them there."""

import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

directory = Path(sys.argv[1])


def write(name, content):
    path = directory / name
    path.write_bytes(content)
    path.chmod(0o600)


def private(name, key, encoding, form, protection=NoEncryption()):
    write(name, key.private_bytes(encoding, form, protection))


def tlv(tag, content):
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def pkcs1(*numbers):
    """RSAPrivateKey (RFC 8017, appendix A.1.2)."""
    integer = lambda number: tlv(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))
    return tlv(0x30, b"".join(map(integer, (0,) + numbers)))


def sec1(secret, point):
    """ECPrivateKey on P-256 (RFC 5915)."""
    curve = bytes.fromhex("06082a8648ce3d030107")
    return tlv(0x30, tlv(2, b"\1") + tlv(4, secret) + tlv(0xA0, curve) + tlv(0xA1, tlv(3, b"\0" + point)))


keys = {
    "py-rsa": rsa.generate_private_key(65537, 2048),
    "py-rsa-large": rsa.generate_private_key(65537, 4096),
    "py-ec": ec.generate_private_key(ec.SECP256R1()),
}
for label, key in keys.items():
    spki = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    write(f"{label}.pub", spki)
    private(f"{label}-pkcs8-pem", key, Encoding.PEM, PrivateFormat.PKCS8)
    private(f"{label}-pkcs8-der", key, Encoding.DER, PrivateFormat.PKCS8)
    private(f"{label}-traditional-pem", key, Encoding.PEM, PrivateFormat.TraditionalOpenSSL)
    private(f"{label}-traditional-der", key, Encoding.DER, PrivateFormat.TraditionalOpenSSL)
    protection = BestAvailableEncryption(b"right")
    private(f"{label}-encrypted-pem", key, Encoding.PEM, PrivateFormat.PKCS8, protection)
    private(f"{label}-encrypted-der", key, Encoding.DER, PrivateFormat.PKCS8, protection)

numbers = keys["py-rsa"].private_numbers()
public = numbers.public_numbers
whole = [public.n, public.e, numbers.d, numbers.p, numbers.q, numbers.dmp1, numbers.dmq1, numbers.iqmp]


def changed(**changes):
    names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"]
    return pkcs1(*(changes.get(name, number) for name, number in zip(names, whole)))


assert changed() == (directory / "py-rsa-traditional-der").read_bytes()
write("bad-even-modulus", changed(n=public.n + 1))
write("bad-even-primes", changed(n=2 * numbers.p, q=2))
write("bad-other-modulus", changed(n=public.n + 2))
write("bad-exponent-one", changed(e=1))
write("bad-private-exponent", changed(d=numbers.d + 2))
write("bad-crt", changed(dp=numbers.dmp1 + 2))
other = ec.generate_private_key(ec.SECP256R1()).public_key()
uncompressed = lambda key: key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
secret = keys["py-ec"].private_numbers().private_value.to_bytes(32, "big")
own = uncompressed(keys["py-ec"].public_key())
assert sec1(secret, own) == (directory / "py-ec-traditional-der").read_bytes()
write("bad-halves", sec1(secret, uncompressed(other)))
write("bad-point", sec1(secret, own[:-1] + bytes([own[-1] ^ 1])))
write("bad-zero", sec1(bytes(32), own))
order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
write("bad-order", sec1(order.to_bytes(32, "big"), own))
