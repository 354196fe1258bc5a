//! A key file named on the command line, opened with its passphrase.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use clap::Args;
use keystore::{KeyError, MAX_KEY_FILE_BYTES, SigningKey, Use, open};

use crate::durable_file;
use crate::error::Error;
use crate::passphrase::PassphraseSource;
use bilingual::Language;

/// Which key.
#[derive(Args)]
pub(crate) struct KeyFile {
    /// 密钥文件。 ¦ The key file.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// 演示：接受公开的示例密钥。 ¦ Demo: the public example keys are accepted.
    #[arg(long)]
    demo: bool,
}

impl KeyFile {
    pub(crate) fn open(&self, language: Language) -> Result<SigningKey, Error> {
        open_key(&self.key, &self.passphrase, allowed(self.demo), language)
    }
}

/// Opens a key file; the passphrase is asked for only where the file is encrypted.
pub(crate) fn open_key(
    path: &Path,
    passphrase: &PassphraseSource,
    allowed: Use,
    language: Language,
) -> Result<SigningKey, Error> {
    let file = durable_file::read(path, MAX_KEY_FILE_BYTES)?;
    // The keystore knows its own errors only; ours waits here.
    let failed = RefCell::new(None);
    let ask = || {
        passphrase.ask(language).map_err(|error| {
            failed.replace(Some(error));
            KeyError::NoPassphrase
        })
    };
    let opened = open(&file, allowed, ask);
    opened.map_err(|cause| failed.take().unwrap_or_else(|| Error::Key { path: path.into(), cause }))
}

/// What `--demo` allows.
pub(crate) fn allowed(demo: bool) -> Use {
    if demo { Use::Demo } else { Use::Production }
}
