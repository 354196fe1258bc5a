//! COSE_Sign1 (RFC 9052, section 4.2) in the one shape this profile uses.
//! Parsing keeps the bytes as they came: what is verified is what arrived, never a re-encoding.
//! Knows nothing of cryptography; the verifier checks `to_be_signed` against `signature`.

use alloc::vec::Vec;

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::key::Kid;

/// What a COSE_Sign1 is about, by its `typ` header (RFC 9596). Credentials have none, to stay small;
/// every other structure has its own, so that a signature over one never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A certificate or a pass.
    Credential,
    /// A Token Status List in CWT form.
    StatusList,
    /// A snapshot.
    Snapshot,
    /// A policy pack.
    Policy,
}

impl Content {
    /// The value of the `typ` header.
    #[must_use]
    pub fn typ(self) -> Option<&'static str> {
        match self {
            Self::Credential => None,
            // Token Status List, section 5.2.
            Self::StatusList => Some("application/statuslist+cwt"),
            Self::Snapshot => Some("application/dc1-snapshot+cbor"),
            Self::Policy => Some("application/dc1-policy+cbor"),
        }
    }
}

/// A parsed, unverified COSE_Sign1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sign1<'a> {
    protected: &'a [u8],
    kid: Kid,
    payload: &'a [u8],
    signature: &'a [u8; 64],
}

impl<'a> Sign1<'a> {
    /// Parses `#6.18([protected, {}, payload, signature])` whose `typ` is that of the content.
    pub fn parse(bytes: &'a [u8], content: Content) -> Result<Self, Malformed> {
        Reader::whole(bytes, |reader| {
            reader.tag(TAG_SIGN1)?;
            reader.array_of(4)?;
            let protected = reader.bytes()?;
            let kid = read_protected(protected, content.typ())?;
            let unprotected = reader.map()?;
            unprotected.end().map_err(|_| Malformed::UnprotectedHeader)?;
            Ok(Self { protected, kid, payload: reader.bytes()?, signature: reader.array_of_bytes()? })
        })
    }

    /// Whose signature it claims to be.
    #[must_use]
    pub fn kid(&self) -> Kid {
        self.kid
    }

    /// The claims, still encoded. Nobody should look inside before the signature was checked.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// R and S of Ed25519.
    #[must_use]
    pub fn signature(&self) -> &'a [u8; 64] {
        self.signature
    }

    /// The Sig_structure over the bytes that arrived.
    #[must_use]
    pub fn to_be_signed(&self) -> Vec<u8> {
        sig_structure(self.protected, self.payload)
    }
}

/// Everything but the signature: what an issuer stores before it signs.
#[derive(Clone, PartialEq, Eq)]
pub struct Unsigned {
    protected: Vec<u8>,
    payload: Vec<u8>,
}

impl Unsigned {
    /// For one key and one payload.
    #[must_use]
    pub fn new(kid: Kid, payload: Vec<u8>, content: Content) -> Self {
        Self { protected: protected(kid, content.typ()), payload }
    }

    /// Takes back the two parts as they were stored.
    pub fn from_stored(protected: Vec<u8>, payload: Vec<u8>, content: Content) -> Result<Self, Malformed> {
        read_protected(&protected, content.typ())?;
        Ok(Self { protected, payload })
    }

    /// The protected header, for storing.
    #[must_use]
    pub fn protected(&self) -> &[u8] {
        &self.protected
    }

    /// The payload, for storing.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// What the key signs.
    #[must_use]
    pub fn to_be_signed(&self) -> Vec<u8> {
        sig_structure(&self.protected, &self.payload)
    }

    /// The finished COSE_Sign1.
    #[must_use]
    pub fn with_signature(&self, signature: &[u8; 64]) -> Vec<u8> {
        let writer = Writer::new().tag(TAG_SIGN1).array(4).bytes(&self.protected).map(0);
        writer.bytes(&self.payload).bytes(signature).finish()
    }
}

/// Reads `{ 1 => -8, 4 => kid, ? 16 => typ }`, with the `typ` that is expected.
pub(crate) fn read_protected(bytes: &[u8], typ: Option<&str>) -> Result<Kid, Malformed> {
    Reader::whole(bytes, |reader| {
        let mut map = reader.map()?;
        let algorithm = map.required(HEADER_ALG, Reader::int)?;
        if algorithm != ALG_EDDSA && algorithm != ALG_ED25519 {
            return Err(Malformed::UnknownAlgorithm);
        }
        let kid = map.required(HEADER_KID, Kid::read)?;
        if map.optional(HEADER_TYP, Reader::text)? != typ {
            return Err(Malformed::WrongTag);
        }
        map.end()?;
        Ok(kid)
    })
}

/// Writes the protected header.
pub(crate) fn protected(kid: Kid, typ: Option<&str>) -> Vec<u8> {
    let writer = Writer::new().map(if typ.is_some() { 3 } else { 2 }).int(HEADER_ALG).int(ALG_EDDSA);
    writer.int(HEADER_KID).bytes(kid.as_bytes()).with(typ, |w, typ| w.int(HEADER_TYP).text(typ)).finish()
}

/// RFC 9052, section 4.4, with an empty external_aad.
fn sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    Writer::new().array(4).text("Signature1").bytes(protected).bytes(&[]).bytes(payload).finish()
}

/// RFC 9052, table 1.
const TAG_SIGN1: u64 = 18;
// RFC 9052, table 3; RFC 9596.
const HEADER_ALG: i64 = 1;
const HEADER_KID: i64 = 4;
const HEADER_TYP: i64 = 16;
/// EdDSA, RFC 9053, table 2: what every foreign tool tried reads, so it is what we write.
const ALG_EDDSA: i64 = -8;
/// Ed25519, RFC 9864: read as the same.
const ALG_ED25519: i64 = -19;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const KID: Kid = Kid::new([1, 2, 3, 4]);

    #[test]
    fn a_finished_structure_parses_to_the_same_bytes() {
        let unsigned = Unsigned::new(KID, vec![1, 2, 3], Content::Snapshot);
        let bytes = unsigned.with_signature(&[5; 64]);
        let parsed = Sign1::parse(&bytes, Content::Snapshot).unwrap();
        assert_eq!((parsed.kid(), parsed.payload(), parsed.signature()), (KID, &[1, 2, 3][..], &[5; 64]));
        assert_eq!(parsed.to_be_signed(), unsigned.to_be_signed());
        assert_eq!(Sign1::parse(&bytes, Content::Credential), Err(Malformed::WrongTag));
        assert_eq!(Sign1::parse(&bytes, Content::Policy), Err(Malformed::WrongTag));
    }

    #[test]
    fn the_new_algorithm_number_reads_as_the_old() {
        let protected = Writer::new().map(2).int(1).int(-19).int(4).bytes(&[1, 2, 3, 4]).finish();
        assert_eq!(read_protected(&protected, None), Ok(KID));
        let es256 = Writer::new().map(2).int(1).int(-7).int(4).bytes(&[1, 2, 3, 4]).finish();
        assert_eq!(read_protected(&es256, None), Err(Malformed::UnknownAlgorithm));
    }

    #[test]
    fn other_headers_are_refused() {
        let critical =
            Writer::new().map(3).int(1).int(-8).int(2).array(1).int(99).int(4).bytes(&[1, 2, 3, 4]);
        assert!(read_protected(&critical.finish(), None).is_err());
        let mut bytes = Unsigned::new(KID, vec![1], Content::Credential).with_signature(&[5; 64]);
        let header_end = 2 + 1 + protected(KID, None).len();
        assert_eq!(bytes[header_end], 0xa0);
        bytes.splice(header_end..=header_end, [0xa1, 0x05, 0x05]);
        assert_eq!(Sign1::parse(&bytes, Content::Credential), Err(Malformed::UnprotectedHeader));
    }

    #[test]
    fn a_signature_of_another_length_is_refused() {
        for length in [0, 63, 65] {
            let writer = Writer::new().tag(18).array(4).bytes(&protected(KID, None)).map(0).bytes(&[1]);
            let bytes = writer.bytes(&vec![0; length]).finish();
            assert_eq!(Sign1::parse(&bytes, Content::Credential), Err(Malformed::WrongLength));
        }
    }
}
