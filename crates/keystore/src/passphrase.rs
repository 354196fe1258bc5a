//! A passphrase: wiped when dropped, printed by nothing.

use core::fmt;

use age::secrecy::SecretString;
use zeroize::Zeroize;

use crate::error::KeyError;

/// What opens a key file.
pub struct Passphrase(SecretString);

impl Passphrase {
    /// Takes the text over. Refuses a short one: scrypt slows a guesser down, it does not stop one.
    pub fn new(mut text: String) -> Result<Self, KeyError> {
        if text.is_empty() {
            return Err(KeyError::NoPassphrase);
        }
        if text.chars().count() < MIN_PASSPHRASE_CHARS {
            text.zeroize();
            return Err(KeyError::ShortPassphrase);
        }
        Ok(Self(SecretString::from(text)))
    }

    /// The same once more, for sealing what it opened.
    pub(crate) fn again(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn secret(&self) -> SecretString {
        self.0.clone()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// NIST SP 800-63B-4, section 3.1.1.2, asks 15 of a password that stands alone; 12 with scrypt and a file that
/// lies in a safe is what ceremonies use.
pub const MIN_PASSPHRASE_CHARS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_passphrase_is_refused_and_none_prints() {
        assert_eq!(Passphrase::new(String::new()).err(), Some(KeyError::NoPassphrase));
        assert_eq!(Passphrase::new("elf letters".into()).err(), Some(KeyError::ShortPassphrase));
        let long = Passphrase::new("十二个字符以上的中文口令".into()).unwrap();
        assert_eq!(format!("{long:?}"), "[secret]");
    }
}
