//! The twin: cases.

use std::collections::BTreeSet;

use credential::region::Region;
use credential::time::UnixTime;

use super::InMemory;
use crate::application::Filed;
use crate::audit::Entry;
use crate::duty::Duty;
use crate::dwelling::Dwelling;
use crate::id::{ApplicationId, OfficerId, PersonId};
use crate::person::Person;
use crate::register::{CaseQuery, CaseStore, Digest, Opening, StoreError, Stored, TermQuery};
use crate::transition::State;

impl InMemory {
    pub(super) fn can_file(&self, opening: &Opening<'_>) -> Stored<()> {
        if opening.source.is_some_and(|source| self.sources.contains_key(&source)) {
            return Err(StoreError::Rule("application.source"));
        }
        let identity = opening.applicant.identity;
        let person = self.people.iter().find(|person| person.identity == identity);
        match person.map(|person| self.open_application(person.id)) {
            Some(Ok(Some(_))) => Err(StoreError::Rule("one open application")),
            _ => Ok(()),
        }
    }

    pub(super) fn file_now(&mut self, opening: &Opening<'_>) -> Filed {
        let applicant = opening.applicant;
        let known = self.people.iter().find(|person| person.identity == applicant.identity);
        let person = known.map(|person| person.id).unwrap_or_else(|| {
            let id = PersonId::from_stored(self.people.len() as i64 + 1);
            let (identity, home) = (applicant.identity, applicant.home);
            self.people.push(Person { id, identity, home, particulars: applicant.particulars.clone() });
            id
        });
        let id = ApplicationId::from_stored(self.cases.len() as i64 + 1);
        let filed = Filed { id, person, application: opening.application.clone() };
        self.cases.push(filed.clone());
        if let Some(source) = opening.source {
            self.sources.insert(source, id);
        }
        filed
    }
}

impl CaseStore for InMemory {
    fn file(&mut self, opening: &Opening<'_>, audit: &[Entry]) -> Stored<Filed> {
        self.can_file(opening)?;
        let filed = self.file_now(opening);
        self.log_about(audit, Some(filed.id));
        Ok(filed)
    }

    fn application(&self, id: ApplicationId) -> Stored<Option<Filed>> {
        Ok(self.cases.iter().find(|filed| filed.id == id).cloned())
    }

    fn applications_of(&self, person: PersonId) -> Stored<Vec<Filed>> {
        Ok(self.cases.iter().filter(|filed| filed.person == person).cloned().collect())
    }

    fn open_application(&self, person: PersonId) -> Stored<Option<ApplicationId>> {
        let open = |filed: &&Filed| filed.person == person && !filed.application.state().is_closed();
        Ok(self.cases.iter().find(open).map(|filed| filed.id))
    }

    fn application_by_source(&self, source: &Digest) -> Stored<Option<ApplicationId>> {
        Ok(self.sources.get(source).copied())
    }

    fn applications(&self, query: &CaseQuery) -> Stored<Vec<Filed>> {
        let CaseQuery { state, kind, region, after, limit } = *query;
        let asked = |filed: &&Filed| {
            let request = filed.application.request();
            state.is_none_or(|state| filed.application.state() == state)
                && kind.is_none_or(|kind| request.kind == kind)
                && (region.contains(request.home) || region.contains(request.desk))
                && after.is_none_or(|after| filed.id > after)
        };
        Ok(self.cases.iter().filter(asked).take(limit).cloned().collect())
    }

    fn by_term(&self, query: &TermQuery) -> Stored<Vec<Filed>> {
        let TermQuery { state, region, from, until, after, limit } = *query;
        let place = |filed: &Filed| filed.application.term_from().map(|from| (from, filed.id));
        let asked = |filed: &&Filed| {
            let request = filed.application.request();
            filed.application.state() == state
                && (region.contains(request.home) || region.contains(request.desk))
                && place(filed).is_some_and(|(day, _)| (from..=until).contains(&day))
                && after.is_none_or(|after| place(filed) > Some(after))
        };
        let mut found: Vec<_> = self.cases.iter().filter(asked).cloned().collect();
        found.sort_by_key(place);
        found.truncate(limit);
        Ok(found)
    }

    fn others_at(&self, dwelling: &Dwelling, person: PersonId, since: UnixTime) -> Stored<u64> {
        let counts = |filed: &&Filed| {
            let (request, state) = (filed.application.request(), filed.application.state());
            let is_recent = filed.application.steps().first().is_some_and(|submitted| submitted.at >= since);
            filed.person != person
                && Dwelling::of(request.home, &request.particulars).as_ref() == Some(dwelling)
                && (!state.is_closed() || state == State::Issued && is_recent)
        };
        let others: BTreeSet<_> = self.cases.iter().filter(counts).map(|filed| filed.person).collect();
        Ok(Dwelling::COUNTED.min(others.len() as u64))
    }

    fn open_findings(&self, doctor: OfficerId, home: Region) -> Stored<u64> {
        let found = |filed: &&Filed| {
            let case = &filed.application;
            case.request().home == home
                && !case.state().is_closed()
                && case.duties().of(doctor) == Some(Duty::Assessment)
        };
        Ok(self.cases.iter().filter(found).count() as u64)
    }

    fn add_steps(&mut self, filed: &Filed, known: usize, audit: &[Entry]) -> Stored<()> {
        let stored = self.cases.iter_mut().find(|stored| stored.id == filed.id);
        let stored = stored.filter(|stored| stored.application.steps().len() == known);
        let added = |officer| {
            self.documents.iter().any(|(d, _)| d.application == filed.id && d.added_by == officer)
                || self
                    .removals
                    .iter()
                    .any(|r| r.document.application == filed.id && r.was_handled_by(officer))
        };
        if filed.application.duties().iter().any(|(officer, duty)| duty != Duty::Entry && added(officer)) {
            return Err(StoreError::Rule("one duty an officer a case"));
        }
        *stored.ok_or(StoreError::Conflict)? = filed.clone();
        self.log_about(audit, None);
        Ok(())
    }
}
