//! The firmware core as one program for a chip without an operating system: what it takes in flash and RAM.
//!
//! Everything of the card is in it (files, commands, secure channel, store, Ed25519), and nothing of a chip: the
//! drivers of flash, random generator and wire are the few lines in [`chip`] that a real chip replaces. That it links
//! proves that nothing of an operating system or an allocator is left. `cargo xtask bench firmware` prints its size.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
mod chip;

/// Elsewhere there is nothing to run.
#[cfg(not(target_os = "none"))]
fn main() {
    println!("这是芯片程序 this is a program for a chip: cargo xtask bench firmware");
}
