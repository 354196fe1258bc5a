//! The journal: what was decided, in lines that survive a power cut before the barrier opens.
//! Bounded: a full file moves aside to `journal.old`, and the new one begins with the uses that quotas still count,
//! so that no flood of refusals makes the gate forget who rode.
//! A torn last line was not acted on and is cut off. A damaged line before it is an error: a person decides.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::entry::{BadLine, Entry};
use crate::error::Error;

/// An open journal.
pub struct Journal {
    folder: PathBuf,
    file: File,
    length: u64,
    max_bytes: u64,
    /// Half a line stands at the end of the file.
    lost: bool,
}

/// Whether the system's cache may hold a line for a while.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flush {
    Now,
    Later,
}

impl Journal {
    /// Opens or makes the journal of a folder; returns the lines that are in it.
    pub fn open(folder: &Path, max_bytes: u64) -> Result<(Self, Vec<Entry>), Error> {
        let path = folder.join(CURRENT);
        let opening = |source| Error::journal(&path, source);
        let bytes = read_or_finish_rotation(folder).map_err(opening)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let entries = parse(&path, &bytes[..whole])?;

        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(opening)?;
        let length = whole as u64;
        file.set_len(length).and_then(|()| file.sync_all()).map_err(opening)?;
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(opening)?;
        Ok((Self { folder: folder.into(), file, length, max_bytes, lost: false }, entries))
    }

    /// Makes a line durable. When this returns without an error, no power cut takes it back.
    pub fn append(&mut self, entry: &Entry) -> io::Result<()> {
        self.write(entry, Flush::Now)
    }

    /// Adds a line that nobody acts on.
    pub fn note(&mut self, entry: &Entry) -> io::Result<()> {
        self.write(entry, Flush::Later)
    }

    /// Whether the file is full, so that [`Self::rotate`] is due.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.length >= self.max_bytes
    }

    /// Moves the file aside and begins a new one with these lines.
    pub fn rotate(&mut self, carried: impl Iterator<Item = Entry>) -> io::Result<()> {
        let text: String = carried.map(|entry| entry.to_line()).collect();
        // Half the room must be left, or every line would rotate the file again.
        if text.len() as u64 > self.max_bytes / 2 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let [current, new, old] = [CURRENT, NEW, OLD].map(|name| self.folder.join(name));
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&current, old)?;
        fs::rename(new, &current)?;
        File::open(&self.folder)?.sync_all()?;
        self.file = OpenOptions::new().append(true).open(current)?;
        self.length = text.len() as u64;
        Ok(())
    }

    fn write(&mut self, entry: &Entry, flush: Flush) -> io::Result<()> {
        self.find_end();
        // Carried lines may fill a file on their own account: a gate that cannot account for a ride gives none.
        if self.lost || self.length >= self.max_bytes.saturating_mul(2) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let line = entry.to_line();
        let written = self.file.write_all(line.as_bytes()).and_then(|()| match flush {
            Flush::Now => self.file.sync_data(),
            Flush::Later => Ok(()),
        });
        match &written {
            Ok(()) => self.length += line.len() as u64,
            // A part of the line may be there: take it back, so that the next line begins at a beginning.
            Err(_) => self.lost = true,
        }
        self.find_end();
        written
    }

    fn find_end(&mut self) {
        if self.lost {
            self.lost = self.file.set_len(self.length).is_err();
        }
    }
}

/// The lines of a journal that nobody writes to, for people.
pub fn read(path: &Path) -> Result<Vec<Entry>, Error> {
    let bytes = fs::read(path).map_err(|source| Error::journal(path, source))?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    parse(path, &bytes[..whole])
}

/// A rotation that a power cut stopped between its two renames is finished.
fn read_or_finish_rotation(folder: &Path) -> io::Result<Vec<u8>> {
    let [current, new, old] = [CURRENT, NEW, OLD].map(|name| folder.join(name));
    if !current.exists() && new.exists() && old.exists() {
        fs::rename(new, &current)?;
    }
    match fs::read(current) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(vec![]),
        read => read,
    }
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Vec<Entry>, Error> {
    let parse = |(at, line): (usize, &[u8])| {
        let text = str::from_utf8(line).map_err(|_| BadLine::CheckSum);
        let damaged = |cause| Error::JournalDamaged { path: path.into(), line: at + 1, cause };
        text.and_then(Entry::parse).map_err(damaged)
    };
    let lines = bytes.strip_suffix(b"\n").map(|lines| lines.split(|byte| *byte == b'\n'));
    lines.into_iter().flatten().enumerate().map(parse).collect()
}

/// The file that grows.
pub const CURRENT: &str = "journal";
const NEW: &str = "journal.new";
const OLD: &str = "journal.old";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{PassId, Verdict};
    use crate::quota::Uses;
    use credential::status_list::StatusIndex;
    use credential::{Kid, UnixTime};
    use verifier::Refusal;

    const ROOMY: u64 = 1 << 20;

    fn ride(index: u32) -> Entry {
        let pass = PassId { kid: Kid::new([1, 2, 3, 4]), index: StatusIndex::new(index) };
        Entry { time: UnixTime::from_seconds(1_795_500_000), pass, verdict: Verdict::Counted }
    }

    fn refusal(index: u32) -> Entry {
        Entry { verdict: Verdict::Refused(Refusal::Replayed), ..ride(index) }
    }

    #[test]
    fn lines_are_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, lines) = Journal::open(folder.path(), ROOMY).unwrap();
        assert!(lines.is_empty());
        journal.append(&ride(1)).unwrap();
        journal.note(&refusal(2)).unwrap();
        drop(journal);
        assert_eq!(Journal::open(folder.path(), ROOMY).unwrap().1, [ride(1), refusal(2)]);
    }

    #[test]
    fn a_torn_last_line_is_cut_off_wherever_it_was_torn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(CURRENT);
        let (first, second) = (ride(1).to_line(), ride(2).to_line());
        for cut in 0..second.len() {
            fs::write(&path, format!("{first}{}", &second[..cut])).unwrap();
            let (mut journal, lines) = Journal::open(folder.path(), ROOMY).unwrap();
            assert_eq!(lines, [ride(1)]);
            journal.append(&ride(3)).unwrap();
            assert_eq!(read(&path).unwrap(), [ride(1), ride(3)], "cut at {cut}");
        }
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_named_and_not_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let damaged = ride(2).to_line().replace("counted", "countec");
        let text = [ride(1).to_line(), damaged, ride(3).to_line()].concat();
        fs::write(folder.path().join(CURRENT), text).unwrap();
        let Err(Error::JournalDamaged { line, .. }) = Journal::open(folder.path(), ROOMY) else { panic!() };
        assert_eq!(line, 2);
    }

    #[test]
    fn a_flood_of_refusals_moves_aside_and_forgets_no_ride() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path(), 2000).unwrap();
        let mut uses = Uses::default();
        uses.count(ride(1).pass, ride(1).time);
        journal.append(&ride(1)).unwrap();
        for n in 0..1000 {
            if journal.is_full() {
                journal.rotate(uses.carried(ride(1).time)).unwrap();
            }
            journal.note(&refusal(n)).unwrap();
        }
        drop(journal);
        let sizes = [CURRENT, OLD].map(|name| fs::metadata(folder.path().join(name)).unwrap().len());
        assert!(sizes.iter().all(|size| *size < 2100), "{sizes:?}");
        let mut restored = Uses::default();
        let (_, lines) = Journal::open(folder.path(), 2000).unwrap();
        lines.iter().for_each(|entry| restored.restore(entry));
        assert_eq!(restored.carried(ride(1).time).count(), 1);
    }

    #[test]
    fn a_rotation_that_was_cut_between_its_renames_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(OLD), ride(1).to_line()).unwrap();
        fs::write(folder.path().join(NEW), ride(2).to_line()).unwrap();
        assert_eq!(Journal::open(folder.path(), ROOMY).unwrap().1, [ride(2)]);
        // Before the first rename the old file is still the one.
        fs::write(folder.path().join(NEW), ride(3).to_line()).unwrap();
        assert_eq!(Journal::open(folder.path(), ROOMY).unwrap().1, [ride(2)]);
    }

    #[test]
    fn a_full_disk_is_an_error_and_leaves_no_half_line() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path(), ROOMY).unwrap();
        journal.append(&ride(1)).unwrap();
        journal.file = OpenOptions::new().append(true).open("/dev/full").unwrap();
        assert_eq!(journal.append(&ride(2)).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(journal.append(&ride(3)).is_err());
        drop(journal);
        assert_eq!(Journal::open(folder.path(), ROOMY).unwrap().1, [ride(1)]);
    }
}
