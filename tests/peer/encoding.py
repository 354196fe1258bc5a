"""CBOR in one encoding, and the envelopes: PROFILE.md, sections 1 and 3."""

import re

import cbor2

import ed25519

CREDENTIAL = None
STATUS = "application/statuslist+cwt"
SNAPSHOT = "application/dc1-snapshot+cbor"
POLICY = "application/dc1-policy+cbor"
TRUST = "application/dc1-trust+cbor"

DIGITS = [0, 3, 5, 8, 10, 13, 15, 17]
MAX_QR_TEXT_CHARS = 7089
MAX_CREDENTIAL_BYTES = 2048


class Refused(Exception):
    """The number of a refusal."""

    def __init__(self, number):
        super().__init__(number)
        self.number = number


class Malformed(Exception):
    """Whoever reads decides which refusal that is."""


def need(condition):
    if not condition:
        raise Malformed


def loads(data):
    """One item, in its one encoding: what it encodes to must be what came.

    cbor2 keeps the order of keys, drops repeated ones, and writes shortest forms and definite lengths.
    """
    try:
        value = cbor2.loads(data)
        need(cbor2.dumps(value) == data)
    except Malformed:
        raise
    except Exception as error:
        raise Malformed from error
    return value


def is_uint(value, most=2**64 - 1):
    return type(value) is int and 0 <= value <= most


def is_bytes(value, length=None):
    return type(value) is bytes and length in (None, len(value))


def array(value, *lengths):
    need(type(value) is list and len(value) in lengths)
    return value


def rising(value, least, most, allowed):
    """A list of distinct numbers, sorted."""
    need(type(value) is list and least <= len(value) <= most)
    need(all(is_uint(item) and item in allowed for item in value))
    need(value == sorted(set(value)))
    return value


def fields(value, required, optional=()):
    """A map with these keys, the required ones there, all in the order of their encodings."""
    need(type(value) is dict)
    need(all(type(key) is int for key in value))
    need(all(key in value for key in required))
    need(all(key in required or key in optional for key in value))
    need(list(value) == sorted(value, key=cbor2.dumps))
    return value


def name(value):
    need(type(value) is str and 1 <= len(value) <= 64 and value.strip() == value)
    deceives = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
    need(not deceives.search(value))
    return value


def region(value):
    need(is_uint(value))
    need(value == 0 or 11 <= value <= 99 or 1100 <= value <= 9999 or 110000 <= value <= 999999)
    return value


def contains(outer, inner):
    return outer == 0 or (inner != 0 and str(inner).startswith(str(outer)))


class Sign1:
    """COSE_Sign1. Keeps header and payload as they came."""

    def __init__(self, data, typ):
        tagged = loads(data)
        need(type(tagged) is cbor2.CBORTag and tagged.tag == 18)
        self.protected, unprotected, self.payload, self.signature = array(tagged.value, 4)
        need(is_bytes(self.protected) and unprotected == {} and type(unprotected) is dict)
        need(is_bytes(self.payload) and is_bytes(self.signature, 64))
        self.kid = header(self.protected, typ)

    def verifies(self, key):
        signed = cbor2.dumps(["Signature1", self.protected, b"", self.payload])
        return ed25519.verifies(key, signed, self.signature)


def header(protected, typ):
    fields_ = fields(loads(protected), [1, 4], [16])
    need(type(fields_[1]) is int and fields_[1] in (-8, -19) and is_bytes(fields_[4], 4))
    need(fields_.get(16) == typ)
    return fields_[4]


def read_text(text):
    """The bytes inside a QR text: section 3."""
    if len(text.encode()) > MAX_QR_TEXT_CHARS:
        raise Refused(12)
    match = re.fullmatch(r"(?is)(?:dc1:|https://[a-z0-9.:-]{1,259}/#)(.*)", text.strip(" \t\r\n"), re.ASCII)
    if not match:
        raise Refused(10)
    digits, data = match.group(1), b""
    for start in range(0, len(digits), 17):
        chunk = digits[start : start + 17]
        if not re.fullmatch("[0-9]+", chunk) or len(chunk) not in DIGITS:
            raise Refused(11)
        size = DIGITS.index(len(chunk))
        if int(chunk) >= 256**size:
            raise Refused(11)
        data += int(chunk).to_bytes(size, "little")
    if len(data) > MAX_CREDENTIAL_BYTES:
        raise Refused(12)
    return data
