//! A chip reduced to three registers, so that the link holds the card and next to nothing else.

use card_applet::{Applet, Flash, FlashFault, Interface, Platform, RandomFault};
use card_protocol::{MAX_COMMAND, MAX_RESPONSE};
use core::hint::black_box;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

/// Kept by the linker's script, as a chip's own reset vector would be.
#[used]
static RESET_VECTOR: fn() -> ! = reset;

/// As long as a powered card, which itself lives on the stack of [`reset`]: so the link says how long that is.
#[used]
static POWERED_CARD: [AtomicU8; size_of::<Applet<Chip>>()] =
    [const { AtomicU8::new(0) }; size_of::<Applet<Chip>>()];

/// A place where a real chip has a peripheral. What is read there may be anything.
struct Register(AtomicU32);

static FLASH: Register = Register(AtomicU32::new(0));
static RANDOM: Register = Register(AtomicU32::new(0));
static WIRE: Register = Register(AtomicU32::new(0));

struct Chip;

fn reset() -> ! {
    let (mut command, mut response) = ([0; MAX_COMMAND], [0; MAX_RESPONSE]);
    let Ok(mut card) = Applet::power_on(Chip, Interface::Contactless) else { mute() };
    loop {
        let length = WIRE.read() as usize;
        command.fill_with(|| WIRE.read() as u8);
        for byte in card.process(command.get(..length).unwrap_or_default(), &mut response) {
            WIRE.write(u32::from(*byte));
        }
    }
}

impl Register {
    fn read(&self) -> u32 {
        black_box(self.0.load(Relaxed))
    }

    fn write(&self, value: u32) {
        self.0.store(black_box(value), Relaxed);
    }
}

impl Flash for Chip {
    fn read(&self, address: usize, out: &mut [u8]) -> Result<(), FlashFault> {
        FLASH.write(address as u32);
        out.fill_with(|| FLASH.read() as u8);
        Ok(())
    }

    fn program(&mut self, address: usize, word: [u8; 4]) -> Result<(), FlashFault> {
        FLASH.write(address as u32);
        FLASH.write(u32::from_le_bytes(word));
        if FLASH.read() == 0 { Ok(()) } else { Err(FlashFault) }
    }

    fn erase(&mut self, page: usize) -> Result<(), FlashFault> {
        FLASH.write(page as u32);
        if FLASH.read() == 0 { Ok(()) } else { Err(FlashFault) }
    }
}

impl Platform for Chip {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFault> {
        out.fill_with(|| RANDOM.read() as u8);
        if RANDOM.read() == 0 { Ok(()) } else { Err(RandomFault) }
    }
}

/// A chip without a card's memory answers nothing.
fn mute() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    mute()
}
