//! Key sets of a card in use: who may replace which, and which counters outlive their keys.

use crate::bench::{Card, issuer_keys};
use crate::dialogue::{Bench, Held};
use card_protocol::scp03::Greeting;
use card_protocol::scp03::host::{HostChannel, initialize_update};
use card_protocol::{Command, Role, StaticKeys, Writer, ins};

/// PUT KEY of a new set for `role` in place of `replaced`, wrapped by the keys of `host`.
fn put_key(card: &mut Card, channel: &mut HostChannel, host: Role, role: Role, replaced: u8) -> Vec<u8> {
    let mut data = [0; 128];
    let mut writer = Writer::new(&mut data);
    let new = StaticKeys::from_bytes(&[0x5C; 48]);
    new.put(&mut writer, role.version(), &issuer_keys(host).dek).unwrap();
    let length = writer.len();
    let put = Command::new(0x80, ins::PUT_KEY, replaced, 0x81).with_data(&data[..length]).expecting(256);
    card.send_wrapped(channel, &put).unwrap()
}

/// INITIALIZE UPDATE: the sequence counter it tells, or the status that refuses it.
fn sequence(card: &mut Card, role: Role) -> Result<[u8; 3], [u8; 2]> {
    let answer = card.send_command(&initialize_update(Some(role.version()), &[1; 8]));
    match answer.split_last_chunk::<2>() {
        Some((data, [0x90, 0x00])) => Ok(Greeting::from_slice(data).unwrap().sequence),
        Some((_, status)) => Err(*status),
        None => panic!("no answer"),
    }
}

#[test]
fn a_set_is_replaced_in_its_own_place_and_by_the_issuer_only() {
    let mut card = Card::active();
    let mut channel = card.open(Role::Issue);
    for (role, replaced) in [(Role::Update, 0x00), (Role::Update, 0x20), (Role::Read, 0x31)] {
        let answer = put_key(&mut card, &mut channel, Role::Issue, role, replaced);
        assert_eq!(answer, [0x6A, 0x88], "{role:?} in place of {replaced:02X}");
    }
    card.select();
    let mut channel = card.open(Role::Update);
    assert_eq!(put_key(&mut card, &mut channel, Role::Update, Role::Update, 0x31), [0x69, 0x82]);

    card.select();
    let mut channel = card.open(Role::Issue);
    let answer = put_key(&mut card, &mut channel, Role::Issue, Role::Update, 0x31);
    assert_eq!((answer[0], &answer[10..]), (0x31, &[0x90, 0][..]));
    card.select();
    assert!(card.try_open(Role::Update).is_none(), "the old keys are gone");
}

#[test]
fn a_new_set_goes_on_counting_where_the_old_one_stood_and_is_heard_again() {
    let mut card = Card::active();
    let mut last = [0; 3];
    for _ in 0..15 {
        last = sequence(&mut card, Role::Update).unwrap();
        assert_eq!(card.send(&[&[0x84, 0x82, 0x33, 0, 16][..], &[0; 16]].concat()), [0x63, 0]);
    }
    card.reset(Held::Contactless);
    card.select();
    assert_eq!(sequence(&mut card, Role::Update), Err([0x69, 0x83]));
    let mut channel = card.open(Role::Issue);
    let answer = put_key(&mut card, &mut channel, Role::Issue, Role::Update, 0x31);
    assert!(answer.ends_with(&[0x90, 0]));
    card.select();
    let next = [0, 0, last[2] + 1];
    assert_eq!(sequence(&mut card, Role::Update), Ok(next), "no challenge comes twice");
}

#[test]
fn an_authentication_out_of_order_is_no_failure_of_the_set() {
    let mut card = Card::active();
    card.reset(Held::Contactless);
    card.select();
    for _ in 0..20 {
        sequence(&mut card, Role::Update).unwrap();
        card.send(&[0x00, ins::GET_CHALLENGE, 0, 0, 8]);
        assert_eq!(card.send(&[&[0x84, 0x82, 0x33, 0, 16][..], &[0; 16]].concat()), [0x69, 0x85]);
    }
    assert!(sequence(&mut card, Role::Update).is_ok());
}
