//! The twin: people.

use credential::number::IdentityNumber;

use super::InMemory;
use crate::id::PersonId;
use crate::person::Person;
use crate::register::{PersonQuery, PersonStore, Stored};

impl PersonStore for InMemory {
    fn person(&self, id: PersonId) -> Stored<Option<Person>> {
        Ok(self.people.iter().find(|person| person.id == id).cloned())
    }

    fn person_by_identity(&self, identity: IdentityNumber) -> Stored<Option<Person>> {
        Ok(self.people.iter().find(|person| person.identity == identity).cloned())
    }

    fn people(&self, query: &PersonQuery<'_>) -> Stored<Vec<Person>> {
        let PersonQuery { name, born, region, limit } = *query;
        let asked = |person: &&Person| {
            name.is_none_or(|name| person.particulars.name == *name)
                && born.is_none_or(|born| person.identity.birth_date() == born)
                && region.contains(person.home)
        };
        Ok(self.people.iter().filter(asked).take(limit).cloned().collect())
    }
}
