//! `zhengka verify --card` on a card that a real issuer made, in the machine's own reader service: the proof, the counters,
//! what the PIN opens, and cards that are not what they show.

use std::fs;
use std::io::Write;
use std::process::{Output, Stdio};

use card_firmware_sim::{FIRST_SLOT, Inserted, SimCard};
use card_host::{
    CardFiles, EXAMPLE_KEYS, IssuerKeys, Next, Personalisation, Task, Upkeep, UpkeepNext, carry,
};
use card_protocol::{Needs, Pin, Rides, Serial};
use getrandom::{SysRng, rand_core::UnwrapErr};
use serde_json::Value;
use tests::issuing_office::{IssuingOffice, json_lines};

use crate::card_desk::{RunningDesk, SLOT, blank, office, put_in, service};

/// A card of this office whose PIN is 135790, and its pass.
fn holders_card(office: &IssuingOffice, n: u8) -> SimCard {
    let job = office.open_jobs()[0]["job"].to_string();
    let mut command = office.desk(SLOT);
    command.args(["--job", &job, "--pin"]);
    let inserted = put_in(blank(n));
    let desk = RunningDesk::start(command, b"135790\n");
    assert_eq!(desk.end().1, Some(0));
    inserted.remove()
}

fn verify(
    office: &IssuingOffice,
    card: SimCard,
    options: &[&str],
    pin: &str,
) -> (Vec<Value>, Option<i32>, SimCard) {
    let inserted = Inserted::insert(card, FIRST_SLOT);
    let mut command = office.verify();
    command.args(["--card", SLOT]).args(options).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{pin}").unwrap();
    let Output { status, stdout, .. } = child.wait_with_output().unwrap();
    (json_lines(&stdout), status.code(), inserted.remove())
}

#[test]
fn a_card_proves_itself_shows_its_counters_and_opens_its_certificate_to_the_pin() {
    let (_folder, office) = office(1);
    let _service = service();
    let card = holders_card(&office, 11);
    let (said, exit, card) = verify(&office, card, &["--purpose", "transit", "--place", "22"], "");
    assert_eq!((said.len(), exit), (1, Some(0)), "{said:?}");
    let [pass] = &said[..] else { panic!("{said:?}") };
    assert_eq!((&pass["verdict"], &pass["kind"]), (&"accepted".into(), &"pass".into()));
    assert_eq!(pass["possession_proven"], true);
    assert_eq!(pass["card"]["rides"]["left"], pass["card"]["rides"]["allowed"]);
    let before = pass["card"]["transactions"].as_u64().unwrap();

    let (said, exit, card) = verify(&office, card, &["--pin"], "135790");
    assert_eq!(exit, Some(0), "{said:?}");
    let [pass, certificate] = &said[..] else { panic!("{said:?}") };
    assert_eq!(pass["card"]["transactions"], before + 1, "each proof is counted, and is another one");
    assert_eq!(
        (&certificate["input"], &certificate["kind"]),
        (&"card:certificate".into(), &"certificate".into())
    );
    assert!(certificate["holder"]["name"].is_string());

    let (said, exit, _) = verify(&office, card, &["--pin"], "111112");
    assert_eq!((said[1]["unreadable"].as_str(), exit), (Some("wrong_pin"), Some(2)));
    assert_eq!(said[0]["verdict"], "accepted", "the pass needs no PIN");
}

#[test]
fn a_pass_copied_to_another_chip_is_refused_with_61_and_a_blocked_card_with_41() {
    let (_folder, office) = office(1);
    let _service = service();
    let mut card = holders_card(&office, 12);
    card.power_on();
    let pass = card_host::present(&mut card, &[1; 16]).unwrap().pass;
    // Another chip, with keys of its own, that shows the pass of the first.
    let (said, exit, _) = verify(&office, chip_that_shows(pass, 13), &[], "");
    assert_eq!((said[0]["refusal"]["number"].as_u64(), exit), (Some(61), Some(1)), "{said:?}");

    block(&mut card, 12);
    let (said, exit, _) = verify(&office, card, &[], "");
    assert_eq!((said[0]["refusal"]["number"].as_u64(), exit), (Some(41), Some(1)), "{said:?}");
    let (said, exit, _) = verify(&office, blank(14), &[], "");
    assert_eq!((said[0]["unreadable"].as_str(), exit), (Some("blank"), Some(2)), "{said:?}");
}

#[test]
fn a_copied_pass_read_as_a_code_is_refused_with_60() {
    let (_folder, office) = office(1);
    let _service = service();
    let mut card = holders_card(&office, 15);
    card.power_on();
    let pass = card_host::present(&mut card, &[1; 16]).unwrap().pass;
    let code = credential::qr_text::QrText::new(pass).to_text();
    let output = office.verify().arg(code).output().unwrap();
    assert_eq!(json_lines(&output.stdout)[0]["refusal"]["number"], 60);
}

#[test]
fn the_photo_behind_the_pin_goes_into_a_new_file_and_over_none() {
    let (_folder, office) = office(1);
    let _service = service();
    let photo: Vec<u8> = (0..6000u32).map(|n| n.to_le_bytes()[0]).collect();
    let certificate = certificate_of(&office);
    let card = chip_with(16, |_| CardFiles {
        certificate: certificate.clone(),
        photo: photo.clone(),
        pin: Some(Pin::parse("135790").unwrap()),
        ..files(b"no pass".into(), 60)
    });
    let (said, _, card) = verify(&office, card, &["--pin", "--photo-out", "photo.jpg"], "135790");
    assert_eq!((&said[1]["input"], &said[1]["verdict"]), (&"card:certificate".into(), &"accepted".into()));
    assert_eq!(fs::read(office.path("photo.jpg")).unwrap(), photo);

    let (said, _, card) = verify(&office, card, &["--pin", "--photo-out", "none.jpg"], "111112");
    assert_eq!(said[1]["unreadable"], "wrong_pin");
    assert!(!office.path("none.jpg").exists(), "a wrong PIN opens no photo");

    fs::write(office.path("photo.jpg"), b"somebody's").unwrap();
    let (_, exit, _) = verify(&office, card, &["--pin", "--photo-out", "photo.jpg"], "135790");
    assert_eq!(exit, Some(2));
    assert_eq!(fs::read(office.path("photo.jpg")).unwrap(), b"somebody's");
}

/// The bytes of the office's first certificate.
fn certificate_of(office: &IssuingOffice) -> Vec<u8> {
    let shown = office.issuer(&["--as", "auditor", "--json", "show", "1", "--expose"]);
    let shown = json_lines(&shown.stdout).remove(0);
    let text = shown["clear"]["texts"][0].as_str().unwrap();
    credential::qr_text::QrText::parse(text).unwrap().as_bytes().to_vec()
}

/// Personalised by the same keys, with a foreign pass in EF.PASS.
pub(crate) fn chip_that_shows(pass: Vec<u8>, n: u8) -> SimCard {
    chip(n, 60, |_| pass.clone())
}

/// Personalised with so many rides and a pass that may name the chip's own key.
pub(crate) fn chip(n: u8, rides: u16, pass_over: impl Fn([u8; 32]) -> Vec<u8>) -> SimCard {
    chip_with(n, |key| files(pass_over(key), rides))
}

/// Personalised with files that may name the chip's own key.
fn chip_with(n: u8, files_over: impl Fn([u8; 32]) -> CardFiles) -> SimCard {
    let mut card = blank(n);
    card.power_on();
    let (keys, mut rng) = (keys(), UnwrapErr(SysRng));
    let (mut script, batch) = Personalisation::start(None, &mut rng).unwrap();
    let mut next = Next::Send(batch);
    loop {
        let batch = match next {
            Next::Send(batch) => batch,
            Next::Card(_) => script.accept(&keys, &mut rng).unwrap(),
            Next::KeyPair(pair) => script.store(&files_over(pair.public_key)).unwrap(),
            Next::Done(_) => break,
        };
        next = script.on(&carry(&mut card, &batch).unwrap(), &keys, &mut rng).unwrap();
    }
    card.power_off();
    card
}

fn files(pass: Vec<u8>, allowed: u16) -> CardFiles {
    CardFiles {
        pass,
        certificate: Vec::new(),
        photo: Vec::new(),
        needs: Needs::NONE,
        rides: Rides { period: 202_611, allowed, used: 0 },
        pin: None,
    }
}

pub(crate) fn block(card: &mut SimCard, n: u8) {
    upkeep(card, n, Task::Block);
}

pub(crate) fn upkeep(card: &mut SimCard, n: u8, task: Task) {
    card.power_on();
    let serial = Serial::new([0xDC, 0, 0, 0, 0, 0, 1, n]);
    let (mut script, batch) = Upkeep::start(task, serial, &mut UnwrapErr(SysRng)).unwrap();
    let mut batch = batch;
    while let UpkeepNext::Send(next) = script.on(&carry(card, &batch).unwrap(), &keys()).unwrap() {
        batch = next;
    }
    card.power_off();
}

fn keys() -> IssuerKeys {
    IssuerKeys::parse(EXAMPLE_KEYS).unwrap()
}
