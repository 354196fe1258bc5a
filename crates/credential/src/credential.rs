//! A credential: a certificate or a pass under one signature.

use core::fmt;

use crate::certificate::Certificate;
use crate::error::Malformed;
use crate::pass::Pass;
use crate::status_list::StatusIndex;
use crate::time::UnixTime;

/// The decoded claims of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential<'a> {
    /// For offices.
    Certificate(Certificate<'a>),
    /// For gates and counters.
    Pass(Pass),
}

impl<'a> Credential<'a> {
    /// Decodes a payload of either kind. The third byte pair tells them apart: only a certificate has `iat`.
    pub fn decode(payload: &'a [u8]) -> Result<Self, Malformed> {
        match Pass::decode(payload) {
            Ok(pass) => Ok(Self::Pass(pass)),
            Err(Malformed::MissingKey(_)) => Certificate::decode(payload).map(Self::Certificate),
            Err(error) => Err(error),
        }
    }

    /// Which of the two.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Certificate(_) => Kind::Certificate,
            Self::Pass(_) => Kind::Pass,
        }
    }

    /// From when on it is no longer valid.
    #[must_use]
    pub fn expires(&self) -> UnixTime {
        match self {
            Self::Certificate(certificate) => certificate.expires,
            Self::Pass(pass) => pass.expires,
        }
    }

    /// When it was issued; a pass does not say.
    #[must_use]
    pub fn issued(&self) -> Option<UnixTime> {
        match self {
            Self::Certificate(certificate) => Some(certificate.issued),
            Self::Pass(_) => None,
        }
    }

    /// Index in the issuer key's status list; with the key id it names the credential.
    #[must_use]
    pub fn status(&self) -> StatusIndex {
        match self {
            Self::Certificate(certificate) => certificate.status,
            Self::Pass(pass) => pass.status,
        }
    }
}

/// The two kinds of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What an office may see.
    Certificate = 1,
    /// What a gate or a counter sees.
    Pass = 2,
}

impl Kind {
    /// From its number in a trust list.
    pub fn from_number(number: u64) -> Result<Self, Malformed> {
        match number {
            1 => Ok(Self::Certificate),
            2 => Ok(Self::Pass),
            _ => Err(Malformed::OutOfRange("kind")),
        }
    }

    /// Its number in a trust list.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// `certificate`, `pass`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "certificate",
            Self::Pass => "pass",
        })
    }
}
