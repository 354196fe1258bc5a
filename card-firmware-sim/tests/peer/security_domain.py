"""Manages the card's keys through its issuer security domain, as GlobalPlatform tools do."""

from scp03_host import wait_for_card
from yubikit.core.smartcard import SmartCardProtocol
from yubikit.core.smartcard.scp import KeyRef, Scp03KeyParams, StaticKeys
from yubikit.securitydomain import SecurityDomainSession

TEST_KEY = bytes(range(0x40, 0x50))
TRANSPORT = StaticKeys(TEST_KEY, TEST_KEY, TEST_KEY)
NEW = StaticKeys(bytes([0x11] * 16), bytes([0x22] * 16), bytes([0x33] * 16))

connection = wait_for_card()
domain = SecurityDomainSession(connection)
protocol = SmartCardProtocol(connection)

# Card recognition data names SCP03 with i = 70 (OID 1.2.840.114283.4.3.112).
recognition = protocol.send_apdu(0x80, 0xCA, 0x00, 0x66)
assert bytes.fromhex("640b06092a864886fc6b040370") in recognition, recognition.hex()
# Three AES-128 keys of version 01.
information = protocol.send_apdu(0x80, 0xCA, 0x00, 0xE0)
assert information == bytes.fromhex("e012" + "".join(f"c004{key:02x}018810" for key in (1, 2, 3))), information.hex()
# One security domain; its life cycle before the issuer's keys are in is INITIALIZED.
status = protocol.send_apdu(0x80, 0xF2, 0x80, 0x02, bytes.fromhex("4f00"))
assert status.startswith(bytes.fromhex("e3")) and bytes.fromhex("9f700107") in status, status.hex()

domain.authenticate(Scp03KeyParams(KeyRef(0x01, 0x01), TRANSPORT))
# The tool checks the three check values that come back.
domain.put_key(KeyRef(0x01, 0x31), NEW)
print("key set 31 put")

SecurityDomainSession(wait_for_card()).authenticate(Scp03KeyParams(KeyRef(0x01, 0x31), NEW))
print("all good")
