//! One line of the journal: time, issuer key, index, verdict, check sum. No name, no number, no code.
//! `1795500000 66687aad 700001 holder 1c291ca3`: a person can read it, and a torn line is known as such.

use std::fmt;

use crc::{CRC_32_ISCSI, Crc};
use credential::status_list::StatusIndex;
use credential::{Kid, UnixTime};
use verifier::Refusal;

use crate::quota::Tally;

/// What identifies a pass: the issuer's key and an index in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PassId {
    /// The issuer's key.
    pub kid: Kid,
    /// Index in that key's status list.
    pub index: StatusIndex,
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// By the gate's clock.
    pub time: UnixTime,
    /// Whose.
    pub pass: PassId,
    /// What was decided.
    pub verdict: Verdict,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Let in.
    Holder,
    /// Let in, and counted against a quota.
    Counted,
    /// Let in with a holder.
    Companion,
    /// Not let in.
    Refused(Refusal),
    /// No decision: the uses up to here, when older lines were left behind.
    Carried(Tally),
}

/// Why a line cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadLine {
    /// The check sum is another one, or is not there.
    CheckSum,
    /// The check sum holds, and yet the fields are not ours: a newer program wrote it.
    Fields,
}

impl Entry {
    /// Reads a line without its line feed.
    pub fn parse(line: &str) -> Result<Self, BadLine> {
        let (text, sum) = line.rsplit_once(' ').ok_or(BadLine::CheckSum)?;
        if check_sum(text) != sum {
            return Err(BadLine::CheckSum);
        }
        let mut fields = text.split(' ');
        let mut next = || fields.next().ok_or(BadLine::Fields);
        let time = UnixTime::from_seconds(number(next()?)?);
        let kid = Kid::parse(next()?).map_err(|_| BadLine::Fields)?;
        let index = StatusIndex::new(number(next()?)?);
        let verdict = Verdict::parse(next()?, time)?;
        match fields.next() {
            None => Ok(Self { time, pass: PassId { kid, index }, verdict }),
            Some(_) => Err(BadLine::Fields),
        }
    }

    /// The line with its line feed.
    #[must_use]
    pub fn to_line(&self) -> String {
        let Self { time, pass: PassId { kid, index }, verdict } = self;
        let text = format!("{} {kid} {} {verdict}", time.as_seconds(), index.as_u32());
        format!("{text} {}\n", check_sum(&text))
    }
}

impl Verdict {
    fn parse(text: &str, time: UnixTime) -> Result<Self, BadLine> {
        match text {
            "holder" => return Ok(Self::Holder),
            "counted" => return Ok(Self::Counted),
            "companion" => return Ok(Self::Companion),
            _ => {}
        }
        if let Some(counts) = text.strip_prefix("carried:") {
            let counts: Vec<u32> = counts.split('/').map(number).collect::<Result<_, _>>()?;
            let [day, month, year] = counts[..] else { return Err(BadLine::Fields) };
            return Ok(Self::Carried(Tally { day, month, year, last: time }));
        }
        Refusal::from_number(number(text)?).map(Self::Refused).ok_or(BadLine::Fields)
    }
}

/// `holder`, `counted`, `companion`, `63`, `carried:1/2/3`.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holder => f.write_str("holder"),
            Self::Counted => f.write_str("counted"),
            Self::Companion => f.write_str("companion"),
            Self::Refused(refusal) => write!(f, "{}", refusal.number()),
            Self::Carried(Tally { day, month, year, last: _ }) => write!(f, "carried:{day}/{month}/{year}"),
        }
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, BadLine> {
    text.parse().map_err(|_| BadLine::Fields)
}

/// Finds torn and rotten lines, not forgers: who can write the file can also compute it.
fn check_sum(text: &str) -> String {
    format!("{:08x}", CRC_32C.checksum(text.as_bytes()))
}

static CRC_32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        let (time, index) = (UnixTime::from_seconds(1_795_500_000), StatusIndex::new(700_001));
        let tally = Tally { day: 1, month: 20, year: 300, last: time };
        [
            Verdict::Holder,
            Verdict::Counted,
            Verdict::Companion,
            Verdict::Refused(Refusal::Replayed),
            Verdict::Carried(tally),
        ]
        .map(|verdict| Entry {
            time,
            pass: PassId { kid: Kid::new([0x66, 0x68, 0x7a, 0xad]), index },
            verdict,
        })
        .to_vec()
    }

    #[test]
    fn every_kind_of_line_reads_back() {
        for entry in entries() {
            let line = entry.to_line();
            assert_eq!(Entry::parse(line.strip_suffix('\n').unwrap()), Ok(entry), "{line}");
        }
        assert!(entries()[0].to_line().starts_with("1795500000 66687aad 700001 holder "));
    }

    #[test]
    fn a_cut_or_altered_line_is_known() {
        let line = entries()[3].to_line();
        for at in 0..line.len() - 1 {
            assert_eq!(Entry::parse(&line[..at]), Err(BadLine::CheckSum), "cut at {at}");
            let mut altered = line.clone().into_bytes();
            altered[at] ^= 1;
            let altered = String::from_utf8(altered).unwrap();
            assert!(Entry::parse(altered.trim_end()).is_err(), "altered at {at}");
        }
    }
}
