//! Command and response APDUs (ISO 7816-4, 5.1 and 5.2): short and extended length, no copy.

use crate::{Error, StatusWord, Writer};

/// The longest data field, of a command or a response, as it stands on the wire.
///
/// Contactless chips rarely take more than 1 to 4 kB; 1 kB carries a photo in a dozen commands.
pub const MAX_DATA: usize = 1024;

/// The longest command: header, extended Lc, data, extended Le.
pub const MAX_COMMAND: usize = 4 + 3 + MAX_DATA + 2;

/// The longest response: data and status word.
pub const MAX_RESPONSE: usize = MAX_DATA + 2;

/// A command, seen in the bytes that carried it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Command<'a> {
    /// Class.
    pub cla: u8,
    /// Instruction.
    pub ins: u8,
    /// First parameter.
    pub p1: u8,
    /// Second parameter.
    pub p2: u8,
    /// The data field; empty where Lc is absent.
    pub data: &'a [u8],
    /// Ne, the most bytes the host expects back: 0 where Le is absent, else 1 to 65536.
    pub expected: usize,
    /// Lengths stand in the extended form although the short one would do. Secure channels MAC the form on the wire.
    pub extended_by_choice: bool,
}

impl<'a> Command<'a> {
    /// A command of case 1: no data, no response data.
    #[must_use]
    pub const fn new(cla: u8, ins: u8, p1: u8, p2: u8) -> Self {
        Self { cla, ins, p1, p2, data: &[], expected: 0, extended_by_choice: false }
    }

    /// The same with a data field.
    #[must_use]
    pub const fn with_data(mut self, data: &'a [u8]) -> Self {
        self.data = data;
        self
    }

    /// The same, expecting at most `expected` bytes back (256 is the whole of a short response).
    #[must_use]
    pub const fn expecting(mut self, expected: usize) -> Self {
        self.expected = expected;
        self
    }

    /// Whether lengths stand in the extended form.
    #[must_use]
    pub const fn is_extended(&self) -> bool {
        self.extended_by_choice || self.data.len() > 255 || self.expected > 256
    }

    /// Reads one command; every byte must be accounted for.
    ///
    /// # Errors
    /// [`Error::NotACommand`], which a card answers with 6700.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let (&[cla, ins, p1, p2], body) = bytes.split_first_chunk().ok_or(Error::NotACommand)?;
        let (data, expected) = match *body {
            // Case 1.
            [] => (&[][..], 0),
            // Case 2 short.
            [le] => (&[][..], ne(u16::from(le), 256)),
            // Case 2 extended.
            [0, high, low] => (&[][..], ne(u16::from_be_bytes([high, low]), 65_536)),
            // Cases 3 and 4 extended. Lc of zero is not a length (ISO 7816-4, 5.1).
            [0, high, low, ref rest @ ..] if (high, low) != (0, 0) => {
                let (data, le) = split(rest, usize::from(u16::from_be_bytes([high, low])))?;
                match *le {
                    [] => (data, 0),
                    [high, low] => (data, ne(u16::from_be_bytes([high, low]), 65_536)),
                    _ => return Err(Error::NotACommand),
                }
            }
            // Cases 3 and 4 short.
            [lc, ref rest @ ..] if lc != 0 => {
                let (data, le) = split(rest, usize::from(lc))?;
                match *le {
                    [] => (data, 0),
                    [le] => (data, ne(u16::from(le), 256)),
                    _ => return Err(Error::NotACommand),
                }
            }
            _ => return Err(Error::NotACommand),
        };
        // All extended forms, and no short one, begin with a zero that more bytes follow.
        let extended = matches!(body, [0, _, ..]);
        let extended_by_choice = extended && data.len() <= 255 && expected <= 256;
        Ok(Self { cla, ins, p1, p2, data, expected, extended_by_choice })
    }

    /// Writes the command in the shortest form that holds it, unless extended by choice, and returns what was written.
    ///
    /// # Errors
    /// [`Error::BufferFull`] where `out` is too small, or the data field or Ne is longer than any APDU.
    pub fn write<'b>(&self, out: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let mut writer = Writer::new(out);
        writer.put(&[self.cla, self.ins, self.p1, self.p2])?;
        let lc = u16::try_from(self.data.len()).map_err(|_| Error::BufferFull)?;
        // 65536 is written as 0000, 256 as 00.
        let le = u32::try_from(self.expected).ok().filter(|&ne| ne <= 65_536).ok_or(Error::BufferFull)?;
        let [_, _, le_high, le_low] = le.to_be_bytes();
        let extended = self.is_extended();
        match (lc, extended) {
            (0, false) => {}
            (1.., false) => writer.put_u8(lc.to_be_bytes()[1])?,
            (0, true) => writer.put_u8(0)?,
            (1.., true) => {
                writer.put_u8(0)?;
                writer.put(&lc.to_be_bytes())?;
            }
        }
        writer.put(self.data)?;
        match (le, extended) {
            (0, _) => {}
            (1.., false) => writer.put_u8(le_low)?,
            (1.., true) => writer.put(&[le_high, le_low])?,
        }
        Ok(writer.finish())
    }
}

/// A response, seen in the bytes that carried it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Response<'a> {
    /// The data field.
    pub data: &'a [u8],
    /// How it went.
    pub status: StatusWord,
}

impl<'a> Response<'a> {
    /// Reads one response.
    ///
    /// # Errors
    /// [`Error::NotAResponse`] where fewer than two bytes came.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        let (data, &[sw1, sw2]) = bytes.split_last_chunk().ok_or(Error::NotAResponse)?;
        Ok(Self { data, status: StatusWord::new(sw1, sw2) })
    }
}

/// Ne from Le: zero stands for the most that fits.
fn ne(le: u16, zero_means: usize) -> usize {
    if le == 0 { zero_means } else { usize::from(le) }
}

fn split(bytes: &[u8], at: usize) -> Result<(&[u8], &[u8]), Error> {
    bytes.split_at_checked(at).ok_or(Error::NotACommand)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec;
    use std::vec::Vec;

    fn write(command: &Command<'_>) -> Vec<u8> {
        let mut out = vec![0; 70_000];
        command.write(&mut out).unwrap().to_vec()
    }

    #[test]
    fn each_case_of_the_standard_is_written_in_its_shortest_form() {
        let command = Command::new(0, 0xB0, 1, 2);
        assert_eq!(write(&command), [0, 0xB0, 1, 2]);
        assert_eq!(write(&command.expecting(256)), [0, 0xB0, 1, 2, 0]);
        assert_eq!(write(&command.expecting(257)), [0, 0xB0, 1, 2, 0, 1, 1]);
        assert_eq!(write(&command.expecting(65_536)), [0, 0xB0, 1, 2, 0, 0, 0]);
        assert_eq!(write(&command.with_data(&[9])), [0, 0xB0, 1, 2, 1, 9]);
        assert_eq!(write(&command.with_data(&[9]).expecting(8)), [0, 0xB0, 1, 2, 1, 9, 8]);
        assert_eq!(write(&command.with_data(&[9]).expecting(300)), [0, 0xB0, 1, 2, 0, 0, 1, 9, 1, 44]);
        let chosen = Command { extended_by_choice: true, ..command.with_data(&[9]) };
        assert_eq!(write(&chosen), [0, 0xB0, 1, 2, 0, 0, 1, 9]);
        assert_eq!(write(&command.with_data(&[7; 256]))[..8], [0, 0xB0, 1, 2, 0, 1, 0, 7]);
    }

    #[test]
    fn a_length_of_zero_data_bytes_is_not_a_command() {
        assert_eq!(Command::parse(&[0, 0xB0, 0, 0, 0, 0]), Err(Error::NotACommand));
        assert_eq!(Command::parse(&[0, 0xB0, 0, 0, 0, 0, 0, 0]), Err(Error::NotACommand));
        assert_eq!(Command::parse(&[0, 0xB0, 0, 0, 0, 0, 0, 0, 0]), Err(Error::NotACommand));
    }

    #[test]
    fn truncated_and_overlong_commands_are_refused() {
        for bytes in
            [&[][..], &[0; 3], &[0, 1, 2, 3, 2, 9], &[0, 1, 2, 3, 1, 9, 0, 0], &[0, 1, 2, 3, 0, 0, 2, 9]]
        {
            assert_eq!(Command::parse(bytes), Err(Error::NotACommand), "{bytes:02X?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let data = vec![0; 65_536];
        assert_eq!(
            Command::new(0, 0, 0, 0).with_data(&data).write(&mut vec![0; 70_000]),
            Err(Error::BufferFull)
        );
        assert_eq!(Command::new(0, 0, 0, 0).expecting(65_537).write(&mut [0; 20]), Err(Error::BufferFull));
        assert_eq!(Command::new(0, 0, 0, 0).with_data(&[1, 2]).write(&mut [0; 6]), Err(Error::BufferFull));
    }

    proptest! {
        #[test]
        fn a_written_command_reads_back_the_same(
            head: [u8; 4], extended: bool, data in proptest::collection::vec(any::<u8>(), 0..700), expected in 0usize..=65_536,
        ) {
            let [cla, ins, p1, p2] = head;
            let mut command = Command::new(cla, ins, p1, p2).with_data(&data).expecting(expected);
            // Without any length there is no form to choose.
            command.extended_by_choice =
                extended && !command.is_extended() && !(data.is_empty() && expected == 0);
            let bytes = write(&command);
            prop_assert_eq!(Command::parse(&bytes), Ok(command));
        }

        /// The crate `iso7816` reads lengths on its own. Left out: CLA FF, which it refuses, and an extended Lc
        /// of zero followed by Le, which it takes although the standard starts Lc at one.
        #[test]
        fn lengths_are_read_as_another_library_reads_them(
            bytes in proptest::collection::vec(prop_oneof![Just(0u8), Just(1u8), 0u8..9], 0..16),
        ) {
            prop_assume!(bytes.get(4..7) != Some(&[0; 3][..]) || bytes.len() == 7);
            let theirs = iso7816::command::CommandView::try_from(&bytes[..]).ok();
            let ours = Command::parse(&bytes).ok();
            prop_assert_eq!(ours.map(|c| (c.data, c.expected)), theirs.map(|c| (c.data(), c.expected())));
        }
    }
}
