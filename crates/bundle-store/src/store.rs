//! The folder: `state`, `bundle`, and `lock`, which one program at a time holds.
//! A bundle takes effect when both files are durable. The bundle is written first: after a crash between the two
//! it is newer than the marks, which is an ordinary update; the other way round it would look rolled back.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use credential::bundle::MAX_BUNDLE_BYTES;
use credential::delta::Delta;
use credential::trust_list::RootSet;
use credential::{Malformed, UnixTime};
use verifier::{Bundle, CLOCK_TOLERANCE_SECONDS, Refusal, State};

use crate::durable;
use crate::error::{Doing, Error};

/// A verifier's memory.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    state: State,
    _lock: File,
}

/// What was found in the folder.
pub struct Opened {
    /// The memory.
    pub store: Store,
    /// The bundle in force; `None` when there is none yet, or it does not verify.
    pub bundle: Option<Bundle>,
    /// Why a bundle that is there does not count.
    pub refused: Option<Refusal>,
}

impl Store {
    /// Makes the folder and the state of a verifier that knows its roots and nothing else.
    /// Refuses a folder that has a state, whatever it looks like.
    pub fn init(folder: &Path, roots: RootSet) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(|source| Error::io(Doing::Write, folder, source))?;
        let lock = lock(folder)?;
        if state_path(folder).exists() {
            return Err(Error::AlreadyInitialised { folder: folder.into() });
        }
        let state = State::pinned(roots);
        durable::replace(&state_path(folder), &state.to_bytes())?;
        Ok(Self { folder: folder.into(), state, _lock: lock })
    }

    /// Reads state and bundle. A damaged state is an error; a damaged bundle leaves none in force until the next update.
    pub fn open(folder: &Path) -> Result<Opened, Error> {
        let not_initialised = || Error::NotInitialised { folder: folder.into() };
        if !folder.is_dir() {
            return Err(not_initialised());
        }
        let (lock, path) = (lock(folder)?, state_path(folder));
        let bytes = durable::read(&path, MAX_STATE_BYTES)?.ok_or_else(not_initialised)?;
        let state = State::from_slice(&bytes).map_err(|cause| Error::StateDamaged { path, cause })?;
        let mut store = Self { folder: folder.into(), state, _lock: lock };
        let (bundle, refused) = match store.install_from_disk()? {
            None => (None, None),
            Some(Ok(bundle)) => (Some(bundle), None),
            Some(Err(refusal)) => (None, Some(refusal)),
        };
        Ok(Opened { store, bundle, refused })
    }

    /// Takes a newer bundle, whole or as a delta. On an error everything stays as it was.
    pub fn update(&mut self, file: &[u8], now: UnixTime) -> Result<Bundle, Error> {
        let rebuilt = if Delta::is_delta(file) { Some(self.apply(file)?) } else { None };
        let file = rebuilt.as_deref().unwrap_or(file);
        let mut state = self.state.clone();
        let bundle = Bundle::install(file, &mut state)?;
        // Once it is remembered that this time was signed, every right clock would seem to be behind.
        if now.plus_seconds(CLOCK_TOLERANCE_SECONDS) < state.newest_signed() {
            return Err(Refusal::ClockBehind.into());
        }
        durable::replace(&bundle_path(&self.folder), file)?;
        self.keep(state)?;
        Ok(bundle)
    }

    /// The marks.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    fn install_from_disk(&mut self) -> Result<Option<Result<Bundle, Refusal>>, Error> {
        let Some(bytes) = durable::read(&bundle_path(&self.folder), MAX_BUNDLE_BYTES)? else {
            return Ok(None);
        };
        let mut state = self.state.clone();
        let bundle = Bundle::install(&bytes, &mut state);
        if bundle.is_ok() {
            self.keep(state)?;
        }
        Ok(Some(bundle))
    }

    fn apply(&self, file: &[u8]) -> Result<Vec<u8>, Error> {
        let delta = Delta::parse(file).map_err(|cause| Error::BadDelta { cause })?;
        let other_base = |wanted| Error::OtherBase { wanted, ours: self.state.snapshot() };
        let base = durable::read(&bundle_path(&self.folder), MAX_BUNDLE_BYTES)?;
        let base = base.ok_or_else(|| other_base(delta.base))?;
        delta.apply(&base).map_err(|cause| match cause {
            Malformed::WrongBase { wanted } => other_base(wanted),
            cause => Error::BadDelta { cause },
        })
    }

    fn keep(&mut self, state: State) -> Result<(), Error> {
        if state != self.state {
            durable::replace(&state_path(&self.folder), &state.to_bytes())?;
            self.state = state;
        }
        Ok(())
    }
}

fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let io_error = |source| Error::io(Doing::Write, &path, source);
    let file = File::create(&path).map_err(io_error)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { folder: folder.into() }),
        Err(TryLockError::Error(source)) => Err(io_error(source)),
    }
}

fn state_path(folder: &Path) -> PathBuf {
    folder.join("state")
}

fn bundle_path(folder: &Path) -> PathBuf {
    folder.join("bundle")
}

/// 40,960 marks of at most 100 bytes.
const MAX_STATE_BYTES: usize = 4 << 20;
