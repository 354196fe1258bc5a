//! Status words: the two bytes that end every response (ISO 7816-4, 5.6).

use core::fmt;

/// SW1-SW2.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StatusWord(u16);

impl StatusWord {
    /// Done.
    pub const OK: Self = Self(0x9000);
    /// Warning: the end of the file came before Le bytes.
    pub const END_OF_FILE: Self = Self(0x6282);
    /// Warning: the application is selected and blocked.
    pub const DEACTIVATED: Self = Self(0x6283);
    /// The host's cryptogram is wrong (GlobalPlatform, EXTERNAL AUTHENTICATE).
    pub const AUTHENTICATION_FAILED: Self = Self(0x6300);
    /// The memory could not be written; nothing changed.
    pub const MEMORY_FAILURE: Self = Self(0x6581);
    /// Lc or Le does not fit the command.
    pub const WRONG_LENGTH: Self = Self(0x6700);
    /// A logical channel other than 0.
    pub const CHANNEL_NOT_SUPPORTED: Self = Self(0x6881);
    /// Secure messaging where the command does not know it.
    pub const SECURE_MESSAGING_NOT_SUPPORTED: Self = Self(0x6882);
    /// The last command of the chain was expected: the chain was left open, or is too long.
    pub const LAST_OF_CHAIN_EXPECTED: Self = Self(0x6883);
    /// The access rule is not met.
    pub const SECURITY_NOT_SATISFIED: Self = Self(0x6982);
    /// No tries are left.
    pub const AUTHENTICATION_BLOCKED: Self = Self(0x6983);
    /// The reference data (PIN, key) was never set.
    pub const REFERENCE_NOT_USABLE: Self = Self(0x6984);
    /// Not in this life-cycle state, or out of order.
    pub const CONDITIONS_NOT_SATISFIED: Self = Self(0x6985);
    /// READ BINARY with no current EF.
    pub const NO_CURRENT_FILE: Self = Self(0x6986);
    /// The data field is not what the command takes.
    pub const WRONG_DATA: Self = Self(0x6A80);
    /// No such file or application.
    pub const NOT_FOUND: Self = Self(0x6A82);
    /// The file or object is larger than its place.
    pub const NOT_ENOUGH_MEMORY: Self = Self(0x6A84);
    /// P1 or P2 is wrong.
    pub const WRONG_PARAMETERS: Self = Self(0x6A86);
    /// No such key or data object.
    pub const REFERENCE_NOT_FOUND: Self = Self(0x6A88);
    /// The offset lies behind the end of the file.
    pub const WRONG_OFFSET: Self = Self(0x6B00);
    /// The instruction is unknown.
    pub const UNKNOWN_INSTRUCTION: Self = Self(0x6D00);
    /// The class is unknown.
    pub const UNKNOWN_CLASS: Self = Self(0x6E00);

    /// From its two bytes.
    #[must_use]
    pub const fn new(sw1: u8, sw2: u8) -> Self {
        Self(u16::from_be_bytes([sw1, sw2]))
    }

    /// `63 Cx`: the comparison failed, or was only asked about; `tries` are left (at most 15 are told).
    #[must_use]
    pub const fn tries_left(tries: u8) -> Self {
        Self(0x63C0 | if tries < 15 { tries as u16 } else { 15 })
    }

    /// `6C xx`: ask again with this Le (0 stands for 256).
    #[must_use]
    pub const fn exact_length(length: u8) -> Self {
        Self(0x6C00 | length as u16)
    }

    /// `61 xx`: so many bytes wait for GET RESPONSE (0 stands for 256).
    #[must_use]
    pub const fn bytes_available(count: u8) -> Self {
        Self(0x6100 | count as u16)
    }

    /// SW1-SW2 as one number.
    #[must_use]
    pub const fn as_u16(self) -> u16 {
        self.0
    }

    /// The bytes as they stand on the wire.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }

    /// SW1.
    #[must_use]
    pub const fn sw1(self) -> u8 {
        self.to_bytes()[0]
    }

    /// SW2.
    #[must_use]
    pub const fn sw2(self) -> u8 {
        self.to_bytes()[1]
    }

    /// 9000.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        self.0 == Self::OK.0
    }

    /// 9000, 62xx or 63xx: the command was carried out. SCP03 puts an R-MAC on these, and on no other
    /// (Amendment D, 6.2.5).
    #[must_use]
    pub const fn was_carried_out(self) -> bool {
        matches!(self.sw1(), 0x90 | 0x62 | 0x63)
    }

    /// x of `63 Cx`.
    #[must_use]
    pub const fn tries(self) -> Option<u8> {
        match self.to_bytes() {
            [0x63, sw2 @ 0xC0..=0xCF] => Some(sw2 & 0x0F),
            _ => None,
        }
    }

    /// What the word means, in the standard's language.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self.0 {
            0x9000 => "done",
            0x6100..=0x61FF => "more bytes wait",
            0x6282 => "end of file",
            0x6283 => "application blocked",
            0x6300 => "authentication failed",
            0x63C0..=0x63CF => "tries left",
            0x6581 => "memory failure",
            0x6700 => "wrong length",
            0x6881 => "logical channel not supported",
            0x6882 => "secure messaging not supported",
            0x6883 => "last command of the chain expected",
            0x6982 => "security status not satisfied",
            0x6983 => "authentication blocked",
            0x6984 => "reference data not usable",
            0x6985 => "conditions of use not satisfied",
            0x6986 => "no current file",
            0x6A80 => "wrong data",
            0x6A82 => "file or application not found",
            0x6A84 => "not enough memory",
            0x6A86 => "wrong P1 or P2",
            0x6A88 => "key or data not found",
            0x6B00 => "wrong offset",
            0x6C00..=0x6CFF => "wrong Le",
            0x6D00 => "unknown instruction",
            0x6E00 => "unknown class",
            _ => "not of this profile",
        }
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X} ({})", self.0, self.meaning())
    }
}

impl fmt::Debug for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn a_status_word_is_shown_as_engineers_write_it() {
        assert_eq!(format!("{}", StatusWord::NOT_FOUND), "6A82 (file or application not found)");
        assert_eq!(format!("{:?}", StatusWord::OK), "9000");
    }

    #[test]
    fn only_done_and_warnings_count_as_carried_out() {
        assert!(StatusWord::OK.was_carried_out());
        assert!(StatusWord::END_OF_FILE.was_carried_out());
        assert!(StatusWord::tries_left(2).was_carried_out());
        assert!(!StatusWord::SECURITY_NOT_SATISFIED.was_carried_out());
        assert!(!StatusWord::MEMORY_FAILURE.was_carried_out());
    }

    #[test]
    fn tries_are_told_only_by_63cx() {
        assert_eq!(StatusWord::tries_left(3).tries(), Some(3));
        assert_eq!(StatusWord::tries_left(200).tries(), Some(15));
        assert_eq!(StatusWord::AUTHENTICATION_FAILED.tries(), None);
        assert_eq!(StatusWord::new(0x64, 0xC1).tries(), None);
    }
}
