//! People, as searches find them.

use credential::number::IdentityNumber;
use credential::region::Region;
use credential::time::Date;

use super::Stored;
use crate::id::PersonId;
use crate::person::Person;
use crate::text::Name;

/// Storage of people.
pub trait PersonStore {
    /// One person.
    fn person(&self, id: PersonId) -> Stored<Option<Person>>;
    /// The person with this identity number.
    fn person_by_identity(&self, identity: IdentityNumber) -> Stored<Option<Person>>;
    /// People by name or birth date, within a region.
    fn people(&self, query: &PersonQuery<'_>) -> Stored<Vec<Person>>;
}

/// Which people: all that is asked for must fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonQuery<'a> {
    /// With this name, whole.
    pub name: Option<&'a Name>,
    /// Born on this day.
    pub born: Option<Date>,
    /// At home in this region.
    pub region: Region,
    /// At most so many.
    pub limit: usize,
}
