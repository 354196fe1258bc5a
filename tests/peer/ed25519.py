"""Ed25519 as PROFILE.md, section 1 wants it: RFC 8032, strictly.

The equation is checked by `cryptography`; what that leaves open is added here:
a key or an R of small order, and an R or a key that is not written canonically.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def is_key(key):
    """Whether 32 bytes are a point, and one whose order does not divide 8."""
    point = decompress(key)
    return point is not None and not small_order(point)


def verifies(key, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    point = decompress(r)
    if not is_key(key) or s >= L or point is None or small_order(point):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def decompress(encoded):
    """RFC 8032, 5.1.3; None for bytes that are no point, or not its canonical form."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if len(encoded) != 32 or y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * SQRT_M1 % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y)


def small_order(point):
    for _ in range(3):
        point = add(point, point)
    return point == (0, 1)


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, P - 2, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - product, P - 2, P) % P
    return (x, y)
