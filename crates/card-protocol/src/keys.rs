//! A card's SCP03 key set, how it is derived from a role's master key, and how PUT KEY carries it.

use crate::{Error, Key, KeyVersion, Secret, Serial, Writer, kdf};
use aes::Aes128;
use aes::cipher::{Block, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use zeroize::Zeroize as _;

/// One key set: three AES-128 keys.
#[derive(Debug)]
pub struct StaticKeys {
    /// Key-ENC: session encryption, and the card challenge.
    pub enc: Key,
    /// Key-MAC: session MACs, and the cryptograms.
    pub mac: Key,
    /// Key-DEK: wraps the keys of PUT KEY.
    pub dek: Key,
}

impl StaticKeys {
    /// From 48 bytes: ENC, MAC, DEK, as a card keeps them. The caller wipes its own copy.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 48]) -> Self {
        let part = |skip: usize| {
            Key::filled(|key| key.iter_mut().zip(bytes.iter().skip(skip)).for_each(|(k, byte)| *k = *byte))
        };
        Self { enc: part(0), mac: part(16), dek: part(32) }
    }

    /// Reads 96 hexadecimal digits: ENC, MAC, DEK, as key files write them; spaces between are passed over.
    ///
    /// # Errors
    /// [`Error::BadObject`].
    pub fn parse(hex: &str) -> Result<Self, Error> {
        Secret::<48>::parse(hex).map(|bytes| Self::from_bytes(bytes.expose()))
    }

    /// The 48 bytes, for the card's memory.
    #[must_use]
    pub fn to_secret(&self) -> Secret<48> {
        let Self { enc, mac, dek } = self;
        Secret::filled(|bytes| {
            let keys = [enc, mac, dek].into_iter().flat_map(|key| key.expose());
            bytes.iter_mut().zip(keys).for_each(|(place, byte)| *place = *byte);
        })
    }

    /// Writes the data field of PUT KEY: `version`, then of each key `88 11 10`, the key under `dek`, its check
    /// value (GlobalPlatform 2.3.1, 11.8.2.3; Amendment D, 7.2).
    ///
    /// # Errors
    /// [`Error::BufferFull`].
    pub fn put(&self, writer: &mut Writer<'_>, version: KeyVersion, dek: &Key) -> Result<(), Error> {
        let cipher = Aes128::new(dek.expose().into());
        writer.put_u8(version.as_u8())?;
        for key in [&self.enc, &self.mac, &self.dek] {
            // CBC with a zero ICV over one block is the block cipher itself.
            let mut block: Block<Aes128> = (*key.expose()).into();
            cipher.encrypt_block(&mut block);
            writer.put(WRAPPED_HEADS[0])?;
            writer.put(&block)?;
            writer.put_u8(3)?;
            writer.put(&check_value(key))?;
        }
        Ok(())
    }

    /// Reads the data field of PUT KEY. Some hosts write `88 10` for `88 11 10`; both are taken.
    ///
    /// # Errors
    /// [`Error::BadObject`], or [`Error::WrongKeyCheckValue`].
    pub fn from_wrapped(data: &[u8], dek: &Key) -> Result<(KeyVersion, Self), Error> {
        const BAD: Error = Error::BadObject { object: "PUT KEY data" };
        let cipher = Aes128::new(dek.expose().into());
        let (&version, mut rest) = data.split_first().ok_or(BAD)?;
        let version = KeyVersion::new(version).ok_or(BAD)?;
        let mut next = || {
            let after = WRAPPED_HEADS.iter().find_map(|head| rest.strip_prefix(*head)).ok_or(BAD)?;
            let (wrapped, after) = after.split_first_chunk::<16>().ok_or(BAD)?;
            let (&[3, k0, k1, k2], after) = after.split_first_chunk().ok_or(BAD)? else { return Err(BAD) };
            rest = after;
            let mut block: Block<Aes128> = (*wrapped).into();
            cipher.decrypt_block(&mut block);
            let key = Key::filled(|key| key.copy_from_slice(&block));
            block.zeroize();
            if check_value(&key) == [k0, k1, k2] { Ok(key) } else { Err(Error::WrongKeyCheckValue) }
        };
        let keys = Self { enc: next()?, mac: next()?, dek: next()? };
        if rest.is_empty() { Ok((version, keys)) } else { Err(BAD) }
    }

    /// The answer to PUT KEY: `version` and the three check values.
    #[must_use]
    pub fn receipt(&self, version: KeyVersion) -> [u8; 10] {
        let [[e0, e1, e2], [m0, m1, m2], [d0, d1, d2]] = [&self.enc, &self.mac, &self.dek].map(check_value);
        [version.as_u8(), e0, e1, e2, m0, m1, m2, d0, d1, d2]
    }
}

/// A role's master key: the issuer keeps one of each, cards never see it.
#[derive(Debug)]
pub struct MasterKey(Key);

impl MasterKey {
    /// Takes the key in.
    #[must_use]
    pub const fn new(key: Key) -> Self {
        Self(key)
    }

    /// Reads 32 hexadecimal digits, as key files write them.
    ///
    /// # Errors
    /// [`Error::BadObject`].
    pub fn parse(hex: &str) -> Result<Self, Error> {
        Key::parse(hex).map(Self)
    }

    /// The card's own key set: SP 800-108 with the labels `DC1-ENC`, `DC1-MAC`, `DC1-DEK` and the context
    /// serial, version.
    #[must_use]
    pub fn diversify(&self, serial: Serial, version: KeyVersion) -> StaticKeys {
        let context: [&[u8]; 2] = [serial.as_bytes(), &[version.as_u8()]];
        StaticKeys {
            enc: kdf::derive(&self.0, b"DC1-ENC", &context),
            mac: kdf::derive(&self.0, b"DC1-MAC", &context),
            dek: kdf::derive(&self.0, b"DC1-DEK", &context),
        }
    }
}

/// Type AES, length, length of the key in the clear (Amendment D, 7.2), or without the last.
const WRAPPED_HEADS: [&[u8]; 2] = [&[0x88, 0x11, 0x10], &[0x88, 0x10]];

/// The first three bytes of a block of ones under the key (GlobalPlatform 2.3.1, B.6).
fn check_value(key: &Key) -> [u8; 3] {
    let mut block: Block<Aes128> = [1; 16].into();
    Aes128::new(key.expose().into()).encrypt_block(&mut block);
    let [k0, k1, k2, ..]: [u8; 16] = block.into();
    [k0, k1, k2]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    fn keys() -> StaticKeys {
        MasterKey::new(Key::new([9; 16])).diversify(Serial::new([1; 8]), Role::Issue.version())
    }

    fn same(a: &StaticKeys, b: &StaticKeys) -> bool {
        a.to_secret().is(b.to_secret().expose())
    }

    #[test]
    fn keys_differ_by_card_by_version_and_by_purpose() {
        let master = MasterKey::new(Key::new([9; 16]));
        assert!(!same(&keys(), &master.diversify(Serial::new([2; 8]), Role::Issue.version())));
        assert!(!same(&keys(), &master.diversify(Serial::new([1; 8]), Role::Update.version())));
        assert!(same(&keys(), &master.diversify(Serial::new([1; 8]), Role::Issue.version())));
        let keys = keys();
        assert!(
            !keys.enc.is(keys.mac.expose())
                && !keys.mac.is(keys.dek.expose())
                && !keys.enc.is(keys.dek.expose())
        );
    }

    #[test]
    fn put_key_carries_a_key_set_under_the_key_that_wraps_it() {
        let dek = Key::new([4; 16]);
        let mut buffer = [0; 80];
        let mut writer = Writer::new(&mut buffer);
        keys().put(&mut writer, Role::Issue.version(), &dek).unwrap();
        assert_eq!(writer.len(), 1 + 3 * 23);
        let (version, read) = StaticKeys::from_wrapped(writer.written(), &dek).unwrap();
        assert_eq!(version, Role::Issue.version());
        assert!(same(&read, &keys()));
        assert_eq!(read.receipt(version)[0], 0x30);
        let wrong = StaticKeys::from_wrapped(writer.written(), &Key::new([5; 16]));
        assert_eq!(wrong.map(|_| ()), Err(Error::WrongKeyCheckValue));
    }

    #[test]
    fn a_truncated_or_overlong_key_set_is_refused() {
        let dek = Key::new([4; 16]);
        let mut buffer = [0; 80];
        let mut writer = Writer::new(&mut buffer);
        keys().put(&mut writer, Role::Issue.version(), &dek).unwrap();
        writer.put_u8(0).unwrap();
        let data = writer.finish();
        for length in (0..70).chain([71]) {
            assert!(StaticKeys::from_wrapped(&data[..length], &dek).is_err(), "{length}");
        }
    }

    /// The check value of GlobalPlatform's well-known test key, 404142...4F.
    #[test]
    fn the_check_value_of_the_well_known_test_key_is_504a77() {
        let key = Key::filled(|key| key.iter_mut().zip(0x40..).for_each(|(place, byte)| *place = byte));
        assert_eq!(check_value(&key), [0x50, 0x4A, 0x77]);
    }
}
