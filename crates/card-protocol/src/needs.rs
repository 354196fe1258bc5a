//! EF.NEEDS: what service the holder wants a counter or a machine to give, without saying why.
//! A CBOR array of the numbers below, in rising order (RFC 8949, 4.2.1).

use crate::{Error, Writer};

/// One kind of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Need {
    /// 大字: large print.
    LargePrint = 1,
    /// 语音: speak.
    Voice = 2,
    /// 手语: sign language.
    SignLanguage = 3,
    /// 陪护: an escort comes along.
    Escort = 4,
}

/// A set of needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Needs(u8);

impl Needs {
    /// No need.
    pub const NONE: Self = Self(0);
    const ALL: [Need; 4] = [Need::LargePrint, Need::Voice, Need::SignLanguage, Need::Escort];

    /// The same set with one more.
    #[must_use]
    pub const fn with(self, need: Need) -> Self {
        Self(self.0 | 1 << need as u8)
    }

    /// Whether it is in the set.
    #[must_use]
    pub const fn contains(self, need: Need) -> bool {
        self.0 & 1 << need as u8 != 0
    }

    /// The set's members, by their numbers.
    pub fn iter(self) -> impl Iterator<Item = Need> {
        Self::ALL.into_iter().filter(move |need| self.contains(*need))
    }

    /// Writes the file's bytes.
    ///
    /// # Errors
    /// [`Error::BufferFull`].
    pub fn write(self, out: &mut [u8]) -> Result<&[u8], Error> {
        let mut writer = Writer::new(out);
        writer.put_u8(ARRAY | self.iter().count().to_be_bytes().last().copied().unwrap_or(0))?;
        for need in self.iter() {
            writer.put_u8(need as u8)?;
        }
        Ok(writer.finish())
    }

    /// Reads the file's bytes. Numbers that came later than this program are passed over.
    ///
    /// # Errors
    /// [`Error::BadObject`] for anything but a short array of small numbers in rising order.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        const BAD: Error = Error::BadObject { object: "EF.NEEDS" };
        let (&head, numbers) = bytes.split_first().ok_or(BAD)?;
        // CBOR major type 4 with the count in the head; numbers below 24 are one byte each.
        let counted = head & 0xE0 == ARRAY && usize::from(head & 0x1F) == numbers.len() && numbers.len() < 24;
        if !counted || numbers.iter().any(|&number| number >= 24) || !numbers.is_sorted_by(|a, b| a < b) {
            return Err(BAD);
        }
        let known = Self::ALL.into_iter().filter(|need| numbers.contains(&(*need as u8)));
        Ok(known.fold(Self::NONE, Self::with))
    }
}

const ARRAY: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_read_back_the_same_and_unknown_ones_are_passed_over() {
        let needs = Needs::NONE.with(Need::Escort).with(Need::Voice);
        let mut buffer = [0; 8];
        assert_eq!(needs.write(&mut buffer), Ok(&[0x82, 2, 4][..]));
        assert_eq!(Needs::from_slice(&[0x83, 2, 4, 9]), Ok(needs));
        assert_eq!(Needs::from_slice(&[0x80]), Ok(Needs::NONE));
    }

    #[test]
    fn other_cbor_is_refused() {
        for bytes in
            [&[][..], &[0x82, 2], &[0x81, 2, 4], &[0x82, 4, 2], &[0x82, 2, 2], &[0x81, 24], &[0xA0], &[2]]
        {
            assert!(Needs::from_slice(bytes).is_err(), "{bytes:02X?}");
        }
    }
}
