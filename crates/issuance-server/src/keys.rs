//! The issuer's keys in their files: opened with a passphrase, signing behind the port.

use std::path::PathBuf;

use credential::key::PublicKey;
use issuance::signer::{Signer, SignerError};
use keystore::{KeyError, MAX_KEY_FILE_BYTES, Passphrase, PublicKeyLine, Sealed, SigningKey, Use};
use zeroize::Zeroizing;

use crate::edge;
use crate::error::Error;
use crate::folder::{self, Folder};
use crate::personal_keys::PersonalKeys;
use bilingual::{Language, say};

/// Where a passphrase comes from.
#[derive(Clone)]
pub(crate) enum Ask {
    /// The first line of a file that only the service may read.
    File(PathBuf),
    /// Somebody types it.
    Terminal(Language),
}

/// Names of the keys an issuer has.
pub(crate) const NAMES: [&str; 3] = [ISSUER, STATUS, SNAPSHOT];
/// Signs certificates and passes.
pub(crate) const ISSUER: &str = "issuer";
/// Signs status lists.
pub(crate) const STATUS: &str = "status";
/// Signs snapshots.
pub(crate) const SNAPSHOT: &str = "snapshot";

/// A key from a file. Lives as long as the command.
pub(crate) struct FileKey(SigningKey);

impl Signer for FileKey {
    fn public_key(&self) -> PublicKey {
        self.0.public().key
    }

    fn sign(&self, to_be_signed: &[u8]) -> Result<[u8; 64], SignerError> {
        Ok(self.0.sign(to_be_signed))
    }
}

impl FileKey {
    /// A key that is not in a file, or not yet.
    pub(crate) fn new(key: SigningKey) -> Self {
        Self(key)
    }

    /// Opens the key of this name. Example keys open in a demonstration only.
    pub(crate) fn open(folder: &Folder, name: &str, ask: &Ask) -> Result<Self, Error> {
        let path = folder.key(name);
        let bytes = folder::read(&path, MAX_KEY_FILE_BYTES as u64)?;
        let allowed = if folder.settings().demo { Use::Demo } else { Use::Production };
        let key = keystore::open(&bytes, allowed, || ask.passphrase(name));
        key.map(Self).map_err(|error| Error::Key { path, error })
    }
}

impl Ask {
    pub(crate) fn passphrase(&self, name: &str) -> Result<Passphrase, KeyError> {
        match self {
            Self::File(path) => {
                let bytes =
                    folder::read(path, MAX_KEY_FILE_BYTES as u64).map_err(|_| KeyError::NoPassphrase)?;
                let text = String::from_utf8(bytes).map_err(|_| KeyError::NoPassphrase)?;
                Passphrase::new(text.lines().next().unwrap_or_default().to_owned())
            }
            Self::Terminal(language) => {
                let prompt = say!(language, "密钥 {} 的口令：", "passphrase of the key `{}`: ", name);
                Passphrase::new(rpassword::prompt_password(prompt).map_err(|_| KeyError::NoPassphrase)?)
            }
        }
    }
}

/// The keys of people's facts, and the file as it was read. Example keys, and keys in clear, serve a demonstration only.
pub(crate) fn personal(folder: &Folder, ask: &Ask) -> Result<(PersonalKeys, Zeroizing<Vec<u8>>), Error> {
    let path = folder.personal_keys();
    let failed = |error| Error::Key { path: path.clone(), error };
    let file = personal_file(folder)?;
    let (text, sealed) = keystore::open_text(&file, || ask.passphrase("personal")).map_err(failed)?;
    let keys = PersonalKeys::parse(&text).map_err(|_| failed(KeyError::NotAKeyFile))?;
    if !folder.settings().demo && (keys.are_example() || sealed == Sealed::InClear) {
        return Err(Error::PersonalKeysNotOurs { path });
    }
    Ok((keys, file))
}

/// The file of those keys as it lies there.
pub(crate) fn personal_file(folder: &Folder) -> Result<Zeroizing<Vec<u8>>, Error> {
    let path = folder.personal_keys();
    if !path.exists() {
        return Err(Error::PersonalKeysMissing { path });
    }
    Ok(Zeroizing::new(folder::read(&path, MAX_KEY_FILE_BYTES as u64)?))
}

/// An exchange of the keys of people's facts, new or on its way.
pub(crate) struct Exchange {
    /// The keys as they lie there.
    pub(crate) before: PersonalKeys,
    /// With a newer one after them, unless one has been added already.
    pub(crate) after: PersonalKeys,
    /// The file's next contents: every key after the exchange, and the newest alone.
    pub(crate) contents: [Zeroizing<String>; 2],
}

/// Asks for the passphrase once; writes nothing.
pub(crate) fn exchange_personal(folder: &Folder, ask: &Ask) -> Result<Exchange, Error> {
    let path = folder.personal_keys();
    let failed = |error| Error::Key { path: path.clone(), error };
    let file = personal_file(folder)?;
    let parse = |text: &str| PersonalKeys::parse(text).map_err(|_| KeyError::NotAKeyFile);
    let make = |text: &str, sealed| {
        let (before, mut after) = (parse(text)?, parse(text)?);
        if after.seals().len() == 1 {
            after = after.with_next(&mut edge::rng()).map_err(|_| KeyError::NotAKeyFile)?;
        }
        let texts = vec![after.expose_text(), after.newest().expose_text()];
        Ok(((before, after, sealed), texts))
    };
    let exchanged = keystore::exchange_text(&file, || ask.passphrase("personal"), make);
    let ((before, after, sealed), texts) = exchanged.map_err(failed)?;
    if !folder.settings().demo && (before.are_example() || sealed == Sealed::InClear) {
        return Err(Error::PersonalKeysNotOurs { path });
    }
    let contents = <[_; 2]>::try_from(texts).map_err(|_| failed(KeyError::NotSealed))?;
    Ok(Exchange { before, after, contents })
}

/// The public half of a key, without its passphrase.
pub(crate) fn public(folder: &Folder, name: &str) -> Result<PublicKeyLine, Error> {
    let path = folder.public_key(name);
    let text = folder::read(&path, MAX_KEY_FILE_BYTES as u64)?;
    let line = String::from_utf8(text).ok().and_then(|text| PublicKeyLine::parse(&text).ok());
    line.ok_or(Error::Key { path, error: KeyError::BadPublicLine })
}
