//! A set of grants in one word: what a pass carries and what a rule asks for or yields.

use alloc::vec::Vec;

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::grant::Grant;

/// Bit n stands for grant number n.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GrantSet(u32);

impl GrantSet {
    /// No grant.
    pub const NONE: Self = Self(0);

    /// The same and this grant.
    #[must_use]
    pub fn with(self, grant: Grant) -> Self {
        Self(self.0 | bit(grant))
    }

    /// What stands in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What stands here and not in the other.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the two share a grant.
    #[must_use]
    #[inline]
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether this grant is among them.
    #[must_use]
    pub fn contains(self, grant: Grant) -> bool {
        self.0 & bit(grant) != 0
    }

    /// Whether there is none.
    #[must_use]
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// By number, as a pass lists them.
    pub fn iter(self) -> impl Iterator<Item = Grant> {
        Grant::ALL.iter().copied().filter(move |grant| self.contains(*grant))
    }

    /// Reads `[+ grant]`, sorted, none twice.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let list = reader.list(1, Grant::ALL.len() as u64, |r| Grant::from_number(r.uint()?))?;
        if !list.is_sorted_by(|a, b| a < b) {
            return Err(Malformed::NotCanonical("grants"));
        }
        Ok(list.into_iter().collect())
    }

    pub(crate) fn write(self, writer: Writer) -> Writer {
        writer.list(&self.iter().collect::<Vec<_>>(), |w, grant| w.uint(grant.number()))
    }
}

impl FromIterator<Grant> for GrantSet {
    fn from_iter<I: IntoIterator<Item = Grant>>(grants: I) -> Self {
        grants.into_iter().fold(Self::NONE, Self::with)
    }
}

fn bit(grant: Grant) -> u32 {
    1_u32.wrapping_shl(grant.number().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grant_has_its_own_bit() {
        let all: GrantSet = Grant::ALL.iter().copied().collect();
        assert!(all.iter().eq(Grant::ALL.iter().copied()));
        assert!(Grant::ALL.iter().all(|grant| !all.without(GrantSet::NONE.with(*grant)).contains(*grant)));
        assert!(all.without(all).is_empty());
    }

    #[test]
    fn unsorted_or_repeated_grants_are_refused() {
        for numbers in [&[2_u8, 1][..], &[1, 1], &[0], &[17], &[]] {
            let bytes = Writer::new().list(numbers, |w, number| w.uint(*number)).finish();
            assert!(Reader::whole(&bytes, GrantSet::read).is_err(), "{numbers:?}");
        }
    }
}
