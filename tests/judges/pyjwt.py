"""PyJWT as a judge. verify JWKS TOKEN ALGORITHM: print the claims. sign PEM ALGORITHM CLAIMS [KID]: print a token."""

import json
import sys

import jwt


def verify(jwks, token, algorithm):
    with open(jwks) as file:
        keys = jwt.PyJWKSet.from_json(file.read())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    print(json.dumps(jwt.decode(token, key, algorithms=[algorithm], options={"verify_aud": False})))


def sign(pem, algorithm, claims, kid=None):
    with open(pem) as file:
        key = file.read()
    print(jwt.encode(json.loads(claims), key, algorithm, headers={"kid": kid} if kid else None))


{"verify": verify, "sign": sign}[sys.argv[1]](*sys.argv[2:])
