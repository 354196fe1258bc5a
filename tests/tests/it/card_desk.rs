//! A clerk's desk from the outside: `zhengka desk` between the machine's own reader service and a real issuer, while cards
//! are pulled out, put back and mixed up, and the reader service is restarted under it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use card_firmware_sim::{FIRST_SLOT, Held, Image, Inserted, Pcscd, SimCard, example_transport_keys};
use card_host::{present, verify_pin};
use card_protocol::{Pin, Serial};
use serde_json::Value;
use tempfile::{TempDir, tempdir};
use tests::issuing_office::IssuingOffice;

const PROGRAMS: &str = env!("CARGO_BIN_EXE_programs");
/// Reader names end in the slot.
pub(crate) const SLOT: &str = "00 00";
/// Other stories may hold the reader service; each is short.
const PATIENCE: Duration = Duration::from_secs(180);

pub(crate) fn service() -> Pcscd {
    Pcscd::start(PATIENCE).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn office(certificates: usize) -> (TempDir, IssuingOffice) {
    let folder = tempdir().unwrap();
    let office = IssuingOffice::new(folder.path(), PROGRAMS, certificates);
    (folder, office)
}

pub(crate) fn blank(n: u8) -> SimCard {
    let serial = Serial::new([0xDC, 0, 0, 0, 0, 0, 1, n]);
    SimCard::manufacture(Image::in_memory(), serial, example_transport_keys()).unwrap()
}

pub(crate) fn put_in(card: SimCard) -> Inserted {
    Inserted::insert(card, FIRST_SLOT)
}

/// `zhengka desk`, and the lines it says.
pub(crate) struct RunningDesk {
    process: Child,
    said: Receiver<Value>,
}

impl RunningDesk {
    pub(crate) fn start(mut command: Command, stdin: &[u8]) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        process.stdin.take().unwrap().write_all(stdin).unwrap();
        let out = process.stdout.take().unwrap();
        let (sender, said) = channel();
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}")));
            }
        });
        Self { process, said }
    }

    /// The next event of this name; others are passed over.
    pub(crate) fn next(&self, event: &str) -> Value {
        let mut passed = Vec::new();
        loop {
            match self.said.recv_timeout(Duration::from_secs(30)) {
                Ok(said) if said["event"] == event => return said,
                Ok(said) => passed.push(said),
                Err(error) => panic!("no {event}: {error} after {passed:#?}"),
            }
        }
    }

    /// Until it asks for a card, or for anything else.
    pub(crate) fn waits_for(&self, what: &str) {
        while self.next("waiting")["for"] != what {}
    }

    /// Waits for its end: what it counted, and its exit code.
    pub(crate) fn end(mut self) -> (Value, Option<i32>) {
        (self.next("done"), self.process.wait().unwrap().code())
    }
}

impl Drop for RunningDesk {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_stack_of_cards_is_written_with_a_tally_and_a_wrong_card_is_named() {
    let (_folder, office) = office(2);
    let _service = service();
    let desk = RunningDesk::start(office.desk(SLOT), b"");
    desk.waits_for("card");
    let inserted = put_in(blank(1));
    let issued = desk.next("issued");
    assert_eq!((issued["written"].as_u64(), issued["left"].as_u64()), (Some(1), Some(1)));
    assert_eq!(issued["card"], "DC00000000000101");
    desk.waits_for("removal");
    let first = inserted.remove();
    desk.waits_for("card");

    let inserted = put_in(first);
    let refused = desk.next("refused");
    assert_eq!((&refused["blame"], &refused["reason"]), (&"card".into(), &"already_personalised".into()));
    assert!(refused["message"]["zh"].as_str().unwrap().contains("请换一张空白卡"));
    drop(inserted.remove());
    desk.waits_for("card");

    let inserted = put_in(blank(2));
    assert_eq!(desk.next("issued")["left"], 0);
    let (done, exit) = desk.end();
    assert_eq!((done["written"].as_u64(), exit), (Some(2), Some(1)));
    assert_eq!(done["refused"], serde_json::json!({ "already_personalised": 1 }));
    let mut card = inserted.remove();
    card.power_on();
    present(&mut card, &[1; 16]).unwrap();
    assert!(office.open_jobs().is_empty());
}

#[test]
fn a_card_pulled_while_it_is_written_is_asked_back_and_goes_on() {
    let (_folder, office) = office(1);
    let _service = service();
    let desk = RunningDesk::start(office.desk(SLOT), b"");
    desk.waits_for("card");
    let mut card = blank(3);
    for nth in [60, 300] {
        card.tear_at(nth);
        let inserted = put_in(card);
        let broken = desk.next("broken");
        assert_eq!(broken["reason"], "card_removed");
        assert!(broken["message"]["zh"].as_str().unwrap().contains("请放回原卡"));
        card = inserted.remove();
        desk.waits_for("card");
    }
    let inserted = put_in(card);
    let issued = desk.next("issued");
    assert_eq!(issued["card"], "DC00000000000103");
    assert_eq!(desk.end().1, Some(0));
    let mut card = inserted.remove();
    card.power_on();
    present(&mut card, &[1; 16]).unwrap();
}

#[test]
fn a_reader_service_that_restarts_in_the_middle_of_a_card_is_waited_for() {
    let (_folder, office) = office(1);
    let service = service();
    let desk = RunningDesk::start(office.desk(SLOT), b"");
    desk.waits_for("card");
    let inserted = put_in(blank(4));
    // Held in the middle of its work: the service waits for the card, and in the end is killed.
    let held = in_the_middle(&inserted);
    let service = service.restart().unwrap();
    drop(held);
    desk.next("broken");
    assert_eq!(desk.next("issued")["card"], "DC00000000000104");
    assert_eq!(desk.end().1, Some(0));
    drop(inserted);
    drop(service);
}

/// Holds the card between two commands of one batch: its keys are being replaced.
pub(crate) fn in_the_middle(inserted: &Inserted) -> Held<'_> {
    let held = inserted.hold_after(blank(0).flash_operations() + ONE_KEY_IS_REPLACED);
    assert!(held.is_reached_within(Duration::from_secs(30)), "nobody writes to the card");
    held
}

/// Of three PUT KEY, each some twenty flash operations; the whole card needs 2100.
const ONE_KEY_IS_REPLACED: u64 = 25;

#[test]
fn ctrl_c_ends_the_shift_with_its_tally() {
    let (_folder, office) = office(1);
    let service = service();
    let desk = RunningDesk::start(office.desk("no such reader"), b"");
    desk.waits_for("reader");
    let id = desk.process.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    desk.next("stopped");
    let (done, exit) = desk.end();
    assert_eq!((done["written"].as_u64(), exit), (Some(0), Some(0)));
    drop(service);
}

#[test]
fn a_chosen_pin_opens_the_card_and_a_forgotten_one_is_unblocked() {
    let (_folder, office) = office(1);
    let _service = service();
    let job = office.open_jobs()[0]["job"].to_string();
    let mut command = office.desk(SLOT);
    command.args(["--job", &job, "--pin"]);
    let desk = RunningDesk::start(command, b"135790\n");
    let inserted = put_in(blank(5));
    let certificate = desk.next("issued")["certificate"].to_string();
    assert_eq!(desk.end().1, Some(0));
    let mut card = inserted.remove();
    card.power_on();
    present(&mut card, &[1; 16]).unwrap();
    for _ in 0..3 {
        assert!(verify_pin(&mut card, &Pin::parse("000001").unwrap()).is_err());
    }
    card.power_off();

    let mut command = office.desk(SLOT);
    command.args(["unblock", &certificate, "--pin"]);
    let desk = RunningDesk::start(command, b"246802\n");
    let inserted = put_in(card);
    desk.next("unblocked");
    assert_eq!(desk.end().1, Some(0));
    let mut card = inserted.remove();
    card.power_on();
    present(&mut card, &[1; 16]).unwrap();
    verify_pin(&mut card, &Pin::parse("246802").unwrap()).unwrap();
}

#[test]
fn what_is_used_wrongly_says_what_to_write_instead() {
    let folder = tempdir().unwrap();
    let office = IssuingOffice::new(folder.path(), PROGRAMS, 0);
    let complaint = |arguments: &[&str]| {
        let output = office.zhengka().arg("desk").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(complaint(&["--issuer", "issuer", "--pin"]).contains("--job"));
    assert!(complaint(&["--issuer", "nowhere"]).contains("https://"));
    assert!(complaint(&["--issuer", "https://issuer.example"]).contains("--token-file"));
    let out_of_range = complaint(&["--issuer", "issuer", "--job", "1", "--pin"]);
    assert!(out_of_range.contains("six digits"), "{out_of_range}");
    let mut command = office.zhengka();
    command.args(["desk", "--issuer", "issuer", "--as", "card", "--job", "1", "--pin"]);
    let mut desk = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    desk.stdin.take().unwrap().write_all(b"123456\n").unwrap();
    let output = desk.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains("easily guessed"), "{said}");
}
