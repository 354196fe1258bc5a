//! What a gate sees: three commands, a proof that cannot be copied, and a ride counter that only falls.

use crate::desk::{Counted, OTHER_SERIAL, RIDES, SERIAL, blank, issued};
use card_firmware_sim::SimCard;
use card_host::{HostError, WrongCard, debit, present, read_file, read_status, verify_pin};
use card_protocol::{Debit, Ef, Interface, Pin, Rides, StatusWord};
use ed25519_dalek::VerifyingKey;

fn signs(key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key).unwrap().verify_strict(message, &signature.into()).is_ok()
}

#[test]
fn a_gate_transaction_takes_three_commands_and_at_most_330_bytes() {
    let (card, issued) = issued(SERIAL);
    let mut card = Counted::new(card.over(Interface::Contactless));
    let presented = present(&mut card, &[7; 16]).unwrap();
    assert!(signs(issued.public_key(), &presented.message, &presented.signature));
    assert_eq!(card.commands, 3);
    let bytes = card.out + card.back;
    assert!(bytes <= 330, "{bytes} bytes");
    let air = card.air_millis();
    println!("gate: 3 commands, {bytes} bytes, {air:.1} ms in the air at 106 kbit/s (computed)");
}

#[test]
fn a_pass_copied_to_another_chip_does_not_sign() {
    let (mut original, of_original) = issued(SERIAL);
    let (mut clone, of_clone) = issued(OTHER_SERIAL);
    assert_ne!(of_original.public_key(), of_clone.public_key());
    let challenge = [9; 16];
    let genuine = present(&mut original, &challenge).unwrap();
    let copied = present(&mut clone, &challenge).unwrap();
    // Whatever EF.PASS says on the other chip, the key in the copied pass is the original's.
    assert!(signs(of_original.public_key(), &genuine.message, &genuine.signature));
    assert!(!signs(of_original.public_key(), &copied.message, &copied.signature));
    // Nor does an old signature answer a new challenge.
    let again = present(&mut original, &[10; 16]).unwrap();
    assert!(!signs(of_original.public_key(), &again.message, &genuine.signature));
    assert!(again.counter > genuine.counter);
}

#[test]
fn rides_are_taken_one_by_one_and_signed_until_none_is_left() {
    let (mut card, issued) = issued(SERIAL);
    present(&mut card, &[1; 16]).unwrap();
    for used in 1..=RIDES.allowed {
        let challenge = [used as u8; 16];
        let Debit { nonce, counter, rides, signature } = debit(&mut card, &challenge).unwrap();
        assert_eq!(rides, Rides { used, ..RIDES });
        assert!(signs(issued.public_key(), &Debit::message(&challenge, nonce, counter, rides), &signature));
    }
    let refused = debit(&mut card, &[0; 16]);
    assert_eq!(refused, Err(HostError::Refused { ins: 0x34, status: StatusWord::CONDITIONS_NOT_SATISFIED }));
    assert_eq!(read_file(&mut card, Ef::Rides).unwrap(), Rides { used: 60, ..RIDES }.to_bytes());
}

#[test]
fn a_blank_card_opens_no_gate() {
    let refused = present(&mut blank(SERIAL), &[1; 16]);
    assert_eq!(refused, Err(WrongCard::Blank { serial: SERIAL }.into()));
}

#[test]
fn certificate_and_photo_stay_on_the_card_without_pin_and_over_the_air() {
    let (mut card, _) = issued(SERIAL);
    let refused = Err(HostError::Refused { ins: 0xB0, status: StatusWord::SECURITY_NOT_SATISFIED });
    present(&mut card, &[1; 16]).unwrap();
    assert_eq!(read_file(&mut card, Ef::Certificate), refused);
    assert_eq!(read_file(&mut card, Ef::Photo), refused);
    let mut card = card.over(Interface::Contactless);
    present(&mut card, &[1; 16]).unwrap();
    assert!(verify_pin(&mut card, &Pin::parse(crate::desk::PIN).unwrap()).is_err());
    assert_eq!(read_file(&mut card, Ef::Certificate), refused);
    assert_eq!(read_file(&mut card, Ef::Photo), refused);
}

#[test]
fn three_wrong_pins_block_the_pin_and_not_the_gate() {
    let (mut card, _) = issued(SERIAL);
    read_status(&mut card).unwrap();
    let wrong = Pin::parse("000000").unwrap();
    for tries_left in [2, 1, 0] {
        assert_eq!(verify_pin(&mut card, &wrong), Err(HostError::WrongPin { tries_left }));
    }
    let right = Pin::parse(crate::desk::PIN).unwrap();
    assert_eq!(verify_pin(&mut card, &right), Err(HostError::WrongPin { tries_left: 0 }));
    present(&mut card, &[1; 16]).unwrap();
}

/// Flash wears: what a tap, a ride and a PIN cost is held here, and printed for the profile.
#[test]
fn a_tap_costs_one_record_of_flash_and_reading_costs_none() {
    let (mut card, _) = issued(SERIAL);
    read_status(&mut card).unwrap();
    // The first change after power-up also confirms the record found; the figures are of those that follow.
    present(&mut card, &[0; 16]).unwrap();
    let cost = |card: &mut SimCard, act: &mut dyn FnMut(&mut SimCard)| {
        let before = card.flash_operations();
        act(card);
        card.flash_operations() - before
    };
    let read = cost(&mut card, &mut |card| drop(read_file(card, Ef::Pass).unwrap()));
    let tap = cost(&mut card, &mut |card| drop(present(card, &[1; 16]).unwrap()));
    let ride = cost(&mut card, &mut |card| {
        debit(card, &[2; 16]).unwrap();
    });
    let pin = cost(&mut card, &mut |card| verify_pin(card, &Pin::parse(crate::desk::PIN).unwrap()).unwrap());
    println!("flash operations: read {read}, tap {tap}, ride {ride}, PIN {pin}");
    assert_eq!(read, 0);
    assert!(tap <= 30 && ride == tap && pin == 2 * tap, "{tap} {ride} {pin}");
}
