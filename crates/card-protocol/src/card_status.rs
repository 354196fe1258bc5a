//! EF.STATUS: what the card says of itself to anyone, so that a job knows where to go on.

use crate::{Error, KeyVersion, LifeCycle, Writer};

/// The last step of personalisation that the card has kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// As delivered.
    None = 0,
    /// The issuer's keys replaced the transport keys.
    Keys = 1,
    /// The card's own key pair is made.
    KeyPair = 2,
    /// The files are committed.
    Files = 3,
}

/// The retry counter of the PIN, as EF.STATUS shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PinState {
    /// No PIN was ever set.
    Unset,
    /// So many tries are left; 0 is blocked.
    TriesLeft(u8),
}

/// The content of EF.STATUS, 12 bytes.
///
/// | bytes | meaning |
/// |---|---|
/// | 1 | layout version, 01 |
/// | 1 | life cycle |
/// | 4 | update counter, big-endian |
/// | 1 | PIN tries left, FF where none is set |
/// | 1 | last finished step |
/// | 4 | versions of the key sets, 00 where there is none |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CardStatus {
    /// Life-cycle state.
    pub life_cycle: LifeCycle,
    /// How often files were committed; the next STORE DATA carries one more.
    pub update_counter: u32,
    /// The PIN.
    pub pin: PinState,
    /// How far personalisation came.
    pub step: Step,
    /// The key sets in the card.
    pub key_versions: [Option<KeyVersion>; 4],
}

impl CardStatus {
    /// Bytes of the file.
    pub const LENGTH: usize = 12;
    const LAYOUT: u8 = 1;
    const PIN_UNSET: u8 = 0xFF;

    /// The file's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let Self { life_cycle, update_counter, pin, step, key_versions } = *self;
        let [u0, u1, u2, u3] = update_counter.to_be_bytes();
        let [k0, k1, k2, k3] = key_versions.map(|version| version.map_or(0, KeyVersion::as_u8));
        let pin = match pin {
            PinState::Unset => Self::PIN_UNSET,
            PinState::TriesLeft(tries) => tries,
        };
        [Self::LAYOUT, life_cycle.as_u8(), u0, u1, u2, u3, pin, step as u8, k0, k1, k2, k3]
    }

    /// Reads the file's bytes.
    ///
    /// # Errors
    /// [`Error::BadObject`].
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        const BAD: Error = Error::BadObject { object: "EF.STATUS" };
        let &[Self::LAYOUT, life_cycle, u0, u1, u2, u3, pin, step, k0, k1, k2, k3] = bytes else {
            return Err(BAD);
        };
        let mut key_versions = [None; 4];
        for (slot, byte) in key_versions.iter_mut().zip([k0, k1, k2, k3]) {
            *slot = if byte == 0 { None } else { Some(KeyVersion::new(byte).ok_or(BAD)?) };
        }
        Ok(Self {
            life_cycle: LifeCycle::from_u8(life_cycle)?,
            update_counter: u32::from_be_bytes([u0, u1, u2, u3]),
            pin: if pin == Self::PIN_UNSET { PinState::Unset } else { PinState::TriesLeft(pin) },
            step: match step {
                0 => Step::None,
                1 => Step::Keys,
                2 => Step::KeyPair,
                3 => Step::Files,
                _ => return Err(BAD),
            },
            key_versions,
        })
    }

    /// Writes the key information template of GET DATA 00E0 (GlobalPlatform 2.3.1, 11.3.3.1): of each key set
    /// the keys 1 to 3, type 88 (AES), 16 bytes.
    ///
    /// # Errors
    /// [`Error::BufferFull`].
    pub fn put_key_information(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        crate::tlv::put_nested(writer, 0xE0, |template| {
            for version in self.key_versions.into_iter().flatten() {
                for key_id in 1..=3 {
                    crate::tlv::put(template, 0xC0, &[key_id, version.as_u8(), 0x88, 16])?;
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Role;

    fn status() -> CardStatus {
        CardStatus {
            life_cycle: LifeCycle::Active,
            update_counter: 7,
            pin: PinState::TriesLeft(2),
            step: Step::Files,
            key_versions: [Some(Role::Issue.version()), Some(Role::Update.version()), None, None],
        }
    }

    #[test]
    fn a_status_reads_back_the_same() {
        let bytes = status().to_bytes();
        assert_eq!(bytes, [1, 0x1F, 0, 0, 0, 7, 2, 3, 0x30, 0x31, 0, 0]);
        assert_eq!(CardStatus::from_slice(&bytes), Ok(status()));
        let unset = CardStatus { pin: PinState::Unset, ..status() };
        assert_eq!(CardStatus::from_slice(&unset.to_bytes()), Ok(unset));
    }

    #[test]
    fn a_status_of_another_layout_is_refused() {
        for (place, value) in [(0, 2), (1, 0x55), (7, 9), (8, 0x80)] {
            let mut bytes = status().to_bytes();
            bytes[place] = value;
            assert!(CardStatus::from_slice(&bytes).is_err(), "byte {place}");
        }
        assert!(CardStatus::from_slice(&status().to_bytes()[..11]).is_err());
    }

    #[test]
    fn key_information_lists_three_keys_of_each_set() {
        let mut buffer = [0; 64];
        let mut writer = Writer::new(&mut buffer);
        status().put_key_information(&mut writer).unwrap();
        assert_eq!(writer.written()[..8], [0xE0, 36, 0xC0, 4, 1, 0x30, 0x88, 16]);
    }
}
