//! A pack's own test case: somebody, a day, and what should follow. It is decided in demo mode, at the pack's jurisdiction.
//! And the somebody: what the evaluator may know of a holder, no more.

use super::rule::{MAX_AGE, read_age};
use super::{Decision, read_day};
use crate::cbor::{Reader, Writer};
use crate::certificate::{Certificate, Document};
use crate::error::Malformed;
use crate::grant_set::GrantSet;
use crate::levels::Levels;
use crate::pass::Pass;
use crate::purpose::Purpose;
use crate::region::Region;
use crate::time::{Date, UnixTime};

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What is asked.
    pub purpose: Purpose,
    /// On which day.
    pub on: Date,
    /// Of whom.
    pub subject: Subject,
    /// What should follow.
    pub expected: Decision,
}

/// What the evaluator may know of a holder. A certificate shows levels, a pass grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// What was assessed.
    pub levels: Levels,
    /// What the pass carries.
    pub grants: GrantSet,
    /// Full years, if known.
    pub age: Option<u8>,
    /// The home county, if known.
    pub residence: Option<Region>,
    /// 0 while the credential is in force; 1 from the moment it expired.
    pub days_expired: u16,
}

impl Subject {
    /// Who shows a certificate.
    #[must_use]
    pub fn of_certificate(certificate: &Certificate<'_>, now: UnixTime) -> Self {
        let born = match certificate.document {
            Document::Identity(number) => Some(number.birth_date()),
            Document::Other(_) => certificate.birth_date,
        };
        let days_expired = days_expired(certificate.expires, now);
        let person =
            Self::of_person((&certificate.components).into(), born, certificate.county, now.date_in_china());
        Self { days_expired, ..person }
    }

    /// Who shows a pass: it says neither age nor residence.
    #[must_use]
    pub fn of_pass(pass: &Pass, now: UnixTime) -> Self {
        let grants = pass.grants.iter().copied().collect();
        Self { grants, days_expired: days_expired(pass.expires, now), ..Self::default() }
    }

    /// Whom the register knows.
    #[must_use]
    pub fn of_person(levels: Levels, born: Option<Date>, residence: Region, today: Date) -> Self {
        let age = born.map(|born| u8::try_from(born.full_years_until(today)).unwrap_or(MAX_AGE).min(MAX_AGE));
        Self { levels, age, residence: Some(residence), ..Self::default() }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut map = reader.map()?;
        let subject = Self {
            levels: map.optional(LEVELS, Levels::read)?.unwrap_or_default(),
            grants: map.optional(GRANTS, GrantSet::read)?.unwrap_or_default(),
            age: map.optional(AGE, read_age)?,
            residence: map.optional(RESIDENCE, |r| Region::from_code(r.uint()?))?,
            days_expired: map.optional(DAYS_EXPIRED, read_days_expired)?.unwrap_or_default(),
        };
        map.end()?;
        Ok(subject)
    }

    fn write(&self, writer: Writer) -> Writer {
        let Self { levels, grants, age, residence, days_expired } = *self;
        let levels = (!levels.is_empty()).then_some(levels);
        let grants = (!grants.is_empty()).then_some(grants);
        let days_expired = (days_expired != 0).then_some(days_expired);
        let optional = [levels.is_some(), grants.is_some(), age.is_some(), residence.is_some()]
            .into_iter()
            .chain([days_expired.is_some()]);
        writer
            .map(optional.filter(|there| *there).count())
            .with(levels, |w, levels| levels.write(w.int(LEVELS)))
            .with(grants, |w, grants| grants.write(w.int(GRANTS)))
            .with(age, |w, age| w.int(AGE).uint(age))
            .with(residence, |w, region| w.int(RESIDENCE).uint(region.code()))
            .with(days_expired, |w, days| w.int(DAYS_EXPIRED).uint(days))
    }
}

impl Case {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array_of(4)?;
        let purpose = Purpose::from_name(reader.text()?).ok_or(Malformed::OutOfRange("purpose"))?;
        let (on, subject) = (read_day(reader)?, Subject::read(reader)?);
        Ok(Self { purpose, on, subject, expected: Decision::read(reader)? })
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        let Self { purpose, on, subject, expected } = self;
        expected.write(subject.write(writer.array(4).text(purpose.name()).uint(on.to_days())))
    }
}

fn days_expired(expires: UnixTime, now: UnixTime) -> u16 {
    if now < expires {
        return 0;
    }
    let started = (now.seconds_since(expires) / DAY_SECONDS).saturating_add(1);
    u16::try_from(started).unwrap_or(u16::MAX)
}

fn read_days_expired(reader: &mut Reader<'_>) -> Result<u16, Malformed> {
    match u16::try_from(reader.uint()?) {
        Ok(days @ 1..) => Ok(days),
        _ => Err(Malformed::OutOfRange("days expired")),
    }
}

// Keys of a subject.
const LEVELS: i64 = 1;
const GRANTS: i64 = 2;
const AGE: i64 = 3;
const RESIDENCE: i64 = 4;
const DAYS_EXPIRED: i64 = 5;
const DAY_SECONDS: u64 = 86_400;
