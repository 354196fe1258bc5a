//! An applicants' file: CSV in UTF-8 or GB 18030, read as a stream. The service's IMPORT.md says what its columns mean.
//! The file is looked through once for its encoding and read once for its lines; it is never in memory whole.

use std::io::{self, BufRead, BufReader, Read};

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Decoder, GB18030, UTF_8};
use sha2::{Digest as _, Sha256};

use crate::fault::Field;
use crate::form::Source;

/// A file whose header was understood.
pub struct ApplicantsFile<R> {
    records: csv::StringRecordsIntoIter<Decoded<R>>,
    columns: Vec<Field>,
}

/// How the file writes its texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// With or without a byte order mark.
    Utf8,
    /// As older office software writes.
    Gb18030,
}

/// Why a file, or the rest of it, is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// A column that is not known, stands twice or is missing.
    Column {
        /// As the file names it.
        label: String,
        /// What is wrong with it.
        fault: ColumnFault,
    },
    /// A line is longer than [`MAX_LINE_BYTES`]: maybe a quote that is never closed.
    LineTooLong,
    /// Neither UTF-8 nor GB 18030.
    Encoding,
    /// Longer than [`MAX_FILE_BYTES`].
    TooLarge,
    /// What the system says.
    Reading(io::ErrorKind),
}

/// What is wrong with a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnFault {
    /// Not in the table of columns.
    Unknown,
    /// Named twice.
    Twice,
    /// Required and not there.
    Missing,
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

impl<R: Read> ApplicantsFile<R> {
    /// Reads the header. The encoding was found in a first pass over the same bytes.
    pub fn new(reader: R, encoding: Encoding) -> Result<Self, FileFault> {
        let decoded = Decoded::new(reader, encoding);
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(decoded);
        let header = reader.headers().map_err(|error| broken(&error))?.clone();
        Ok(Self { columns: columns(&header)?, records: reader.into_records() })
    }
}

impl<R: Read> Iterator for ApplicantsFile<R> {
    type Item = Result<Line, FileFault>;

    /// The next line. After a fault the rest cannot be trusted.
    fn next(&mut self) -> Option<Self::Item> {
        let record = match self.records.next()? {
            Ok(record) => record,
            Err(error) => return Some(Err(broken(&error))),
        };
        let number = record.position().map_or(0, csv::Position::line);
        let texts = match record.len() == self.columns.len() {
            true => Ok(Texts { record, columns: self.columns.clone() }),
            false => Err(record.len()),
        };
        Some(Ok(Line { number, texts }))
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
fn columns(header: &StringRecord) -> Result<Vec<Field>, FileFault> {
    let mut columns = Vec::new();
    for label in header {
        let wrong = |fault| FileFault::Column { label: label.trim().chars().take(40).collect(), fault };
        // Fields of other forms are no columns: what stands there would be read by nobody.
        let field = Field::from_label(label).filter(|field| !matches!(field, Field::Effective | Field::Born));
        let field = field.ok_or_else(|| wrong(ColumnFault::Unknown))?;
        if columns.contains(&field) {
            return Err(wrong(ColumnFault::Twice));
        }
        columns.push(field);
    }
    for needed in NEEDED {
        if !columns.contains(needed) {
            return Err(FileFault::Column { label: needed.zh().into(), fault: ColumnFault::Missing });
        }
    }
    Ok(columns)
}

impl Encoding {
    /// UTF-8 if every byte is, else GB 18030; UTF-16 announces itself and is refused.
    pub fn find(reader: impl Read) -> Result<Self, FileFault> {
        let mut reader = BufReader::with_capacity(CHUNK_BYTES, reader);
        let mut decoder = UTF_8.new_decoder_with_bom_removal();
        let mut text = vec![0; 4 * CHUNK_BYTES];
        let mut read = 0;
        loop {
            let chunk = reader.fill_buf().map_err(|error| FileFault::Reading(error.kind()))?;
            if read == 0 && (chunk.starts_with(&[0xff, 0xfe]) || chunk.starts_with(&[0xfe, 0xff])) {
                return Err(FileFault::Encoding);
            }
            let (length, last) = (chunk.len(), chunk.is_empty());
            read += length as u64;
            if read > MAX_FILE_BYTES {
                return Err(FileFault::TooLarge);
            }
            let (_, _, _, had_errors) = decoder.decode_to_utf8(chunk, &mut text, last);
            match (had_errors, last) {
                (true, _) => return Ok(Self::Gb18030),
                (false, true) => return Ok(Self::Utf8),
                (false, false) => reader.consume(length),
            }
        }
    }

    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => UTF_8.new_decoder_with_bom_removal(),
            Self::Gb18030 => GB18030.new_decoder(),
        }
    }
}

/// A file as UTF-8, whatever it was. What is no text becomes U+FFFD, which every field refuses.
struct Decoded<R> {
    inner: BufReader<R>,
    decoder: Decoder,
    text: Vec<u8>,
    at: usize,
    since_line_end: usize,
    read: u64,
    done: bool,
}

impl<R: Read> Decoded<R> {
    fn new(reader: R, encoding: Encoding) -> Self {
        let inner = BufReader::with_capacity(CHUNK_BYTES, reader);
        let decoder = encoding.decoder();
        Self { inner, decoder, text: Vec::new(), at: 0, since_line_end: 0, read: 0, done: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        let chunk = self.inner.fill_buf()?;
        let (length, last) = (chunk.len(), chunk.is_empty());
        self.read += length as u64;
        if self.read > MAX_FILE_BYTES {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
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

impl<R: Read> Read for Decoded<R> {
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

/// The two kinds that `Decoded` uses for its limits, and what the system says.
fn broken(error: &csv::Error) -> FileFault {
    match error.kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => FileFault::LineTooLong,
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::StorageFull => FileFault::TooLarge,
        csv::ErrorKind::Io(error) => FileFault::Reading(error.kind()),
        _ => FileFault::Encoding,
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
pub const MAX_FILE_BYTES: u64 = 64 << 20;
/// The longest allowed fields together take 2 kB.
pub const MAX_LINE_BYTES: usize = 64 << 10;
const CHUNK_BYTES: usize = 16 << 10;
