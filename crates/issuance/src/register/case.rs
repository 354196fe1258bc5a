//! Cases and their steps.

use credential::region::Region;
use credential::time::{Date, UnixTime};

use super::{Digest, Stored};
use crate::application::{Application, Filed};
use crate::audit::Entry;
use crate::dwelling::Dwelling;
use crate::id::{ApplicationId, OfficerId, PersonId};
use crate::kind::Kind;
use crate::person::Applicant;
use crate::transition::State;

/// Storage of cases.
pub trait CaseStore {
    /// Files a case, and the person if they are new. Refuses a second open case of one person.
    fn file(&mut self, opening: &Opening<'_>, audit: &[Entry]) -> Stored<Filed>;
    /// One case.
    fn application(&self, id: ApplicationId) -> Stored<Option<Filed>>;
    /// Every case of a person, oldest first.
    fn applications_of(&self, person: PersonId) -> Stored<Vec<Filed>>;
    /// The case that is open for a person.
    fn open_application(&self, person: PersonId) -> Stored<Option<ApplicationId>>;
    /// The case that came from this line of a file.
    fn application_by_source(&self, source: &Digest) -> Stored<Option<ApplicationId>>;
    /// Cases by where they stand, oldest first.
    fn applications(&self, query: &CaseQuery) -> Stored<Vec<Filed>>;
    /// Cases whose legal term runs, those whose term began first at the head: of one state they also end first.
    fn by_term(&self, query: &TermQuery) -> Stored<Vec<Filed>>;
    /// How many others asked from a dwelling, up to `Dwelling::COUNTED`: in cases that are open, or were filed since then and
    /// granted.
    fn others_at(&self, dwelling: &Dwelling, person: PersonId, since: UnixTime) -> Stored<u64>;
    /// How many of the open cases of a county a doctor has assessed.
    fn open_findings(&self, doctor: OfficerId, home: Region) -> Stored<u64>;
    /// Adds the steps after the first `known` ones (and amended particulars).
    /// Refuses if somebody else has added a step since.
    fn add_steps(&mut self, filed: &Filed, known: usize, audit: &[Entry]) -> Stored<()>;
}

/// A case before the register numbers it.
#[derive(Clone, Debug)]
pub struct Opening<'a> {
    /// Whose; added if the identity number is new.
    pub applicant: &'a Applicant,
    /// The case with the steps taken so far.
    pub application: &'a Application,
    /// The line of a file it came from, so that the line counts once.
    pub source: Option<Digest>,
}

/// Which cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseQuery {
    /// Standing here; anywhere if `None`.
    pub state: Option<State>,
    /// Of this kind; any if `None`.
    pub kind: Option<Kind>,
    /// Whose home or desk lies in this region.
    pub region: Region,
    /// After this case.
    pub after: Option<ApplicationId>,
    /// At most so many.
    pub limit: usize,
}

impl CaseQuery {
    /// Every case of a region, from the first on.
    #[must_use]
    pub const fn all(region: Region, limit: usize) -> Self {
        Self { state: None, kind: None, region, after: None, limit }
    }
}

/// Which cases whose legal term runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermQuery {
    /// Standing here; one of `Application::WITH_A_TERM`.
    pub state: State,
    /// Whose home or desk lies in this region.
    pub region: Region,
    /// With a term that counts from this day or a later one,
    pub from: Date,
    /// but none after this.
    pub until: Date,
    /// After the one with this day and number.
    pub after: Option<(Date, ApplicationId)>,
    /// At most so many.
    pub limit: usize,
}
