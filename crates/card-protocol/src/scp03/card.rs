//! The card's end: answers INITIALIZE UPDATE, checks EXTERNAL AUTHENTICATE, then lets only commands through that
//! carry the right MAC in the right order.
//!
//! After anything wrong the session is gone, and until a new INITIALIZE UPDATE, a SELECT or a reset every other
//! command is refused with 6982 (Amendment D, 5.5).

use super::{
    Challenge, Direction, Greeting, Level, MAC_LENGTH, SECURED, Sequence, Session, card_challenge, constant,
    same, short,
};
use crate::{Command, KeyVersion, MAX_DATA, Serial, StaticKeys, StatusWord, ins};

/// The channel of the selected application, card side.
#[derive(Debug, Default)]
pub struct CardChannel(State);

#[derive(Debug, Default)]
enum State {
    /// No session: plain commands pass, with nobody's authority.
    #[default]
    Closed,
    /// INITIALIZE UPDATE was answered; the next command must be EXTERNAL AUTHENTICATE.
    Greeted { version: KeyVersion, session: Session, host: Challenge, card: Challenge },
    /// The host has proved itself.
    Open { version: KeyVersion, session: Session, answer: Answer },
    /// A session was lost, and nothing passes.
    Lost,
}

/// Whether the command being carried out came through the channel, so that its answer must go the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Plain,
    Secured,
}

impl CardChannel {
    /// Answers INITIALIZE UPDATE for the key set `version`, while `aid` is selected; any session before ends.
    ///
    /// The caller has already counted `sequence` up in its memory, so that no challenge ever comes twice.
    pub fn initialize_update(
        &mut self,
        keys: &StaticKeys,
        version: KeyVersion,
        host: &Challenge,
        sequence: Sequence,
        serial: Serial,
        aid: &[u8],
    ) -> Greeting {
        let card = card_challenge(keys, sequence, aid);
        // The level is not known before EXTERNAL AUTHENTICATE, which carries a C-MAC at every level.
        let session = Session::derive(keys, host, &card, Level::CMac);
        let cryptogram = session.cryptogram(constant::CARD_CRYPTOGRAM, host, &card);
        self.0 = State::Greeted { version, session, host: *host, card };
        Greeting {
            diversification_data: serial.diversification_data(),
            version: version.as_u8(),
            challenge: card,
            cryptogram,
            sequence,
        }
    }

    /// Checks EXTERNAL AUTHENTICATE, as it came over the wire. Opens the session, or loses it.
    ///
    /// # Errors
    /// 6985 out of order, 6A86 an unknown level, 6700 another length, 6300 a wrong cryptogram, 6982 a wrong MAC.
    pub fn external_authenticate(&mut self, command: &Command<'_>) -> Result<(), StatusWord> {
        let State::Greeted { version, mut session, host, card } = core::mem::take(&mut self.0) else {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        session.level = Level::from_u8(command.p1).map_err(|_| StatusWord::WRONG_PARAMETERS)?;
        if command.p2 != 0 {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        let (cryptogram, mac) =
            command.data.split_last_chunk::<MAC_LENGTH>().ok_or(StatusWord::WRONG_LENGTH)?;
        if cryptogram.len() != 8 {
            return Err(StatusWord::WRONG_LENGTH);
        }
        let chain = session.command_mac(command, cryptogram);
        if !same(&session.cryptogram(constant::HOST_CRYPTOGRAM, &host, &card), cryptogram) {
            return Err(StatusWord::AUTHENTICATION_FAILED);
        }
        if !same(&short(&chain), mac) {
            return Err(StatusWord::SECURITY_NOT_SATISFIED);
        }
        session.chain = chain;
        self.0 = State::Open { version, session, answer: Answer::Plain };
        Ok(())
    }

    /// Takes a command as it came, and gives the one to carry out: its MAC checked, its data in the clear in
    /// `plain`, its CLA without the secure messaging bit, and Ne counted in plain bytes.
    ///
    /// SELECT ends any session. INITIALIZE UPDATE and EXTERNAL AUTHENTICATE pass as they are, for the two methods
    /// above.
    ///
    /// # Errors
    /// The status to answer with; the session, if there was one, is lost.
    pub fn receive<'c>(
        &mut self,
        command: &Command<'c>,
        plain: &'c mut [u8; MAX_DATA],
    ) -> Result<Command<'c>, StatusWord> {
        match (command.cla & 0xFC, command.ins) {
            (0x00, ins::SELECT) => self.close(),
            (0x80, ins::INITIALIZE_UPDATE) => {
                self.close();
                return Ok(*command);
            }
            (0x84, ins::EXTERNAL_AUTHENTICATE) => return Ok(*command),
            _ => {}
        }
        let state = core::mem::replace(&mut self.0, State::Lost);
        match (state, command.cla & SECURED != 0) {
            // Without a session; after INITIALIZE UPDATE another command than the one awaited forgets the host.
            (State::Closed | State::Greeted { .. }, false) => {
                self.0 = State::Closed;
                Ok(*command)
            }
            (State::Open { version, mut session, .. }, true) => {
                let length = open(&mut session, command, plain)?;
                let expected = session.level.response_capacity(command.expected.min(MAX_DATA));
                self.0 = State::Open { version, session, answer: Answer::Secured };
                Ok(Command {
                    cla: command.cla & !SECURED,
                    data: plain.get(..length).unwrap_or_default(),
                    expected,
                    ..*command
                })
            }
            // A secured command without a session, a plain one inside a session, anything after a loss.
            _ => Err(StatusWord::SECURITY_NOT_SATISFIED),
        }
    }

    /// Protects the answer to the command received last: the plain data is the first `length` bytes of `buffer`.
    /// Returns how many bytes go over the wire before the status word.
    ///
    /// Errors go out bare, without data (Amendment D, 6.2.5).
    ///
    /// # Errors
    /// 6700 where padding and MAC do not fit `buffer`.
    pub fn respond(
        &mut self,
        buffer: &mut [u8],
        length: usize,
        status: StatusWord,
    ) -> Result<usize, StatusWord> {
        let State::Open { session, answer: answer @ Answer::Secured, .. } = &mut self.0 else {
            return Ok(length);
        };
        *answer = Answer::Plain;
        if !status.was_carried_out() {
            return Ok(0);
        }
        let mut length = length;
        if session.level.encrypts_responses() && length > 0 {
            length = session
                .encrypt(buffer, length, session.counter, Direction::Response)
                .map_err(|_| StatusWord::WRONG_LENGTH)?;
        }
        if session.level.macs_responses() {
            let data = buffer.get(..length).ok_or(StatusWord::WRONG_LENGTH)?;
            let mac = session.response_mac(&session.chain, data, status.to_bytes());
            let end = length.saturating_add(MAC_LENGTH);
            buffer.get_mut(length..end).ok_or(StatusWord::WRONG_LENGTH)?.copy_from_slice(&mac);
            length = end;
        }
        Ok(length)
    }

    /// The key set whose host has proved itself, and the level; `None` without an open session.
    #[must_use]
    pub const fn authority(&self) -> Option<(KeyVersion, Level)> {
        match &self.0 {
            State::Open { version, session, answer: Answer::Secured } => Some((*version, session.level)),
            _ => None,
        }
    }

    /// Ends whatever session there is: power, reset, SELECT.
    pub fn close(&mut self) {
        self.0 = State::Closed;
    }
}

/// Checks the C-MAC and decrypts (Amendment D, 6.2.4 and 6.2.6); returns how many plain bytes lie in `plain`.
fn open(session: &mut Session, command: &Command<'_>, plain: &mut [u8]) -> Result<usize, StatusWord> {
    const LOST: StatusWord = StatusWord::SECURITY_NOT_SATISFIED;
    let (body, mac) = command.data.split_last_chunk::<MAC_LENGTH>().ok_or(LOST)?;
    let chain = session.command_mac(command, body);
    if !same(&short(&chain), mac) {
        return Err(LOST);
    }
    session.chain = chain;
    session.counter = session.counter.checked_add(1).ok_or(LOST)?;
    let data = plain.get_mut(..body.len()).ok_or(LOST)?;
    data.copy_from_slice(body);
    // No data, nothing encrypted. (Some hosts encrypt the padding of no data: that decrypts to no data.)
    if !session.level.encrypts_commands() || body.is_empty() {
        return Ok(body.len());
    }
    session.decrypt(data, session.counter, Direction::Command).map_err(|_| LOST)
}
