//! The body of [`File::Secrets`]: key sets, the card's private key, the PIN. Read when needed, wiped after use.
//!
//! Layout: for each role of [`Role::ALL`] a flag and 48 bytes, a flag and the 32-byte seed, a flag and the 8-byte PIN
//! block, CRC-32. A flag is 01 or 00.

use crate::platform::Flash;
use crate::state::{ROLES, slot};
use crate::store::{File, Store, StoreError, crc};
use card_protocol::{Pin, Role, Secret, StaticKeys, Writer};

/// All that the card keeps secret.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    pub(crate) key_sets: [Option<StaticKeys>; ROLES],
    /// Ed25519 seed of the key pair that was made on the card.
    pub(crate) seed: Option<Secret<32>>,
    pub(crate) pin: Option<Pin>,
}

const COVERED: usize = ROLES * 49 + 33 + 9;
/// Bytes of the body.
pub(crate) const LENGTH: usize = COVERED + 4;

impl Secrets {
    /// The key set of a role.
    pub(crate) fn key_set(&mut self, role: Role) -> &mut Option<StaticKeys> {
        slot(&mut self.key_sets, role)
    }

    /// Reads them from the store. A damaged body is never taken for missing secrets.
    pub(crate) fn load(store: &Store<impl Flash>) -> Result<Self, StoreError> {
        let mut outcome = Ok(0);
        let body = Secret::<LENGTH>::filled(|body| {
            outcome = store.read(File::Secrets, 0, body).map(<[u8]>::len);
        });
        if outcome? != LENGTH { Err(StoreError::BadContent) } else { Self::from_bytes(body.expose()) }
    }

    /// Stages them; the next commit makes them durable.
    pub(crate) fn stage(&self, store: &mut Store<impl Flash>) -> Result<(), StoreError> {
        store.append(File::Secrets, self.to_bytes().expose())
    }

    pub(crate) fn to_bytes(&self) -> Secret<LENGTH> {
        let Self { key_sets, seed, pin } = self;
        Secret::filled(|body| {
            let (covered, end) = body.split_at_mut(COVERED);
            let mut fields = Writer::new(covered);
            // The parts fill `covered` exactly; the test below holds them to it.
            let _ = key_sets
                .iter()
                .try_for_each(|keys| {
                    put(&mut fields, keys.as_ref().map(StaticKeys::to_secret).as_ref().map(Secret::expose))
                })
                .and_then(|()| put(&mut fields, seed.as_ref().map(Secret::expose)))
                .and_then(|()| put(&mut fields, pin.as_ref().map(Pin::expose_block)));
            end.copy_from_slice(&crc(covered).to_be_bytes());
        })
    }

    fn from_bytes(body: &[u8; LENGTH]) -> Result<Self, StoreError> {
        const BAD: StoreError = StoreError::BadContent;
        let (covered, stated) = body.split_last_chunk().ok_or(BAD)?;
        if u32::from_be_bytes(*stated) != crc(covered) {
            return Err(BAD);
        }
        let mut rest = covered;
        let mut secrets = Self::default();
        for keys in &mut secrets.key_sets {
            *keys = take(&mut rest)?.map(StaticKeys::from_bytes);
        }
        secrets.seed = take::<32>(&mut rest)?.map(|seed| Secret::filled(|own| own.copy_from_slice(seed)));
        secrets.pin = match take::<8>(&mut rest)? {
            Some(block) => Some(Pin::from_block(block).map_err(|_| BAD)?),
            None => None,
        };
        Ok(secrets)
    }
}

/// A flag, then the bytes or as many zeros.
fn put<const N: usize>(writer: &mut Writer<'_>, bytes: Option<&[u8; N]>) -> Result<(), card_protocol::Error> {
    writer.put_u8(u8::from(bytes.is_some()))?;
    writer.put(bytes.unwrap_or(&[0; N]))
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Result<Option<&'a [u8; N]>, StoreError> {
    let (flag, after) = rest.split_first().ok_or(StoreError::BadContent)?;
    let (bytes, after) = after.split_first_chunk().ok_or(StoreError::BadContent)?;
    *rest = after;
    match flag {
        0 => Ok(None),
        1 => Ok(Some(bytes)),
        _ => Err(StoreError::BadContent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Secrets {
        let mut secrets = Secrets {
            seed: Some(Secret::new([5; 32])),
            pin: Some(Pin::parse("123456").unwrap()),
            ..Secrets::default()
        };
        for (role, byte) in Role::ALL.into_iter().zip(1..) {
            *secrets.key_set(role) = Some(StaticKeys::from_bytes(&[byte; 48]));
        }
        secrets
    }

    #[test]
    fn secrets_read_back_the_same_and_fill_their_body() {
        for secrets in [full(), Secrets { pin: None, ..full() }, Secrets::default()] {
            let body = secrets.to_bytes();
            let mut back = Secrets::from_bytes(body.expose()).unwrap();
            assert!(back.to_bytes().is(body.expose()));
            assert_eq!(back.pin.is_some(), secrets.pin.is_some());
            assert_eq!(back.seed.is_some(), back.key_set(Role::Read).is_some());
        }
        assert_eq!(full().to_bytes().expose()[COVERED - 9], 1, "the PIN's flag is where it belongs");
    }

    #[test]
    fn a_changed_bit_anywhere_is_damage() {
        let body = *full().to_bytes().expose();
        for bit in 0..LENGTH * 8 {
            let mut bad = body;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Secrets::from_bytes(&bad).err(), Some(StoreError::BadContent), "bit {bit}");
        }
    }

    #[test]
    fn secrets_never_print_themselves() {
        let text = std::format!("{:?}", full());
        assert!(text.contains("[secret]") && !text.contains("49"), "{text}");
    }
}
