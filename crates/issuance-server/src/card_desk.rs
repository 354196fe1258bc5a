//! The issuer's end of a desk: each message from the reader's side leads to one answer.
//! The script is `card-host`'s, the rules are `issuance::card_job`'s; here the two meet, and the keys stay.
//! A run lives in memory only. When it is cut off, by the card or by a restart, the next one is built from the rows.

use std::path::PathBuf;

use card_host::relay::{self, Blame, FromDesk, PinDigits, ToDesk};
use card_host::{
    CardFiles, CardFound, HostError, Issued, IssuerKeys, KeyPair, Next, Personalisation, Stage, Task, Upkeep,
    UpkeepNext, WrongCard,
};
use card_protocol::{LifeCycle, Needs, Pin, Rides, Serial};
use credential::time::UnixTime;
use issuance::actor::Actor;
use issuance::audit::{Deed, Other, Subject};
use issuance::card::{CardJob, CardSerial};
use issuance::card_job;
use issuance::document;
use issuance::id::{CardJobId, CertificateId};
use issuance::issuing::Issuer;
use issuance::register::Register;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::folder;

/// One desk's conversation.
pub struct CardDesk {
    keys: IssuerKeys,
    rides_a_month: u16,
    letters: PathBuf,
    run: Option<Run>,
}

/// What a message is answered with, besides the desk's own memory.
pub struct Service<'a> {
    /// The rows.
    pub register: &'a mut dyn Register,
    /// Who signs.
    pub issuer: &'a Issuer<'a>,
    /// Who stands at the desk.
    pub actor: &'a Actor<'a>,
}

enum Run {
    Personalise(Box<Work>),
    Unblock { script: Box<Upkeep>, certificate: CertificateId, card: CardSerial },
}

struct Work {
    script: Personalisation,
    wanted: Option<CardJobId>,
    job: Option<CardJob>,
    pin: Option<Pin>,
    round_trips: u32,
}

/// Why there is no batch: the card's side, or ours.
enum Stop {
    Card(HostError),
    NoJob,
    Ours(Error),
}

impl CardDesk {
    /// A desk that nobody has spoken at. PIN letters are written into the folder `letters`.
    #[must_use]
    pub fn new(keys: IssuerKeys, rides_a_month: u16, letters: PathBuf) -> Self {
        Self { keys, rides_a_month, letters, run: None }
    }

    /// Answers the desk. Whatever it says is durable when this returns.
    pub fn hear(&mut self, said: FromDesk, service: &mut Service<'_>, rng: &mut impl CryptoRng) -> ToDesk {
        let heard = match said {
            FromDesk::Begin { job, pin } => self.begin(job.map(CardJobId::from_stored), pin, None, rng),
            FromDesk::Unblock { certificate, pin } => {
                self.unblock(CertificateId::from_stored(certificate), pin, service, rng)
            }
            FromDesk::Answers { responses } => self.answers(&responses, service, rng),
        };
        heard.unwrap_or_else(|stop| {
            self.run = None;
            stop.tell()
        })
    }

    fn begin(
        &mut self,
        wanted: Option<CardJobId>,
        pin: Option<PinDigits>,
        bound: Option<Serial>,
        rng: &mut impl CryptoRng,
    ) -> Result<ToDesk, Stop> {
        let pin = pin.map(chosen).transpose()?;
        let (script, batch) = Personalisation::start(bound, rng)?;
        self.run = Some(Run::Personalise(Box::new(Work { script, wanted, job: None, pin, round_trips: 1 })));
        Ok(ToDesk::send(Stage::Identify, &batch))
    }

    fn unblock(
        &mut self,
        certificate: CertificateId,
        pin: Option<PinDigits>,
        service: &mut Service<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<ToDesk, Stop> {
        let card = card_job::issued_card(service.register, certificate, service.actor)?;
        let pin = pin.map(chosen).transpose()?;
        not_from_the_number(pin.as_ref(), certificate, service)?;
        let (script, batch) = Upkeep::start(Task::UnblockPin(pin), Serial::new(*card.as_bytes()), rng)?;
        self.run = Some(Run::Unblock { script: Box::new(script), certificate, card });
        Ok(ToDesk::send(Stage::Identify, &batch))
    }

    fn answers(
        &mut self,
        responses: &[String],
        service: &mut Service<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<ToDesk, Stop> {
        let answers = relay::answers(responses)?;
        match self.run.take() {
            Some(Run::Personalise(mut work)) => match work.script.on(&answers, &self.keys, rng) {
                Ok(next) => self.follow(next, work, service, rng),
                Err(HostError::WrongCard(WrongCard::AlreadyPersonalised { serial }))
                    if work.job.is_none() =>
                {
                    self.look_again(serial, *work, service, rng)
                }
                Err(error) => Err(error.into()),
            },
            Some(Run::Unblock { mut script, certificate, card }) => match script.on(&answers, &self.keys)? {
                UpkeepNext::Send(batch) => {
                    self.run = Some(Run::Unblock { script, certificate, card });
                    Ok(ToDesk::send(Stage::Write, &batch))
                }
                UpkeepNext::Done(_) => {
                    let deed = Deed::Other(Other::CardUnblocked);
                    let audit = service.actor.entry(deed, Subject::Certificate(certificate));
                    service.register.note(&audit).map_err(Error::from)?;
                    Ok(ToDesk::Unblocked { card: card.to_string() })
                }
            },
            None => Err(HostError::AnswersOutOfStep { expected: 0, came: responses.len() }.into()),
        }
    }

    /// The card says that it is issued. If our row does not, its last answer was lost: look once more, knowing that.
    fn look_again(
        &mut self,
        serial: Serial,
        work: Work,
        service: &mut Service<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<ToDesk, Stop> {
        let job = service.register.card_job_by_card(CardSerial::new(*serial.as_bytes()));
        match job.map_err(Error::from)?.filter(CardJob::is_open) {
            Some(_) => {
                let (script, batch) = Personalisation::start(Some(serial), rng)?;
                let round_trips = work.round_trips.saturating_add(1);
                self.run = Some(Run::Personalise(Box::new(Work { script, round_trips, ..work })));
                Ok(ToDesk::send(Stage::Identify, &batch))
            }
            None => Err(HostError::from(WrongCard::AlreadyPersonalised { serial }).into()),
        }
    }

    fn follow(
        &mut self,
        next: Next,
        mut work: Box<Work>,
        service: &mut Service<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<ToDesk, Stop> {
        let batch = match next {
            Next::Send(batch) => batch,
            Next::Card(found) => {
                // Its keys are proven first: a job is bound for good, and to no stranger's card.
                let batch = work.script.accept(&self.keys, rng)?;
                let job = bind(&work, found, service)?;
                not_from_the_number(work.pin.as_ref(), job.certificate, service)?;
                work.job = Some(job);
                if found.status.life_cycle == LifeCycle::Active {
                    // The PIN that was written stays, and so does its letter.
                    work.pin = None;
                } else if work.pin.is_none() {
                    work.pin = Some(self.write_letter(&work, rng)?);
                }
                batch
            }
            Next::KeyPair(pair) => {
                let files = self.files(&mut work, pair, service, rng)?;
                work.script.store(&files)?
            }
            Next::Done(issued) => return finish(&work, &issued, service),
        };
        work.round_trips = work.round_trips.saturating_add(1);
        let told = ToDesk::send(work.script.stage(), &batch);
        self.run = Some(Run::Personalise(work));
        Ok(told)
    }

    /// A random PIN, on paper before it is on the card: a letter too many can be torn up, one too few locks a holder out.
    fn write_letter(&self, work: &Work, rng: &mut impl CryptoRng) -> Result<Pin, Stop> {
        let job = work.job.as_ref().map_or(0, |job| job.id.get());
        let digits = draw_pin(rng);
        folder::private_folder(&self.letters)?;
        let text = Zeroizing::new(format!(
            "卡片密码 · Card PIN\n\n  制卡任务 · card job  {job}\n  初始密码 · first PIN  {}\n\n\
             请拆封后尽快修改密码，不要告诉他人。\nPlease change it soon and tell nobody.\n",
            *digits
        ));
        folder::replace(&self.letters.join(format!("{job}.txt")), text.as_bytes())?;
        Ok(Pin::parse(&digits).map_err(HostError::from)?)
    }

    fn files(
        &self,
        work: &mut Work,
        pair: KeyPair,
        service: &mut Service<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<CardFiles, Stop> {
        let job = work.job.as_ref().ok_or(Stop::NoJob)?;
        let Service { register, issuer, actor } = service;
        let pass = card_job::sign_pass(*register, issuer, job.id, pair.public_key, actor, rng)?;
        let certificate = card_job::certificate_bytes(*register, job.certificate)?;
        let row = register.certificate(job.certificate).map_err(Error::from)?;
        let row = row.ok_or(Stop::NoJob)?;
        Ok(CardFiles {
            pass: pass.bytes,
            certificate,
            photo: document::photo_for_card(*register, &row)?,
            needs: Needs::NONE,
            rides: Rides { period: month(row.issued), allowed: self.rides_a_month, used: 0 },
            pin: work.pin.take(),
        })
    }
}

/// Finds the job this card may have, and binds the two in the register before the card hears of it.
fn bind(work: &Work, found: CardFound, service: &mut Service<'_>) -> Result<CardJob, Stop> {
    let card = CardSerial::new(*found.serial.as_bytes());
    let job = card_job::for_card(service.register, card, work.wanted, service.actor);
    let job = match job {
        Err(issuance::Error::CardTaken { .. }) => {
            return Err(HostError::from(WrongCard::OtherHolders { serial: found.serial }).into());
        }
        job => job?.ok_or(Stop::NoJob)?,
    };
    if let Some(expected) = job.card().filter(|bound| *bound != card) {
        let expected = Serial::new(*expected.as_bytes());
        return Err(HostError::from(WrongCard::NotTheCardBegun { expected, found: found.serial }).into());
    }
    Ok(card_job::begin(service.register, job.id, card, service.actor)?)
}

fn finish(work: &Work, issued: &Issued, service: &mut Service<'_>) -> Result<ToDesk, Stop> {
    let job = work.job.as_ref().ok_or(Stop::NoJob)?;
    let card = CardSerial::new(*issued.serial().as_bytes());
    let job = card_job::finish(service.register, job.id, card, issued.public_key(), service.actor)?;
    let row = service.register.certificate(job.certificate).map_err(Error::from)?;
    let holder = row.map(|row| service.register.person(row.person)).transpose().map_err(Error::from)?;
    Ok(ToDesk::Issued {
        job: job.id.get(),
        certificate: job.certificate.get(),
        card: card.to_string(),
        holder: holder.flatten().map_or_else(String::new, |person| person.particulars.name.to_string()),
        round_trips: work.round_trips,
        left: left(service)?,
    })
}

/// Cards that still wait for this desk: those of other offices are not its stack.
fn left(service: &Service<'_>) -> Result<usize, Stop> {
    let Actor { officer, now, .. } = service.actor;
    let tally = service.register.card_tally(officer.office.region, *now).map_err(Error::from)?;
    Ok(usize::try_from(tally.waiting + tally.in_work).unwrap_or(usize::MAX))
}

/// A PIN that the holder chose, if it is not among those a finder tries first.
fn chosen(digits: PinDigits) -> Result<Pin, Stop> {
    if digits.is_easily_guessed() {
        return Err(HostError::PinEasilyGuessed.into());
    }
    Ok(digits.to_pin()?)
}

/// Nor is it any six digits of the identity number, the birth date among them: a card is lost together with the wallet.
fn not_from_the_number(
    pin: Option<&Pin>,
    certificate: CertificateId,
    service: &Service<'_>,
) -> Result<(), Stop> {
    let Some(pin) = pin else { return Ok(()) };
    let row = service.register.certificate(certificate).map_err(Error::from)?.ok_or(Stop::NoJob)?;
    let person = service.register.person(row.person).map_err(Error::from)?.ok_or(Stop::NoJob)?;
    let number = Zeroizing::new(person.identity.expose());
    let parts = (0..number.len()).filter_map(|from| number.get(from..from + Pin::DIGITS));
    if parts.filter_map(|part| Pin::parse(part).ok()).any(|part| part.is(pin.expose_block())) {
        return Err(HostError::PinEasilyGuessed.into());
    }
    Ok(())
}

/// Six digits, each number as likely as the others, but for those that people try first.
fn draw_pin(rng: &mut impl CryptoRng) -> Zeroizing<String> {
    loop {
        let number = rng.next_u32();
        // 4294 times a million fits; what is above would favour small numbers.
        if number >= 4_294_000_000 {
            continue;
        }
        let digits = Zeroizing::new(format!("{:06}", number % 1_000_000));
        if PinDigits::parse(&digits).is_ok_and(|pin| !pin.is_easily_guessed()) {
            return digits;
        }
    }
}

/// 202611 for November 2026, in China.
fn month(at: UnixTime) -> u32 {
    let text = at.date_in_china().to_string();
    text.chars()
        .filter(char::is_ascii_digit)
        .take(6)
        .fold(0, |sum, digit| sum * 10 + digit as u32 - '0' as u32)
}

impl Stop {
    fn tell(&self) -> ToDesk {
        match self {
            Self::Card(error) => ToDesk::refused(error),
            Self::NoJob => ToDesk::Refused {
                zh: "没有待制的卡。请先登记制卡（zhengka-issuer card-job order）。".into(),
                en: "no card waits to be made; order one first (zhengka-issuer card-job order)".into(),
                blame: Blame::NoJob,
                reason: "no_job".into(),
            },
            Self::Ours(error) => ToDesk::Refused {
                zh: error.say(bilingual::Language::Zh),
                en: error.say(bilingual::Language::En),
                blame: Blame::Service,
                reason: "service".into(),
            },
        }
    }
}

impl From<HostError> for Stop {
    fn from(error: HostError) -> Self {
        Self::Card(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<issuance::Error> for Stop {
    fn from(error: issuance::Error) -> Self {
        Self::Ours(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_pin_is_six_digits_and_none_that_people_try_first() {
        let mut rng = crate::edge::rng();
        for _ in 0..1000 {
            let digits = draw_pin(&mut rng);
            assert!(Pin::parse(&digits).is_ok());
            assert!(!["000000", "111111", "123456", "654321"].contains(&digits.as_str()));
        }
    }

    #[test]
    fn a_period_is_the_month_in_china() {
        // 2026-11-30 17:00 UTC is December in China.
        assert_eq!(month(UnixTime::from_seconds(1_796_058_000)), 202_612);
    }
}
