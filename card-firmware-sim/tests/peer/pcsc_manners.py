"""PC/SC semantics as pyscard sees them: protocols, sharing, resets."""

import time

from smartcard.CardConnection import CardConnection
from smartcard.ExclusiveConnectCardConnection import ExclusiveConnectCardConnection
from smartcard.System import readers
from smartcard.scard import SCARD_RESET_CARD
from smartcard.util import toBytes, toHexString

SELECT = toBytes("00A4040007F044434152440100")
READ_PASS = toBytes("00B0810000")


def slot():
    return next(reader for reader in readers() if str(reader).endswith("00 00"))


def connect(**options):
    for _ in range(100):
        connection = slot().createConnection()
        try:
            connection.connect(**options)
            return connection
        except Exception as error:  # the service may not have seen the card yet
            last = error
            time.sleep(0.1)
    raise last


connection = connect()
assert connection.getProtocol() == CardConnection.T1_protocol
assert toHexString(connection.getATR()) == "3B 8B 81 01 80 73 C0 01 C0 55 44 43 41 52 44 FC"

fci, sw1, sw2 = connection.transmit(SELECT)
assert (sw1, sw2) == (0x90, 0x00)
assert fci[:4] == [0x6F, 24, 0x84, 7], fci
passes, sw1, sw2 = connection.transmit(READ_PASS)
assert (sw1, sw2) == (0x90, 0x00) and len(passes) == 149

# Extended length: 1024 bytes is the longest answer; the photo is longer, and stays private.
_, sw1, sw2 = connection.transmit(toBytes("00B08300000400"))
assert (sw1, sw2) == (0x69, 0x82)

# Every other logical channel, and what no card knows.
assert connection.transmit(toBytes("01A4040007F044434152440100"))[1:] == (0x68, 0x81)
assert connection.transmit(toBytes("00FE0000"))[1:] == (0x6D, 0x00)

# A second host shares the card and sees the same; the first may not be exclusive then.
other = connect()
assert other.transmit(READ_PASS)[0] == passes
try:
    ExclusiveConnectCardConnection(slot().createConnection()).connect()
    raise SystemExit("an exclusive connection beside a shared one")
except Exception as error:
    assert "haring" in str(error) or "haring" in repr(error), error
other.disconnect()

# A card without T=0 is not reached by T=0.
connection.disconnect()
try:
    slot().createConnection().connect(protocol=CardConnection.T0_protocol)
    raise SystemExit("T=0 was spoken")
except Exception as error:
    assert "rotocol" in str(error), error

# After a reset nothing is selected.
connection = connect(disposition=SCARD_RESET_CARD)
connection.transmit(SELECT)
connection.disconnect()
connection = connect(disposition=SCARD_RESET_CARD)
assert connection.transmit(READ_PASS)[1:] != (0x90, 0x00)
print("all good")
