//! What `cargo xtask` does, one verb a module.
//!
//! Builds with nothing installed but Rust and a C compiler, so of our crates it uses the formats only (the demo forges
//! credentials); everything else is reached through `cargo` and the programs it builds.
//!
//! [`photo`] is also a library: tests take the same photographs as the demo.

pub mod bench;
pub mod demo;
mod firmware;
mod fuzz;
pub mod need;
pub mod photo;
pub mod photograph;
mod power_cuts;
mod run;
pub mod setup;
pub mod soak;
pub mod steps;
