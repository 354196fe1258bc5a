//! NOR flash in memory, strict about how it is used, with a fuse that cuts power in the middle of an operation.
//!
//! Strict: programming a word that is not blank, or a page whose last erase was cut, stops the test.
//! A cut leaves what [`Tear`] says; words and pages marked unstable read differently after each power-up.

use card_applet::platform::{PAGE_BYTES, WORD_BYTES};
use card_applet::store::FLASH_PAGES;
use card_applet::{Flash, FlashFault, Platform, RandomFault};

/// What a cut leaves of the operation it interrupts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tear {
    /// Nothing happened.
    Lost,
    /// All happened, and only the answer was lost.
    Done,
    /// Some bits changed; of a page, its first half was erased.
    Partial,
    /// Each bit reads old or new, and may change its mind at each power-up.
    Unstable,
    /// Reads blank, and spoils what is written next.
    Treacherous,
}

impl Tear {
    pub(crate) const ALL: [Self; 5] =
        [Self::Lost, Self::Done, Self::Partial, Self::Unstable, Self::Treacherous];
}

/// Where power is cut: before operation number `after` (counted from 0) completes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub(crate) after: usize,
    pub(crate) tear: Tear,
}

#[derive(Debug, Clone)]
pub(crate) struct Nor {
    cells: Vec<u8>,
    /// Words (by index) that read blank and hold hidden zeros.
    spoilt: Vec<(usize, [u8; WORD_BYTES])>,
    /// Stretches that read anything between these bits and all ones.
    unstable: Vec<(usize, Vec<u8>)>,
    /// Pages whose last erase was cut.
    half_erased: [bool; FLASH_PAGES],
    /// Words whose cells are worn out: what is programmed there reads back wrong.
    pub(crate) worn: Vec<usize>,
    /// The flash refuses every operation after so many more, with its power good.
    pub(crate) refuses_after: Option<usize>,
    /// The random generator reports a failure.
    pub(crate) random_fails: bool,
    cut: Option<Cut>,
    dead: bool,
    refused: bool,
    /// Operations so far: words programmed, pages erased.
    pub(crate) programs: usize,
    pub(crate) erases: usize,
    dice: Dice,
}

impl Nor {
    pub(crate) fn blank(seed: u64) -> Self {
        Self {
            cells: vec![0xFF; FLASH_PAGES * PAGE_BYTES],
            spoilt: Vec::new(),
            unstable: Vec::new(),
            half_erased: [false; FLASH_PAGES],
            worn: Vec::new(),
            refuses_after: None,
            random_fails: false,
            cut: None,
            dead: false,
            refused: false,
            programs: 0,
            erases: 0,
            dice: Dice(seed),
        }
    }

    /// A memory as it was saved to a file.
    pub(crate) fn from_image(image: &[u8]) -> Self {
        let mut nor = Self::blank(0);
        nor.cells.copy_from_slice(image);
        nor
    }

    pub(crate) fn image(&self) -> &[u8] {
        &self.cells
    }

    pub(crate) fn reseed(&mut self, seed: u64) {
        self.dice = Dice(seed);
    }

    pub(crate) fn arm(&mut self, cut: Cut) {
        self.cut = Some(cut);
    }

    /// Whether the armed cut has happened.
    pub(crate) fn was_cut(&self) -> bool {
        self.dead
    }

    /// Power comes back; unstable cells fall one way or the other.
    pub(crate) fn power_up(&mut self) {
        self.dead = false;
        self.cut = None;
        for (start, low) in &self.unstable {
            let lean = self.dice.next() % 3;
            for (cell, low) in self.cells[*start..].iter_mut().zip(low) {
                *cell = match lean {
                    0 => *low,
                    1 => 0xFF,
                    _ => low | self.dice.next().to_le_bytes()[0],
                };
            }
        }
    }

    /// Counts the operation; true if it is the one during which power fails.
    fn fuse_blows(&mut self) -> Option<Tear> {
        let cut = self.cut.as_mut()?;
        if cut.after == 0 {
            self.dead = true;
            return Some(cut.tear);
        }
        cut.after -= 1;
        None
    }

    /// Whether an operation was refused.
    pub(crate) fn has_refused(&self) -> bool {
        self.refused
    }

    /// An ill chip does its last operations.
    fn refuses(&mut self) -> bool {
        let Some(left) = &mut self.refuses_after else { return false };
        let refused = *left == 0;
        *left = left.saturating_sub(1);
        self.refused |= refused;
        refused
    }

    fn forget_marks(&mut self, range: std::ops::Range<usize>) {
        self.spoilt.retain(|(at, _)| !range.contains(at));
        self.unstable.retain(|(at, _)| !range.contains(at));
    }
}

impl Flash for Nor {
    fn read(&self, address: usize, out: &mut [u8]) -> Result<(), FlashFault> {
        if self.dead {
            return Err(FlashFault);
        }
        out.copy_from_slice(&self.cells[address..address + out.len()]);
        Ok(())
    }

    fn program(&mut self, address: usize, word: [u8; WORD_BYTES]) -> Result<(), FlashFault> {
        if self.dead || self.refuses() {
            return Err(FlashFault);
        }
        assert_eq!(address % WORD_BYTES, 0, "programmed across words");
        let cells = address..address + WORD_BYTES;
        assert_eq!(self.cells[cells.clone()], [0xFF; WORD_BYTES], "programmed a word that was not blank");
        assert!(!self.half_erased[address / PAGE_BYTES], "programmed a page whose erase was cut");
        let tear = self.fuse_blows();
        let hidden = self.spoilt.iter().find(|(at, _)| *at == address).map_or([0xFF; 4], |(_, bits)| *bits);
        let full: Vec<u8> = word.iter().zip(hidden).map(|(new, hidden)| new & hidden).collect();
        // A bit that is programmed once more is firm; one that was half programmed by mistake stays unsure.
        self.unstable.retain(|(at, low)| *at != address || *low != word);
        let some: Vec<u8> = full.iter().map(|new| new | self.dice.next().to_le_bytes()[0]).collect();
        match tear {
            None => self.programs += 1,
            Some(Tear::Lost) => return Err(FlashFault),
            Some(Tear::Treacherous) => {
                self.spoilt.push((address, some.try_into().unwrap()));
                return Err(FlashFault);
            }
            Some(Tear::Unstable) => self.unstable.push((address, full.clone())),
            Some(Tear::Done | Tear::Partial) => {}
        }
        let found = if tear == Some(Tear::Partial) { &some } else { &full };
        self.cells[cells].copy_from_slice(found);
        if self.worn.contains(&address) {
            self.cells[address] ^= 0x10;
        }
        if tear.is_some() { Err(FlashFault) } else { Ok(()) }
    }

    fn erase(&mut self, page: usize) -> Result<(), FlashFault> {
        if self.dead || self.refuses() {
            return Err(FlashFault);
        }
        let cells = page * PAGE_BYTES..(page + 1) * PAGE_BYTES;
        let tear = self.fuse_blows();
        if tear == Some(Tear::Lost) {
            return Err(FlashFault);
        }
        let before = self.cells[cells.clone()].to_vec();
        self.forget_marks(cells.clone());
        self.half_erased[page] = !matches!(tear, None | Some(Tear::Done));
        match tear {
            None => self.erases += 1,
            Some(Tear::Unstable | Tear::Treacherous) => self.unstable.push((cells.start, before)),
            _ => {}
        }
        let erased = if tear == Some(Tear::Partial) { PAGE_BYTES / 2 } else { PAGE_BYTES };
        self.cells[cells.start..cells.start + erased].fill(0xFF);
        if tear.is_some() { Err(FlashFault) } else { Ok(()) }
    }
}

impl Platform for Nor {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFault> {
        if self.random_fails {
            return Err(RandomFault);
        }
        out.fill_with(|| self.dice.next().to_le_bytes()[0]);
        Ok(())
    }
}

/// SplitMix64: the same throws for the same seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}
