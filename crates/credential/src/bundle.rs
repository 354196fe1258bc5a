//! The bundle: everything a verifier needs, in one file (PROFILE.md, section 5).
//! `["DCB1", snapshot, trust list, [* status list], [* policy pack]]`, each part as a byte string of its signed bytes.
//! Parsing checks no signature; see the verifier.

use alloc::vec::Vec;

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;

/// The parts of a bundle as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle<'a> {
    /// A COSE_Sign1 over a [`crate::snapshot::Snapshot`].
    pub snapshot: &'a [u8],
    /// A COSE_Sign over a [`crate::trust_list::TrustList`].
    pub trust_list: &'a [u8],
    /// COSE_Sign1 each over a [`crate::status_token::StatusToken`].
    pub status_lists: Vec<&'a [u8]>,
    /// COSE_Sign1 each over a policy pack.
    pub policies: Vec<&'a [u8]>,
}

impl<'a> Bundle<'a> {
    /// Splits the file into its parts.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() > MAX_BUNDLE_BYTES {
            return Err(Malformed::WrongLength);
        }
        Reader::whole(bytes, |reader| {
            reader.array_of(5)?;
            if reader.text()? != MAGIC {
                return Err(Malformed::WrongTag);
            }
            Ok(Self {
                snapshot: reader.bytes()?,
                trust_list: reader.bytes()?,
                status_lists: reader.list(0, MAX_PARTS, Reader::bytes)?,
                policies: reader.list(0, MAX_PARTS, Reader::bytes)?,
            })
        })
    }

    /// Puts the parts into one file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { snapshot, trust_list, status_lists, policies } = self;
        let writer = Writer::new().array(5).text(MAGIC).bytes(snapshot).bytes(trust_list);
        writer.list(status_lists, |w, part| w.bytes(part)).list(policies, |w, part| w.bytes(part)).finish()
    }
}

const MAGIC: &str = "DCB1";
/// The country's 38 M entries at 5 % revoked take some 6 MB.
pub const MAX_BUNDLE_BYTES: usize = 64 << 20;
/// As the snapshot has it.
pub(crate) const MAX_PARTS: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_bundle_splits_into_the_parts_it_was_made_of() {
        let bundle =
            Bundle { snapshot: &[1], trust_list: &[2], status_lists: vec![&[3], &[4, 5]], policies: vec![] };
        let bytes = bundle.to_bytes();
        assert_eq!(Bundle::parse(&bytes), Ok(bundle));
        assert!((0..bytes.len()).all(|cut| Bundle::parse(&bytes[..cut]).is_err()));
    }
}
