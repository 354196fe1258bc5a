//! Work on a card that is already issued, as a script like [`crate::Personalisation`]: two round trips.

use crate::channel::{self, Channel, Greeted, challenge};
use crate::{Answers, Batch, CardFiles, HostError, IssuerKeys, WrongCard};
use card_protocol::scp03::Challenge;
use card_protocol::{CardStatus, Command, LifeCycle, Pin, Role, Serial, StatusWord, ins, object, tlv};
use rand_core::CryptoRng;

/// What is to be done.
#[derive(Debug)]
pub enum Task {
    /// Give the holder three tries again, with a new PIN or the old one.
    UnblockPin(Option<Pin>),
    /// Put the card out of use (冻结): the gate reads nothing from it.
    Block,
    /// Put it back into use.
    Unblock,
    /// End it for ever: keys and files are wiped.
    Terminate,
    /// Renew its files: a new pass, a new ride period.
    Renew(CardFiles),
}

/// One run, over one card.
#[derive(Debug)]
pub struct Upkeep {
    task: Task,
    /// The card the case is about.
    serial: Serial,
    state: State,
}

/// What the driver does next.
#[derive(Debug)]
pub enum UpkeepNext {
    /// Carry the batch and bring the answers.
    Send(Batch),
    /// Done; what the card said of itself, under R-MAC, after the work.
    Done(CardStatus),
}

#[derive(Debug)]
enum State {
    Identifying { challenge: Challenge },
    Working(Channel),
    Over,
}

impl Upkeep {
    /// Begins work on the card `serial`, which must lie on the reader.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn start(task: Task, serial: Serial, rng: &mut impl CryptoRng) -> Result<(Self, Batch), HostError> {
        let challenge = challenge(rng);
        let batch = channel::greet(Some(task.role()), &challenge)?;
        Ok((Self { task, serial, state: State::Identifying { challenge } }, batch))
    }

    /// Takes the answers to the batch sent last.
    ///
    /// # Errors
    /// The run is over; the card did the whole task or nothing of it.
    pub fn on(&mut self, answers: &Answers, keys: &IssuerKeys) -> Result<UpkeepNext, HostError> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Identifying { challenge } => self.work(answers, challenge, keys),
            State::Working(mut channel) => {
                let data = channel.read_answers(answers)?;
                let status = data.last().map_or(&[][..], Vec::as_slice);
                Ok(UpkeepNext::Done(CardStatus::from_slice(tlv::find(status, &[object::STATUS])?)?))
            }
            State::Over => Err(HostError::AnswersOutOfStep { expected: 0, came: answers.responses().len() }),
        }
    }

    fn work(
        &mut self,
        answers: &Answers,
        challenge: Challenge,
        keys: &IssuerKeys,
    ) -> Result<UpkeepNext, HostError> {
        let [fci, rest @ ..] = answers.read::<4>()?;
        if !matches!(fci.status, StatusWord::OK | StatusWord::DEACTIVATED) {
            return Err(WrongCard::Unknown.into());
        }
        let greeted = Greeted::read(fci, rest, challenge)?;
        if greeted.serial != self.serial {
            return Err(WrongCard::OtherHolders { serial: greeted.serial }.into());
        }
        let mut channel = greeted.open(keys)?;
        self.task.put(&mut channel, &greeted.status)?;
        let [p1, p2] = object::STATUS.to_be_bytes();
        channel.secured(&Command::new(0x80, ins::GET_DATA, p1, p2).expecting(239))?;
        let batch = channel.take_batch();
        self.state = State::Working(channel);
        Ok(UpkeepNext::Send(batch))
    }
}

impl Task {
    /// The least role that may do it.
    const fn role(&self) -> Role {
        match self {
            Self::UnblockPin(_) | Self::Block | Self::Renew(_) => Role::Update,
            Self::Unblock | Self::Terminate => Role::Issue,
        }
    }

    fn put(&self, channel: &mut Channel, status: &CardStatus) -> Result<(), HostError> {
        let set_status = |state: LifeCycle| Command::new(0x80, ins::SET_STATUS, 0x40, state.as_u8());
        match self {
            Self::UnblockPin(Some(pin)) => {
                let reset = Command::new(0x00, ins::RESET_RETRY_COUNTER, 0x02, 0x01);
                channel.secured(&reset.with_data(pin.expose_block()))
            }
            Self::UnblockPin(None) => {
                channel.secured(&Command::new(0x00, ins::RESET_RETRY_COUNTER, 0x03, 0x01))
            }
            Self::Block => channel.secured(&set_status(LifeCycle::Blocked)),
            Self::Unblock => channel.secured(&set_status(LifeCycle::Active)),
            Self::Terminate => channel.secured(&set_status(LifeCycle::Terminated)),
            Self::Renew(files) => {
                let groupings = files.groupings(status.update_counter.saturating_add(1))?;
                channel.store(&groupings).map(|_| ())
            }
        }
    }
}
