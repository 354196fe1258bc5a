//! The card's serial number: names the chip, never the holder.

use crate::Error;
use core::fmt;

/// Eight bytes, given by the card maker.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial([u8; 8]);

impl Serial {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// Key diversification data of INITIALIZE UPDATE: `DC`, then the serial. The host derives the card's keys
    /// from what the card says, without asking a database.
    #[must_use]
    pub const fn diversification_data(&self) -> [u8; 10] {
        let [s0, s1, s2, s3, s4, s5, s6, s7] = self.0;
        [b'D', b'C', s0, s1, s2, s3, s4, s5, s6, s7]
    }

    /// Reads the serial out of key diversification data.
    ///
    /// # Errors
    /// [`Error::BadObject`] where it is not of this profile.
    pub fn from_diversification_data(data: &[u8; 10]) -> Result<Self, Error> {
        let &[b'D', b'C', ref serial @ ..] = data else {
            return Err(Error::BadObject { object: "key diversification data" });
        };
        Ok(Self(*serial))
    }

    /// Reads 16 hexadecimal digits, as [`fmt::Display`] writes them; spaces and dashes between are passed over.
    ///
    /// # Errors
    /// [`Error::BadObject`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut bytes = [0; 8];
        crate::secret::fill_from_hex(text, &mut bytes).ok_or(Error::BadObject { object: "card serial" })?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

impl fmt::Debug for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Serial({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn a_serial_survives_each_of_its_forms() {
        let serial = Serial::new([0, 1, 2, 3, 0xAA, 0xBB, 0xCC, 0xDD]);
        assert_eq!(serial.to_string(), "00010203AABBCCDD");
        assert_eq!(Serial::parse("0001-0203 aabb-ccdd"), Ok(serial));
        assert_eq!(Serial::from_diversification_data(&serial.diversification_data()), Ok(serial));
        for bad in ["", "0001", "00010203AABBCCDDE", "0001020G00000000"] {
            assert!(Serial::parse(bad).is_err(), "{bad}");
        }
        assert!(Serial::from_diversification_data(&[0; 10]).is_err());
    }
}
