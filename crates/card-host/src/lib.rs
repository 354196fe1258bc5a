//! The host's side of a card: readers, the dialogues a gate and an office hold, and the personalisation script.
//!
//! - [`present`] is the gate's transaction: three commands, the pass and a fresh proof of its key.
//! - [`Personalisation`] turns a blank card into an issued one. It is sans-io: a service computes batches of
//!   commands, whoever has the reader calls [`carry`] on each and sends the answers back.
//! - [`Upkeep`] is the same for a card already issued: unblock its PIN, block, renew.
//! - `Readers` (feature `pcsc`) finds readers and waits for cards.
//!
//! Deliberately absent: what a credential says. Whether a pass is good, and whether the proof belongs to it, is the
//! verifier's verdict; [`Presented`] holds what it needs.
#![forbid(unsafe_code)]

mod batch;
mod channel;
mod dialogue;
mod error;
mod files;
mod issuer_keys;
mod personalisation;
#[cfg(feature = "pcsc")]
mod readers;
pub mod relay;
mod upkeep;
mod wrong_card;

pub use batch::{Answers, Batch, carry};
pub use dialogue::{Presented, change_pin, debit, present, read_file, read_needs, read_status, verify_pin};
pub use error::HostError;
pub use files::CardFiles;
pub use issuer_keys::{EXAMPLE_KEYS, IssuerKeys};
pub use personalisation::{CardFound, Issued, KeyPair, Next, Personalisation, Stage};
#[cfg(feature = "pcsc")]
pub use readers::{CardInReader, Readers, Waiting};
pub use upkeep::{Task, Upkeep, UpkeepNext};
pub use wrong_card::WrongCard;
