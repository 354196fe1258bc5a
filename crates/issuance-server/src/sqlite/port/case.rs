//! The port: cases.

use credential::region::Region;
use credential::time::UnixTime;
use issuance::application::Filed;
use issuance::audit::Entry;
use issuance::dwelling::Dwelling;
use issuance::id::{ApplicationId, OfficerId, PersonId};
use issuance::register::{CaseQuery, CaseStore, Digest, Opening, Stored, TermQuery};

use crate::sqlite::{SqliteRegister, case, neighbours};

impl CaseStore for SqliteRegister {
    fn file(&mut self, opening: &Opening<'_>, audit: &[Entry]) -> Stored<Filed> {
        self.write(audit, |tx, personal| {
            let filed = case::file(tx, personal, opening)?;
            let about = Some(filed.id);
            Ok((filed, about))
        })
    }

    fn application(&self, id: ApplicationId) -> Stored<Option<Filed>> {
        case::find(&self.connection, &self.personal, id)
    }

    fn applications_of(&self, person: PersonId) -> Stored<Vec<Filed>> {
        case::of_person(&self.connection, &self.personal, person)
    }

    fn open_application(&self, person: PersonId) -> Stored<Option<ApplicationId>> {
        case::open_of(&self.connection, person)
    }

    fn application_by_source(&self, source: &Digest) -> Stored<Option<ApplicationId>> {
        case::by_source(&self.connection, &self.personal, source)
    }

    fn applications(&self, query: &CaseQuery) -> Stored<Vec<Filed>> {
        case::list(&self.connection, &self.personal, query)
    }

    fn by_term(&self, query: &TermQuery) -> Stored<Vec<Filed>> {
        case::by_term(&self.connection, &self.personal, query)
    }

    fn others_at(&self, dwelling: &Dwelling, person: PersonId, since: UnixTime) -> Stored<u64> {
        neighbours::others_at(&self.connection, &self.personal, dwelling, person, since)
    }

    fn open_findings(&self, doctor: OfficerId, home: Region) -> Stored<u64> {
        neighbours::open_findings(&self.connection, doctor, home)
    }

    fn add_steps(&mut self, filed: &Filed, known: usize, audit: &[Entry]) -> Stored<()> {
        self.write(audit, |tx, personal| Ok((case::add_steps(tx, personal, filed, known)?, None)))
    }
}
