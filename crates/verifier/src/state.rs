//! What a verifier remembers between bundles: its roots, and how new everything was that it saw.
//! Rules as in TUF: a lower version is a rollback; an absurdly higher one is an attempt to shut out all that follow;
//! new roots need the threshold of the old ones and their own.
//! Keeping the bytes is the caller's part: write them durably before the bundle is used.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use credential::cbor::{Reader, Writer};
use credential::snapshot::{Part, PartName, Snapshot, Version, sha256};
use credential::trust_list::{KeyState, RootSet, TrustList};
use credential::{Kid, Malformed, UnixTime};

use crate::refusal::Refusal;

/// The memory of a verifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    roots: RootSet,
    snapshot: Version,
    /// Whose word the marks are; `None` before the first bundle.
    snapshot_key: Option<Kid>,
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
            snapshot_key: None,
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

    /// Refuses a snapshot, or any part in it, that is older than one accepted before, or newer than anybody could have made.
    pub(crate) fn check_versions(&self, snapshot: &Snapshot) -> Result<(), Refusal> {
        let mark = |part: &Part| self.parts.get(&part.name).copied().unwrap_or_default();
        let mut steps = Vec::from([(self.snapshot, snapshot.version)]);
        steps.extend(snapshot.parts.iter().map(|part| (mark(part), part.version)));
        if steps.iter().any(|(mark, version)| version < mark) {
            return Err(Refusal::BundleRolledBack);
        }
        if steps.iter().any(|(mark, version)| version.steps_since(*mark) > MAX_VERSION_STEP) {
            return Err(Refusal::BundleForged);
        }
        Ok(())
    }

    /// This state, as the checks of a bundle with this trust list may rely on it. If the roots no longer trust the key
    /// that signed the newest snapshot, its marks are a thief's word, maybe raised out of reach, and go (TUF, 5.3.11).
    /// The trust list's own mark stays: what is accepted now must name the list that says so, so it is not older.
    pub(crate) fn under(&self, trust_list: &TrustList) -> Self {
        let distrusted = |kid: &Kid| match trust_list.key(*kid).map(|key| key.state) {
            Some(KeyState::Active | KeyState::Retired { .. }) => false,
            Some(KeyState::Compromised { .. }) | None => true,
        };
        let mut state = self.clone();
        if self.snapshot_key.as_ref().is_some_and(distrusted) {
            state.parts.retain(|name, _| *name == PartName::Trust);
            state.snapshot = Version::default();
            state.newest_signed = trust_list.issued;
        }
        state
    }

    /// Remembers an accepted snapshot. Parts that went away keep their mark, so that they cannot come back older.
    /// The time is that of the snapshot: a status list is not younger, whatever its own key says.
    pub(crate) fn advance(&mut self, snapshot: &Snapshot, signer: Kid, trust_list: &TrustList) {
        self.roots = trust_list.roots.clone();
        self.snapshot = snapshot.version;
        self.snapshot_key = Some(signer);
        self.newest_signed = self.newest_signed.max(snapshot.issued).max(trust_list.issued);
        self.parts.extend(snapshot.parts.iter().map(|part| (part.name.clone(), part.version)));
    }

    /// The bytes to keep: `[sha256, content]`, so that a torn or altered file is known as such.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Self { roots, snapshot, snapshot_key, parts, newest_signed } = self;
        let parts: Vec<_> = parts.iter().collect();
        let snapshot_key = snapshot_key.as_ref().map_or(&[][..], |kid| kid.as_bytes());
        let content = Writer::new().array(6).text(MAGIC).bytes(&roots.to_bytes()).uint(snapshot.as_u32());
        let content = content.bytes(snapshot_key).uint(newest_signed.as_seconds());
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
            reader.array_of(6)?;
            if reader.text()? != MAGIC {
                return Err(Malformed::WrongTag);
            }
            Ok(Self {
                roots: RootSet::from_slice(reader.bytes()?)?,
                snapshot: Version::new(reader.uint32()?),
                snapshot_key: match reader.bytes()? {
                    [] => None,
                    kid => Some(kid.try_into().map(Kid::new).map_err(|_| Malformed::WrongLength)?),
                },
                newest_signed: UnixTime::from_seconds(reader.uint()?),
                parts: read_marks(reader)?,
            })
        })
    }
}

fn read_marks(reader: &mut Reader<'_>) -> Result<BTreeMap<PartName, Version>, Malformed> {
    let marks = reader.list(0, MAX_MARKS, |r| {
        r.array_of(2)?;
        Ok((PartName::parse(r.text()?)?, Version::new(r.uint32()?)))
    })?;
    if marks.is_sorted_by(|(a, _), (b, _)| a < b) {
        Ok(marks.into_iter().collect())
    } else {
        Err(Malformed::NotCanonical("marks"))
    }
}

const MAGIC: &str = "DCS1";
/// How far a version may rise at once. A thief of the snapshot key who raised it to the end would shut out every honest
/// bundle after his. So large that the authority never meets it (one a second for two years, or a date written as a number,
/// 20261124, from nothing), so small that the end of 32 bits is 64 accepted bundles away.
pub const MAX_VERSION_STEP: u32 = 1 << 26;
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
        state.snapshot_key = Some(Kid::new([1, 2, 3, 4]));
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

    #[test]
    fn a_state_that_marks_a_part_twice_is_refused() {
        let roots = RootSet::new(1, vec![PublicKey::Ed25519([1; 32])]).unwrap();
        let file = |marks: &[u8]| {
            let content = Writer::new().array(6).text(MAGIC).bytes(&roots.to_bytes()).uint(1_u8).bytes(&[]);
            let content =
                content.uint(1_u8).list(marks, |w, mark| w.array(2).text("trust").uint(*mark)).finish();
            Writer::new().array(2).bytes(&sha256(&content)).bytes(&content).finish()
        };
        assert!(State::from_slice(&file(&[2])).is_ok());
        assert_eq!(State::from_slice(&file(&[2, 1])), Err(Malformed::NotCanonical("marks")));
    }
}
