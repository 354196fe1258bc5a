//! Snapshots in two pages of flash, each complete in itself: sequence, payload, CRC, commit word.
//!
//! The sequence number of a record is also its place: `sequence mod (2 * SLOTS)`. A slot that a power cut or a bad
//! cell spoilt is skipped together with its number, so two records never share a number, whatever a torn one reads as
//! later; and the first word of a slot is the same whoever writes it, so a slot that reads blank although its first
//! word was cut can be written after all. The commit word is programmed when all else has been read back. Only the page that does not hold the newest
//! record is ever erased, always just before its first slot is written.

use super::layout::JOURNAL_PAGES;
use super::{Flash, PAGE_BYTES, StoreError, WORD_BYTES, is_blank, program_and_check};
use crc::{CRC_32_ISO_HDLC, Crc, NoTable};

/// What a record carries.
pub(super) const PAYLOAD_BYTES: usize = 52;

/// The place of the newest record.
#[derive(Debug)]
pub(super) struct Journal {
    sequence: u32,
}

impl Journal {
    /// Erases both pages. The next record is the first.
    pub(super) fn format(flash: &mut impl Flash) -> Result<Self, StoreError> {
        for page in JOURNAL_PAGES {
            flash.erase(page)?;
        }
        Ok(Self { sequence: 0 })
    }

    /// Finds the newest valid record.
    pub(super) fn mount(flash: &impl Flash) -> Result<Option<(Self, [u8; PAYLOAD_BYTES])>, StoreError> {
        let mut newest = None;
        for slot in 0..2 * SLOTS {
            let mut record = [0; RECORD_BYTES];
            flash.read(address(slot), &mut record)?;
            let Some((sequence, payload)) = decode(&record) else { continue };
            if newest.is_none_or(|(known, _)| sequence > known) {
                newest = Some((sequence, payload));
            }
        }
        Ok(newest.map(|(sequence, payload)| (Self { sequence }, payload)))
    }

    /// Writes a record behind the newest one; it counts once this returns.
    pub(super) fn append(
        &mut self,
        flash: &mut impl Flash,
        payload: &[u8; PAYLOAD_BYTES],
    ) -> Result<(), StoreError> {
        // The rest of this page and the whole other page, but not round to the newest record itself.
        let page_start = self.sequence.saturating_sub(self.sequence % SLOTS);
        let end = page_start.checked_add(2 * SLOTS).ok_or(StoreError::WornOut)?;
        for sequence in self.sequence.saturating_add(1)..end {
            if sequence.is_multiple_of(SLOTS) {
                flash.erase(address(sequence) / PAGE_BYTES)?;
            }
            match write(flash, sequence, payload) {
                Err(StoreError::WornOut) => continue,
                Err(other) => return Err(other),
                Ok(()) => {
                    self.sequence = sequence;
                    return Ok(());
                }
            }
        }
        Err(StoreError::WornOut)
    }
}

fn write(flash: &mut impl Flash, sequence: u32, payload: &[u8; PAYLOAD_BYTES]) -> Result<(), StoreError> {
    let start = address(sequence);
    if !is_blank(flash, start, RECORD_BYTES)? {
        return Err(StoreError::WornOut);
    }
    let record = encode(sequence, payload);
    for (address, word) in (start..).step_by(WORD_BYTES).zip(record.as_chunks().0) {
        program_and_check(flash, address, *word)?;
    }
    Ok(())
}

fn encode(sequence: u32, payload: &[u8; PAYLOAD_BYTES]) -> [u8; RECORD_BYTES] {
    let mut record = [0; RECORD_BYTES];
    let (covered, end) = record.split_at_mut(COVERED_BYTES);
    for (place, byte) in covered.iter_mut().zip(sequence.to_be_bytes().into_iter().chain(*payload)) {
        *place = byte;
    }
    let crc = crc(covered).to_be_bytes();
    for (place, byte) in end.iter_mut().zip(crc.into_iter().chain(COMMITTED)) {
        *place = byte;
    }
    record
}

fn decode(record: &[u8; RECORD_BYTES]) -> Option<(u32, [u8; PAYLOAD_BYTES])> {
    let (covered, end) = record.split_first_chunk::<COVERED_BYTES>()?;
    let (stated, commit) = end.split_first_chunk()?;
    if commit != COMMITTED || u32::from_be_bytes(*stated) != crc(covered) {
        return None;
    }
    let (sequence, payload) = covered.split_first_chunk()?;
    Some((u32::from_be_bytes(*sequence), payload.try_into().ok()?))
}

/// Address of the slot that belongs to a sequence number.
fn address(sequence: u32) -> usize {
    let [even, odd] = JOURNAL_PAGES;
    let page = if (sequence / SLOTS).is_multiple_of(2) { even } else { odd };
    let slot = usize::try_from(sequence % SLOTS).unwrap_or_default();
    page.saturating_mul(PAGE_BYTES).saturating_add(slot.saturating_mul(RECORD_BYTES))
}

pub(crate) fn crc(bytes: &[u8]) -> u32 {
    Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC).checksum(bytes)
}

const COVERED_BYTES: usize = 4 + PAYLOAD_BYTES;
const RECORD_BYTES: usize = COVERED_BYTES + 4 + WORD_BYTES;
/// Records in one page.
const SLOTS: u32 = (PAGE_BYTES / RECORD_BYTES) as u32;
/// As many zeros as ones, so that neither a blank nor a cleared word resembles it.
const COMMITTED: [u8; WORD_BYTES] = [0x5A, 0xC3, 0x96, 0x3C];
