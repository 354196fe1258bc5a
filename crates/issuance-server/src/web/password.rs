//! Passwords of officers: Argon2id (RFC 9106) with the parameters OWASP names, length over composition
//! (NIST SP 800-63B, 5.1.1.2). Knows nothing of lock-out; see `account`.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// A password as it was typed.
pub struct Password(Zeroizing<String>);

impl Password {
    /// As it was typed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// A one-time password for the first sign-in: 80 random bits that can be read over the telephone.
    pub fn one_time(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut bytes = Zeroizing::new([0u8; 16]);
        rng.fill_bytes(bytes.as_mut());
        let mut text = Zeroizing::new(String::with_capacity(19));
        for (i, byte) in bytes.iter().enumerate() {
            text.extend((i > 0 && i % 4 == 0).then_some('-'));
            text.extend(READABLE.get(usize::from(byte & 31)).map(|b| char::from(*b)));
        }
        Self(text)
    }

    /// Whether it may become an officer's password.
    pub fn check_new(&self, login: &str) -> Result<(), Weak> {
        let length = self.0.chars().count();
        if length < MIN_CHARS {
            return Err(Weak::Short { chars: length });
        }
        if self.0.len() > MAX_BYTES {
            return Err(Weak::Long);
        }
        let lower = self.0.to_lowercase();
        let distinct = lower.chars().collect::<std::collections::BTreeSet<_>>().len();
        if distinct < MIN_DISTINCT || lower.contains(login) || COMMON.iter().any(|word| lower.contains(word))
        {
            return Err(Weak::Guessable);
        }
        Ok(())
    }

    /// In clear: to show a one-time password once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([secret])")
    }
}

/// Why a new password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Fewer than [`MIN_CHARS`].
    Short {
        /// How many it has.
        chars: usize,
    },
    /// More than a hash should be asked to take.
    Long,
    /// The login, a common word or too few different characters.
    Guessable,
}

/// How much work one guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// 19 MiB, 2 passes: the first choice of OWASP's password storage sheet.
    Full,
    /// As little as the algorithm allows, for tests that sign in hundreds of times.
    Least,
}

/// Random bytes that make two hashes of one password differ.
#[derive(Clone, Copy, Debug)]
pub struct Salt([u8; 16]);

impl Salt {
    /// A new one.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

/// An Argon2id hash in PHC form.
#[derive(Clone)]
pub struct Hash(String);

impl Hash {
    /// Hashes a password under a salt.
    pub fn new(password: &Password, cost: Cost, salt: Salt) -> Result<Self, Unhashed> {
        let hashed = cost.argon2().hash_password_with_salt(password.0.as_bytes(), &salt.0);
        let hash: PasswordHash = hashed.map_err(|_| Unhashed)?;
        Ok(Self(hash.to_string()))
    }

    /// From a row.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// For the row.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the password fits. A hash that cannot be read fits nothing.
    #[must_use]
    pub fn fits(&self, password: &Password) -> bool {
        let Ok(hash) = PasswordHash::new(&self.0) else { return false };
        password.0.len() <= MAX_BYTES
            && Argon2::default().verify_password(password.0.as_bytes(), &hash).is_ok()
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash([secret])")
    }
}

/// The memory for a hash was not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unhashed;

impl Cost {
    fn argon2(self) -> Argon2<'static> {
        let params = match self {
            Self::Full => Params::default(),
            Self::Least => Params::new(Params::MIN_M_COST, 1, 1, None).unwrap_or_default(),
        };
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// NIST SP 800-63B-4 asks for 8 beside a second factor; the data here ask for more.
pub const MIN_CHARS: usize = 12;
/// Room for a sentence in Chinese; an end, so that nobody makes the hash read megabytes.
const MAX_BYTES: usize = 512;
const MIN_DISTINCT: usize = 5;
/// Without i l o u, which read like others (Crockford).
const READABLE: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// What people choose when told to choose; a sign-in is throttled besides.
const COMMON: &[&str] = &[
    "password", "12345678", "qwertyui", "11111111", "88888888", "zhengka", "canlian", "admin123", "1qaz2wsx",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::Seeded;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let password = Password::new("长春站前有三棵老榆树两只喜鹊".into());
        let hash = Hash::new(&password, Cost::Least, Salt::generate(&mut Seeded::new(1))).unwrap();
        assert!(hash.as_str().starts_with("$argon2id$"));
        assert!(hash.fits(&password));
        assert!(!hash.fits(&Password::new("长春站前有三棵老榆树两只麻雀".into())));
        assert!(!Hash::from_stored("x".into()).fits(&password));
    }

    #[test]
    fn weak_passwords_are_refused_with_the_rule() {
        let check = |text: &str| Password::new(text.into()).check_new("limin");
        assert_eq!(check("short"), Err(Weak::Short { chars: 5 }));
        assert_eq!(check("aaaaaaaaaaaaaaaa"), Err(Weak::Guessable));
        assert_eq!(check("my-LiMin-2026-x"), Err(Weak::Guessable));
        assert_eq!(check("Password-2026-x"), Err(Weak::Guessable));
        assert_eq!(check(&"0123456789ab".repeat(60)), Err(Weak::Long));
        assert_eq!(check("three old elms, 2 magpies"), Ok(()));
    }

    #[test]
    fn one_time_passwords_pass_the_rule_and_differ() {
        let mut rng = Seeded::new(2);
        let (one, two) = (Password::one_time(&mut rng), Password::one_time(&mut rng));
        assert_eq!(one.expose().len(), 19);
        assert_ne!(one.expose(), two.expose());
        assert_eq!(one.check_new("limin"), Ok(()));
        assert_eq!(format!("{one:?}"), "Password([secret])");
    }
}
