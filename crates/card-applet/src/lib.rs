//! The card's firmware core: files, access rules, commands, life cycle, power-safe store.
//!
//! ```
//! # use card_applet::{Applet, Flash, FlashFault, Interface, Platform, RandomFault, store::FLASH_PAGES};
//! # use card_protocol::{Serial, StaticKeys};
//! # struct Chip([u8; FLASH_PAGES * 2048]);
//! # impl Flash for Chip {
//! #     fn read(&self, address: usize, out: &mut [u8]) -> Result<(), FlashFault> {
//! #         Ok(out.copy_from_slice(&self.0[address..address + out.len()]))
//! #     }
//! #     fn program(&mut self, address: usize, word: [u8; 4]) -> Result<(), FlashFault> {
//! #         Ok(self.0[address..address + 4].copy_from_slice(&word))
//! #     }
//! #     fn erase(&mut self, page: usize) -> Result<(), FlashFault> {
//! #         Ok(self.0[page * 2048..(page + 1) * 2048].fill(0xFF))
//! #     }
//! # }
//! # impl Platform for Chip {
//! #     fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFault> { Ok(out.fill(4)) }
//! # }
//! # let blank = Chip([0xFF; FLASH_PAGES * 2048]);
//! let transport = StaticKeys::from_bytes(&[0x40; 48]);
//! let chip = Applet::manufacture(blank, Serial::new([0, 0, 0, 0, 0, 0, 0, 1]), transport)?;
//! let mut card = Applet::power_on(chip, Interface::Contact)?;
//! let mut response = [0; card_protocol::MAX_RESPONSE];
//! let select = [0x00, 0xA4, 0x04, 0x00, 7, 0xF0, 0x44, 0x43, 0x41, 0x52, 0x44, 0x01, 0x00];
//! assert!(card.process(&select, &mut response).ends_with(&[0x90, 0x00]));
//! # Ok::<(), card_applet::store::StoreError>(())
//! ```
//!
//! From the wire inwards: [`Applet`] (lengths, chaining), class and request (bytes become typed commands), card (one
//! match over all commands, below it a file for each group), permission (one table), state and secrets (what is kept),
//! [`store`] (memory that changes all at once or not at all), [`platform`] (what the firmware asks of the chip).
//!
//! Invariant: the applet never parses a credential; what the files hold is opaque to it.
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

mod applet;
mod card;
mod class;
mod outgoing;
mod permission;
pub mod platform;
mod request;
mod secrets;
mod state;
pub mod store;

pub use applet::Applet;
pub use card_protocol::Interface;
pub use platform::{Flash, FlashFault, Platform, RandomFault};
