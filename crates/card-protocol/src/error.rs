//! Everything that can be wrong with bytes on this wire.

use core::fmt;

/// Why bytes were not understood, or a secure channel ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// A command whose bytes do not follow ISO 7816-4, 5.1. The programmer of the sender can act.
    NotACommand,
    /// A response shorter than a status word. The reader or the card broke off.
    NotAResponse,
    /// A buffer is too small for what must be written into it; nothing of it may be sent.
    BufferFull,
    /// BER-TLV that is truncated, overlong or of indefinite length.
    BadTlv,
    /// A DGI that is truncated, or longer than its length says.
    BadDgi,
    /// A data object whose bytes are not of its layout.
    BadObject {
        /// Which object, in the profile's words.
        object: &'static str,
    },
    /// A chain of commands continued with another command, or grew past the buffer.
    BrokenChain,
    /// Six decimal digits are wanted.
    NotAPin,
    /// The card's cryptogram is not the one its keys give: other keys, or not our card.
    WrongCardCryptogram,
    /// The secure channel is closed: a wrong MAC, a wrong cryptogram, a command out of order, or never opened.
    ChannelClosed,
    /// A security level this profile does not offer (01, 03, 11, 13 and 33 are).
    UnknownLevel {
        /// P1 as it came.
        level: u8,
    },
    /// A key of PUT KEY whose check value does not fit.
    WrongKeyCheckValue,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotACommand => f.write_str("the bytes are not a command APDU"),
            Self::NotAResponse => f.write_str("the response has no status word"),
            Self::BufferFull => f.write_str("the buffer is too small"),
            Self::BadTlv => f.write_str("malformed BER-TLV"),
            Self::BadDgi => f.write_str("malformed data grouping"),
            Self::BadObject { object } => write!(f, "malformed {object}"),
            Self::BrokenChain => f.write_str("the chain of commands is broken"),
            Self::NotAPin => f.write_str("a PIN has six decimal digits"),
            Self::WrongCardCryptogram => f.write_str("the card does not hold the expected keys"),
            Self::ChannelClosed => f.write_str("the secure channel is closed"),
            Self::UnknownLevel { level } => write!(f, "security level {level:02X} is not offered"),
            Self::WrongKeyCheckValue => f.write_str("the key check value does not fit the key"),
        }
    }
}

impl core::error::Error for Error {}
