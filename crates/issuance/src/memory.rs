//! The twin in memory: the same port, the same rules, no disk. For tests of casework and of the port itself;
//! what SQLite does must be what this does.

use std::collections::{HashMap, HashSet};

use credential::key::Kid;
use credential::number::IdentityNumber;
use credential::region::Region;
use credential::status_list::StatusIndex;
use credential::time::UnixTime;

use crate::application::Filed;
use crate::audit::{BEFORE_THE_FIRST, Entry, Row, Subject, link};
use crate::card::{CardJob, CardSerial, Stage};
use crate::certificate::{Certificate, SignedCredential};
use crate::document::{Document, NewDocument, must_take_documents};
use crate::duty::Duty;
use crate::id::{
    ApplicationId, CardJobId, CertificateId, ChangeId, DocumentId, OfficeId, OfficerId, PersonId,
};
use crate::issuing::{Prepared, Signed};
use crate::office::{Office, OfficeKind};
use crate::officer::{Login, Officer, Roles};
use crate::pass_exchange::{Exchange, PreparedPass};
use crate::person::Person;
use crate::pilot::{Pilot, Pilots};
use crate::register::{
    AuditQuery, CardQuery, CardTally, CaseQuery, CertificateQuery, ChangeQuery, Counts, Digest, EndingQuery,
    IssuerKey, LATEST, NewOffice, NewOfficer, Opening, PersonQuery, PreparedCredential, PreparedRow,
    Register, StoreError, Stored,
};
use crate::removal::Removal;
use crate::status_change::{Standing, StatusChange};
use crate::text::Text;
use crate::transition::State;

/// A register that forgets everything.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    offices: Vec<Office>,
    officers: Vec<Officer>,
    pilots: Vec<Pilot>,
    people: Vec<Person>,
    cases: Vec<Filed>,
    documents: Vec<(Document, Vec<u8>)>,
    removals: Vec<Removal>,
    sources: HashMap<Digest, ApplicationId>,
    certificates: Vec<Certificate>,
    prepared: HashMap<CertificateId, Vec<PreparedCredential>>,
    signed: HashMap<CertificateId, Vec<SignedCredential>>,
    keys: Vec<IssuerKey>,
    taken: HashSet<(Kid, StatusIndex)>,
    changes: Vec<StatusChange>,
    cards: Vec<CardJob>,
    /// Passes beside the first, in the order in which they were prepared.
    passes: Vec<(CertificateId, PreparedCredential, Option<SignedCredential>)>,
    /// Passes that no longer count: of withdrawn cards, and followed by others.
    withdrawn: Vec<(Kid, StatusIndex)>,
    bundles: Vec<(u32, UnixTime)>,
    audit: Vec<Row>,
}

impl InMemory {
    /// Empty, but for the service itself as an officer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn log(&mut self, entry: Entry) {
        let previous = self.audit.last().map_or(BEFORE_THE_FIRST, |row| row.hash);
        let number = self.audit.len() as i64 + 1;
        self.audit.push(Row { number, hash: link(&previous, number, &entry), entry });
    }

    /// Papers come and go until the review, by an officer who is nothing but a clerk in the case.
    fn papers_are_open(&self, application: ApplicationId, officer: OfficerId) -> Stored<()> {
        let case = self.cases.iter().find(|filed| filed.id == application);
        let case = &case.ok_or(StoreError::Rule("foreign key"))?.application;
        must_take_documents(case).map_err(|_| StoreError::Rule("documents come before the review"))?;
        match case.duties().of(officer).is_some_and(|held| held != Duty::Entry) {
            true => Err(StoreError::Rule("one duty an officer a case")),
            false => Ok(()),
        }
    }

    fn can_file(&self, opening: &Opening<'_>) -> Stored<()> {
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

    fn file_now(&mut self, opening: &Opening<'_>) -> Filed {
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

    fn ending_within(&self, county: Region, from: UnixTime, until: UnixTime) -> Vec<&Certificate> {
        let ends = |one: &&Certificate| {
            one.signed
                && one.standing != Standing::Revoked
                && one.county == county
                && (from..until).contains(&one.expires)
        };
        self.certificates.iter().filter(ends).collect()
    }

    fn cards_of(&self, region: Region) -> impl Iterator<Item = &CardJob> {
        let county =
            |id| self.certificates.iter().find(|certificate| certificate.id == id).map(|one| one.county);
        self.cards
            .iter()
            .filter(move |job| county(job.certificate).is_some_and(|county| region.contains(county)))
    }

    fn log_about(&mut self, audit: &[Entry], about: Option<ApplicationId>) {
        for entry in audit {
            let mut entry = entry.clone();
            if let (Subject::Register, Some(id)) = (entry.subject, about) {
                entry.subject = Subject::Application(id);
            }
            self.log(entry);
        }
    }

    fn stand(&mut self, id: CertificateId, seen: Standing, change: &StatusChange) -> Stored<()> {
        let certificate = self.certificates.iter_mut().find(|certificate| certificate.id == id);
        let certificate = certificate.filter(|certificate| certificate.standing == seen);
        let certificate = certificate.ok_or(StoreError::Conflict)?;
        if change.is_in_force() {
            certificate.standing = seen.after(change.change()).map_err(|_| StoreError::Conflict)?;
        }
        Ok(())
    }
}

impl Register for InMemory {
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
        let CaseQuery { state, kind, region, before, after, limit } = *query;
        let last = |filed: &Filed| filed.application.steps().last().map(|step| step.at);
        let asked = |filed: &&Filed| {
            let request = filed.application.request();
            state.is_none_or(|state| filed.application.state() == state)
                && kind.is_none_or(|kind| request.kind == kind)
                && (region.contains(request.home) || region.contains(request.desk))
                && after.is_none_or(|after| filed.id > after)
                && before.is_none_or(|before| last(filed).is_some_and(|at| at < before))
        };
        Ok(self.cases.iter().filter(asked).take(limit).cloned().collect())
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

    fn add_document(&mut self, new: &NewDocument, audit: &Entry) -> Stored<Document> {
        self.papers_are_open(new.application, new.added_by)?;
        let same = |(known, _): &(Document, _)| {
            (known.application, known.kind, known.digest) == (new.application, new.kind, new.digest)
        };
        if self.documents.iter().any(same) {
            return Err(StoreError::Rule("document.digest"));
        }
        let NewDocument { application, kind, digest, picture, added_by, added_at } = new.clone();
        // Nothing that was removed gives its number to another.
        let known = self.documents.iter().map(|(document, _)| document.id.get());
        let removed = self.removals.iter().map(|removal| removal.document.id.get());
        let id = DocumentId::from_stored(known.chain(removed).max().unwrap_or(0) + 1);
        let document = Document { id, application, kind, digest, size: picture.len(), added_by, added_at };
        self.documents.push((document.clone(), picture));
        self.log(audit.clone());
        Ok(document)
    }

    fn remove_document(&mut self, removal: &Removal, audit: &Entry) -> Stored<()> {
        self.papers_are_open(removal.document.application, removal.removed_by)?;
        let at = self.documents.iter().position(|(document, _)| *document == removal.document);
        self.documents.remove(at.ok_or(StoreError::Rule("documents stay"))?);
        self.removals.push(removal.clone());
        self.log(audit.clone());
        Ok(())
    }

    fn removals_of(&self, application: ApplicationId) -> Stored<Vec<Removal>> {
        let of = |removal: &&Removal| removal.document.application == application;
        Ok(self.removals.iter().filter(of).cloned().collect())
    }

    fn documents_of(&self, application: ApplicationId) -> Stored<Vec<Document>> {
        let of = |(document, _): &&(Document, _)| document.application == application;
        Ok(self.documents.iter().filter(of).map(|(document, _)| document.clone()).collect())
    }

    fn document(&self, id: DocumentId) -> Stored<Option<Document>> {
        let found = self.documents.iter().find(|(document, _)| document.id == id);
        Ok(found.map(|(document, _)| document.clone()))
    }

    fn picture(&self, id: DocumentId) -> Stored<Option<Vec<u8>>> {
        let found = self.documents.iter().find(|(document, _)| document.id == id);
        Ok(found.map(|(_, picture)| picture.clone()))
    }

    fn certificate(&self, id: CertificateId) -> Stored<Option<Certificate>> {
        Ok(self.certificates.iter().find(|certificate| certificate.id == id).cloned())
    }

    fn certificates_of(&self, person: PersonId) -> Stored<Vec<Certificate>> {
        let of = |certificate: &&Certificate| certificate.person == person;
        Ok(self.certificates.iter().filter(of).cloned().collect())
    }

    fn certificates(&self, query: &CertificateQuery) -> Stored<Vec<Certificate>> {
        let CertificateQuery { standing, region, after, limit } = *query;
        let asked = |certificate: &&Certificate| {
            certificate.signed
                && standing.is_none_or(|standing| certificate.standing == standing)
                && region.contains(certificate.county)
                && after.is_none_or(|after| certificate.id > after)
        };
        Ok(self.certificates.iter().filter(asked).take(limit).cloned().collect())
    }

    fn counties(&self, region: Region) -> Stored<Vec<Region>> {
        let counts = self.certificates.iter().filter(|one| one.signed && one.standing != Standing::Revoked);
        let counties = counts.map(|certificate| certificate.county);
        let mut counties: Vec<_> = counties.filter(|county| region.contains(*county)).collect();
        counties.sort_unstable_by_key(|county| county.code());
        counties.dedup();
        Ok(counties)
    }

    fn ending(&self, query: &EndingQuery) -> Stored<Vec<Certificate>> {
        let EndingQuery { county, from, until, after, limit } = *query;
        let mut ending = self.ending_within(county, from, until);
        ending.retain(|one| after.is_none_or(|after| (one.expires, one.id) > after));
        ending.sort_unstable_by_key(|one| (one.expires, one.id));
        Ok(ending.into_iter().take(limit).cloned().collect())
    }

    fn count_ending(&self, county: Region, from: UnixTime, until: UnixTime) -> Stored<u64> {
        Ok(self.ending_within(county, from, until).len() as u64)
    }

    fn credentials(&self, certificate: CertificateId) -> Stored<Vec<SignedCredential>> {
        let first = self.signed.get(&certificate).into_iter().flatten();
        let others = self.passes.iter().filter(|(of, ..)| *of == certificate);
        let all = first.chain(others.filter_map(|(.., signed)| signed.as_ref()));
        Ok(all.filter(|one| !self.withdrawn.contains(&(one.kid, one.index))).cloned().collect())
    }

    fn add_issuer_key(&mut self, key: &IssuerKey, audit: &Entry) -> Stored<()> {
        match self.keys.iter().find(|known| known.kid == key.kid) {
            Some(known) if known == key => return Ok(()),
            Some(_) => return Err(StoreError::Rule("issuer_key.list_size")),
            None => {}
        }
        self.keys.push(*key);
        self.log(audit.clone());
        Ok(())
    }

    fn issuer_keys(&self) -> Stored<Vec<IssuerKey>> {
        Ok(self.keys.clone())
    }

    fn taken_count(&self, kid: Kid) -> Stored<u64> {
        Ok(self.taken.iter().filter(|(taken, _)| *taken == kid).count() as u64)
    }

    fn is_taken(&self, kid: Kid, index: StatusIndex) -> Stored<bool> {
        Ok(self.taken.contains(&(kid, index)))
    }

    fn approved(&self, after: Option<ApplicationId>, limit: usize) -> Stored<Vec<(Filed, Person)>> {
        let waits = |filed: &&Filed| {
            filed.application.state() == State::Approved
                && after.is_none_or(|after| filed.id > after)
                && !self.certificates.iter().any(|certificate| certificate.application == filed.id)
        };
        let with_person = |filed: &Filed| {
            let person = self.people.iter().find(|person| person.id == filed.person)?;
            Some((filed.clone(), person.clone()))
        };
        Ok(self.cases.iter().filter(waits).filter_map(with_person).take(limit).collect())
    }

    fn prepare(&mut self, batch: &[Prepared], audit: &[Entry]) -> Stored<Vec<CertificateId>> {
        let mut taken = self.taken.clone();
        for prepared in batch {
            let application = prepared.facts().application;
            if self.certificates.iter().any(|certificate| certificate.application == application) {
                return Err(StoreError::Rule("certificate.application"));
            }
            for credential in prepared.credentials() {
                if !taken.insert((credential.kid, credential.index)) {
                    return Err(StoreError::Rule("credential.status_index"));
                }
            }
        }
        self.taken = taken;
        let mut ids = Vec::new();
        for prepared in batch {
            let id = CertificateId::from_stored(self.certificates.len() as i64 + 1);
            self.certificates.push(prepared.facts().clone().into_certificate(id));
            self.prepared.insert(id, prepared.credentials().to_vec());
            ids.push(id);
        }
        self.log_about(audit, None);
        Ok(ids)
    }

    fn prepared(&self, after: Option<CertificateId>, limit: usize) -> Stored<Vec<PreparedRow>> {
        let waits = |certificate: &&Certificate| {
            !certificate.signed && after.is_none_or(|after| certificate.id > after)
        };
        let row = |certificate: &Certificate| {
            Some(PreparedRow {
                certificate: certificate.clone(),
                filed: self.cases.iter().find(|filed| filed.id == certificate.application)?.clone(),
                person: self.people.iter().find(|person| person.id == certificate.person)?.clone(),
                credentials: self.prepared.get(&certificate.id)?.clone(),
            })
        };
        Ok(self.certificates.iter().filter(waits).filter_map(row).take(limit).collect())
    }

    fn sign(&mut self, batch: &[Signed], audit: &[Entry]) -> Stored<()> {
        let mut after = self.clone();
        for signed in batch {
            let id = signed.certificate();
            let certificate = after.certificates.iter_mut().find(|c| c.id == id && !c.signed);
            certificate.ok_or(StoreError::Conflict)?.signed = true;
            after.signed.insert(id, signed.credentials().to_vec());
            let filed = signed.filed();
            let known = filed.application.steps().len().saturating_sub(1);
            after.add_steps(filed, known, &[])?;
            let request = filed.application.request();
            if let Some(person) = after.people.iter_mut().find(|person| person.id == filed.person) {
                person.particulars = request.particulars.clone();
                person.home = request.home;
            }
            if let Some(change) = signed.supersedes() {
                let earlier = after.certificates.iter_mut().find(|c| c.id == change.certificate());
                let earlier = earlier.filter(|earlier| earlier.standing != Standing::Revoked);
                if let Some(earlier) = earlier {
                    earlier.standing = Standing::Revoked;
                    after.changes.push(change.clone());
                }
            }
        }
        after.log_about(audit, None);
        *self = after;
        Ok(())
    }

    fn prepared_passes(&self, limit: usize) -> Stored<Vec<PreparedPass>> {
        let waits = |(_, pass, signed): &&(CertificateId, PreparedCredential, Option<SignedCredential>)| {
            signed.is_none() && !self.withdrawn.contains(&(pass.kid, pass.index))
        };
        let row = |(id, pass, _): &(CertificateId, PreparedCredential, _)| {
            let certificate = self.certificates.iter().find(|certificate| certificate.id == *id)?.clone();
            Some(PreparedPass { certificate, credential: pass.clone() })
        };
        Ok(self.passes.iter().filter(waits).filter_map(row).take(limit).collect())
    }

    fn prepare_passes(&mut self, batch: &[PreparedPass], audit: &[Entry]) -> Stored<()> {
        let mut after = self.clone();
        for PreparedPass { certificate, credential } in batch {
            let of = after.certificates.iter().find(|known| known.id == certificate.id);
            if of.is_none_or(|of| !of.signed || of.standing == Standing::Revoked) {
                return Err(StoreError::Rule("passes stay"));
            }
            if !after.taken.insert((credential.kid, credential.index)) {
                return Err(StoreError::Rule("credential.status_index"));
            }
            after.passes.push((certificate.id, credential.clone(), None));
        }
        after.log_about(audit, None);
        *self = after;
        Ok(())
    }

    fn exchange_passes(&mut self, batch: &[Exchange], audit: &[Entry]) -> Stored<()> {
        let mut after = self.clone();
        for exchange in batch {
            if let Some(signed) = exchange.signed() {
                let waits = after.passes.iter_mut().find(|(_, pass, stored)| {
                    stored.is_none() && (pass.kid, pass.index) == (signed.kid, signed.index)
                });
                let waits = waits.filter(|_| !after.withdrawn.contains(&(signed.kid, signed.index)));
                waits.ok_or(StoreError::Conflict)?.2 = Some(signed.clone());
            }
            for pass in exchange.withdrawn() {
                if after.withdrawn.contains(pass) {
                    return Err(StoreError::Conflict);
                }
                after.withdrawn.push(*pass);
            }
        }
        after.log_about(audit, None);
        *self = after;
        Ok(())
    }

    fn enter_change(
        &mut self,
        change: &StatusChange,
        seen: Standing,
        follows: Option<&Opening<'_>>,
        audit: &[Entry],
    ) -> Stored<(ChangeId, Option<Filed>)> {
        if let Some(opening) = follows {
            self.can_file(opening)?;
        }
        self.stand(change.certificate(), seen, change)?;
        self.changes.push(change.clone());
        let filed = follows.map(|opening| self.file_now(opening));
        self.log_about(audit, filed.as_ref().map(|filed| filed.id));
        Ok((ChangeId::from_stored(self.changes.len() as i64), filed))
    }

    fn decide_change(
        &mut self,
        id: ChangeId,
        change: &StatusChange,
        seen: Standing,
        audit: &Entry,
    ) -> Stored<()> {
        let at = usize::try_from(id.get() - 1).map_err(|_| StoreError::Conflict)?;
        match self.changes.get(at) {
            Some(stored) if stored.outcome() == crate::status_change::Outcome::Waiting => {}
            _ => return Err(StoreError::Conflict),
        }
        self.stand(change.certificate(), seen, change)?;
        if let Some(stored) = self.changes.get_mut(at) {
            *stored = change.clone();
        }
        self.log(audit.clone());
        Ok(())
    }

    fn change(&self, id: ChangeId) -> Stored<Option<StatusChange>> {
        let at = usize::try_from(id.get() - 1).ok();
        Ok(at.and_then(|at| self.changes.get(at)).cloned())
    }

    fn changes_of(&self, certificate: CertificateId) -> Stored<Vec<(ChangeId, StatusChange)>> {
        Ok(numbered(&self.changes).filter(|(_, change)| change.certificate() == certificate).collect())
    }

    fn waiting_changes(&self, query: &ChangeQuery) -> Stored<Vec<(ChangeId, StatusChange)>> {
        let ChangeQuery { region, after, limit } = *query;
        let county = |change: &StatusChange| {
            let id = change.certificate();
            self.certificates.iter().find(|certificate| certificate.id == id).map(|found| found.county)
        };
        let asked = |(id, change): &(ChangeId, StatusChange)| {
            waits(change)
                && after.is_none_or(|after| *id > after)
                && county(change).is_some_and(|county| region.contains(county))
        };
        Ok(numbered(&self.changes).filter(asked).take(limit).collect())
    }

    fn not_valid(&self, kid: Kid) -> Stored<Vec<(StatusIndex, Standing)>> {
        let revoked = self.certificates.iter().filter(|c| c.standing != Standing::Valid);
        let of_key = |c: &Certificate| {
            let others = self.passes.iter().filter(|(of, ..)| *of == c.id).map(|(_, pass, _)| pass);
            let credentials = self.prepared.get(&c.id).into_iter().flatten().chain(others);
            let standing = c.standing;
            credentials.filter(move |one| one.kid == kid).map(move |one| (one.index, standing)).collect()
        };
        let mut list: Vec<_> = revoked.flat_map(|c| -> Vec<_> { of_key(c) }).collect();
        for job in &self.cards {
            let (Stage::Prepared(_, pass) | Stage::Signed(_, pass, _) | Stage::Issued(_, pass, ..)) =
                &job.stage
            else {
                continue;
            };
            let certificate = self.certificates.iter().find(|c| c.id == job.certificate);
            let standing = certificate.map_or(Standing::Revoked, |certificate| certificate.standing);
            if pass.prepared.kid == kid && standing != Standing::Valid {
                list.push((pass.prepared.index, standing));
            }
        }
        let withdrawn = self.withdrawn.iter().filter(|(of, _)| *of == kid);
        list.extend(withdrawn.map(|(_, index)| (*index, Standing::Revoked)));
        Ok(list)
    }

    fn add_card_job(&mut self, certificate: CertificateId, audit: &Entry) -> Stored<CardJob> {
        let of =
            |job: &&CardJob| job.certificate == certificate && !matches!(job.stage, Stage::Withdrawn(..));
        if self.cards.iter().any(|job| of(&job)) {
            return Err(StoreError::Rule("one card a certificate"));
        }
        let id = CardJobId::from_stored(self.cards.len() as i64 + 1);
        let job = CardJob { id, certificate, stage: Stage::Ordered };
        self.cards.push(job.clone());
        self.log(audit.clone());
        Ok(job)
    }

    fn card_job(&self, id: CardJobId) -> Stored<Option<CardJob>> {
        Ok(self.cards.iter().find(|job| job.id == id).cloned())
    }

    fn card_job_by_card(&self, card: CardSerial) -> Stored<Option<CardJob>> {
        Ok(self.cards.iter().find(|job| job.card() == Some(card)).cloned())
    }

    fn card_jobs_of(&self, certificate: CertificateId) -> Stored<Vec<CardJob>> {
        Ok(self.cards.iter().filter(|job| job.certificate == certificate).cloned().collect())
    }

    fn card_jobs(&self, query: &CardQuery) -> Stored<Vec<CardJob>> {
        let CardQuery { region, issued_since, after, limit } = *query;
        let asked = |job: &&CardJob| match issued_since {
            None => job.is_open() && after.is_none_or(|after| job.id > after),
            Some(since) => job.issued_at().is_some_and(|at| at >= since),
        };
        let mut jobs: Vec<_> = self.cards_of(region).filter(asked).cloned().collect();
        if issued_since.is_some() {
            jobs.sort_by_key(|job| std::cmp::Reverse((job.issued_at(), job.id)));
        }
        jobs.truncate(limit);
        Ok(jobs)
    }

    fn card_tally(&self, region: Region, since: UnixTime) -> Stored<CardTally> {
        let mut tally = CardTally::default();
        for job in self.cards_of(region) {
            match &job.stage {
                Stage::Ordered => tally.waiting += 1,
                Stage::Begun(_) | Stage::Prepared(..) | Stage::Signed(..) => tally.in_work += 1,
                Stage::Issued(.., at) if *at >= since => tally.issued += 1,
                Stage::Issued(..) | Stage::Withdrawn(..) => {}
            }
        }
        Ok(tally)
    }

    fn without_card(&self, region: Region, now: UnixTime, limit: usize) -> Stored<Vec<Certificate>> {
        let has_card = |id| {
            let of = |job: &CardJob| job.certificate == id && !matches!(job.stage, Stage::Withdrawn(..));
            self.cards.iter().any(of)
        };
        let wanted = |certificate: &&Certificate| {
            certificate.signed
                && certificate.standing == Standing::Valid
                && certificate.expires > now
                && region.contains(certificate.county)
                && !has_card(certificate.id)
        };
        let latest = self.certificates.iter().rev().take(LATEST as usize);
        Ok(latest.filter(wanted).take(limit).cloned().collect())
    }

    fn move_card_job(&mut self, job: &CardJob, seen: &Stage, audit: &Entry) -> Stored<()> {
        let other =
            |other: &CardJob| other.id != job.id && other.card().is_some() && other.card() == job.card();
        if self.cards.iter().any(other) {
            return Err(StoreError::Rule("card_job.card"));
        }
        if let Stage::Prepared(_, pass) = &job.stage
            && self.taken.contains(&(pass.prepared.kid, pass.prepared.index))
        {
            return Err(StoreError::Rule("credential.status_index"));
        }
        let stored = self.cards.iter_mut().find(|stored| stored.id == job.id);
        let stored = stored.filter(|stored| stored.stage == *seen).ok_or(StoreError::Conflict)?;
        if !seen.leads_to(&job.stage) {
            return Err(StoreError::Rule("card job goes step by step"));
        }
        *stored = job.clone();
        match (seen, &job.stage) {
            (_, Stage::Prepared(_, pass)) => {
                self.taken.insert((pass.prepared.kid, pass.prepared.index));
            }
            (
                Stage::Prepared(_, pass) | Stage::Signed(_, pass, _) | Stage::Issued(_, pass, ..),
                Stage::Withdrawn(..),
            ) => self.withdrawn.push((pass.prepared.kid, pass.prepared.index)),
            _ => {}
        }
        self.log(audit.clone());
        Ok(())
    }

    fn replace_card(&mut self, withdrawn: &CardJob, seen: &Stage, audit: &[Entry]) -> Stored<CardJob> {
        let [withdrawing, ordering] = audit else { return Err(StoreError::Rule("card_job.audit")) };
        let mut after = self.clone();
        after.move_card_job(withdrawn, seen, withdrawing)?;
        let job = after.add_card_job(withdrawn.certificate, ordering)?;
        *self = after;
        Ok(job)
    }

    fn last_bundle_version(&self) -> Stored<u32> {
        Ok(self.bundles.last().map_or(0, |(version, _)| *version))
    }

    fn publish(&mut self, version: u32, _sha256: &Digest, audit: &Entry) -> Stored<()> {
        if version <= self.last_bundle_version()? {
            return Err(StoreError::Rule("bundle.version"));
        }
        self.bundles.push((version, audit.at));
        self.log(audit.clone());
        Ok(())
    }

    fn note(&mut self, audit: &Entry) -> Stored<()> {
        self.log(audit.clone());
        Ok(())
    }

    fn note_all(&mut self, audit: &[Entry]) -> Stored<()> {
        self.log_about(audit, None);
        Ok(())
    }

    fn audit_rows(&self, after: i64, limit: usize) -> Stored<Vec<Row>> {
        Ok(self.audit.iter().filter(|row| row.number > after).take(limit).cloned().collect())
    }

    fn audit_of(&self, query: &AuditQuery, limit: usize) -> Stored<Vec<Row>> {
        let asked = |row: &&Row| match *query {
            AuditQuery::About(subject) => row.entry.subject == subject,
            AuditQuery::By(who, from, until) => {
                row.entry.who == who && row.entry.at >= from && row.entry.at < until
            }
        };
        Ok(self.audit.iter().filter(asked).take(limit).cloned().collect())
    }

    fn counts(&self) -> Stored<Counts> {
        let in_state = |state: State| self.cases.iter().filter(|f| f.application.state() == state).count();
        let signed = self.certificates.iter().filter(|c| c.signed);
        let standing = |standing: Standing| signed.clone().filter(|c| c.standing == standing).count();
        Ok(Counts {
            applications: tally(State::ALL, in_state),
            certificates: tally(Standing::ALL, standing),
            credentials: self.signed.values().map(|credentials| credentials.len() as u64).sum::<u64>()
                + self.passes.iter().filter(|(.., signed)| signed.is_some()).count() as u64,
            waiting_changes: self.changes.iter().filter(|change| waits(change)).count() as u64,
            last_bundle: self.bundles.last().copied(),
        })
    }
}

fn waits(change: &StatusChange) -> bool {
    change.outcome() == crate::status_change::Outcome::Waiting
}

fn tally<T: Copy>(all: &[T], count: impl Fn(T) -> usize) -> Vec<(T, u64)> {
    all.iter().map(|one| (*one, count(*one) as u64)).filter(|(_, count)| *count > 0).collect()
}

fn numbered(changes: &[StatusChange]) -> impl Iterator<Item = (ChangeId, StatusChange)> {
    changes.iter().zip(1..).map(|(change, number)| (ChangeId::from_stored(number), change.clone()))
}

/// The service itself, which holds no power.
fn service() -> Option<Officer> {
    let (name, login) = (Text::parse("签发服务").ok()?, Login::parse("service")?);
    let (id, region) = (OfficeId::from_stored(0), Region::NATION);
    let office = Office { id, kind: OfficeKind::Province, region, name: Text::parse("签发服务").ok()? };
    Some(Officer { id: OfficerId::SERVICE, login, name, office, roles: Roles::default(), active: true })
}
