//! Tags of GET DATA, each answered as one TLV, and card recognition data.

use crate::{Error, Writer, tlv};

/// Card serial ([`crate::Serial`]), GlobalPlatform's card image number.
pub const SERIAL: u16 = 0x0045;
/// Card recognition data.
pub const CARD_RECOGNITION: u16 = 0x0066;
/// Key information template.
pub const KEY_INFORMATION: u16 = 0x00E0;
/// Profile version ([`crate::PROFILE_VERSION`]).
pub const PROFILE_VERSION: u16 = 0x9F08;
/// Life cycle ([`crate::LifeCycle`]).
pub const LIFE_CYCLE: u16 = 0x9F70;
/// The content of EF.STATUS ([`crate::CardStatus`]).
pub const STATUS: u16 = 0xDF30;
/// The card's public key: `7F49 { 86 <32 bytes> }`, the answer to GENERATE ASYMMETRIC KEY PAIR.
pub const PUBLIC_KEY: u16 = 0x7F49;

/// Writes card recognition data (GlobalPlatform 2.3.1, H.2): a GlobalPlatform 2.3 card with SCP03, i = 70.
/// Foreign hosts choose their secure channel by it.
///
/// # Errors
/// [`Error::BufferFull`].
pub fn put_card_recognition(writer: &mut Writer<'_>) -> Result<(), Error> {
    // 1.2.840.114283 is GlobalPlatform's arc.
    const RECOGNITION: [u8; 7] = [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x01];
    const VERSION_2_3: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x02, 0x02, 0x03];
    const SCP03_I70: [u8; 9] = [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x04, 0x03, 0x70];
    tlv::put_nested(writer, CARD_RECOGNITION, |outer| {
        tlv::put_nested(outer, 0x73, |data| {
            tlv::put(data, 0x06, &RECOGNITION)?;
            tlv::put_nested(data, 0x60, |version| tlv::put(version, 0x06, &VERSION_2_3))?;
            tlv::put_nested(data, 0x64, |channel| tlv::put(channel, 0x06, &SCP03_I70))
        })
    })
}

/// Writes a public key as GENERATE ASYMMETRIC KEY PAIR answers it.
///
/// # Errors
/// [`Error::BufferFull`].
pub fn put_public_key(writer: &mut Writer<'_>, key: &[u8; 32]) -> Result<(), Error> {
    tlv::put_nested(writer, PUBLIC_KEY, |outer| tlv::put(outer, 0x86, key))
}

/// Reads a public key out of the answer of GENERATE ASYMMETRIC KEY PAIR.
///
/// # Errors
/// [`Error::BadTlv`], or [`Error::BadObject`] for another length.
pub fn parse_public_key(bytes: &[u8]) -> Result<[u8; 32], Error> {
    let key = tlv::find(bytes, &[PUBLIC_KEY, 0x86])?;
    key.try_into().map_err(|_| Error::BadObject { object: "public key" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_recognition_names_scp03_with_i_70() {
        let mut buffer = [0; 64];
        let mut writer = Writer::new(&mut buffer);
        put_card_recognition(&mut writer).unwrap();
        let scp = tlv::find(writer.written(), &[0x66, 0x73, 0x64, 0x06]).unwrap();
        assert_eq!(scp, [0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B, 0x04, 0x03, 0x70]);
    }

    #[test]
    fn a_public_key_reads_back_the_same() {
        let mut buffer = [0; 64];
        let mut writer = Writer::new(&mut buffer);
        put_public_key(&mut writer, &[5; 32]).unwrap();
        assert_eq!(writer.written()[..5], [0x7F, 0x49, 34, 0x86, 32]);
        assert_eq!(parse_public_key(writer.written()), Ok([5; 32]));
        assert!(parse_public_key(&[0x7F, 0x49, 3, 0x86, 1, 0]).is_err());
    }
}
