//! What a rule yields: grants, terms, companions, and what staff should see to.

use alloc::vec::Vec;

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::grant_set::GrantSet;

/// What somebody is entitled to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Benefit {
    /// What a pass would carry for it.
    pub grants: GrantSet,
    /// At what price and how often. Of several the holder takes one; none where nothing is paid or counted.
    pub terms: Vec<Term>,
    /// Who may come along.
    pub companions: Option<Companions>,
    /// What staff should see to; sorted, none twice.
    pub attention: Vec<Attention>,
}

/// A price and how often it may be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// What the holder pays each time.
    pub price: Price,
    /// How often; without it, always.
    pub quota: Option<Quota>,
}

/// What is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Price {
    /// Nothing.
    Free,
    /// So many fen (0.01 yuan), at least one.
    Fen(u32),
    /// So many hundredths of the ordinary price, 1 to 100.
    Percent(u8),
}

/// A count for each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    /// At least one.
    pub count: u32,
    /// Of the calendar in China; what is left over is lost.
    pub per: Period,
}

/// How long a quota lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// A calendar day.
    Day = 1,
    /// A calendar month.
    Month = 2,
    /// A calendar year.
    Year = 3,
}

/// Who may come along with the holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Companions {
    /// How many, at least one.
    pub count: u8,
    /// What each of them pays.
    pub price: Price,
}

macro_rules! attention {
    ($($number:literal $variant:ident $name:literal $zh:literal $en:literal),+ $(,)?) => {
        /// One thing that staff should see to. Numbers are added, never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Attention { $(#[doc = $en] $variant = $number),+ }

        impl Attention {
            /// All of them, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name, as policies and JSON have it.
            #[must_use]
            pub fn name(self) -> &'static str { match self { $(Self::$variant => $name),+ } }

            /// For people, in Chinese.
            #[must_use]
            pub fn zh(self) -> &'static str { match self { $(Self::$variant => $zh),+ } }

            /// For people, in English.
            #[must_use]
            pub fn en(self) -> &'static str { match self { $(Self::$variant => $en),+ } }
        }
    };
}

attention! {
    1 Escort "escort" "须有陪护同行" "only with a companion",
    2 FaceCheck "face" "核对本人" "compare the face",
    3 LargePrint "large-print" "提供大字说明" "offer large print",
    4 Voice "voice" "提供语音说明" "offer a spoken explanation",
    5 GuardianCollects "guardian-collects" "可由监护人代领" "the guardian may collect",
}

impl Attention {
    /// From its name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|attention| attention.name() == name)
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let number = reader.uint()?;
        let known = Self::ALL.iter().copied().find(|attention| *attention as u64 == number);
        known.ok_or(Malformed::OutOfRange("attention"))
    }
}

impl Benefit {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut map = reader.map()?;
        let benefit = Self {
            grants: map.optional(GRANTS, GrantSet::read)?.unwrap_or_default(),
            terms: map.optional(TERMS, |r| r.list(1, MAX_TERMS, Term::read))?.unwrap_or_default(),
            companions: map.optional(COMPANIONS, Companions::read)?,
            attention: map.optional(ATTENTION, read_attention)?.unwrap_or_default(),
        };
        map.end()?;
        Ok(benefit)
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        let Self { grants, terms, companions, attention } = self;
        let grants = (!grants.is_empty()).then_some(grants);
        let terms = (!terms.is_empty()).then_some(terms);
        let attention = (!attention.is_empty()).then_some(attention);
        let optional = [grants.is_some(), terms.is_some(), companions.is_some(), attention.is_some()];
        writer
            .map(optional.into_iter().filter(|there| *there).count())
            .with(grants, |w, grants| grants.write(w.int(GRANTS)))
            .with(terms, |w, terms| w.int(TERMS).list(terms, |w, term| term.write(w)))
            .with(*companions, |w, c| c.price.write(w.int(COMPANIONS).array(3).uint(c.count)))
            .with(attention, |w, list| w.int(ATTENTION).list(list, |w, attention| w.uint(*attention as u8)))
    }
}

impl Term {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let items = reader.array()?;
        let price = Price::read(reader)?;
        match items {
            2 => Ok(Self { price, quota: None }),
            4 => Ok(Self { price, quota: Some(Quota::read(reader)?) }),
            _ => Err(Malformed::WrongLength),
        }
    }

    fn write(&self, writer: Writer) -> Writer {
        let Self { price, quota } = self;
        let writer = price.write(writer.array(if quota.is_some() { 4 } else { 2 }));
        writer.with(*quota, |w, quota| w.uint(quota.count).uint(quota.per as u8))
    }
}

impl Price {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        match (reader.uint()?, reader.uint32()?) {
            (0, 0) => Ok(Self::Free),
            (1, fen @ 1..) => Ok(Self::Fen(fen)),
            (2, percent @ 1..=100) => Ok(Self::Percent(percent as u8)),
            _ => Err(Malformed::OutOfRange("price")),
        }
    }

    fn write(self, writer: Writer) -> Writer {
        match self {
            Self::Free => writer.uint(0_u8).uint(0_u8),
            Self::Fen(fen) => writer.uint(1_u8).uint(fen),
            Self::Percent(percent) => writer.uint(2_u8).uint(percent),
        }
    }
}

impl Quota {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let count = reader.uint32()?;
        let per = match reader.uint()? {
            1 => Period::Day,
            2 => Period::Month,
            3 => Period::Year,
            _ => return Err(Malformed::OutOfRange("period")),
        };
        if count == 0 { Err(Malformed::OutOfRange("quota")) } else { Ok(Self { count, per }) }
    }
}

impl Companions {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array_of(3)?;
        match u8::try_from(reader.uint()?) {
            Ok(count @ 1..=MAX_COMPANIONS) => Ok(Self { count, price: Price::read(reader)? }),
            _ => Err(Malformed::OutOfRange("companions")),
        }
    }
}

fn read_attention(reader: &mut Reader<'_>) -> Result<Vec<Attention>, Malformed> {
    let list = reader.list(1, Attention::ALL.len() as u64, Attention::read)?;
    if list.is_sorted_by(|a, b| a < b) { Ok(list) } else { Err(Malformed::NotCanonical("attention")) }
}

// Keys of a benefit.
const GRANTS: i64 = 1;
const TERMS: i64 = 2;
const COMPANIONS: i64 = 3;
const ATTENTION: i64 = 4;
/// Alternatives a holder chooses from; Changchun's two are the most that were found.
const MAX_TERMS: u64 = 4;
/// Most places allow one.
const MAX_COMPANIONS: u8 = 4;
