//! The port to the issuer's key. The key may live in a file, a token or another process;
//! whoever holds it signs bytes and knows nothing of casework.

use std::fmt;

use credential::key::PublicKey;
use ed25519_dalek::{Signer as _, SigningKey};
use rand_core::CryptoRng;

/// Makes Ed25519 signatures with one key.
pub trait Signer {
    /// The public half.
    fn public_key(&self) -> PublicKey;

    /// Signs. Ed25519 is deterministic: the same bytes give the same signature, so a retry repeats it.
    fn sign(&self, to_be_signed: &[u8]) -> Result<[u8; 64], SignerError>;
}

/// Why there is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerError {
    /// The key is not there: file, token or process.
    Unavailable,
    /// The holder of the key declined.
    Refused,
}

impl SignerError {
    /// What happened and what to do.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Unavailable => "无法使用签名密钥，请核对密钥文件和口令。",
            Self::Refused => "签名被拒绝。",
        }
    }

    /// The same in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Unavailable => "the signing key is not available; check key file and passphrase",
            Self::Refused => "the signer declined",
        }
    }
}

/// A key in memory, gone with the value: for trial signatures, and behind a key file. Zeroised on drop.
pub struct KeyInMemory(SigningKey);

impl KeyInMemory {
    /// A new key that exists nowhere else.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = [0; 32];
        rng.fill_bytes(&mut seed);
        Self::from_seed(&seed)
    }

    /// From the 32 secret bytes of RFC 8032.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }
}

impl Signer for KeyInMemory {
    fn public_key(&self) -> PublicKey {
        PublicKey::Ed25519(self.0.verifying_key().to_bytes())
    }

    fn sign(&self, to_be_signed: &[u8]) -> Result<[u8; 64], SignerError> {
        Ok(self.0.sign(to_be_signed).to_bytes())
    }
}

impl fmt::Debug for KeyInMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
