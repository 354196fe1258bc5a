//! From a blank card to an issued one, as a script that does no input or output (profile: Personalisation).
//!
//! ```text
//!   start ──batch 1──> who is it ──Next::Card──> accept ──batch 2──> new keys ──batch 3──> key pair
//!         ──Next::KeyPair──> store ──batch 4──> files written and read back ──batch 5──> active, signs ──> Issued
//! ```
//! Five round trips for a blank card, four for one that has its keys already. Whatever happens on the way, the next
//! run starts at `start`: the card says how far it came, and finished steps are not done again.

mod issued;
mod stage;

pub use issued::Issued;
pub use stage::Stage;

use crate::channel::{self, Channel, Greeted, challenge, select};
use crate::dialogue::PAYMENT_ENVIRONMENTS;
use crate::{Answers, Batch, CardFiles, HostError, IssuerKeys, WrongCard};
use card_protocol::scp03::Challenge;
use card_protocol::scp03::host::initialize_update;
use card_protocol::{
    CardStatus, Command, Ef, LifeCycle, Presence, Role, Serial, StatusWord, Step, Writer, ins, object, tlv,
};
use ed25519_dalek::VerifyingKey;
use rand_core::CryptoRng;

/// One run of the script, over one card.
#[derive(Debug)]
pub struct Personalisation {
    /// The card an earlier run of the same job began with.
    bound: Option<Serial>,
    state: State,
}

/// What the driver does next.
#[derive(Debug)]
pub enum Next {
    /// Carry the batch to the card and bring the answers to [`Personalisation::on`].
    Send(Batch),
    /// Decide whether this job may have this card, bind it to the job durably, then [`Personalisation::accept`].
    Card(CardFound),
    /// Sign a pass over this key (once: the same key means the same pass), then [`Personalisation::store`].
    KeyPair(KeyPair),
    /// The card is issued. Nothing before this counts as issued.
    Done(Issued),
}

/// The card on the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardFound {
    /// Its serial.
    pub serial: Serial,
    /// What it says of itself; `Blank` or `Keyed`, or `Active` where this job's last answer was lost.
    pub status: CardStatus,
}

/// The card's own key pair is made; the private half never leaves the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPair {
    /// The card.
    pub serial: Serial,
    /// Ed25519 public key, for the pass's `cnf`.
    pub public_key: [u8; 32],
}

#[derive(Debug)]
enum State {
    Identifying { challenge: Challenge },
    NamingForeignCard,
    Identified(Greeted),
    ReplacingKeys { channel: Channel, greeted: Greeted, challenge: Challenge },
    MakingKeyPair { channel: Channel, greeted: Greeted },
    WaitingForFiles { channel: Channel, status: CardStatus, key: KeyPair },
    Writing { channel: Channel, key: KeyPair, update_counter: u32, expected: ReadBack, then: Then },
    Activating { channel: Channel, issued: Issued, challenge: card_protocol::Challenge },
    Over,
}

/// What reading back must bring: each file, with the number of commands it takes.
#[derive(Debug)]
struct ReadBack {
    /// Answers before the first of them: STORE DATA.
    skip: usize,
    files: Vec<(Ef, Vec<u8>, usize)>,
}

/// Whether the card still has to be activated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Activate,
    CheckOnly,
}

impl Personalisation {
    /// Begins with whatever card lies on the reader. `bound` is the card an earlier run of this job accepted.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn start(bound: Option<Serial>, rng: &mut impl CryptoRng) -> Result<(Self, Batch), HostError> {
        let challenge = challenge(rng);
        let batch = channel::greet(None, &challenge)?;
        Ok((Self { bound, state: State::Identifying { challenge } }, batch))
    }

    /// Takes the answers to the batch sent last.
    ///
    /// # Errors
    /// The run is over: tell the clerk, and begin again with [`Personalisation::start`] when a card is back.
    pub fn on(
        &mut self,
        answers: &Answers,
        keys: &IssuerKeys,
        rng: &mut impl CryptoRng,
    ) -> Result<Next, HostError> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Identifying { challenge } => self.identify(answers, challenge),
            State::NamingForeignCard => Err(name_foreign_card(answers)?.into()),
            State::ReplacingKeys { channel, greeted, challenge } => {
                self.keys_replaced(answers, channel, greeted, challenge, keys)
            }
            State::MakingKeyPair { channel, greeted } => self.key_pair_made(answers, channel, &greeted),
            State::Writing { channel, key, update_counter, expected, then } => {
                let issued = Issued { serial: key.serial, public_key: key.public_key, update_counter };
                self.written(answers, channel, issued, &expected, then, rng)
            }
            State::Activating { channel, issued, challenge } => {
                activated(answers, channel, issued, &challenge)
            }
            State::Identified(_) | State::WaitingForFiles { .. } | State::Over => {
                Err(HostError::AnswersOutOfStep { expected: 0, came: answers.responses().len() })
            }
        }
    }

    /// The job takes the card of [`Next::Card`].
    ///
    /// # Errors
    /// [`WrongCard::OtherIssuer`] where the card does not hold the keys this issuer gives it.
    pub fn accept(&mut self, keys: &IssuerKeys, rng: &mut impl CryptoRng) -> Result<Batch, HostError> {
        let State::Identified(greeted) = std::mem::replace(&mut self.state, State::Over) else {
            return Err(HostError::AnswersOutOfStep { expected: 0, came: 0 });
        };
        self.bound = Some(greeted.serial);
        let channel = greeted.open(keys)?;
        if greeted.status.life_cycle == LifeCycle::Blank {
            self.replace_keys(channel, greeted, keys, challenge(rng))
        } else {
            self.make_key_pair(channel, greeted)
        }
    }

    /// Gives the files, with the pass over the key of [`Next::KeyPair`] among them.
    ///
    /// # Errors
    /// [`HostError::FileTooLong`], with the card as it was.
    pub fn store(&mut self, files: &CardFiles) -> Result<Batch, HostError> {
        let contents = files.contents()?;
        let State::WaitingForFiles { mut channel, status, key } =
            std::mem::replace(&mut self.state, State::Over)
        else {
            return Err(HostError::AnswersOutOfStep { expected: 0, came: 0 });
        };
        let mut update_counter = status.update_counter;
        let mut skip = 0;
        let then = if status.life_cycle == LifeCycle::Active { Then::CheckOnly } else { Then::Activate };
        if then == Then::Activate {
            update_counter = update_counter.saturating_add(1);
            skip = channel.store(&files.groupings(update_counter)?)?;
        }
        let mut read_back = Vec::with_capacity(contents.len());
        for (ef, content) in contents {
            let commands = channel.read(ef, content.len())?;
            read_back.push((ef, content, commands));
        }
        let batch = channel.take_batch();
        let expected = ReadBack { skip, files: read_back };
        self.state = State::Writing { channel, key, update_counter, expected, then };
        Ok(batch)
    }

    /// What the batch on its way is for.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        match self.state {
            State::Identifying { .. } | State::NamingForeignCard => Stage::Identify,
            State::ReplacingKeys { .. } => Stage::ReplaceKeys,
            State::MakingKeyPair { .. } => Stage::MakeKeyPair,
            State::Writing { .. } => Stage::Write,
            State::Activating { .. } => Stage::Activate,
            State::Identified(_) | State::WaitingForFiles { .. } | State::Over => Stage::Idle,
        }
    }

    fn identify(&mut self, answers: &Answers, challenge: Challenge) -> Result<Next, HostError> {
        let [fci, rest @ ..] = answers.read::<4>()?;
        if !matches!(fci.status, StatusWord::OK | StatusWord::DEACTIVATED) {
            self.state = State::NamingForeignCard;
            let mut batch = Batch::default();
            for name in PAYMENT_ENVIRONMENTS {
                let select = Command::new(0x00, ins::SELECT, 0x04, 0x00).with_data(name).expecting(256);
                batch = batch.with(&select)?;
            }
            return Ok(Next::Send(batch));
        }
        let greeted = Greeted::read(fci, rest, challenge)?;
        let (serial, status) = (greeted.serial, greeted.status);
        if let Some(expected) = self.bound.filter(|bound| *bound != serial) {
            return Err(WrongCard::NotTheCardBegun { expected, found: serial }.into());
        }
        match status.life_cycle {
            LifeCycle::Blank | LifeCycle::Keyed => {}
            // The last answer of this very job may have been lost: then only what is there is checked.
            LifeCycle::Active if self.bound == Some(serial) => {}
            LifeCycle::Active => return Err(WrongCard::AlreadyPersonalised { serial }.into()),
            LifeCycle::Blocked => return Err(WrongCard::Blocked { serial }.into()),
            LifeCycle::Terminated => return Err(WrongCard::Terminated.into()),
        }
        self.state = State::Identified(greeted);
        Ok(Next::Card(CardFound { serial, status }))
    }

    /// Adds the other roles' keys first and replaces the transport keys last: only then the card counts as KEYED.
    fn replace_keys(
        &mut self,
        mut channel: Channel,
        greeted: Greeted,
        keys: &IssuerKeys,
        challenge: Challenge,
    ) -> Result<Batch, HostError> {
        for role in [Role::Update, Role::Read, Role::Issue] {
            let version = role.version();
            let replaced = match role {
                Role::Issue => Role::Transport.version().as_u8(),
                // Put by a run that was cut short: put again.
                _ if greeted.status.key_versions.contains(&Some(version)) => version.as_u8(),
                _ => 0,
            };
            let mut data = [0; 80];
            let mut writer = Writer::new(&mut data);
            keys.for_session(role, greeted.serial).put(&mut writer, version, &keys.transport.dek)?;
            let put_key = Command::new(0x80, ins::PUT_KEY, replaced, 0x81).with_data(writer.finish());
            channel.secured(&put_key.expecting(239))?;
        }
        channel.plain(&initialize_update(Some(Role::Issue.version()), &challenge))?;
        let batch = channel.take_batch();
        self.state = State::ReplacingKeys { channel, greeted, challenge };
        Ok(batch)
    }

    fn keys_replaced(
        &mut self,
        answers: &Answers,
        mut channel: Channel,
        greeted: Greeted,
        challenge: Challenge,
        keys: &IssuerKeys,
    ) -> Result<Next, HostError> {
        let data = channel.read_answers(answers)?;
        for (role, receipt) in [Role::Update, Role::Read, Role::Issue].into_iter().zip(data.iter().skip(1)) {
            if *receipt != keys.for_session(role, greeted.serial).receipt(role.version()) {
                return Err(card_protocol::Error::WrongKeyCheckValue.into());
            }
        }
        let greeting = data.last().map_or(&[][..], Vec::as_slice);
        let greeted = greeted.again(greeting, Role::Issue, challenge)?;
        let channel = greeted.open(keys)?;
        self.make_key_pair(channel, greeted).map(Next::Send)
    }

    /// A pair made by an earlier run stays: the pass may be signed over it already.
    fn make_key_pair(&mut self, mut channel: Channel, greeted: Greeted) -> Result<Batch, HostError> {
        let p1 = if greeted.status.step >= Step::KeyPair { READ_PUBLIC_KEY } else { MAKE_KEY_PAIR };
        channel.secured(&Command::new(0x00, ins::GENERATE_KEY_PAIR, p1, 0x00).expecting(239))?;
        let batch = channel.take_batch();
        self.state = State::MakingKeyPair { channel, greeted };
        Ok(batch)
    }

    fn key_pair_made(
        &mut self,
        answers: &Answers,
        mut channel: Channel,
        greeted: &Greeted,
    ) -> Result<Next, HostError> {
        let data = channel.read_answers(answers)?;
        let public_key = object::parse_public_key(data.last().map_or(&[], Vec::as_slice))?;
        let key = KeyPair { serial: greeted.serial, public_key };
        self.state = State::WaitingForFiles { channel, status: greeted.status, key };
        Ok(Next::KeyPair(key))
    }

    fn written(
        &mut self,
        answers: &Answers,
        mut channel: Channel,
        issued: Issued,
        expected: &ReadBack,
        then: Then,
        rng: &mut impl CryptoRng,
    ) -> Result<Next, HostError> {
        let data = channel.read_answers(answers)?;
        let mut read = data.into_iter().skip(expected.skip);
        for (ef, content, commands) in &expected.files {
            let file: Vec<u8> = read.by_ref().take(*commands).flatten().collect();
            if file != *content {
                return Err(match then {
                    Then::Activate => HostError::ReadBackDiffers { ef: *ef },
                    Then::CheckOnly => WrongCard::AlreadyPersonalised { serial: issued.serial }.into(),
                });
            }
        }
        if then == Then::Activate {
            let active = LifeCycle::Active.as_u8();
            channel.secured(&Command::new(0x80, ins::SET_STATUS, 0x40, active))?;
        }
        let [p1, p2] = object::STATUS.to_be_bytes();
        channel.secured(&Command::new(0x80, ins::GET_DATA, p1, p2).expecting(239))?;
        let challenge: card_protocol::Challenge = challenge(rng);
        channel.plain(&select())?;
        channel.plain(
            &Command::new(0x00, ins::INTERNAL_AUTHENTICATE, 0, 0).with_data(&challenge).expecting(256),
        )?;
        let batch = channel.take_batch();
        self.state = State::Activating { channel, issued, challenge };
        Ok(Next::Send(batch))
    }
}

/// The last look: the card says that it is active, and its key signs a fresh challenge.
fn activated(
    answers: &Answers,
    mut channel: Channel,
    issued: Issued,
    challenge: &card_protocol::Challenge,
) -> Result<Next, HostError> {
    let data = channel.read_answers(answers)?;
    let [.., status, _fci, presence] = data.as_slice() else {
        return Err(HostError::AnswersOutOfStep { expected: 3, came: data.len() });
    };
    let status = CardStatus::from_slice(tlv::find(status, &[object::STATUS])?)?;
    let Presence { nonce, counter, signature } = Presence::from_slice(presence)?;
    let message = Presence::message(challenge, nonce, counter);
    let signs = VerifyingKey::from_bytes(&issued.public_key)
        .and_then(|key| key.verify_strict(&message, &signature.into()))
        .is_ok();
    if status.life_cycle != LifeCycle::Active || !signs {
        return Err(HostError::KeyDoesNotSign);
    }
    Ok(Next::Done(issued))
}

fn name_foreign_card(answers: &Answers) -> Result<WrongCard, HostError> {
    let pays = answers.read::<2>()?.iter().any(|answer| answer.status.is_ok());
    Ok(if pays { WrongCard::BankCard } else { WrongCard::Unknown })
}

const MAKE_KEY_PAIR: u8 = 0x80;
const READ_PUBLIC_KEY: u8 = 0x81;
