"""jwcrypto as a judge: it knows ML-DSA (RFC 9964). verify JWKS TOKEN ALGORITHM: print the claims."""

import json
import sys

from jwcrypto import jwk, jwt


def verify(jwks, token, algorithm):
    with open(jwks) as file:
        keys = jwk.JWKSet.from_json(file.read())
    for key in keys:
        assert key.thumbprint() == key["kid"]
    checked = jwt.JWT(algs=[algorithm])
    checked.deserialize(token, keys)
    print(json.dumps(json.loads(checked.claims)))


COMMANDS = {"verify": verify}
COMMANDS[sys.argv[1]](*sys.argv[2:])
