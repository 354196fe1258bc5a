//! Offices, their officers, and which features are on where.

use credential::region::Region;

use super::Stored;
use crate::audit::Entry;
use crate::id::{OfficeId, OfficerId};
use crate::office::{Office, OfficeKind};
use crate::officer::{Login, Officer, Roles};
use crate::pilot::{Pilot, Pilots};
use crate::text::{Line, Name};

/// Storage of offices and officers.
pub trait OfficeStore {
    /// Adds an office.
    fn add_office(&mut self, office: &NewOffice, audit: &Entry) -> Stored<OfficeId>;
    /// Every office.
    fn offices(&self) -> Stored<Vec<Office>>;
    /// Adds an officer; refuses a login that is taken.
    fn add_officer(&mut self, officer: &NewOfficer, audit: &Entry) -> Stored<OfficerId>;
    /// Gives an officer other powers, or takes their place in the office away.
    fn change_officer(&mut self, id: OfficerId, roles: Roles, active: bool, audit: &Entry) -> Stored<()>;
    /// Every officer.
    fn officers(&self) -> Stored<Vec<Officer>>;
    /// One officer.
    fn officer(&self, id: OfficerId) -> Stored<Option<Officer>>;
    /// The officer who signs in with this name.
    fn officer_by_login(&self, login: &Login) -> Stored<Option<Officer>>;
    /// Which features are on where.
    fn pilots(&self) -> Stored<Pilots>;
    /// Switches a feature for a region; a later switch of the same two takes the place of the earlier.
    fn switch_pilot(&mut self, pilot: &Pilot, audit: &Entry) -> Stored<()>;
}

/// An office before the register numbers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOffice {
    /// What kind of place.
    pub kind: OfficeKind,
    /// The region it serves.
    pub region: Region,
    /// Its name.
    pub name: Line,
}

/// An officer before the register numbers them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOfficer {
    /// What they sign in with.
    pub login: Login,
    /// What colleagues see.
    pub name: Name,
    /// Where they work.
    pub office: OfficeId,
    /// What they may do.
    pub roles: Roles,
}
