//! A whole conversation with a card, byte for byte. The first two bytes choose the card (where in its life, how it is
//! held) and who speaks to it (nobody, or a host with an open channel at any level); then commands, each behind a
//! length of two bytes whose top bit sends it through the channel.
//!
//! Held to, whatever comes: the card answers, with the bytes a response may have; the flash is used as flash, and no
//! more of it for one command than a command may cost; certificate, photo, keys and PIN never show on the wire;
//! counters never go back, and without a channel nothing else moves; and the card starts again afterwards.
#![no_main]

use std::sync::LazyLock;

use card_applet::store::FLASH_PAGES;
use card_applet::{Applet, Flash, FlashFault, Interface, Platform, RandomFault};
use card_protocol::scp03::host::{self, HostChannel};
use card_protocol::scp03::{Greeting, Level};
use card_protocol::{
    AID, CardStatus, Command, Ef, LifeCycle, MAX_COMMAND, MAX_DATA, MAX_RESPONSE, PinState, Response, Rides,
    Role, Serial, StaticKeys, ins,
};

const PAGE: usize = 2048;

/// Stand in certificate and photo, and nowhere else.
const PRIVATE: [u8; 24] = *b"\xFE\xEDprivate: to the holder";
/// Where the kept card has its key's seed: behind four key sets of 49 bytes and a flag.
const SEED: usize = 197;
/// The holder's PIN as it lies on the card: 123456.
const PIN: [u8; 8] = [0x26, 0x12, 0x34, 0x56, 0xff, 0xff, 0xff, 0xff];

/// More than any command needs: words of a data field, a new body of secrets and three records; and all pages.
const MOST_WORDS: usize = 512;
const MOST_PAGES: usize = FLASH_PAGES;

#[derive(Clone)]
struct Chip {
    cells: Vec<u8>,
    words: usize,
    pages: usize,
    dice: u64,
}

impl Chip {
    fn new(cells: Vec<u8>) -> Self {
        Self { cells, words: 0, pages: 0, dice: 7 }
    }
}

impl Flash for Chip {
    fn read(&self, address: usize, out: &mut [u8]) -> Result<(), FlashFault> {
        out.copy_from_slice(&self.cells[address..address + out.len()]);
        Ok(())
    }

    fn program(&mut self, address: usize, word: [u8; 4]) -> Result<(), FlashFault> {
        // NOR flash only clears bits; a card that relies on more must fail here.
        self.cells[address..address + 4].iter_mut().zip(word).for_each(|(cell, byte)| {
            assert_eq!(*cell & byte, byte, "a bit was set without an erase");
            *cell = byte;
        });
        self.words += 1;
        Ok(())
    }

    fn erase(&mut self, page: usize) -> Result<(), FlashFault> {
        self.cells[page * PAGE..(page + 1) * PAGE].fill(0xff);
        self.pages += 1;
        Ok(())
    }
}

impl Platform for Chip {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFault> {
        out.fill_with(|| {
            // Knuth's linear congruential generator: the same conversation meets the same card.
            self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.dice >> 56) as u8
        });
        Ok(())
    }
}

/// A card in each state of its life, in the order of [`LifeCycle::ALL`], and what it shows.
static CARDS: LazyLock<Vec<(Chip, Shown)>> = LazyLock::new(|| {
    let cards = LifeCycle::ALL.into_iter().map(made);
    cards.map(|chip| (chip.clone(), Shown::of(&chip))).collect()
});

/// What must not show on the wire, whoever asks: keys, key pair and PIN of the kept card.
static SECRETS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let bank = [3, 4].map(|page| &KEPT[page * PAGE..]).into_iter().find(|bank| bank[0] != 0xff);
    let seed = &bank.expect("secrets")[SEED..SEED + 32];
    let keys = [Role::Issue, Role::Update, Role::Read].map(|role| keys(role)[..16].to_vec());
    seed.windows(8).map(<[u8]>::to_vec).chain(keys).chain([PIN.to_vec()]).collect()
});

/// A card in use, as the applet's tests keep it for ever.
const KEPT: &[u8] = include_bytes!("../../../crates/card-applet/tests/images/0.0.0.img");

fn made(state: LifeCycle) -> Chip {
    if matches!(state, LifeCycle::Blank | LifeCycle::Keyed) {
        let blank = Chip::new(vec![0xff; FLASH_PAGES * PAGE]);
        let transport = StaticKeys::from_bytes(&keys(Role::Transport));
        let serial = Serial::new([0, 0, 0, 0, 0, 0, 0, 1]);
        let chip = Applet::manufacture(blank, serial, transport).expect("a blank chip takes it");
        if state == LifeCycle::Blank {
            return chip;
        }
        let (mut card, mut channel) = opened(chip, Interface::Contact, Role::Transport, Level::Full);
        let data = hex(ISSUE_KEYS);
        let replace = Command::new(0x84, ins::PUT_KEY, 0x01, 0x81).with_data(&data).expecting(256);
        said(&mut card, &mut channel, &replace);
        return card.power_off();
    }
    let (mut card, mut channel) =
        opened(Chip::new(KEPT.to_vec()), Interface::Contact, Role::Issue, Level::Full);
    let files =
        [&[0xdc, 2, 24][..], &PRIVATE, &[0xdc, 3, 24], &PRIVATE, &[0xdc, 0x20, 4, 0, 0, 0, 3]].concat();
    let store = Command::new(0x84, ins::STORE_DATA, 0x80, 0).with_data(&files).expecting(256);
    said(&mut card, &mut channel, &store);
    if state != LifeCycle::Active {
        let become_it = Command::new(0x84, ins::SET_STATUS, 0x40, state.as_u8()).expecting(256);
        said(&mut card, &mut channel, &become_it);
    }
    card.power_off()
}

/// The keys of the kept card, and the well-known test key of one that comes from its maker.
fn keys(role: Role) -> [u8; 48] {
    if role == Role::Transport {
        return std::array::from_fn(|place| 0x40 + (place % 16) as u8);
    }
    let mut keys = [role.version().as_u8(); 48];
    (keys[15], keys[31], keys[47]) = (1, 2, 3);
    keys
}

fn opened(chip: Chip, interface: Interface, role: Role, level: Level) -> (Applet<Chip>, HostChannel) {
    let mut card = Applet::power_on(chip, interface).expect("a whole chip starts");
    let select = Command::new(0, ins::SELECT, 4, 0).with_data(&AID).expecting(256);
    sent(&mut card, &select);
    let answer = sent(&mut card, &host::initialize_update(Some(role.version()), &[7; 8]));
    let greeting = Greeting::from_slice(&answer[..answer.len() - 2]).expect("the card has that key set");
    let keys = StaticKeys::from_bytes(&keys(role));
    let (channel, proof) = HostChannel::open(&keys, &[7; 8], &greeting, level, &AID).expect("its keys");
    assert_eq!(sent(&mut card, &proof.command()), [0x90, 0]);
    (card, channel)
}

fn sent(card: &mut Applet<Chip>, command: &Command<'_>) -> Vec<u8> {
    let mut wire = [0; MAX_COMMAND];
    card.process(command.write(&mut wire).expect("it fits"), &mut [0; MAX_RESPONSE]).to_vec()
}

fn said(card: &mut Applet<Chip>, channel: &mut HostChannel, command: &Command<'_>) {
    let (mut wire, mut response) = ([0; MAX_COMMAND], [0; MAX_RESPONSE]);
    let (wire, sent) = channel.wrap(command, &mut wire).expect("it fits");
    let response = Response::parse(card.process(wire, &mut response)).expect("an answer");
    let status = channel.unwrap(sent, response, &mut [0; MAX_DATA]).expect("its MAC is right").status;
    assert!(status.is_ok(), "{status:?}");
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&[what, who], mut rest)) = bytes.split_first_chunk() else { return };
    let state = usize::from(what & 0x0f) % LifeCycle::ALL.len();
    let interface = if what & 0x80 == 0 { Interface::Contact } else { Interface::Contactless };
    let (chip, before) = &CARDS[state];
    let chip = chip.clone();
    let mut speaker = None;
    let mut card = match role(LifeCycle::ALL[state], who) {
        None => Applet::power_on(chip, interface).expect("a whole chip starts"),
        Some(role) => {
            let level = Level::ALL[usize::from(who >> 4) % Level::ALL.len()];
            let (card, channel) = opened(chip, interface, role, level);
            speaker = Some(channel);
            card
        }
    };
    // The PIN opens certificate and photo, and nothing else.
    let guessed = contains(bytes, &PIN[1..4]);
    while let Some((&[high, low], after)) = rest.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([high & 0x7f, low])).min(after.len());
        let (command, next) = after.split_at(length);
        rest = next;
        let mut wrapped = [0; MAX_COMMAND];
        let channel = speaker.as_mut().filter(|_| high & 0x80 != 0);
        let through = channel.and_then(|channel| {
            let command = Command::parse(command).ok()?;
            channel.wrap(&command, &mut wrapped).ok().map(|(wire, _)| wire)
        });
        (card.platform().words, card.platform().pages) = (0, 0);
        let mut response = [0; MAX_RESPONSE];
        let answer = card.process(through.unwrap_or(command), &mut response);
        assert!(answer.len() >= 2 && matches!(answer[answer.len() - 2], 0x61..=0x6f | 0x90));
        // Inside a channel that lets private files out, they are encrypted; and whoever names a secret may see it.
        let shown = |secret: &[u8]| contains(answer, secret) && !contains(bytes, secret);
        assert!(!SECRETS.iter().any(|secret| shown(secret)), "a secret on the wire");
        assert!(guessed || !PRIVATE.windows(8).any(shown), "a private file on the wire");
        let &mut Chip { words, pages, .. } = card.platform();
        assert!(words <= MOST_WORDS && pages <= MOST_PAGES, "{words} words, {pages} pages for one command");
    }
    let chip = card.power_off();
    Shown::of(&chip).follows(before, speaker.is_some(), guessed);
});

/// Who speaks, among those who have keys in that state.
fn role(state: LifeCycle, who: u8) -> Option<Role> {
    match (state, who & 0x03) {
        (LifeCycle::Terminated, _) | (_, 0) => None,
        (LifeCycle::Blank, _) => Some(Role::Transport),
        (LifeCycle::Keyed, _) | (_, 1) => Some(Role::Issue),
        (_, 2) => Some(Role::Update),
        _ => Some(Role::Read),
    }
}

/// What the card says of itself to anyone.
struct Shown {
    status: CardStatus,
    rides: Option<Rides>,
    pass: Vec<u8>,
}

impl Shown {
    fn of(chip: &Chip) -> Self {
        let chip = Chip::new(chip.cells.clone());
        let mut card = Applet::power_on(chip, Interface::Contact)
            .expect("what it was told never stops it from starting");
        sent(&mut card, &Command::new(0, ins::SELECT, 4, 0).with_data(&AID).expecting(256));
        let mut read = |ef: Ef| {
            let answer =
                sent(&mut card, &Command::new(0, ins::READ_BINARY, 0x80 | ef.sfi(), 0).expecting(256));
            answer[..answer.len() - 2].to_vec()
        };
        Self {
            status: CardStatus::from_slice(&read(Ef::Status)).expect("EF.STATUS is always there"),
            rides: Rides::from_slice(&read(Ef::Rides)).ok(),
            pass: read(Ef::Pass),
        }
    }

    fn follows(&self, before: &Self, channel: bool, guessed: bool) {
        let Self { status, rides, pass } = self;
        assert!(status.update_counter >= before.status.update_counter);
        if let (Some(rides), Some(before)) = (rides, before.rides) {
            assert!((rides.period, rides.used) >= (before.period, before.used), "a ride came back");
        }
        if channel {
            return;
        }
        assert_eq!(pass, &before.pass);
        let untried = CardStatus { pin: before.status.pin, ..*status };
        assert_eq!(untried, before.status, "more than counters moved");
        if let (PinState::TriesLeft(left), PinState::TriesLeft(most)) = (status.pin, before.status.pin) {
            assert!(guessed || left <= most, "a try came back");
        }
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
}

/// ISSUE's keys, wrapped under the well-known test key: the dialogue `personalise` of the applet's tests has them.
const ISSUE_KEYS: &str = "30 881110 E32F9D77CB82F8BA9AC4DB2B864CF010 03 82A3DF \
    881110 1E9F2F412509C7D7F095A115BDB11488 03 4EF764 881110 199D65218812F8F1A3A3143F63972600 03 D30C7E";
