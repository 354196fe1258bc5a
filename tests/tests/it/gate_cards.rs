//! The gate as a process beside the machine's own reader service: cards laid on its reader, one after the other.

use card_firmware_sim::SimCard;
use credential::PublicKey;
use credential::pass::Pass;
use serde_json::Value;
use tempfile::tempdir;
use tests::authority::Authority;
use tests::running_gate::{RunningGate, Site, authority_of_today, pass_of_today};

use crate::card_desk::{SLOT, blank, put_in, service};
use crate::verify_card::{block, chip, chip_that_shows};

/// It becomes a gate when its first word is `gate`.
const PROGRAM: &str = env!("CARGO_BIN_EXE_gate-soak");

#[test]
fn a_card_rides_until_its_counter_is_empty_and_a_clone_never_does() {
    let (folder, authority) = (tempdir().unwrap(), authority_of_today());
    let settings = format!("[rules]\nrides = true\ncard_seconds = 0\n[input]\nreaders = [\"{SLOT}\"]");
    let site = Site::new(folder.path(), &authority, &settings);
    let _service = service();
    let gate = site.start(PROGRAM);
    gate.next("started").unwrap();

    let card = card_of(&authority, 21, 2);
    let (said, card) = show(&gate, card);
    assert_eq!(said["verdict"], "admitted", "{said}");
    let (said, card) = show(&gate, card);
    assert_eq!(said["verdict"], "admitted", "the last ride: {said}");
    let (said, mut card) = show(&gate, card);
    assert_eq!(said["refusal"], 53, "{said}");

    card.power_on();
    let pass = card_host::present(&mut card, &[1; 16]).unwrap().pass;
    card.power_off();
    let (said, _) = show(&gate, chip_that_shows(pass, 22));
    assert_eq!(said["refusal"], 61, "{said}");
    block(&mut card, 21);
    assert_eq!(show(&gate, card).0["refusal"], 41);
    assert_eq!(show(&gate, blank(23)).0["refusal"], 10);
}

#[test]
fn a_card_handed_back_over_the_barrier_is_refused_with_63() {
    let (folder, authority) = (tempdir().unwrap(), authority_of_today());
    let settings =
        format!("[rules]\ncard_seconds = 300\nreplay_seconds = 300\n[input]\nreaders = [\"{SLOT}\"]");
    let site = Site::new(folder.path(), &authority, &settings);
    let _service = service();
    let gate = site.start(PROGRAM);
    gate.next("started").unwrap();
    let (said, card) = show(&gate, card_of(&authority, 24, 9));
    assert_eq!(said["verdict"], "admitted", "{said}");
    assert_eq!(show(&gate, card).0["refusal"], 63);
}

/// Lays a card on the reader, takes it away when the gate has decided.
fn show(gate: &RunningGate, card: SimCard) -> (Value, SimCard) {
    let inserted = put_in(card);
    let said = gate.next("decision").expect("a decision");
    (said, inserted.remove())
}

/// A card whose pass names the chip's own key, with so many rides.
fn card_of(authority: &Authority, n: u8, rides: u16) -> SimCard {
    chip(n, rides, |key| {
        let holder_key = Some(PublicKey::Ed25519(key));
        authority.issue(Pass { holder_key, ..pass_of_today(n.into()) }.encode())
    })
}
