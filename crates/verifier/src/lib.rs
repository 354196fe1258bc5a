//! Bytes, a bundle, a question and the time in; `Accepted` or one `Refusal` out. Offline, on anything that runs Rust.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (root_file, bundle_file, scanned, now) = (vec![], vec![], "", credential::UnixTime::default());
//! use verifier::policy::Unconfirmed;
//! use verifier::{Bundle, Check, Possession, Staleness, State, read_qr_text, verify};
//!
//! let mut state = State::pinned(credential::trust_list::RootSet::from_slice(&root_file)?);
//! let bundle = Bundle::install(&bundle_file, &mut state)?;
//! let text = read_qr_text(scanned)?;
//! let check = Check {
//!     purpose: Some(credential::purpose::Purpose::Transit),
//!     place: None,
//!     now,
//!     staleness: Staleness::RefuseStale,
//!     unconfirmed: Unconfirmed::Refuse,
//!     possession: Possession::StaticCode,
//! };
//! match verify(text.as_bytes(), &bundle, &check) {
//!     Ok(accepted) => println!("accepted, bundle is {} s old", accepted.bundle_age_seconds),
//!     Err(refusal) => println!("{refusal}: {}", refusal.en()),
//! }
//! # Ok(()) }
//! ```
//!
//! This crate is what an audit reads: no issuer, no card, no network, no clock, no file.
//! Deliberately absent: a default for an out-of-date bundle, and any way to an accepted verdict but the chain in `verify`.
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

extern crate alloc;
#[cfg(test)]
extern crate std;

mod accepted;
mod bundle;
mod entitlement;
pub mod policy;
mod refusal;
mod state;
mod trusted_key;
mod verify;

pub use accepted::{Accepted, Award, Facts};
pub use bundle::{Bundle, verify_policy_pack, verify_trust_list};
pub use refusal::Refusal;
pub use state::{MAX_VERSION_STEP, State};
pub use verify::{
    Authentic, CLOCK_TOLERANCE_SECONDS, Check, InForce, NotRevoked, Possession, Staleness, Unverified,
    read_qr_text, verify,
};
