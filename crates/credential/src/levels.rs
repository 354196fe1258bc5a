//! One level for each category at most: what a rule asks for and what a holder has, without allocation.
//! A rule's levels mean "this level or heavier"; a holder's are exact.

use alloc::vec::Vec;
use core::fmt;

use crate::cbor::{Reader, Writer};
use crate::disability::{Category, Component, Components, Level};
use crate::error::Malformed;

/// Six digits, by category; 0 where the category does not occur.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Levels([u8; 6]);

impl Levels {
    /// No category at all.
    pub const NONE: Self = Self([0; 6]);

    /// The same with this component in place of any other of its category.
    #[must_use]
    pub fn with(mut self, component: Component) -> Self {
        for (category, digit) in Category::ALL.into_iter().zip(&mut self.0) {
            if category == component.category {
                *digit = component.level.digit();
            }
        }
        self
    }

    /// Whether a holder of `held` has any category of these at its level or heavier.
    #[must_use]
    #[inline]
    pub fn are_reached_by(&self, held: &Self) -> bool {
        // A category that is not held wraps to 255, one that is not asked for is 0: neither compares as less.
        self.0.iter().zip(&held.0).any(|(asked, held)| held.wrapping_sub(1) < *asked)
    }

    /// Whether no category occurs.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    /// The components, by category.
    pub fn iter(&self) -> impl Iterator<Item = Component> + '_ {
        let both = Category::ALL.into_iter().zip(&self.0);
        both.filter_map(|(category, digit)| {
            Some(Component { category, level: Level::from_digit(*digit).ok()? })
        })
    }

    /// Reads `[+ category * 10 + level]`, sorted, no category twice.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let list = reader.list(1, Category::ALL.len() as u64, |r| Component::from_code(r.uint()?))?;
        if !list.is_sorted_by(|a, b| a.category < b.category) {
            return Err(Malformed::NotCanonical("components"));
        }
        Ok(list.into_iter().fold(Self::NONE, Self::with))
    }

    pub(crate) fn write(&self, writer: Writer) -> Writer {
        writer.list(&self.iter().collect::<Vec<_>>(), |w, component| w.uint(component.code()))
    }
}

impl From<&Components> for Levels {
    fn from(components: &Components) -> Self {
        components.as_slice().iter().copied().fold(Self::NONE, Self::with)
    }
}

/// A diagnosis is personal: it prints through the accessors, never by accident.
impl fmt::Debug for Levels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Levels(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(codes: &[u64]) -> Levels {
        codes.iter().map(|code| Component::from_code(*code).unwrap()).fold(Levels::NONE, Levels::with)
    }

    #[test]
    fn a_heavier_level_reaches_and_a_lighter_or_another_category_does_not() {
        let asked = levels(&[12, 42]);
        for held in [&[11][..], &[12], &[41], &[42], &[14, 42], &[12, 64]] {
            assert!(asked.are_reached_by(&levels(held)), "{held:?}");
        }
        for held in [&[][..], &[13], &[43], &[21], &[61], &[14, 44]] {
            assert!(!asked.are_reached_by(&levels(held)), "{held:?}");
        }
        assert!(!Levels::NONE.are_reached_by(&levels(&[11, 21, 31, 41, 51, 61])));
    }

    #[test]
    fn unsorted_or_repeated_categories_are_refused() {
        let read = |codes: &[u8]| {
            let bytes = Writer::new().list(codes, |w, code| w.uint(*code)).finish();
            Reader::whole(&bytes, Levels::read)
        };
        assert_eq!(read(&[13, 42]), Ok(levels(&[13, 42])));
        for codes in [&[][..], &[42, 13], &[12, 13], &[15], &[71], &[11, 21, 31, 41, 51, 61, 62]] {
            assert!(read(codes).is_err(), "{codes:?}");
        }
    }
}
