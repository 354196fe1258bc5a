//! A map, read key by key.

use super::Reader;
use crate::error::Malformed;

/// A map with integer keys, read by asking for its keys in canonical order.
/// A key that is unsorted, repeated or unknown is never asked for, so it surfaces as an error.
pub struct Map<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    pub(super) left: u64,
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
