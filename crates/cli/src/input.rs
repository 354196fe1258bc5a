//! What a command is given: pictures, texts, folders, standard input; and what is found in them.
//! An argument that begins like a code is a text; one that names a file or a folder is that;
//! one that looks like a path is a missing file; all else is a text that is no code.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use credential::qr_text::MAX_QR_TEXT_CHARS;

use crate::picture::{self, Code};
use crate::unreadable::Unreadable;

/// Something to look at, not yet looked at.
pub(crate) enum Source {
    /// A text argument, by its place on the command line: a QR text must not turn up in logs.
    Text { label: String, text: String },
    /// A picture or a file of texts.
    File(PathBuf),
    /// Lines of text, or one picture.
    Stdin,
    /// Nothing can be looked at.
    Failed { label: String, why: Unreadable },
}

/// What was found at one place.
pub(crate) struct Input {
    /// Path, `stdin:3`, `argument:2`.
    pub(crate) label: String,
    /// The text, or why there is none.
    pub(crate) found: Result<Found, Unreadable>,
}

/// A text, and the code it was in.
pub(crate) struct Found {
    pub(crate) text: String,
    /// Side of the QR code, where there was one.
    pub(crate) modules: Option<u32>,
}

impl Source {
    /// What each argument stands for; folders in the order of their names, with all that lies below.
    pub(crate) fn of_arguments(arguments: &[PathBuf]) -> Vec<Self> {
        let numbered = arguments.iter().zip(1..);
        numbered.flat_map(|(argument, number)| Self::of_argument(argument, number)).collect()
    }

    fn of_argument(argument: &Path, number: usize) -> Vec<Self> {
        let text = argument.to_string_lossy();
        let as_text =
            || vec![Self::Text { label: format!("argument:{number}"), text: text.clone().into_owned() }];
        if text == "-" {
            return vec![Self::Stdin];
        }
        if begins_like_a_code(&text) {
            return as_text();
        }
        match fs::metadata(argument) {
            Ok(found) if found.is_dir() => Self::of_folder(argument),
            Ok(_) => vec![Self::File(argument.into())],
            Err(error) if error.kind() == io::ErrorKind::NotFound && !looks_like_a_path(&text) => as_text(),
            // A text may be longer than the system lets a name be.
            Err(error) if error.kind() == io::ErrorKind::InvalidFilename => as_text(),
            Err(error) => vec![failed(argument, error.kind())],
        }
    }

    fn of_folder(folder: &Path) -> Vec<Self> {
        let mut sources = Vec::new();
        collect_folder(folder, &mut sources);
        if sources.is_empty() {
            sources.push(Self::Failed { label: folder.display().to_string(), why: Unreadable::Empty });
        }
        sources
    }

    /// Looks, and hands out what is there, line by line as it comes.
    pub(crate) fn read<E>(&self, mut take: impl FnMut(Input) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Text { label, text } => take(Input::text(label.clone(), text.clone())),
            Self::Failed { label, why } => take(Input { label: label.clone(), found: Err(*why) }),
            Self::Stdin => read_stream("stdin", &mut io::stdin().lock(), u64::MAX, &mut take),
            Self::File(path) => read_file(path, &mut take),
        }
    }
}

impl Input {
    fn text(label: String, text: String) -> Self {
        Self { label, found: Ok(Found { text, modules: None }) }
    }

    fn unopened(label: String, error: &io::Error) -> Self {
        Self { label, found: Err(Unreadable::NotOpened { kind: error.kind() }) }
    }
}

fn read_file<E>(path: &Path, take: &mut impl FnMut(Input) -> Result<(), E>) -> Result<(), E> {
    let label = path.display().to_string();
    match File::open(path).and_then(|file| Ok((file.metadata()?.len(), file))) {
        Ok((length, _)) if length > MAX_FILE_BYTES => take(Input { label, found: Err(TOO_LARGE) }),
        Ok((_, file)) => read_stream(&label, &mut BufReader::new(file), MAX_FILE_BYTES, take),
        Err(error) => take(Input::unopened(label, &error)),
    }
}

/// A stream is a picture if it begins like one, else lines of text.
fn read_stream<E>(
    label: &str,
    stream: &mut impl BufRead,
    text_limit: u64,
    take: &mut impl FnMut(Input) -> Result<(), E>,
) -> Result<(), E> {
    let start = match stream.fill_buf() {
        Ok(start) => start,
        Err(error) => return take(Input::unopened(label.into(), &error)),
    };
    let fail = |why| Input { label: label.into(), found: Err(why) };
    if start.is_empty() {
        return take(fail(Unreadable::Empty));
    }
    if picture::is_picture(start) {
        let found = read_picture(stream).map(|Code { text, modules }| Found { text, modules: Some(modules) });
        return take(Input { label: label.into(), found });
    }
    if start.contains(&0) || start.trim_ascii_start().starts_with(b"<") {
        return take(fail(Unreadable::NotAPicture));
    }
    read_lines(label, &mut stream.take(text_limit), take)
}

fn read_picture(stream: &mut impl BufRead) -> Result<Code, Unreadable> {
    let mut bytes = Vec::new();
    let read = stream.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| Unreadable::NotOpened { kind: error.kind() })?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(TOO_LARGE);
    }
    picture::read_code(&bytes)
}

fn read_lines<E>(
    label: &str,
    stream: &mut io::Take<impl BufRead>,
    take: &mut impl FnMut(Input) -> Result<(), E>,
) -> Result<(), E> {
    let mut found = 0;
    for number in 1u64.. {
        let label = format!("{label}:{number}");
        match next_line(stream) {
            Ok(None) => break,
            Ok(Some(line)) if line.trim().is_empty() => {}
            Ok(Some(line)) => {
                found += 1;
                take(Input::text(label, line))?;
            }
            Err(error) => return take(Input::unopened(label, &error)),
        }
    }
    let why = match (stream.limit(), found) {
        (0, _) => TOO_LARGE,
        (_, 0) => Unreadable::Empty,
        _ => return Ok(()),
    };
    take(Input { label: label.into(), found: Err(why) })
}

/// A line without its end. Of an endless one only so much is kept that it is known to be too long.
fn next_line(stream: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let keep = MAX_QR_TEXT_CHARS as u64 + 1;
    if stream.by_ref().take(keep).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if !line.ends_with(b"\n") && line.len() as u64 == keep {
        stream.skip_until(b'\n')?;
    }
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}

/// In a folder only pictures and text files are looked at. Links to folders are not followed: they may lead back.
fn collect_folder(folder: &Path, sources: &mut Vec<Source>) {
    let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        Err(error) => return sources.push(failed(folder, error.kind())),
    };
    let mut entries: Vec<_> = entries.into_iter().map(|entry| (entry.path(), entry.file_type())).collect();
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (path, file_type) in entries {
        match file_type {
            Ok(file_type) if file_type.is_dir() => collect_folder(&path, sources),
            Ok(_) if has_known_extension(&path) => sources.push(Source::File(path)),
            Ok(_) => {}
            Err(error) => sources.push(failed(&path, error.kind())),
        }
    }
}

fn failed(path: &Path, kind: io::ErrorKind) -> Source {
    Source::Failed { label: path.display().to_string(), why: Unreadable::NotOpened { kind } }
}

fn has_known_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| ["png", "jpg", "jpeg", "webp", "txt"].contains(&extension.as_str()))
}

fn begins_like_a_code(text: &str) -> bool {
    let start = text.trim_start().to_ascii_lowercase();
    ["dc1:", "dp1:", "https://", "http://"].iter().any(|scheme| start.starts_with(scheme))
}

/// `folder/name`, `name.png`: somebody meant a file.
fn looks_like_a_path(text: &str) -> bool {
    let short_extension = |extension: &str| {
        (1..=5).contains(&extension.len()) && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    text.contains(['/', '\\'])
        || text.rsplit_once('.').is_some_and(|(name, end)| !name.is_empty() && short_extension(end))
}

/// The largest phone pictures have some 30 MB; as text it is two hundred thousand codes.
const MAX_FILE_BYTES: u64 = 64 << 20;
const TOO_LARGE: Unreadable = Unreadable::TooLarge { limit_megabytes: MAX_FILE_BYTES >> 20 };

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(arguments: &[&str]) -> Vec<String> {
        let arguments: Vec<PathBuf> = arguments.iter().map(PathBuf::from).collect();
        Source::of_arguments(&arguments)
            .into_iter()
            .map(|source| match source {
                Source::Text { label, .. } => label,
                Source::File(path) => format!("file {}", path.display()),
                Source::Stdin => "-".into(),
                Source::Failed { label, why } => format!("{label} {}", why.name()),
            })
            .collect()
    }

    #[test]
    fn an_argument_is_a_code_a_file_a_missing_file_or_some_text() {
        assert_eq!(labels(&["dc1:123", "hello", "-"]), ["argument:1", "argument:2", "-"]);
        assert_eq!(labels(&["missing.png", "no/such"]), ["missing.png NotFound", "no/such NotFound"]);
        assert_eq!(labels(&["https://a/b.png", "8.png.text with spaces"]), ["argument:1", "argument:2"]);
        assert_eq!(labels(&["Cargo.toml"]), ["file Cargo.toml"]);
        assert_eq!(labels(&[&"9".repeat(5000)]), ["argument:1"]);
    }

    #[test]
    fn a_folder_is_read_with_all_below_it_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("b");
        fs::create_dir(&below).unwrap();
        for name in ["c.PNG", "a.jpg", "b/z.webp", "b/y.svg", "notes.md"] {
            fs::write(folder.path().join(name), b"x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), below.join("loop")).unwrap();
        let names: Vec<_> = labels(&[folder.path().to_str().unwrap()]);
        let ends: Vec<_> = names.iter().map(|name| name.rsplit('/').next().unwrap()).collect();
        assert_eq!(ends, ["a.jpg", "z.webp", "c.PNG"]);
        assert!(labels(&["src/policy-that-is-missing/"])[0].ends_with("NotFound"));
    }

    fn lines_of(mut bytes: &[u8], limit: u64) -> Vec<(String, Result<usize, Unreadable>)> {
        let mut all = Vec::new();
        let done: Result<(), ()> = read_stream("x", &mut bytes, limit, &mut |input: Input| {
            all.push((input.label, input.found.map(|found| found.text.len())));
            Ok(())
        });
        done.unwrap();
        all
    }

    #[test]
    fn lines_are_numbered_and_an_endless_one_is_cut() {
        assert_eq!(lines_of(b"ab\n\ncde", 99), [("x:1".into(), Ok(3)), ("x:3".into(), Ok(3))]);
        let endless = [&[b'9'; 20_000][..], b"\nab\n"].concat();
        assert_eq!(lines_of(&endless, 99_999), [("x:1".into(), Ok(7090)), ("x:2".into(), Ok(3))]);
    }

    #[test]
    fn what_is_no_text_and_what_is_too_large_is_said() {
        assert_eq!(lines_of(b"", 99), [("x".into(), Err(Unreadable::Empty))]);
        assert_eq!(lines_of(b"\n\n", 99), [("x".into(), Err(Unreadable::Empty))]);
        assert_eq!(lines_of(b"a\0b", 99), [("x".into(), Err(Unreadable::NotAPicture))]);
        assert_eq!(lines_of(b"<svg>", 99), [("x".into(), Err(Unreadable::NotAPicture))]);
        assert_eq!(lines_of(b"ab\nab\nab\n", 7).last(), Some(&("x".into(), Err(TOO_LARGE))));
    }
}
