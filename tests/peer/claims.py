"""Certificates and passes: PROFILE.md, section 2."""

from datetime import date

from encoding import array, fields, is_bytes, is_uint, loads, name, need, region, rising

CERTIFICATE, PASS = 1, 2
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


class Claims:
    """Either kind, read."""

    def __init__(self, payload):
        claims = loads(payload)
        need(type(claims) is dict)
        if -65538 in claims:
            self.read_pass(claims)
        else:
            self.read_certificate(claims)

    def read_pass(self, claims):
        fields(claims, [4, -65538], [8])
        self.kind, self.issued, self.expires = PASS, None, claims[4]
        need(is_uint(self.expires))
        self.holder_key = public_key(fields(claims[8], [1])[1]) if 8 in claims else None
        jurisdiction, self.grants, self.status = array(claims[-65538], 3)
        self.region = region(jurisdiction)
        rising(self.grants, 1, 16, range(1, 17))
        need(is_uint(self.status, 2**32 - 1))
        self.components, self.born = [], None

    def read_certificate(self, claims):
        fields(claims, [4, 6, 169, -65537])
        self.kind, self.expires, self.issued = CERTIFICATE, claims[4], claims[6]
        need(is_uint(self.expires) and is_uint(self.issued) and self.issued < self.expires)
        self.holder_key, self.grants = None, []
        self.read_identity(claims[169])
        self.read_disability(claims[-65537])

    def read_identity(self, identity):
        fields(identity, [4], [8, 15, 16, 17])
        self.name = name(identity[4])
        self.born = day(identity[8]) if 8 in identity else None
        if 15 in identity:
            name(identity[15])
        need((16 in identity) == (17 in identity))
        if 16 in identity:
            need(is_bytes(identity[16]) and is_uint(identity[17], 4))

    def read_disability(self, disability):
        document, self.components, county, self.status, *reissue = array(disability, 4, 5)
        if type(document) is str:
            self.number = None
            name(document)
        else:
            need(is_uint(document) and 10**16 <= document < 10**17 and self.born is None)
            self.born = day(str(document)[6:14])
            need(1850 <= self.born.year <= 2150)
        need(type(self.components) is list and 1 <= len(self.components) <= 6)
        need(all(is_uint(c) and 1 <= c // 10 <= 6 and 1 <= c % 10 <= 4 for c in self.components))
        need(self.components == sorted(self.components, key=lambda c: (c % 10, c // 10)))
        need(len({c // 10 for c in self.components}) == len(self.components))
        need(is_uint(county) and 110000 <= county <= 999999)
        need(is_uint(self.status, 2**32 - 1))
        need(all(is_uint(n, 99) for n in reissue))
        self.region = county
        if type(document) is int:
            self.number = certificate_number(document, self.components, reissue)


def certificate_number(document, components, reissue):
    digits = str(document)
    total = sum(int(d) * w for d, w in zip(digits, WEIGHTS))
    category = 7 if len(components) > 1 else components[0] // 10
    suffix = "".join("B" if n == 0 else f"B{n}" for n in reissue)
    return digits + "10X98765432"[total % 11] + f"{category}{components[0] % 10}" + suffix


def day(text):
    need(type(text) is str and len(text) == 8 and text.isascii() and text.isdigit())
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        need(False)


def public_key(key):
    """The 32 bytes of an Ed25519 key; None for a P-256 key, which only phones have."""
    need(type(key) is dict and key.get(1) in (1, 2))
    ed25519 = key[1] == 1
    fields(key, [1, -1, -2] if ed25519 else [1, -1, -2, -3])
    need(is_uint(key[1]) and is_uint(key[-1]) and key[-1] == (6 if ed25519 else 1))
    need(is_bytes(key[-2], 32))
    need(ed25519 or type(key[-3]) is bool)
    return key[-2] if ed25519 else None
