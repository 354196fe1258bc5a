//! The bundles that were published, as files by version: the newest is handed out whole, and from an older one as a
//! delta. Files are read when they are asked for, so that a bundle published by another process is served at once.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use credential::bundle::MAX_BUNDLE_BYTES;
use credential::delta::Delta;
use sha2::{Digest, Sha256};

/// The folder with the bundles.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    newest: Mutex<Option<Arc<Shelved>>>,
    /// To the newest, by the version they begin with. `None`: there is none to be had.
    deltas: Mutex<HashMap<u32, Option<Arc<Vec<u8>>>>>,
}

/// One bundle.
#[derive(Debug)]
pub struct Shelved {
    /// Its version.
    pub version: u32,
    /// The file.
    pub bytes: Vec<u8>,
    /// A strong validator (RFC 9110, 8.8.3): the SHA-256 of the file, in quotes.
    pub etag: String,
}

impl Shelf {
    /// A folder, which may be missing until something is published.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, newest: Mutex::new(None), deltas: Mutex::new(HashMap::new()) }
    }

    /// The newest bundle.
    pub fn newest(&self) -> io::Result<Option<Arc<Shelved>>> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(version) = self.versions()?.into_iter().max() else { return Ok(None) };
        if let Some(known) = newest.as_ref().filter(|known| known.version == version) {
            return Ok(Some(Arc::clone(known)));
        }
        let bytes = self.read(version)?;
        let etag = format!("\"{}\"", hex::encode(Sha256::digest(&bytes)));
        let shelved = Arc::new(Shelved { version, bytes, etag });
        *newest = Some(Arc::clone(&shelved));
        self.deltas.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(Some(shelved))
    }

    /// What leads from a version to the newest; `None` if that one is not kept, or nothing is newer.
    pub fn delta(&self, base: u32) -> io::Result<Option<Arc<Vec<u8>>>> {
        let Some(newest) = self.newest()?.filter(|newest| newest.version > base) else { return Ok(None) };
        if !self.versions()?.contains(&base) {
            return Ok(None);
        }
        // Held while it is made: whoever asks for the same one waits for it rather than make it again.
        let mut deltas = self.deltas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = deltas.get(&base) {
            return Ok(known.clone());
        }
        let made = Delta::between(&self.read(base)?, &newest.bytes).ok().map(Arc::new);
        deltas.insert(base, made.clone());
        Ok(made)
    }

    fn versions(&self) -> io::Result<Vec<u32>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut versions = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".dcb"));
            versions.extend(stem.and_then(|stem| stem.parse::<u32>().ok()));
        }
        Ok(versions)
    }

    fn read(&self, version: u32) -> io::Result<Vec<u8>> {
        let bytes = std::fs::read(self.folder.join(format!("{version}.dcb")))?;
        if bytes.len() > MAX_BUNDLE_BYTES { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
    }
}
