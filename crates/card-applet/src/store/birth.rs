//! What the manufacturer writes once, last of all: layout version and card serial.
//! A chip without it is not formatted, however far formatting had come.

use super::layout::BIRTH_PAGE;
use super::{Flash, PAGE_BYTES, StoreError, WORD_BYTES, journal, program_and_check};
use card_protocol::Serial;

/// The manufacturer's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Birth {
    /// Serial number of the card.
    pub serial: Serial,
}

/// Layout of this firmware. Images of every layout that was ever released must load for ever.
const LAYOUT_VERSION: u8 = 1;
const MAGIC: [u8; 3] = *b"ZKC";
const ADDRESS: usize = BIRTH_PAGE * PAGE_BYTES;
/// Magic, version, serial, CRC.
const BYTES: usize = 16;

impl Birth {
    pub(super) fn read(flash: &impl Flash) -> Result<Self, StoreError> {
        let mut record = [0; BYTES];
        flash.read(ADDRESS, &mut record)?;
        let [m0, m1, m2, version, s0, s1, s2, s3, s4, s5, s6, s7, crc @ ..] = record;
        let (covered, _) = record.split_at(BYTES - 4);
        if [m0, m1, m2] != MAGIC || u32::from_be_bytes(crc) != journal::crc(covered) {
            return Err(StoreError::NotFormatted);
        }
        if version != LAYOUT_VERSION {
            return Err(StoreError::UnknownLayout { version });
        }
        Ok(Self { serial: Serial::new([s0, s1, s2, s3, s4, s5, s6, s7]) })
    }

    pub(super) fn write(self, flash: &mut impl Flash) -> Result<(), StoreError> {
        let [m0, m1, m2] = MAGIC;
        let [s0, s1, s2, s3, s4, s5, s6, s7] = *self.serial.as_bytes();
        let covered = [m0, m1, m2, LAYOUT_VERSION, s0, s1, s2, s3, s4, s5, s6, s7];
        flash.erase(BIRTH_PAGE)?;
        let words = covered.as_chunks().0.iter().copied().chain([journal::crc(&covered).to_be_bytes()]);
        for (address, word) in (ADDRESS..).step_by(WORD_BYTES).zip(words) {
            program_and_check(flash, address, word)?;
        }
        Ok(())
    }
}
