//! Instruction bytes (ISO 7816-4; GlobalPlatform Card Specification 2.3.1, chapter 11; 34 is our own).

/// VERIFY.
pub const VERIFY: u8 = 0x20;
/// CHANGE REFERENCE DATA: old block, new block.
pub const CHANGE_REFERENCE_DATA: u8 = 0x24;
/// RESET RETRY COUNTER: P1 02 with a new PIN block, P1 03 without.
pub const RESET_RETRY_COUNTER: u8 = 0x2C;
/// DEBIT: takes one ride and signs what is left.
pub const DEBIT: u8 = 0x34;
/// GENERATE ASYMMETRIC KEY PAIR: P1 80 makes a new pair, P1 81 reads the public key.
pub const GENERATE_KEY_PAIR: u8 = 0x47;
/// INITIALIZE UPDATE: P1 is the key version, 00 lets the card choose.
pub const INITIALIZE_UPDATE: u8 = 0x50;
/// EXTERNAL AUTHENTICATE: P1 is the security level.
pub const EXTERNAL_AUTHENTICATE: u8 = 0x82;
/// GET CHALLENGE.
pub const GET_CHALLENGE: u8 = 0x84;
/// INTERNAL AUTHENTICATE.
pub const INTERNAL_AUTHENTICATE: u8 = 0x88;
/// SELECT.
pub const SELECT: u8 = 0xA4;
/// READ BINARY.
pub const READ_BINARY: u8 = 0xB0;
/// GET RESPONSE.
pub const GET_RESPONSE: u8 = 0xC0;
/// GET DATA.
pub const GET_DATA: u8 = 0xCA;
/// PUT KEY: P1 is the version replaced, 00 adds; P2 81: three keys, the first is number 1.
pub const PUT_KEY: u8 = 0xD8;
/// STORE DATA: P1 00 more blocks, 80 last; P2 is the block number from 0.
pub const STORE_DATA: u8 = 0xE2;
/// SET STATUS: P1 40, P2 is the new life-cycle state.
pub const SET_STATUS: u8 = 0xF0;
/// GET STATUS.
pub const GET_STATUS: u8 = 0xF2;
