//! The class byte (ISO 7816-4, 5.4.1; GlobalPlatform 2.3.1, 11.1.4): which parts of it this card knows.

use card_protocol::StatusWord;

/// A class byte taken apart. Chaining is read by [`card_protocol::Chain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class {
    /// 00 or 80, all other bits taken off.
    pub(crate) base: u8,
    /// Whether the command says it is wrapped by SCP03.
    pub(crate) secure: bool,
}

impl Class {
    /// What ISO 7816-4 defines, not wrapped.
    pub(crate) const PLAIN: Self = Self { base: 0x00, secure: false };

    pub(crate) fn parse(cla: u8) -> Result<Self, StatusWord> {
        match cla {
            // x10. ....: further logical channels, 4 to 19.
            0x40..=0x7F | 0xC0..=0xFE => Err(StatusWord::CHANNEL_NOT_SUPPORTED),
            // x01. ....: reserved; FF: never a class.
            0x20..=0x3F | 0xA0..=0xBF | 0xFF => Err(StatusWord::UNKNOWN_CLASS),
            _ if cla & CHANNEL != 0 => Err(StatusWord::CHANNEL_NOT_SUPPORTED),
            // Secure messaging as ISO 7816-4 has it.
            _ if cla & ISO_MESSAGING != 0 => Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED),
            _ => Ok(Self { base: cla & 0x80, secure: cla & SCP != 0 }),
        }
    }
}

const CHANNEL: u8 = 0x03;
const SCP: u8 = 0x04;
const ISO_MESSAGING: u8 = 0x08;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_class_bytes_are_known_and_each_may_be_chained() {
        let known: std::vec::Vec<u8> = (0..=255).filter(|&cla| Class::parse(cla).is_ok()).collect();
        assert_eq!(known, [0x00, 0x04, 0x10, 0x14, 0x80, 0x84, 0x90, 0x94]);
        assert_eq!(Class::parse(0x94), Ok(Class { base: 0x80, secure: true }));
    }

    #[test]
    fn every_logical_channel_but_the_first_is_refused_by_name() {
        for cla in [0x01, 0x03, 0x13, 0x40, 0x7F, 0x81, 0x87, 0xC0, 0xFE] {
            assert_eq!(Class::parse(cla), Err(StatusWord::CHANNEL_NOT_SUPPORTED), "{cla:02X}");
        }
        assert_eq!(Class::parse(0x0C), Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED));
        assert_eq!(Class::parse(0xFF), Err(StatusWord::UNKNOWN_CLASS));
    }
}
