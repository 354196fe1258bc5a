//! Writing: each item in its shortest form.

use alloc::vec::Vec;

use super::{ARRAY, BYTES, MAP, NINT, SIMPLE, TAG, TEXT, UINT};

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
