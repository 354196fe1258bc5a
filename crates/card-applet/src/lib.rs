//! The card's firmware core: files, access rules, commands, life cycle, power-safe store.
//!
//! - [`platform`]: what the firmware asks of the chip.
//! - [`store`]: memory that changes all at once or not at all, whenever power fails.
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

pub mod platform;
pub mod store;

pub use platform::{Flash, FlashFault, Platform, RandomFault};
