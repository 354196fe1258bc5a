//! A card that is issued.

use card_protocol::Serial;

/// Proof that a card was written, read back under R-MAC, activated, and signs with its own key.
#[derive(Debug)]
pub struct Issued {
    pub(super) serial: Serial,
    pub(super) public_key: [u8; 32],
    pub(super) update_counter: u32,
}

impl Issued {
    /// The card.
    #[must_use]
    pub const fn serial(&self) -> Serial {
        self.serial
    }

    /// Its public key.
    #[must_use]
    pub const fn public_key(&self) -> &[u8; 32] {
        &self.public_key
    }

    /// How often the card's files were committed.
    #[must_use]
    pub const fn update_counter(&self) -> u32 {
        self.update_counter
    }
}
