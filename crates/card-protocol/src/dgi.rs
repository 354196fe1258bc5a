//! Data groupings of STORE DATA (EMV CPS 1.1, 2.2): tag (2), length (1, or `FF` and 2), value, one after the
//! other, cut into blocks at any byte.

use crate::{Error, Writer};

/// The tag of a new PIN: an ISO 9564-1 format 2 block.
pub const PIN: u16 = 0xDC10;

/// The tag of the update counter: 4 bytes, the card's counter and one more.
pub const UPDATE_COUNTER: u16 = 0xDC20;

/// Writes one grouping's head.
///
/// # Errors
/// [`Error::BufferFull`].
pub fn put_head(writer: &mut Writer<'_>, tag: u16, length: u16) -> Result<(), Error> {
    writer.put(&tag.to_be_bytes())?;
    match length.to_be_bytes() {
        // FF begins the long form.
        [0, short @ 0..=0xFE] => writer.put_u8(short),
        long => {
            writer.put_u8(0xFF)?;
            writer.put(&long)
        }
    }
}

/// What a block brings to the card, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A grouping begins.
    Head {
        /// Its tag.
        tag: u16,
        /// Bytes of its value.
        length: u16,
    },
    /// Some bytes of its value.
    Value(&'a [u8]),
}

/// Reads groupings out of blocks, keeping nothing but the head in progress.
#[derive(Debug, Clone, Default)]
pub struct Groupings {
    head: [u8; 5],
    head_length: usize,
    /// Bytes of the value still to come.
    value_left: u16,
}

impl Groupings {
    /// The next piece of `block`, which is moved past it; `None` where the block is used up.
    ///
    /// Any bytes are some sequence of groupings: what they mean, and whether they fit, is for the caller to ask.
    pub fn next<'a>(&mut self, block: &mut &'a [u8]) -> Option<Piece<'a>> {
        if self.value_left > 0 {
            let length = block.len().min(usize::from(self.value_left));
            let (value, rest) = block.split_at_checked(length).filter(|(value, _)| !value.is_empty())?;
            *block = rest;
            self.value_left = self.value_left.saturating_sub(u16::try_from(length).unwrap_or(u16::MAX));
            return Some(Piece::Value(value));
        }
        while let Some((&byte, rest)) = block.split_first() {
            *block = rest;
            *self.head.get_mut(self.head_length)? = byte;
            self.head_length = self.head_length.saturating_add(1);
            let (tag, length) = match (self.head_length, self.head) {
                (3, [t0, t1, length @ 0..=0xFE, ..]) => ([t0, t1], u16::from(length)),
                (5, [t0, t1, _, high, low]) => ([t0, t1], u16::from_be_bytes([high, low])),
                _ => continue,
            };
            self.head_length = 0;
            self.value_left = length;
            return Some(Piece::Head { tag: u16::from_be_bytes(tag), length });
        }
        None
    }

    /// Asks that no grouping is left unfinished, after the last block.
    ///
    /// # Errors
    /// [`Error::BadDgi`].
    pub fn finish(&self) -> Result<(), Error> {
        if self.head_length == 0 && self.value_left == 0 { Ok(()) } else { Err(Error::BadDgi) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    fn written(groupings: &[(u16, Vec<u8>)]) -> Vec<u8> {
        let mut buffer = vec![0; 40_000];
        let mut writer = Writer::new(&mut buffer);
        for (tag, value) in groupings {
            put_head(&mut writer, *tag, value.len() as u16).unwrap();
            writer.put(value).unwrap();
        }
        writer.finish().to_vec()
    }

    fn read(bytes: &[u8], block_length: usize) -> Result<Vec<(u16, Vec<u8>)>, Error> {
        let mut groupings = Groupings::default();
        let mut found: Vec<(u16, Vec<u8>)> = Vec::new();
        for mut block in bytes.chunks(block_length) {
            while let Some(piece) = groupings.next(&mut block) {
                match piece {
                    Piece::Head { tag, .. } => found.push((tag, Vec::new())),
                    Piece::Value(value) => found.last_mut().unwrap().1.extend(value),
                }
            }
        }
        groupings.finish().map(|()| found)
    }

    #[test]
    fn a_grouping_cut_short_is_noticed_at_the_end() {
        let bytes = written(&[(0xDC03, vec![1; 300])]);
        assert!(read(&bytes, 7).is_ok());
        for length in [1, 4, 5, 100, 304] {
            assert_eq!(read(&bytes[..length], 7), Err(Error::BadDgi), "{length}");
        }
    }

    proptest! {
        #[test]
        fn groupings_survive_any_cutting_into_blocks(
            values in proptest::collection::vec((any::<u16>(), proptest::collection::vec(any::<u8>(), 0..600)), 0..5),
            block_length in 1usize..400,
        ) {
            prop_assert_eq!(read(&written(&values), block_length), Ok(values));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = read(&bytes, 17);
        }
    }
}
