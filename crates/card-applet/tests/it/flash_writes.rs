//! What each command costs the flash: words programmed and pages erased. A chip bears some 100,000 erasures a page.

use crate::bench::Card;
use crate::conversation::{PERSONALISE, SELECT, Step, hold};

/// Prints the cost of each step of a conversation, and returns it.
fn costs(name: &str, card: &mut Card, steps: &[Step]) -> Vec<(usize, usize)> {
    let start = card.0.platform().clone();
    // Held from the beginning each time, because a channel does not survive power.
    let after = |count: usize| {
        let mut copy = Card::mounted(start.clone());
        assert_eq!(hold(&mut copy, &steps[..count]), count);
        let nor = copy.0.power_off();
        (nor.programs, nor.erases)
    };
    let cost = |step: usize| {
        let (before, after) = (after(step), after(step + 1));
        (after.0 - before.0, after.1 - before.1)
    };
    let costs: Vec<(usize, usize)> = (0..steps.len()).map(cost).collect();
    for (step, (words, pages)) in steps.iter().zip(&costs) {
        let shown: String = step.chars().take(17).collect();
        println!("flash, {name}: {shown:<17} {words:>5} words {pages:>2} pages erased");
    }
    costs
}

#[test]
fn reading_writes_nothing_and_every_command_costs_what_it_should() {
    let mut blank = Card::blank();
    costs("personalise", &mut blank, &PERSONALISE);

    let mut card = Card::active();
    let gate = costs(
        "gate",
        &mut card,
        &[SELECT, "> 00 B0 81 00 00", "> 00 88 00 00 10 A0*16 4C", "> 80 34 00 00 10 B0*16 54"],
    );
    // One record of 16 words, without the words that are blank anyway.
    assert_eq!((gate[0], gate[1]), ((0, 0), (0, 0)));
    assert!(gate[2..].iter().all(|cost| *cost <= (16, 0)), "{gate:?}");

    let pin = costs(
        "PIN",
        &mut card,
        &[
            SELECT,
            "> 00 20 00 01 < 63C3",
            "> 00 20 00 01 08 26999999FFFFFFFF < 63C2",
            "> 00 20 00 01 08 26123456FFFFFFFF",
            "> 00 24 00 01 10 26123456FFFFFFFF 26654321FFFFFFFF",
        ],
    );
    assert_eq!((pin[0], pin[1]), ((0, 0), (0, 0)));
    assert!(pin[2] <= (16, 0) && pin[3] <= (32, 0), "{pin:?}");

    let kiosk = costs(
        "kiosk",
        &mut card,
        &[
            SELECT,
            "open 31",
            ">> 84 E2 00 00 2D DC0114 E1*20 DC0213 E2*19",
            ">> 84 E2 80 01 12 DC0508 0003176800050000 DC2004 00000002",
            ">> 84 F0 40 9F 00",
        ],
    );
    assert!(kiosk[1] <= (48, 0), "three records: {kiosk:?}");
}
