//! The public half as one line that people carry and compare: `DCP1:KID:64 hex digits`.

use core::fmt;

use credential::{Kid, PublicKey};

use ed25519_dalek::{Signature, VerifyingKey};

use crate::error::KeyError;

/// A public Ed25519 key with its id. The id guards the line against slips of hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKeyLine {
    /// The key.
    pub key: PublicKey,
    /// Its id.
    pub kid: Kid,
}

impl PublicKeyLine {
    /// Of a key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        let key = PublicKey::Ed25519(key);
        Self { key, kid: key.kid() }
    }

    /// Whether the bytes are a point of the curve, and none of small order, under which any signature verifies.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let PublicKey::Ed25519(bytes) = &self.key else { return false };
        VerifyingKey::from_bytes(bytes).is_ok_and(|key| !key.is_weak())
    }

    /// Whether this key signed the message. Strict, as every verifier is.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let PublicKey::Ed25519(bytes) = &self.key else { return false };
        let signature = Signature::from_bytes(signature);
        VerifyingKey::from_bytes(bytes).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }

    /// From the first line that is neither empty nor begins with `#`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let line = first_line(text).ok_or(KeyError::BadPublicLine)?;
        let (kid, key) = line.strip_prefix(MAGIC).and_then(|rest| rest.split_once(':')).ok_or(BAD)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(key, &mut bytes).map_err(|_| BAD)?;
        let parsed = Self::new(bytes);
        if Kid::parse(kid) == Ok(parsed.kid) { Ok(parsed) } else { Err(BAD) }
    }
}

impl fmt::Display for PublicKeyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key {
            PublicKey::Ed25519(bytes) => write!(f, "{MAGIC}{}:{}", self.kid, hex::encode(bytes)),
            // `new` makes no other.
            PublicKey::P256 { .. } => Err(fmt::Error),
        }
    }
}

/// The line that counts in a key file or a public key file.
pub(crate) fn first_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))
}

const MAGIC: &str = "DCP1:";
const BAD: KeyError = KeyError::BadPublicLine;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_key_and_message_alone() {
        let key = |n| crate::SigningKey::from_seed(zeroize::Zeroizing::new([n; 32]));
        let signature = key(1).sign(b"message");
        assert!(key(1).public().verifies(b"message", &signature));
        assert!(!key(1).public().verifies(b"massage", &signature));
        assert!(!key(2).public().verifies(b"message", &signature));
    }

    #[test]
    fn a_point_of_small_order_is_not_sound() {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert!(!PublicKeyLine::new(neutral).is_sound());
        assert!(crate::SigningKey::from_seed(zeroize::Zeroizing::new([1; 32])).public().is_sound());
    }

    #[test]
    fn a_line_reads_back_and_a_slip_of_hand_is_seen() {
        let line = PublicKeyLine::new([7; 32]);
        assert_eq!(PublicKeyLine::parse(&format!("# note\n\n{line}\n")), Ok(line));
        let text = line.to_string();
        for slip in
            [text.replace("07", "08"), text.replacen("DCP1", "DCP2", 1), text[..60].into(), String::new()]
        {
            assert_eq!(PublicKeyLine::parse(&slip), Err(KeyError::BadPublicLine), "{slip}");
        }
    }
}
