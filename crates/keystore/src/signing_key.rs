//! An Ed25519 key that signs. Its seed is wiped when dropped and leaves only by a function that says so.

use core::fmt;

use ed25519_dalek::Signer;
use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::public_key::PublicKeyLine;

/// The secret half. `Debug` shows the key id only.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    public: PublicKeyLine,
}

impl SigningKey {
    /// A new key from the caller's randomness.
    pub fn generate<R: TryCryptoRng>(rng: &mut R) -> Result<Self, R::Error> {
        let mut seed = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(&mut *seed)?;
        Ok(Self::from_seed(seed))
    }

    /// From its 32-byte seed (RFC 8032, section 5.1.5).
    #[must_use]
    pub fn from_seed(seed: Zeroizing<[u8; 32]>) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        let public = PublicKeyLine::new(key.verifying_key().to_bytes());
        Self { key, public }
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKeyLine {
        self.public
    }

    /// Signs; the same message always gives the same bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }

    /// The seed in clear, for the key file alone.
    pub(crate) fn expose_seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.key.to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, [secret])", self.public.kid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prints_its_id_and_nothing_of_its_seed() {
        let key = SigningKey::from_seed(Zeroizing::new([0x5a; 32]));
        assert_eq!(format!("{key:?}"), format!("SigningKey({}, [secret])", key.public().kid));
    }

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // RFC 8032, section 7.1, test 1.
        let mut seed = Zeroizing::new([0; 32]);
        hex::decode_to_slice("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", &mut *seed)
            .unwrap();
        let signature = SigningKey::from_seed(seed).sign(b"");
        assert!(
            hex::encode(signature)
                .starts_with("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e0652249015")
        );
    }
}
