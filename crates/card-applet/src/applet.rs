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
use zeroize::Zeroize as _;

/// A powered card.
#[derive(Debug)]
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

fn read(bytes: &[u8]) -> Result<(Command<'_>, Class), StatusWord> {
    let command = Command::parse(bytes).map_err(|_| StatusWord::WRONG_LENGTH)?;
    let class = Class::parse(command.cla)?;
    if command.data.len() > MAX_DATA { Err(StatusWord::WRONG_LENGTH) } else { Ok((command, class)) }
}
