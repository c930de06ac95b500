"""PyJWT as a judge. verify JWKS TOKEN ALGORITHM: print the claims. sign PEM ALGORITHM CLAIMS [KID]: print a token.

jws JWKS JWS: print the payload of a JWS. detached JWKS JWS FILE: verify a detached JWS. sign-detached PEM ALGORITHM
FILE: print one.
"""

import base64
import json
import sys

import jwt


def meant(jwks, token):
    """The key of the set that the token's kid names."""
    with open(jwks) as file:
        keys = jwt.PyJWKSet.from_json(file.read())
    return keys[jwt.get_unverified_header(token)["kid"]]


def verify(jwks, token, algorithm):
    key = meant(jwks, token)
    print(json.dumps(jwt.decode(token, key, algorithms=[algorithm], options={"verify_aud": False})))


def sign(pem, algorithm, claims, kid=None):
    with open(pem) as file:
        key = file.read()
    print(jwt.encode(json.loads(claims), key, algorithm, headers={"kid": kid} if kid else None))


def jws(jwks, token):
    key = meant(jwks, token)
    payload = jwt.PyJWS().decode(token, key, algorithms=[key.algorithm_name])
    print(base64.b64encode(payload).decode())


def detached(jwks, token, name):
    with open(name, "rb") as file:
        payload = file.read()
    key = meant(jwks, token)
    jwt.PyJWS().decode(token, key, algorithms=[key.algorithm_name], detached_payload=payload)
    print("valid")


def sign_detached(pem, algorithm, name):
    with open(pem) as key, open(name, "rb") as file:
        print(jwt.PyJWS().encode(file.read(), key.read(), algorithm, is_payload_detached=True))


COMMANDS = {"verify": verify, "sign": sign, "jws": jws, "detached": detached, "sign-detached": sign_detached}
COMMANDS[sys.argv[1]](*sys.argv[2:])
