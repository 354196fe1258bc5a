//! Through the machine's own reader service and the unmodified `pcsc` crate: what a desk and a gate live with.

use crate::desk::{Job, OTHER_SERIAL, SERIAL, blank, issued};
use card_firmware_sim::{FIRST_SLOT, Inserted, Pcscd, SimCard};
use card_host::{CardInReader, HostError, Readers, Waiting, present, read_status};
use card_protocol::{Atr, Ef, Interface, LinkError, Response, Step, Transport};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Others may hold the service; their stories are short.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
const LIMIT: Duration = Duration::from_secs(10);

pub(crate) fn service() -> Pcscd {
    Pcscd::start(PATIENCE).unwrap_or_else(|error| panic!("{error}"))
}

/// Reader names end in the slot: "Virtual PCD 00 01".
const FIRST: &str = "00 00";
const SECOND: &str = "00 01";

fn second_slot() -> SocketAddr {
    SocketAddr::new(FIRST_SLOT.ip(), FIRST_SLOT.port() + 1)
}

fn wait(readers: &Readers, slot: &str) -> CardInReader {
    readers.wait_for_card(Some(slot), LIMIT, &mut |_| {}).unwrap()
}

#[test]
fn a_card_is_issued_and_read_through_the_reader_service() {
    let _service = service();
    let _inserted = Inserted::insert(blank(SERIAL), FIRST_SLOT);
    let readers = Readers::open().unwrap();
    let mut card = wait(&readers, FIRST);
    let began = now();
    let mut job = Job::default();
    job.run(&mut card).unwrap();
    let took = began.elapsed();
    println!(
        "personalisation through pcscd: {:.1} ms, {} round trips, {} commands",
        millis(took),
        job.round_trips,
        job.commands
    );
    assert!(job.round_trips <= 5);
    card.reset().unwrap();
    present(&mut card, &[1; 16]).unwrap();
}

/// 44 ms a command would mean that somebody took QUICKACK out of the link.
#[test]
fn a_command_takes_less_than_a_millisecond_or_two_through_the_reader_service() {
    let _service = service();
    let (card, _) = issued(SERIAL);
    let _inserted = Inserted::insert(card, FIRST_SLOT);
    let readers = Readers::open().unwrap();
    let began = now();
    let mut card = wait(&readers, FIRST);
    let arrival = began.elapsed();
    read_status(&mut card).unwrap();
    let read = [0x00, 0xB0, 0x80 | Ef::Pass.sfi(), 0x00, 0x00];
    let mut response = [0; card_protocol::MAX_RESPONSE];
    let mut commands: Vec<_> = (0..50)
        .map(|_| {
            let began = now();
            card.transmit(&read, &mut response).unwrap();
            began.elapsed()
        })
        .collect();
    let mut gates: Vec<_> = (0..50u8)
        .map(|n| {
            let began = now();
            present(&mut card, &[n; 16]).unwrap();
            began.elapsed()
        })
        .collect();
    commands.sort();
    gates.sort();
    println!(
        "through pcscd: card usable {:.0} ms after it was put in; READ BINARY p50 {:.3} ms, p98 {:.3} ms; \
         gate transaction p50 {:.3} ms, p98 {:.3} ms",
        millis(arrival),
        millis(commands[25]),
        millis(commands[48]),
        millis(gates[25]),
        millis(gates[48])
    );
    assert!(commands[25] < Duration::from_millis(10), "{:?}", commands[25]);
    assert!(gates[25] < Duration::from_millis(300), "{:?}", gates[25]);
}

#[test]
fn a_clerk_is_told_what_is_waited_for_and_each_change_once() {
    let _service = service();
    let readers = Readers::open().unwrap();
    let mut told = Vec::new();
    let outcome = readers.wait_for_card(Some("no such reader"), Duration::from_millis(300), &mut |waiting| {
        told.push(waiting.clone());
    });
    assert!(matches!(outcome, Err(HostError::TimedOut)));
    assert_eq!(told, [Waiting::ForReader]);

    let mut told = Vec::new();
    let mut inserted = None;
    let card = readers.wait_for_card(Some(FIRST), LIMIT, &mut |waiting| {
        told.push(waiting.clone());
        // The card comes only after the clerk was asked for it.
        if matches!(waiting, Waiting::ForCard { .. }) {
            inserted = Some(Inserted::insert(blank(SERIAL), FIRST_SLOT));
        }
    });
    let reader = card.unwrap().reader().to_owned();
    assert!(reader.ends_with(FIRST), "{reader}");
    let asked =
        told.iter().filter(|waiting| **waiting == Waiting::ForCard { reader: reader.clone() }).count();
    assert_eq!(asked, 1, "{told:?}");
    drop(inserted.map(Inserted::remove));
    readers.wait_for_removal(&reader, LIMIT).unwrap();
}

#[test]
fn two_cards_lie_in_two_slots_each_with_its_own_atr() {
    let _service = service();
    let _first = Inserted::insert(blank(SERIAL), FIRST_SLOT);
    let _second = Inserted::insert(blank(OTHER_SERIAL).over(Interface::Contactless), second_slot());
    let readers = Readers::open().unwrap();
    let (mut first, mut second) = (wait(&readers, FIRST), wait(&readers, SECOND));
    assert_eq!(first.atr(), Atr::ours(Interface::Contact));
    assert_eq!(second.atr(), Atr::ours(Interface::Contactless));
    Job::default().run(&mut first).unwrap();
    Job::default().run(&mut second).unwrap();
}

#[test]
fn a_card_pulled_in_the_middle_is_put_back_and_finished() {
    let _service = service();
    let mut job = Job::default();
    let mut card: SimCard = blank(SERIAL);
    let readers = Readers::open().unwrap();
    // Torn at four places of the job, then left in peace.
    for cut in [Some(20), Some(300), Some(900), Some(1500), None] {
        if let Some(nth) = cut {
            card.tear_at(nth);
        }
        let inserted = Inserted::insert(card, FIRST_SLOT);
        let mut in_reader = wait(&readers, FIRST);
        let outcome = job.run(&mut in_reader);
        match cut {
            Some(_) => {
                assert_eq!(outcome.map(drop), Err(HostError::Link(LinkError::CardRemoved)), "{cut:?}");
                assert!(!inserted.is_in());
            }
            None => drop(outcome.unwrap()),
        }
        let reader = in_reader.reader().to_owned();
        drop(in_reader);
        card = inserted.remove();
        readers.wait_for_removal(&reader, LIMIT).unwrap();
    }
    present(&mut card, &[1; 16]).unwrap();
}

#[test]
fn a_command_after_the_card_was_pulled_says_so() {
    let _service = service();
    let inserted = Inserted::insert(issued(SERIAL).0, FIRST_SLOT);
    let readers = Readers::open().unwrap();
    let mut card = wait(&readers, FIRST);
    present(&mut card, &[1; 16]).unwrap();
    drop(inserted.remove());
    let outcome = present(&mut card, &[1; 16]).unwrap_err();
    assert_eq!(outcome, HostError::Link(LinkError::CardRemoved));
    assert!(outcome.may_retry());
}

#[test]
fn a_second_host_waits_until_the_first_lets_go() {
    let _service = service();
    let _inserted = Inserted::insert(issued(SERIAL).0, FIRST_SLOT);
    let readers = Readers::open().unwrap();
    let mut first = Some(wait(&readers, FIRST));
    let mut told = Vec::new();
    let mut second = Readers::open()
        .unwrap()
        .wait_for_card(Some(FIRST), LIMIT, &mut |waiting| {
            told.push(waiting.clone());
            first.take();
        })
        .unwrap();
    assert!(matches!(told[..], [Waiting::InUse { .. }]), "{told:?}");
    present(&mut second, &[1; 16]).unwrap();
}

#[test]
fn a_reset_under_a_dialogue_begins_it_again() {
    let _service = service();
    let _inserted = Inserted::insert(issued(SERIAL).0, FIRST_SLOT);
    let readers = Readers::open().unwrap();
    let mut card = wait(&readers, FIRST);
    let mut attempts = 0;
    card.with_retries(|card| {
        attempts += 1;
        if attempts < 3 { Err(LinkError::CardReset.into()) } else { present(card, &[1; 16]) }
    })
    .unwrap();
    assert_eq!(attempts, 3);
}

/// The service goes and comes in the middle of a batch: behind the new keys, behind the key pair, among the files.
#[test]
fn a_job_goes_on_after_the_reader_service_was_restarted_under_it() {
    let mut service = Some(service());
    let mut job = Job::default();
    let inserted = Inserted::insert(blank(SERIAL), FIRST_SLOT);
    for (commands, step) in [(8, Step::Keys), (7, Step::KeyPair), (12, Step::KeyPair)] {
        let readers = Readers::open().unwrap();
        let card = wait(&readers, FIRST);
        let mut card = Restarting { card, service: &mut service, left: commands };
        let gone = job.run(&mut card).unwrap_err();
        assert!(matches!(gone, HostError::Link(_)), "{gone:?}");
        assert_eq!(card.left, 0, "it was restarted");
        drop(card);
        drop(readers);
        assert_eq!(job.bound, Some(SERIAL));
        let readers = Readers::open().unwrap();
        assert_eq!(read_status(&mut wait(&readers, FIRST)).unwrap().step, step, "after {commands} commands");
    }
    let readers = Readers::open().unwrap();
    let mut card = wait(&readers, FIRST);
    job.run(&mut card).unwrap();
    card.reset().unwrap();
    present(&mut card, &[1; 16]).unwrap();
    drop((card, readers, inserted));
    drop(service);
    assert!(matches!(Readers::open(), Err(HostError::NoService)));
}

/// Restarts the reader service when so many commands have passed.
struct Restarting<'s> {
    card: CardInReader,
    service: &'s mut Option<Pcscd>,
    left: usize,
}

impl Transport for Restarting<'_> {
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
        if let Some(service) = self.service.take_if(|_| self.left == 0) {
            *self.service = Some(service.restart().unwrap());
        }
        self.left = self.left.saturating_sub(1);
        self.card.transmit(command, response)
    }

    fn reset(&mut self) -> Result<(), LinkError> {
        self.card.reset()
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[expect(clippy::disallowed_methods, reason = "what is measured here is time")]
fn now() -> Instant {
    Instant::now()
}
