//! What a verifier remembers between bundles: its roots, and how new everything was that it saw.
//! Rules as in TUF: a lower version is a rollback; new roots need the threshold of the old ones and their own.
//! Keeping the bytes is the caller's part: write them durably before the bundle is used.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use credential::cbor::{Reader, Writer};
use credential::snapshot::{PartName, Snapshot, Version, sha256};
use credential::trust_list::RootSet;
use credential::{Malformed, UnixTime};

use crate::refusal::Refusal;

/// The memory of a verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    roots: RootSet,
    snapshot: Version,
    parts: BTreeMap<PartName, Version>,
    newest_signed: UnixTime,
}

impl State {
    /// Knows its roots, which came by hand, and nothing else.
    #[must_use]
    pub fn pinned(roots: RootSet) -> Self {
        Self {
            roots,
            snapshot: Version::default(),
            parts: BTreeMap::new(),
            newest_signed: UnixTime::default(),
        }
    }

    /// Who must sign the next trust list.
    #[must_use]
    pub fn roots(&self) -> &RootSet {
        &self.roots
    }

    /// The newest time that a trusted key put its signature to: no right clock is earlier.
    #[must_use]
    pub fn newest_signed(&self) -> UnixTime {
        self.newest_signed
    }

    /// The version of the newest snapshot accepted.
    #[must_use]
    pub fn snapshot(&self) -> Version {
        self.snapshot
    }

    /// Refuses a snapshot, or any part in it, that is older than one accepted before.
    pub(crate) fn check_not_rolled_back(&self, snapshot: &Snapshot) -> Result<(), Refusal> {
        let older = |part: &credential::snapshot::Part| {
            self.parts.get(&part.name).is_some_and(|seen| part.version < *seen)
        };
        if snapshot.version < self.snapshot || snapshot.parts.iter().any(older) {
            return Err(Refusal::BundleRolledBack);
        }
        Ok(())
    }

    /// Remembers an accepted snapshot. Parts that went away keep their mark, so that they cannot come back older.
    pub(crate) fn advance(&mut self, snapshot: &Snapshot, roots: &RootSet, newest: UnixTime) {
        self.roots = roots.clone();
        self.snapshot = self.snapshot.max(snapshot.version);
        self.newest_signed = self.newest_signed.max(newest);
        self.parts.extend(snapshot.parts.iter().map(|part| (part.name.clone(), part.version)));
    }

    /// The bytes to keep: `[sha256, content]`, so that a torn or altered file is known as such.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { roots, snapshot, parts, newest_signed } = self;
        let parts: Vec<_> = parts.iter().collect();
        let content = Writer::new().array(5).text(MAGIC).bytes(&roots.to_bytes()).uint(snapshot.as_u32());
        let content = content.uint(newest_signed.as_seconds());
        let content = content
            .list(&parts, |w, (name, version)| {
                w.array(2).text(&alloc::format!("{name}")).uint(version.as_u32())
            })
            .finish();
        Writer::new().array(2).bytes(&sha256(&content)).bytes(&content).finish()
    }

    /// Reads them back. An error never means "start from nothing": the marks are lost, and a person must decide.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
        let content = Reader::whole(bytes, |reader| {
            reader.array_of(2)?;
            let digest: &[u8; 32] = reader.array_of_bytes()?;
            let content = reader.bytes()?;
            if sha256(content) == *digest { Ok(content) } else { Err(Malformed::NotCanonical("state file")) }
        })?;
        Reader::whole(content, |reader| {
            reader.array_of(5)?;
            if reader.text()? != MAGIC {
                return Err(Malformed::WrongTag);
            }
            Ok(Self {
                roots: RootSet::from_slice(reader.bytes()?)?,
                snapshot: Version::new(reader.uint32()?),
                newest_signed: UnixTime::from_seconds(reader.uint()?),
                parts: reader
                    .list(0, MAX_MARKS, |r| {
                        r.array_of(2)?;
                        Ok((PartName::parse(r.text()?)?, Version::new(r.uint32()?)))
                    })?
                    .into_iter()
                    .collect(),
            })
        })
    }
}

const MAGIC: &str = "DCS1";
/// Ten times the parts of a snapshot: names come and go over the years.
const MAX_MARKS: u64 = 40_960;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use credential::PublicKey;

    #[test]
    fn a_state_reads_back_and_a_torn_or_altered_one_is_known() {
        let mut state = State::pinned(RootSet::new(1, vec![PublicKey::Ed25519([1; 32])]).unwrap());
        state.snapshot = Version::new(7);
        state.parts.insert(PartName::Trust, Version::new(3));
        let bytes = state.to_bytes();
        assert_eq!(State::from_slice(&bytes), Ok(state));
        assert!((0..bytes.len()).all(|cut| State::from_slice(&bytes[..cut]).is_err()));
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert!(State::from_slice(&altered).is_err(), "byte {at}");
        }
    }
}
