//! The policy pack: who is entitled to what, as signed data (PROFILE.md, section 7).
//! For each purpose an ordered list of rules, of which the first that matches decides; for each rule its source.
//! Decoding is strict, bounded and without recursion. The verifier evaluates, `zhengka policy` compiles it from TOML.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::purpose::Purpose;
use crate::region::Region;
use crate::snapshot::{PartName, Version};
use crate::text;
use crate::time::{Date, UnixTime};

mod benefit;
mod case;
mod rule;

pub use benefit::{Attention, Benefit, Companions, Period, Price, Quota, Term};
pub use case::{Case, Subject};
pub use rule::{Ages, Citation, Condition, Decision, MAX_AGE, Rule};

/// The payload of a policy pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyPack {
    /// Names it in a snapshot, `policy/NAME`: lower-case letters, digits and hyphens.
    pub name: String,
    /// Grows with every change.
    pub version: Version,
    /// When it was issued.
    pub issued: UnixTime,
    /// Where it holds.
    pub jurisdiction: Region,
    /// Whether somebody held it against the published text of its sources. One that is not decides in demo mode only.
    pub confirmed: Confirmed,
    /// For people.
    pub title: Title,
    /// The days on which it holds.
    pub effective: Effective,
    /// Sorted by the purpose's name, none twice, at least one.
    pub sections: Vec<Section>,
    /// What its author expects of it. Every implementation can hold its evaluator against them.
    pub cases: Vec<Case>,
}

/// Whether the sources of a pack were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Confirmed {
    /// Held against the published text.
    Yes,
    /// Known from reports or from memory.
    No,
}

/// What people call a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Title {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// The rules for one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What is asked.
    pub purpose: Purpose,
    /// The first that matches decides; at least one.
    pub rules: Vec<Rule>,
}

/// Days on which something is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Effective {
    from: Date,
    until: Option<Date>,
}

impl PolicyPack {
    /// Decodes the payload.
    pub fn decode(payload: &[u8]) -> Result<Self, Malformed> {
        if payload.len() > MAX_PACK_BYTES {
            return Err(Malformed::WrongLength);
        }
        Reader::whole(payload, |reader| {
            let mut map = reader.map()?;
            if map.required(FORMAT, Reader::uint)? != THIS_FORMAT {
                return Err(Malformed::OutOfRange("policy format"));
            }
            let pack = Self {
                name: map.required(NAME, |r| check_name(r.text()?).map(ToString::to_string))?,
                version: map.required(VERSION, Version::read)?,
                issued: map.required(ISSUED, Reader::uint).map(UnixTime::from_seconds)?,
                jurisdiction: map.required(JURISDICTION, |r| Region::from_code(r.uint()?))?,
                confirmed: map.required(CONFIRMED, Reader::bool).map(Confirmed::from)?,
                title: map.required(TITLE, Title::read)?,
                effective: map.required(EFFECTIVE, Effective::read)?,
                sections: map.required(SECTIONS, |r| r.list(1, Purpose::ALL.len() as u64, Section::read))?,
                cases: map.required(CASES, |r| r.list(0, MAX_CASES, Case::read))?,
            };
            map.end()?;
            if !pack.sections.is_sorted_by(|a, b| a.purpose.name() < b.purpose.name()) {
                return Err(Malformed::NotCanonical("purposes"));
            }
            Ok(pack)
        })
    }

    /// Encodes the payload, purposes sorted by name.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Self { name, version, issued, jurisdiction, confirmed, title, effective, sections, cases } = self;
        let mut sorted: Vec<&Section> = sections.iter().collect();
        sorted.sort_by_key(|section| section.purpose.name());
        let writer = Writer::new().map(10).int(FORMAT).uint(THIS_FORMAT).int(NAME).text(name);
        let writer = writer.int(VERSION).uint(version.as_u32()).int(ISSUED).uint(issued.as_seconds());
        let writer = writer.int(JURISDICTION).uint(jurisdiction.code());
        let writer = writer.int(CONFIRMED).bool(*confirmed == Confirmed::Yes);
        let writer = writer.int(TITLE).array(2).text(&title.zh).text(&title.en);
        let writer = effective.write(writer.int(EFFECTIVE));
        let writer = writer.int(SECTIONS).list(&sorted, |w, section| section.write(w));
        writer.int(CASES).list(cases, |w, case| case.write(w)).finish()
    }

    /// Its name in a snapshot.
    #[must_use]
    pub fn part_name(&self) -> PartName {
        PartName::Policy(self.name.clone())
    }

    /// The rules for a purpose; none if the pack is silent about it.
    #[must_use]
    #[inline]
    pub fn rules(&self, purpose: Purpose) -> &[Rule] {
        self.sections.iter().find(|section| section.purpose == purpose).map_or(&[], |section| &section.rules)
    }
}

/// A name that is safe in a file name, a URL and a log.
pub fn check_name(name: &str) -> Result<&str, Malformed> {
    let fits = (1..=MAX_NAME_CHARS).contains(&name.len());
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits && plain { Ok(name) } else { Err(Malformed::BadText("policy name")) }
}

impl Section {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array_of(2)?;
        let purpose = Purpose::from_name(reader.text()?).ok_or(Malformed::OutOfRange("purpose"))?;
        Ok(Self { purpose, rules: reader.list(1, MAX_RULES, Rule::read)? })
    }

    fn write(&self, writer: Writer) -> Writer {
        let Self { purpose, rules } = self;
        writer.array(2).text(purpose.name()).list(rules, |w, rule| rule.write(w))
    }
}

impl Title {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array_of(2)?;
        let mut next = || text::read(reader, "title").map(ToString::to_string);
        Ok(Self { zh: next()?, en: next()? })
    }
}

impl From<bool> for Confirmed {
    fn from(confirmed: bool) -> Self {
        if confirmed { Self::Yes } else { Self::No }
    }
}

impl Effective {
    /// From one day to another, both included, or without an end. Refuses an end before the beginning.
    pub fn new(from: Date, until: Option<Date>) -> Result<Self, Malformed> {
        match until {
            Some(until) if until < from => Err(Malformed::OutOfRange("effective dates")),
            _ => Ok(Self { from, until }),
        }
    }

    /// The first day.
    #[must_use]
    pub fn from(&self) -> Date {
        self.from
    }

    /// The last day, if there is one.
    #[must_use]
    pub fn until(&self) -> Option<Date> {
        self.until
    }

    /// Whether it is in force on a day.
    #[must_use]
    #[inline]
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let until = match reader.array()? {
            1 => None,
            2 => Some(()),
            _ => return Err(Malformed::WrongLength),
        };
        let from = read_day(reader)?;
        Self::new(from, until.map(|()| read_day(reader)).transpose()?)
    }

    fn write(&self, writer: Writer) -> Writer {
        let Self { from, until } = self;
        let writer = writer.array(if until.is_some() { 2 } else { 1 }).uint(from.to_days());
        writer.with(*until, |w, until| w.uint(until.to_days()))
    }
}

/// A date is days since 1970-01-01.
fn read_day(reader: &mut Reader<'_>) -> Result<Date, Malformed> {
    let days = reader.uint()?;
    let date = Date::from_days(days);
    if date.to_days() == days { Ok(date) } else { Err(Malformed::OutOfRange("date")) }
}

/// The only format there is. A verifier that does not know a format must not guess at its rules.
const THIS_FORMAT: u64 = 1;
// Keys of the pack.
const FORMAT: i64 = 1;
const NAME: i64 = 2;
const VERSION: i64 = 3;
const ISSUED: i64 = 4;
const JURISDICTION: i64 = 5;
const CONFIRMED: i64 = 6;
const TITLE: i64 = 7;
const EFFECTIVE: i64 = 8;
const SECTIONS: i64 = 9;
const CASES: i64 = 10;
/// The longest pack of ours takes 2 kB; a gate may hold one for each of 30 prefectures.
pub const MAX_PACK_BYTES: usize = 64 << 10;
/// Rules for one purpose. People cannot oversee more, and evaluation stays within a microsecond.
pub const MAX_RULES: u64 = 64;
/// Enough for each rule of a purpose, from both sides of its border.
pub const MAX_CASES: u64 = 256;
const MAX_NAME_CHARS: usize = 40;

#[cfg(test)]
mod tests;
