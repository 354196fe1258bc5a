"""Opens SCP03 to the card with yubikey-manager's host, and tries to with wrong keys.

Usage: scp03_host.py KEY_VERSION KEYS   (both hexadecimal; KEYS are ENC, MAC, DEK)
"""

import sys

from smartcard.System import readers
from yubikit.core.smartcard import SW, ApduError, SmartCardConnection, SmartCardProtocol
from yubikit.core.smartcard.scp import KeyRef, Scp03KeyParams, StaticKeys

AID = bytes.fromhex("f0444341524401")


class PcscConnection(SmartCardConnection):
    """The first virtual slot, as yubikit wants to see it."""

    def __init__(self):
        slot = next(reader for reader in readers() if "Virtual PCD" in str(reader) and str(reader).endswith("00 00"))
        self.connection = slot.createConnection()
        self.connection.connect()

    @property
    def transport(self):
        from yubikit.core import TRANSPORT

        return TRANSPORT.USB

    def send_and_receive(self, apdu):
        data, sw1, sw2 = self.connection.transmit(list(apdu))
        return bytes(data), sw1 << 8 | sw2

    def close(self):
        self.connection.disconnect()


def wait_for_card():
    import time

    for _ in range(100):
        try:
            return PcscConnection()
        except Exception as error:  # the service may not have seen the card yet
            last = error
            time.sleep(0.1)
    raise last


def open_channel(connection, version, keys):
    protocol = SmartCardProtocol(connection)
    protocol.select(AID)
    protocol.init_scp(Scp03KeyParams(KeyRef(0x01, version), keys))
    return protocol


def main():
    version = int(sys.argv[1], 16)
    raw = bytes.fromhex(sys.argv[2])
    keys = StaticKeys(raw[:16], raw[16:32], raw[32:])
    connection = wait_for_card()

    protocol = open_channel(connection, version, keys)
    print("opened")

    # A command without data is sent with encrypted padding by this host; the answer comes under R-ENC and R-MAC.
    status = protocol.send_apdu(0x80, 0xCA, 0xDF, 0x30)
    assert status[:3] == bytes.fromhex("df300c"), status.hex()
    assert len(status) == 15, status.hex()
    active = status[4] == 0x1F
    print("status read")

    if active:
        certificate = protocol.send_apdu(0x00, 0xB0, 0x82, 0x00)
        assert certificate == bytes(range(139)), certificate.hex()
        print("certificate read")
        photo = b""
        while len(photo) < 6000:
            offset = len(photo)
            p1, p2 = (0x83, 0) if offset == 0 else (offset >> 8, offset & 0xFF)
            photo += protocol.send_apdu(0x00, 0xB0, p1, p2)
        assert photo == bytes(n & 0xFF for n in range(6000))
        print("photo read")

    # The channel survives an error, which comes without a MAC.
    try:
        protocol.send_apdu(0x80, 0xCA, 0x12, 0x34)
        raise SystemExit("an unknown object was given")
    except ApduError as error:
        assert error.sw == SW.REFERENCE_DATA_NOT_FOUND, hex(error.sw)
    protocol.send_apdu(0x80, 0xCA, 0xDF, 0x30)
    print("error passed")

    # The cryptograms prove Key-MAC; a wrong Key-ENC shows at the first command. Key-DEK takes no part.
    for place in range(2):
        wrong = [raw[:16], raw[16:32], raw[32:]]
        wrong[place] = bytes([wrong[place][0] ^ 1]) + wrong[place][1:]
        try:
            answer = open_channel(connection, version, StaticKeys(*wrong)).send_apdu(0x80, 0xCA, 0xDF, 0x30)
        except Exception:
            continue
        assert answer != status, "spoke with a wrong key"
    print("refused with wrong keys")


if __name__ == "__main__":
    main()
