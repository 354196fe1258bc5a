//! The data folder of an issuer: the register, the keys, what the roots signed, and the settings.
//!
//! ```text
//! issuer.sqlite        the register
//! keys/NAME.key        issuer, status, snapshot: encrypted with a passphrase
//! keys/card.keys       the master keys of cards, encrypted likewise
//! keys/personal.keys   the keys of people's facts in the register, encrypted likewise: without them it is unreadable
//! pin-letters/N.txt    the first PIN of the card of job N, to print and to delete
//! keys/NAME.pub        their public halves, for the ceremony of the roots
//! trust-list.dct       as the roots signed it
//! root.dcr             the roots that verifiers pin
//! policies/*.cbor      policy packs as their key signed them
//! bundles/N.dcb        the bundles that were published last, by version
//! keys-N.lock          held by every program that seals people's facts with key N
//! settings.toml        province, size of the status list, whether this is a demonstration
//! ```

use std::cell::OnceCell;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use credential::region::Region;
use credential::trust_list::RootSet;
use serde::{Deserialize, Serialize};

use crate::error::{Error, TrustFault};
use crate::keys::{self, Ask};
use crate::personal::Personal;
use crate::personal_keys::PersonalKeys;
use crate::sqlite::SqliteRegister;

/// One issuer's folder.
pub struct Folder {
    path: PathBuf,
    settings: Settings,
    ask: Ask,
    /// Opened once, however often the register is; the lock says so to an exchange of the keys.
    personal: OnceCell<(Personal, File)>,
}

/// What may be set; each has a safe value when it is not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Two digits: where the keys are trusted.
    pub province: u32,
    /// Entries of the status list of the next issuer key.
    #[serde(default = "list_size")]
    pub list_size: u32,
    /// Free rides that a card counts down each month without a network.
    #[serde(default = "rides_a_month")]
    pub rides_a_month: u16,
    /// Example keys, unconfirmed rules, a clock set by hand.
    #[serde(default)]
    pub demo: bool,
}

impl Settings {
    /// For a real register, with the rest as it is when nothing is said.
    pub fn new(province: u32, list_size: u32) -> Self {
        Self { province, list_size, rides_a_month: rides_a_month(), demo: false }
    }

    /// The province as a region.
    pub fn region(&self) -> Option<Region> {
        Region::from_code(self.province.into()).ok().filter(|region| (11..=99).contains(&region.code()))
    }
}

impl Folder {
    /// Makes a folder for a new register. Refuses one that has a register.
    pub(crate) fn create(path: &Path, settings: Settings, ask: Ask) -> Result<Self, Error> {
        let folder = Self { path: path.to_owned(), settings, ask, personal: OnceCell::new() };
        if folder.register_path().exists() {
            return Err(Error::RegisterExists { folder: path.to_owned() });
        }
        for part in [path.to_owned(), folder.keys()] {
            private_folder(&part)?;
        }
        let toml = toml::to_string(&folder.settings)
            .map_err(|_| Error::Settings { path: folder.settings_path() })?;
        replace(&folder.settings_path(), toml.as_bytes())?;
        Ok(folder)
    }

    /// Opens a folder; a demonstration opens as one, and nothing else does.
    pub(crate) fn open(path: &Path, demo: bool, ask: Ask) -> Result<Self, Error> {
        let settings_path = path.join("settings.toml");
        if !settings_path.exists() {
            return Err(Error::NoRegister { folder: path.to_owned() });
        }
        let text = read(&settings_path, MAX_SETTINGS_BYTES)?;
        let text = String::from_utf8(text).ok();
        let settings: Option<Settings> = text.and_then(|text| toml::from_str(&text).ok());
        let settings = settings.ok_or(Error::Settings { path: settings_path })?;
        if settings.demo != demo {
            return Err(Error::DemoMismatch { folder_is_demo: settings.demo });
        }
        Ok(Self { path: path.to_owned(), settings, ask, personal: OnceCell::new() })
    }

    /// What is set.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Opens the register. A missing file is an error, not an invitation to make one.
    pub fn register(&self) -> Result<SqliteRegister, Error> {
        if !self.register_path().exists() {
            return Err(Error::NoRegister { folder: self.path.clone() });
        }
        Ok(SqliteRegister::open(&self.register_path(), self.personal()?)?)
    }

    /// Makes the register.
    pub fn create_register(&self) -> Result<SqliteRegister, Error> {
        Ok(SqliteRegister::create(&self.register_path(), self.personal()?)?)
    }

    /// How people's facts are sealed in columns. Asks for the passphrase the first time.
    pub fn personal(&self) -> Result<Personal, Error> {
        if let Some((personal, _)) = self.personal.get() {
            return Ok(personal.clone());
        }
        let (keys, file) = keys::personal(self, &self.ask)?;
        let (number, lock) = self.key_for_all(&keys)?;
        // From here on an exchange meets the lock. One that came between put newer keys into the file.
        if *keys::personal_file(self)? != *file {
            return Err(Error::KeysExchanged);
        }
        let personal = Personal::sealing_with(&keys, number);
        Ok(self.personal.get_or_init(|| (personal, lock)).0.clone())
    }

    /// The key to seal with, and its lock: the newest, unless a program works that was started before it came. What is
    /// written beside that one is sealed so that it can be read there too.
    fn key_for_all(&self, keys: &PersonalKeys) -> Result<(u8, File), Error> {
        let newest = keys.current().0;
        for (number, _) in keys.seals().iter().filter(|(number, _)| *number < newest) {
            let lock = self.key_lock(*number)?;
            // Held by nobody, or by an exchange alone: whoever begins now has read the newest key.
            let is_out_of_use = lock.try_lock().is_ok() || lock.try_lock_shared().is_err();
            if !is_out_of_use {
                return Ok((*number, lock));
            }
        }
        let lock = self.key_lock(newest)?;
        lock.try_lock_shared().map_err(|_| Error::KeysExchanged)?;
        Ok((newest, lock))
    }

    /// The file by whose lock programs say up to which number they know the keys.
    pub(crate) fn key_lock(&self, number: u8) -> Result<File, Error> {
        let path = self.path.join(format!("keys-{number}.lock"));
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        opened.map_err(|error| Error::file(&path, &error))
    }

    /// The register's file.
    pub fn register_path(&self) -> PathBuf {
        self.path.join("issuer.sqlite")
    }

    /// A key's file.
    pub fn key(&self, name: &str) -> PathBuf {
        self.keys().join(format!("{name}.key"))
    }

    /// The public half's file.
    pub fn public_key(&self, name: &str) -> PathBuf {
        self.keys().join(format!("{name}.pub"))
    }

    /// The keys behind all cards.
    pub fn card_keys(&self) -> PathBuf {
        self.keys().join("card.keys")
    }

    /// The keys of people's facts.
    pub fn personal_keys(&self) -> PathBuf {
        self.keys().join("personal.keys")
    }

    /// The keys up to this number, for backups that were made before it came, or while cells were sealed anew.
    pub fn earlier_personal_keys(&self, number: u8) -> PathBuf {
        self.keys().join(format!("personal.keys.before-{number}"))
    }

    /// Where PIN letters wait to be printed.
    pub fn pin_letters(&self) -> PathBuf {
        self.path.join("pin-letters")
    }

    /// What the roots signed.
    pub fn trust_list(&self) -> PathBuf {
        self.path.join("trust-list.dct")
    }

    /// The roots that verifiers pin.
    pub fn roots(&self) -> PathBuf {
        self.path.join("root.dcr")
    }

    /// Where signed policy packs lie.
    pub fn policies(&self) -> PathBuf {
        self.path.join("policies")
    }

    /// Where published bundles lie.
    pub fn bundles(&self) -> PathBuf {
        self.path.join("bundles")
    }

    /// Keeps a published bundle, and forgets the oldest ones.
    pub fn shelve(&self, version: u32, bytes: &[u8]) -> Result<(), Error> {
        let bundles = self.bundles();
        private_folder(&bundles)?;
        replace(&bundles.join(format!("{version}.dcb")), bytes)?;
        let failed = |error: std::io::Error| Error::file(&bundles, &error);
        let mut kept = Vec::new();
        for entry in fs::read_dir(&bundles).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let version = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
            kept.extend(version.map(|version: u32| (version, path)));
        }
        kept.sort_unstable();
        let too_many = kept.len().saturating_sub(MAX_BUNDLES);
        kept.iter().take(too_many).try_for_each(|(_, path)| fs::remove_file(path)).map_err(failed)
    }

    fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    fn settings_path(&self) -> PathBuf {
        self.path.join("settings.toml")
    }
}

/// Reads a file whole, if it is not larger than it may be.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let reading = |error: std::io::Error| Error::file(path, &error);
    let mut bytes = Vec::new();
    File::open(path).map_err(reading)?.take(limit + 1).read_to_end(&mut bytes).map_err(reading)?;
    if bytes.len() as u64 > limit { Err(Error::TooLarge { path: path.into(), limit }) } else { Ok(bytes) }
}

/// The roots, as their file states them.
pub(crate) fn root_set(bytes: &[u8]) -> Result<RootSet, Error> {
    RootSet::from_slice(bytes).map_err(|_| Error::Trust { fault: TrustFault::Unreadable })
}

/// Makes a file that must not be there yet; only its owner may read it.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = || {
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error: std::io::Error| Error::file(path, &error))
}

/// Replaces a file whole: written beside, flushed, renamed, and the folder flushed.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let writing = |error: std::io::Error| Error::file(path, &error);
    if beside.exists() {
        fs::remove_file(&beside).map_err(writing)?;
    }
    create(&beside, bytes)?;
    fs::rename(&beside, path).map_err(writing)?;
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(writing)
}

/// Makes a folder with its parents; only its owner may enter.
pub(crate) fn private_folder(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Error::file(path, &error))
}

/// Two a day: a gate without a network stops a card that goes from hand to hand.
fn rides_a_month() -> u16 {
    60
}

/// Four million: a province's certificates and passes for years, with room to draw at random.
fn list_size() -> u32 {
    1 << 22
}

/// A verifier that was away for longer takes the whole bundle.
const MAX_BUNDLES: usize = 30;
const MAX_SETTINGS_BYTES: u64 = 64 << 10;
/// Four thousand keys take half a megabyte.
pub(crate) const MAX_TRUST_BYTES: u64 = 4 << 20;
