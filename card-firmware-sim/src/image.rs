//! The card's flash as a file or in memory: NOR, and a power supply that can fail in the middle of a word.

use crate::SimError;
use card_applet::platform::{PAGE_BYTES, WORD_BYTES};
use card_applet::store::FLASH_PAGES;
use card_applet::{Flash, FlashFault};
use std::fs::{File, OpenOptions};
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Bytes of a card's flash.
const LENGTH: usize = FLASH_PAGES * PAGE_BYTES;

/// A card's flash.
///
/// Every operation goes to the file before it counts as done, so a killed simulator is a card whose power failed.
/// (The machine's own power may fail too; a simulated card does not survive that.)
#[derive(Debug)]
pub struct Image {
    cells: Vec<u8>,
    file: Option<File>,
    operations: u64,
    erased: u64,
    /// Operations until power fails; the last of them is cut in its middle.
    fuse: Option<u64>,
    powerless: bool,
}

impl Image {
    /// A blank chip in memory.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { cells: vec![0xFF; LENGTH], file: None, operations: 0, erased: 0, fuse: None, powerless: false }
    }

    /// Opens a card's file, which nobody else may hold; `None` where there is none.
    ///
    /// # Errors
    /// [`SimError::StateFile`], [`SimError::NotAnImage`].
    pub fn open(path: &Path) -> Result<Option<Self>, SimError> {
        let failed = |source| SimError::StateFile { path: path.to_owned(), source };
        let mut file = match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        file.try_lock().map_err(|error| failed(error.into()))?;
        let length = file.metadata().map_err(failed)?.len();
        if length != LENGTH as u64 {
            return Err(SimError::NotAnImage { path: path.to_owned(), length, expected: LENGTH });
        }
        let mut cells = Vec::with_capacity(LENGTH);
        file.read_to_end(&mut cells).map_err(failed)?;
        Ok(Some(Self { cells, file: Some(file), ..Self::in_memory() }))
    }

    /// Makes a blank chip in a new file.
    ///
    /// # Errors
    /// [`SimError::StateFile`] where the file exists or cannot be made.
    pub fn create(path: &Path) -> Result<Self, SimError> {
        let failed = |source| SimError::StateFile { path: path.to_owned(), source };
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path).map_err(failed)?;
        file.try_lock().map_err(|error| failed(error.into()))?;
        let blank = Self::in_memory();
        file.write_all_at(&blank.cells, 0).map_err(failed)?;
        Ok(Self { file: Some(file), ..blank })
    }

    /// Words programmed and pages erased since it was opened.
    #[must_use]
    pub const fn operations(&self) -> u64 {
        self.operations
    }

    /// Pages erased among them: a page bears some 100,000 erasures.
    #[must_use]
    pub const fn pages_erased(&self) -> u64 {
        self.erased
    }

    /// Lets power fail in the middle of the `nth` operation from now, 1 being the next.
    pub const fn tear_at(&mut self, nth: u64) {
        self.fuse = Some(nth);
    }

    /// Whether power has failed.
    #[must_use]
    pub const fn is_powerless(&self) -> bool {
        self.powerless
    }

    /// Power is back after it failed.
    pub const fn power_up(&mut self) {
        self.powerless = false;
    }

    /// Changes cells, in full or, where power fails, in the first half.
    fn change(&mut self, address: usize, bytes: &[u8], erase: bool) -> Result<(), FlashFault> {
        if self.powerless {
            return Err(FlashFault);
        }
        self.operations += 1;
        self.erased += u64::from(erase);
        let torn = self.fuse == Some(1);
        // A fuse blows once.
        self.fuse = self.fuse.and_then(|left| left.checked_sub(1)).filter(|left| *left > 0);
        let done = if torn { bytes.len() / 2 } else { bytes.len() };
        let cells = self.cells.get_mut(address..address + done).ok_or(FlashFault)?;
        for (cell, byte) in cells.iter_mut().zip(bytes) {
            // Programming only clears bits.
            *cell = if erase { *byte } else { *cell & byte };
        }
        if let Some(file) = &self.file {
            file.write_all_at(cells, address as u64).map_err(|_| FlashFault)?;
        }
        self.powerless = torn;
        if torn { Err(FlashFault) } else { Ok(()) }
    }
}

impl Flash for Image {
    fn read(&self, address: usize, out: &mut [u8]) -> Result<(), FlashFault> {
        let cells = self.cells.get(address..address + out.len()).filter(|_| !self.powerless);
        out.copy_from_slice(cells.ok_or(FlashFault)?);
        Ok(())
    }

    fn program(&mut self, address: usize, word: [u8; WORD_BYTES]) -> Result<(), FlashFault> {
        self.change(address, &word, false)
    }

    fn erase(&mut self, page: usize) -> Result<(), FlashFault> {
        self.change(page * PAGE_BYTES, &[0xFF; PAGE_BYTES], true)
    }
}
