//! The port: people.

use credential::number::IdentityNumber;
use issuance::id::PersonId;
use issuance::person::Person;
use issuance::register::{PersonQuery, PersonStore, Stored};

use crate::sqlite::{SqliteRegister, person};

impl PersonStore for SqliteRegister {
    fn person(&self, id: PersonId) -> Stored<Option<Person>> {
        person::find(&self.connection, &self.personal, id)
    }

    fn person_by_identity(&self, identity: IdentityNumber) -> Stored<Option<Person>> {
        person::find_by_identity(&self.connection, &self.personal, identity)
    }

    fn people(&self, query: &PersonQuery<'_>) -> Stored<Vec<Person>> {
        person::search(&self.connection, &self.personal, query)
    }
}
