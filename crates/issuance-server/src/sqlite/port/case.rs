//! The port: cases.

use issuance::application::Filed;
use issuance::audit::Entry;
use issuance::id::{ApplicationId, PersonId};
use issuance::register::{CaseQuery, CaseStore, Digest, Opening, Stored, TermQuery};

use crate::sqlite::{SqliteRegister, case};

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

    fn add_steps(&mut self, filed: &Filed, known: usize, audit: &[Entry]) -> Stored<()> {
        self.write(audit, |tx, personal| Ok((case::add_steps(tx, personal, filed, known)?, None)))
    }
}
