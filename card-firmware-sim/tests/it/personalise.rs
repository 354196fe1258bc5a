//! Personalisation over the real applet, in process: from blank to issued, and every way it can be interrupted.

use crate::desk::{Job, OTHER_SERIAL, PIN, RIDES, SERIAL, blank, files, issued, keys, rng};
use crate::power_cuts;
use card_host::{
    Answers, Batch, HostError, IssuerKeys, KeyPair, Next, Personalisation, Task, Upkeep, UpkeepNext,
    WrongCard, carry, present, read_file, read_needs, read_status, verify_pin,
};
use card_protocol::{Ef, Fci, LifeCycle, LinkError, Pin, PinState, Response, Role, Step, Transport, ins};

#[test]
fn a_blank_card_is_issued_in_five_round_trips() {
    let mut card = blank(SERIAL);
    let mut job = Job::default();
    let issued = job.run(&mut card).unwrap();
    assert_eq!((issued.serial(), issued.update_counter()), (SERIAL, 1));
    assert!(job.round_trips <= 5, "{} round trips", job.round_trips);
    println!(
        "personalisation: {} round trips, {} commands, {} bytes out, {} bytes back, {} flash operations",
        job.round_trips,
        job.commands,
        job.bytes.0,
        job.bytes.1,
        card.flash_operations()
    );

    card.reset().unwrap();
    let expected = files(&KeyPair { serial: SERIAL, public_key: *issued.public_key() });
    assert_eq!(present(&mut card, &[7; 16]).unwrap().pass, expected.pass);
    verify_pin(&mut card, &Pin::parse(PIN).unwrap()).unwrap();
    assert_eq!(read_file(&mut card, Ef::Certificate).unwrap(), expected.certificate);
    assert_eq!(read_file(&mut card, Ef::Photo).unwrap(), expected.photo);
    assert_eq!(read_needs(&mut card).unwrap(), expected.needs);
    assert_eq!(read_file(&mut card, Ef::Rides).unwrap(), RIDES.to_bytes());
}

#[test]
fn the_transport_keys_are_gone_after_first_contact_and_each_role_has_its_own() {
    let (mut card, _) = issued(SERIAL);
    let status = read_status(&mut card).unwrap();
    let versions: Vec<_> = status.key_versions.into_iter().flatten().collect();
    for role in Role::ALL {
        assert_eq!(versions.contains(&role.version()), role != Role::Transport, "{role:?}");
    }
    assert_eq!((status.life_cycle, status.step), (LifeCycle::Active, Step::Files));
    assert_eq!(status.pin, PinState::TriesLeft(Pin::TRIES));
}

/// Power fails at each single flash operation of the whole job in turn; each time the card is put back and the same
/// job goes on. Nothing counts as issued before the last answer, and in the end the card is whole.
#[test]
fn a_card_torn_out_at_any_write_is_put_back_and_finished() {
    let mut card = blank(SERIAL);
    Job::default().run(&mut card).unwrap();
    let operations = card.flash_operations();
    let mut torn = 0;
    for cut in 1..=operations {
        let mut card = blank(SERIAL);
        let before = card.flash_operations();
        let mut job = Job::default();
        card.tear_at(cut);
        match job.run(&mut card) {
            Err(HostError::Link(LinkError::CardRemoved)) => torn += 1,
            // The manufacturing was among the operations counted.
            Ok(_) => {
                assert!(cut > operations - before, "cut {cut} of {operations} was not noticed");
                break;
            }
            Err(error) => panic!("cut {cut}: {error:?}"),
        }
        card.power_on();
        let issued = job.run(&mut card).unwrap_or_else(|error| panic!("after cut {cut}: {error:?}"));
        card.reset().unwrap();
        let expected = files(&KeyPair { serial: SERIAL, public_key: *issued.public_key() });
        assert_eq!(present(&mut card, &[7; 16]).unwrap().pass, expected.pass, "after cut {cut}");
    }
    assert!(torn > 1000, "{torn}");
    power_cuts::report("host, personalisation", torn);
}

/// The relay breaks after each single command instead: the card did its part, and the issuer never heard.
#[test]
fn a_relay_broken_after_any_command_is_taken_up_again() {
    let mut whole = Job::default();
    whole.run(&mut blank(SERIAL)).unwrap();
    for after in 1..=whole.commands {
        let mut job = Job::default();
        let mut cut = CutAfter { card: blank(SERIAL), left: after };
        assert_eq!(job.run(&mut cut).map(drop), Err(HostError::Link(LinkError::CardRemoved)), "{after}");
        let mut card = cut.card;
        card.reset().unwrap();
        job.run(&mut card).unwrap_or_else(|error| panic!("after command {after}: {error:?}"));
    }
}

#[test]
fn a_key_pair_made_before_the_cut_is_kept() {
    let mut card = blank(SERIAL);
    let (mut script, batch) = Personalisation::start(None, &mut rng()).unwrap();
    let first = run_until_key_pair(&mut script, &mut card, batch);
    card.reset().unwrap();
    let (mut script, batch) = Personalisation::start(Some(SERIAL), &mut rng()).unwrap();
    let second = run_until_key_pair(&mut script, &mut card, batch);
    assert_eq!(first, second, "the pass may be signed over it already");
}

#[test]
fn a_card_whose_last_answer_was_lost_is_checked_and_not_written_again() {
    let (mut card, first) = issued(SERIAL);
    card.reset().unwrap();
    let mut job = Job { bound: Some(SERIAL), ..Job::default() };
    let writes = card.flash_operations();
    let again = job.run(&mut card).unwrap();
    assert_eq!((again.public_key(), again.update_counter()), (first.public_key(), 1));
    assert!(card.flash_operations() - writes < 200, "only counters moved");
}

#[test]
fn an_issued_card_with_other_files_is_not_taken_for_this_jobs() {
    let (mut card, _) = issued(SERIAL);
    card.reset().unwrap();
    let mut job = Job { bound: Some(SERIAL), ..Job::default() };
    let other = |key: &KeyPair| card_host::CardFiles { certificate: vec![1; 139], ..files(key) };
    assert_eq!(
        job.run_with(&mut card, other).map(drop),
        Err(WrongCard::AlreadyPersonalised { serial: SERIAL }.into())
    );
}

#[test]
fn wrong_cards_are_told_apart() {
    let refused =
        |job: &mut Job, card: &mut dyn FnMut(&[u8]) -> Vec<u8>| job.run(&mut Spoken(card)).map(drop);

    let (mut card, _) = issued(SERIAL);
    card.reset().unwrap();
    assert_eq!(
        Job::default().run(&mut card).map(drop),
        Err(WrongCard::AlreadyPersonalised { serial: SERIAL }.into())
    );
    let mut bound_elsewhere = Job { bound: Some(OTHER_SERIAL), ..Job::default() };
    card.reset().unwrap();
    assert_eq!(
        bound_elsewhere.run(&mut card).map(drop),
        Err(WrongCard::NotTheCardBegun { expected: OTHER_SERIAL, found: SERIAL }.into())
    );
    upkeep(&mut card, Task::Block);
    assert_eq!(Job::default().run(&mut card).map(drop), Err(WrongCard::Blocked { serial: SERIAL }.into()));
    upkeep(&mut card, Task::Terminate);
    assert_eq!(Job::default().run(&mut card).map(drop), Err(WrongCard::Terminated.into()));

    let mut unknown = |_: &[u8]| vec![0x6A, 0x82];
    assert_eq!(refused(&mut Job::default(), &mut unknown), Err(WrongCard::Unknown.into()));
    let mut bank = |command: &[u8]| {
        if command.get(5..19) == Some(b"2PAY.SYS.DDF01") { vec![0x6F, 0, 0x90, 0] } else { vec![0x6A, 0x82] }
    };
    assert_eq!(refused(&mut Job::default(), &mut bank), Err(WrongCard::BankCard.into()));
}

#[test]
fn a_card_of_another_issuer_is_named_and_not_written() {
    let mut card = blank(SERIAL);
    let hex = |digit: &str| digit.repeat(32);
    let text = format!("transport {0}{0}{0}\nissue {1}\nupdate {1}\nread {1}\n", hex("a"), hex("b"));
    let others = IssuerKeys::parse(&text).unwrap();
    let (mut script, batch) = Personalisation::start(None, &mut rng()).unwrap();
    let answers = carry(&mut card, &batch).unwrap();
    let Next::Card(_) = script.on(&answers, &others, &mut rng()).unwrap() else { panic!() };
    let refused = script.accept(&others, &mut rng());
    assert_eq!(refused, Err(WrongCard::OtherIssuer { serial: SERIAL }.into()));
    card.reset().unwrap();
    assert_eq!(read_status(&mut card).unwrap().life_cycle, LifeCycle::Blank);
}

#[test]
fn answers_changed_on_the_way_end_the_run() {
    let mut whole = Job::default();
    whole.run(&mut blank(SERIAL)).unwrap();
    // Every answer of the run in turn gets one bit wrong. FCI (first and last SELECT) and status come outside the
    // channel and are only hints: what they say is asked again inside, or refused by the card.
    let hints = [0, 2, whole.commands - 2];
    for number in 0..whole.commands {
        let mut relay = Meddler { card: blank(SERIAL), left: number };
        let outcome = Job::default().run(&mut relay).map(drop);
        assert!(outcome.is_err() || hints.contains(&number), "answer {number} was believed");
    }
}

/// Whatever a desk sends for an answer, the service names it and stops: it never takes a card for issued.
#[test]
fn answers_of_any_shape_end_the_run() {
    let mut whole = Job::default();
    whole.run(&mut blank(SERIAL)).unwrap();
    let random = |length: usize| -> Vec<u8> {
        let mut bytes = vec![0; length];
        rand_core::Rng::fill_bytes(&mut rng(), &mut bytes);
        [&bytes[..], &[0x90, 0x00]].concat()
    };
    let shapes: [&Bend<'_>; 8] = [
        &|_| vec![0x90, 0x00],
        &|_| vec![0x69, 0x85],
        &|answer| [&answer[..answer.len().saturating_sub(3)], &[0x90, 0x00]].concat(),
        &|answer| [&answer[..answer.len() - 2], &[0; 16], &[0x90, 0x00]].concat(),
        &|answer| [&[0xFF], answer].concat(),
        &|_| random(8),
        &|_| random(32),
        &|_| random(256),
    ];
    for number in 0..whole.commands {
        for (shape, bend) in shapes.iter().enumerate() {
            let mut relay = Bender { card: blank(SERIAL), left: number, bend, honest: false, bent: None };
            let outcome = Job::default().run(&mut relay).map(drop);
            // Padding behind an object in the clear is allowed (ISO 7816-4, 5.2.2.1); of the answer that opens the
            // channel only the status is read, and the next answer's MAC is what proves the card; the last SELECT comes
            // before the signature, which is verified.
            let last_select = number == whole.commands - 2;
            let hint = last_select
                || match relay.bent {
                    Some((_, ins::EXTERNAL_AUTHENTICATE)) => shape != 1,
                    Some((cla, _)) => shape == 3 && cla & 0x04 == 0,
                    None => false,
                };
            let believed = outcome.is_ok() && !hint && !relay.honest;
            assert!(!believed, "answer {number} of shape {shape} was believed");
        }
    }
}

#[test]
fn answers_to_another_batch_end_the_run() {
    let (mut script, _) = Personalisation::start(None, &mut rng()).unwrap();
    let none = Answers::new(Vec::new());
    let outcome = script.on(&none, &keys(), &mut rng()).map(drop);
    assert_eq!(outcome, Err(HostError::AnswersOutOfStep { expected: 4, came: 0 }));
}

#[test]
fn a_photo_that_does_not_fit_is_refused_before_anything_is_written() {
    let mut card = blank(SERIAL);
    let large = |key: &KeyPair| card_host::CardFiles { photo: vec![1; 12 * 1024 + 1], ..files(key) };
    let outcome = Job::default().run_with(&mut card, large).map(drop);
    assert_eq!(outcome, Err(HostError::FileTooLong { ef: Ef::Photo, length: 12 * 1024 + 1 }));
    card.reset().unwrap();
    assert_eq!(read_status(&mut card).unwrap().update_counter, 0);
    let full = |key: &KeyPair| card_host::CardFiles { photo: vec![1; 12 * 1024], ..files(key) };
    Job::default().run_with(&mut card, full).unwrap();
}

#[test]
fn a_card_that_takes_short_commands_only_is_issued_too() {
    let mut card = ShortOnly(blank(SERIAL));
    let mut job = Job::default();
    job.run(&mut card).unwrap();
    assert_eq!(job.round_trips, 5);
}

fn run_until_key_pair(script: &mut Personalisation, card: &mut impl Transport, batch: Batch) -> KeyPair {
    let keys = keys();
    let mut next = Next::Send(batch);
    loop {
        let batch = match next {
            Next::Send(batch) => batch,
            Next::Card(_) => script.accept(&keys, &mut rng()).unwrap(),
            Next::KeyPair(key) => return key,
            Next::Done(_) => panic!("issued without files"),
        };
        next = script.on(&carry(card, &batch).unwrap(), &keys, &mut rng()).unwrap();
    }
}

fn upkeep(card: &mut impl Transport, task: Task) {
    card.reset().unwrap();
    let (mut script, batch) = Upkeep::start(task, SERIAL, &mut rng()).unwrap();
    let UpkeepNext::Send(batch) = script.on(&carry(card, &batch).unwrap(), &keys()).unwrap() else {
        panic!()
    };
    let UpkeepNext::Done(_) = script.on(&carry(card, &batch).unwrap(), &keys()).unwrap() else { panic!() };
    card.reset().unwrap();
}

/// Carries so many commands and then loses the answer.
struct CutAfter<T> {
    card: T,
    left: usize,
}

impl<T: Transport> Transport for CutAfter<T> {
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
        let response = self.card.transmit(command, response)?;
        self.left -= 1;
        if self.left == 0 { Err(LinkError::CardRemoved) } else { Ok(response) }
    }

    fn reset(&mut self) -> Result<(), LinkError> {
        self.card.reset()
    }
}

/// Turns the last data bit of one answer, or the status where there is no data.
struct Meddler<T> {
    card: T,
    left: usize,
}

impl<T: Transport> Transport for Meddler<T> {
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
        let length = self.card.transmit(command, response)?.data.len() + 2;
        if self.left == 0 {
            let place = length.saturating_sub(3);
            response[place] ^= 1;
        }
        self.left = self.left.wrapping_sub(1);
        Response::parse(&response[..length]).map_err(|_| LinkError::BadResponse)
    }

    fn reset(&mut self) -> Result<(), LinkError> {
        self.card.reset()
    }
}

/// Gives another answer in place of one.
struct Bender<'f, T> {
    card: T,
    left: usize,
    bend: &'f Bend<'f>,
    /// The other answer was what the card had said.
    honest: bool,
    /// CLA and INS of the command that it was the answer to.
    bent: Option<(u8, u8)>,
}

type Bend<'b> = dyn Fn(&[u8]) -> Vec<u8> + 'b;

impl<T: Transport> Transport for Bender<'_, T> {
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
        let mut length = self.card.transmit(command, response)?.data.len() + 2;
        if self.left == 0 {
            let bent = (self.bend)(&response[..length]);
            self.bent = Some((command[0], command[1]));
            self.honest = bent == response[..length];
            length = bent.len().min(response.len());
            response[..length].copy_from_slice(&bent[..length]);
        }
        self.left = self.left.wrapping_sub(1);
        Response::parse(&response[..length]).map_err(|_| LinkError::BadResponse)
    }

    fn reset(&mut self) -> Result<(), LinkError> {
        self.card.reset()
    }
}

/// A card made of a function.
struct Spoken<'f>(&'f mut dyn FnMut(&[u8]) -> Vec<u8>);

impl Transport for Spoken<'_> {
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
        let answer = (self.0)(command);
        response[..answer.len()].copy_from_slice(&answer);
        Response::parse(&response[..answer.len()]).map_err(|_| LinkError::BadResponse)
    }

    fn reset(&mut self) -> Result<(), LinkError> {
        Ok(())
    }
}

/// A card, or a reader, without extended length: says so in its FCI, and breaks where it is not believed.
struct ShortOnly<T>(T);

impl<T: Transport> Transport for ShortOnly<T> {
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
        assert!(command.len() <= 261, "a command of {} bytes", command.len());
        let answer = self.0.transmit(command, response)?;
        assert!(answer.data.len() <= 256, "a response of {} bytes", answer.data.len());
        let length = answer.data.len() + 2;
        if let Ok(fci) = Fci::parse(answer.data) {
            let mut writer = card_protocol::Writer::new(response);
            Fci { max_data: 255, ..fci }.put(&mut writer).unwrap();
            writer.put(&[0x90, 0x00]).unwrap();
        }
        Response::parse(&response[..length]).map_err(|_| LinkError::BadResponse)
    }

    fn reset(&mut self) -> Result<(), LinkError> {
        self.0.reset()
    }
}
