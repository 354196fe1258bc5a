//! What both ends of the card's wire say, so that host and applet cannot drift apart.
//!
//! ```
//! use card_protocol::{Command, Response, StatusWord};
//!
//! let mut wire = [0; 32];
//! let select = Command::new(0x00, 0xA4, 0x04, 0x00).with_data(&card_protocol::AID).expecting(256);
//! let sent = select.write(&mut wire)?;
//! assert_eq!(Command::parse(sent)?, select);
//! assert_eq!(Response::parse(&[0x6A, 0x82])?.status, StatusWord::NOT_FOUND);
//! # Ok::<(), card_protocol::Error>(())
//! ```
//!
//! Deliberately absent: readers, storage, randomness (challenges are arguments), and any knowledge of what a
//! credential says: EF contents issued elsewhere are opaque bytes here.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

#[cfg(test)]
extern crate std;

mod apdu;
mod atr;
mod card_status;
mod chaining;
pub mod dgi;
mod ef;
mod error;
mod fci;
pub mod ins;
mod kdf;
mod keys;
mod life_cycle;
mod needs;
pub mod object;
mod pin;
mod proof;
mod rides;
mod role;
pub mod scp03;
mod secret;
mod serial;
mod status_word;
pub mod tlv;
mod transport;
mod writer;

pub use apdu::{Command, MAX_COMMAND, MAX_DATA, MAX_RESPONSE, Response};
pub use atr::{Atr, HISTORICAL, Interface};
pub use card_status::{CardStatus, PinState, Step};
pub use chaining::{Chain, links};
pub use ef::{Ef, ReadAccess};
pub use error::Error;
pub use fci::{Fci, PROFILE_VERSION};
pub use keys::{MasterKey, StaticKeys};
pub use life_cycle::LifeCycle;
pub use needs::{Need, Needs};
pub use pin::Pin;
pub use proof::{Challenge, Debit, Presence, Signature};
pub use rides::Rides;
pub use role::{KeyVersion, Role};
pub use secret::{Key, Secret};
pub use serial::Serial;
pub use status_word::StatusWord;
pub use transport::{LinkError, Transport};
pub use writer::Writer;

/// The application's identifier: `F0` (unregistered, ISO 7816-4, 12.2.3), "DCARD", version 1.
///
/// The F-range can collide, therefore SELECT's answer also carries the profile version.
pub const AID: [u8; 7] = [0xF0, 0x44, 0x43, 0x41, 0x52, 0x44, 0x01];

/// The issuer security domain (GlobalPlatform Card Specification 2.3.1, H.1), which management tools select.
pub const SECURITY_DOMAIN: [u8; 8] = [0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00];

/// The fewest bytes of [`AID`] by which SELECT finds the application: enough not to answer a reader's probing.
pub const MIN_PARTIAL_AID: usize = 5;
