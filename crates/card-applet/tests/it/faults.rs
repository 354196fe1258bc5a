//! A chip that is ill while its power is good: its random generator fails, or its flash refuses from some operation on.
//! The card then says 6581, tells nothing, and goes on from what is durable.

use crate::bench::Card;
use crate::conversation::{PERSONALISE, hold};
use crate::dialogue::{Bench, hex};
use card_protocol::scp03::Level;
use card_protocol::{Command, Ef, Role, ins};

const MEMORY_FAILURE: [u8; 2] = [0x65, 0x81];

fn status(card: &mut Card) -> Vec<u8> {
    card.send(&[0, 0xB0, 0x80 | Ef::Status.sfi(), 0, 0])
}

fn rides(card: &mut Card) -> Vec<u8> {
    card.send(&[0, 0xB0, 0x80 | Ef::Rides.sfi(), 0, 0])
}

fn sign(instruction: u8) -> Vec<u8> {
    let cla = if instruction == ins::DEBIT { 0x80 } else { 0x00 };
    [&[cla, instruction, 0, 0, 16][..], &[7; 16], &[0]].concat()
}

/// The transaction counter that the next signature carries.
fn next_transaction(card: &mut Card) -> Vec<u8> {
    card.send(&sign(ins::INTERNAL_AUTHENTICATE))[8..12].to_vec()
}

#[test]
fn a_generator_that_fails_makes_no_challenge_no_signature_and_no_key() {
    let mut card = Card::active();
    card.0.platform().random_fails = true;
    let before = (status(&mut card), rides(&mut card));
    assert_eq!(card.send(&[0, ins::GET_CHALLENGE, 0, 0, 8]), MEMORY_FAILURE);
    assert_eq!(card.send(&sign(ins::INTERNAL_AUTHENTICATE)), MEMORY_FAILURE);
    assert_eq!(card.send(&sign(ins::DEBIT)), MEMORY_FAILURE);
    assert_eq!((status(&mut card), rides(&mut card)), before, "no ride was taken");
    card.0.platform().random_fails = false;
    assert_eq!(next_transaction(&mut card), [0, 0, 0, 1], "nothing was counted");

    let mut card = Card::blank();
    assert_eq!(hold(&mut card, &PERSONALISE[..5]), 5);
    let mut channel = card.open(Role::Issue);
    card.0.platform().random_fails = true;
    let make = Command::new(0x04, ins::GENERATE_KEY_PAIR, 0x80, 0).expecting(256);
    assert_eq!(card.send_wrapped(&mut channel, &make), Some(MEMORY_FAILURE.to_vec()));
    let read = Command::new(0x04, ins::GENERATE_KEY_PAIR, 0x81, 0).expecting(256);
    assert_eq!(card.send_wrapped(&mut channel, &read), Some(vec![0x6A, 0x88]), "there is no key");
}

#[test]
fn flash_that_refuses_gives_no_signature_and_takes_no_ride() {
    for instruction in [ins::INTERNAL_AUTHENTICATE, ins::DEBIT] {
        let operations = 16;
        for after in 0..operations {
            let mut card = Card::active();
            let before = rides(&mut card);
            card.0.platform().refuses_after = Some(after);
            assert_eq!(card.send(&sign(instruction)), MEMORY_FAILURE, "{instruction:02X} after {after}");
            card.0.platform().refuses_after = None;
            assert_eq!(rides(&mut card), before);
            assert_eq!(next_transaction(&mut card), [0, 0, 0, 1]);
        }
        let mut card = Card::active();
        card.0.platform().refuses_after = Some(operations);
        assert!(card.send(&sign(instruction)).ends_with(&[0x90, 0]), "that was all of it");
    }
}

#[test]
fn flash_that_refuses_opens_nothing_to_the_right_pin() {
    for after in 0..32 {
        let mut card = Card::active();
        card.0.platform().refuses_after = Some(after);
        let answer = card.send(&hex(&["00200001", "08", "26123456FFFFFFFF"]));
        assert_eq!(answer, MEMORY_FAILURE, "after {after}");
        assert_eq!(card.send(&[0, 0xB0, 0x82, 0, 0]), [0x69, 0x82], "the certificate stays closed");
        let tries = status(&mut card)[6];
        assert_eq!(tries, if after < 16 { 3 } else { 2 }, "after {after}");
    }
}

#[test]
fn flash_that_refuses_opens_no_channel_to_the_right_host() {
    let mut card = Card::active();
    for after in 0..16 {
        card.0.platform().refuses_after = Some(after);
        assert!(card.greet(Level::Full, Role::Update).is_none(), "no challenge goes out after {after}");
    }
    for after in 0..32 {
        let mut card = Card::active();
        let (mut channel, proof) = card.greet(Level::Full, Role::Update).unwrap();
        card.0.platform().refuses_after = Some(after);
        assert_eq!(card.send_command(&proof.command()), MEMORY_FAILURE, "after {after}");
        card.0.platform().refuses_after = None;
        let block = Command::new(0x80, ins::SET_STATUS, 0x40, 0x9F);
        let answer = card.send_wrapped(&mut channel, &block);
        assert_eq!(answer, Some(vec![0x69, 0x82]), "after {after}");
        card.select();
        assert!(card.try_open(Role::Update).is_some(), "it can be tried again after {after}");
    }
}

#[test]
fn flash_that_refuses_keeps_files_counter_and_pin_as_they_were() {
    let files = hex(&["DC010400010203", "DC100826654321FFFFFFFF", "DC200400000002"]);
    let store = Command::new(0x84, ins::STORE_DATA, 0x80, 0).with_data(&files).expecting(256);
    let mut kept = 0;
    for after in 0.. {
        let mut card = Card::active();
        let mut channel = card.open(Role::Update);
        card.0.platform().refuses_after = Some(after);
        let answer = card.send_wrapped(&mut channel, &store);
        let refused = card.0.platform().has_refused();
        card.0.platform().refuses_after = None;
        if !refused {
            assert_eq!(answer, Some(vec![0x90, 0]));
            break;
        }
        card.select();
        // The last operation erases what was superseded: the new content is in force by then.
        let pass = card.send(&[0, 0xB0, 0x81, 0, 0]);
        let (pin, counter) = if pass == [[0xD1; 20].as_slice(), &[0x90, 0]].concat() {
            kept += 1;
            ("26123456FFFFFFFF", 1)
        } else {
            assert_eq!(pass, [0, 1, 2, 3, 0x90, 0], "after {after}");
            ("26654321FFFFFFFF", 2)
        };
        assert_eq!(answer, Some(MEMORY_FAILURE.to_vec()), "after {after}");
        assert_eq!(status(&mut card)[5], counter, "after {after}");
        assert_eq!(card.send(&hex(&["00200001", "08", pin])), [0x90, 0], "after {after}");
    }
    assert!(kept > 50, "{kept} refusals left everything as it was");
}
