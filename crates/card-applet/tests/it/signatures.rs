//! What the card signs, checked by somebody else's rules: strict Ed25519 over the message of the profile.

use crate::bench::Card;
use crate::dialogue::{Bench, Held};
use card_protocol::{Command, Debit, Presence, Rides, Role, ins, object};
use ed25519_dalek::{Signature, VerifyingKey};

fn public_key(card: &mut Card) -> VerifyingKey {
    let answer = card.send(&[0x80, 0xCA, 0x7F, 0x49, 0x00]);
    let key = object::parse_public_key(&answer[..answer.len() - 2]).unwrap();
    VerifyingKey::from_bytes(&key).unwrap()
}

fn valid(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
    key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

#[test]
fn presence_is_signed_with_the_key_that_the_card_made() {
    let mut card = Card::active();
    let key = public_key(&mut card);
    card.reset(Held::Contactless);
    card.select();
    let mut before = None;
    for challenge in [[1; 16], [2; 16], [2; 16]] {
        let ask = Command::new(0, ins::INTERNAL_AUTHENTICATE, 0, 0).with_data(&challenge).expecting(256);
        let answer = card.send_command(&ask);
        let (data, status) = answer.split_at(Presence::LENGTH);
        assert_eq!(status, [0x90, 0]);
        let presence = Presence::from_slice(data).unwrap();
        let message = Presence::message(&challenge, presence.nonce, presence.counter);
        assert!(valid(&key, &message, &presence.signature));
        let other = Presence::message(&[3; 16], presence.nonce, presence.counter);
        assert!(!valid(&key, &other, &presence.signature));
        assert!(before.replace(presence) != Some(presence), "never the same answer twice");
    }
}

#[test]
fn a_ride_is_signed_with_what_is_left() {
    let mut card = Card::active();
    let key = public_key(&mut card);
    let ask = Command::new(0x80, ins::DEBIT, 0, 0).with_data(&[9; 16]).expecting(256);
    let answer = card.send_command(&ask);
    let debit = Debit::from_slice(&answer[..Debit::LENGTH]).unwrap();
    assert_eq!(debit.rides, Rides { period: 202_599, allowed: 3, used: 1 });
    let message = Debit::message(&[9; 16], debit.nonce, debit.counter, debit.rides);
    assert!(valid(&key, &message, &debit.signature));
    let cheaper = Rides { used: 0, ..debit.rides };
    let message = Debit::message(&[9; 16], debit.nonce, debit.counter, cheaper);
    assert!(!valid(&key, &message, &debit.signature));
}

#[test]
fn the_private_key_leaves_neither_by_the_wire_nor_into_the_old_bank() {
    let mut card = Card::active();
    let seed_of = |card: &mut Card| {
        // The seed lies behind four key sets of 49 bytes and a flag, in the bank that is not blank.
        let image = card.0.platform().image();
        let banks = [3 * 2048, 4 * 2048].map(|start| image[start + 197..start + 229].to_vec());
        banks.into_iter().find(|seed| seed.iter().any(|byte| *byte != 0xFF)).unwrap()
    };
    let seed = seed_of(&mut card);
    let derived = ed25519_dalek::SigningKey::from_bytes(&seed.clone().try_into().unwrap()).verifying_key();
    assert_eq!(derived, public_key(&mut card), "the test knows where the seed lies");

    let mut channel = card.open(Role::Issue);
    let terminate = Command::new(0x84, ins::SET_STATUS, 0x40, 0xFF).expecting(256);
    assert_eq!(card.send_wrapped(&mut channel, &terminate), Some(vec![0x90, 0]));
    let image = card.0.platform().image();
    assert!(!image.windows(32).any(|window| window == seed), "termination erases the key");
    assert!(!image.windows(19).any(|window| window == [0xC2; 19]), "and the certificate");
}

#[test]
fn the_transport_keys_leave_the_flash_when_the_issuer_takes_over() {
    let mut card = Card::active();
    let key = &crate::dialogue::TRANSPORT_KEYS[..16];
    assert!(!card.0.platform().image().windows(16).any(|window| window == key));
    assert!(Card::blank().0.platform().image().windows(16).any(|window| window == key));
}

#[test]
fn a_card_prints_where_it_stands_and_nothing_it_was_told() {
    let mut card = Card::active();
    card.send(&[0, 0x20, 0, 1, 8, 0x26, 0x12, 0x34, 0x56, 0xFF, 0xFF, 0xFF, 0xFF]);
    card.send(&[0, 0xB0, 0x82, 0, 0]);
    assert_eq!(format!("{:?}", card.0), "Applet { life_cycle: Active, .. }");
}
