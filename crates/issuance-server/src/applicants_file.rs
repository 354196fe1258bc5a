//! An applicants' file: CSV in UTF-8 or GB 18030, read as a stream. IMPORT.md says what its columns mean.
//! The file is looked through once for its encoding and read once for its lines; it is never in memory whole.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Decoder, GB18030, UTF_8};
use issuance::fault::Field;
use issuance::form::Source;
use sha2::{Digest as _, Sha256};

use crate::error::{ColumnFault, Error};

/// An open file whose header was understood.
pub struct ApplicantsFile {
    records: csv::StringRecordsIntoIter<Decoded>,
    columns: Vec<Field>,
}

/// One line of it.
pub struct Line {
    /// Its number in the file, the header being 1.
    pub number: u64,
    /// Its texts by field; `Err` with the number of texts where it has not as many as the header.
    pub texts: Result<Texts, usize>,
}

/// The texts of a line.
pub struct Texts {
    record: StringRecord,
    columns: Vec<Field>,
}

impl ApplicantsFile {
    /// Opens a file and reads its header. Refuses a file that is too large before reading it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let failed = |error: io::Error| Error::file(path, &error);
        let length = std::fs::metadata(path).map_err(failed)?.len();
        if length > MAX_FILE_BYTES {
            return Err(Error::TooLarge { path: path.to_owned(), limit: MAX_FILE_BYTES });
        }
        let decoder = find_encoding(path)?;
        let decoded = Decoded::new(File::open(path).map_err(failed)?, decoder);
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(decoded);
        let header = reader.headers().map_err(|error| broken(path, &error))?.clone();
        Ok(Self { columns: columns(&header)?, records: reader.into_records() })
    }

    /// The next line; `None` at the end.
    pub fn next_line(&mut self, path: &Path) -> Result<Option<Line>, Error> {
        let Some(record) = self.records.next() else { return Ok(None) };
        let record = record.map_err(|error| broken(path, &error))?;
        let number = record.position().map_or(0, csv::Position::line);
        let texts = match record.len() == self.columns.len() {
            true => Ok(Texts { record, columns: self.columns.clone() }),
            false => Err(record.len()),
        };
        Ok(Some(Line { number, texts }))
    }
}

impl Texts {
    /// The digest by which the line counts once: over every field, by name, whatever the order of the columns.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for field in Field::ALL {
            let text = self.text(*field).trim();
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }
}

impl Source for Texts {
    fn text(&self, field: Field) -> &str {
        let at = self.columns.iter().position(|column| *column == field);
        at.and_then(|at| self.record.get(at)).unwrap_or_default()
    }
}

/// Which field each column is.
fn columns(header: &StringRecord) -> Result<Vec<Field>, Error> {
    let mut columns = Vec::new();
    for label in header {
        let wrong = |fault| Error::Column { label: label.trim().chars().take(40).collect(), fault };
        let field = Field::from_label(label).ok_or_else(|| wrong(ColumnFault::Unknown))?;
        if columns.contains(&field) {
            return Err(wrong(ColumnFault::Twice));
        }
        columns.push(field);
    }
    for needed in NEEDED {
        if !columns.contains(needed) {
            return Err(Error::Column { label: needed.zh().into(), fault: ColumnFault::Missing });
        }
    }
    Ok(columns)
}

/// UTF-8 if every byte of the file is, else GB 18030; UTF-16 announces itself and is refused.
fn find_encoding(path: &Path) -> Result<Decoder, Error> {
    let failed = |error: io::Error| Error::file(path, &error);
    let mut reader = BufReader::with_capacity(CHUNK_BYTES, File::open(path).map_err(failed)?);
    let mut decoder = UTF_8.new_decoder_with_bom_removal();
    let mut text = vec![0; 4 * CHUNK_BYTES];
    let mut first = true;
    loop {
        let chunk = reader.fill_buf().map_err(failed)?;
        if first && (chunk.starts_with(&[0xff, 0xfe]) || chunk.starts_with(&[0xfe, 0xff])) {
            return Err(Error::Encoding { path: path.to_owned() });
        }
        first = false;
        let (length, last) = (chunk.len(), chunk.is_empty());
        let (_, _, _, had_errors) = decoder.decode_to_utf8(chunk, &mut text, last);
        if had_errors {
            return Ok(GB18030.new_decoder());
        }
        if last {
            return Ok(UTF_8.new_decoder_with_bom_removal());
        }
        reader.consume(length);
    }
}

/// A file as UTF-8, whatever it was. What is no text becomes U+FFFD, which every field refuses.
struct Decoded {
    inner: BufReader<File>,
    decoder: Decoder,
    text: Vec<u8>,
    at: usize,
    since_line_end: usize,
    done: bool,
}

impl Decoded {
    fn new(file: File, decoder: Decoder) -> Self {
        let inner = BufReader::with_capacity(CHUNK_BYTES, file);
        Self { inner, decoder, text: Vec::new(), at: 0, since_line_end: 0, done: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let chunk = self.inner.fill_buf()?;
        let (length, last) = (chunk.len(), chunk.is_empty());
        self.text.resize(4 * CHUNK_BYTES, 0);
        let (_, _, written, _) = self.decoder.decode_to_utf8(chunk, &mut self.text, last);
        self.inner.consume(length);
        self.text.truncate(written);
        (self.at, self.done) = (0, last);
        for byte in &self.text {
            self.since_line_end = if *byte == b'\n' { 0 } else { self.since_line_end + 1 };
            if self.since_line_end > MAX_LINE_BYTES {
                return Err(io::Error::from(io::ErrorKind::FileTooLarge));
            }
        }
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() && !self.done {
            self.refill()?;
        }
        let mut rest = self.text.get(self.at..).unwrap_or_default();
        let read = rest.read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

fn broken(path: &Path, error: &csv::Error) -> Error {
    match error.kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Error::LineTooLong { limit: MAX_LINE_BYTES }
        }
        csv::ErrorKind::Io(error) => Error::file(path, error),
        _ => Error::Encoding { path: path.to_owned() },
    }
}

const NEEDED: &[Field] = &[
    Field::IdentityNumber,
    Field::Name,
    Field::County,
    Field::Components,
    Field::AssessedOn,
    Field::Doctor1,
    Field::Doctor2,
];
/// A campaign's 18,000 people take 4 MB.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// The longest allowed fields together take 2 kB.
const MAX_LINE_BYTES: usize = 64 << 10;
const CHUNK_BYTES: usize = 16 << 10;
