//! Work on issued cards at the desk and the kiosk: unblock, block, renew, end.

use crate::desk::{OTHER_SERIAL, PIN, RIDES, SERIAL, files, issued, keys, rng};
use card_host::{
    CardFiles, HostError, KeyPair, Task, Upkeep, UpkeepNext, WrongCard, carry, change_pin, debit, present,
    read_file, read_status, verify_pin,
};
use card_protocol::{CardStatus, Ef, LifeCycle, Pin, PinState, Rides, Transport};

fn run(task: Task, card: &mut impl Transport) -> Result<CardStatus, HostError> {
    card.reset()?;
    let (mut script, batch) = Upkeep::start(task, SERIAL, &mut rng())?;
    let mut batch = batch;
    let mut round_trips = 0;
    loop {
        round_trips += 1;
        match script.on(&carry(card, &batch)?, &keys())? {
            UpkeepNext::Send(next) => batch = next,
            UpkeepNext::Done(status) => {
                assert_eq!(round_trips, 2);
                card.reset()?;
                return Ok(status);
            }
        }
    }
}

#[test]
fn a_blocked_pin_is_unblocked_at_the_desk() {
    let (mut card, _) = issued(SERIAL);
    read_status(&mut card).unwrap();
    let wrong = Pin::parse("000000").unwrap();
    while verify_pin(&mut card, &wrong) != Err(HostError::WrongPin { tries_left: 0 }) {}
    let status = run(Task::UnblockPin(None), &mut card).unwrap();
    assert_eq!(status.pin, PinState::TriesLeft(3));
    read_status(&mut card).unwrap();
    verify_pin(&mut card, &Pin::parse(PIN).unwrap()).unwrap();

    run(Task::UnblockPin(Some(Pin::parse("246802").unwrap())), &mut card).unwrap();
    read_status(&mut card).unwrap();
    assert_eq!(verify_pin(&mut card, &Pin::parse(PIN).unwrap()), Err(HostError::WrongPin { tries_left: 2 }));
    verify_pin(&mut card, &Pin::parse("246802").unwrap()).unwrap();
}

#[test]
fn the_holder_changes_the_pin_knowing_the_old_one() {
    let (mut card, _) = issued(SERIAL);
    read_status(&mut card).unwrap();
    let [old, new, wrong] = [PIN, "112233", "999999"].map(|digits| Pin::parse(digits).unwrap());
    assert_eq!(change_pin(&mut card, &wrong, &new), Err(HostError::WrongPin { tries_left: 2 }));
    change_pin(&mut card, &old, &new).unwrap();
    verify_pin(&mut card, &new).unwrap();
}

#[test]
fn a_blocked_card_opens_no_gate_until_it_is_unblocked() {
    let (mut card, _) = issued(SERIAL);
    assert_eq!(run(Task::Block, &mut card).unwrap().life_cycle, LifeCycle::Blocked);
    assert_eq!(present(&mut card, &[1; 16]), Err(WrongCard::Blocked { serial: SERIAL }.into()));
    assert_eq!(run(Task::Unblock, &mut card).unwrap().life_cycle, LifeCycle::Active);
    present(&mut card, &[1; 16]).unwrap();
}

#[test]
fn an_ended_card_stays_ended() {
    let (mut card, _) = issued(SERIAL);
    assert_eq!(run(Task::Terminate, &mut card).unwrap().life_cycle, LifeCycle::Terminated);
    assert_eq!(present(&mut card, &[1; 16]), Err(WrongCard::Terminated.into()));
    assert_eq!(run(Task::Unblock, &mut card), Err(WrongCard::Terminated.into()));
}

#[test]
fn a_new_ride_period_and_a_new_pass_come_together() {
    let (mut card, issued) = issued(SERIAL);
    present(&mut card, &[1; 16]).unwrap();
    debit(&mut card, &[1; 16]).unwrap();
    let december = Rides { period: 202_612, ..RIDES };
    let key = KeyPair { serial: SERIAL, public_key: *issued.public_key() };
    let renewed = CardFiles { rides: december, pass: vec![0x51; 150], pin: None, ..files(&key) };
    let status = run(Task::Renew(renewed), &mut card).unwrap();
    assert_eq!(status.update_counter, 2);
    assert_eq!(present(&mut card, &[1; 16]).unwrap().pass, [0x51; 150]);
    assert_eq!(read_file(&mut card, Ef::Rides).unwrap(), december.to_bytes());
    read_status(&mut card).unwrap();
    verify_pin(&mut card, &Pin::parse(PIN).unwrap()).unwrap();
}

#[test]
fn another_holders_card_is_not_worked_on() {
    let (mut card, _) = issued(OTHER_SERIAL);
    assert_eq!(run(Task::Block, &mut card), Err(WrongCard::OtherHolders { serial: OTHER_SERIAL }.into()));
    present(&mut card, &[1; 16]).unwrap();
}
