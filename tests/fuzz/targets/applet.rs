//! A conversation with a card, one command after another, each after its length in two bytes:
//! the card always answers with a status word and never stops.
#![no_main]

use std::sync::LazyLock;

use card_applet::store::FLASH_PAGES;
use card_applet::{Applet, Flash, FlashFault, Interface, Platform, RandomFault};
use card_protocol::{MAX_RESPONSE, Serial, StaticKeys};

const PAGE: usize = 2048;

#[derive(Clone)]
struct Chip(Vec<u8>);

impl Flash for Chip {
    fn read(&self, address: usize, out: &mut [u8]) -> Result<(), FlashFault> {
        out.copy_from_slice(&self.0[address..address + out.len()]);
        Ok(())
    }

    fn program(&mut self, address: usize, word: [u8; 4]) -> Result<(), FlashFault> {
        // NOR flash only clears bits; a card that relies on more must fail here.
        self.0[address..address + 4].iter_mut().zip(word).for_each(|(cell, byte)| {
            assert_eq!(*cell & byte, byte, "a bit was set without an erase");
            *cell = byte;
        });
        Ok(())
    }

    fn erase(&mut self, page: usize) -> Result<(), FlashFault> {
        self.0[page * PAGE..(page + 1) * PAGE].fill(0xff);
        Ok(())
    }
}

impl Platform for Chip {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFault> {
        out.fill(4);
        Ok(())
    }
}

static MADE: LazyLock<Chip> = LazyLock::new(|| {
    let blank = Chip(vec![0xff; FLASH_PAGES * PAGE]);
    let keys = StaticKeys::from_bytes(&[0x40; 48]);
    Applet::manufacture(blank, Serial::new([0, 0, 0, 0, 0, 0, 0, 1]), keys).expect("a blank chip takes it")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut card = Applet::power_on(MADE.clone(), Interface::Contact).expect("a whole chip starts");
    let mut rest = bytes;
    while let Some((&[high, low], after)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(after.len());
        let (command, next) = after.split_at(length);
        let mut response = [0; MAX_RESPONSE];
        let answer = card.process(command, &mut response);
        assert!(answer.len() >= 2 && matches!(answer[answer.len() - 2], 0x61..=0x6f | 0x90));
        rest = next;
    }
    let chip = card.power_off();
    Applet::power_on(chip, Interface::Contact).expect("what it was told never stops it from starting again");
});
