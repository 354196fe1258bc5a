//! COSE_Sign (RFC 9052, section 4.1): one payload, several signatures, for what roots sign together.

use alloc::vec::Vec;

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::key::Kid;
use crate::sign1::{protected, read_protected};

/// A parsed, unverified COSE_Sign over a trust list.
#[derive(Clone, PartialEq, Eq)]
pub struct Sign<'a> {
    payload: &'a [u8],
    signatures: Vec<Signature>,
}

/// One of the signatures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// Whose it claims to be.
    pub kid: Kid,
    /// R and S of Ed25519.
    pub bytes: [u8; 64],
}

impl<'a> Sign<'a> {
    /// Parses `#6.98([{16: typ}, {}, payload, [+ [{1: -8, 4: kid}, {}, signature]]])`.
    /// The same key twice is refused, so that counting signatures counts signers.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        Reader::whole(bytes, |reader| {
            reader.tag(TAG_SIGN)?;
            reader.array_of(4)?;
            if reader.bytes()? != body_protected() {
                return Err(Malformed::WrongTag);
            }
            empty_unprotected(reader)?;
            let payload = reader.bytes()?;
            let signatures = reader.list(0, MAX_SIGNATURES, |r| {
                r.array_of(3)?;
                // A longer protected header would change what is signed; only the one form is read.
                let header = r.bytes()?;
                let kid = read_protected(header, None)?;
                if header != protected(kid, None) {
                    return Err(Malformed::UnknownAlgorithm);
                }
                empty_unprotected(r)?;
                Ok(Signature { kid, bytes: *r.array_of_bytes()? })
            })?;
            if !signatures.is_sorted_by(|a, b| a.kid < b.kid) {
                return Err(Malformed::NotCanonical("signatures"));
            }
            Ok(Self { payload, signatures })
        })
    }

    /// The trust list, still encoded.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The signatures, sorted by key id.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// What the key with this id signs.
    #[must_use]
    pub fn to_be_signed(&self, kid: Kid) -> Vec<u8> {
        to_be_signed(kid, self.payload)
    }
}

/// RFC 9052, section 4.4, context `Signature`, with an empty external_aad.
#[must_use]
pub fn to_be_signed(kid: Kid, payload: &[u8]) -> Vec<u8> {
    let writer = Writer::new().array(5).text("Signature").bytes(&body_protected());
    writer.bytes(&protected(kid, None)).bytes(&[]).bytes(payload).finish()
}

/// The finished COSE_Sign. Sorts the signatures and keeps one of each key.
#[must_use]
pub fn assemble(payload: &[u8], mut signatures: Vec<Signature>) -> Vec<u8> {
    signatures.sort_by_key(|s| s.kid);
    signatures.dedup_by_key(|s| s.kid);
    Writer::new()
        .tag(TAG_SIGN)
        .array(4)
        .bytes(&body_protected())
        .map(0)
        .bytes(payload)
        .list(&signatures, |w, s| w.array(3).bytes(&protected(s.kid, None)).map(0).bytes(&s.bytes))
        .finish()
}

fn body_protected() -> Vec<u8> {
    Writer::new().map(1).int(HEADER_TYP).text(TYP).finish()
}

fn empty_unprotected(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    reader.map()?.end().map_err(|_| Malformed::UnprotectedHeader)
}

/// RFC 9052, table 1.
const TAG_SIGN: u64 = 98;
const HEADER_TYP: i64 = 16;
const TYP: &str = "application/dc1-trust+cbor";
/// Old and new roots of a rotation together.
const MAX_SIGNATURES: u64 = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn signatures_are_sorted_and_none_counts_twice() {
        let signature = |n| Signature { kid: Kid::new([n; 4]), bytes: [n; 64] };
        let bytes = assemble(&[1, 2], vec![signature(2), signature(1), signature(2)]);
        let parsed = Sign::parse(&bytes).unwrap();
        assert_eq!(parsed.payload(), [1, 2]);
        assert!(parsed.signatures() == [signature(1), signature(2)]);
        assert_eq!(parsed.to_be_signed(Kid::new([1; 4])), to_be_signed(Kid::new([1; 4]), &[1, 2]));
    }

    #[test]
    fn the_same_signer_twice_is_refused() {
        let one =
            Writer::new().array(3).bytes(&protected(Kid::new([1; 4]), None)).map(0).bytes(&[0; 64]).finish();
        let bytes = Writer::new().tag(98).array(4).bytes(&body_protected()).map(0).bytes(&[]).array(2);
        assert!(
            Sign::parse(&bytes.raw(&one).raw(&one).finish()).err()
                == Some(Malformed::NotCanonical("signatures"))
        );
    }
}
