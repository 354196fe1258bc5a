//! Key material: wiped when it goes, never printed, copied or compared.

use crate::Error;
use core::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// `N` secret bytes.
pub struct Secret<const N: usize>([u8; N]);

/// An AES-128 key.
pub type Key = Secret<16>;

impl<const N: usize> Secret<N> {
    /// Takes the bytes in. The caller wipes its own copy.
    #[must_use]
    pub const fn new(bytes: [u8; N]) -> Self {
        Self(bytes)
    }

    /// A secret filled in place by `fill`, so that no copy is left behind.
    #[must_use]
    pub fn filled(fill: impl FnOnce(&mut [u8; N])) -> Self {
        let mut secret = Self([0; N]);
        fill(&mut secret.0);
        secret
    }

    /// Reads `2 * N` hexadecimal digits; white space between them is passed over.
    ///
    /// # Errors
    /// [`Error::BadObject`], which repeats nothing of the text.
    pub fn parse(hex: &str) -> Result<Self, Error> {
        let mut secret = Self([0; N]);
        fill_from_hex(hex, &mut secret.0).ok_or(Error::BadObject { object: "key" })?;
        Ok(secret)
    }

    /// The bytes, for the cipher, the card's memory, or a key file.
    #[must_use]
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// Compares in constant time.
    #[must_use]
    pub fn is(&self, candidate: &[u8]) -> bool {
        self.0.ct_eq(candidate).into()
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Fills `bytes` from exactly as many hexadecimal digits; `None` for anything else.
pub(crate) fn fill_from_hex(hex: &str, bytes: &mut [u8]) -> Option<()> {
    let mut digits = hex.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_digit(16));
    for byte in bytes {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    digits.next().is_none().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn a_secret_never_prints_itself() {
        assert_eq!(format!("{:?}", Key::new([7; 16])), "[secret]");
    }

    #[test]
    fn a_secret_is_read_from_hexadecimal_digits_and_nothing_else() {
        assert!(Secret::<2>::parse("0aFF").unwrap().is(&[0x0A, 0xFF]));
        for bad in ["", "0a", "0aF", "0aFF0", "0aFG"] {
            assert!(Secret::<2>::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_secret_knows_itself_and_nothing_else() {
        let key = Key::new([7; 16]);
        assert!(key.is(&[7; 16]));
        assert!(!key.is(&[8; 16]));
        assert!(!key.is(&[7; 15]));
    }
}
