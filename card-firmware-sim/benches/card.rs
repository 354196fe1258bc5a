//! What a card costs: bytes and time of a gate transaction, of a ride and of a personalisation, in this process and
//! through the machine's own reader service side by side, and what each command costs the flash.
//!
//! The applet here runs on this machine's processor. Of a chip's time these tables say nothing but what travels.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

#[path = "../tests/it/desk.rs"]
mod desk;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use card_firmware_sim::{Acknowledge, FIRST_SLOT, Inserted, Pcscd, SimCard};
use card_host::{CardInReader, Readers, debit, present, read_status, verify_pin};
use card_protocol::{Interface, LinkError, Pin, Response, Transport, ins};
use desk::{Counted, Job, OTHER_SERIAL, PIN, SERIAL, blank, issued, rng};
use ed25519_dalek::{Signer as _, SigningKey};
use rand_core::Rng as _;

fn main() {
    bytes();
    flash();
    let pcscd = Pcscd::start(Duration::from_secs(120)).unwrap_or_else(|error| panic!("{error}"));
    let in_process = Times::of(&mut issued(SERIAL).0, &mut fresh_cards());
    let through = with_reader(Acknowledge::AtOnce);
    let late = with_reader(Acknowledge::Late);
    drop(pcscd);
    compare(&in_process, &through, &late);
}

/// What travels in one transaction; what that takes in the air is computed.
fn bytes() {
    println!("{:<34} {:>8} {:>9} {:>9} {:>12}", "travels 往返", "commands", "bytes out", "back", "air ms");
    let (card, _) = issued(SERIAL);
    let mut card = Counted::new(card.over(Interface::Contactless));
    present(&mut card, &[7; 16]).expect("an issued card");
    row("gate transaction 闸机 (limit 3, 330)", &card);
    let mut card = Counted::new(card.card);
    debit(&mut card, &[7; 16]).expect("a ride is left");
    row("a ride more 扣次", &card);
    let mut card = Counted::new(blank(OTHER_SERIAL));
    let mut job = Job::default();
    job.run(&mut card).expect("a blank card");
    row("personalisation, 6 kB photo 个人化", &card);
    println!("personalisation takes {} round trips between desk and issuer (aim 5)", job.round_trips);
}

fn row<T>(name: &str, card: &Counted<T>) {
    let air = card.air_millis();
    println!("{name:<34} {:>8} {:>9} {:>9} {air:>12.1}", card.commands, card.out, card.back);
}

/// What each command writes, by instruction: the dearest of its kind.
fn flash() {
    let mut dearest: BTreeMap<u8, Cost> = BTreeMap::new();
    let mut card = Wearing { card: blank(SERIAL), dearest: &mut dearest };
    Job::default().run(&mut card).expect("a blank card");
    card.reset().expect("it is there");
    present(&mut card, &[1; 16]).expect("an issued card");
    debit(&mut card, &[1; 16]).expect("a ride is left");
    verify_pin(&mut card, &Pin::parse(PIN).expect("six digits")).expect("the holder's");
    println!("\n{:<34} {:>14} {:>14}", "flash, at most 写入，至多", "words", "pages erased");
    for (instruction, Cost { words, pages }) in dearest {
        println!("{:<34} {words:>14} {pages:>14}", name(instruction));
    }
}

fn compare(in_process: &Times, through: &Times, late: &Times) {
    println!(
        "\n{:<26} {:>11} {:>11} {:>7} {:>13} {:>7}",
        "median ms 中位数", "in process", "pcscd", "ratio", "no QUICKACK", "ratio"
    );
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let rows = in_process.rows().into_iter().zip(through.rows()).zip(late.rows());
    for (((name, here), (_, there)), (_, slowly)) in rows {
        let [here, there, slowly] = [here, there, slowly].map(millis);
        let (ratio, slower) = (there / here, slowly / there);
        println!("{name:<26} {here:>11.4} {there:>11.3} {ratio:>7.1} {slowly:>13.1} {slower:>7.1}");
    }
    let signature = signature();
    println!(
        "a gate transaction in process beside one bare signature: {:.2} : 1 (the card derives its public key anew)",
        millis(in_process.gate) / millis(signature)
    );
    println!(
        "a gate transaction through pcscd beside three bare round trips: {:.2} : 1",
        millis(through.gate) / millis(3 * through.bare)
    );
}

/// Medians.
struct Times {
    bare: Duration,
    gate: Duration,
    ride: Duration,
    pin: Duration,
    personalisation: Duration,
}

impl Times {
    fn rows(&self) -> [(&'static str, Duration); 5] {
        let Self { bare, gate, ride, pin, personalisation } = *self;
        [
            ("a bare round trip 一条命令", bare),
            ("gate transaction 闸机", gate),
            ("a ride more 扣次", ride),
            ("PIN 核对密码", pin),
            ("personalisation 个人化", personalisation),
        ]
    }

    fn of<T: Transport>(card: &mut T, blank_cards: &mut dyn FnMut() -> Duration) -> Self {
        read_status(card).expect("an issued card");
        let pin = Pin::parse(PIN).expect("six digits");
        let mut response = [0; card_protocol::MAX_RESPONSE];
        // GET DATA of three bytes: nothing is read, written or computed.
        let bare = [0x80, ins::GET_DATA, 0x9F, 0x70, 0x00];
        Self {
            bare: median(100, || assert!(card.transmit(&bare, &mut response).is_ok())),
            gate: median(50, || drop(present(card, &challenge()).expect("it opens"))),
            ride: median(50, || assert!(debit(card, &challenge()).is_ok(), "60 rides")),
            pin: median(50, || verify_pin(card, &pin).expect("the holder's")),
            personalisation: middle((0..5).map(|_| blank_cards()).collect()),
        }
    }
}

/// In process: each call personalises a new card.
fn fresh_cards() -> impl FnMut() -> Duration {
    || {
        let mut card = blank(OTHER_SERIAL);
        timed(|| assert!(Job::default().run(&mut card).is_ok(), "a blank card"))
    }
}

fn with_reader(acknowledge: Acknowledge) -> Times {
    let readers = Readers::open().expect("the service runs");
    let put_in = |card: SimCard| {
        let inserted = Inserted::insert_with(card, FIRST_SLOT, acknowledge);
        let limit = Duration::from_secs(10);
        let in_reader: CardInReader =
            readers.wait_for_card(Some("00 00"), limit, &mut |_| {}).expect("the card is seen");
        (inserted, in_reader)
    };
    let take_out = |inserted: Inserted, in_reader: CardInReader| {
        let reader = in_reader.reader().to_owned();
        drop(in_reader);
        drop(inserted.remove());
        readers.wait_for_removal(&reader, Duration::from_secs(10)).expect("it is out");
    };
    let personalise = || {
        let (inserted, mut card) = put_in(blank(OTHER_SERIAL));
        let took = timed(|| assert!(Job::default().run(&mut card).is_ok(), "a blank card"));
        take_out(inserted, card);
        took
    };
    let personalisation = middle((0..3).map(|_| personalise()).collect());
    let (inserted, mut card) = put_in(issued(SERIAL).0);
    let times = Times::of(&mut card, &mut || personalisation);
    println!("\nQUICKACK {acknowledge:?}: {}", inserted.times());
    take_out(inserted, card);
    times
}

#[derive(Clone, Copy, Default)]
struct Cost {
    words: u64,
    pages: u64,
}

/// Watches the flash behind each command.
struct Wearing<'d> {
    card: SimCard,
    dearest: &'d mut BTreeMap<u8, Cost>,
}

impl Transport for Wearing<'_> {
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
        let before = (self.card.flash_operations(), self.card.pages_erased());
        // The borrow of the answer would outlive the count: it is read anew from the buffer.
        let length = self.card.transmit(command, response)?.data.len() + 2;
        let pages = self.card.pages_erased() - before.1;
        let words = self.card.flash_operations() - before.0 - pages;
        let known = self.dearest.entry(command[1]).or_default();
        if (words, pages) > (known.words, known.pages) {
            *known = Cost { words, pages };
        }
        Response::parse(&response[..length]).map_err(|_| LinkError::BadResponse)
    }

    fn reset(&mut self) -> Result<(), LinkError> {
        self.card.reset()
    }
}

fn name(instruction: u8) -> &'static str {
    match instruction {
        ins::SELECT => "SELECT",
        ins::READ_BINARY => "READ BINARY",
        ins::GET_DATA => "GET DATA",
        ins::VERIFY => "VERIFY",
        ins::INTERNAL_AUTHENTICATE => "INTERNAL AUTHENTICATE",
        ins::DEBIT => "DEBIT",
        ins::INITIALIZE_UPDATE => "INITIALIZE UPDATE",
        ins::EXTERNAL_AUTHENTICATE => "EXTERNAL AUTHENTICATE",
        ins::PUT_KEY => "PUT KEY",
        ins::GENERATE_KEY_PAIR => "GENERATE ASYMMETRIC KEY PAIR",
        ins::STORE_DATA => "STORE DATA, a block of it",
        ins::SET_STATUS => "SET STATUS",
        _ => "(other)",
    }
}

fn signature() -> Duration {
    let key = SigningKey::from_bytes(&[7; 32]);
    median(200, || {
        black_box(key.sign(black_box(&[5; 41])));
    })
}

fn challenge() -> [u8; 16] {
    let mut challenge = [0; 16];
    rng().fill_bytes(&mut challenge);
    challenge
}

fn timed(what: impl FnOnce()) -> Duration {
    let start = Instant::now();
    what();
    start.elapsed()
}

fn median(rounds: usize, mut what: impl FnMut()) -> Duration {
    middle((0..rounds).map(|_| timed(&mut what)).collect())
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
