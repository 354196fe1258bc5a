//! CBOR in its one deterministic encoding (RFC 8949, section 4.2.1), as far as this profile uses it.
//! The reader is strict by construction: it has no way to accept a long integer, an indefinite length,
//! or map keys in another order than the profile asks for them. Values are borrowed from the input.

mod map;
mod reader;
mod writer;

pub use map::Map;
pub use reader::Reader;
pub use writer::Writer;

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

// Major types, RFC 8949, section 3.1.
const UINT: u8 = 0;
const NINT: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;
const SIMPLE: u8 = 7;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Malformed;
    use alloc::vec;
    use alloc::vec::Vec;
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
