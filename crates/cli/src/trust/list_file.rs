//! A trust list in a file, signed or not yet: a COSE_Sign with as many signatures as there are.

use std::path::Path;

use credential::bundle::Bundle;
use credential::sign::{Sign, Signature};
use credential::snapshot::sha256;
use credential::trust_list::TrustList;

use crate::durable_file;
use crate::error::{Error, Wanted};

/// A list that parses; who signed it is another question.
pub(super) struct ListFile {
    pub(super) list: TrustList,
    pub(super) payload: Vec<u8>,
    pub(super) signatures: Vec<Signature>,
    /// The file's bytes, or the bundle's part.
    pub(super) bytes: Vec<u8>,
}

impl ListFile {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = durable_file::read(path, credential::bundle::MAX_BUNDLE_BYTES)?;
        Self::from_slice(&bytes).map_err(|cause| Error::NotSuchAFile {
            path: path.into(),
            wanted: Wanted::TrustList,
            cause,
        })
    }

    /// From a trust list's file, or from a bundle.
    pub(super) fn from_slice(bytes: &[u8]) -> Result<Self, credential::Malformed> {
        let bytes = Bundle::parse(bytes).map_or(bytes, |bundle| bundle.trust_list);
        let signed = Sign::parse(bytes)?;
        Ok(Self {
            list: TrustList::decode(signed.payload())?,
            payload: signed.payload().to_vec(),
            signatures: signed.signatures().to_vec(),
            bytes: bytes.to_vec(),
        })
    }

    /// What holders compare aloud before they sign: the start of the list's SHA-256, in groups of four.
    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&self.payload)
    }
}

pub(super) fn fingerprint(payload: &[u8]) -> String {
    let digits = hex::encode(&sha256(payload)[..FINGERPRINT_BYTES]);
    digits.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

/// 80 bits: nobody makes a second list that is read out the same.
const FINGERPRINT_BYTES: usize = 10;
