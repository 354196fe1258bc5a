//! Reading: only the one encoding gets through.

use alloc::vec::Vec;

use super::{ARRAY, BYTES, MAP, Map, NINT, SIMPLE, TAG, TEXT, Type, UINT};
use crate::error::Malformed;

/// Reads items one after another.
#[derive(Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    /// Over one byte string.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, length: bytes.len() }
    }

    /// Reads the whole input with one function; refuses trailing bytes.
    pub fn whole<T>(
        bytes: &'a [u8],
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let mut reader = Self::new(bytes);
        let value = read(&mut reader)?;
        if reader.rest.is_empty() { Ok(value) } else { Err(Malformed::TrailingBytes) }
    }

    /// An unsigned integer.
    pub fn uint(&mut self) -> Result<u64, Malformed> {
        self.typed(UINT)
    }

    /// An unsigned integer that fits 32 bits.
    pub fn uint32(&mut self) -> Result<u32, Malformed> {
        u32::try_from(self.uint()?).map_err(|_| Malformed::OutOfRange("32-bit integer"))
    }

    /// An integer of either sign.
    pub fn int(&mut self) -> Result<i64, Malformed> {
        let at = self.offset();
        let too_big = |_| Malformed::OutOfRange("integer");
        match self.head()? {
            (UINT, value) => i64::try_from(value).map_err(too_big),
            (NINT, value) => i64::try_from(value).map(|v| !v).map_err(too_big),
            _ => Err(Malformed::WrongType { at }),
        }
    }

    /// A byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.typed(BYTES)?;
        self.take(length)
    }

    /// A byte string of exactly this many bytes.
    pub fn array_of_bytes<const N: usize>(&mut self) -> Result<&'a [u8; N], Malformed> {
        self.bytes()?.try_into().map_err(|_| Malformed::WrongLength)
    }

    /// A text string.
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        let length = self.typed(TEXT)?;
        core::str::from_utf8(self.take(length)?).map_err(|_| Malformed::NotUtf8)
    }

    /// True or false.
    pub fn bool(&mut self) -> Result<bool, Malformed> {
        let at = self.offset();
        match self.head()? {
            (SIMPLE, 20) => Ok(false),
            (SIMPLE, 21) => Ok(true),
            _ => Err(Malformed::WrongType { at }),
        }
    }

    /// The head of an array: how many items follow.
    pub fn array(&mut self) -> Result<u64, Malformed> {
        self.typed(ARRAY)
    }

    /// The head of an array whose length the profile fixes.
    pub fn array_of(&mut self, items: u64) -> Result<(), Malformed> {
        if self.array()? == items { Ok(()) } else { Err(Malformed::WrongLength) }
    }

    /// An array of like items, at least `least` and at most `most` of them.
    pub fn list<T>(
        &mut self,
        least: u64,
        most: u64,
        mut item: impl FnMut(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let items = self.array()?;
        if !(least..=most).contains(&items) {
            return Err(Malformed::WrongLength);
        }
        // No capacity is reserved from a claimed length: an item that is there costs at least a byte.
        (0..items).map(|_| item(self)).collect()
    }

    /// A tag that must be this one.
    pub fn tag(&mut self, number: u64) -> Result<(), Malformed> {
        if self.head()? == (TAG, number) { Ok(()) } else { Err(Malformed::WrongTag) }
    }

    /// A map; its keys are then asked for in canonical order.
    pub fn map(&mut self) -> Result<Map<'_, 'a>, Malformed> {
        let left = self.typed(MAP)?;
        Ok(Map { reader: self, left })
    }

    /// Passes over one item of any type that this profile knows; returns its bytes as they came.
    pub fn skip(&mut self) -> Result<&'a [u8], Malformed> {
        let before = self.rest;
        self.skip_nested(MAX_NESTING)?;
        let length = before.len().saturating_sub(self.rest.len());
        before.get(..length).ok_or(Malformed::Truncated)
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// How many bytes were read: where the next item begins.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.length.saturating_sub(self.rest.len())
    }

    /// The type of the next item, without reading it.
    #[must_use]
    pub fn peek(&self) -> Option<Type> {
        self.rest.first().map(|head| match head >> 5 {
            UINT | NINT => Type::Integer,
            BYTES => Type::Bytes,
            TEXT => Type::Text,
            ARRAY => Type::Array,
            MAP => Type::Map,
            TAG => Type::Tag,
            _ => Type::Simple,
        })
    }

    /// Any head: major type and argument, or value. For tools that show an unknown item.
    pub fn head(&mut self) -> Result<(u8, u64), Malformed> {
        let first = *self.take(1)?.first().ok_or(Malformed::Truncated)?;
        let (major, info) = (first >> 5, first & 31);
        let (argument, least) = match info {
            0..=23 => return Ok((major, info.into())),
            24 => (u64::from(self.fixed::<1>()?[0]), 24),
            25 => (u16::from_be_bytes(self.fixed()?).into(), 1 << 8),
            26 => (u32::from_be_bytes(self.fixed()?).into(), 1 << 16),
            27 => (u64::from_be_bytes(self.fixed()?), 1 << 32),
            _ => return Err(Malformed::Unsupported),
        };
        // Major type 7 with an argument is a float or a reserved simple value.
        if major == SIMPLE {
            return Err(Malformed::Unsupported);
        }
        if argument < least { Err(Malformed::NotShortest) } else { Ok((major, argument)) }
    }

    fn typed(&mut self, wanted: u8) -> Result<u64, Malformed> {
        let at = self.offset();
        match self.head()? {
            (major, argument) if major == wanted => Ok(argument),
            _ => Err(Malformed::WrongType { at }),
        }
    }

    fn skip_nested(&mut self, nesting: u8) -> Result<(), Malformed> {
        let deeper = nesting.checked_sub(1).ok_or(Malformed::Unsupported)?;
        let (major, argument) = self.head()?;
        let items = match major {
            BYTES | TEXT => return self.take(argument).map(|_| ()),
            ARRAY => argument,
            MAP => argument.checked_mul(2).ok_or(Malformed::Truncated)?,
            TAG => 1,
            _ => 0,
        };
        (0..items).try_for_each(|_| self.skip_nested(deeper))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Malformed> {
        let length = usize::try_from(length).map_err(|_| Malformed::Truncated)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Malformed::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N as u64)?.try_into().map_err(|_| Malformed::Truncated)
    }
}

/// The deepest of our own structures, a COSE_Sign inside a bundle, nests 6 deep.
const MAX_NESTING: u8 = 16;
