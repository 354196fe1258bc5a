//! What must be durable before the card goes on, seen by cutting power in between: a guesser who pulls the card at
//! the right moment has spent the try all the same.

use crate::bench::Card;
use crate::conversation::{SELECT, hold};
use crate::dialogue::{Bench, Held};
use crate::nor::{Cut, Nor, Tear};
use card_protocol::Role;
use card_protocol::scp03::host;
use std::collections::BTreeSet;

/// Cuts power at each operation of an act in turn; returns what was seen of the card afterwards.
fn seen_after_cuts<T: Ord>(start: &Nor, act: fn(&mut Card) -> bool, look: fn(&mut Card) -> T) -> BTreeSet<T> {
    let mut seen = BTreeSet::new();
    for after in 0.. {
        let mut nor = start.clone();
        nor.arm(Cut { after, tear: Tear::Lost });
        let mut card = Card::mounted(nor);
        let done = act(&mut card);
        let mut nor = card.0.power_off();
        if !nor.was_cut() {
            assert!(done, "it goes well where power stays");
            break;
        }
        nor.power_up();
        seen.insert(look(&mut Card::mounted(nor)));
    }
    seen
}

#[test]
fn a_try_is_spent_before_the_card_knows_that_the_pin_is_right() {
    let start = Card::active().0.power_off();
    let verify = |card: &mut Card| hold(card, &[SELECT, "> 00 20 00 01 08 26123456FFFFFFFF"]) == 2;
    let tries = |card: &mut Card| {
        card.select();
        card.send(&[0, 0xB0, 0x86, 0, 0])[6]
    };
    assert_eq!(seen_after_cuts(&start, verify, tries), BTreeSet::from([2, 3]));
}

#[test]
fn a_failure_is_counted_before_the_card_knows_that_the_host_is_right() {
    let mut card = Card::active();
    for _ in 0..14 {
        card.send_command(&host::initialize_update(Some(Role::Update.version()), &[1; 8]));
        assert_eq!(card.send(&[&[0x84, 0x82, 0x33, 0, 16][..], &[0; 16]].concat()), [0x63, 0]);
    }
    let open = |card: &mut Card| {
        card.select();
        card.try_open(Role::Update).is_some()
    };
    let over_the_air = |card: &mut Card| {
        card.reset(Held::Contactless);
        card.select();
        let answer = card.send_command(&host::initialize_update(Some(Role::Update.version()), &[1; 8]));
        [answer[answer.len() - 2], answer[answer.len() - 1]]
    };
    // Fifteen silence the set over the air; the right host has not yet taken its own back.
    let seen = seen_after_cuts(&card.0.power_off(), open, over_the_air);
    assert_eq!(seen, BTreeSet::from([[0x69, 0x83], [0x90, 0x00]]));
}
