//! What people write before a ceremony: a TOML file that says which keys may sign what, where and when.
//! Unknown words, wrong regions and the like are errors with their line; `make` asks the rest.

use std::path::Path;

use credential::region::Region;
use credential::trust_list::Role;
use credential::{Kind, UnixTime};
use keystore::PublicKeyLine;
use serde::Deserialize;

use crate::durable_file;
use crate::error::Error;
use crate::time::{self, TimeError};

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Description {
    pub(super) version: u32,
    pub(super) issued: Moment,
    pub(super) expires: Moment,
    pub(super) roots: Roots,
    #[serde(default)]
    pub(super) keys: Vec<Key>,
}

/// Who must sign the next one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Roots {
    pub(super) threshold: u8,
    pub(super) keys: Vec<String>,
}

/// A key and what it may do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    /// A `.pub` file beside this one, or its line.
    pub(super) public: String,
    pub(super) roles: Vec<RoleName>,
    #[serde(default)]
    pub(super) kinds: Vec<KindName>,
    #[serde(default)]
    pub(super) regions: Vec<RegionCode>,
    pub(super) not_before: Moment,
    pub(super) not_after: Moment,
    pub(super) retired: Option<Moment>,
    pub(super) compromised: Option<Moment>,
}

/// A date and time with its offset, as TOML writes it.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "toml::value::Datetime")]
pub(super) struct Moment(pub(super) UnixTime);

/// A region code as text.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct RegionCode(pub(super) Region);

/// `issuer`, `snapshot`, `status`, `policy`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RoleName {
    Issuer,
    Snapshot,
    Status,
    Policy,
}

/// `certificate`, `pass`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum KindName {
    Certificate,
    Pass,
}

impl Description {
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = durable_file::read_text(path, MAX_DESCRIPTION_BYTES)?;
        toml::from_str(&text)
            .map_err(|cause| Error::Description { path: path.into(), cause: Box::new(cause) })
    }
}

/// A public key by its line, or by the file that has it; files lie beside the one that names them.
pub(super) fn public_key(named: &str, beside: &Path) -> Result<PublicKeyLine, Error> {
    if let Ok(line) = PublicKeyLine::parse(named) {
        return Ok(line);
    }
    read_public(&beside.with_file_name(named))
}

/// Reads a `.pub` file.
pub(super) fn read_public(path: &Path) -> Result<PublicKeyLine, Error> {
    let text = durable_file::read_text(path, MAX_DESCRIPTION_BYTES)?;
    PublicKeyLine::parse(&text).map_err(|cause| Error::Key { path: path.into(), cause })
}

impl TryFrom<toml::value::Datetime> for Moment {
    type Error = TimeError;

    fn try_from(written: toml::value::Datetime) -> Result<Self, TimeError> {
        time::parse(&written.to_string()).map(Self)
    }
}

impl TryFrom<String> for RegionCode {
    type Error = credential::Malformed;

    fn try_from(code: String) -> Result<Self, credential::Malformed> {
        Region::parse(&code).map(Self)
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Issuer => Self::Issuer,
            RoleName::Snapshot => Self::Snapshot,
            RoleName::Status => Self::Status,
            RoleName::Policy => Self::Policy,
        }
    }
}

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Certificate => Self::Certificate,
            KindName::Pass => Self::Pass,
        }
    }
}

/// Four thousand keys of 250 bytes.
const MAX_DESCRIPTION_BYTES: usize = 1 << 20;
