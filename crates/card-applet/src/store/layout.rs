//! Which page of the flash serves what. Changing a line here needs a new layout version in `birth.rs`.

use crate::platform::PAGE_BYTES;
use core::ops::Range;

/// The manufacturer's record.
pub(super) const BIRTH_PAGE: usize = 0;
/// The two pages of the journal.
pub(super) const JOURNAL_PAGES: [usize; 2] = [1, 2];
/// All pages that hold file bodies.
pub(super) const BANK_PAGES: Range<usize> = 3..FLASH_PAGES;
/// Pages of flash the card needs in all.
pub const FLASH_PAGES: usize = 23;

/// How many files there are.
pub(super) const FILES: usize = 5;

/// A body that the store keeps. Its bytes mean nothing to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// Key sets, the card's private key and the PIN.
    Secrets,
    /// EF.PASS.
    Pass,
    /// EF.CERT.
    Certificate,
    /// EF.PHOTO.
    Photo,
    /// EF.NEEDS.
    Needs,
}

impl File {
    /// In the order of the directory.
    pub const ALL: [Self; FILES] = [Self::Secrets, Self::Pass, Self::Certificate, Self::Photo, Self::Needs];

    /// The longest body; the sizes of the elementary files are those of the card profile.
    pub const fn capacity(self) -> usize {
        match self {
            Self::Secrets => 512,
            Self::Pass => 512,
            Self::Certificate => 1024,
            Self::Photo => 12 * 1024,
            Self::Needs => 64,
        }
    }

    /// First page of a bank.
    pub(super) const fn page(self, bank: Bank) -> usize {
        match (self, bank) {
            (Self::Secrets, Bank::A) => 3,
            (Self::Secrets, Bank::B) => 4,
            (Self::Pass, Bank::A) => 5,
            (Self::Pass, Bank::B) => 6,
            (Self::Certificate, Bank::A) => 7,
            (Self::Certificate, Bank::B) => 8,
            (Self::Needs, Bank::A) => 9,
            (Self::Needs, Bank::B) => 10,
            (Self::Photo, Bank::A) => 11,
            (Self::Photo, Bank::B) => 17,
        }
    }

    /// Address of the first byte of a bank.
    pub(super) const fn address(self, bank: Bank) -> usize {
        self.page(bank).saturating_mul(PAGE_BYTES)
    }
}

/// One of the two places of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bank {
    A,
    B,
}

impl Bank {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn banks_fill_their_pages_without_touching_each_other() {
        let mut pages: Vec<usize> = File::ALL
            .into_iter()
            .flat_map(|file| [(file, Bank::A), (file, Bank::B)])
            .flat_map(|(file, bank)| {
                let first = file.page(bank);
                first..first + file.capacity().div_ceil(PAGE_BYTES)
            })
            .collect();
        pages.sort_unstable();
        assert_eq!(pages, BANK_PAGES.collect::<Vec<_>>());
    }
}
