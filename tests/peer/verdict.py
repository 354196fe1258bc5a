"""The chain of checks: PROFILE.md, section 8."""

import ed25519
import policy
from bundle import ISSUER_ROLE
from claims import CERTIFICATE, PASS, Claims
from encoding import CREDENTIAL, MAX_CREDENTIAL_BYTES, Malformed, Refused, Sign1, contains

CLOCK_TOLERANCE_SECONDS = 300


def verify(data, bundle, now, purpose, place, at_most, proof):
    """What the verdict says, as a dict; or Refused. `at_most` is None or the seconds of staleness accepted."""
    if len(data) > MAX_CREDENTIAL_BYTES:
        raise Refused(12)
    if data[:1] != b"\xd2":
        raise Refused(10)
    try:
        envelope = Sign1(data, CREDENTIAL)
        claims = Claims(envelope.payload)
    except Malformed:
        raise Refused(11) from None

    check_issuer(envelope, claims, bundle, now)
    answer = decide(claims, bundle, now, purpose, place)
    if claims.issued is not None and claims.issued > now + CLOCK_TOLERANCE_SECONDS:
        raise Refused(30)
    if now >= claims.expires and answer.get("number") != 0:
        raise Refused(31)
    check_status(envelope, claims, bundle, now, at_most)
    refusal = answer.pop("refusal", None)
    if refusal:
        raise Refused(refusal)
    answer.pop("number", None)
    proven = check_possession(claims, proof)
    check_fresh(bundle, now, at_most)
    return answer | {
        "kind": "pass" if claims.kind == PASS else "certificate",
        "kid": envelope.kid.hex(),
        "status_index": str(claims.status),
        "expires": claims.expires,
        "possession_proven": "true" if proven else "false",
        "bundle_age_seconds": str(max(0, now - bundle.snapshot.issued)),
    }


def check_issuer(envelope, claims, bundle, now):
    key = bundle.trust.keys.get(envelope.kid)
    if key is None:
        raise Refused(20)
    if not envelope.verifies(key.key):
        raise Refused(23)
    if claims.kind == CERTIFICATE:
        counts = key.counts(ISSUER_ROLE, claims.issued)
    else:
        counts = ISSUER_ROLE in key.roles and key.not_before <= now and not key.compromised
    if not counts:
        raise Refused(21)
    if not key.covers(claims.region) or claims.kind not in key.kinds:
        raise Refused(22)


def check_status(envelope, claims, bundle, now, at_most):
    token = bundle.statuses.get(envelope.kid)
    status = token.status(claims.status) if token else None
    if status is None:
        raise Refused(42)
    if status != 0:
        raise Refused(41 if status == 2 else 40)
    if not fresh(now, token.expires, token.issued, at_most):
        raise Refused(43)


def decide(claims, bundle, now, purpose, place):
    """What the purpose may see; `refusal` is set where it is 50 to 52, `number` where a pack decided."""
    shown = {"grants": claims.grants, "jurisdiction": str(claims.region)} if claims.kind == PASS else {"name": claims.name}
    if claims.kind == PASS and place is not None and not contains(claims.region, place):
        return shown | {"refusal": 51}
    if purpose is None:
        return shown
    if claims.kind == CERTIFICATE and purpose == "office":
        return shown | {
            "number_on_face": claims.number or "none",
            "components": claims.components,
            "county": str(claims.region),
        }
    where = claims.region if place is None else place
    number, pack, granted = policy.decide(bundle.policies, claims, purpose, where, now)
    if number == 0:
        shown |= {"number": 0, "award": f"{pack.name} {pack.version}", "award_grants": granted}
    elif claims.kind == PASS and pack in (policy.SILENT, policy.UNCONFIRMED):
        if not set(claims.grants) & set(policy.PURPOSES[purpose]):
            shown["refusal"] = 50
    else:
        shown["refusal"] = number
    if claims.kind == PASS:
        shown["grants"] = [g for g in claims.grants if g == 3 or g in policy.PURPOSES[purpose]]
    return shown


def check_possession(claims, proof):
    if proof is None:
        if claims.holder_key is not None:
            raise Refused(60)
        return False
    if claims.kind == CERTIFICATE:
        return False
    message, signature = proof
    if claims.holder_key is None or not ed25519.verifies(claims.holder_key, message, signature):
        raise Refused(61)
    return True


def check_fresh(bundle, now, at_most):
    snapshot, trust = bundle.snapshot, bundle.trust
    if not fresh(now, snapshot.expires, snapshot.issued, at_most):
        raise Refused(72)
    if not fresh(now, trust.expires, trust.expires, at_most):
        raise Refused(72)
    if now + CLOCK_TOLERANCE_SECONDS < bundle.newest:
        raise Refused(74)


def fresh(now, expires, since, at_most):
    return now < expires or (at_most is not None and now - since <= at_most)
