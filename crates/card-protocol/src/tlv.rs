//! BER-TLV (ISO 7816-4, 5.2.2): tags of one or two bytes, definite lengths up to 65535.
//! Non-shortest lengths are read, as ISO 7816-4 allows them, and never written.

use crate::{Error, Writer};

/// One data object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag, as the number its bytes make: `0x84`, `0x9F08`.
    pub tag: u16,
    /// The value field.
    pub value: &'a [u8],
}

/// The data objects that stand one after the other in `bytes`; ends after the first error.
pub fn objects(bytes: &[u8]) -> impl Iterator<Item = Result<Tlv<'_>, Error>> {
    let mut rest = bytes;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let parsed = split_first(rest);
        rest = parsed.map_or(&[], |(_, rest)| rest);
        Some(parsed.map(|(object, _)| object))
    })
}

/// The value of the first object under `path`, the outermost tag first: `find(fci, &[0x6F, 0x84])`.
///
/// # Errors
/// [`Error::BadTlv`] where anything before it is malformed, or it is absent.
pub fn find<'a>(bytes: &'a [u8], path: &[u16]) -> Result<&'a [u8], Error> {
    let mut within = bytes;
    for &tag in path {
        within = objects(within)
            .find_map(|object| match object {
                Ok(object) if object.tag != tag => None,
                other => Some(other),
            })
            .ok_or(Error::BadTlv)??
            .value;
    }
    Ok(within)
}

/// Writes one object.
///
/// # Errors
/// [`Error::BufferFull`].
pub fn put(writer: &mut Writer<'_>, tag: u16, value: &[u8]) -> Result<(), Error> {
    put_nested(writer, tag, |inner| inner.put(value))
}

/// Writes one constructed object; `content` writes what is inside.
///
/// # Errors
/// [`Error::BufferFull`], or the error of `content`.
pub fn put_nested<'b>(
    writer: &mut Writer<'b>,
    tag: u16,
    content: impl FnOnce(&mut Writer<'b>) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = writer.len();
    content(writer)?;
    let length = u16::try_from(writer.len().saturating_sub(start)).map_err(|_| Error::BufferFull)?;
    let [high, low] = length.to_be_bytes();
    match length {
        0..=0x7F => writer.insert(start, &[low])?,
        0x80..=0xFF => writer.insert(start, &[0x81, low])?,
        0x100.. => writer.insert(start, &[0x82, high, low])?,
    }
    match tag.to_be_bytes() {
        [0, tag] => writer.insert(start, &[tag]),
        tag => writer.insert(start, &tag),
    }
}

fn split_first(bytes: &[u8]) -> Result<(Tlv<'_>, &[u8]), Error> {
    let (tag, rest) = match *bytes {
        // A tag of two bytes. EMV and GlobalPlatform write 9F08 although its number, 8, would fit one byte.
        [first, second @ 0..=0x7F, ref rest @ ..] if first & 0x1F == 0x1F => {
            (u16::from_be_bytes([first, second]), rest)
        }
        [first, ref rest @ ..] if first & 0x1F != 0x1F => (u16::from(first), rest),
        _ => return Err(Error::BadTlv),
    };
    let (length, rest) = match *rest {
        [length @ 0..=0x7F, ref rest @ ..] => (u16::from(length), rest),
        [0x81, length, ref rest @ ..] => (u16::from(length), rest),
        [0x82, high, low, ref rest @ ..] => (u16::from_be_bytes([high, low]), rest),
        _ => return Err(Error::BadTlv),
    };
    let (value, rest) = rest.split_at_checked(usize::from(length)).ok_or(Error::BadTlv)?;
    Ok((Tlv { tag, value }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;

    #[test]
    fn a_nested_object_is_found_by_its_path() {
        let mut buffer = [0; 40];
        let mut writer = Writer::new(&mut buffer);
        put_nested(&mut writer, 0x6F, |fci| {
            put(fci, 0x84, &[0xF0, 1])?;
            put_nested(fci, 0xA5, |own| put(own, 0x9F08, &[1, 0]))
        })
        .unwrap();
        let fci = writer.finish();
        assert_eq!(fci, [0x6F, 11, 0x84, 2, 0xF0, 1, 0xA5, 5, 0x9F, 8, 2, 1, 0]);
        assert_eq!(find(fci, &[0x6F, 0xA5, 0x9F08]), Ok(&[1, 0][..]));
        assert_eq!(find(fci, &[0x6F, 0xA5, 0x84]), Err(Error::BadTlv));
    }

    #[test]
    fn lengths_take_the_fewest_bytes() {
        for (length, head) in
            [(127, vec![0x53, 127]), (128, vec![0x53, 0x81, 128]), (256, vec![0x53, 0x82, 1, 0])]
        {
            let mut buffer = [0; 300];
            let mut writer = Writer::new(&mut buffer);
            put(&mut writer, 0x53, &vec![7; length]).unwrap();
            assert_eq!(writer.written()[..head.len()], head);
            assert_eq!(find(writer.written(), &[0x53]).unwrap().len(), length);
        }
    }

    #[test]
    fn truncated_overlong_and_indefinite_objects_are_refused() {
        let bad: [&[u8]; 7] = [
            &[0x84],
            &[0x84, 2, 1],
            &[0x84, 0x80, 0, 0],
            &[0x84, 0x81],
            &[0x84, 0x82, 1],
            &[0x84, 0x83, 0, 0, 0],
            &[0x9F, 0x81, 1, 0],
        ];
        for bytes in bad {
            assert_eq!(objects(bytes).next(), Some(Err(Error::BadTlv)), "{bytes:02X?}");
            assert_eq!(objects(bytes).count(), 1);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let read: usize = objects(&bytes).flatten().map(|object| object.value.len()).sum();
            prop_assert!(read <= bytes.len());
        }
    }
}
