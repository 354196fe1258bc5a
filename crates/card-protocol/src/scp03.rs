//! SCP03 (GlobalPlatform Amendment D 1.1.1), both ends: AES-128, S8 mode, i = 70 (pseudo-random card challenge,
//! C-MAC, C-DECRYPTION, R-MAC, R-ENCRYPTION). [`card`] and [`host`] share what stands here.

pub mod card;
pub mod host;

use crate::kdf::{cmac, derive};
use crate::{Command, Error, Key, Serial, StaticKeys};
use aes::Aes128;
use aes::cipher::block_padding::Iso7816;
use aes::cipher::{
    Block, BlockCipherEncrypt as _, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyInit as _,
    KeyIvInit as _,
};
use subtle::ConstantTimeEq as _;

/// A challenge of either side, S8.
pub type Challenge = [u8; 8];

/// Bytes of a MAC or a cryptogram on the wire, S8.
pub const MAC_LENGTH: usize = 8;

/// The bit of CLA that says: secure messaging of GlobalPlatform's own (ISO 7816-4, 5.1.1: b4 b3 = 01).
pub const SECURED: u8 = 0x04;

/// How commands and responses are protected (Amendment D, 7.1.2.1): P1 of EXTERNAL AUTHENTICATE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// C-MAC.
    CMac = 0x01,
    /// C-MAC and C-DECRYPTION.
    CMacCDec = 0x03,
    /// C-MAC and R-MAC.
    CMacRMac = 0x11,
    /// C-MAC, C-DECRYPTION and R-MAC.
    CMacCDecRMac = 0x13,
    /// All: what personalisation and reading private files need.
    Full = 0x33,
}

impl Level {
    /// All levels.
    pub const ALL: [Self; 5] = [Self::CMac, Self::CMacCDec, Self::CMacRMac, Self::CMacCDecRMac, Self::Full];

    /// P1.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// From P1.
    ///
    /// # Errors
    /// [`Error::UnknownLevel`].
    pub fn from_u8(level: u8) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|known| known.as_u8() == level).ok_or(Error::UnknownLevel { level })
    }

    /// Whether command data is encrypted.
    #[must_use]
    pub const fn encrypts_commands(self) -> bool {
        self.as_u8() & 0x02 != 0
    }

    /// Whether responses carry a MAC.
    #[must_use]
    pub const fn macs_responses(self) -> bool {
        self.as_u8() & 0x10 != 0
    }

    /// Whether response data is encrypted.
    #[must_use]
    pub const fn encrypts_responses(self) -> bool {
        self.as_u8() & 0x20 != 0
    }

    /// The most plain data bytes that a wrapped command of `wire` data bytes holds: 239 of 255 at level 33.
    #[must_use]
    pub const fn command_capacity(self, wire: usize) -> usize {
        capacity(wire, true, self.encrypts_commands())
    }

    /// The most plain data bytes that a wrapped response of `wire` data bytes holds: 239 of 256 at level 33.
    #[must_use]
    pub const fn response_capacity(self, wire: usize) -> usize {
        capacity(wire, self.macs_responses(), self.encrypts_responses())
    }

    /// Bytes of a wrapped response that holds `plain` data bytes.
    #[must_use]
    pub const fn response_length(self, plain: usize) -> usize {
        let body = if self.encrypts_responses() && plain > 0 { padded(plain) } else { plain };
        if self.macs_responses() { body.saturating_add(MAC_LENGTH) } else { body }
    }
}

/// The answer to INITIALIZE UPDATE, 32 bytes (Amendment D, 7.1.1.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Greeting {
    /// Key diversification data.
    pub diversification_data: [u8; 10],
    /// The key set the card chose.
    pub version: u8,
    /// The card's challenge.
    pub challenge: Challenge,
    /// The card's cryptogram.
    pub cryptogram: [u8; 8],
    /// The sequence counter behind the pseudo-random challenge.
    pub sequence: Sequence,
}

/// The sequence counter, 3 bytes, big-endian: one more for each INITIALIZE UPDATE.
pub type Sequence = [u8; 3];

impl Greeting {
    /// Bytes of the answer.
    pub const LENGTH: usize = 32;
    /// SCP identifier and the i parameter.
    const SCP03_I70: [u8; 2] = [0x03, 0x70];

    /// The answer's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let Self { diversification_data, version, challenge, cryptogram, sequence } = self;
        crate::proof::concat([
            diversification_data,
            &[*version],
            &Self::SCP03_I70,
            challenge,
            cryptogram,
            sequence,
        ])
    }

    /// Reads the answer's bytes.
    ///
    /// # Errors
    /// [`Error::BadObject`] for another length, another protocol, or other parameters.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        const BAD: Error = Error::BadObject { object: "INITIALIZE UPDATE response" };
        let (diversification_data, rest) = bytes.split_first_chunk().ok_or(BAD)?;
        let (&[version, scp, i], rest) = rest.split_first_chunk().ok_or(BAD)?;
        let (challenge, rest) = rest.split_first_chunk().ok_or(BAD)?;
        let (cryptogram, rest) = rest.split_first_chunk().ok_or(BAD)?;
        let sequence = rest.try_into().map_err(|_| BAD)?;
        if [scp, i] != Self::SCP03_I70 {
            return Err(BAD);
        }
        Ok(Self {
            diversification_data: *diversification_data,
            version,
            challenge: *challenge,
            cryptogram: *cryptogram,
            sequence,
        })
    }

    /// The card's serial, out of its diversification data.
    ///
    /// # Errors
    /// [`Error::BadObject`] where the card is not of this profile.
    pub fn serial(&self) -> Result<Serial, Error> {
        Serial::from_diversification_data(&self.diversification_data)
    }
}

/// The keys of one session, and the chain that orders its commands.
#[derive(Debug)]
struct Session {
    level: Level,
    enc: Key,
    mac: Key,
    rmac: Key,
    /// MAC chaining value: the whole C-MAC of the last command.
    chain: [u8; 16],
    /// Counts commands since EXTERNAL AUTHENTICATE, from 1, with or without data.
    counter: u32,
}

/// Derivation constants (Amendment D, table 4-1).
mod constant {
    pub(super) const CARD_CRYPTOGRAM: u8 = 0x00;
    pub(super) const HOST_CRYPTOGRAM: u8 = 0x01;
    pub(super) const CARD_CHALLENGE: u8 = 0x02;
    pub(super) const S_ENC: u8 = 0x04;
    pub(super) const S_MAC: u8 = 0x06;
    pub(super) const S_RMAC: u8 = 0x07;
}

impl Session {
    /// Derives the session keys (Amendment D, 6.2.1) from the static ones and both challenges.
    fn derive(keys: &StaticKeys, host: &Challenge, card: &Challenge, level: Level) -> Self {
        let context: [&[u8]; 2] = [host, card];
        Self {
            level,
            enc: derive(&keys.enc, &label(constant::S_ENC), &context),
            mac: derive(&keys.mac, &label(constant::S_MAC), &context),
            rmac: derive(&keys.mac, &label(constant::S_RMAC), &context),
            chain: [0; 16],
            counter: 0,
        }
    }

    /// Card or host cryptogram (6.2.2).
    fn cryptogram(&self, constant: u8, host: &Challenge, card: &Challenge) -> [u8; 8] {
        *derive::<8>(&self.mac, &label(constant), &[host, card]).expose()
    }

    /// C-MAC of a command (6.2.4): becomes the chaining value. `wire` is the command as sent, but for the MAC.
    fn command_mac(&self, wire: &Command<'_>, data: &[u8]) -> [u8; 16] {
        let head = [wire.cla, wire.ins, wire.p1, wire.p2];
        let length = data.len().saturating_add(MAC_LENGTH);
        let [.., high, low] = length.to_be_bytes();
        let long = [0, high, low];
        // Lc takes part in the form it has on the wire.
        let lc: &[u8] =
            if length > 255 || wire.is_extended() { &long } else { long.get(2..).unwrap_or_default() };
        cmac(&self.mac, [&self.chain[..], &head, lc, data])
    }

    /// R-MAC of a response (6.2.5), under the chaining value of its command.
    fn response_mac(&self, chain: &[u8; 16], data: &[u8], status: [u8; 2]) -> [u8; 8] {
        short(&cmac(&self.rmac, [&chain[..], data, &status]))
    }

    /// ICV of a command (6.2.6) or a response (6.2.7): the counter block under S-ENC.
    fn icv(&self, counter: u32, direction: Direction) -> Block<Aes128> {
        let mut block = [0; 16];
        block[12..].copy_from_slice(&counter.to_be_bytes());
        block[0] = direction as u8;
        let mut block: Block<Aes128> = block.into();
        Aes128::new(self.enc.expose().into()).encrypt_block(&mut block);
        block
    }

    /// Pads and encrypts the first `length` bytes of `buffer` in place; returns the new length.
    fn encrypt(
        &self,
        buffer: &mut [u8],
        length: usize,
        counter: u32,
        direction: Direction,
    ) -> Result<usize, Error> {
        cbc::Encryptor::<Aes128>::new(self.enc.expose().into(), &self.icv(counter, direction))
            .encrypt_padded::<Iso7816>(buffer, length)
            .map(<[u8]>::len)
            .map_err(|_| Error::BufferFull)
    }

    /// Decrypts `buffer` in place and takes the padding off; returns the plain length.
    fn decrypt(&self, buffer: &mut [u8], counter: u32, direction: Direction) -> Result<usize, Error> {
        cbc::Decryptor::<Aes128>::new(self.enc.expose().into(), &self.icv(counter, direction))
            .decrypt_padded::<Iso7816>(buffer)
            .map(<[u8]>::len)
            .map_err(|_| Error::ChannelClosed)
    }
}

/// The first byte of the counter block.
#[derive(Debug, Clone, Copy)]
enum Direction {
    Command = 0x00,
    Response = 0x80,
}

/// Pseudo-random card challenge (6.2.2.1), which binds the session to the selected application.
fn card_challenge(keys: &StaticKeys, sequence: Sequence, aid: &[u8]) -> Challenge {
    *derive::<8>(&keys.enc, &label(constant::CARD_CHALLENGE), &[&sequence, aid]).expose()
}

fn label(constant: u8) -> [u8; 12] {
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, constant]
}

/// S8: the first half of a CMAC goes over the wire.
const fn short(mac: &[u8; 16]) -> [u8; MAC_LENGTH] {
    let [m0, m1, m2, m3, m4, m5, m6, m7, ..] = *mac;
    [m0, m1, m2, m3, m4, m5, m6, m7]
}

fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

const fn capacity(wire: usize, mac: bool, encrypted: bool) -> usize {
    let body = if mac { wire.saturating_sub(MAC_LENGTH) } else { wire };
    // At least one byte of padding.
    if encrypted { (body & !15).saturating_sub(1) } else { body }
}

const fn padded(plain: usize) -> usize {
    (plain | 15).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacities_are_those_of_amendment_d() {
        assert_eq!(Level::Full.command_capacity(255), 239);
        assert_eq!(Level::Full.response_capacity(256), 239);
        assert_eq!(Level::CMac.response_capacity(256), 256);
        assert_eq!(Level::CMacRMac.response_capacity(256), 248);
        for level in Level::ALL {
            for plain in 1..600 {
                let wire = level.response_length(plain);
                assert!(level.response_capacity(wire) >= plain, "{level:?} {plain}");
                assert!(level.response_capacity(wire - 1) < plain, "{level:?} {plain}");
            }
        }
    }

    #[test]
    fn only_the_levels_of_the_profile_exist() {
        let offered: std::vec::Vec<u8> = (0..=255).filter(|level| Level::from_u8(*level).is_ok()).collect();
        assert_eq!(offered, [0x01, 0x03, 0x11, 0x13, 0x33]);
    }
}
