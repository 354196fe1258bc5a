//! Key files: one format for the issuing service and for the trust ceremony.
//! This crate is the only place that sees a seed on disk.
//!
//! ```
//! use keystore::{Passphrase, SigningKey, Use, open, seal};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let key = SigningKey::from_seed(zeroize::Zeroizing::new([1; 32]));
//! let file = seal(&key, &Passphrase::new("correct horse battery staple".into())?)?;
//! let again = open(file.as_bytes(), Use::Production, || Passphrase::new("correct horse battery staple".into()))?;
//! assert_eq!(again.public().kid, key.public().kid);
//! # Ok(()) }
//! ```
//!
//! Deliberately absent: reading and writing files, asking for passphrases, randomness of its own, and a way to a seed
//! that does not say `expose`.

mod error;
mod example;
mod key_file;
mod passphrase;
mod public_key;
mod signing_key;

pub use error::KeyError;
pub use example::{Use, is_example};
pub use key_file::{MAX_KEY_FILE_BYTES, Sealed, exchange_text, open, open_text, read_plain, seal, seal_text};
pub use passphrase::{MIN_PASSPHRASE_CHARS, Passphrase};
pub use public_key::PublicKeyLine;
pub use signing_key::SigningKey;
