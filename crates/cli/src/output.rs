//! Where words go: results to standard output, complaints and progress to standard error.
//! Colour only helps: every coloured word says the same without it.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::edge;
use crate::error::Error;
use bilingual::Language;

/// The terminal or pipe a command speaks to.
pub(crate) struct Output {
    language: Language,
    coloured: bool,
    out: BufWriter<Stdout>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

/// What a colour means.
#[derive(Clone, Copy)]
pub(crate) enum Paint {
    /// Accepted.
    Good,
    /// Refused.
    Bad,
    /// Look twice.
    Careful,
    /// Less important.
    Faint,
}

impl Output {
    pub(crate) fn new(language: Language, colour: Colour) -> Self {
        let coloured = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => io::stdout().is_terminal() && !edge::no_color(),
        };
        Self { language, coloured, out: BufWriter::new(io::stdout()) }
    }

    /// The language of whoever reads.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// Whether results go to where colours are seen.
    pub(crate) fn is_coloured(&self) -> bool {
        self.coloured
    }

    /// One line of the result.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), Error> {
        writeln!(self.out, "{text}").map_err(closed)
    }

    /// One JSON object on a line of its own, visible at once: another program may be waiting for it.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_string(value).map_err(|error| closed(error.into()))?;
        self.line(text)?;
        self.flush()
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.out.write_all(bytes).map_err(closed)
    }

    /// Makes everything visible.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        self.out.flush().map_err(closed)
    }

    /// A text in the colour of its meaning.
    pub(crate) fn painted(&self, paint: Paint, text: &str) -> String {
        let code = match paint {
            Paint::Good => "1;32",
            Paint::Bad => "1;31",
            Paint::Careful => "33",
            Paint::Faint => "2",
        };
        if self.coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// A remark for the person, beside the result.
    pub(crate) fn note(&mut self, text: impl Display) {
        let _ = self.out.flush();
        eprintln!("{text}");
    }

    /// Says why a command ended.
    pub(crate) fn complain(&mut self, error: &Error) {
        let text = error.say(self.language);
        self.note(format_args!("zhengka: {text}"));
    }

    /// A bar for long work; invisible where nobody watches.
    pub(crate) fn progress(&self, total: usize) -> ProgressBar {
        if total < WORTH_A_BAR || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len}  {eta}");
        ProgressBar::new(total as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}

fn closed(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Error::OutputClosed,
        kind => Error::Output { kind },
    }
}

/// Twenty pictures take a few seconds.
const WORTH_A_BAR: usize = 21;
