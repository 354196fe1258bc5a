//! Where words go: results to standard output, complaints and progress to standard error.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::error::Error;
use bilingual::Language;

/// The terminal or pipe a command speaks to.
pub(crate) struct Output {
    language: Language,
    json: bool,
    out: BufWriter<Stdout>,
}

impl Output {
    pub(crate) fn new(language: Language, json: bool) -> Self {
        Self { language, json, out: BufWriter::new(io::stdout()) }
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// Whether a program reads, not a person.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// One line of the result.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), Error> {
        writeln!(self.out, "{text}").map_err(closed)
    }

    /// One JSON object on a line of its own.
    pub(crate) fn object(&mut self, value: &impl Serialize) -> Result<(), Error> {
        serde_json::to_writer(&mut self.out, value).map_err(|error| closed(error.into()))?;
        self.line("")
    }

    /// The object for a program, the line for a person.
    pub(crate) fn either(&mut self, value: &impl Serialize, text: impl Display) -> Result<(), Error> {
        if self.json { self.object(value) } else { self.line(text) }
    }

    /// A remark for the person, beside the result.
    pub(crate) fn note(&mut self, text: impl Display) {
        let _ = self.out.flush();
        eprintln!("{text}");
    }

    /// Makes everything visible.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        self.out.flush().map_err(closed)
    }

    /// A bar for long work; invisible where nobody watches.
    pub(crate) fn progress(&self, total: u64) -> ProgressBar {
        if !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len}  {per_sec}  {eta}");
        ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}

fn closed(_: io::Error) -> Error {
    Error::OutputClosed
}
