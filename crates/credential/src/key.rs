//! Public keys as COSE_Key (RFC 9052, section 7; RFC 9053, section 7) and their ids.
//! Only the bytes: whether they are a point on the curve is found out by the verifier.

use core::fmt;

use sha2::{Digest, Sha256};

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;

/// A public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PublicKey {
    /// Ed25519, RFC 8032: issuers, roots, cards.
    Ed25519([u8; 32]),
    /// P-256, compressed: holders' phones, which have nothing else in hardware.
    P256 {
        /// The x coordinate, big-endian.
        x: [u8; 32],
        /// Whether y is odd.
        y_is_odd: bool,
    },
}

impl PublicKey {
    /// Reads a COSE_Key with exactly the parameters of its type.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut map = reader.map()?;
        let key_type = map.required(KTY, Reader::uint)?;
        let curve = map.required(CRV, Reader::uint)?;
        let x = *map.required(X, Reader::array_of_bytes)?;
        let key = match (key_type, curve) {
            (KTY_OKP, CRV_ED25519) => Self::Ed25519(x),
            (KTY_EC2, CRV_P256) => Self::P256 { x, y_is_odd: map.required(Y, Reader::bool)? },
            _ => return Err(Malformed::UnknownAlgorithm),
        };
        map.end()?;
        Ok(key)
    }

    /// Writes the COSE_Key.
    #[must_use]
    pub fn write(&self, writer: Writer) -> Writer {
        match self {
            Self::Ed25519(x) => {
                writer.map(3).int(KTY).uint(KTY_OKP).int(CRV).uint(CRV_ED25519).int(X).bytes(x)
            }
            Self::P256 { x, y_is_odd } => {
                let writer = writer.map(4).int(KTY).uint(KTY_EC2).int(CRV).uint(CRV_P256);
                writer.int(X).bytes(x).int(Y).bool(*y_is_odd)
            }
        }
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> Kid {
        let digest: [u8; 32] = match self {
            Self::Ed25519(bytes) => Sha256::digest(bytes).into(),
            // SEC 1, 2.3.3: the compressed point.
            Self::P256 { x, y_is_odd } => {
                Sha256::new().chain_update([if *y_is_odd { 3 } else { 2 }]).chain_update(x).finalize().into()
            }
        };
        let [a, b, c, d, ..] = digest;
        Kid([a, b, c, d])
    }
}

/// Key id: the first 4 bytes of SHA-256 of the public key (for Ed25519 its 32 bytes).
/// Only a name; a trust list with two equal ids is refused. Prints as 8 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kid([u8; 4]);

impl Kid {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// From 8 hex digits.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        if text.len() != 8 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(Malformed::OutOfRange("kid"));
        }
        u32::from_str_radix(text, 16)
            .map(|kid| Self(kid.to_be_bytes()))
            .map_err(|_| Malformed::OutOfRange("kid"))
    }

    /// Reads a byte string of 4.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array_of_bytes().copied().map(Self)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kid({self})")
    }
}

// RFC 9052, table 4; RFC 9053, tables 17, 18, 19.
const KTY: i64 = 1;
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const KTY_OKP: u64 = 1;
const KTY_EC2: u64 = 2;
const CRV_P256: u64 = 1;
const CRV_ED25519: u64 = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn both_types_of_key_read_back() {
        for key in [PublicKey::Ed25519([7; 32]), PublicKey::P256 { x: [9; 32], y_is_odd: true }] {
            let bytes = key.write(Writer::new()).finish();
            assert_eq!(Reader::whole(&bytes, PublicKey::read), Ok(key));
        }
    }

    #[test]
    fn a_kid_is_the_start_of_the_digest() {
        // SHA-256 of 32 zero bytes begins 66687aad.
        let kid = PublicKey::Ed25519([0; 32]).kid();
        assert_eq!(kid.to_string(), "66687aad");
        assert_eq!(Kid::parse("66687aad"), Ok(kid));
        assert!(Kid::parse("66687AAD").is_err());
        assert!(Kid::parse("+6687aad").is_err());
    }

    #[test]
    fn another_curve_or_a_spare_parameter_is_refused() {
        let x448 = Writer::new().map(3).int(1).uint(1u64).int(-1).uint(7u64).int(-2).bytes(&[0; 32]).finish();
        assert_eq!(Reader::whole(&x448, PublicKey::read), Err(Malformed::UnknownAlgorithm));
        let spare = Writer::new()
            .map(4)
            .int(1)
            .uint(1u64)
            .int(-1)
            .uint(6u64)
            .int(-2)
            .bytes(&[0; 32])
            .int(-3)
            .bool(true);
        assert_eq!(Reader::whole(&spare.finish(), PublicKey::read), Err(Malformed::UnexpectedKey));
    }
}
