//! API clients: programs with a token that acts for one officer, so that separation of duties, the region of the
//! office and the audit hold for programs as for people. An administrator of the officer's region makes the token;
//! it is shown once, ends at its time, and stops at once when it is revoked or its officer is locked or leaves.

use credential::time::UnixTime;
use issuance::Error;
use issuance::actor::Actor;
use issuance::audit::{Deed, Other, Subject};
use issuance::id::{ClientId, OfficerId};
use issuance::officer::{Officer, Role};
use issuance::register::{OfficeStore, Register};
use issuance::text::Line;

use crate::sqlite::SqliteRegister;
use crate::web::scope::Scopes;
use crate::web::token::Token;

/// One client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiClient {
    /// Which one.
    pub id: ClientId,
    /// For whom it acts.
    pub officer: OfficerId,
    /// What the administrator calls it.
    pub name: Line,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Since when.
    pub added_at: UnixTime,
    /// Until when.
    pub expires_at: UnixTime,
    /// When it was last used, to within a few minutes.
    pub used_at: Option<UnixTime>,
    /// When its token was taken back.
    pub revoked_at: Option<UnixTime>,
}

/// A client before the register numbers it.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// For whom it acts.
    pub officer: OfficerId,
    /// What the administrator calls it.
    pub name: Line,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Until when.
    pub expires_at: UnixTime,
}

impl ApiClient {
    /// Whether its use is to be noted again: not with each request, which would make each a write.
    #[must_use]
    pub fn is_use_news(&self, now: UnixTime) -> bool {
        self.used_at.is_none_or(|at| at.plus_seconds(NOTED_SECONDS) <= now)
    }

    /// Whether its token still counts.
    #[must_use]
    pub fn is_in_force(&self, now: UnixTime) -> bool {
        self.revoked_at.is_none() && self.added_at <= now && now < self.expires_at
    }
}

/// Makes a client and its token, which is stored nowhere.
pub fn add(
    register: &mut SqliteRegister,
    new: &NewClient,
    token: &Token,
    actor: &Actor<'_>,
) -> Result<ClientId, Error> {
    must_administer(register, new.officer, actor)?;
    let audit = actor.entry(Deed::Other(Other::ClientAdded), Subject::Officer(new.officer));
    Ok(register.add_client(new, &token.digest(), &audit)?)
}

/// Why a token is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeReason {
    /// The program is no longer used.
    Retired,
    /// Another token takes its place.
    Replaced,
    /// The token was lost or seen by others.
    Leaked,
    /// It was used for what it is not for.
    Misused,
}

impl RevokeReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Retired, Self::Replaced, Self::Leaked, Self::Misused];

    /// As the audit keeps it, and as commands take it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retired => "retired",
            Self::Replaced => "replaced",
            Self::Leaked => "leaked",
            Self::Misused => "misused",
        }
    }

    /// As people say it.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Retired => "不再使用",
            Self::Replaced => "更换令牌",
            Self::Leaked => "令牌遗失或泄露",
            Self::Misused => "使用不当",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// Takes a token back. `None` where there is no such client.
pub fn revoke(
    register: &mut SqliteRegister,
    id: ClientId,
    reason: RevokeReason,
    actor: &Actor<'_>,
) -> Result<Option<()>, Error> {
    let Some(client) = register.client(id)? else { return Ok(None) };
    must_administer(register, client.officer, actor)?;
    if client.revoked_at.is_none() {
        let revoked = Deed::Other(Other::ClientRevoked);
        let audit = actor.entry_because(revoked, Subject::Officer(client.officer), reason.as_str());
        register.revoke_client(id, &audit)?;
    }
    Ok(Some(()))
}

/// The clients that act for officers of the administrator's region, the latest first.
pub fn list(register: &SqliteRegister, actor: &Actor<'_>) -> Result<Vec<(ApiClient, Officer)>, Error> {
    actor.officer.must_hold(Role::Administrator)?;
    let mut seen = Vec::new();
    for client in register.clients()? {
        if let Some(officer) = register.officer(client.officer)?
            && actor.officer.must_serve(officer.office.region).is_ok()
        {
            seen.push((client, officer));
        }
    }
    Ok(seen)
}

/// The officers of the administrator's region who may have a program act for them.
pub fn may_act_for(register: &SqliteRegister, actor: &Actor<'_>) -> Result<Vec<Officer>, Error> {
    actor.officer.must_hold(Role::Administrator)?;
    let mut officers = register.officers()?;
    officers.retain(|officer| {
        officer.active && has_work(officer) && actor.officer.must_serve(officer.office.region).is_ok()
    });
    Ok(officers)
}

/// The officer must work in the administrator's region. Administrators get no token: what makes tokens is not run by one.
fn must_administer(register: &dyn Register, id: OfficerId, actor: &Actor<'_>) -> Result<Officer, Error> {
    actor.officer.must_hold(Role::Administrator)?;
    let missing = Error::NoOfficer { officer: id };
    let officer = register.officer(id)?.filter(has_work).ok_or(missing)?;
    actor.officer.must_serve(officer.office.region)?;
    Ok(officer)
}

fn has_work(officer: &Officer) -> bool {
    officer.id != OfficerId::SERVICE && officer.roles.iter().any(|role| role != Role::Administrator)
}

/// A few minutes are near enough to tell a token in use from one forgotten.
const NOTED_SECONDS: u64 = 300;
/// The longest life of a token: whoever asks for it is asked again each year.
pub const MAX_DAYS: u64 = 366;
