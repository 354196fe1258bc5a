//! The way from a host to a card: a reader, or the applet in the same process.

use crate::Response;

/// Carries one command to a card and brings its response.
///
/// Commands are handed over as they stand on the wire. A transport neither retries nor interprets them: a card
/// may have carried out what was never answered.
pub trait Transport {
    /// What can go wrong on the way.
    type Error;

    /// Sends one command APDU and reads the whole response into `response`.
    ///
    /// # Errors
    /// The card is gone, was reset, or did not answer in time; or `response` is too small
    /// ([`crate::MAX_RESPONSE`] bytes always suffice for a card of this profile).
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, Self::Error>;

    /// Takes the card's power away and gives it back: selection, PIN and secure channel are gone.
    ///
    /// # Errors
    /// The card is gone.
    fn reset(&mut self) -> Result<(), Self::Error>;
}
