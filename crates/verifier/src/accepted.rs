//! The final word when it is yes: no more than the purpose may see.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use credential::certificate::Certificate;
use credential::grant::Grant;
use credential::policy_pack::{Benefit, Citation, Confirmed};
use credential::region::Region;
use credential::snapshot::Version;
use credential::status_list::StatusIndex;
use credential::{Kid, Kind, UnixTime};

use crate::policy::Ground;

/// A credential that passed every check.
#[derive(Clone, Debug)]
pub struct Accepted<'a> {
    /// The issuer's key; with `status` the identifier of the credential.
    pub kid: Kid,
    /// Index in that key's status list.
    pub status: StatusIndex,
    /// Certificate or pass.
    pub kind: Kind,
    /// When it ends.
    pub expires: UnixTime,
    /// What the purpose may see.
    pub facts: Facts<'a>,
    /// What a policy pack awards; none where no pack has rules and the grants of a pass answer by themselves.
    pub award: Option<Award>,
    /// Whether a card or a phone proved that it is the original. A static code may be a copy.
    pub possession_proven: bool,
    /// Seconds since the bundle was signed: how old the answer is at most.
    pub bundle_age_seconds: u64,
}

/// What a purpose may see.
#[derive(Clone)]
pub enum Facts<'a> {
    /// Of a pass: where it holds and which of its grants answer the purpose.
    Pass {
        /// Where it holds.
        jurisdiction: Region,
        /// Those that answer the purpose, and whether a companion may come along.
        grants: Vec<Grant>,
    },
    /// Of a certificate shown without a purpose: whom it belongs to.
    Holder {
        /// To compare with the person or another document.
        name: &'a str,
    },
    /// Of a certificate shown at an office: all of it.
    Office(Certificate<'a>),
}

/// What a policy pack awards, and on whose word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Award {
    /// The pack's name.
    pub pack: String,
    /// The pack's version.
    pub version: Version,
    /// Whether somebody confirmed the pack's sources. If not, the verdict is a demonstration and must say so.
    pub confirmed: Confirmed,
    /// Which document says so.
    pub citation: Citation,
    /// Grants, terms, companions, and what staff should see to.
    pub benefit: Benefit,
}

impl Award {
    pub(crate) fn new(ground: Ground<'_>, benefit: &Benefit) -> Self {
        let Ground { pack, rule } = ground;
        Self {
            pack: pack.name.clone(),
            version: pack.version,
            confirmed: pack.confirmed,
            citation: rule.citation.clone(),
            benefit: benefit.clone(),
        }
    }
}

/// Nothing of a person prints by accident.
impl fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass { jurisdiction, grants } => {
                f.debug_struct("Pass").field("jurisdiction", jurisdiction).field("grants", grants).finish()
            }
            Self::Holder { .. } => f.write_str("Holder(hidden)"),
            Self::Office(_) => f.write_str("Office(hidden)"),
        }
    }
}
