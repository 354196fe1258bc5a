//! A status list token as the difference from an older one: its times, its signature and the statuses that changed.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::read_place;
use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::key::Kid;
use crate::sign1::{Content, Sign1, Unsigned};
use crate::status_list::{MAX_PACKED_BYTES, Status, StatusIndex, StatusList};
use crate::status_token::StatusToken;
use crate::time::UnixTime;

/// A new status list token, as far as it differs from one in the base:
/// `[place, kid, issued, expires, ttl, length, changes, signature]`.
pub(super) struct Patch<'a> {
    pub(super) place: usize,
    pub(super) signer: Kid,
    pub(super) issued: UnixTime,
    pub(super) expires: UnixTime,
    pub(super) ttl_seconds: u64,
    /// Of the packed list in bytes; it may have grown.
    pub(super) length: u32,
    /// For each changed index, ascending: LEB128 of `gap * 4 + status`; `gap` counts the unchanged indices before it.
    pub(super) changes: Cow<'a, [u8]>,
    pub(super) signature: &'a [u8; 64],
}

impl<'a> Patch<'a> {
    /// `None` where a patch does not give back the very same bytes, or saves nothing.
    pub(super) fn between(base: &[&[u8]], new: &'a [u8]) -> Option<Self> {
        let (envelope, token) = read_token(new).ok()?;
        let (place, old) = base.iter().enumerate().find_map(|(place, old)| {
            let (_, old) = read_token(old).ok()?;
            (old.issuer == token.issuer && old.list.bits() == token.list.bits()).then_some((place, old))
        })?;
        let patch = Self {
            place,
            signer: envelope.kid(),
            issued: token.issued,
            expires: token.expires,
            ttl_seconds: token.ttl_seconds,
            length: u32::try_from(token.list.packed().len()).ok()?,
            changes: Cow::Owned(write_changes(&old.list, &token.list)),
            signature: envelope.signature(),
        };
        let saves = patch.changes.len().saturating_add(FRAME_BYTES) < new.len();
        (saves && patch.rebuild(base.get(place)?).is_ok_and(|rebuilt| rebuilt == new)).then_some(patch)
    }

    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        reader.array_of(8)?;
        Ok(Self {
            place: read_place(reader)?,
            signer: Kid::read(reader)?,
            issued: reader.uint().map(UnixTime::from_seconds)?,
            expires: reader.uint().map(UnixTime::from_seconds)?,
            ttl_seconds: reader.uint()?,
            length: reader.uint32()?,
            changes: reader.bytes().map(Cow::Borrowed)?,
            signature: reader.array_of_bytes()?,
        })
    }

    pub(super) fn write(&self, writer: Writer) -> Writer {
        let Self { place, signer, issued, expires, ttl_seconds, length, changes, signature } = self;
        let writer = writer.array(8).uint(*place as u64).bytes(signer.as_bytes());
        let writer = writer.uint(issued.as_seconds()).uint(expires.as_seconds()).uint(*ttl_seconds);
        writer.uint(*length).bytes(changes).bytes(*signature)
    }

    pub(super) fn rebuild(&self, base: &[u8]) -> Result<Vec<u8>, Malformed> {
        let (_, StatusToken { issuer, list, .. }) = read_token(base)?;
        let list = apply_changes(list.resized(self.length as usize)?, &self.changes)?;
        let Self { issued, expires, ttl_seconds, .. } = *self;
        let token = StatusToken { issuer, issued, expires, ttl_seconds, list };
        Ok(Unsigned::new(self.signer, token.encode(), Content::StatusList).with_signature(self.signature))
    }
}

fn read_token(bytes: &[u8]) -> Result<(Sign1<'_>, StatusToken), Malformed> {
    let envelope = Sign1::parse(bytes, Content::StatusList)?;
    Ok((envelope, StatusToken::decode(envelope.payload(), MAX_PACKED_BYTES)?))
}

fn write_changes(old: &StatusList, new: &StatusList) -> Vec<u8> {
    let mut changes = Vec::new();
    let mut expected = 0;
    for (index, status) in new.differing_from(old) {
        let gap = u64::from(index.as_u32().saturating_sub(expected));
        expected = index.as_u32().saturating_add(1);
        let mut value = gap << 2 | status as u64;
        while value > 0x7f {
            changes.push(value as u8 | 0x80);
            value >>= 7;
        }
        changes.push(value as u8);
    }
    changes
}

fn apply_changes(mut list: StatusList, mut changes: &[u8]) -> Result<StatusList, Malformed> {
    let mut expected = 0u64;
    while !changes.is_empty() {
        let value = read_leb128(&mut changes)?;
        let index = expected.saturating_add(value >> 2);
        expected = index.saturating_add(1);
        let index = u32::try_from(index).map_err(|_| Malformed::OutOfRange("status index"))?;
        if !list.set(StatusIndex::new(index), Status::from_bits(value as u8)) {
            return Err(Malformed::OutOfRange("status index"));
        }
    }
    Ok(list)
}

fn read_leb128(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0;
    for shift in [0, 7, 14, 21, 28] {
        let (byte, rest) = bytes.split_first().ok_or(Malformed::Truncated)?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Malformed::OutOfRange("change"))
}

/// What a patch takes beside its changes, generously.
const FRAME_BYTES: usize = 128;
