//! The file in which a verifier's memory outlives the program: `["DCV1", sha256 of the pinned root file, state]`.
//! A damaged file is an error and never a fresh start; so is another pin than the one it began with.
//! Replaced whole, under a lock on its folder, before the bundle it speaks of is used.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use credential::Malformed;
use credential::cbor::{Reader, Writer};
use credential::snapshot::sha256;
use credential::trust_list::RootSet;
use verifier::State;

use crate::durable_file;
use crate::error::Error;

/// A state and where it is kept. Holds the lock while it lives.
pub(crate) struct StateFile {
    path: PathBuf,
    pin: [u8; 32],
    kept: Option<State>,
    _lock: File,
}

impl StateFile {
    /// Opens the one in this folder, or begins one with these roots where there is none.
    pub(crate) fn open(folder: &Path, roots: &RootSet) -> Result<(Self, State), Error> {
        durable_file::make_folder(folder)?;
        let lock = File::open(folder).map_err(|error| Error::reading(folder, &error))?;
        lock.lock().map_err(|error| Error::writing(folder, &error))?;
        let path = folder.join(NAME);
        let pin = sha256(&roots.to_bytes());
        let kept = match durable_file::read(&path, MAX_STATE_BYTES) {
            Ok(bytes) => Some(parse(&bytes, &path, pin)?),
            Err(Error::Reading { kind: io::ErrorKind::NotFound, .. }) => None,
            Err(error) => return Err(error),
        };
        let state = kept.clone().unwrap_or_else(|| State::pinned(roots.clone()));
        Ok((Self { path, pin, kept, _lock: lock }, state))
    }

    /// Keeps the state, if it moved.
    pub(crate) fn keep(&mut self, state: &State) -> Result<(), Error> {
        if self.kept.as_ref() == Some(state) {
            return Ok(());
        }
        let bytes = Writer::new().array(3).text(MAGIC).bytes(&self.pin).bytes(&state.to_bytes()).finish();
        durable_file::replace(&self.path, &bytes)?;
        self.kept = Some(state.clone());
        Ok(())
    }
}

/// The pin's digest and the state.
pub(crate) fn from_slice(bytes: &[u8]) -> Result<([u8; 32], State), Malformed> {
    Reader::whole(bytes, |reader| {
        reader.array_of(3)?;
        if reader.text()? != MAGIC {
            return Err(Malformed::WrongTag);
        }
        Ok((*reader.array_of_bytes()?, State::from_slice(reader.bytes()?)?))
    })
}

fn parse(bytes: &[u8], path: &Path, pin: [u8; 32]) -> Result<State, Error> {
    let (kept_pin, state) =
        from_slice(bytes).map_err(|cause| Error::StateDamaged { path: path.into(), cause })?;
    if kept_pin == pin { Ok(state) } else { Err(Error::OtherPin { path: path.into() }) }
}

const MAGIC: &str = "DCV1";
/// Inside the folder.
pub(crate) const NAME: &str = "state.dcv";
/// Forty thousand marks of forty bytes.
const MAX_STATE_BYTES: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use credential::PublicKey;

    use super::*;

    fn roots(n: u8) -> RootSet {
        RootSet::new(1, vec![PublicKey::Ed25519([n; 32])]).unwrap()
    }

    #[test]
    fn a_state_is_kept_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let (mut file, state) = StateFile::open(folder.path(), &roots(1)).unwrap();
        file.keep(&state).unwrap();
        drop(file);
        let (file, again) = StateFile::open(folder.path(), &roots(1)).unwrap();
        assert!(file.kept.is_some() && again == state);
    }

    #[test]
    fn a_damaged_file_or_another_pin_is_an_error_and_never_a_fresh_start() {
        let folder = tempfile::tempdir().unwrap();
        let (mut file, state) = StateFile::open(folder.path(), &roots(1)).unwrap();
        file.keep(&state).unwrap();
        drop(file);
        assert!(matches!(StateFile::open(folder.path(), &roots(2)), Err(Error::OtherPin { .. })));
        let path = folder.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let opened = StateFile::open(folder.path(), &roots(1));
            assert!(matches!(opened, Err(Error::StateDamaged { .. })), "cut at {cut}");
        }
        for at in 0..whole.len() {
            let mut altered = whole.clone();
            altered[at] ^= 1;
            std::fs::write(&path, &altered).unwrap();
            assert!(StateFile::open(folder.path(), &roots(1)).is_err(), "byte {at}");
        }
    }
}
