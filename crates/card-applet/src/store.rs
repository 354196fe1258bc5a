//! The card's memory: a few file bodies and one small state, changed together or not at all.
//!
//! # Specification
//!
//! The content of a store is a pair: a *state* of [`STATE_BYTES`] bytes, and for each [`File`] a body of 0 to
//! `capacity` bytes. A freshly formatted store holds the given state and the given secrets, all else empty.
//!
//! | operation | content afterwards |
//! |---|---|
//! | `append(file, bytes)` | unchanged; `bytes` are added to the staged body of `file`, which starts empty |
//! | `abort()` | unchanged; nothing is staged |
//! | `commit(state)` | the state is replaced, each staged body replaces its file; nothing is staged |
//! | `forget(state)` | the state is replaced, all files are empty, their former bytes are erased |
//! | `mount(flash)` | unchanged; nothing is staged |
//!
//! Power may fail during any word or page operation of any of these. If it fails before `commit` or `forget`
//! returned, the next `mount` finds the content from before or from after, never a mixture; once it returned,
//! every later mount finds the content from after. Hence a counter in the state that only ever moves one way
//! from commit to commit cannot be moved back by pulling the card.
//!
//! An interrupted operation may leave *anything* in its word or page: some bits changed, bits that read one way
//! now and another way after the next power-up, a page that reads blank and yet is not fit to be programmed.
//!
//! # Implementation
//!
//! Each file has two banks. Staging writes the bank that is not in use; the record that `Journal` then appends
//! says which bank is in use and how long its body is. The last word of that record decides everything.
//! - Mounting writes nothing.
//! - A record that was found at power-up may stand on a commit word that was cut and only happens to read right
//!   today. So before the first erasure of a power cycle the content is committed once more, whole.
//! - A bank page is always erased before it is written, even if it reads blank; every word is read back.
//! - Secrets live in [`File::Secrets`] only. Their superseded bank is erased right after the commit, or, if power
//!   failed in between, after the next one. The journal holds no secret.

mod birth;
mod journal;
mod layout;

use crate::platform::{Flash, FlashFault, PAGE_BYTES, WORD_BYTES};
pub use birth::Birth;
pub(crate) use journal::crc;
use journal::{Journal, PAYLOAD_BYTES};
use layout::{Bank, FILES};
pub use layout::{FLASH_PAGES, File};

/// Size of the state that the caller keeps in each record.
pub const STATE_BYTES: usize = PAYLOAD_BYTES - FILES * 2;

/// The caller's part of the content.
pub type State = [u8; STATE_BYTES];

/// Why the memory could not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreError {
    /// The flash refused an operation; power failed or the chip is ill. The holder replaces the card.
    Flash,
    /// The memory was never formatted; the manufacturer formats it.
    NotFormatted,
    /// The memory is formatted already; formatting it again would forget the holder's keys.
    AlreadyFormatted,
    /// The memory was laid out by firmware that this one does not know.
    UnknownLayout {
        /// Number found in the birth record.
        version: u8,
    },
    /// A formatted memory without one valid record: it was damaged, not merely cut.
    NoRecord,
    /// A valid record, or the secrets it points to, breaks the firmware's own rules.
    BadContent,
    /// A word or a whole page of records did not keep what was written to it.
    WornOut,
    /// More bytes than the file can hold.
    TooLong {
        /// What the file can hold.
        capacity: usize,
    },
}

impl From<FlashFault> for StoreError {
    fn from(_: FlashFault) -> Self {
        Self::Flash
    }
}

/// A mounted memory.
#[derive(Debug)]
pub struct Store<F> {
    flash: F,
    birth: Birth,
    journal: Journal,
    directory: [Entry; FILES],
    state: State,
    staged: [Option<Staged>; FILES],
    settled: bool,
    secrets_linger: bool,
}

impl<F: Flash> Store<F> {
    /// Makes the first content of a new chip. May be repeated until it succeeds once.
    pub fn format(mut flash: F, birth: Birth, state: State, secrets: &[u8]) -> Result<Self, StoreError> {
        match Birth::read(&flash) {
            Err(StoreError::NotFormatted) => {}
            Ok(_) => return Err(StoreError::AlreadyFormatted),
            Err(other) => return Err(other),
        }
        let journal = Journal::format(&mut flash)?;
        let mut store = Self {
            flash,
            birth,
            journal,
            directory: [Entry::EMPTY; FILES],
            state,
            staged: [None; FILES],
            settled: true,
            secrets_linger: false,
        };
        store.append(File::Secrets, secrets)?;
        store.commit(state)?;
        birth.write(&mut store.flash)?;
        Ok(store)
    }

    /// Finds the content. Writes nothing.
    pub fn mount(flash: F) -> Result<Self, StoreError> {
        let birth = Birth::read(&flash)?;
        let (journal, payload) = Journal::mount(&flash)?.ok_or(StoreError::NoRecord)?;
        let (directory, state) = decode(&payload);
        let [secrets, ..] = directory;
        let secrets_linger = !page_is_blank(&flash, File::Secrets.page(secrets.bank.other()))?;
        Ok(Self {
            flash,
            birth,
            journal,
            directory,
            state,
            staged: [None; FILES],
            settled: false,
            secrets_linger,
        })
    }

    /// The state as last committed.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What the manufacturer wrote.
    pub fn birth(&self) -> Birth {
        self.birth
    }

    /// The chip below; its randomness is reached through here.
    pub fn platform(&mut self) -> &mut F {
        &mut self.flash
    }

    /// Gives the chip back.
    pub fn into_platform(self) -> F {
        self.flash
    }

    /// Length of the committed body.
    pub fn length(&self, file: File) -> usize {
        usize::from(self.entry(file).length)
    }

    /// Copies from the committed body; returns the part of `out` that the body reached.
    pub fn read<'o>(&self, file: File, offset: usize, out: &'o mut [u8]) -> Result<&'o [u8], StoreError> {
        let left = self.length(file).saturating_sub(offset);
        let wanted = left.min(out.len());
        let (out, _) = out.split_at_mut(wanted);
        if !out.is_empty() {
            self.flash.read(file.address(self.entry(file).bank).saturating_add(offset), out)?;
        }
        Ok(out)
    }

    /// Adds to the staged body of `file`. A refused or failed call leaves nothing staged for it.
    pub fn append(&mut self, file: File, bytes: &[u8]) -> Result<(), StoreError> {
        let mut staged = self.staged_mut(file).take().unwrap_or(Staged::EMPTY);
        let capacity = file.capacity();
        if staged.length.saturating_add(bytes.len()) > capacity {
            return Err(StoreError::TooLong { capacity });
        }
        self.settle()?;
        let bank = self.entry(file).bank.other();
        for &byte in bytes {
            if let Some((at, word)) = staged.push(byte) {
                self.write_body(file, bank, at, word)?;
            }
        }
        *self.staged_mut(file) = Some(staged);
        Ok(())
    }

    /// Drops what is staged.
    pub fn abort(&mut self) {
        self.staged = [None; FILES];
    }

    /// Replaces the state and every file that has a staged body, with one word deciding.
    pub fn commit(&mut self, state: State) -> Result<(), StoreError> {
        let staged = core::mem::replace(&mut self.staged, [None; FILES]);
        let mut directory = self.directory;
        for ((file, entry), staged) in File::ALL.into_iter().zip(&mut directory).zip(staged) {
            let Some(staged) = staged else { continue };
            entry.bank = entry.bank.other();
            entry.length = u16::try_from(staged.length).unwrap_or(u16::MAX);
            if let Some((at, word)) = staged.last_word() {
                self.write_body(file, entry.bank, at, word)?;
            }
        }
        let [secrets_before, ..] = self.directory;
        let [secrets_after, ..] = directory;
        self.secrets_linger |= secrets_before.bank != secrets_after.bank;
        self.write_record(directory, state)?;
        self.scrub()
    }

    /// Replaces the state, empties all files and erases their bytes; repeat `finish_forgetting` after a cut.
    pub fn forget(&mut self, state: State) -> Result<(), StoreError> {
        self.abort();
        self.write_record([Entry::EMPTY; FILES], state)?;
        self.finish_forgetting()
    }

    /// Erases whatever a `forget` that lost power left behind; does nothing to a store that holds files.
    pub fn finish_forgetting(&mut self) -> Result<(), StoreError> {
        if self.directory.iter().any(|entry| entry.length != 0) {
            return Ok(());
        }
        for page in layout::BANK_PAGES {
            if !page_is_blank(&self.flash, page)? {
                self.settle()?;
                self.flash.erase(page)?;
            }
        }
        self.secrets_linger = false;
        Ok(())
    }

    /// Rewrites the content as it is, so that it rests on words that were written without a cut.
    fn settle(&mut self) -> Result<(), StoreError> {
        if self.settled {
            return Ok(());
        }
        self.write_record(self.directory, self.state)
    }

    fn write_record(&mut self, directory: [Entry; FILES], state: State) -> Result<(), StoreError> {
        self.journal.append(&mut self.flash, &encode(&directory, &state))?;
        self.directory = directory;
        self.state = state;
        self.settled = true;
        Ok(())
    }

    /// Erases superseded secrets.
    fn scrub(&mut self) -> Result<(), StoreError> {
        if self.secrets_linger {
            self.flash.erase(File::Secrets.page(self.entry(File::Secrets).bank.other()))?;
            self.secrets_linger = false;
        }
        Ok(())
    }

    fn write_body(&mut self, file: File, bank: Bank, at: usize, word: Word) -> Result<(), StoreError> {
        let address = file.address(bank).saturating_add(at);
        if at.is_multiple_of(PAGE_BYTES) {
            self.flash.erase(address / PAGE_BYTES)?;
        }
        program_and_check(&mut self.flash, address, word)
    }

    fn entry(&self, file: File) -> Entry {
        self.directory.get(file as usize).copied().unwrap_or(Entry::EMPTY)
    }

    fn staged_mut(&mut self, file: File) -> &mut Option<Staged> {
        let [secrets, pass, certificate, photo, needs] = &mut self.staged;
        match file {
            File::Secrets => secrets,
            File::Pass => pass,
            File::Certificate => certificate,
            File::Photo => photo,
            File::Needs => needs,
        }
    }
}

/// Where the body of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    bank: Bank,
    length: u16,
}

impl Entry {
    const EMPTY: Self = Self { bank: Bank::A, length: 0 };
    /// The longest body is far shorter than 32 KiB, so the top bit is free to name the bank.
    const BANK_B: u16 = 0x8000;

    fn from_bits(bits: u16) -> Self {
        let bank = if bits & Self::BANK_B == 0 { Bank::A } else { Bank::B };
        Self { bank, length: bits & !Self::BANK_B }
    }

    fn to_bits(self) -> u16 {
        match self.bank {
            Bank::A => self.length,
            Bank::B => self.length | Self::BANK_B,
        }
    }
}

/// How far the staged body of one file has come; bytes wait here until they fill a word.
#[derive(Debug, Clone, Copy)]
struct Staged {
    length: usize,
    word: Word,
}

impl Staged {
    const EMPTY: Self = Self { length: 0, word: BLANK };

    /// Takes one byte; returns the word to program when it is full.
    fn push(&mut self, byte: u8) -> Option<(usize, Word)> {
        let within = self.length % WORD_BYTES;
        *self.word.get_mut(within)? = byte;
        self.length = self.length.saturating_add(1);
        let full = self.length.is_multiple_of(WORD_BYTES);
        full.then(|| (self.length.saturating_sub(WORD_BYTES), core::mem::replace(&mut self.word, BLANK)))
    }

    /// The word that was still waiting at the end.
    fn last_word(&self) -> Option<(usize, Word)> {
        let within = self.length % WORD_BYTES;
        (within != 0).then(|| (self.length.saturating_sub(within), self.word))
    }
}

type Word = [u8; WORD_BYTES];
const BLANK: Word = [0xFF; WORD_BYTES];

fn encode(directory: &[Entry; FILES], state: &State) -> [u8; PAYLOAD_BYTES] {
    let mut payload = [0; PAYLOAD_BYTES];
    let entries = directory.iter().flat_map(|entry| entry.to_bits().to_be_bytes());
    for (place, byte) in payload.iter_mut().zip(entries.chain(*state)) {
        *place = byte;
    }
    payload
}

fn decode(payload: &[u8; PAYLOAD_BYTES]) -> ([Entry; FILES], State) {
    let mut directory = [Entry::EMPTY; FILES];
    let (entries, rest) = payload.split_at(FILES * 2);
    for (entry, bits) in directory.iter_mut().zip(entries.as_chunks().0) {
        *entry = Entry::from_bits(u16::from_be_bytes(*bits));
    }
    let mut state = [0; STATE_BYTES];
    state.copy_from_slice(rest);
    (directory, state)
}

/// Programs a word and believes only what it reads afterwards. A blank word needs no writing.
fn program_and_check(flash: &mut impl Flash, address: usize, word: Word) -> Result<(), StoreError> {
    if word != BLANK {
        flash.program(address, word)?;
    }
    let mut found = BLANK;
    flash.read(address, &mut found)?;
    if found == word { Ok(()) } else { Err(StoreError::WornOut) }
}

fn page_is_blank(flash: &impl Flash, page: usize) -> Result<bool, StoreError> {
    is_blank(flash, page.saturating_mul(PAGE_BYTES), PAGE_BYTES)
}

fn is_blank(flash: &impl Flash, start: usize, bytes: usize) -> Result<bool, StoreError> {
    let mut word = BLANK;
    for address in (start..start.saturating_add(bytes)).step_by(WORD_BYTES) {
        flash.read(address, &mut word)?;
        if word != BLANK {
            return Ok(false);
        }
    }
    Ok(true)
}
