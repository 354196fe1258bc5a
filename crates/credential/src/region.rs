//! Administrative regions by code prefix (GB/T 2260).
//! 0 is the nation, then 2 digits a province, 4 a prefecture, 6 a county: `22`, `2201`, `220104`.

use core::fmt;

use crate::error::Malformed;

/// A region: the nation, a province, a prefecture or a county.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(u32);

impl Region {
    /// The whole nation.
    pub const NATION: Self = Self(0);

    /// From 0, or 2, 4 or 6 digits.
    pub fn from_code(code: u64) -> Result<Self, Malformed> {
        match code {
            0 | 11..=99 | 1100..=9999 | 110_000..=999_999 => Ok(Self(code as u32)),
            _ => Err(Malformed::OutOfRange("region")),
        }
    }

    /// A county, exactly 6 digits.
    pub fn county(code: u64) -> Result<Self, Malformed> {
        Self::from_code(code).and_then(|region| match region.0 {
            110_000.. => Ok(region),
            _ => Err(Malformed::OutOfRange("county")),
        })
    }

    /// From text of 0, 2, 4 or 6 digits; `0` is the nation.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Malformed::OutOfRange("region"));
        }
        Self::from_code(text.parse().map_err(|_| Malformed::OutOfRange("region"))?)
    }

    /// The code: 0, or 2, 4 or 6 digits.
    #[must_use]
    pub fn code(self) -> u32 {
        self.0
    }

    /// Whether the other region is this one or lies inside it.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        let mut code = other.0;
        while code > self.0 {
            code /= 100;
        }
        code == self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_contains_itself_and_what_lies_inside() {
        let region = |code| Region::from_code(code).unwrap();
        assert!(Region::NATION.contains(region(220_104)));
        assert!(region(22).contains(region(220_104)));
        assert!(region(2201).contains(region(220_104)));
        assert!(region(220_104).contains(region(220_104)));
        assert!(!region(220_104).contains(region(2201)));
        assert!(!region(22).contains(Region::NATION));
        assert!(!region(21).contains(region(220_104)));
        assert!(!region(23).contains(region(220_104)));
    }

    #[test]
    fn codes_of_other_lengths_are_refused() {
        for code in [1, 10, 100, 999, 10_000, 99_999, 1_000_000] {
            assert!(Region::from_code(code).is_err(), "{code}");
        }
        assert!(Region::county(2201).is_err());
        assert!(Region::parse("+22").is_err());
    }
}
