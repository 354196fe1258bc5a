//! Commands as types: every check of CLA, P1, P2 and length happens here, so that what follows asks no more.

use card_protocol::{Challenge, Command, Ef, KeyVersion, LifeCycle, Pin, StatusWord, ins};

/// One command of the profile, well formed.
pub(crate) enum Request<'a> {
    /// SELECT by name; empty means the issuer security domain.
    Select { name: &'a [u8] },
    /// READ BINARY of a named file, or of the current one.
    ReadBinary { ef: Option<Ef>, offset: usize, expected: usize },
    /// VERIFY with an empty data field: how many tries are left.
    QueryPin,
    /// VERIFY.
    Verify(Pin),
    /// CHANGE REFERENCE DATA.
    ChangePin { old: Pin, new: Pin },
    /// RESET RETRY COUNTER, with a new PIN or keeping the old.
    ResetPin { new: Option<Pin> },
    /// GET CHALLENGE.
    GetChallenge { length: usize },
    /// INTERNAL AUTHENTICATE.
    InternalAuthenticate(&'a Challenge),
    /// DEBIT.
    Debit(&'a Challenge),
    /// GENERATE ASYMMETRIC KEY PAIR.
    GenerateKeyPair,
    /// The same with P1 = 81: read the public key.
    ReadPublicKey,
    /// INITIALIZE UPDATE; without a version the card chooses.
    InitializeUpdate { version: Option<KeyVersion>, challenge: &'a [u8; 8] },
    /// EXTERNAL AUTHENTICATE; its fields belong to the secure channel.
    ExternalAuthenticate,
    /// STORE DATA.
    StoreData { block: u8, last: bool, data: &'a [u8] },
    /// PUT KEY: `replaced` is `None` where a key set is added.
    PutKey { replaced: Option<KeyVersion>, data: &'a [u8] },
    /// SET STATUS of the application.
    SetStatus(LifeCycle),
    /// GET STATUS.
    GetStatus { scope: Scope, name: &'a [u8] },
    /// GET DATA.
    GetData { tag: u16 },
}

/// Whose state GET STATUS asks for (GlobalPlatform 2.3.1, table 11-33).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    SecurityDomain,
    Applications,
}

impl<'a> Request<'a> {
    /// Reads a command whose secure messaging, if any, has been taken off.
    pub(crate) fn parse(command: &Command<'a>) -> Result<Self, StatusWord> {
        let Command { cla, ins, p1, p2, data, expected, .. } = *command;
        check_class(cla, ins)?;
        Ok(match ins {
            ins::SELECT => {
                parameters(p1 == 4 && p2 == 0)?;
                Self::Select { name: data }
            }
            ins::READ_BINARY => {
                let (ef, offset) = match p1 {
                    0x80.. => (Some(short_file(p1)?), usize::from(p2)),
                    _ => (None, usize::from(u16::from_be_bytes([p1, p2]))),
                };
                none(data)?;
                Self::ReadBinary { ef, offset, expected }
            }
            ins::VERIFY => {
                parameters(p1 == 0 && p2 == 1)?;
                if data.is_empty() { Self::QueryPin } else { Self::Verify(pin(data)?) }
            }
            ins::CHANGE_REFERENCE_DATA => {
                parameters(p1 == 0 && p2 == 1)?;
                let [old, new] = halves(data)?;
                Self::ChangePin { old: pin(old)?, new: pin(new)? }
            }
            ins::RESET_RETRY_COUNTER => {
                parameters(matches!(p1, 2 | 3) && p2 == 1)?;
                if p1 == 2 {
                    Self::ResetPin { new: Some(pin(data)?) }
                } else {
                    none(data)?;
                    Self::ResetPin { new: None }
                }
            }
            ins::GET_CHALLENGE => {
                parameters(p1 == 0 && p2 == 0)?;
                none(data)?;
                match expected {
                    8..=16 => Self::GetChallenge { length: expected },
                    // Le absent, or as much as there is.
                    0 | 17.. => Self::GetChallenge { length: 8 },
                    _ => return Err(StatusWord::exact_length(8)),
                }
            }
            ins::INTERNAL_AUTHENTICATE => {
                parameters(p1 == 0 && p2 == 0)?;
                Self::InternalAuthenticate(exactly(data)?)
            }
            ins::DEBIT => {
                parameters(p1 == 0 && p2 == 0)?;
                Self::Debit(exactly(data)?)
            }
            ins::GENERATE_KEY_PAIR => {
                parameters(matches!(p1, 0x80 | 0x81) && p2 == 0)?;
                none(data)?;
                if p1 == 0x80 { Self::GenerateKeyPair } else { Self::ReadPublicKey }
            }
            ins::INITIALIZE_UPDATE => {
                parameters(p1 <= 0x7F && p2 == 0)?;
                Self::InitializeUpdate { version: KeyVersion::new(p1), challenge: exactly(data)? }
            }
            ins::EXTERNAL_AUTHENTICATE => {
                parameters(p2 == 0)?;
                Self::ExternalAuthenticate
            }
            ins::STORE_DATA => {
                // Bits 5 and 4 may name the DGI format; the data field is never encrypted by itself.
                parameters(matches!(p1 & 0x7F, 0x00 | 0x08))?;
                Self::StoreData { block: p2, last: p1 & 0x80 != 0, data }
            }
            ins::PUT_KEY => {
                // Several keys in one command, the first of them number 1.
                parameters(p1 <= 0x7F && p2 == 0x81)?;
                Self::PutKey { replaced: KeyVersion::new(p1), data }
            }
            ins::SET_STATUS => {
                parameters(p1 == 0x40)?;
                if !data.is_empty() && data != card_protocol::AID {
                    return Err(StatusWord::NOT_FOUND);
                }
                Self::SetStatus(LifeCycle::from_u8(p2).map_err(|_| StatusWord::WRONG_PARAMETERS)?)
            }
            ins::GET_STATUS => {
                // P2 02: answers as TLV, from the first on.
                parameters(matches!(p1, 0x80 | 0x40) && p2 == 2)?;
                let &[0x4F, length, ref name @ ..] = data else { return Err(StatusWord::WRONG_DATA) };
                if usize::from(length) != name.len() {
                    return Err(StatusWord::WRONG_DATA);
                }
                let scope = if p1 == 0x80 { Scope::SecurityDomain } else { Scope::Applications };
                Self::GetStatus { scope, name }
            }
            ins::GET_DATA => {
                none(data)?;
                Self::GetData { tag: u16::from_be_bytes([p1, p2]) }
            }
            _ => return Err(StatusWord::UNKNOWN_INSTRUCTION),
        })
    }

    /// Whether only the application knows it; the issuer security domain knows the rest.
    pub(crate) fn needs_application(&self) -> bool {
        match self {
            Self::ReadBinary { .. }
            | Self::QueryPin
            | Self::Verify(_)
            | Self::ChangePin { .. }
            | Self::ResetPin { .. }
            | Self::InternalAuthenticate(_)
            | Self::Debit(_)
            | Self::GenerateKeyPair
            | Self::ReadPublicKey
            | Self::StoreData { .. } => true,
            Self::Select { .. }
            | Self::GetData { .. }
            | Self::GetChallenge { .. }
            | Self::InitializeUpdate { .. }
            | Self::ExternalAuthenticate
            | Self::PutKey { .. }
            | Self::SetStatus(_)
            | Self::GetStatus { .. } => false,
        }
    }
}

/// Class, without the bits of chaining and secure messaging: 00 for what ISO 7816-4 defines, 80 for the rest.
fn check_class(cla: u8, instruction: u8) -> Result<(), StatusWord> {
    let interindustry = match instruction {
        ins::SELECT
        | ins::READ_BINARY
        | ins::VERIFY
        | ins::CHANGE_REFERENCE_DATA
        | ins::RESET_RETRY_COUNTER
        | ins::GET_CHALLENGE
        | ins::INTERNAL_AUTHENTICATE
        | ins::GENERATE_KEY_PAIR
        | ins::GET_RESPONSE => true,
        ins::DEBIT
        | ins::INITIALIZE_UPDATE
        | ins::EXTERNAL_AUTHENTICATE
        | ins::STORE_DATA
        | ins::PUT_KEY
        | ins::SET_STATUS
        | ins::GET_STATUS => false,
        // GlobalPlatform gives GET DATA both.
        ins::GET_DATA => return Ok(()),
        _ => return Err(StatusWord::UNKNOWN_INSTRUCTION),
    };
    if interindustry == (cla == 0x00) { Ok(()) } else { Err(StatusWord::UNKNOWN_CLASS) }
}

fn parameters(right: bool) -> Result<(), StatusWord> {
    if right { Ok(()) } else { Err(StatusWord::WRONG_PARAMETERS) }
}

fn none(data: &[u8]) -> Result<(), StatusWord> {
    if data.is_empty() { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) }
}

fn exactly<const N: usize>(data: &[u8]) -> Result<&[u8; N], StatusWord> {
    data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)
}

fn halves(data: &[u8]) -> Result<[&[u8]; 2], StatusWord> {
    let data: &[u8; 16] = exactly(data)?;
    let (old, new) = data.split_at(8);
    Ok([old, new])
}

/// A malformed block is no guess: it is refused before it costs a try.
fn pin(block: &[u8]) -> Result<Pin, StatusWord> {
    let block: &[u8; 8] = exactly(block)?;
    Pin::from_block(block).map_err(|_| StatusWord::WRONG_DATA)
}

fn short_file(p1: u8) -> Result<Ef, StatusWord> {
    parameters(p1 & 0x60 == 0)?;
    Ef::from_sfi(p1 & 0x1F).ok_or(StatusWord::NOT_FOUND)
}
