//! A rule: for whom, what follows, and which document says so.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Benefit, Effective};
use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::grant_set::GrantSet;
use crate::levels::Levels;
use crate::region::Region;
use crate::text;

/// One rule of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which document says so.
    pub citation: Citation,
    /// For whom.
    pub when: Condition,
    /// What follows.
    pub then: Decision,
    /// Its own days, within those of the pack.
    pub effective: Option<Effective>,
}

/// The source of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The document, by title and number.
    pub document: String,
    /// The article, or what stands in its place.
    pub article: String,
}

/// For whom a rule is. Everything stated must hold; what is empty is not asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Any of these categories at this level or heavier: asked of a certificate.
    pub levels: Levels,
    /// Any of these: asked of a pass. With neither levels nor grants the rule is for everybody.
    pub grants: GrantSet,
    /// Full years.
    pub ages: Option<Ages>,
    /// Any of these regions.
    pub residence: Vec<Region>,
    /// For so many days after the credential expired the rule still holds.
    pub grace_days: u16,
}

/// A range of full years, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ages {
    min: u8,
    max: u8,
}

/// What follows when a rule matches. The numbers on the wire are those of the refusals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// 0: entitled, to this.
    Entitled(Benefit),
    /// 50: an exception from the rules below it.
    NotEntitled,
    /// 51: entitled elsewhere, if at all.
    OtherJurisdiction,
    /// 52: the answer is not known offline.
    CannotDecide,
}

impl Rule {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut map = reader.map()?;
        let rule = Self {
            citation: map.required(CITATION, Citation::read)?,
            then: map.required(THEN, Decision::read)?,
            when: Condition {
                levels: map.optional(LEVELS, Levels::read)?.unwrap_or_default(),
                grants: map.optional(GRANTS, GrantSet::read)?.unwrap_or_default(),
                ages: map.optional(AGES, Ages::read)?,
                residence: map.optional(RESIDENCE, read_residence)?.unwrap_or_default(),
                grace_days: map.optional(GRACE_DAYS, read_grace)?.unwrap_or_default(),
            },
            effective: map.optional(EFFECTIVE, Effective::read)?,
        };
        map.end()?;
        Ok(rule)
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        let Self { citation, then, when, effective } = self;
        let Condition { levels, grants, ages, residence, grace_days } = when;
        let levels = (!levels.is_empty()).then_some(levels);
        let grants = (!grants.is_empty()).then_some(grants);
        let residence = (!residence.is_empty()).then_some(residence);
        let grace_days = (*grace_days != 0).then_some(*grace_days);
        let optional = [levels.is_some(), grants.is_some(), ages.is_some(), residence.is_some()]
            .into_iter()
            .chain([grace_days.is_some(), effective.is_some()]);
        let writer = writer.map(optional.filter(|there| *there).count().saturating_add(2)).int(CITATION);
        then.write(writer.array(2).text(&citation.document).text(&citation.article).int(THEN))
            .with(levels, |w, levels| levels.write(w.int(LEVELS)))
            .with(grants, |w, grants| grants.write(w.int(GRANTS)))
            .with(*ages, |w, ages| w.int(AGES).array(2).uint(ages.min).uint(ages.max))
            .with(residence, |w, regions| w.int(RESIDENCE).list(regions, |w, region| w.uint(region.code())))
            .with(grace_days, |w, days| w.int(GRACE_DAYS).uint(days))
            .with(*effective, |w, effective| effective.write(w.int(EFFECTIVE)))
    }
}

impl Citation {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array_of(2)?;
        let mut next = || text::read(reader, "citation").map(ToString::to_string);
        Ok(Self { document: next()?, article: next()? })
    }
}

impl Ages {
    /// From one age to another, both included. Refuses an end before the beginning.
    pub fn new(min: u8, max: u8) -> Result<Self, Malformed> {
        if min <= max { Ok(Self { min, max }) } else { Err(Malformed::OutOfRange("age")) }
    }

    /// The youngest.
    #[must_use]
    pub fn min(self) -> u8 {
        self.min
    }

    /// The oldest.
    #[must_use]
    pub fn max(self) -> u8 {
        self.max
    }

    /// Whether an age lies within.
    #[must_use]
    #[inline]
    pub fn contains(self, age: u8) -> bool {
        self.min <= age && age <= self.max
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array_of(2)?;
        Self::new(read_age(reader)?, read_age(reader)?)
    }
}

impl Decision {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let items = reader.array()?;
        match (reader.uint()?, items) {
            (0, 2) => Benefit::read(reader).map(Self::Entitled),
            (50, 1) => Ok(Self::NotEntitled),
            (51, 1) => Ok(Self::OtherJurisdiction),
            (52, 1) => Ok(Self::CannotDecide),
            _ => Err(Malformed::OutOfRange("decision")),
        }
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        match self {
            Self::Entitled(benefit) => benefit.write(writer.array(2).uint(0_u8)),
            Self::NotEntitled => writer.array(1).uint(50_u8),
            Self::OtherJurisdiction => writer.array(1).uint(51_u8),
            Self::CannotDecide => writer.array(1).uint(52_u8),
        }
    }
}

/// Full years; the oldest person on record lived to 122.
pub(super) fn read_age(reader: &mut Reader<'_>) -> Result<u8, Malformed> {
    match u8::try_from(reader.uint()?) {
        Ok(age) if age <= MAX_AGE => Ok(age),
        _ => Err(Malformed::OutOfRange("age")),
    }
}

fn read_residence(reader: &mut Reader<'_>) -> Result<Vec<Region>, Malformed> {
    let regions = reader.list(1, MAX_REGIONS, |r| Region::from_code(r.uint()?))?;
    if regions.is_sorted_by(|a, b| a < b) { Ok(regions) } else { Err(Malformed::NotCanonical("residence")) }
}

fn read_grace(reader: &mut Reader<'_>) -> Result<u16, Malformed> {
    match u16::try_from(reader.uint()?) {
        Ok(days @ 1..=MAX_GRACE_DAYS) => Ok(days),
        _ => Err(Malformed::OutOfRange("grace days")),
    }
}

// Keys of a rule.
const CITATION: i64 = 1;
const THEN: i64 = 2;
const LEVELS: i64 = 3;
const GRANTS: i64 = 4;
const AGES: i64 = 5;
const RESIDENCE: i64 = 6;
const GRACE_DAYS: i64 = 7;
const EFFECTIVE: i64 = 8;
/// The highest age a rule can name; no upper end is written as this.
pub const MAX_AGE: u8 = 150;
/// A prefecture has at most some 20 counties.
const MAX_REGIONS: u64 = 32;
/// A certificate that is overdue for a year is revoked (domain rule on 注销).
const MAX_GRACE_DAYS: u16 = 366;
