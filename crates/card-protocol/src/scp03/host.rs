//! The host's end: sends INITIALIZE UPDATE, proves itself, then wraps commands and unwraps responses.
//!
//! Wrapping does not wait for responses, so that a batch of commands can be made at once: each [`Sent`] remembers
//! what its own response must be checked with.

use super::{
    Challenge, Direction, Greeting, Level, MAC_LENGTH, SECURED, Session, card_challenge, constant, same,
    short,
};
use crate::{Command, Error, KeyVersion, MAX_DATA, Response, StaticKeys, ins};

/// INITIALIZE UPDATE for a key set, or for the one the card chooses.
#[must_use]
pub fn initialize_update(version: Option<KeyVersion>, challenge: &Challenge) -> Command<'_> {
    Command::new(0x80, ins::INITIALIZE_UPDATE, version.map_or(0, KeyVersion::as_u8), 0)
        .with_data(challenge)
        .expecting(256)
}

/// An open channel, host side.
#[derive(Debug)]
pub struct HostChannel(Session);

/// What the response to one wrapped command is checked with.
#[derive(Debug)]
#[must_use = "the response must be unwrapped"]
pub struct Sent {
    chain: [u8; 16],
    counter: u32,
}

/// The data field of EXTERNAL AUTHENTICATE: host cryptogram and C-MAC.
#[derive(Debug, Clone, Copy)]
pub struct HostProof {
    level: Level,
    data: [u8; 16],
}

impl HostProof {
    /// EXTERNAL AUTHENTICATE. Its response carries no MAC.
    #[must_use]
    pub fn command(&self) -> Command<'_> {
        Command::new(0x80 | SECURED, ins::EXTERNAL_AUTHENTICATE, self.level.as_u8(), 0).with_data(&self.data)
    }
}

impl HostChannel {
    /// Checks the card's answer to INITIALIZE UPDATE, given while `aid` is selected, and opens the channel.
    ///
    /// # Errors
    /// [`Error::WrongCardCryptogram`]: the card has other keys, or replays a challenge.
    pub fn open(
        keys: &StaticKeys,
        challenge: &Challenge,
        greeting: &Greeting,
        level: Level,
        aid: &[u8],
    ) -> Result<(Self, HostProof), Error> {
        let mut session = Session::derive(keys, challenge, &greeting.challenge, level);
        let cryptogram = session.cryptogram(constant::CARD_CRYPTOGRAM, challenge, &greeting.challenge);
        let fresh = card_challenge(keys, greeting.sequence, aid);
        if !same(&cryptogram, &greeting.cryptogram) || !same(&fresh, &greeting.challenge) {
            return Err(Error::WrongCardCryptogram);
        }
        let proof = session.cryptogram(constant::HOST_CRYPTOGRAM, challenge, &greeting.challenge);
        let mut proof = HostProof { level, data: crate::proof::concat([&proof, &[0; MAC_LENGTH]]) };
        let (cryptogram, mac) = proof.data.split_at_mut(MAC_LENGTH);
        let unsigned =
            Command::new(0x80 | SECURED, ins::EXTERNAL_AUTHENTICATE, level.as_u8(), 0).with_data(cryptogram);
        session.chain = session.command_mac(&unsigned, cryptogram);
        mac.copy_from_slice(&short(&session.chain));
        Ok((Self(session), proof))
    }

    /// The level of protection.
    #[must_use]
    pub const fn level(&self) -> Level {
        self.0.level
    }

    /// Writes the wrapped command into `out`.
    ///
    /// # Errors
    /// [`Error::BufferFull`] where the command does not fit `out` or grows past [`MAX_DATA`]; the channel is as
    /// it was.
    pub fn wrap<'b>(&mut self, command: &Command<'_>, out: &'b mut [u8]) -> Result<(&'b [u8], Sent), Error> {
        let session = &mut self.0;
        let counter = session.counter.checked_add(1).ok_or(Error::ChannelClosed)?;
        let mut data = [0; MAX_DATA];
        let mut length = command.data.len();
        data.get_mut(..length).ok_or(Error::BufferFull)?.copy_from_slice(command.data);
        // Without data nothing is encrypted, and the counter moves all the same (6.2.6).
        if session.level.encrypts_commands() && length > 0 {
            length = session.encrypt(&mut data, length, counter, Direction::Command)?;
        }
        let body = data.get(..length).ok_or(Error::BufferFull)?;
        let expected = wire_expected(session.level, command.expected);
        let unsigned = Command { cla: command.cla | SECURED, data: body, expected, ..*command };
        let chain = session.command_mac(&unsigned, body);
        let end = length.saturating_add(MAC_LENGTH);
        data.get_mut(length..end).ok_or(Error::BufferFull)?.copy_from_slice(&short(&chain));
        let data = data.get(..end).ok_or(Error::BufferFull)?;
        let wrapped = Command { cla: command.cla | SECURED, data, expected, ..*command }.write(out)?;
        self.0.chain = chain;
        self.0.counter = counter;
        Ok((wrapped, Sent { chain, counter }))
    }

    /// Checks and opens the response to a wrapped command; the plain data lies in `plain`.
    ///
    /// An error status comes bare (6.2.5) and is handed through: it proves nothing.
    ///
    /// # Errors
    /// [`Error::ChannelClosed`]: the R-MAC is wrong; throw the channel away.
    pub fn unwrap<'b>(
        &self,
        sent: Sent,
        response: Response<'_>,
        plain: &'b mut [u8],
    ) -> Result<Response<'b>, Error> {
        let Response { data, status } = response;
        let level = self.0.level;
        if !status.was_carried_out() {
            return Ok(Response { data: &[], status });
        }
        let body = if level.macs_responses() {
            let (body, mac) = data.split_last_chunk::<MAC_LENGTH>().ok_or(Error::ChannelClosed)?;
            if !same(&self.0.response_mac(&sent.chain, body, status.to_bytes()), mac) {
                return Err(Error::ChannelClosed);
            }
            body
        } else {
            data
        };
        let out = plain.get_mut(..body.len()).ok_or(Error::BufferFull)?;
        out.copy_from_slice(body);
        let mut length = body.len();
        if level.encrypts_responses() && length > 0 {
            length = self.0.decrypt(out, sent.counter, Direction::Response)?;
        }
        Ok(Response { data: plain.get(..length).unwrap_or_default(), status })
    }
}

/// Ne of the wrapped command: room for padding and MAC. A MAC comes back even where no data does.
fn wire_expected(level: Level, plain: usize) -> usize {
    match plain {
        0 if !level.macs_responses() => 0,
        0..=256 => 256,
        257.. => level.response_length(plain).min(MAX_DATA),
    }
}
