//! Files that are there whole or not at all, also after a power cut: written beside, flushed, renamed, the folder flushed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::error::{Doing, Error};

/// Replaces a file, or makes it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let beside = path.with_extension("new");
    let written = write_flushed(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .and_then(|()| path.parent().map_or(Ok(()), flush_folder));
    if written.is_err() {
        // A full disk needs the room of the half-written file more than anybody needs the file.
        let _ = fs::remove_file(&beside);
    }
    written.map_err(|source| Error::io(Doing::Write, path, source))
}

/// Reads a file whole, if it is there and not larger than it may be.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, Error> {
    let io_error = |source| Error::io(Doing::Read, path, source);
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > limit as u64 => Err(io_error(io::ErrorKind::FileTooLarge.into())),
        Ok(_) => fs::read(path).map(Some).map_err(io_error),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error(error)),
    }
}

fn write_flushed(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
