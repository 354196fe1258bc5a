//! File control information: SELECT's answer, by which a host knows our application from one that took its AID.

use crate::{AID, Error, LifeCycle, Writer, tlv};

/// The profile's version: one byte of change that breaks, one that adds.
pub const PROFILE_VERSION: [u8; 2] = [1, 0];

/// What SELECT answers: `6F { 84 AID, A5 { 9F08 version, 8A life cycle, 9F65 longest data field } }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fci {
    /// Life-cycle state.
    pub life_cycle: LifeCycle,
    /// The longest data field the card takes and gives, as it stands on the wire; above 255 it knows extended
    /// length.
    pub max_data: u16,
}

impl Fci {
    /// Writes the answer to SELECT.
    ///
    /// # Errors
    /// [`Error::BufferFull`].
    pub fn put(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        tlv::put_nested(writer, 0x6F, |fci| {
            tlv::put(fci, 0x84, &AID)?;
            tlv::put_nested(fci, 0xA5, |own| {
                tlv::put(own, 0x9F08, &PROFILE_VERSION)?;
                tlv::put(own, 0x8A, &[self.life_cycle.as_u8()])?;
                tlv::put(own, 0x9F65, &self.max_data.to_be_bytes())
            })
        })
    }

    /// Reads the answer to SELECT.
    ///
    /// # Errors
    /// [`Error::BadTlv`], or [`Error::BadObject`] where it is another application or a version that broke with
    /// this one.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        const BAD: Error = Error::BadObject { object: "FCI" };
        let own = tlv::find(bytes, &[0x6F, 0xA5])?;
        let ours = tlv::find(bytes, &[0x6F, 0x84])? == AID;
        let version = tlv::find(own, &[0x9F08])?;
        if !ours || version.len() != PROFILE_VERSION.len() || version.first() != PROFILE_VERSION.first() {
            return Err(BAD);
        }
        let &[life_cycle] = tlv::find(own, &[0x8A])? else { return Err(BAD) };
        let &[high, low] = tlv::find(own, &[0x9F65])? else { return Err(BAD) };
        Ok(Self { life_cycle: LifeCycle::from_u8(life_cycle)?, max_data: u16::from_be_bytes([high, low]) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_to_select_is_26_bytes_and_reads_back() {
        let fci = Fci { life_cycle: LifeCycle::Active, max_data: 1024 };
        let mut buffer = [0; 64];
        let mut writer = Writer::new(&mut buffer);
        fci.put(&mut writer).unwrap();
        assert_eq!(writer.len(), 26);
        assert_eq!(Fci::parse(writer.written()), Ok(fci));
    }

    #[test]
    fn another_application_or_a_later_version_is_refused() {
        let mut buffer = [0; 64];
        let mut writer = Writer::new(&mut buffer);
        Fci { life_cycle: LifeCycle::Active, max_data: 1024 }.put(&mut writer).unwrap();
        let length = writer.len();
        for place in [4, 16] {
            let mut other = buffer;
            other[place] ^= 2;
            assert!(Fci::parse(&other[..length]).is_err(), "byte {place}");
        }
        assert!(Fci::parse(&[]).is_err());
    }
}
