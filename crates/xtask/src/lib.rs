//! What `cargo xtask` does, one verb a module.
//!
//! Builds with nothing installed but Rust and a C compiler, so it depends on none of our crates:
//! everything else is reached through `cargo` and the programs it builds.
//!
//! [`photo`] is also a library: tests take the same photographs as the demo.

pub mod bench;
mod fuzz;
pub mod need;
pub mod photo;
pub mod photograph;
mod run;
pub mod setup;
pub mod soak;
pub mod steps;
