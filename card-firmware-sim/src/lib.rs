//! The firmware core as a card: in this process, or in the machine's own reader service.
//!
//! - [`SimCard`] is a card one can hold: it has a chip (its flash is a file or memory), it can lie on a reader,
//!   be pulled out, and lose power in the middle of a write. In process it is a [`card_protocol::Transport`].
//! - [`Inserted`] is the same card in a virtual reader of pcscd, where any program of the machine finds it.
//! - [`Pcscd`] starts and stops the reader service for tests and demonstrations.
//!
//! Deliberately absent: any knowledge of commands. What the card answers is `card_applet`'s.

mod error;
mod hold;
mod image;
mod inserted;
mod link_times;
mod pcscd;
mod sim_card;

pub use error::SimError;
pub use hold::Held;
pub use image::Image;
pub use inserted::{Acknowledge, FIRST_SLOT, Inserted};
pub use link_times::LinkTimes;
pub use pcscd::{INSTALL, Pcscd};
pub use sim_card::{EXAMPLE_TRANSPORT_KEY, SimCard, example_transport_keys, random_serial};
