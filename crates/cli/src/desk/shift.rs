//! A clerk's shift at the desk: card after card until the stack is done, each told by name what became of it.

use std::thread;
use std::time::Duration;

use card_host::relay::{self, Blame, FromDesk, ToDesk};
use card_host::{CardInReader, HostError, carry};
use card_protocol::LinkError;

use crate::command::Exit;
use crate::desk::issuer::{Issuer, Silence};
use crate::desk::news::{Done, News, Said};
use crate::desk::place::Place;
use crate::desk::stop::Stop;
use crate::error::Error;
use crate::pin::TypedPin;

/// What is done with each card.
pub(crate) enum Work {
    /// Blank cards become holders' cards.
    Personalise { job: Option<i64>, pin: Option<TypedPin>, once: bool },
    /// One holder's PIN counts again.
    Unblock { certificate: i64, pin: Option<TypedPin> },
}

pub(crate) struct Shift<'o> {
    issuer: Issuer,
    place: Place,
    stop: Stop,
    news: News<'o>,
    /// Broken conversations in a row, on one card or the next.
    broken: u32,
    /// Messages in a row that the issuer did not answer.
    unanswered: u32,
}

/// How a conversation about one card ended.
enum Ended {
    Done(Done),
    Unblocked { card: String },
    Refused { blame: Blame, reason: String, said: Said },
}

/// Why a conversation did not come to its end.
enum Broke {
    Card(HostError),
    Issuer(Silence),
    Ours(Error),
}

/// What comes after a card.
enum Next {
    /// Another one, when this one is off.
    AnotherCard,
    /// The same one, at once or when it is back.
    SameCard,
    EndOfShift,
}

impl<'o> Shift<'o> {
    pub(crate) fn new(issuer: Issuer, reader: Option<String>, stop: Stop, news: News<'o>) -> Self {
        Self { issuer, place: Place::new(reader, stop.clone()), stop, news, broken: 0, unanswered: 0 }
    }

    /// Until there is nothing more to do, or somebody ends it. What is not finished goes on another day.
    pub(crate) fn work(mut self, work: &Work) -> Result<Exit, Error> {
        let ended = self.cards(work);
        // Whatever ended it: what was written so far is counted.
        let tally = self.news.close();
        ended.and(tally)
    }

    fn cards(&mut self, work: &Work) -> Result<(), Error> {
        while let Some(mut card) = self.place.next_card(&mut self.news)? {
            let reader = card.reader().to_owned();
            let ended = self.talk(&mut card, work);
            // Whoever lets go of a card resets it: the next program finds it as if it had just come.
            drop(card);
            match self.conclude(ended, work, &reader)? {
                Next::AnotherCard => self.place.wait_for_removal(&reader, &mut self.news)?,
                Next::SameCard => {}
                Next::EndOfShift => break,
            }
        }
        if self.stop.is_wanted() {
            let zh = "已停止。没有写完的卡，以后放回即可续办。".into();
            let en = "Stopped. A card that was not finished goes on when it is put back.".into();
            self.news.remark("stopped", &Said { zh, en })?;
        }
        Ok(())
    }

    /// The conversation about one card; begun again where another program, or a bad contact, reset it.
    fn talk(&mut self, card: &mut CardInReader, work: &Work) -> Result<Ended, Broke> {
        let talked = card.with_retries(|card| match self.carry_messages(card, work) {
            Err(Broke::Card(error)) => Err(error),
            other => Ok(other),
        });
        talked.unwrap_or_else(|error| Err(Broke::Card(error)))
    }

    fn carry_messages(&mut self, card: &mut CardInReader, work: &Work) -> Result<Ended, Broke> {
        let mut said = work.begin()?;
        loop {
            let answer = self.issuer.ask(&said).map_err(Broke::Issuer)?;
            self.unanswered = 0;
            match answer {
                ToDesk::Send { zh, en, commands } => {
                    self.news.stage(&Said { zh, en })?;
                    let batch = relay::batch(&commands).map_err(Broke::Card)?;
                    let answers = carry(card, &batch).map_err(|error| Broke::Card(error.into()))?;
                    said = FromDesk::answers(&answers);
                }
                ToDesk::Issued { job, certificate, card, holder, round_trips, left } => {
                    return Ok(Ended::Done(Done { job, certificate, card, holder, round_trips, left }));
                }
                ToDesk::Unblocked { card } => return Ok(Ended::Unblocked { card }),
                ToDesk::Refused { zh, en, blame, reason } => {
                    return Ok(Ended::Refused { blame, reason, said: Said { zh, en } });
                }
            }
        }
    }

    fn conclude(&mut self, ended: Result<Ended, Broke>, work: &Work, reader: &str) -> Result<Next, Error> {
        match ended {
            // The issuer was started anew in the middle of a card: it goes on from its rows, if it is asked from the beginning.
            Ok(Ended::Refused { blame: Blame::Link, reason, said }) if self.broken < PATIENCE => {
                self.broken += 1;
                self.news.broken(&reason, &said)?;
                Ok(Next::SameCard)
            }
            Ok(ended) => {
                self.broken = 0;
                self.tell(ended, work)
            }
            Err(Broke::Card(error)) => {
                self.news.broken(error.name(), &Said::of(&error))?;
                self.come_back(error, reader)
            }
            Err(Broke::Issuer(Silence::ForNow(error))) => {
                self.unanswered += 1;
                if self.unanswered > ISSUER_PATIENCE {
                    return Err(error);
                }
                self.news.waiting_for_issuer(&error)?;
                thread::sleep(ISSUER_RETRY);
                Ok(Next::SameCard)
            }
            // Ctrl-C at the terminal reached the issuer's program as well.
            Err(Broke::Issuer(Silence::ForGood(Error::OutputClosed))) => Ok(Next::EndOfShift),
            Err(Broke::Issuer(Silence::ForGood(error)) | Broke::Ours(error)) => Err(error),
        }
    }

    fn tell(&mut self, ended: Ended, work: &Work) -> Result<Next, Error> {
        match ended {
            Ended::Done(done) => {
                self.news.issued(&done)?;
                let is_last = done.left == 0 || matches!(work, Work::Personalise { once: true, .. });
                Ok(if is_last { Next::EndOfShift } else { Next::AnotherCard })
            }
            Ended::Unblocked { card } => {
                self.news.unblocked(&card)?;
                Ok(Next::EndOfShift)
            }
            Ended::Refused { blame: Blame::NoJob, said, .. } => {
                self.news.remark("no_job", &said)?;
                Ok(Next::EndOfShift)
            }
            Ended::Refused { blame, reason, said } => {
                self.news.refused(blame, &reason, said)?;
                Ok(match blame {
                    Blame::Service => Next::EndOfShift,
                    _ => Next::AnotherCard,
                })
            }
        }
    }

    /// What the way to the card wants before it is tried again.
    fn come_back(&mut self, error: HostError, reader: &str) -> Result<Next, Error> {
        self.broken += 1;
        match error {
            HostError::Link(LinkError::CardRemoved) => {
                self.place.let_it_leave(reader);
                Ok(Next::SameCard)
            }
            // The same card, several times: a person has to look at it.
            _ if self.broken.is_multiple_of(PATIENCE) => Ok(Next::AnotherCard),
            HostError::Link(LinkError::ReaderGone | LinkError::Failed { .. }) | HostError::NoService => {
                self.place.begin_anew();
                Ok(Next::SameCard)
            }
            _ => Ok(Next::AnotherCard),
        }
    }
}

impl From<Error> for Broke {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

/// How often in a row the same is tried.
const PATIENCE: u32 = 5;
/// An issuer that restarts is back in a second or two; a network that was mended, in a minute.
const ISSUER_RETRY: Duration = Duration::from_secs(2);
const ISSUER_PATIENCE: u32 = 30;
