//! The use cases of reading: whoever looks at people's facts leaves a row in the audit, before they see any.
//! What lies outside the officer's region, or outside a doctor's own work, does not exist for them.

use credential::number::IdentityNumber;
use credential::time::Date;

use crate::Error;
use crate::actor::Actor;
use crate::application::Filed;
use crate::audit::{Deed, Other, Row, Subject};
use crate::card::CardSerial;
use crate::certificate::{Certificate, SignedCredential};
use crate::id::{ApplicationId, CertificateId, ChangeId, OfficerId, PersonId};
use crate::kind::Route;
use crate::officer::{Officer, Role};
use crate::person::Person;
use crate::pilot::Feature;
use crate::register::{AuditQuery, PersonQuery, Register};
use crate::status_change::StatusChange;
use crate::text::Name;
use crate::transition::State;

/// What somebody types to find a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// By identity number; a certificate number begins with it.
    Identity(IdentityNumber),
    /// By whole name.
    Name(Name),
    /// By birth date.
    Born(Date),
    /// By the card in their hand.
    Card(CardSerial),
    /// By name and birth date: another number of the same person?
    Likeness(Name, Date),
}

/// The changes of a certificate's status, oldest first.
pub type Changes = Vec<(ChangeId, StatusChange)>;

/// One person with everything the register has of them.
#[derive(Clone, Debug)]
pub struct Story {
    /// Who.
    pub person: Person,
    /// Their cases, oldest first.
    pub cases: Vec<Filed>,
    /// Their certificates, oldest first, with the changes of each.
    pub certificates: Vec<(Certificate, Changes)>,
}

/// People whom the officer may see.
pub fn find(register: &mut dyn Register, search: &Search, actor: &Actor<'_>) -> Result<Vec<Person>, Error> {
    register.note(&actor.entry(Deed::Other(Other::Searched), Subject::Register))?;
    let region = actor.officer.office.region;
    let query = |name, born| PersonQuery { name, born, region, limit: MOST_FOUND };
    let found = match search {
        Search::Identity(identity) => register.person_by_identity(*identity)?.into_iter().collect(),
        Search::Card(card) => holder_of(register, *card)?.into_iter().collect(),
        Search::Name(name) => register.people(&query(Some(name), None))?,
        Search::Born(born) => register.people(&query(None, Some(*born)))?,
        Search::Likeness(name, born) => register.people(&query(Some(name), Some(*born)))?,
    };
    let mut seen = Vec::new();
    for person in found {
        if may_see(register, &person, actor.officer)? {
            seen.push(person);
        }
    }
    Ok(seen)
}

fn holder_of(register: &dyn Register, card: CardSerial) -> Result<Option<Person>, Error> {
    let Some(job) = register.card_job_by_card(card)? else { return Ok(None) };
    let Some(certificate) = register.certificate(job.certificate)? else { return Ok(None) };
    Ok(register.person(certificate.person)?)
}

/// One case.
pub fn case(register: &mut dyn Register, id: ApplicationId, actor: &Actor<'_>) -> Result<Filed, Error> {
    let filed = crate::casework::look_at(register, id, actor.officer)?;
    if !is_own_work(&filed, actor.officer) {
        return Err(Error::NoApplication { application: id });
    }
    register.note(&actor.entry(Deed::Other(Other::Viewed), Subject::Application(id)))?;
    Ok(filed)
}

/// One person with their cases and certificates.
pub fn person(register: &mut dyn Register, id: PersonId, actor: &Actor<'_>) -> Result<Story, Error> {
    let person = visible(register, id, actor.officer)?;
    register.note(&actor.entry(Deed::Other(Other::Viewed), Subject::Person(id)))?;
    let mut certificates = Vec::new();
    for certificate in register.certificates_of(id)? {
        let changes = register.changes_of(certificate.id)?;
        certificates.push((certificate, changes));
    }
    Ok(Story { cases: register.applications_of(id)?, person, certificates })
}

/// The number in clear. Says so in the audit first.
pub fn expose(register: &mut dyn Register, id: PersonId, actor: &Actor<'_>) -> Result<Person, Error> {
    let person = visible(register, id, actor.officer)?;
    register.note(&actor.entry(Deed::Other(Other::Exposed), Subject::Person(id)))?;
    Ok(person)
}

/// One signed certificate of the officer's region, with its holder and its changes.
pub fn certificate(
    register: &mut dyn Register,
    id: CertificateId,
    actor: &Actor<'_>,
) -> Result<(Certificate, Person, Changes), Error> {
    let missing = Error::NoCertificate { certificate: id };
    let found = register.certificate(id)?.filter(|certificate| certificate.signed).ok_or(missing)?;
    actor.officer.must_serve(found.county)?;
    let person = register.person(found.person)?.ok_or(Error::NoPerson { person: found.person })?;
    register.note(&actor.entry(Deed::Other(Other::Viewed), Subject::Certificate(id)))?;
    Ok((found, person, register.changes_of(id)?))
}

/// The signed forms of a certificate that may leave as QR codes; none where its county has no QR codes.
/// Whoever hands them out says so in the audit first.
pub fn codes(register: &dyn Register, certificate: &Certificate) -> Result<Vec<SignedCredential>, Error> {
    register.pilots()?.must_be_on(Feature::QrCode, certificate.county)?;
    Ok(register.credentials(certificate.id)?)
}

/// What the audit says about one case, its person and its certificate, oldest first.
pub fn case_story(
    register: &mut dyn Register,
    id: ApplicationId,
    actor: &Actor<'_>,
) -> Result<(Filed, Vec<Row>), Error> {
    actor.officer.must_hold(Role::Auditor)?;
    let filed = crate::casework::look_at(register, id, actor.officer)?;
    register.note(&actor.entry(Deed::Other(Other::AuditRead), Subject::Application(id)))?;
    let mut subjects = vec![Subject::Application(id), Subject::Person(filed.person)];
    let certificates = register.certificates_of(filed.person)?;
    let of_case = certificates.iter().filter(|certificate| certificate.application == id);
    subjects.extend(of_case.map(|certificate| Subject::Certificate(certificate.id)));
    let mut rows = Vec::new();
    for subject in subjects {
        rows.extend(register.audit_of(&AuditQuery::About(subject), MOST_ROWS)?);
    }
    rows.sort_by_key(|row| row.number);
    Ok((filed, rows))
}

/// What one officer of the auditor's region did on one day.
pub fn officers_day(
    register: &mut dyn Register,
    who: OfficerId,
    day: Date,
    actor: &Actor<'_>,
) -> Result<(Officer, Vec<Row>), Error> {
    actor.officer.must_hold(Role::Auditor)?;
    let officer = register.officer(who)?.ok_or(Error::NoOfficer { officer: who })?;
    actor.officer.must_serve(officer.office.region)?;
    register.note(&actor.entry(Deed::Other(Other::AuditRead), Subject::Officer(who)))?;
    let from = day.start_in_china();
    let query = AuditQuery::By(who, from, from.plus_seconds(24 * 3600));
    let rows = register.audit_of(&query, MOST_ROWS)?;
    Ok((officer, rows))
}

fn visible(register: &dyn Register, id: PersonId, officer: &Officer) -> Result<Person, Error> {
    let missing = Error::NoPerson { person: id };
    let person = register.person(id)?.ok_or_else(|| missing.clone())?;
    if may_see(register, &person, officer)? { Ok(person) } else { Err(missing) }
}

/// At home in the officer's region, or with a case that the officer's office serves.
pub(crate) fn may_see(register: &dyn Register, person: &Person, officer: &Officer) -> Result<bool, Error> {
    if is_only_assessor(officer) {
        return Ok(register
            .applications_of(person.id)?
            .iter()
            .any(|filed| crate::casework::serves(filed, officer) && is_own_work(filed, officer)));
    }
    if officer.must_serve(person.home).is_ok() {
        return Ok(true);
    }
    Ok(register.applications_of(person.id)?.iter().any(|filed| crate::casework::serves(filed, officer)))
}

/// A doctor sees the cases that wait for an assessment and those they had a part in; others see their region's.
#[must_use]
pub fn is_own_work(filed: &Filed, officer: &Officer) -> bool {
    let case = &filed.application;
    let waits = matches!(case.state(), State::Accepted | State::HalfAssessed)
        && case.request().route == Route::Assessed;
    !is_only_assessor(officer) || waits || case.duties().of(officer.id).is_some()
}

fn is_only_assessor(officer: &Officer) -> bool {
    officer.roles.iter().all(|role| role == Role::Assessor)
}

/// More than a screen of namesakes needs a number or a birth date.
const MOST_FOUND: usize = 50;
/// One page of the audit; a busy day has some hundreds. A page that shows so many says that there may be more.
pub const MOST_ROWS: usize = 2000;
