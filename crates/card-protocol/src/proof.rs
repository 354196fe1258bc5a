//! What the card's own key signs: that it is there now (INTERNAL AUTHENTICATE), and that it gave a ride (DEBIT).
//!
//! Each message begins with its own domain, and holds a nonce of the card's choosing: the card never signs what
//! a terminal made up. Checking the signature belongs to the verifier, with the key in the pass's `cnf`.

use crate::{AID, Error, Rides};

/// A terminal's challenge.
pub type Challenge = [u8; 16];

/// Ed25519 signature.
pub type Signature = [u8; 64];

/// The answer to INTERNAL AUTHENTICATE: nonce (8), transaction counter (4), signature (64).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// The card's nonce.
    pub nonce: [u8; 8],
    /// The card's transaction counter: rises with every signature, never falls.
    pub counter: u32,
    /// Over [`Presence::message`].
    pub signature: Signature,
}

impl Presence {
    /// Bytes of the answer.
    pub const LENGTH: usize = 76;
    /// Bytes signed.
    pub const MESSAGE_LENGTH: usize = 41;

    /// What is signed: `"DC1-IA"`, challenge, nonce, counter, AID.
    #[must_use]
    pub fn message(challenge: &Challenge, nonce: [u8; 8], counter: u32) -> [u8; Self::MESSAGE_LENGTH] {
        concat([b"DC1-IA", challenge, &nonce, &counter.to_be_bytes(), &AID])
    }

    /// The answer's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        concat([&self.nonce, &self.counter.to_be_bytes(), &self.signature])
    }

    /// Reads the answer's bytes.
    ///
    /// # Errors
    /// [`Error::BadObject`] for another length.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        const BAD: Error = Error::BadObject { object: "INTERNAL AUTHENTICATE response" };
        let (nonce, rest) = bytes.split_first_chunk().ok_or(BAD)?;
        let (counter, rest) = rest.split_first_chunk().ok_or(BAD)?;
        let signature = rest.try_into().map_err(|_| BAD)?;
        Ok(Self { nonce: *nonce, counter: u32::from_be_bytes(*counter), signature })
    }
}

/// The answer to DEBIT: nonce (8), transaction counter (4), ride counter after it (8), signature (64).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Debit {
    /// The card's nonce.
    pub nonce: [u8; 8],
    /// The card's transaction counter.
    pub counter: u32,
    /// What EF.RIDES holds now.
    pub rides: Rides,
    /// Over [`Debit::message`].
    pub signature: Signature,
}

impl Debit {
    /// Bytes of the answer.
    pub const LENGTH: usize = 84;
    /// Bytes signed.
    pub const MESSAGE_LENGTH: usize = 49;

    /// What is signed: `"DC1-DB"`, challenge, nonce, counter, rides, AID.
    #[must_use]
    pub fn message(
        challenge: &Challenge,
        nonce: [u8; 8],
        counter: u32,
        rides: Rides,
    ) -> [u8; Self::MESSAGE_LENGTH] {
        concat([b"DC1-DB", challenge, &nonce, &counter.to_be_bytes(), &rides.to_bytes(), &AID])
    }

    /// The answer's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        concat([&self.nonce, &self.counter.to_be_bytes(), &self.rides.to_bytes(), &self.signature])
    }

    /// Reads the answer's bytes.
    ///
    /// # Errors
    /// [`Error::BadObject`].
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        const BAD: Error = Error::BadObject { object: "DEBIT response" };
        let (nonce, rest) = bytes.split_first_chunk().ok_or(BAD)?;
        let (counter, rest) = rest.split_first_chunk().ok_or(BAD)?;
        let (rides, rest) = rest.split_first_chunk::<{ Rides::LENGTH }>().ok_or(BAD)?;
        let signature = rest.try_into().map_err(|_| BAD)?;
        Ok(Self {
            nonce: *nonce,
            counter: u32::from_be_bytes(*counter),
            rides: Rides::from_slice(rides)?,
            signature,
        })
    }
}

/// The parts one after the other; the tests below hold `N` to the sum of their lengths.
pub(crate) fn concat<const N: usize, const PARTS: usize>(parts: [&[u8]; PARTS]) -> [u8; N] {
    let mut whole = [0; N];
    for (place, byte) in whole.iter_mut().zip(parts.into_iter().flatten()) {
        *place = *byte;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const RIDES: Rides = Rides { period: 202_611, allowed: 60, used: 3 };

    #[test]
    fn the_signed_messages_hold_every_field_and_differ_by_domain() {
        let presence = Presence::message(&[1; 16], [2; 8], 0x0304_0506);
        assert_eq!(presence[..6], *b"DC1-IA");
        assert_eq!(presence[6..22], [1; 16]);
        assert_eq!(presence[22..34], [2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 5, 6]);
        assert_eq!(presence[34..], AID);
        let debit = Debit::message(&[1; 16], [2; 8], 0x0304_0506, RIDES);
        assert_eq!(debit[..6], *b"DC1-DB");
        assert_eq!(debit[6..34], presence[6..34]);
        assert_eq!(debit[34..42], RIDES.to_bytes());
        assert_eq!(debit[42..], AID);
    }

    #[test]
    fn the_answers_read_back_the_same() {
        let presence = Presence { nonce: [2; 8], counter: 9, signature: [7; 64] };
        assert_eq!(Presence::from_slice(&presence.to_bytes()), Ok(presence));
        assert_eq!(presence.to_bytes()[12..], [7; 64]);
        let debit = Debit { nonce: [2; 8], counter: 9, rides: RIDES, signature: [7; 64] };
        assert_eq!(Debit::from_slice(&debit.to_bytes()), Ok(debit));
        assert_eq!(debit.to_bytes()[20..], [7; 64]);
        assert!(Presence::from_slice(&[0; 75]).is_err());
        assert!(Presence::from_slice(&[0; 77]).is_err());
        assert!(Debit::from_slice(&[0; 83]).is_err());
    }
}
