//! The wrong card on the desk's reader: each kind is told apart, named in both languages, counted by its name, and left
//! as it was.

use card_firmware_sim::{FIRST_SLOT, Image, Inserted, SimCard};
use card_host::Task;
use card_protocol::{Serial, StaticKeys};
use serde_json::{Value, json};
use tests::foreign_chip::ForeignChip;

use crate::card_desk::{RunningDesk, SLOT, blank, in_the_middle, office, put_in, service};
use crate::verify_card::{block, chip_that_shows, upkeep};

#[test]
fn each_wrong_card_in_a_shift_is_named_in_both_languages_and_counted() {
    let (_folder, office) = office(1);
    let _service = service();
    let desk = RunningDesk::start(office.desk(SLOT), b"");
    desk.waits_for("card");
    let bank = ForeignChip::bank_card(FIRST_SLOT);
    assert_named(&desk, "bank_card", "银行卡", "bank card");
    drop(bank);
    desk.waits_for("card");
    let unknown = ForeignChip::unknown(FIRST_SLOT);
    assert_named(&desk, "unknown_card", "这不是残疾人证卡", "not a certificate card");
    drop(unknown);

    let issued = chip_that_shows(vec![0x50; 106], 41);
    let (mut blocked, mut ended) =
        (chip_that_shows(b"a pass".into(), 42), chip_that_shows(b"a pass".into(), 43));
    block(&mut blocked, 42);
    upkeep(&mut ended, 43, Task::Terminate);
    for (card, name, zh, en) in [
        (issued, "already_personalised", "DC00000000000129）已经发证", "issued already"),
        (blocked, "blocked", "DC0000000000012A）已被冻结", "blocked"),
        (ended, "terminated", "已注销", "ended"),
        (of_another_issuer(44), "other_issuer", "密钥不符", "not this issuer's"),
    ] {
        desk.waits_for("card");
        let inserted = put_in(card);
        assert_named(&desk, name, zh, en);
        drop(inserted.remove());
    }

    desk.waits_for("card");
    let inserted = put_in(blank(45));
    assert_eq!(desk.next("issued")["card"], "DC0000000000012D", "and none of them took the job");
    let (done, exit) = desk.end();
    let each_once = json!({
        "bank_card": 1, "unknown_card": 1, "already_personalised": 1, "blocked": 1, "terminated": 1,
        "other_issuer": 1,
    });
    assert_eq!((&done["written"], &done["refused"], exit), (&1.into(), &each_once, Some(1)));
    drop(inserted);
}

#[test]
fn a_card_begun_for_one_holder_serves_no_other_and_its_holder_no_other_card() {
    let (_folder, office) = office(2);
    let _service = service();
    let jobs = office.open_jobs();
    let desk_for = |job: &Value| {
        let mut command = office.desk(SLOT);
        command.args(["--job", &job["job"].to_string()]);
        RunningDesk::start(command, b"")
    };
    let begun = Inserted::insert(blank(46), FIRST_SLOT);
    let desk = desk_for(&jobs[0]);
    let held = in_the_middle(&begun);
    drop(desk);
    drop(held);

    let desk = desk_for(&jobs[1]);
    assert_named(&desk, "other_holders", "DC0000000000012E）属于另一位持证人", "another holder's");
    drop(desk);
    let begun = begun.remove();
    let desk = desk_for(&jobs[0]);
    desk.waits_for("card");
    let other = put_in(blank(47));
    assert_named(&desk, "not_the_card_begun", "请放回原来的卡", "put the first one back");
    drop(other.remove());
    desk.waits_for("card");
    let begun = put_in(begun);
    assert_eq!(desk.next("issued")["job"], jobs[0]["job"]);
    let (done, exit) = desk.end();
    assert_eq!((&done["refused"], exit), (&json!({ "not_the_card_begun": 1 }), Some(1)));
    drop(begun);
    assert_eq!(office.open_jobs()[0]["stage"], "ordered", "the second holder still waits");
}

/// Refused for this cause, and said so to a clerk of either language.
fn assert_named(desk: &RunningDesk, name: &str, zh: &str, en: &str) {
    let refused = desk.next("refused");
    assert_eq!((&refused["reason"], &refused["blame"]), (&name.into(), &"card".into()), "{refused}");
    let message = &refused["message"];
    assert!(message["zh"].as_str().unwrap().contains(zh), "{message}");
    assert!(message["en"].as_str().unwrap().contains(en), "{message}");
}

/// Delivered by a card maker whose transport keys this issuer does not have.
fn of_another_issuer(n: u8) -> SimCard {
    let serial = Serial::new([0xDC, 0, 0, 0, 0, 0, 1, n]);
    SimCard::manufacture(Image::in_memory(), serial, StaticKeys::from_bytes(&[0x77; 48])).unwrap()
}
