//! The holder's PIN: six digits, on the wire as an ISO 9564-1 format 2 block (`26 d1d2 d3d4 d5d6 FF FF FF FF`).

use crate::{Error, Secret};

/// A PIN. Never printed, never compared but in constant time.
#[derive(Debug)]
pub struct Pin(Secret<8>);

impl Pin {
    /// Digits of a PIN.
    pub const DIGITS: usize = 6;
    /// Tries before it is blocked.
    pub const TRIES: u8 = 3;

    /// Reads six ASCII digits.
    ///
    /// # Errors
    /// [`Error::NotAPin`].
    pub fn parse(digits: &str) -> Result<Self, Error> {
        let &[a, b, c, d, e, f] = digits.as_bytes() else { return Err(Error::NotAPin) };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::NotAPin);
        }
        let pair = |high: u8, low: u8| (high & 0x0F) << 4 | low & 0x0F;
        Ok(Self(Secret::filled(|block| {
            *block = [0x26, pair(a, b), pair(c, d), pair(e, f), 0xFF, 0xFF, 0xFF, 0xFF];
        })))
    }

    /// Reads a format 2 block of six digits.
    ///
    /// # Errors
    /// [`Error::NotAPin`].
    pub fn from_block(block: &[u8]) -> Result<Self, Error> {
        let &[0x26, a, b, c, 0xFF, 0xFF, 0xFF, 0xFF] = block else { return Err(Error::NotAPin) };
        if [a, b, c].iter().any(|pair| pair >> 4 > 9 || pair & 0x0F > 9) {
            return Err(Error::NotAPin);
        }
        Ok(Self(Secret::filled(|own| own.copy_from_slice(block))))
    }

    /// The block, for VERIFY and for the card's memory.
    #[must_use]
    pub const fn expose_block(&self) -> &[u8; 8] {
        self.0.expose()
    }

    /// Compares with a block from the wire, in constant time.
    #[must_use]
    pub fn is(&self, block: &[u8]) -> bool {
        self.0.is(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn six_digits_become_a_block_and_nothing_else_does() {
        let pin = Pin::parse("012345").unwrap();
        assert_eq!(pin.expose_block(), &[0x26, 0x01, 0x23, 0x45, 0xFF, 0xFF, 0xFF, 0xFF]);
        assert!(Pin::from_block(pin.expose_block()).unwrap().is(pin.expose_block()));
        assert!(!pin.is(Pin::parse("012346").unwrap().expose_block()));
        for bad in ["", "12345", "1234567", "12345a", "１２"] {
            assert!(Pin::parse(bad).is_err());
        }
        for (place, value) in [(0, 0x24), (1, 0xA0), (3, 0x0A), (7, 0)] {
            let mut block = *pin.expose_block();
            block[place] = value;
            assert!(Pin::from_block(&block).is_err(), "byte {place}");
        }
    }

    #[test]
    fn a_pin_never_prints_itself() {
        assert_eq!(format!("{:?}", Pin::parse("123456").unwrap()), "Pin([secret])");
    }
}
