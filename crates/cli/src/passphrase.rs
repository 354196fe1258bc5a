//! Where a passphrase comes from: a file that is named, the keyboard without an echo,
//! or a line of standard input where that is no terminal.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::Args;
use keystore::{KeyError, MAX_KEY_FILE_BYTES, Passphrase};
use zeroize::Zeroizing;

use crate::durable_file;
use crate::error::Error;
use bilingual::Language;

/// Which file, if any.
#[derive(Args)]
pub(crate) struct PassphraseSource {
    /// 存放口令的文件；默认从键盘输入。 ¦ File that holds the passphrase; else it is typed.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseSource {
    /// The passphrase of a key that exists.
    pub(crate) fn ask(&self, language: Language) -> Result<Passphrase, Error> {
        let text = match &self.passphrase_file {
            Some(path) => durable_file::read_text(path, MAX_KEY_FILE_BYTES)?,
            None => type_in(language.pick("口令：", "Passphrase: "))?,
        };
        passphrase(&text)
    }

    /// The passphrase of a new key; typed twice, for nobody sees what is typed.
    pub(crate) fn ask_for_new(&self, language: Language) -> Result<Passphrase, Error> {
        if self.passphrase_file.is_some() {
            return self.ask(language);
        }
        let first = type_in(language.pick("新口令：", "New passphrase: "))?;
        let chosen = passphrase(&first)?;
        let second = type_in(language.pick("再输入一次：", "The same again: "))?;
        if *first == *second { Ok(chosen) } else { Err(Error::PassphrasesDiffer) }
    }
}

fn passphrase(text: &str) -> Result<Passphrase, Error> {
    let text = text.trim_end_matches(['\r', '\n']).to_owned();
    Passphrase::new(text).map_err(|cause| Error::Passphrase { cause })
}

fn type_in(prompt: &str) -> Result<Zeroizing<String>, Error> {
    let none = |_| Error::Passphrase { cause: KeyError::NoPassphrase };
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(none);
    }
    let mut line = Zeroizing::new(String::new());
    io::stdin().read_line(&mut line).map_err(none)?;
    Ok(line)
}
