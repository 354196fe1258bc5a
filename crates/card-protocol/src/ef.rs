//! The card's elementary files: number, size, and who may read and write each. The one permission table.

use crate::Role;

/// An elementary file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ef {
    /// The pass, with the card's own key in it. What a gate reads.
    Pass,
    /// The certificate. What an office reads.
    Certificate,
    /// The face picture.
    Photo,
    /// What service the holder needs ([`crate::Needs`]).
    Needs,
    /// The ride counter ([`crate::Rides`]).
    Rides,
    /// The card's own state ([`crate::CardStatus`]).
    Status,
}

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadAccess {
    /// Anyone.
    Always,
    /// Over contacts, whoever knows the PIN; over any interface, a secure channel of one of these roles at
    /// level 33.
    PinOrSession(&'static [Role]),
}

impl Ef {
    /// All of them, by their number.
    pub const ALL: [Self; 6] =
        [Self::Pass, Self::Certificate, Self::Photo, Self::Needs, Self::Rides, Self::Status];

    /// Short file identifier, 1 to 6.
    #[must_use]
    pub const fn sfi(self) -> u8 {
        match self {
            Self::Pass => 1,
            Self::Certificate => 2,
            Self::Photo => 3,
            Self::Needs => 4,
            Self::Rides => 5,
            Self::Status => 6,
        }
    }

    /// The file with this short identifier.
    #[must_use]
    pub fn from_sfi(sfi: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|ef| ef.sfi() == sfi)
    }

    /// File identifier, which is also the tag of its data grouping in STORE DATA: `DC0x`, x the short one.
    #[must_use]
    pub const fn file_id(self) -> u16 {
        0xDC00 | self.sfi() as u16
    }

    /// The file with this identifier.
    #[must_use]
    pub fn from_file_id(file_id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|ef| ef.file_id() == file_id)
    }

    /// The most bytes it holds.
    #[must_use]
    pub const fn capacity(self) -> usize {
        match self {
            Self::Pass => 512,
            Self::Certificate => 1024,
            // A face of 120 by 160 pixels in WebP takes 3 to 6 kB; 12 kB leaves room for JPEG.
            Self::Photo => 12 * 1024,
            Self::Needs => 16,
            Self::Rides => crate::Rides::LENGTH,
            Self::Status => crate::CardStatus::LENGTH,
        }
    }

    /// Who may read it. The issuing role is among the readers because it reads back what it wrote.
    #[must_use]
    pub const fn read_access(self) -> ReadAccess {
        match self {
            Self::Pass | Self::Needs | Self::Rides | Self::Status => ReadAccess::Always,
            Self::Certificate | Self::Photo => {
                ReadAccess::PinOrSession(&[Role::Issue, Role::Update, Role::Read])
            }
        }
    }

    /// The roles that may write it by STORE DATA. DEBIT takes rides besides; EF.STATUS is the card's own.
    #[must_use]
    pub const fn write_access(self) -> &'static [Role] {
        match self {
            Self::Pass | Self::Certificate | Self::Photo | Self::Needs | Self::Rides => {
                &[Role::Issue, Role::Update]
            }
            Self::Status => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_found_by_both_identifiers() {
        for ef in Ef::ALL {
            assert_eq!(Ef::from_sfi(ef.sfi()), Some(ef));
            assert_eq!(Ef::from_file_id(ef.file_id()), Some(ef));
        }
        assert_eq!(Ef::from_sfi(0), None);
        assert_eq!(Ef::from_file_id(0xDC07), None);
    }

    #[test]
    fn a_stranger_reads_neither_certificate_nor_photo_and_writes_nothing() {
        for ef in Ef::ALL {
            let private = matches!(ef, Ef::Certificate | Ef::Photo);
            assert_eq!(ef.read_access() != ReadAccess::Always, private, "{ef:?}");
            assert!(
                !ef.write_access().contains(&Role::Transport) && !ef.write_access().contains(&Role::Read)
            );
        }
    }
}
