//! Whatever comes over the wire, the card answers, reveals nothing, and goes on working.

use crate::bench::{Card, SELECT};
use crate::dialogue::{self, Bench, Held, SCRIPTS};
use crate::nor::Dice;
use card_protocol::{Command, LifeCycle, MAX_COMMAND, MAX_DATA, MAX_RESPONSE, Role, ins};

/// Bytes that stand in the certificate and the photo and nowhere else.
const PRIVATE: [u8; 24] = *b"\xFE\xEDprivate: to the holder";

/// A card in each state of its life; where it has files, certificate and photo hold [`PRIVATE`].
fn card_in(state: LifeCycle) -> Card {
    let mut card = Card::blank();
    if state == LifeCycle::Blank {
        return card;
    }
    dialogue::run("personalise", &mut card);
    card.select();
    let mut channel = card.open(Role::Issue);
    let data = [&[0xDC, 0x02, 24][..], &PRIVATE, &[0xDC, 0x03, 24], &PRIVATE, &[0xDC, 0x20, 4, 0, 0, 0, 2]];
    let data = data.concat();
    let store = Command::new(0x84, ins::STORE_DATA, 0x80, 0).with_data(&data).expecting(256);
    assert_eq!(card.send_wrapped(&mut channel, &store), Some(vec![0x90, 0]));
    if matches!(state, LifeCycle::Blocked | LifeCycle::Terminated) {
        let become_it = Command::new(0x84, ins::SET_STATUS, 0x40, state.as_u8()).expecting(256);
        assert_eq!(card.send_wrapped(&mut channel, &become_it), Some(vec![0x90, 0]));
    }
    card.reset(Held::Contact);
    card
}

/// Personalisation leaves KEYED behind, so it is stopped where the key pair is made.
fn keyed_card() -> Card {
    let mut card = Card::blank();
    dialogue::run_until("04 47 80", "personalise", &mut card);
    card.reset(Held::Contact);
    card
}

fn every_state() -> Vec<Card> {
    let mut cards: Vec<Card> =
        LifeCycle::ALL.into_iter().filter(|state| *state != LifeCycle::Keyed).map(card_in).collect();
    cards.push(keyed_card());
    cards
}

/// One answer, held to what is true of all of them.
fn ask(card: &mut Card, command: &[u8]) -> u16 {
    let answer = card.send(command);
    assert!((2..=MAX_RESPONSE).contains(&answer.len()));
    let private = answer.windows(8).any(|window| PRIVATE.windows(8).any(|secret| secret == window));
    assert!(!private, "{command:02X?} revealed a protected file");
    u16::from_be_bytes([answer[answer.len() - 2], answer[answer.len() - 1]])
}

const KNOWN: [u8; 17] = [
    ins::VERIFY,
    ins::CHANGE_REFERENCE_DATA,
    ins::RESET_RETRY_COUNTER,
    ins::DEBIT,
    ins::GENERATE_KEY_PAIR,
    ins::INITIALIZE_UPDATE,
    ins::EXTERNAL_AUTHENTICATE,
    ins::GET_CHALLENGE,
    ins::INTERNAL_AUTHENTICATE,
    ins::SELECT,
    ins::READ_BINARY,
    ins::GET_RESPONSE,
    ins::GET_DATA,
    ins::PUT_KEY,
    ins::STORE_DATA,
    ins::SET_STATUS,
    ins::GET_STATUS,
];

#[test]
fn every_instruction_and_class_in_every_state_is_answered() {
    for mut card in every_state() {
        for cla in 0..=255 {
            for instruction in 0..=255 {
                ask(&mut card, &SELECT);
                let status = ask(&mut card, &[cla, instruction, 0, 0, 0]);
                if matches!(cla, 0x00 | 0x80) && !KNOWN.contains(&instruction) {
                    assert_eq!(status, 0x6D00, "{cla:02X} {instruction:02X}");
                }
                if !matches!(cla & !0x14, 0x00 | 0x80) {
                    assert!(matches!(status, 0x6E00 | 0x6881 | 0x6882), "{cla:02X}: {status:04X}");
                }
            }
        }
    }
}

#[test]
fn every_length_of_every_instruction_is_answered() {
    let lengths: Vec<usize> = (0..=40).chain(250..=260).chain(1015..=1030).chain([4096, 65_535]).collect();
    for mut card in every_state() {
        for instruction in KNOWN {
            for cla in [0x00, 0x04, 0x80, 0x84] {
                for &length in &lengths {
                    let data = vec![0x26; length];
                    for expected in [0, 1, 256, 65_536] {
                        let mut wire = vec![0; length + 16];
                        let command =
                            Command::new(cla, instruction, 0, 1).with_data(&data).expecting(expected);
                        // A wrapped command without a channel would make the card refuse all others.
                        ask(&mut card, &SELECT);
                        let status = ask(&mut card, command.write(&mut wire).unwrap());
                        if length > 1024 {
                            assert_eq!(status, 0x6700);
                        }
                    }
                }
            }
        }
    }
}

/// One by one, past the longest that the card takes: with both forms of Lc, and as bytes that may be no command.
#[test]
fn no_length_from_nothing_to_past_the_maximum_is_special() {
    let mut card = card_in(LifeCycle::Active);
    for length in 0..=MAX_DATA + 100 {
        for instruction in KNOWN {
            let data = vec![0x26; length];
            for (cla, extended) in [(0x00, false), (0x80, true), (0x90, false)] {
                let mut wire = vec![0; length + 16];
                let command = Command::new(cla, instruction, 0, 0).with_data(&data);
                let command = Command { extended_by_choice: extended, ..command };
                ask(&mut card, &SELECT);
                let status = ask(&mut card, command.write(&mut wire).unwrap());
                if length > MAX_DATA {
                    assert_eq!(status, 0x6700, "{length} bytes");
                }
            }
        }
        for byte in [0x00, 0x80, 0xFF] {
            ask(&mut card, &vec![byte; length]);
            ask(&mut card, &[&[0x00, ins::READ_BINARY, 0x81, 0x00][..], &vec![byte; length]].concat());
        }
    }
}

#[test]
fn truncated_and_lengthened_commands_of_every_dialogue_are_answered() {
    let commands: Vec<Vec<u8>> = SCRIPTS
        .iter()
        .flat_map(|(_, script)| script.lines())
        .filter_map(|line| line.split('#').next()?.trim_start_matches('>').strip_prefix(' '))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_hexdigit()))
        .map(|line| dialogue::hex(&line.split_whitespace().collect::<Vec<_>>()))
        .collect();
    assert!(commands.len() > 200, "the dialogues were read");
    for mut card in every_state() {
        for command in &commands {
            ask(&mut card, &SELECT);
            for length in 0..command.len() {
                ask(&mut card, &command[..length]);
            }
            for byte in [0x00, 0xFF] {
                ask(&mut card, &[&command[..], &[byte]].concat());
            }
        }
    }
}

#[test]
fn truncated_and_overlong_tlv_is_refused() {
    let mut card = card_in(LifeCycle::Active);
    for data in [
        &[][..],
        &[0x4F],
        &[0x4F, 1],
        &[0x4F, 0, 0],
        &[0x4F, 0x81, 0],
        &[0x4F, 0xFF],
        &[0x5C, 0],
        &[0x4F; 255],
    ] {
        let ask_status = Command::new(0x80, ins::GET_STATUS, 0x80, 2).with_data(data).expecting(256);
        assert_eq!(card.send_command(&ask_status), [0x6A, 0x80], "{data:02X?}");
    }
}

/// Random commands near to real ones, with nobody's right: no answer ever shows a protected byte.
#[test]
fn a_protected_file_is_never_revealed_without_its_right() {
    let mut asked = 0;
    for seed in 0..40 {
        let mut dice = Dice(seed);
        for mut card in every_state() {
            for _ in 0..500 {
                let command = likely_command(&mut dice);
                // The one right that needs no key would be the PIN; it is never guessed here.
                if command.windows(3).any(|window| window == [0x12, 0x34, 0x56]) {
                    continue;
                }
                ask(&mut card, &command);
                asked += 1;
                if dice.below(50) == 0 {
                    card.reset(if dice.below(2) == 0 { Held::Contact } else { Held::Contactless });
                }
            }
        }
    }
    println!("applet: {asked} random commands, none revealed a protected byte");
    assert!(asked > 90_000, "the test ran");
}

fn likely_command(dice: &mut Dice) -> Vec<u8> {
    if dice.below(6) == 0 {
        return SELECT.to_vec();
    }
    if dice.below(20) == 0 {
        let count = dice.below(40);
        return dice.bytes(count);
    }
    let cla = [0x00, 0x00, 0x80, 0x80, 0x04, 0x84, 0x10, 0x90][dice.below(8)];
    let p1 = [0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x30, 0x33, 0x02, dice.bytes(1)[0]][dice.below(10)];
    let p2 = [0x00, 0x01, 0x02, 0x81, dice.bytes(1)[0]][dice.below(5)];
    let count = [0, 8, 16, 24, dice.below(255)][dice.below(5)];
    let data = dice.bytes(count);
    let expected = [0, 1, 8, 256, 65_536][dice.below(5)];
    let command =
        Command::new(cla, KNOWN[dice.below(KNOWN.len())], p1, p2).with_data(&data).expecting(expected);
    let mut wire = [0; MAX_COMMAND];
    command.write(&mut wire).unwrap().to_vec()
}

#[test]
fn a_response_buffer_of_any_size_is_never_overrun_and_loses_nothing() {
    for room in 0..120 {
        let mut card = Card::active();
        let mut response = vec![0; room];
        let mut data = Vec::new();
        let mut answer = card.0.process(&[0, 0xB0, 0x81, 0, 0], &mut response).to_vec();
        assert!(answer.len() <= room);
        if room < 3 {
            continue;
        }
        while answer[answer.len() - 2] == 0x61 {
            data.extend_from_slice(&answer[..answer.len() - 2]);
            answer = card.0.process(&[0, 0xC0, 0, 0, 0], &mut response).to_vec();
        }
        data.extend_from_slice(&answer[..answer.len() - 2]);
        assert_eq!(data, [0xD1; 20]);
    }
}

#[test]
fn after_all_of_it_the_gate_still_opens() {
    let mut card = card_in(LifeCycle::Active);
    let mut dice = Dice(99);
    for _ in 0..3000 {
        let command = likely_command(&mut dice);
        ask(&mut card, &command);
    }
    card.reset(Held::Contactless);
    card.select();
    let answer = card.send(&[&[0, 0x88, 0, 0, 16][..], &[7; 16], &[0]].concat());
    assert_eq!((answer.len(), &answer[76..]), (78, &[0x90, 0][..]));
}
