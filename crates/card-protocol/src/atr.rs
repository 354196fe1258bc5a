//! Answer to reset (ISO 7816-3, 8): what a card says of itself before any command, and the two ATRs of ours.

use core::fmt;

/// Where the card touches the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Interface {
    /// Contacts, ISO 7816-3.
    Contact,
    /// Radio, ISO 14443-4.
    Contactless,
}

/// Historical bytes (ISO 7816-4, 12.1.1) of a card of this profile: category 80; card capabilities 73 (DF by
/// full and partial name; write once; chaining and extended length); issuer's data 55 "DCARD".
pub const HISTORICAL: [u8; 11] = [0x80, 0x73, 0xC0, 0x01, 0xC0, 0x55, b'D', b'C', b'A', b'R', b'D'];

/// An answer to reset, 2 to 33 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Atr {
    bytes: [u8; Self::MAX],
    length: usize,
}

impl Atr {
    /// The longest ATR (ISO 7816-3, 8.2.1, with TS).
    pub const MAX: usize = 33;

    /// The ATR of a card of this profile: T=1 alone over contacts; over radio as PC/SC part 3, 3.1.3.2.3 builds it
    /// out of the ATS.
    #[must_use]
    pub fn ours(interface: Interface) -> Self {
        let td1 = match interface {
            Interface::Contact => 0x81,
            Interface::Contactless => 0x80,
        };
        let head = [0x3B, 0x80 | HISTORICAL.len() as u8, td1, 0x01];
        // TCK makes the exclusive or of T0 to TCK zero.
        let tck = head.iter().skip(1).chain(&HISTORICAL).fold(0, |sum, byte| sum ^ byte);
        let mut bytes = [0; Self::MAX];
        let all = head.into_iter().chain(HISTORICAL).chain([tck]);
        let length = bytes.iter_mut().zip(all).map(|(place, byte)| *place = byte).count();
        Self { bytes, length }
    }

    /// What a reader reports; bytes past [`Self::MAX`] are dropped.
    #[must_use]
    pub fn from_slice(atr: &[u8]) -> Self {
        let mut bytes = [0; Self::MAX];
        let length = bytes.iter_mut().zip(atr).map(|(place, byte)| *place = *byte).count();
        Self { bytes, length }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The interface of a card of this profile; `None` for any other card, though it may carry the application.
    #[must_use]
    pub fn interface(&self) -> Option<Interface> {
        [Interface::Contact, Interface::Contactless].into_iter().find(|known| *self == Self::ours(*known))
    }
}

impl fmt::Debug for Atr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn the_two_atrs_end_in_the_right_check_byte() {
        for (interface, hex) in [
            (Interface::Contact, "3B8B81018073C001C0554443415244FC"),
            (Interface::Contactless, "3B8B80018073C001C0554443415244FD"),
        ] {
            let atr = Atr::ours(interface);
            assert_eq!(format!("{atr:?}"), hex);
            assert_eq!(Atr::from_slice(atr.as_bytes()).interface(), Some(interface));
        }
    }

    #[test]
    fn another_cards_atr_is_not_ours() {
        assert_eq!(Atr::from_slice(&[0x3B, 0x00]).interface(), None);
        assert_eq!(Atr::from_slice(&[0x3B; 80]).as_bytes().len(), Atr::MAX);
    }
}
