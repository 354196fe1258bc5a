//! Files that are there whole or not at all, also after a power cut:
//! written beside, flushed, renamed, and the folder flushed.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::error::Error;

/// Replaces a file, or makes it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let file = written_beside(path, bytes)?;
    file.persist(path).map_err(|error| Error::writing(path, &error.error))?;
    flush_folder(path)
}

/// Makes a file that must not be there yet.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let file = written_beside(path, bytes)?;
    file.persist_noclobber(path).map_err(|error| match error.error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::WouldOverwrite { path: path.into() },
        _ => Error::writing(path, &error.error),
    })?;
    flush_folder(path)
}

/// A temporary file is readable by its owner alone (mode 0600), and so is what it becomes.
fn written_beside(path: &Path, bytes: &[u8]) -> Result<NamedTempFile, Error> {
    let write = || {
        let mut file = NamedTempFile::new_in(folder_of(path))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    write().map_err(|error: std::io::Error| Error::writing(path, &error))
}

fn flush_folder(path: &Path) -> Result<(), Error> {
    File::open(folder_of(path))
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Error::writing(path, &error))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Reads a file whole, if it is not larger than it may be.
pub(crate) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, Error> {
    let reading = |error: std::io::Error| Error::reading(path, &error);
    let file = File::open(path).map_err(reading)?;
    let length = file.metadata().map_err(reading)?.len();
    if length > limit as u64 {
        return Err(Error::TooLarge { path: path.into(), limit });
    }
    let mut bytes = Vec::new();
    // The length may grow, or be unknown as that of a pipe: the limit holds all the same.
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(reading)?;
    if bytes.len() > limit { Err(Error::TooLarge { path: path.into(), limit }) } else { Ok(bytes) }
}

/// Reads a text file; the text is wiped when dropped, for it may hold a passphrase.
pub(crate) fn read_text(path: &Path, limit: usize) -> Result<Zeroizing<String>, Error> {
    let text = String::from_utf8(read(path, limit)?);
    text.map(Zeroizing::new).map_err(|_| Error::NotUtf8 { path: path.into() })
}

/// Makes a folder with its parents; only its owner may enter.
pub(crate) fn make_folder(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Error::writing(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_replaced_only_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        create(&path, b"1").unwrap();
        assert!(matches!(create(&path, b"2"), Err(Error::WouldOverwrite { .. })));
        assert_eq!(read(&path, 10).unwrap(), b"1");
        replace(&path, b"3").unwrap();
        assert_eq!(read(&path, 10).unwrap(), b"3");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_file_over_its_limit_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, [0; 11]).unwrap();
        assert!(matches!(read(&path, 10), Err(Error::TooLarge { limit: 10, .. })));
        assert!(matches!(read(Path::new("/dev/zero"), 10), Err(Error::TooLarge { .. })));
    }
}
