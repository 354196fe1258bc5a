"""Reads a certificate or a pass with somebody else's COSE library (`cwt` from PyPI), not with ours.

    python3 cose.py PUBLIC_KEY_HEX CREDENTIAL_HEX       prints the claims as JSON; exit 1 when the signature does not hold
"""

import json
import sys

import cbor2
from cwt import COSE, COSEKey
from cwt.exceptions import VerifyError


def main(public_key, credential):
    public_key, credential = bytes.fromhex(public_key), bytes.fromhex(credential)
    kid = cbor2.loads(cbor2.loads(credential).value[0])[4]
    # OKP, Ed25519: RFC 9053, section 7.2.
    key = COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: public_key})
    try:
        claims = COSE.new().decode(credential, key)
    except VerifyError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(as_json(cbor2.loads(claims)), ensure_ascii=False))
    return 0


def as_json(value):
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.hex() if isinstance(value, bytes) else value


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
