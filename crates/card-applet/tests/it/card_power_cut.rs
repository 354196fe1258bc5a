//! Power is cut during every word and page operation of whole conversations: what the card is afterwards must be what
//! it was before or after the command in progress, and its counters never go back.

use crate::bench::{Card, SELECT as SELECT_COMMAND};
use crate::conversation::{PERSONALISE, SELECT, Step, hold};
use crate::dialogue::{Bench, hex};
use crate::nor::{Cut, Nor, Tear};
use crate::power_cuts;
use card_applet::Applet;
use card_protocol::{Presence, Role, Serial, StaticKeys};

/// All that a card can be asked, by somebody who has every key and both PINs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Observation {
    /// EF.STATUS: life cycle, update counter, PIN tries, step, key versions.
    status: Vec<u8>,
    rides: Vec<u8>,
    pass: Vec<u8>,
    needs: Vec<u8>,
    has_key_pair: bool,
    /// What INTERNAL AUTHENTICATE would count next.
    next_transaction: Option<u32>,
    /// Whether the first and the second PIN opens the certificate, and what it holds then.
    certificates: [Vec<u8>; 2],
    opens: [bool; 4],
}

const PINS: [&str; 2] = ["26123456FFFFFFFF", "26654321FFFFFFFF"];

impl Observation {
    /// Every question is put to a copy, so that the answers are of one moment.
    fn of(nor: &Nor) -> Self {
        let ask = |command: &str| {
            let mut card = Card::mounted(nor.clone());
            card.select();
            card.send(&hex(&command.split_whitespace().collect::<Vec<_>>()))
        };
        let presence = ask("00 88 00 00 10 A0*16 00");
        Self {
            status: ask("00 B0 86 00 00"),
            rides: ask("00 B0 85 00 00"),
            pass: ask("00 B0 81 00 00"),
            needs: ask("00 B0 84 00 00"),
            has_key_pair: ask("80 CA 7F 49 00").ends_with(&[0x90, 0]),
            next_transaction: presence
                .get(..Presence::LENGTH)
                .map(|bytes| Presence::from_slice(bytes).unwrap().counter),
            certificates: PINS.map(|pin| {
                let mut card = Card::mounted(nor.clone());
                card.select();
                card.send(&hex(&["00200001", "08", pin]));
                card.send(&[0, 0xB0, 0x82, 0, 0])
            }),
            opens: Role::ALL.map(|role| Card::mounted(nor.clone()).try_open(role).is_some()),
        }
    }

    /// What it is between the two commits of a PIN command.
    fn with_one_try_less(&self) -> Self {
        let mut less = self.clone();
        if let Some(tries @ 1..=3) = less.status.get_mut(TRIES) {
            *tries -= 1;
        }
        less
    }

    /// The part that needs no signature and no channel, cheap enough for a second cut.
    fn outside(nor: &Nor) -> [Vec<u8>; 4] {
        let mut card = Card::mounted(nor.clone());
        card.send(&SELECT_COMMAND);
        [0x86, 0x85, 0x81, 0x84].map(|file| card.send(&[0, 0xB0, file, 0, 0]))
    }

    fn to_outside(&self) -> [Vec<u8>; 4] {
        let Self { status, rides, pass, needs, .. } = self.clone();
        [status, rides, pass, needs]
    }
}

/// Place of the PIN's tries in EF.STATUS.
const TRIES: usize = 6;

fn blank_chip() -> Nor {
    let transport = StaticKeys::from_bytes(&crate::dialogue::TRANSPORT_KEYS);
    Applet::manufacture(Nor::blank(5), Serial::new(crate::dialogue::SERIAL), transport).unwrap()
}

fn active_chip() -> Nor {
    let mut card = Card::mounted(blank_chip());
    assert_eq!(hold(&mut card, &PERSONALISE), PERSONALISE.len());
    card.0.power_off()
}

#[test]
fn the_pin_is_cut_everywhere() {
    report(
        "PIN",
        &active_chip(),
        &[
            SELECT,
            "> 00 20 00 01 08 26999999FFFFFFFF < 63C2",
            "> 00 20 00 01 08 26123456FFFFFFFF",
            "> 00 24 00 01 10 26123456FFFFFFFF 26654321FFFFFFFF",
            "> 00 24 00 01 10 26123456FFFFFFFF 26654321FFFFFFFF < 63C2",
            "> 00 20 00 01 08 26654321FFFFFFFF",
            "> 00 20 00 01 08 26999999FFFFFFFF < 63C2",
            "> 00 20 00 01 08 26999999FFFFFFFF < 63C1",
        ],
    );
}

#[test]
fn signatures_and_rides_are_cut_everywhere() {
    report(
        "signatures, rides",
        &active_chip(),
        &[
            SELECT,
            "> 00 88 00 00 10 A0*16 4C",
            "> 80 34 00 00 10 B0*16 54",
            "> 80 34 00 00 10 B0*16 54",
            "> 00 88 00 00 10 A0*16 4C",
            "> 80 34 00 00 10 B0*16 54",
            "> 80 34 00 00 10 B0*16 54 < 6985",
        ],
    );
}

#[test]
fn an_update_at_the_kiosk_is_cut_everywhere() {
    report(
        "update",
        &active_chip(),
        &[
            SELECT,
            "open 31",
            ">> 84 E2 00 00 2D DC0114 E1*20 DC0213 E2*19",
            ">> 84 E2 80 01 23 DC0403 820103 DC0508 0003176800050000 DC1008 26654321FFFFFFFF DC2004 00000002",
            ">> 04 2C 03 01",
            ">> 04 2C 02 01 08 26123456FFFFFFFF",
            ">> 84 E2 80 00 0D DC0403 820104 DC2004 00000003",
        ],
    );
}

#[test]
fn the_end_of_a_card_is_cut_everywhere() {
    report(
        "end of life",
        &active_chip(),
        &[
            SELECT,
            "open 30",
            ">> 84 F0 40 9F 00",
            ">> 84 F0 40 1F 00",
            ">> 84 F0 40 9F 00",
            ">> 84 F0 40 FF 00",
        ],
    );
}

#[test]
fn personalisation_is_cut_everywhere_and_can_be_taken_up_again() {
    assert_eq!(Observation::of(&blank_chip()).opens, [true, false, false, false], "keys are really tried");
    assert_eq!(Observation::of(&active_chip()).opens, [false, true, true, true]);
    report("personalisation", &blank_chip(), &PERSONALISE);
    let mut cuts = 0;
    for tear in Tear::ALL {
        for after in 0.. {
            let mut nor = blank_chip();
            nor.arm(Cut { after, tear });
            let mut card = Card::mounted(nor);
            hold(&mut card, &PERSONALISE);
            let mut nor = card.0.power_off();
            if !nor.was_cut() {
                break;
            }
            nor.power_up();
            let mut card = Card::mounted(nor);
            take_up_again(&mut card);
            let status = Observation::outside(&card.0.power_off())[0].clone();
            assert_eq!(status, hex(&["011F00000001030300303120", "9000"]), "{tear:?} at {after}");
            cuts += 1;
        }
    }
    power_cuts::report("applet, personalisation taken up again", cuts);
}

/// Goes on where EF.STATUS says that the card stands.
fn take_up_again(card: &mut Card) {
    let [select, open_transport, update, read, issue, open_issue, key_pair, files, active] = PERSONALISE;
    let status = Observation::outside(card.0.platform())[0].clone();
    let &[_, life, .., step, transport, _, has_update, has_read, 0x90, 0] = &status[..] else { panic!() };
    let mut steps = vec![select];
    if transport != 0 {
        steps.push(open_transport);
        steps.extend(
            [(has_update, update), (has_read, read)].iter().filter(|key| key.0 == 0).map(|key| key.1),
        );
        steps.push(issue);
    }
    steps.push(open_issue);
    steps.extend([(2, key_pair), (3, files)].iter().filter(|due| step < due.0).map(|due| due.1));
    if life != 0x1F {
        steps.push(active);
    }
    assert_eq!(hold(card, &steps), steps.len(), "{status:02X?}");
}

/// Cuts everywhere, and says how many cuts that were.
fn report(name: &str, start: &Nor, steps: &[Step]) {
    let cuts = cut_everywhere(start, steps);
    assert!(cuts > 500, "the driver ran");
    power_cuts::report(&format!("applet, {name}"), cuts);
}

fn cut_everywhere(start: &Nor, steps: &[Step]) -> usize {
    // What the card is after each step, if nothing is cut.
    let stations: Vec<Observation> = (0..=steps.len())
        .map(|count| {
            let mut card = Card::mounted(start.clone());
            assert_eq!(hold(&mut card, &steps[..count]), count, "{:?}", steps.get(count.saturating_sub(1)));
            Observation::of(&card.0.power_off())
        })
        .collect();
    let mut cuts = 0;
    for tear in Tear::ALL {
        for after in 0.. {
            let mut nor = start.clone();
            nor.reseed(after as u64);
            nor.arm(Cut { after, tear });
            let mut card = Card::mounted(nor);
            let done = hold(&mut card, steps);
            let mut nor = card.0.power_off();
            if !nor.was_cut() {
                assert_eq!(done, steps.len());
                break;
            }
            cuts += 1;
            let here = &stations[done];
            let next = stations.get(done + 1).unwrap_or(here);
            let possible = [here.clone(), here.with_one_try_less(), next.clone()];
            // What an unstable word says may differ from one power-up to the next.
            for _ in 0..2 {
                nor.power_up();
                // Mounting may finish a termination that was cut.
                let mut found = Card::mounted(nor).0.power_off();
                let observed = Observation::of(&found);
                assert!(possible.contains(&observed), "{tear:?} at {after}, in step {done}: {observed:#?}");
                cuts += cut_next(&found, &possible);
                found.reseed(after as u64 + 1);
                nor = found;
            }
        }
    }
    cuts
}

/// The next thing the card does after the cut, a signature, is cut as well.
fn cut_next(found: &Nor, possible: &[Observation]) -> usize {
    let possible: Vec<_> = possible.iter().map(Observation::to_outside).collect();
    let mut cuts = 0;
    for after in 0.. {
        let tear = Tear::ALL[after % Tear::ALL.len()];
        let mut nor = found.clone();
        nor.arm(Cut { after, tear });
        let mut card = Card::mounted(nor);
        hold(&mut card, &[SELECT, "> 00 88 00 00 10 A0*16 4C"]);
        let mut nor = card.0.power_off();
        if !nor.was_cut() {
            break;
        }
        cuts += 1;
        nor.power_up();
        assert!(possible.contains(&Observation::outside(&nor)), "second cut at {after}, {tear:?}");
    }
    cuts
}

#[test]
fn a_termination_that_was_cut_erases_the_rest_at_the_next_power_up() {
    let steps = [SELECT, "open 30", ">> 84 F0 40 FF 00"];
    let mut finished = 0;
    for tear in Tear::ALL {
        for after in 0.. {
            let mut nor = active_chip();
            nor.arm(Cut { after, tear });
            let mut card = Card::mounted(nor);
            hold(&mut card, &steps);
            let mut nor = card.0.power_off();
            if !nor.was_cut() {
                break;
            }
            nor.power_up();
            let mut card = Card::mounted(nor);
            card.select();
            if card.send(&[0, 0xB0, 0x86, 0, 0])[1] == 0xFF {
                finished += 1;
                let image = card.0.power_off();
                // Behind the birth record and the two pages of the journal lie keys, PIN and files.
                assert!(image.image()[3 * 2048..].iter().all(|byte| *byte == 0xFF), "{tear:?} at {after}");
            }
        }
    }
    assert!(finished > 10, "some cuts came after the deciding word");
    power_cuts::report("applet, termination finished at the next power-up", finished);
}

#[test]
fn a_try_that_was_answered_never_comes_back() {
    let guess = "> 00 20 00 01 08 26999999FFFFFFFF < 63C2";
    for tear in Tear::ALL {
        for after in 0.. {
            let mut nor = active_chip();
            nor.arm(Cut { after, tear });
            let mut card = Card::mounted(nor);
            let done = hold(&mut card, &[SELECT, guess, guess]);
            let mut nor = card.0.power_off();
            let was_cut = nor.was_cut();
            nor.power_up();
            let tries = Observation::outside(&nor)[0][TRIES];
            // The second step's answer told the guesser something; the try behind it is gone.
            assert!(tries <= if done >= 2 { 2 } else { 3 }, "{tear:?} at {after}");
            if !was_cut {
                break;
            }
        }
    }
}
