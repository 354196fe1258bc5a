//! CBOR in its one deterministic encoding (RFC 8949, section 4.2.1), as far as this profile uses it.
//! The reader is strict by construction: it has no way to accept a long integer, an indefinite length,
//! or map keys in another order than the profile asks for them. Values are borrowed from the input.

use alloc::vec::Vec;

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

/// The major type of an item, for choices that the profile leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Of either sign.
    Integer,
    /// A byte string.
    Bytes,
    /// A text string.
    Text,
    /// An array.
    Array,
    /// A map.
    Map,
    /// A tagged item.
    Tag,
    /// True, false, null.
    Simple,
}

/// A map with integer keys, read by asking for its keys in canonical order.
/// A key that is unsorted, repeated or unknown is never asked for, so it surfaces as an error.
pub struct Map<'r, 'a> {
    reader: &'r mut Reader<'a>,
    left: u64,
}

impl<'a> Map<'_, 'a> {
    /// The value of a key that must be there.
    pub fn required<T>(
        &mut self,
        key: i64,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        self.optional(key, read)?.ok_or(Malformed::MissingKey(key))
    }

    /// The value of a key that may be there.
    pub fn optional<T>(
        &mut self,
        key: i64,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut ahead = self.reader.clone();
        if ahead.int()? != key {
            return Ok(None);
        }
        self.left = self.left.saturating_sub(1);
        *self.reader = ahead;
        read(self.reader).map(Some)
    }

    /// Ends the map; a key that nobody asked for is refused.
    pub fn end(self) -> Result<(), Malformed> {
        if self.left == 0 { Ok(()) } else { Err(Malformed::UnexpectedKey) }
    }
}

/// Writes items one after another, each in its shortest form. The caller keeps the order of keys.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Empty.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An unsigned integer.
    #[must_use]
    pub fn uint(self, value: impl Into<u64>) -> Self {
        self.head(UINT, value.into())
    }

    /// An integer of either sign.
    #[must_use]
    pub fn int(self, value: i64) -> Self {
        match u64::try_from(value) {
            Ok(value) => self.head(UINT, value),
            Err(_) => self.head(NINT, value.unsigned_abs().wrapping_sub(1)),
        }
    }

    /// A byte string.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.head(BYTES, bytes.len() as u64).raw(bytes)
    }

    /// A text string.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.head(TEXT, text.len() as u64).raw(text.as_bytes())
    }

    /// True or false.
    #[must_use]
    pub fn bool(self, value: bool) -> Self {
        self.head(SIMPLE, if value { 21 } else { 20 })
    }

    /// The head of an array.
    #[must_use]
    pub fn array(self, items: usize) -> Self {
        self.head(ARRAY, items as u64)
    }

    /// An array of like items.
    #[must_use]
    pub fn list<T>(self, items: &[T], item: impl FnMut(Self, &T) -> Self) -> Self {
        items.iter().fold(self.array(items.len()), item)
    }

    /// The head of a map.
    #[must_use]
    pub fn map(self, pairs: usize) -> Self {
        self.head(MAP, pairs as u64)
    }

    /// A tag.
    #[must_use]
    pub fn tag(self, number: u64) -> Self {
        self.head(TAG, number)
    }

    /// Bytes that are encoded already.
    #[must_use]
    pub fn raw(mut self, encoded: &[u8]) -> Self {
        self.0.extend_from_slice(encoded);
        self
    }

    /// Continues with another function when a value is there.
    #[must_use]
    pub fn with<T>(self, value: Option<T>, write: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => write(self, value),
            None => self,
        }
    }

    /// What was written.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    fn head(mut self, major: u8, argument: u64) -> Self {
        let major = major << 5;
        match argument {
            0..=23 => self.0.push(major | argument as u8),
            24..=0xff => self.0.extend_from_slice(&[major | 24, argument as u8]),
            0x100..=0xffff => {
                self.0.push(major | 25);
                self.0.extend_from_slice(&(argument as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.0.push(major | 26);
                self.0.extend_from_slice(&(argument as u32).to_be_bytes());
            }
            _ => {
                self.0.push(major | 27);
                self.0.extend_from_slice(&argument.to_be_bytes());
            }
        }
        self
    }
}

// Major types, RFC 8949, section 3.1.
const UINT: u8 = 0;
const NINT: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;
/// The deepest of our own structures, a COSE_Sign inside a bundle, nests 6 deep.
const MAX_NESTING: u8 = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    #[test]
    fn longer_forms_of_an_integer_are_refused() {
        for bytes in [
            &[0x18, 23][..],
            &[0x19, 0, 255],
            &[0x1a, 0, 0, 255, 255],
            &[0x1b, 0, 0, 0, 0, 255, 255, 255, 255],
        ] {
            assert_eq!(Reader::whole(bytes, Reader::uint), Err(Malformed::NotShortest));
        }
        assert_eq!(Reader::whole(&[0x58, 1, 0], Reader::bytes), Err(Malformed::NotShortest));
    }

    #[test]
    fn indefinite_lengths_floats_and_trailing_bytes_are_refused() {
        assert_eq!(Reader::whole(&[0x9f, 0xff], Reader::array), Err(Malformed::Unsupported));
        assert_eq!(Reader::whole(&[0xf9, 0, 0], Reader::skip), Err(Malformed::Unsupported));
        assert_eq!(Reader::whole(&[1, 1], Reader::uint), Err(Malformed::TrailingBytes));
    }

    #[test]
    fn keys_out_of_order_repeated_or_unknown_are_refused() {
        fn read(bytes: &[u8]) -> Result<(u64, Option<u64>), Malformed> {
            Reader::whole(bytes, |reader| {
                let mut map = reader.map()?;
                let pair = (map.required(1, Reader::uint)?, map.optional(-1, Reader::uint)?);
                map.end()?;
                Ok(pair)
            })
        }
        assert_eq!(read(&[0xa2, 1, 5, 0x20, 6]), Ok((5, Some(6))));
        assert_eq!(read(&[0xa1, 1, 5]), Ok((5, None)));
        assert_eq!(read(&[0xa2, 0x20, 6, 1, 5]), Err(Malformed::MissingKey(1)));
        assert_eq!(read(&[0xa2, 1, 5, 1, 5]), Err(Malformed::UnexpectedKey));
        assert_eq!(read(&[0xa2, 1, 5, 2, 5]), Err(Malformed::UnexpectedKey));
        assert_eq!(read(&[0xa3, 1, 5, 0x20, 6]), Err(Malformed::UnexpectedKey));
    }

    #[test]
    fn a_claimed_length_reserves_no_memory_and_depth_is_bounded() {
        let huge = [0x9b, 0x7f, 255, 255, 255, 255, 255, 255, 255];
        assert_eq!(Reader::new(&huge).list(0, u64::MAX, Reader::uint), Err(Malformed::Truncated));
        assert_eq!(Reader::whole(&[0x81; 1000], Reader::skip).err(), Some(Malformed::Unsupported));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(u in any::<u64>(), i in any::<i64>(), b in any::<Vec<u8>>(), t in ".*", f in any::<bool>()) {
            let bytes = Writer::new().array(5).uint(u).int(i).bytes(&b).text(&t).bool(f).finish();
            let mut reader = Reader::new(&bytes);
            reader.array_of(5).unwrap();
            prop_assert_eq!(reader.uint().unwrap(), u);
            prop_assert_eq!(reader.int().unwrap(), i);
            prop_assert_eq!(reader.bytes().unwrap(), &b[..]);
            prop_assert_eq!(reader.text().unwrap(), t);
            prop_assert_eq!(reader.bool().unwrap(), f);
            prop_assert!(reader.is_empty());
            prop_assert_eq!(Reader::whole(&bytes, Reader::skip).unwrap(), &bytes[..]);
        }

        #[test]
        fn arbitrary_bytes_never_panic_and_only_one_encoding_is_accepted(bytes in any::<Vec<u8>>()) {
            let _ = Reader::new(&bytes).skip();
            if let Ok(value) = Reader::whole(&bytes, Reader::uint) {
                prop_assert_eq!(Writer::new().uint(value).finish(), bytes);
            }
        }
    }

    #[test]
    fn heads_grow_with_their_argument() {
        for (value, length) in
            [(23u64, 1), (24, 2), (255, 2), (256, 3), (65_535, 3), (65_536, 5), (1 << 32, 9)]
        {
            assert_eq!(Writer::new().uint(value).finish().len(), length);
        }
        assert_eq!(Writer::new().int(-65_538).finish(), vec![0x3a, 0, 1, 0, 1]);
    }
}
