//! What a desk and the issuing service say to each other: one JSON object a line through a pipe, or one a request
//! over HTTP. The desk has the reader, the service has the keys; between them travel batches of commands.
//! Nothing here opens a card: secured commands are encrypted for the chip before they get this far.

use crate::{Answers, Batch, HostError, Stage};
use card_protocol::Pin;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The desk speaks first, and once for each answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromDesk {
    /// A card lies on the reader: begin with it, or go on where it was left.
    Begin {
        /// The job to do; without it, the one this card was begun for, or the oldest that waits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        job: Option<i64>,
        /// The holder's own choice; without it the service draws one and writes a letter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pin: Option<PinDigits>,
    },
    /// The holder of this certificate has forgotten the PIN; their card lies on the reader.
    Unblock {
        /// Which certificate.
        certificate: i64,
        /// A new PIN; without it the old one counts again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pin: Option<PinDigits>,
    },
    /// What the card answered to the last batch.
    Answers {
        /// Data and status word, in hexadecimal, one for each command.
        responses: Vec<String>,
    },
}

/// The service's answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum ToDesk {
    /// Carry these commands to the card, in order.
    Send {
        /// What they are for, in Chinese.
        zh: String,
        /// The same in English.
        en: String,
        /// Each command as it stands on the wire, in hexadecimal.
        commands: Vec<String>,
    },
    /// The card is written, read back, and counts.
    Issued {
        /// The job.
        job: i64,
        /// Its certificate.
        certificate: i64,
        /// The card's serial number.
        card: String,
        /// The holder's name, masked: the clerk sees that it is the right pile.
        holder: String,
        /// How often desk and service spoke for it.
        round_trips: u32,
        /// Cards that still wait.
        left: usize,
    },
    /// The card takes its PIN again.
    Unblocked {
        /// The card's serial number.
        card: String,
    },
    /// This card, or this message, leads nowhere.
    Refused {
        /// What happened and what to do.
        zh: String,
        /// The same in English.
        en: String,
        /// What is to blame.
        blame: Blame,
        /// The stable name of the cause, which holds no card's number: what a desk counts by.
        #[serde(default)]
        reason: String,
    },
}

/// What the desk does after a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// Another card is wanted.
    Card,
    /// The way to the card: put it back.
    Link,
    /// No job waits: the stack is done.
    NoJob,
    /// The service, or what was asked of it: going on makes no sense.
    Service,
}

/// Six digits on their way. Never printed.
#[derive(Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct PinDigits(String);

impl TryFrom<String> for PinDigits {
    type Error = HostError;

    fn try_from(digits: String) -> Result<Self, HostError> {
        Self::parse(&digits)
    }
}

impl PinDigits {
    /// From what the holder typed.
    ///
    /// # Errors
    /// [`HostError::Protocol`] where it is not six digits.
    pub fn parse(digits: &str) -> Result<Self, HostError> {
        Pin::parse(digits)?;
        Ok(Self(digits.to_owned()))
    }

    /// Whether it is among those a finder tries first: one digit, two or three over and over, or a count up or down.
    #[must_use]
    pub fn is_easily_guessed(&self) -> bool {
        let digits = self.0.as_bytes();
        let step = |pair: &[u8]| pair[1].wrapping_sub(pair[0]);
        let counts = digits.windows(3).all(|three| step(&three[..2]) == step(&three[1..]));
        let repeats = |period: usize| digits.iter().zip(&digits[period..]).all(|(one, next)| one == next);
        counts || repeats(2) || repeats(3)
    }

    /// As the card takes it.
    ///
    /// # Errors
    /// [`HostError::Protocol`] where it is not six digits.
    pub fn to_pin(&self) -> Result<Pin, HostError> {
        Ok(Pin::parse(&self.0)?)
    }
}

impl fmt::Debug for PinDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl ToDesk {
    /// A batch of a personalisation.
    #[must_use]
    pub fn send(stage: Stage, batch: &Batch) -> Self {
        let commands = batch.commands().iter().map(hex::encode_upper).collect();
        Self::Send { zh: stage.zh().into(), en: stage.en().into(), commands }
    }

    /// A refusal, sorted by who can act.
    #[must_use]
    pub fn refused(error: &HostError) -> Self {
        let blame = match error {
            HostError::Link(_)
            | HostError::InUse
            | HostError::TimedOut
            | HostError::AnswersOutOfStep { .. } => Blame::Link,
            HostError::NoService
            | HostError::NoReader
            | HostError::FileTooLong { .. }
            | HostError::PinEasilyGuessed => Blame::Service,
            _ => Blame::Card,
        };
        Self::Refused { zh: error.zh(), en: error.to_string(), blame, reason: error.name().into() }
    }
}

/// Commands as they came through the relay.
///
/// # Errors
/// [`HostError::Protocol`] for what is not hexadecimal, or longer than any APDU of the profile.
pub fn batch(commands: &[String]) -> Result<Batch, HostError> {
    commands.iter().map(|one| bytes(one)).collect::<Result<_, _>>().map(Batch::new)
}

/// Answers as they came through the relay.
///
/// # Errors
/// As [`batch`].
pub fn answers(responses: &[String]) -> Result<Answers, HostError> {
    responses.iter().map(|one| bytes(one)).collect::<Result<_, _>>().map(Answers::new)
}

impl FromDesk {
    /// What the card said, for the service.
    #[must_use]
    pub fn answers(answers: &Answers) -> Self {
        Self::Answers { responses: answers.responses().iter().map(hex::encode_upper).collect() }
    }
}

fn bytes(digits: &str) -> Result<Vec<u8>, HostError> {
    const BAD: card_protocol::Error = card_protocol::Error::BadObject { object: "relayed APDU" };
    if digits.len() > 2 * LONGEST {
        return Err(BAD.into());
    }
    hex::decode(digits).map_err(|_| BAD.into())
}

/// An extended APDU with 65,535 bytes of data, its head and its Le.
const LONGEST: usize = 65_535 + 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_finder_tries_first_is_told_from_what_a_holder_may_choose() {
        for bad in ["000000", "111111", "123456", "654321", "012345", "121212", "808080", "123123"] {
            assert!(PinDigits::parse(bad).unwrap().is_easily_guessed(), "{bad}");
        }
        for good in ["135790", "246802", "042681", "112233", "123321", "999998"] {
            assert!(!PinDigits::parse(good).unwrap().is_easily_guessed(), "{good}");
        }
    }

    #[test]
    fn the_shapes_are_those_of_the_api() {
        let begin: FromDesk = serde_json::from_str(r#"{"say":"begin"}"#).unwrap();
        assert!(matches!(begin, FromDesk::Begin { job: None, pin: None }));
        let answers = FromDesk::answers(&Answers::new(vec![vec![0x90, 0x00], vec![0x6A, 0x82]]));
        let text = serde_json::to_string(&answers).unwrap();
        assert_eq!(text, r#"{"say":"answers","responses":["9000","6A82"]}"#);
        assert!(serde_json::from_str::<FromDesk>(r#"{"say":"begin","jobs":1}"#).is_err());
    }

    #[test]
    fn what_is_no_apdu_is_refused_and_a_pin_never_prints() {
        assert!(batch(&["00A4".into()]).is_ok());
        assert!(batch(&["00A".into()]).is_err());
        assert!(batch(&["xx".into()]).is_err());
        assert!(answers(&["00".repeat(LONGEST + 1)]).is_err());
        assert!(PinDigits::parse("12345").is_err());
        let begin = FromDesk::Begin { job: None, pin: Some(PinDigits::parse("135790").unwrap()) };
        assert!(!format!("{begin:?}").contains("135790"));
    }
}
