//! READ BINARY (ISO 7816-4, 11.2.3).

use super::Card;
use crate::permission::{Action, Permit};
use crate::platform::Platform;
use crate::store::File;
use card_protocol::{Ef, MAX_DATA, StatusWord, Writer};

impl<P: Platform> Card<P> {
    pub(super) fn read_binary(
        &mut self,
        ef: Option<Ef>,
        offset: usize,
        expected: usize,
        out: &mut Writer<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let ef = ef.or(self.volatile.current).ok_or(StatusWord::NO_CURRENT_FILE)?;
        let permit = self.permit(Action::Read(ef))?;
        self.volatile.current = Some(ef);
        let left = self.length(ef).checked_sub(offset).ok_or(StatusWord::WRONG_OFFSET)?;
        let count = left.min(self.room(expected));
        self.copy(ef, offset, count, permit, out)?;
        // Le of zero, short or extended, asks for what there is; any other number names bytes that must exist.
        let named = !matches!(expected, 0 | 256 | 65_536) && self.volatile.channel.authority().is_none();
        Ok(if named && count == left && count < expected { StatusWord::END_OF_FILE } else { StatusWord::OK })
    }

    /// The most plain bytes that one answer may carry.
    fn room(&self, expected: usize) -> usize {
        let authority = self.volatile.channel.authority();
        let fits = |wire| authority.map_or(wire, |(_, level)| level.response_capacity(wire));
        // Without Le the answer is fetched by GET RESPONSE; a short one is what such hosts expect.
        let wanted = if expected == 0 { fits(256) } else { expected };
        wanted.min(fits(MAX_DATA))
    }

    fn length(&self, ef: Ef) -> usize {
        match body(ef) {
            Some(file) => self.store.length(file),
            None => ef.capacity(),
        }
    }

    fn copy(
        &self,
        ef: Ef,
        offset: usize,
        count: usize,
        _: Permit,
        out: &mut Writer<'_>,
    ) -> Result<(), StatusWord> {
        let made: &[u8] = match ef {
            Ef::Rides => &self.state.rides.to_bytes(),
            Ef::Status => &self.state.status.to_bytes(),
            _ => &[],
        };
        let Some(file) = body(ef) else {
            let end = offset.saturating_add(count);
            return put(out, made.get(offset..end).ok_or(StatusWord::WRONG_OFFSET)?);
        };
        let mut piece = [0; 64];
        let mut done = 0;
        while done < count {
            let (piece, _) = piece.split_at_mut(count.saturating_sub(done).min(64));
            let read = self.store.read(file, offset.saturating_add(done), piece)?;
            if read.is_empty() {
                return Err(StatusWord::MEMORY_FAILURE);
            }
            put(out, read)?;
            done = done.saturating_add(read.len());
        }
        Ok(())
    }
}

/// Where the store keeps the body; the card makes the other two itself.
pub(super) const fn body(ef: Ef) -> Option<File> {
    match ef {
        Ef::Pass => Some(File::Pass),
        Ef::Certificate => Some(File::Certificate),
        Ef::Photo => Some(File::Photo),
        Ef::Needs => Some(File::Needs),
        Ef::Rides | Ef::Status => None,
    }
}

/// No answer is longer than its buffer.
pub(super) fn put(out: &mut Writer<'_>, bytes: &[u8]) -> Result<(), StatusWord> {
    out.put(bytes).map_err(|_| StatusWord::WRONG_LENGTH)
}
