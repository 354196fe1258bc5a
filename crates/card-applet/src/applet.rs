//! The applet: command bytes in, response bytes out.
//!
//! This layer knows lengths, chaining and GET RESPONSE; what a command means is the card's, below.

use crate::card::Card;
use crate::class::Class;
use crate::outgoing::Outgoing;
use crate::platform::Platform;
use crate::secrets::Secrets;
use crate::state::State;
use crate::store::{Birth, Store, StoreError};
use card_protocol::{Chain, Command, Interface, MAX_DATA, Role, Serial, StaticKeys, StatusWord, Writer, ins};
use core::fmt;
use zeroize::Zeroize as _;

/// A powered card.
pub struct Applet<P> {
    card: Card<P>,
    chain: Chain,
    /// A command is decrypted here.
    plain: [u8; MAX_DATA],
    outgoing: Outgoing,
}

impl<P: Platform> Applet<P> {
    /// The card maker's last act: a blank chip becomes a card with a serial number and transport keys.
    ///
    /// May be repeated until it succeeds once.
    ///
    /// # Errors
    /// [`StoreError::AlreadyFormatted`] where the chip is a card already.
    pub fn manufacture(platform: P, serial: Serial, transport: StaticKeys) -> Result<P, StoreError> {
        let mut secrets = Secrets::default();
        *secrets.key_set(Role::Transport) = Some(transport);
        let state = State::blank().to_stored();
        Store::format(platform, Birth { serial }, state, secrets.to_bytes().expose())
            .map(Store::into_platform)
    }

    /// Power comes on: the card reads its memory. It writes nothing, except to finish a termination that was cut.
    ///
    /// # Errors
    /// The memory holds no card, or is damaged. Such a chip answers nothing.
    pub fn power_on(platform: P, interface: Interface) -> Result<Self, StoreError> {
        Ok(Self {
            card: Card::mount(platform, interface)?,
            chain: Chain::default(),
            plain: [0; MAX_DATA],
            outgoing: Outgoing::default(),
        })
    }

    /// A reset, warm or cold: selection, PIN, channel, what was staged, and answers not fetched are gone.
    pub fn reset(&mut self, interface: Interface) {
        self.card.reset(interface);
        self.chain.clear();
        self.outgoing.clear();
    }

    /// Power goes: gives the chip back.
    pub fn power_off(self) -> P {
        self.card.into_platform()
    }

    /// The chip below.
    pub fn platform(&mut self) -> &mut P {
        self.card.platform()
    }

    /// Answers one command APDU. Every input gets an answer of at most `response.len()` bytes; what does not fit
    /// waits for GET RESPONSE. A buffer of [`card_protocol::MAX_RESPONSE`] bytes always suffices.
    pub fn process<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> &'r [u8] {
        let expected = self.carry_out(command);
        let room = response.len().saturating_sub(2);
        let mut writer = Writer::new(response);
        let status = self.outgoing.hand_out(expected.min(room), &mut writer);
        match writer.put(&status.to_bytes()) {
            Ok(()) => writer.finish(),
            // Less than two bytes: no room for any answer.
            Err(_) => &[],
        }
    }

    /// Fills `outgoing`; returns how many bytes the host asked for.
    fn carry_out(&mut self, bytes: &[u8]) -> usize {
        let Self { card, chain, plain, outgoing } = self;
        let (command, class) = match read(bytes) {
            Ok(read) => read,
            Err(refusal) => return outgoing.refuse(refusal),
        };
        let expected = command.expected;
        if command.ins == ins::GET_RESPONSE && class == Class::PLAIN {
            let wrong = command.p1 != 0 || command.p2 != 0 || !command.data.is_empty();
            if wrong || outgoing.is_empty() {
                return outgoing.refuse(StatusWord::CONDITIONS_NOT_SATISFIED);
            }
            // Without Le it can only mean: what there is.
            return if expected == 0 { 256 } else { expected };
        }
        outgoing.clear();
        // A host that starts over is not held to the chain it left open.
        if command.ins == ins::SELECT {
            chain.clear();
        }
        match chain.push(command) {
            Err(_) => outgoing.refuse(StatusWord::LAST_OF_CHAIN_EXPECTED),
            Ok(None) => outgoing.refuse(StatusWord::OK),
            Ok(Some(command)) => {
                outgoing.fill(|answer| {
                    let mut writer = Writer::new(answer);
                    let status = card.process(&command, plain, &mut writer);
                    let length = if status.was_carried_out() { writer.len() } else { 0 };
                    card.protect(answer, length, status)
                });
                plain.zeroize();
                expected
            }
        }
    }
}

/// Says where the card stands, and nothing that came over the wire or lies in memory.
impl<P: Platform> fmt::Debug for Applet<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Applet").field("life_cycle", &self.card.life_cycle()).finish_non_exhaustive()
    }
}

fn read(bytes: &[u8]) -> Result<(Command<'_>, Class), StatusWord> {
    let command = Command::parse(bytes).map_err(|_| StatusWord::WRONG_LENGTH)?;
    let class = Class::parse(command.cla)?;
    if command.data.len() > MAX_DATA { Err(StatusWord::WRONG_LENGTH) } else { Ok((command, class)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{Flash, FlashFault, PAGE_BYTES, RandomFault};
    use crate::state::Attempts;
    use crate::store::FLASH_PAGES;
    use card_protocol::scp03::host::{HostChannel, initialize_update};
    use card_protocol::scp03::{Greeting, Level};
    use card_protocol::{LifeCycle, MAX_COMMAND, MAX_RESPONSE, Rides, Secret, Step};
    use std::{vec, vec::Vec};

    struct Chip(Vec<u8>);

    impl Flash for Chip {
        fn read(&self, address: usize, out: &mut [u8]) -> Result<(), FlashFault> {
            out.copy_from_slice(&self.0[address..address + out.len()]);
            Ok(())
        }
        fn program(&mut self, address: usize, word: [u8; 4]) -> Result<(), FlashFault> {
            self.0[address..address + 4].copy_from_slice(&word);
            Ok(())
        }
        fn erase(&mut self, page: usize) -> Result<(), FlashFault> {
            self.0[page * PAGE_BYTES..(page + 1) * PAGE_BYTES].fill(0xFF);
            Ok(())
        }
    }

    impl Platform for Chip {
        fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFault> {
            out.fill(4);
            Ok(())
        }
    }

    fn keys() -> StaticKeys {
        StaticKeys::from_bytes(&[7; 48])
    }

    fn blank() -> Chip {
        Chip(vec![0xFF; FLASH_PAGES * PAGE_BYTES])
    }

    fn send(applet: &mut Applet<Chip>, command: &Command<'_>) -> Vec<u8> {
        let mut wire = [0; MAX_COMMAND];
        applet.process(command.write(&mut wire).unwrap(), &mut [0; MAX_RESPONSE]).to_vec()
    }

    /// Selects the application and opens a channel to whichever key set the card chooses or is asked for.
    fn open(applet: &mut Applet<Chip>, role: Option<Role>) -> Option<HostChannel> {
        let name = Command::new(0, ins::SELECT, 4, 0).with_data(&card_protocol::AID).expecting(256);
        send(applet, &name);
        let answer = send(applet, &initialize_update(role.map(Role::version), &[1; 8]));
        let greeting = Greeting::from_slice(answer.get(..Greeting::LENGTH)?).unwrap();
        let (channel, proof) =
            HostChannel::open(&keys(), &[1; 8], &greeting, Level::Full, &card_protocol::AID).unwrap();
        assert_eq!(send(applet, &proof.command()), [0x90, 0]);
        Some(channel)
    }

    #[test]
    fn what_came_through_the_channel_is_wiped_when_it_was_carried_out() {
        let chip = Applet::manufacture(blank(), Serial::new([1; 8]), keys()).unwrap();
        let mut applet = Applet::power_on(chip, Interface::Contact).unwrap();
        let mut channel = open(&mut applet, None).unwrap();
        let pin = [0x26, 0x12, 0x34, 0x56, 0xFF, 0xFF, 0xFF, 0xFF];
        let mut wire = [0; MAX_COMMAND];
        let verify = Command::new(0, ins::VERIFY, 0, 1).with_data(&pin);
        let (wire, _) = channel.wrap(&verify, &mut wire).unwrap();
        let answer = applet.process(wire, &mut [0; MAX_RESPONSE]).to_vec();
        // Out of place in BLANK; but it was decrypted on the way to that answer.
        assert_eq!(answer, [0x69, 0x85]);
        assert_eq!(applet.plain, [0; MAX_DATA]);
    }

    /// A card in use whose counters stand at their last value but one, or at their last.
    fn old() -> Applet<Chip> {
        let mut secrets = Secrets { seed: Some(Secret::new([5; 32])), ..Secrets::default() };
        *secrets.key_set(Role::Update) = Some(keys());
        let rides = Rides { period: 202_611, allowed: 60, used: 1 };
        let attempts = Attempts { sequence: 0x00FF_FFFE, failures: 0 };
        let mut state = State { transactions: u32::MAX, rides, ..State::blank() }
            .without_key_set(Role::Transport)
            .with_key_set(Role::Update)
            .with_life_cycle(LifeCycle::Active)
            .with_step(Step::Files)
            .with_attempts(Role::Update, attempts);
        state.status.update_counter = u32::MAX;
        let birth = Birth { serial: Serial::new([1; 8]) };
        let store = Store::format(blank(), birth, state.to_stored(), secrets.to_bytes().expose()).unwrap();
        Applet::power_on(store.into_platform(), Interface::Contact).unwrap()
    }

    #[test]
    fn a_counter_at_its_end_refuses_and_never_begins_anew() {
        let mut applet = old();
        let mut channel = open(&mut applet, Some(Role::Update)).unwrap();
        let mut wire = [0; MAX_COMMAND];
        let store = Command::new(0x80, ins::STORE_DATA, 0x80, 0).with_data(&[0xDC, 0x20, 4, 0, 0, 0, 0]);
        let (wire, _) = channel.wrap(&store, &mut wire).unwrap();
        assert_eq!(applet.process(wire, &mut [0; MAX_RESPONSE]), [0x6A, 0x80], "the update counter");

        // That channel had the last sequence number.
        assert!(open(&mut applet, Some(Role::Update)).is_none());
        let greet = initialize_update(Some(Role::Update.version()), &[1; 8]);
        assert_eq!(send(&mut applet, &greet), [0x69, 0x85], "the sequence counter");

        for (cla, instruction) in [(0x00, ins::INTERNAL_AUTHENTICATE), (0x80, ins::DEBIT)] {
            let sign = Command::new(cla, instruction, 0, 0).with_data(&[3; 16]).expecting(256);
            assert_eq!(send(&mut applet, &sign), [0x69, 0x85], "the transaction counter");
        }
        let rides = Command::new(0, ins::READ_BINARY, 0x85, 0).expecting(256);
        assert_eq!(send(&mut applet, &rides)[6..], [0, 1, 0x90, 0], "and no ride is lost to it");
    }
}
