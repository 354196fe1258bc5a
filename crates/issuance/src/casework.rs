//! The use cases of a case: enter, import, take a step. Each loads, asks the rules, and stores in one
//! transaction with its audit rows. Pages, commands and the API call these and nothing below them.

use credential::number::Reissue;
use credential::time::Date;

use crate::Error;
use crate::actor::Actor;
use crate::application::{Application, Earlier, Filed, Request, post_notice};
use crate::audit::{Deed, Entry, Subject};
use crate::calendar::Calendar;
use crate::certificate::Certificate;
use crate::document;
use crate::form::{ApplicantForm, SheetForm};
use crate::id::{ApplicationId, CertificateId, OfficerId};
use crate::kind::{Kind, Route};
use crate::officer::{Officer, Role};
use crate::person::{Applicant, Particulars, Person};
use crate::register::{Digest, Opening, Register, StoreError};
use crate::status_change::{Outcome, Reason, Standing, StatusChange};
use crate::step::{Action, Sheet};
use crate::transition;

/// What a desk hands in.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// A new certificate or a change of one.
    pub kind: Kind,
    /// By way of the doctors or straight to review.
    pub route: Route,
    /// Whose, and what the certificate is to say.
    pub applicant: Applicant,
    /// The certificate it follows.
    pub follows: Option<CertificateId>,
    /// The suffix of a certificate from before this register.
    pub suffix: Reissue,
}

/// Enters a case. Refuses a person with an open case, a second certificate, and one who has to wait.
pub fn submit(register: &mut dyn Register, case: &NewCase, actor: &Actor<'_>) -> Result<Filed, Error> {
    let application = begin(register, case, actor)?;
    file(register, &case.applicant, &application, None, actor)
}

/// Accepts, assesses, reviews, approves, ...: the next step of a case.
pub fn take_step(
    register: &mut dyn Register,
    id: ApplicationId,
    action: Action,
    actor: &Actor<'_>,
) -> Result<Filed, Error> {
    let mut filed = open(register, id)?;
    let known = filed.application.steps().len();
    let verb = action.verb();
    let before = filed.clone();
    filed.application.take(actor.officer, action, actor.now)?;
    let duty = transition::find(before.application.state(), verb, before.application.request().route)?.duty;
    document::must_allow(register, &before, verb, duty, actor)?;
    register.add_steps(&filed, known, &[actor.entry(Deed::Step(verb), Subject::Application(id))])?;
    Ok(filed)
}

/// Brings what was missing, and what had to be put right.
pub fn supply(
    register: &mut dyn Register,
    id: ApplicationId,
    particulars: Particulars,
    actor: &Actor<'_>,
) -> Result<Filed, Error> {
    let mut filed = open(register, id)?;
    let known = filed.application.steps().len();
    filed.application.amend(particulars)?;
    filed.application.take(actor.officer, Action::Supply, actor.now)?;
    let deed = Deed::Step(Action::Supply.verb());
    register.add_steps(&filed, known, &[actor.entry(deed, Subject::Application(id))])?;
    Ok(filed)
}

/// Enters a paper form in the name of the two doctors who signed it.
pub fn transcribe(
    register: &mut dyn Register,
    id: ApplicationId,
    sheet: Sheet,
    doctors: [OfficerId; 2],
    actor: &Actor<'_>,
) -> Result<Filed, Error> {
    for officer in doctors {
        if !is_assessor(register, officer)? {
            return Err(Error::NoOfficer { officer });
        }
    }
    take_step(register, id, Action::Transcribe { sheet, doctors }, actor)
}

/// Puts the notice up, or waives it for a minor.
pub fn post_or_waive_notice(
    register: &mut dyn Register,
    id: ApplicationId,
    posted: Option<Date>,
    calendar: &Calendar,
    actor: &Actor<'_>,
) -> Result<Filed, Error> {
    take_step(register, id, notice(posted, calendar)?, actor)
}

/// A line of an applicants' file whose fields are all good.
#[derive(Clone, Debug)]
pub struct ImportedCase {
    /// The person's part.
    pub form: ApplicantForm,
    /// The assessment's part.
    pub sheet: SheetForm,
    /// The two doctors, as officers.
    pub doctors: [OfficerId; 2],
    /// The day the notice went up; `None` for a minor.
    pub posted: Option<Date>,
    /// The line's digest, so that it counts once.
    pub source: Digest,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    /// A new case.
    Filed(ApplicationId),
    /// The same line was filed before; nothing changed.
    Unchanged(ApplicationId),
}

/// Files a line as a case that is entered, accepted, transcribed and published by the clerk.
pub fn import(
    register: &mut dyn Register,
    line: &ImportedCase,
    calendar: &Calendar,
    actor: &Actor<'_>,
) -> Result<Import, Error> {
    if let Some(before) = register.application_by_source(&line.source)? {
        return Ok(Import::Unchanged(before));
    }
    let ApplicantForm { applicant, suffix } = &line.form;
    let case = NewCase {
        kind: Kind::New,
        route: Route::Assessed,
        applicant: applicant.clone(),
        follows: None,
        suffix: *suffix,
    };
    let sheet = Sheet { components: line.sheet.components.clone(), signed_on: line.sheet.signed_on };
    let mut application = begin(register, &case, actor)?;
    for action in
        [Action::Accept, Action::Transcribe { sheet, doctors: line.doctors }, notice(line.posted, calendar)?]
    {
        application.take(actor.officer, action, actor.now)?;
    }
    let filed = file(register, applicant, &application, Some(line.source), actor)?;
    Ok(Import::Filed(filed.id))
}

/// The assessor with this login, for a paper form that names them.
pub fn assessor(register: &dyn Register, login: &crate::officer::Login) -> Result<Option<Officer>, Error> {
    let officer = register.officer_by_login(login)?;
    Ok(officer.filter(|officer| officer.active && officer.roles.has(Role::Assessor)))
}

/// Whether an officer may have signed a paper form: a doctor who is still there.
pub fn is_assessor(register: &dyn Register, id: OfficerId) -> Result<bool, Error> {
    Ok(register.officer(id)?.is_some_and(|officer| officer.active && officer.roles.has(Role::Assessor)))
}

/// One case that the officer's office serves, from either side.
pub fn look_at(register: &dyn Register, id: ApplicationId, officer: &Officer) -> Result<Filed, Error> {
    let filed = open(register, id)?;
    let request = filed.application.request();
    officer.must_serve(request.home).or_else(|_| officer.must_serve(request.desk))?;
    Ok(filed)
}

/// Whether the officer's office serves a case, from either side.
#[must_use]
pub fn serves(filed: &Filed, officer: &Officer) -> bool {
    let request = filed.application.request();
    officer.must_serve(request.home).is_ok() || officer.must_serve(request.desk).is_ok()
}

/// Builds the first step, after asking the register what speaks against it.
pub(crate) fn begin(
    register: &dyn Register,
    case: &NewCase,
    actor: &Actor<'_>,
) -> Result<Application, Error> {
    let person = register.person_by_identity(case.applicant.identity)?;
    if let Some(person) = &person {
        must_be_free(register, person, case.kind, actor)?;
    }
    let earlier = match case.follows {
        Some(id) => Some(earlier(register, id, person.as_ref(), case, actor)?),
        None => None,
    };
    // The desk's county is the officer's own where that is a county; an office above stands in for the home.
    let office = actor.officer.office.region;
    let desk = if office.code() >= 110_000 { office } else { case.applicant.home };
    let request = Request {
        kind: case.kind,
        route: case.route,
        born: case.applicant.identity.birth_date(),
        particulars: case.applicant.particulars.clone(),
        home: case.applicant.home,
        desk,
        earlier,
        suffix: case.suffix,
    };
    Application::submit(request, actor.officer, actor.now)
}

pub(crate) fn audit(application: &Application, filed: Subject, actor: &Actor<'_>) -> Vec<Entry> {
    application.steps().iter().map(|step| actor.entry(Deed::Step(step.action.verb()), filed)).collect()
}

fn file(
    register: &mut dyn Register,
    applicant: &Applicant,
    application: &Application,
    source: Option<Digest>,
    actor: &Actor<'_>,
) -> Result<Filed, Error> {
    // The register puts the case's number in the place of the register as the subject.
    let audit = audit(application, Subject::Register, actor);
    let refused = match register.file(&Opening { applicant, application, source }, &audit) {
        Ok(filed) => return Ok(filed),
        Err(refused) => refused,
    };
    // Somebody else may have entered the same person since we looked: then that is what there is to say.
    if let (StoreError::Rule(_), Some(person)) = (&refused, register.person_by_identity(applicant.identity)?)
    {
        must_have_no_open_case(register, &person, actor)?;
    }
    Err(refused.into())
}

/// One open case; a certificate that stands; a revocation that bars for a year.
fn must_be_free(
    register: &dyn Register,
    person: &Person,
    kind: Kind,
    actor: &Actor<'_>,
) -> Result<(), Error> {
    must_have_no_open_case(register, person, actor)?;
    let today = actor.now.date_in_china();
    if kind != Kind::New {
        return Ok(());
    }
    for certificate in register.certificates_of(person.id)? {
        if certificate.standing != Standing::Revoked {
            let is_ours = actor.officer.must_serve(certificate.county).is_ok();
            return Err(Error::CertificateHeld { certificate: is_ours.then_some(certificate.id) });
        }
        for (_, change) in register.changes_of(certificate.id)? {
            let day = change.effective().plus_years(1);
            if change.is_in_force() && change.reason().bars_for_a_year() && today < day {
                return Err(Error::WaitUntil { day });
            }
        }
    }
    Ok(())
}

/// That there is a case is said to everybody who enters one; which one, to those who may see it.
fn must_have_no_open_case(register: &dyn Register, person: &Person, actor: &Actor<'_>) -> Result<(), Error> {
    let Some(application) = register.open_application(person.id)? else { return Ok(()) };
    let is_ours = serves(&open(register, application)?, actor.officer);
    Err(Error::ApplicationOpen { application: is_ours.then_some(application) })
}

fn earlier(
    register: &dyn Register,
    id: CertificateId,
    person: Option<&Person>,
    case: &NewCase,
    actor: &Actor<'_>,
) -> Result<Earlier, Error> {
    let kind = case.kind;
    let Certificate { person: holder, components, reissue, county, expires, standing, signed, .. } =
        register.certificate(id)?.ok_or(Error::NoCertificate { certificate: id })?;
    if Some(holder) != person.map(|person| person.id) {
        return Err(Error::OtherHolder);
    }
    let lost = || -> Result<bool, Error> {
        let changes = register.changes_of(id)?;
        Ok(changes.iter().any(|(_, c)| c.reason() == Reason::Lost && c.outcome() == Outcome::InForce))
    };
    let stands = match kind {
        // The paper is dead since the report; its holder is not.
        Kind::Replacement => standing == Standing::Revoked && lost()?,
        Kind::Renewal => standing != Standing::Revoked,
        _ => standing == Standing::Valid,
    };
    if !stands || !signed {
        let change = crate::status_change::Change::Revoke;
        return Err(Error::WrongStanding { standing, change });
    }
    if (kind == Kind::Transfer) == (county == case.applicant.home) {
        return Err(Error::CountyOfEarlier { kind, county });
    }
    let known = person.and_then(|person| person.particulars.guardian.as_ref());
    if kind == Kind::GuardianChange && case.applicant.particulars.guardian.as_ref() == known {
        return Err(Error::GuardianUnchanged);
    }
    if !kind.starts_anew() && expires <= actor.now {
        return Err(Error::EarlierExpired { certificate: id });
    }
    Ok(Earlier { certificate: id, components, reissue, expires })
}

fn open(register: &dyn Register, id: ApplicationId) -> Result<Filed, Error> {
    register.application(id)?.ok_or(Error::NoApplication { application: id })
}

fn notice(posted: Option<Date>, calendar: &Calendar) -> Result<Action, Error> {
    posted.map_or(Ok(Action::WaiveNotice), |posted| post_notice(posted, calendar))
}

/// A certificate is lost: it is revoked at the report, and its replacement is asked for in the same breath.
pub fn report_loss(
    register: &mut dyn Register,
    id: CertificateId,
    effective: Date,
    actor: &Actor<'_>,
) -> Result<Filed, Error> {
    let certificate = register.certificate(id)?.ok_or(Error::NoCertificate { certificate: id })?;
    let person = register.person(certificate.person)?;
    let person = person.ok_or(Error::NoPerson { person: certificate.person })?;
    actor.officer.must_serve(person.home)?;
    certificate.standing.after(crate::status_change::Change::Revoke)?;
    must_have_no_open_case(register, &person, actor)?;
    if certificate.expires <= actor.now {
        return Err(Error::EarlierExpired { certificate: id });
    }
    let change = StatusChange::enter(id, Reason::Lost, effective, actor.officer, actor.now)?;
    let Person { identity, home, particulars, .. } = person;
    let request = Request {
        kind: Kind::Replacement,
        route: Route::Direct,
        born: identity.birth_date(),
        particulars: particulars.clone(),
        home,
        desk: home,
        earlier: Some(Earlier {
            certificate: id,
            components: certificate.components,
            reissue: certificate.reissue,
            expires: certificate.expires,
        }),
        suffix: Reissue::Never,
    };
    let mut application = Application::submit(request, actor.officer, actor.now)?;
    application.take(actor.officer, Action::Accept, actor.now)?;
    application.reissue()?;
    let applicant = Applicant { identity, home, particulars };
    let opening = Opening { applicant: &applicant, application: &application, source: None };
    let mut entries = vec![actor.entry_because(
        Deed::Entered(change.change()),
        Subject::Certificate(id),
        change.reason().as_str(),
    )];
    entries.extend(audit(&application, Subject::Register, actor));
    let (_, filed) = register.enter_change(&change, certificate.standing, Some(&opening), &entries)?;
    filed.ok_or(Error::NoCertificate { certificate: id })
}
