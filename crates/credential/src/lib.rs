//! The signed formats of Zhengka: what stands in a QR code, on a card and in a verifier's bundle.
//! PROFILE.md beside this crate specifies them for other languages.
//!
//! ```
//! use credential::{qr_text::QrText, sign1::{Content, Sign1}};
//! # let bytes = vec![0; 3];
//! # let text = QrText::new(bytes).to_text();
//! let qr = QrText::parse(&text).expect("one of the two forms");
//! let refused = Sign1::parse(qr.as_bytes(), Content::Credential);
//! assert!(refused.is_err(), "three bytes are no credential");
//! ```
//!
//! Deliberately absent: signing, verifying, clocks, files. The crate is `no_std` and reads nothing but its arguments.
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

// What people and papers are.
pub mod disability;
pub mod levels;
pub mod number;
pub mod region;
pub mod text;
pub mod time;

// The encoding and its envelope.
pub mod cbor;
pub mod error;
pub mod key;
pub mod sign;
pub mod sign1;

// The two kinds of credential.
pub mod certificate;
pub mod credential;
pub mod grant;
pub mod grant_set;
pub mod pass;
pub mod purpose;

// Their text form.
pub mod digits;
pub mod qr_text;

// What a verifier carries.
pub mod bundle;
pub mod delta;
pub mod policy_pack;
pub mod snapshot;
pub mod status_list;
pub mod status_token;
pub mod trust_list;

pub use crate::credential::{Credential, Kind};
pub use error::Malformed;
pub use key::{Kid, PublicKey};
pub use time::UnixTime;
