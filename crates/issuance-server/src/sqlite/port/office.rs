//! The port: offices and officers.

use issuance::audit::Entry;
use issuance::id::{OfficeId, OfficerId};
use issuance::office::Office;
use issuance::officer::{Login, Officer, Roles};
use issuance::pilot::{Pilot, Pilots};
use issuance::register::{NewOffice, NewOfficer, OfficeStore, Stored};

use crate::sqlite::{SqliteRegister, office, pilot};

impl OfficeStore for SqliteRegister {
    fn add_office(&mut self, office: &NewOffice, audit: &Entry) -> Stored<OfficeId> {
        self.write(std::slice::from_ref(audit), |tx, _| Ok((office::add_office(tx, office)?, None)))
    }

    fn offices(&self) -> Stored<Vec<Office>> {
        office::offices(&self.connection)
    }

    fn add_officer(&mut self, officer: &NewOfficer, audit: &Entry) -> Stored<OfficerId> {
        self.write(std::slice::from_ref(audit), |tx, _| Ok((office::add_officer(tx, officer)?, None)))
    }

    fn change_officer(&mut self, id: OfficerId, roles: Roles, active: bool, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, _| {
            Ok((office::change_officer(tx, id, roles, active)?, None))
        })
    }

    fn officers(&self) -> Stored<Vec<Officer>> {
        office::officers(&self.connection)
    }

    fn officer(&self, id: OfficerId) -> Stored<Option<Officer>> {
        office::officer(&self.connection, id)
    }

    fn officer_by_login(&self, login: &Login) -> Stored<Option<Officer>> {
        office::officer_by_login(&self.connection, login)
    }

    fn pilots(&self) -> Stored<Pilots> {
        pilot::load(&self.connection)
    }

    fn switch_pilot(&mut self, pilot: &Pilot, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, _| Ok((pilot::save(tx, pilot)?, None)))
    }
}
