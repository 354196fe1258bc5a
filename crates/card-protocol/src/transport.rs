//! The way from a host to a card: a reader, or the applet in the same process.

use crate::Response;
use core::fmt;

/// Carries one command to a card and brings its response.
///
/// Commands are handed over as they stand on the wire. A transport neither retries nor interprets them: a card
/// may have carried out what was never answered.
pub trait Transport {
    /// Sends one command APDU and reads the whole response into `response`.
    ///
    /// # Errors
    /// The card is gone, was reset, or did not answer; or `response` is too small ([`crate::MAX_RESPONSE`] bytes
    /// always suffice for a card of this profile).
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError>;

    /// Takes the card's power away and gives it back: selection, PIN and secure channel are gone.
    ///
    /// # Errors
    /// The card is gone.
    fn reset(&mut self) -> Result<(), LinkError>;
}

/// Why a command has no response. What the card did with it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkError {
    /// The card was taken out. The holder puts it back.
    CardRemoved,
    /// The card was reset, by another program or a glitch: begin again at SELECT.
    CardReset,
    /// The card is there and does not answer.
    CardMute,
    /// The reader was unplugged, or its service stopped.
    ReaderGone,
    /// The response is longer than the buffer, or no response at all.
    BadResponse,
    /// Any other failure, by the number the reader's service gives it.
    Failed {
        /// PC/SC's return code.
        code: u32,
    },
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CardRemoved => f.write_str("the card was taken out"),
            Self::CardReset => f.write_str("the card was reset"),
            Self::CardMute => f.write_str("the card does not answer"),
            Self::ReaderGone => f.write_str("the reader is gone"),
            Self::BadResponse => f.write_str("the card's response is not one"),
            Self::Failed { code } => write!(f, "the reader failed ({code:08X})"),
        }
    }
}

impl core::error::Error for LinkError {}
