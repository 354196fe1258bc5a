//! Both ends of SCP03 against each other: what passes, and what ends the session.

use card_protocol::scp03::card::CardChannel;
use card_protocol::scp03::host::HostChannel;
use card_protocol::scp03::{Greeting, Level};
use card_protocol::{
    AID, Command, Error, Key, MAX_COMMAND, MAX_DATA, MasterKey, Response, Role, SECURITY_DOMAIN, Serial,
    StaticKeys, StatusWord,
};

const HOST_CHALLENGE: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

fn keys(seed: u8) -> StaticKeys {
    MasterKey::new(Key::new([seed; 16])).diversify(Serial::new([1; 8]), Role::Issue.version())
}

fn greet(card: &mut CardChannel, sequence: u8) -> Greeting {
    let version = Role::Issue.version();
    let greeting = card.initialize_update(
        &keys(1),
        version,
        &HOST_CHALLENGE,
        [0, 0, sequence],
        Serial::new([1; 8]),
        &AID,
    );
    Greeting::from_slice(&greeting.to_bytes()).unwrap()
}

fn open(level: Level) -> (CardChannel, HostChannel) {
    let mut card = CardChannel::default();
    let greeting = greet(&mut card, 1);
    let (host, proof) = HostChannel::open(&keys(1), &HOST_CHALLENGE, &greeting, level, &AID).unwrap();
    card.external_authenticate(&proof.command()).unwrap();
    (card, host)
}

fn wrapped(host: &mut HostChannel, command: &Command<'_>) -> Vec<u8> {
    let mut wire = [0; MAX_COMMAND];
    host.wrap(command, &mut wire).unwrap().0.to_vec()
}

fn receive(card: &mut CardChannel, wire: &[u8]) -> Result<Vec<u8>, StatusWord> {
    let mut plain = [0; MAX_DATA];
    card.receive(&Command::parse(wire).unwrap(), &mut plain).map(|command| command.data.to_vec())
}

/// A session as somebody else computes it, from each end: the host makes the same bytes, the card takes and gives them.
#[test]
fn both_ends_speak_as_another_implementation_does() {
    let text = include_str!("vectors/scp03.txt");
    let lines: Vec<(&str, Vec<Vec<u8>>)> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (name, values) = line.split_once(' ').unwrap();
            (name, values.split(' ').map(|value| hex::decode(value).unwrap()).collect())
        })
        .collect();
    let one = |wanted: &str| &lines.iter().find(|(name, _)| *name == wanted).unwrap().1[0];
    let keys = StaticKeys::from_bytes(one("keys").as_slice().try_into().unwrap());
    let challenge = one("host-challenge").as_slice().try_into().unwrap();
    let greeting = Greeting::from_slice(one("greeting")).unwrap();
    assert_eq!(one("aid")[..], AID);

    let mut card = CardChannel::default();
    let serial = greeting.serial().unwrap();
    let version = Role::Issue.version();
    let said = card.initialize_update(&keys, version, &challenge, greeting.sequence, serial, &AID);
    assert_eq!(said.to_bytes()[..], one("greeting")[..]);
    let (mut host, proof) = HostChannel::open(&keys, &challenge, &greeting, Level::Full, &AID).unwrap();
    let mut wire = [0; MAX_COMMAND];
    assert_eq!(proof.command().write(&mut wire).unwrap(), one("external-authenticate"));
    card.external_authenticate(&proof.command()).unwrap();

    let mut dialogue = lines.iter().filter(|(name, _)| matches!(*name, "command" | "response"));
    let mut commands = 0;
    while let (Some((_, command)), Some((_, response))) = (dialogue.next(), dialogue.next()) {
        let plain = Command::parse(&command[0]).unwrap();
        let (wire, sent) = host.wrap(&plain, &mut wire).unwrap();
        assert_eq!(wire, command[1]);
        let mut room = [0; MAX_DATA];
        let received = card.receive(&Command::parse(wire).unwrap(), &mut room).unwrap();
        assert_eq!((received.cla, received.data), (plain.cla, plain.data));

        let (data, status) = response[0].split_at(response[0].len() - 2);
        assert_eq!(status, StatusWord::OK.to_bytes());
        let mut buffer = [0; MAX_DATA];
        buffer[..data.len()].copy_from_slice(data);
        let length = card.respond(&mut buffer, data.len(), StatusWord::OK).unwrap();
        assert_eq!([&buffer[..length], status].concat(), response[1]);
        let mut room = [0; MAX_DATA];
        assert_eq!(host.unwrap(sent, Response::parse(&response[1]).unwrap(), &mut room).unwrap().data, data);
        commands += 1;
    }
    assert_eq!(commands, 5);
}

#[test]
fn commands_and_responses_pass_at_every_level_and_length() {
    for level in Level::ALL {
        let (mut card, mut host) = open(level);
        for length in [0, 1, 15, 16, 17, 239, 247, 256, 500] {
            let data: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let command = Command::new(0x80, 0xE2, 0, 0).with_data(&data).expecting(length.max(1));
            let mut wire = [0; MAX_COMMAND];
            let (wire, sent) = host.wrap(&command, &mut wire).unwrap();
            let mut plain = [0; MAX_DATA];
            let received = card.receive(&Command::parse(wire).unwrap(), &mut plain).unwrap();
            assert_eq!((received.cla, received.data), (0x80, &data[..]), "{level:?} {length}");
            assert!(received.expected >= length.min(239));
            assert_eq!(card.authority(), Some((Role::Issue.version(), level)));

            let mut buffer = [0; MAX_DATA];
            buffer[..length].copy_from_slice(&data);
            let sent_back = card.respond(&mut buffer, length, StatusWord::OK).unwrap();
            let response = Response { data: &buffer[..sent_back], status: StatusWord::OK };
            let mut plain = [0; MAX_DATA];
            assert_eq!(host.unwrap(sent, response, &mut plain).unwrap().data, data, "{level:?} {length}");
        }
    }
}

/// Some hosts write every length in the extended form, and MAC it so (Amendment D, 6.2.4).
#[test]
fn a_short_command_in_extended_form_passes() {
    let (mut card, mut host) = open(Level::Full);
    let command =
        Command { extended_by_choice: true, ..Command::new(0x80, 0xE2, 0, 0).with_data(&[1, 2, 3]) };
    let wire = wrapped(&mut host, &command);
    assert_eq!(wire[4..7], [0, 0, 24]);
    assert_eq!(receive(&mut card, &wire), Ok(vec![1, 2, 3]));
}

#[test]
fn what_is_encrypted_does_not_show() {
    let (mut card, mut host) = open(Level::Full);
    let secret = [0x5A; 32];
    let shows = |bytes: &[u8]| bytes.windows(8).any(|window| window == &secret[..8]);
    let wire = wrapped(&mut host, &Command::new(0x80, 0xE2, 0, 0).with_data(&secret));
    assert!(!shows(&wire));
    receive(&mut card, &wire).unwrap();
    let mut buffer = [0; 64];
    buffer[..32].copy_from_slice(&secret);
    let length = card.respond(&mut buffer, 32, StatusWord::OK).unwrap();
    assert!(!shows(&buffer[..length]));
}

#[test]
fn any_changed_bit_ends_the_session() {
    let (_, mut host) = open(Level::Full);
    let wire = wrapped(&mut host, &Command::new(0x80, 0xE2, 0, 0).with_data(&[7; 5]));
    // Lc cannot change alone; Le, the last byte, is outside the MAC (Amendment D, 6.2.4).
    for place in (0..wire.len() - 1).filter(|place| *place != 4) {
        let (mut card, _) = open(Level::Full);
        let mut changed = wire.clone();
        changed[place] ^= if place == 0 { 0x10 } else { 0x01 };
        assert_eq!(receive(&mut card, &changed), Err(StatusWord::SECURITY_NOT_SATISFIED), "byte {place}");
        assert_eq!(receive(&mut card, &wire), Err(StatusWord::SECURITY_NOT_SATISFIED), "the session is gone");
    }
}

#[test]
fn a_replayed_command_ends_the_session() {
    let (mut card, mut host) = open(Level::CMac);
    let first = wrapped(&mut host, &Command::new(0x80, 0xF2, 0, 0));
    let second = wrapped(&mut host, &Command::new(0x80, 0xF2, 0, 0));
    receive(&mut card, &first).unwrap();
    assert_eq!(receive(&mut card, &first), Err(StatusWord::SECURITY_NOT_SATISFIED));
    assert_eq!(receive(&mut card, &second), Err(StatusWord::SECURITY_NOT_SATISFIED));
}

#[test]
fn commands_out_of_order_end_the_session() {
    let (mut card, mut host) = open(Level::CMac);
    wrapped(&mut host, &Command::new(0x80, 0xF2, 0, 0));
    let second = wrapped(&mut host, &Command::new(0x80, 0xF2, 0, 0));
    assert_eq!(receive(&mut card, &second), Err(StatusWord::SECURITY_NOT_SATISFIED));
    assert_eq!(card.authority(), None);
}

#[test]
fn a_plain_command_inside_a_session_ends_it_and_nothing_passes_until_select() {
    let (mut card, _) = open(Level::CMac);
    let read = [0x00, 0xB0, 0x81, 0x00, 0x00];
    assert_eq!(receive(&mut card, &read), Err(StatusWord::SECURITY_NOT_SATISFIED));
    assert_eq!(receive(&mut card, &read), Err(StatusWord::SECURITY_NOT_SATISFIED));
    receive(&mut card, &[0x00, 0xA4, 0x04, 0x00]).unwrap();
    receive(&mut card, &read).unwrap();
}

#[test]
fn a_secured_command_without_a_session_is_refused() {
    let mut card = CardChannel::default();
    let wire = [0x84, 0xE2, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(receive(&mut card, &wire), Err(StatusWord::SECURITY_NOT_SATISFIED));
}

#[test]
fn external_authenticate_without_initialize_update_or_twice_is_refused() {
    let mut card = CardChannel::default();
    let greeting = greet(&mut card, 1);
    let (_, proof) = HostChannel::open(&keys(1), &HOST_CHALLENGE, &greeting, Level::Full, &AID).unwrap();
    let mut fresh = CardChannel::default();
    assert_eq!(fresh.external_authenticate(&proof.command()), Err(StatusWord::CONDITIONS_NOT_SATISFIED));
    card.external_authenticate(&proof.command()).unwrap();
    assert_eq!(card.external_authenticate(&proof.command()), Err(StatusWord::CONDITIONS_NOT_SATISFIED));
    assert_eq!(card.authority(), None);
}

#[test]
fn another_command_between_the_two_openers_forgets_the_host() {
    let mut card = CardChannel::default();
    let greeting = greet(&mut card, 1);
    let (_, proof) = HostChannel::open(&keys(1), &HOST_CHALLENGE, &greeting, Level::Full, &AID).unwrap();
    receive(&mut card, &[0x00, 0xB0, 0x81, 0x00, 0x00]).unwrap();
    assert_eq!(card.external_authenticate(&proof.command()), Err(StatusWord::CONDITIONS_NOT_SATISFIED));
}

#[test]
fn a_wrong_cryptogram_mac_level_or_length_opens_nothing() {
    let attempt = |change: fn(&mut Vec<u8>)| {
        let mut card = CardChannel::default();
        let greeting = greet(&mut card, 1);
        let (_, proof) = HostChannel::open(&keys(1), &HOST_CHALLENGE, &greeting, Level::Full, &AID).unwrap();
        let mut wire = [0; 64];
        let mut wire = proof.command().write(&mut wire).unwrap().to_vec();
        change(&mut wire);
        let outcome = card.external_authenticate(&Command::parse(&wire).unwrap());
        assert_eq!(card.authority(), None);
        outcome
    };
    assert_eq!(attempt(|wire| wire[5] ^= 1), Err(StatusWord::AUTHENTICATION_FAILED));
    assert_eq!(attempt(|wire| wire[20] ^= 1), Err(StatusWord::SECURITY_NOT_SATISFIED));
    assert_eq!(attempt(|wire| wire[2] = 0x03), Err(StatusWord::SECURITY_NOT_SATISFIED), "level is MACed");
    assert_eq!(attempt(|wire| wire[2] = 0x00), Err(StatusWord::WRONG_PARAMETERS));
    assert_eq!(attempt(|wire| wire[3] = 0x01), Err(StatusWord::WRONG_PARAMETERS));
    assert_eq!(
        attempt(|wire| {
            wire[4] = 15;
            wire.pop();
        }),
        Err(StatusWord::WRONG_LENGTH)
    );
}

#[test]
fn the_host_refuses_a_card_with_other_keys_or_a_replayed_challenge() {
    let mut card = CardChannel::default();
    let greeting = greet(&mut card, 1);
    let refused = |keys: &StaticKeys, greeting: &Greeting| {
        HostChannel::open(keys, &HOST_CHALLENGE, greeting, Level::Full, &AID).map(drop)
    };
    assert_eq!(refused(&keys(2), &greeting), Err(Error::WrongCardCryptogram));
    let replayed = Greeting { sequence: [0, 0, 9], ..greeting };
    assert_eq!(refused(&keys(1), &replayed), Err(Error::WrongCardCryptogram));
    let elsewhere =
        HostChannel::open(&keys(1), &HOST_CHALLENGE, &greeting, Level::Full, &SECURITY_DOMAIN).map(drop);
    assert_eq!(elsewhere, Err(Error::WrongCardCryptogram), "another application was selected");
    assert_eq!(refused(&keys(1), &greeting), Ok(()));
}

#[test]
fn the_host_refuses_a_changed_answer() {
    for level in [Level::CMacRMac, Level::CMacCDecRMac, Level::Full] {
        for place in 0..24 {
            let (mut card, mut host) = open(level);
            let mut wire = [0; 64];
            let (wire, sent) =
                host.wrap(&Command::new(0x00, 0xB0, 0x81, 0).expecting(16), &mut wire).unwrap();
            receive(&mut card, wire).unwrap();
            let mut buffer = [9; 64];
            let length = card.respond(&mut buffer, 15, StatusWord::OK).unwrap();
            buffer[place.min(length - 1)] ^= 1;
            let response = Response { data: &buffer[..length], status: StatusWord::OK };
            assert_eq!(host.unwrap(sent, response, &mut [0; 64]), Err(Error::ChannelClosed));
        }
    }
}

#[test]
fn a_status_changed_on_the_way_is_noticed() {
    let (mut card, mut host) = open(Level::Full);
    let mut wire = [0; 64];
    let (wire, sent) = host.wrap(&Command::new(0x00, 0xB0, 0x81, 0).expecting(16), &mut wire).unwrap();
    receive(&mut card, wire).unwrap();
    let mut buffer = [9; 64];
    let length = card.respond(&mut buffer, 15, StatusWord::END_OF_FILE).unwrap();
    let response = Response { data: &buffer[..length], status: StatusWord::OK };
    assert_eq!(host.unwrap(sent, response, &mut [0; 64]), Err(Error::ChannelClosed));
}

#[test]
fn an_error_goes_out_bare_and_the_session_goes_on() {
    let (mut card, mut host) = open(Level::Full);
    for status in [StatusWord::NOT_FOUND, StatusWord::OK] {
        let mut wire = [0; 64];
        let (wire, sent) = host.wrap(&Command::new(0x00, 0xB0, 0x81, 0).expecting(16), &mut wire).unwrap();
        receive(&mut card, wire).unwrap();
        let mut buffer = [9; 64];
        let length = card.respond(&mut buffer, 15, status).unwrap();
        assert_eq!(length, if status.is_ok() { 24 } else { 0 });
        let response = Response { data: &buffer[..length], status };
        assert_eq!(host.unwrap(sent, response, &mut [0; 64]).unwrap().status, status);
    }
}

#[test]
fn a_batch_is_wrapped_before_any_answer_came() {
    let (mut card, mut host) = open(Level::Full);
    let read = Command::new(0x00, 0xB0, 0x81, 0).expecting(16);
    let mut batch = Vec::new();
    for _ in 0..3 {
        let mut wire = [0; 64];
        let (wire, sent) = host.wrap(&read, &mut wire).unwrap();
        batch.push((wire.to_vec(), sent));
    }
    for (number, (wire, sent)) in batch.into_iter().enumerate() {
        receive(&mut card, &wire).unwrap();
        let mut buffer = [number as u8; 64];
        let length = card.respond(&mut buffer, 15, StatusWord::OK).unwrap();
        let response = Response { data: &buffer[..length], status: StatusWord::OK };
        assert_eq!(host.unwrap(sent, response, &mut [0; 64]).unwrap().data, [number as u8; 15]);
    }
}

#[test]
fn keys_of_a_session_never_print() {
    let (card, host) = open(Level::Full);
    for text in [format!("{card:?}"), format!("{host:?}"), format!("{:?}", keys(1))] {
        assert!(text.contains("[secret]"));
    }
}
