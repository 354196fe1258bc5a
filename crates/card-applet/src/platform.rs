//! What the firmware asks of the chip: NOR flash and randomness, nothing else.
//! A simulator keeps the flash in a file, a test in memory with a fuse, a chip in its own cells.

/// The unit of one program operation.
pub const WORD_BYTES: usize = 4;

/// The unit of one erase operation; common for NOR flash inside small controllers.
pub const PAGE_BYTES: usize = 2048;

/// NOR flash: an erased bit reads 1, programming clears bits, erasing sets a whole page to 1.
///
/// The firmware programs only words that read blank since their page was last erased, and expects of the
/// chip what NOR flash gives: a word that was programmed or a page that was erased without a power cut
/// keeps its value, and an operation never disturbs another word or page. Of an operation that a power
/// cut interrupted it expects nothing at all (see [`crate::store`]).
pub trait Flash {
    /// Fills `out` from `address` on; an address is a byte offset from the start of the card's memory.
    fn read(&self, address: usize, out: &mut [u8]) -> Result<(), FlashFault>;

    /// Programs one word at an address that is a multiple of [`WORD_BYTES`]; returns when it is durable.
    fn program(&mut self, address: usize, word: [u8; WORD_BYTES]) -> Result<(), FlashFault>;

    /// Erases page number `page`; returns when it is durable.
    fn erase(&mut self, page: usize) -> Result<(), FlashFault>;
}

impl<F: Flash> Flash for &mut F {
    fn read(&self, address: usize, out: &mut [u8]) -> Result<(), FlashFault> {
        (**self).read(address, out)
    }

    fn program(&mut self, address: usize, word: [u8; WORD_BYTES]) -> Result<(), FlashFault> {
        (**self).program(address, word)
    }

    fn erase(&mut self, page: usize) -> Result<(), FlashFault> {
        (**self).erase(page)
    }
}

impl<P: Platform> Platform for &mut P {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFault> {
        (**self).random(out)
    }
}

/// The chip reported that a flash operation did not take place, or power failed while it ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlashFault;

/// The chip's random generator reported a failure: no key and no nonce may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RandomFault;

/// All that the applet may ask of the world.
pub trait Platform: Flash {
    /// Fills `out` from a generator fit for making keys.
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFault>;
}
