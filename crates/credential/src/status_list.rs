//! Token Status List: one status an index, packed, then deflated.
//! Follows the IETF document, section 4: index 0 is the least significant bits of byte 0; zlib (RFC 1950) over all bytes.
//! Knows nothing of signatures; see `status_token`.

use alloc::vec;
use alloc::vec::Vec;

use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use crate::cbor::{Reader, Type, Writer};
use crate::error::Malformed;

/// A place in a status list, drawn at random when a credential is prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusIndex(u32);

impl StatusIndex {
    /// From its number.
    #[must_use]
    pub const fn new(index: u32) -> Self {
        Self(index)
    }

    /// Reads it from claims.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.uint32().map(Self).map_err(|e| match e {
            Malformed::OutOfRange(_) => Malformed::OutOfRange("status index"),
            other => other,
        })
    }

    /// Its number.
    #[must_use]
    pub const fn as_u32(self) -> u32 {
        self.0
    }
}

/// Section 7.1: the registered statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// 0: nothing is known against it.
    Valid = 0,
    /// 1: revoked for ever.
    Invalid = 1,
    /// 2: suspended, may become valid again.
    Suspended = 2,
    /// 3: specific to an application; this profile gives it no meaning, so it is refused like a revocation.
    Specific = 3,
}

impl Status {
    /// From two bits.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Valid,
            1 => Self::Invalid,
            2 => Self::Suspended,
            _ => Self::Specific,
        }
    }
}

/// How many bits a status takes. Ours have two; one is read for lists that know no suspension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// 0 and 1 only.
    One = 1,
    /// 0 to 3.
    Two = 2,
}

/// The unpacked list: memory is one byte for every 8 or 4 entries.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    bits: Bits,
    packed: Vec<u8>,
}

impl StatusList {
    /// A list of so many entries, all valid. Rounded up to whole bytes.
    #[must_use]
    pub fn new(bits: Bits, entries: u32) -> Self {
        let bytes = (entries as usize).div_ceil(Self::per_byte(bits));
        Self { bits, packed: vec![0; bytes] }
    }

    /// Over bytes that are packed already.
    #[must_use]
    pub fn from_packed(bits: Bits, packed: Vec<u8>) -> Self {
        Self { bits, packed }
    }

    /// The status at an index. `None` past the end: never taken for valid.
    #[must_use]
    pub fn get(&self, index: StatusIndex) -> Option<Status> {
        let (byte, shift) = self.place(index);
        let value = self.packed.get(byte)?.wrapping_shr(shift);
        Some(Status::from_bits(value & self.mask()))
    }

    /// Sets a status; `false` when the index is past the end or the status needs more bits.
    #[must_use]
    pub fn set(&mut self, index: StatusIndex, status: Status) -> bool {
        let ((byte, shift), mask) = (self.place(index), self.mask());
        let Some(byte) = self.packed.get_mut(byte) else { return false };
        if status as u8 > mask {
            return false;
        }
        *byte = *byte & !mask.wrapping_shl(shift) | (status as u8).wrapping_shl(shift);
        true
    }

    /// The same list with another length in bytes; what is new is valid.
    pub fn resized(mut self, bytes: usize) -> Result<Self, Malformed> {
        if bytes > MAX_PACKED_BYTES {
            return Err(Malformed::WrongLength);
        }
        self.packed.resize(bytes, 0);
        Ok(self)
    }

    /// Every index whose status differs from that in an older list of as many bits, ascending, with its status here.
    /// Past the end of the older one all were valid.
    pub fn differing_from(&self, older: &Self) -> impl Iterator<Item = (StatusIndex, Status)> {
        let before = older.packed.iter().copied().chain(core::iter::repeat(0));
        let changed = self.packed.iter().zip(before).enumerate().filter(|(_, (now, before))| *now != before);
        let (width, mask, per_byte) = (self.bits as u32, self.mask(), Self::per_byte(self.bits));
        changed.flat_map(move |(byte, (now, before))| {
            (0..per_byte as u32).filter_map(move |entry| {
                let at = |packed: u8| packed.wrapping_shr(entry.wrapping_mul(width)) & mask;
                let index = (byte as u32).wrapping_mul(per_byte as u32).wrapping_add(entry);
                (at(*now) != at(before)).then(|| (StatusIndex::new(index), Status::from_bits(at(*now))))
            })
        })
    }

    /// The packed bytes.
    #[must_use]
    pub fn packed(&self) -> &[u8] {
        &self.packed
    }

    /// How many entries it has room for.
    #[must_use]
    pub fn capacity(&self) -> u64 {
        (self.packed.len() as u64).saturating_mul(Self::per_byte(self.bits) as u64)
    }

    /// How many bits a status takes.
    #[must_use]
    pub fn bits(&self) -> Bits {
        self.bits
    }

    /// Writes the `StatusList` map `{"bits": ..., "lst": ...}` in the order of the standard's own examples.
    #[must_use]
    pub fn write(&self, writer: Writer) -> Writer {
        let lst = compress_to_vec_zlib(&self.packed, BEST_COMPRESSION);
        writer.map(2).text("bits").uint(self.bits as u8).text("lst").bytes(&lst)
    }

    /// Reads the map. Inflates to `limit` bytes at most, so that a small file cannot fill the memory.
    pub fn read(reader: &mut Reader<'_>, limit: usize) -> Result<Self, Malformed> {
        let (mut bits, mut lst) = (None, None);
        // The standard's examples do not sort these keys, so either order is read.
        let Some(Type::Map) = reader.peek() else { return Err(Malformed::WrongTag) };
        let (_, pairs) = reader.head()?;
        for _ in 0..pairs {
            match reader.text()? {
                "bits" if bits.is_none() => {
                    bits = Some(match reader.uint()? {
                        1 => Bits::One,
                        2 => Bits::Two,
                        _ => return Err(Malformed::OutOfRange("bits")),
                    });
                }
                "lst" if lst.is_none() => lst = Some(reader.bytes()?),
                "aggregation_uri" => drop(reader.text()?),
                _ => return Err(Malformed::UnexpectedKey),
            }
        }
        let (Some(bits), Some(lst)) = (bits, lst) else { return Err(Malformed::UnexpectedKey) };
        let packed = decompress_to_vec_zlib_with_limit(lst, limit).map_err(|_| Malformed::BadCompression)?;
        Ok(Self { bits, packed })
    }

    fn place(&self, StatusIndex(index): StatusIndex) -> (usize, u32) {
        match self.bits {
            Bits::One => ((index / 8) as usize, index % 8),
            Bits::Two => ((index / 4) as usize, (index % 4).wrapping_mul(2)),
        }
    }

    fn mask(&self) -> u8 {
        match self.bits {
            Bits::One => 1,
            Bits::Two => 3,
        }
    }

    const fn per_byte(bits: Bits) -> usize {
        match bits {
            Bits::One => 8,
            Bits::Two => 4,
        }
    }
}

/// Level 9, as section 4.1 recommends.
const BEST_COMPRESSION: u8 = 9;
/// Room for 64 M entries of two bits: the country's 38 M holders with one pass each would fit.
pub const MAX_PACKED_BYTES: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        hex::decode(text).unwrap()
    }

    fn with(bits: Bits, entries: u32, set: &[(u32, u8)]) -> StatusList {
        let mut list = StatusList::new(bits, entries);
        for (index, status) in set {
            assert!(list.set(StatusIndex::new(*index), Status::from_bits(*status)));
        }
        list
    }

    // Token Status List, section 4 and appendix C (public examples, IETF draft of 2026-04-20).
    #[test]
    fn the_standards_short_examples_are_written_byte_for_byte() {
        let one = StatusList::from_packed(Bits::One, vec![0xb9, 0xa3]);
        assert_eq!(one.write(Writer::new()).finish(), hex("a2646269747301636c73744a78dadbb918000217015d"));
        let two = StatusList::from_packed(Bits::Two, vec![0xc9, 0x44, 0xf9]);
        assert_eq!(two.write(Writer::new()).finish(), hex("a2646269747302636c73744b78da3be9f2130003df0207"));
    }

    #[test]
    fn the_standards_long_examples_are_read_with_every_entry() {
        let one = with(
            Bits::One,
            1 << 20,
            &[0, 1993, 25_460, 159_495, 495_669, 554_353, 645_645, 723_232, 854_545, 934_534, 1_000_345]
                .map(|index| (index, 1)),
        );
        let two = with(
            Bits::Two,
            1 << 20,
            &[
                (0, 1),
                (1993, 2),
                (25_460, 1),
                (159_495, 3),
                (495_669, 1),
                (554_353, 1),
                (645_645, 2),
                (723_232, 1),
                (854_545, 1),
                (934_534, 2),
                (1_000_345, 3),
            ],
        );
        for (list, example) in [(one, LONG_1), (two, LONG_2)] {
            let example = hex(&example.replace(char::is_whitespace, ""));
            let read = Reader::whole(&example, |r| StatusList::read(r, MAX_PACKED_BYTES)).unwrap();
            assert!(read == list);
            let own = list.write(Writer::new()).finish();
            assert!(Reader::whole(&own, |r| StatusList::read(r, MAX_PACKED_BYTES)).unwrap() == list);
        }
    }

    #[test]
    fn a_list_that_inflates_past_its_limit_is_refused() {
        let bomb = StatusList::new(Bits::Two, 1 << 22).write(Writer::new()).finish();
        assert!(bomb.len() < 2000);
        assert!(Reader::whole(&bomb, |r| StatusList::read(r, 1 << 20)).is_ok());
        let refused = Reader::whole(&bomb, |r| StatusList::read(r, (1 << 20) - 1)).err();
        assert_eq!(refused, Some(Malformed::BadCompression));
    }

    #[test]
    fn an_index_past_the_end_has_no_status() {
        let mut list = StatusList::new(Bits::Two, 8);
        assert_eq!(list.get(StatusIndex::new(7)), Some(Status::Valid));
        assert_eq!(list.get(StatusIndex::new(8)), None);
        assert!(!list.set(StatusIndex::new(8), Status::Invalid));
        assert!(!StatusList::new(Bits::One, 8).set(StatusIndex::new(0), Status::Suspended));
    }

    proptest! {
        #[test]
        fn what_is_set_is_got(set in proptest::collection::vec((0u32..1000, 0u8..4), 0..50)) {
            let list = with(Bits::Two, 1000, &set);
            for (index, _) in &set {
                let last = set.iter().rev().find(|(other, _)| other == index).unwrap().1;
                prop_assert_eq!(list.get(StatusIndex::new(*index)), Some(Status::from_bits(last)));
            }
        }
    }

    const LONG_1: &str = "
        a2646269747301636c737458bd78daeddc010dc0200c0041a88249400ad2903e0f4b
        ba00bd93f002beb7a2a2010000a91e09000000000000000000000000000000807296
        04000000000000000000000000000000000000000000000000000000000000000000
        000000000000005c6f4800000000000000fc2c240000000000000000000000be1b12
        000000000000000000ecaa4b000000000000000000000000000000009b0b09000000
        00000000000038de9400000000000000002a30cc010000000080642f0bd8011b";
    const LONG_2: &str = "
        a2646269747302636c737459013d78daeddb310d00211000412ea1a04004fe5520ed
        357c28c81d3312b6df68bc65480000000000406e2101000000000000000000000000
        0000000000000000000000000000000000000040795b020000000000000000000000
        00000000000000000000000000000000000000000000000000000000000000000000
        00000000000000000000000000000000000000000000000000000000000000000000
        0080f4ba0400000000000000000000000000406d764a000000000000000000000000
        000000000000000000e0922101000000000000000000000000000000000000fc1312
        00000000000000000000000000000000000000000000000000000000000000c0912e
        01000000000000000000000000000000000000c07d4b020000000000000000000000
        00000000a8614a0000000000000000000000406a1fcd60010c";
}
