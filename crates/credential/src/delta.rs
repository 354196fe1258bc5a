//! A delta: what changed from one bundle to the next (PROFILE.md, section 5).
//! `["DCD1", base version, base sha256, snapshot, trust list, [* status list], [* policy pack]]`, where a part is
//! its bytes, or the place of an unchanged one in the base; a status list may also be a patch of one in the base.
//!
//! Applying it gives back the bytes of the whole new bundle, signatures and all, and these are then verified like any other.
//! So a delta decides nothing: one that was altered, or made for another base, gives bytes that do not verify.
//! A status list is deflated anew for that. Should another version of the deflating library write other bytes,
//! no digest matches, and the verifier fetches the whole bundle; it never accepts anything else.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::bundle::{Bundle, MAX_BUNDLE_BYTES, MAX_PARTS};
use crate::cbor::{Reader, Type, Writer};
use crate::error::Malformed;
use crate::sign1::{Content, Sign1};
use crate::snapshot::{Snapshot, Version, sha256};
use patch::Patch;

mod patch;

/// A parsed delta.
pub struct Delta<'a> {
    /// Version of the snapshot that it starts from, for people.
    pub base: Version,
    base_sha256: [u8; 32],
    snapshot: &'a [u8],
    trust_list: Part<'a>,
    status_lists: Vec<Part<'a>>,
    policies: Vec<Part<'a>>,
}

impl<'a> Delta<'a> {
    /// The file that leads from one bundle to another; both as files.
    pub fn between(base: &[u8], new: &[u8]) -> Result<Vec<u8>, Malformed> {
        let (base, new) = (Bundle::parse(base)?, Bundle::parse(new)?);
        let version = Snapshot::decode(Sign1::parse(base.snapshot, Content::Snapshot)?.payload())?.version;
        let writer = Writer::new().array(7).text(MAGIC).uint(version.as_u32()).bytes(&sha256(base.snapshot));
        let writer = Part::between(&[base.trust_list], new.trust_list).write(writer.bytes(new.snapshot));
        let writer = writer.list(&new.status_lists, |writer, part| {
            let patch = Patch::between(&base.status_lists, part);
            patch.map_or_else(|| Part::between(&base.status_lists, part), Part::Patched).write(writer)
        });
        Ok(writer.list(&new.policies, |w, part| Part::between(&base.policies, part).write(w)).finish())
    }

    /// Whether a file says that it is a delta.
    #[must_use]
    pub fn is_delta(bytes: &[u8]) -> bool {
        let mut reader = Reader::new(bytes);
        reader.array_of(7).is_ok() && reader.text() == Ok(MAGIC)
    }

    /// Splits the file into its parts.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(Malformed::WrongLength);
        }
        Reader::whole(bytes, |reader| {
            reader.array_of(7)?;
            if reader.text()? != MAGIC {
                return Err(Malformed::WrongTag);
            }
            Ok(Self {
                base: Version::read(reader)?,
                base_sha256: *reader.array_of_bytes()?,
                snapshot: reader.bytes()?,
                trust_list: Part::read(reader)?,
                status_lists: reader.list(0, MAX_PARTS, Part::read)?,
                policies: reader.list(0, MAX_PARTS, Part::read)?,
            })
        })
    }

    /// The new bundle as a file. Nothing in it is verified yet.
    pub fn apply(&self, base: &[u8]) -> Result<Vec<u8>, Malformed> {
        let base = Bundle::parse(base)?;
        if sha256(base.snapshot) != self.base_sha256 {
            return Err(Malformed::WrongBase { wanted: self.base });
        }
        let mut room = MAX_BUNDLE_BYTES;
        let trust_list = self.trust_list.rebuild(&[base.trust_list], &mut room)?;
        let status_lists = rebuild(&self.status_lists, &base.status_lists, &mut room)?;
        let policies = rebuild(&self.policies, &base.policies, &mut room)?;
        Ok(Bundle {
            snapshot: self.snapshot,
            trust_list: &trust_list,
            status_lists: status_lists.iter().map(AsRef::as_ref).collect(),
            policies: policies.iter().map(AsRef::as_ref).collect(),
        }
        .to_bytes())
    }
}

fn rebuild<'p>(
    parts: &'p [Part<'_>],
    base: &[&'p [u8]],
    room: &mut usize,
) -> Result<Vec<Cow<'p, [u8]>>, Malformed> {
    parts.iter().map(|part| part.rebuild(base, room)).collect()
}

/// Where a part of the new bundle comes from.
enum Part<'a> {
    Whole(&'a [u8]),
    Kept { place: usize },
    Patched(Patch<'a>),
}

impl<'a> Part<'a> {
    fn between(base: &[&[u8]], new: &'a [u8]) -> Self {
        base.iter().position(|old| *old == new).map_or(Self::Whole(new), |place| Self::Kept { place })
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        match reader.peek() {
            Some(Type::Bytes) => reader.bytes().map(Self::Whole),
            Some(Type::Integer) => read_place(reader).map(|place| Self::Kept { place }),
            _ => Patch::read(reader).map(Self::Patched),
        }
    }

    fn write(&self, writer: Writer) -> Writer {
        match self {
            Self::Whole(bytes) => writer.bytes(bytes),
            Self::Kept { place } => writer.uint(*place as u64),
            Self::Patched(patch) => patch.write(writer),
        }
    }

    /// `room` bounds what a delta can make of a small base, before anything in it is known to be signed.
    fn rebuild<'p>(&'p self, base: &[&'p [u8]], room: &mut usize) -> Result<Cow<'p, [u8]>, Malformed> {
        let place = |place: usize| base.get(place).copied().ok_or(Malformed::OutOfRange("place"));
        match self {
            Self::Whole(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Kept { place: kept } => place(*kept).map(Cow::Borrowed),
            Self::Patched(patch) => {
                *room = room.checked_sub(patch.length as usize).ok_or(Malformed::WrongLength)?;
                patch.rebuild(place(patch.place)?).map(Cow::Owned)
            }
        }
    }
}

fn read_place(reader: &mut Reader<'_>) -> Result<usize, Malformed> {
    reader.uint32().map(|place| place as usize)
}

const MAGIC: &str = "DCD1";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Kid;
    use crate::sign1::Unsigned;
    use crate::snapshot::{PartName, Unpacked};
    use crate::status_list::{Bits, MAX_PACKED_BYTES, Status, StatusIndex, StatusList};
    use crate::status_token::StatusToken;
    use crate::time::UnixTime;
    use alloc::vec;
    use proptest::prelude::*;

    fn list(entries: u32, set: &[(u32, u8)]) -> StatusList {
        let mut list = StatusList::new(Bits::Two, entries);
        for (index, status) in set {
            assert!(list.set(StatusIndex::new(index % entries), Status::from_bits(*status)));
        }
        list
    }

    /// A bundle of one list; deltas look at no signature, so these are invented.
    fn bundle(version: u32, list: StatusList) -> Vec<u8> {
        let (signer, signature) = (Kid::new([9; 4]), [version as u8; 64]);
        let at = |day: u64| UnixTime::from_seconds((day + u64::from(version)) * 86_400);
        let token = StatusToken {
            issuer: Kid::new([1, 2, 3, 4]),
            issued: at(0),
            expires: at(7),
            ttl_seconds: 86_400,
            list,
        };
        let unpacked = Some(Unpacked::of(token.list.packed()));
        let status = Unsigned::new(signer, token.encode(), Content::StatusList).with_signature(&signature);
        let part = crate::snapshot::Part {
            name: PartName::Status(token.issuer),
            version: Version::new(version),
            sha256: sha256(&status),
            unpacked,
        };
        let snapshot =
            Snapshot { version: Version::new(version), issued: at(0), expires: at(7), parts: vec![part] };
        let snapshot = Unsigned::new(signer, snapshot.encode(), Content::Snapshot).with_signature(&signature);
        Bundle {
            snapshot: &snapshot,
            trust_list: b"trust",
            status_lists: vec![&status],
            policies: vec![b"fares"],
        }
        .to_bytes()
    }

    fn daily_change() -> (Vec<u8>, Vec<u8>) {
        // Knuth's linear congruential generator: scattered places, the same in every run.
        let mut seed = 1u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u32
        };
        let revoked: Vec<_> = (0..2000).map(|_| (next(), 1)).collect();
        let today: Vec<_> = (0..40).map(|_| (next(), 2)).collect();
        let before = list(200_000, &revoked);
        let after = list(200_000, &[revoked, today].concat());
        (bundle(1, before), bundle(2, after))
    }

    #[test]
    fn applying_a_delta_gives_the_new_bundle_byte_for_byte_and_costs_a_fraction() {
        let (base, new) = daily_change();
        let delta = Delta::between(&base, &new).unwrap();
        assert!(Delta::is_delta(&delta) && !Delta::is_delta(&new));
        assert!(Delta::parse(&delta).unwrap().apply(&base).unwrap() == new);
        assert!(delta.len() * 5 < new.len(), "{} of {}", delta.len(), new.len());
    }

    #[test]
    fn a_delta_for_another_base_is_refused_and_names_the_one_it_wants() {
        let (base, new) = daily_change();
        let delta = Delta::between(&base, &new).unwrap();
        let refused = Delta::parse(&delta).unwrap().apply(&new).err();
        assert_eq!(refused, Some(Malformed::WrongBase { wanted: Version::new(1) }));
    }

    #[test]
    fn no_altered_or_cut_delta_gives_the_new_bundle_or_a_panic() {
        let (base, new) = daily_change();
        let delta = Delta::between(&base, &new).unwrap();
        for at in (0..delta.len()).step_by(3) {
            assert!(Delta::parse(&delta[..at]).is_err());
            let mut altered = delta.clone();
            altered[at] ^= 0x41;
            let applied = Delta::parse(&altered).and_then(|delta| delta.apply(&base));
            // Only the version that people read may change without changing the bytes that are verified.
            let outside = |read: &Delta<'_>| read.base != Version::new(1);
            assert!(
                applied != Ok(new.clone()) || Delta::parse(&altered).is_ok_and(|d| outside(&d)),
                "byte {at}"
            );
        }
    }

    #[test]
    fn many_patches_of_one_list_may_not_fill_the_memory() {
        let (base, new) = daily_change();
        let delta = Delta::between(&base, &new).unwrap();
        let mut bomb = Delta::parse(&delta).unwrap();
        let Some(Part::Patched(first)) = bomb.status_lists.pop() else { panic!("one patch") };
        for _ in 0..5 {
            let length = MAX_PACKED_BYTES as u32;
            bomb.status_lists.push(Part::Patched(Patch { changes: Cow::Borrowed(&[]), length, ..first }));
        }
        assert_eq!(bomb.apply(&base).err(), Some(Malformed::WrongLength));
        bomb.status_lists.clear();
        let length = MAX_PACKED_BYTES as u32 + 1;
        bomb.status_lists.push(Part::Patched(Patch { changes: Cow::Borrowed(&[]), length, ..first }));
        assert_eq!(bomb.apply(&base).err(), Some(Malformed::WrongLength));
    }

    // Deltas live on it: a release of the library that deflates otherwise sends every verifier to the whole bundle.
    #[test]
    fn the_deflating_library_writes_the_bytes_it_has_always_written() {
        let (_, new) = daily_change();
        assert_eq!(
            hex::encode(sha256(&new)),
            "77efff8ae7405a188719729d7c4db0c4ec193d37fb07113ba31f9c9744dc8632"
        );
    }

    proptest! {
        #[test]
        fn any_change_growth_or_shrinking_reads_back(
            old in proptest::collection::vec((any::<u32>(), 0u8..4), 0..40),
            new in proptest::collection::vec((any::<u32>(), 0u8..4), 0..40),
            old_entries in 1u32..3000, new_entries in 1u32..3000,
        ) {
            let (base, new) = (bundle(1, list(old_entries, &old)), bundle(2, list(new_entries, &new)));
            let delta = Delta::between(&base, &new).unwrap();
            prop_assert!(Delta::parse(&delta).unwrap().apply(&base) == Ok(new));
        }
    }
}
