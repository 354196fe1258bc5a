"""What a verifier carries, and how it comes in: PROFILE.md, section 5."""

import hashlib
import zlib

import cbor2

import ed25519
import policy
from claims import public_key
from encoding import (
    POLICY, SNAPSHOT, STATUS, TRUST, Malformed, Refused, Sign1,
    array, contains, fields, header, is_bytes, is_uint, loads, need, region, rising,
)

ISSUER_ROLE, SNAPSHOT_ROLE, STATUS_ROLE, POLICY_ROLE = 1, 2, 3, 4
MAX_PACKED_BYTES = 16 << 20
MAX_BUNDLE_BYTES = 64 << 20
MAX_VERSION_STEP = 1 << 26


def sha256(data):
    return hashlib.sha256(data).digest()


def kid_of(key):
    return sha256(key)[:4]


class State:
    """Pinned roots and high-water marks."""

    def __init__(self, root_file):
        magic, threshold, keys = array(loads(root_file), 3)
        need(magic == "DCR1")
        self.roots = root_set(threshold, keys)
        self.snapshot, self.signer, self.parts, self.newest = 0, None, {}, 0


def root_set(threshold, keys):
    need(type(keys) is list and 1 <= len(keys) <= 16)
    keys = [public_key(key) for key in keys]
    need(all(keys) and is_uint(threshold) and 1 <= threshold <= len(keys))
    kids = [kid_of(key) for key in keys]
    need(kids == sorted(set(kids)))
    return threshold, keys


class Key:
    """A key of the trust list."""

    def __init__(self, value):
        fields(value, [1, 2, 3, 4, 5, 6], [7])
        self.key = public_key(value[1])
        need(self.key is not None)
        self.kid = kid_of(self.key)
        self.roles = rising(value[2], 1, 4, range(1, 5))
        self.kinds = rising(value[3], 0, 2, (1, 2))
        need(type(value[4]) is list and len(value[4]) <= 256)
        self.regions = [region(code) for code in value[4]]
        self.not_before, self.not_after = value[5], value[6]
        need(is_uint(value[5]) and is_uint(value[6]) and value[5] < value[6])
        state, self.since = array(value[7], 2) if 7 in value else (0, None)
        need(7 not in value or (is_uint(state) and state in (1, 2) and is_uint(self.since)))
        self.retired, self.compromised = state == 1, state == 2

    def counts(self, role, signed):
        """Whether something that says when it was signed counts."""
        alive = not self.compromised and not (self.retired and signed >= self.since)
        return role in self.roles and self.not_before <= signed < self.not_after and alive

    def covers(self, code):
        return any(contains(own, code) for own in self.regions)


class TrustList:
    """Verified by the roots in force and by its own."""

    def __init__(self, data, roots):
        tagged = loads(data)
        need(type(tagged) is cbor2.CBORTag and tagged.tag == 98)
        body, unprotected, payload, signatures = array(tagged.value, 4)
        need(body == cbor2.dumps({16: TRUST}) and unprotected == {} and is_bytes(payload))
        need(type(signatures) is list and len(signatures) <= 32)
        signed = {}
        for entry in signatures:
            protected, unprotected, signature = array(entry, 3)
            need(is_bytes(protected) and unprotected == {} and is_bytes(signature, 64))
            kid = header(protected, None)
            need(protected == cbor2.dumps({1: -8, 4: kid}))
            need(not signed or kid > max(signed))
            signed[kid] = (protected, signature)
        self.read(loads(payload))

        def valid(key):
            protected, signature = signed.get(kid_of(key), (b"", b""))
            structure = cbor2.dumps(["Signature", body, protected, b"", payload])
            return kid_of(key) in signed and ed25519.verifies(key, structure, signature)

        for threshold, keys in (roots, self.roots):
            need(sum(map(valid, keys)) >= threshold)
        need(all(ed25519.is_key(key.key) for key in self.keys.values()))

    def read(self, value):
        fields(value, [1, 2, 3, 4, 5])
        self.version, self.issued, self.expires = value[1], value[2], value[3]
        need(is_uint(self.version, 2**32 - 1) and is_uint(self.issued) and is_uint(self.expires))
        need(self.issued < self.expires)
        threshold, roots = array(value[4], 2)
        self.roots = root_set(threshold, roots)
        need(type(value[5]) is list and len(value[5]) <= 4096)
        keys = [Key(key) for key in value[5]]
        kids = [key.kid for key in keys]
        need(kids == sorted(set(kids)))
        self.keys = dict(zip(kids, keys))


class StatusList:
    """The foreign token: keys in any order, unknown claims passed over."""

    def __init__(self, payload, limit):
        claims = loads(payload)
        need(type(claims) is dict)
        subject = claims.get(2)
        need(type(subject) is str and subject.startswith("urn:dc1:status-list:"))
        digits = subject.rsplit(":", 1)[1]
        need(len(digits) == 8 and all(c in "0123456789abcdef" for c in digits))
        self.issuer = bytes.fromhex(digits)
        self.expires, self.issued = claims.get(4), claims.get(6)
        need(is_uint(self.expires) and is_uint(self.issued) and self.issued < self.expires)
        need(is_uint(claims.get(65534)))
        self.bits, self.packed = inflate(claims.get(65533), limit)

    def status(self, index):
        return status_at(self.packed, self.bits, index)


def inflate(value, limit):
    need(type(value) is dict and "bits" in value and "lst" in value)
    need(set(value) <= {"bits", "lst", "aggregation_uri"})
    need(is_uint(value["bits"]) and value["bits"] in (1, 2) and is_bytes(value["lst"]))
    stream = zlib.decompressobj()
    try:
        packed = stream.decompress(value["lst"], limit + 1)
    except zlib.error as error:
        raise Malformed from error
    need(stream.eof and len(packed) <= limit)
    return value["bits"], packed


def status_at(packed, bits, index):
    per_byte = 8 // bits
    if index >= len(packed) * per_byte:
        return None
    return packed[index // per_byte] >> (index % per_byte * bits) & (2**bits - 1)


class Snapshot:
    def __init__(self, payload):
        value = fields(loads(payload), [1, 2, 3, 4])
        self.version, self.issued, self.expires = value[1], value[2], value[3]
        need(is_uint(self.version, 2**32 - 1) and is_uint(self.issued) and is_uint(self.expires))
        need(self.issued < self.expires)
        need(type(value[4]) is list and 1 <= len(value[4]) <= 4096)
        self.parts = {}
        for part in value[4]:
            name, version, digest, *unpacked = array(part, 3, 5)
            need(type(name) is str and is_uint(version, 2**32 - 1) and is_bytes(digest, 32))
            need(name.startswith("status/") == bool(unpacked))
            need(not unpacked or (is_uint(unpacked[0], 2**32 - 1) and is_bytes(unpacked[1], 32)))
            self.parts[name] = (version, digest, unpacked)
        order = {"trust": 0, "status": 1, "policy": 2}
        names = [part[0] for part in value[4]]
        need(all(name.split("/")[0] in order for name in names))
        ranked = [(order[name.split("/")[0]], name.encode()) for name in names]
        need(ranked == sorted(set(ranked)))


class Bundle:
    """A bundle that was installed."""

    def __init__(self, data, state):
        try:
            self.install(data, state)
        except Malformed:
            raise Refused(71) from None

    def install(self, data, state):
        need(len(data) <= MAX_BUNDLE_BYTES)
        magic, snapshot, trust, statuses, policies = array(loads(data), 5)
        need(magic == "DCB1" and is_bytes(snapshot) and is_bytes(trust))
        need(type(statuses) is list and type(policies) is list and max(len(statuses), len(policies)) <= 4096)
        need(all(is_bytes(part) for part in statuses + policies))

        self.trust = TrustList(trust, state.roots)
        envelope = Sign1(snapshot, SNAPSHOT)
        self.snapshot = Snapshot(envelope.payload)
        self.signed_by(envelope, SNAPSHOT_ROLE, self.snapshot.issued)

        parts = self.snapshot.parts
        need(parts.get("trust", (None, None))[:2] == (self.trust.version, sha256(trust)))
        for kind, there in (("status/", statuses), ("policy/", policies)):
            named = sorted(part[1] for name, part in parts.items() if name.startswith(kind))
            need(named == sorted(map(sha256, there)))

        self.check_versions(state)
        self.statuses = {}
        for part in statuses:
            token = self.status_list(part)
            need(token.issuer not in self.statuses)
            self.statuses[token.issuer] = token
        self.policies = [self.policy_pack(part) for part in policies]
        need(len({pack.name for pack in self.policies}) == len(self.policies))
        self.move(state, envelope.kid)

    def signed_by(self, envelope, role, signed):
        key = self.trust.keys.get(envelope.kid)
        need(key is not None and key.counts(role, signed) and envelope.verifies(key.key))
        return key

    def marks(self, state):
        """The marks that still count: not those of a thief."""
        signer = self.trust.keys.get(state.signer)
        if state.signer is None or (signer is not None and not signer.compromised):
            return state.snapshot, dict(state.parts), state.newest
        trust = {name: version for name, version in state.parts.items() if name == "trust"}
        return 0, trust, self.trust.issued

    def check_versions(self, state):
        snapshot, marks, _ = self.marks(state)
        steps = [(snapshot, self.snapshot.version)]
        steps += [(marks.get(name, 0), part[0]) for name, part in self.snapshot.parts.items()]
        if any(version < mark for mark, version in steps):
            raise Refused(73)
        need(all(version - mark <= MAX_VERSION_STEP for mark, version in steps))

    def status_list(self, data):
        envelope = Sign1(data, STATUS)
        named = [(name, part) for name, part in self.snapshot.parts.items() if part[1] == sha256(data)]
        need(named)
        name, (_, _, unpacked) = named[0]
        need(unpacked)
        token = StatusList(envelope.payload, min(unpacked[0], MAX_PACKED_BYTES))
        signer = self.signed_by(envelope, STATUS_ROLE, token.issued)
        issuer = self.trust.keys.get(token.issuer)
        need(issuer is not None and all(signer.covers(code) for code in issuer.regions))
        need(name == "status/" + token.issuer.hex())
        need([len(token.packed), sha256(token.packed)] == unpacked)
        return token

    def policy_pack(self, data):
        envelope = Sign1(data, POLICY)
        pack = policy.Pack(envelope.payload)
        version, digest, _ = self.snapshot.parts.get("policy/" + pack.name, (None, None, None))
        need(version == pack.version and digest == sha256(data))
        need(self.signed_by(envelope, POLICY_ROLE, pack.issued).covers(pack.jurisdiction))
        return pack

    def move(self, state, signer):
        _, marks, newest = self.marks(state)
        marks.update({name: part[0] for name, part in self.snapshot.parts.items()})
        state.roots, state.signer = self.trust.roots, signer
        state.snapshot, state.parts = self.snapshot.version, marks
        self.newest = state.newest = max(newest, self.snapshot.issued, self.trust.issued)
