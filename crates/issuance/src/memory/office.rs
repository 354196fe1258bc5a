//! The twin: offices and officers.

use credential::region::Region;

use super::InMemory;
use crate::audit::Entry;
use crate::id::{OfficeId, OfficerId};
use crate::office::{Office, OfficeKind};
use crate::officer::{Login, Officer, Roles};
use crate::pilot::{Pilot, Pilots};
use crate::register::{NewOffice, NewOfficer, OfficeStore, StoreError, Stored};
use crate::text::Text;

impl OfficeStore for InMemory {
    fn add_office(&mut self, office: &NewOffice, audit: &Entry) -> Stored<OfficeId> {
        let id = OfficeId::from_stored(self.offices.len() as i64 + 1);
        let NewOffice { kind, region, name } = office.clone();
        self.offices.push(Office { id, kind, region, name });
        self.log(audit.clone());
        Ok(id)
    }

    fn offices(&self) -> Stored<Vec<Office>> {
        Ok(self.offices.clone())
    }

    fn add_officer(&mut self, officer: &NewOfficer, audit: &Entry) -> Stored<OfficerId> {
        let NewOfficer { login, name, office, roles } = officer.clone();
        if self.officers.iter().any(|officer| officer.login == login) {
            return Err(StoreError::Rule("officer.login"));
        }
        let office = self.offices.iter().find(|known| known.id == office).cloned();
        let office = office.ok_or(StoreError::Rule("officer.office"))?;
        let id = OfficerId::from_stored(self.officers.len() as i64 + 1);
        self.officers.push(Officer { id, login, name, office, roles, active: true });
        self.log(audit.clone());
        Ok(id)
    }

    fn change_officer(&mut self, id: OfficerId, roles: Roles, active: bool, audit: &Entry) -> Stored<()> {
        let officer = self.officers.iter_mut().find(|officer| officer.id == id);
        let officer = officer.ok_or(StoreError::Rule("officer.id"))?;
        (officer.roles, officer.active) = (roles, active);
        self.log(audit.clone());
        Ok(())
    }

    fn officers(&self) -> Stored<Vec<Officer>> {
        Ok(self.officers.clone())
    }

    fn officer(&self, id: OfficerId) -> Stored<Option<Officer>> {
        if id == OfficerId::SERVICE {
            return Ok(service());
        }
        Ok(self.officers.iter().find(|officer| officer.id == id).cloned())
    }

    fn officer_by_login(&self, login: &Login) -> Stored<Option<Officer>> {
        Ok(self.officers.iter().find(|officer| officer.login == *login).cloned())
    }

    fn pilots(&self) -> Stored<Pilots> {
        let mut pilots = self.pilots.clone();
        pilots.sort_by_key(|pilot| (pilot.feature.as_str(), pilot.region));
        Ok(Pilots(pilots))
    }

    fn switch_pilot(&mut self, pilot: &Pilot, audit: &Entry) -> Stored<()> {
        if !self.officers.iter().any(|officer| officer.id == pilot.changed_by) {
            return Err(StoreError::Rule("foreign key"));
        }
        self.pilots.retain(|known| (known.feature, known.region) != (pilot.feature, pilot.region));
        self.pilots.push(*pilot);
        self.log(audit.clone());
        Ok(())
    }
}

/// The service itself, which holds no power.
fn service() -> Option<Officer> {
    let (name, login) = (Text::parse("签发服务").ok()?, Login::parse("service")?);
    let (id, region) = (OfficeId::from_stored(0), Region::NATION);
    let office = Office { id, kind: OfficeKind::Province, region, name: Text::parse("签发服务").ok()? };
    Some(Officer { id: OfficerId::SERVICE, login, name, office, roles: Roles::default(), active: true })
}
