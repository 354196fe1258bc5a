//! PROFILE.md says what the card does: its tables, held against the code, and its figures, against a card.

use crate::desk::{Counted, Job, SERIAL, blank, issued};
use card_host::{debit, present};
use card_protocol::{AID, Atr, Ef, Interface, LifeCycle, Rides, Role, SECURITY_DOMAIN, StatusWord, ins};

const PROFILE: &str = include_str!("../../PROFILE.md");

/// The rows of the first table of a section, without its head.
fn rows(section: &str) -> Vec<Vec<&'static str>> {
    let (_, rest) = PROFILE.split_once(&format!("\n## {section}")).expect("a section of that number");
    let text = rest.split("\n## ").next().unwrap_or_default();
    let lines = text.lines().skip_while(|line| !line.starts_with("|--")).skip(1);
    lines
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn names_and_atrs_are_those_of_the_code() {
    let of = |name: &str| {
        let row = rows("2.").into_iter().find(|row| row[0] == name);
        row.unwrap_or_else(|| panic!("no row {name}"))[1].replace('`', "")
    };
    assert!(of("AID").starts_with(&hex(&AID)));
    assert!(of("security domain").starts_with(&hex(&SECURITY_DOMAIN)));
    assert!(of("ATR, contacts").starts_with(&hex(Atr::ours(Interface::Contact).as_bytes())));
    assert!(of("ATR, contactless").starts_with(&hex(Atr::ours(Interface::Contactless).as_bytes())));
}

#[test]
fn files_states_and_roles_are_those_of_the_code() {
    let files: Vec<_> = rows("3.").iter().map(|row| row[1..4].join(" ")).collect();
    let coded = Ef::ALL.map(|ef| format!("{} {:04X} {}", ef.sfi(), ef.file_id(), ef.capacity()));
    assert_eq!(files, coded);
    let states: Vec<_> = rows("4.").iter().map(|row| row[1]).collect();
    assert_eq!(states, LifeCycle::ALL.map(|state| format!("{:02X}", state.as_u8())));
    let roles: Vec<_> = rows("5.").iter().map(|row| row[0]).collect();
    assert_eq!(roles, Role::ALL.map(|role| format!("{:02X}", role.version().as_u8())));
    assert_eq!(Ef::Rides.capacity(), Rides::LENGTH);
}

#[test]
fn every_command_and_every_status_word_is_in_its_table() {
    let commands: Vec<_> = rows("6.").iter().map(|row| row[1]).collect();
    for instruction in [
        ins::SELECT,
        ins::READ_BINARY,
        ins::VERIFY,
        ins::CHANGE_REFERENCE_DATA,
        ins::RESET_RETRY_COUNTER,
        ins::GET_CHALLENGE,
        ins::INTERNAL_AUTHENTICATE,
        ins::DEBIT,
        ins::GENERATE_KEY_PAIR,
        ins::GET_DATA,
        ins::INITIALIZE_UPDATE,
        ins::EXTERNAL_AUTHENTICATE,
        ins::PUT_KEY,
        ins::STORE_DATA,
        ins::SET_STATUS,
        ins::GET_STATUS,
        ins::GET_RESPONSE,
    ] {
        let known =
            commands.iter().filter(|row| row.split(' ').nth(1) == Some(&format!("{instruction:02X}")));
        assert_eq!(known.count(), 1, "{instruction:02X}");
    }
    assert_eq!(commands.len(), 17);

    let table = rows("8.").iter().flat_map(|row| [row[0], row[2]]).collect::<Vec<_>>().join(" / ");
    let (known, unknown): (Vec<_>, Vec<_>) = (0x6000..=0x9000_u16)
        .map(|word| StatusWord::new(word.to_be_bytes()[0], word.to_be_bytes()[1]))
        .partition(|word| word.meaning() != "not of this profile");
    for word in known {
        let exact = format!("{:04X}", word.as_u16());
        let family = [format!("{:02X}xx", word.sw1()), format!("{:03X}x", word.as_u16() >> 4)];
        assert!(table.contains(&exact) || family.iter().any(|family| table.contains(family)), "{word}");
    }
    for word in unknown {
        assert!(!table.contains(&format!("{:04X}", word.as_u16())), "{word:?} is no status word of ours");
    }
}

#[test]
fn what_travels_is_what_the_figures_say() {
    let says = |figure: &str| assert!(PROFILE.contains(figure), "PROFILE.md does not say: {figure}");
    let (card, _) = issued(SERIAL);
    let mut card = Counted::new(card.over(Interface::Contactless));
    present(&mut card, &[7; 16]).unwrap();
    says(&format!(
        "| gate transaction | {} commands, {} bytes with a pass of 149; {:.1} ms of air time",
        card.commands,
        card.out + card.back,
        card.air_millis()
    ));
    let mut card = Counted::new(card.card);
    debit(&mut card, &[7; 16]).unwrap();
    let bytes = card.out + card.back;
    says(&format!("(DEBIT) | {} command, {bytes} bytes, {:.1} ms", card.commands, card.air_millis()));
    let mut job = Job::default();
    job.run(&mut blank(SERIAL)).unwrap();
    says(&format!(
        "{} round trips between desk and issuer, {} commands, {} bytes out, {} back",
        job.round_trips, job.commands, job.bytes.0, job.bytes.1
    ));
}
