//! What answers say about cases, certificates and cards. Numbers are masked as on the pages; times are RFC 3339 in UTC,
//! days are days in China.

use credential::disability::Components;
use credential::time::Date;
use issuance::application::Filed;
use issuance::calendar::Calendar;
use issuance::card::{CardJob, Stage};
use issuance::certificate::Certificate;
use issuance::document::DocumentKind;
use issuance::id::ChangeId;
use issuance::officer::Officer;
use issuance::person::Person;
use issuance::reading::Changes;
use issuance::register::Register;
use issuance::removal::RemovalReason;
use issuance::status_change::{Outcome, StatusChange};
use issuance::step::Action;
use serde::Serialize;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::applicant::ParticularsView;
use crate::web::refused::Refused;
use crate::web::work_list::{known_due, open_steps};

/// One line of a list of cases.
#[derive(Serialize, ToSchema)]
pub struct CaseLine {
    /// Which one.
    id: i64,
    /// As people call it: county of the desk and number.
    #[schema(example = "220102-00817")]
    number: String,
    /// Whose.
    person: i64,
    /// Full name, as it was applied for.
    name: String,
    #[schema(schema_with = kinds)]
    kind: &'static str,
    #[schema(schema_with = states)]
    state: &'static str,
    /// The last day of the legal term that runs.
    #[schema(format = Date)]
    due: Option<String>,
}

/// One case.
#[derive(Serialize, ToSchema)]
pub struct Case {
    #[serde(flatten)]
    line: CaseLine,
    /// Masked.
    identity_number: String,
    /// `assessed` by way of the doctors, or `direct`.
    #[schema(schema_with = routes)]
    route: &'static str,
    /// The county that approves and issues.
    home: String,
    /// The county that took the application.
    desk: String,
    /// What the certificate is to say.
    applicant: ParticularsView,
    /// Category and level of each component, the heaviest first: `42`, `13`.
    components: Vec<String>,
    /// The last day of the public notice.
    #[schema(format = Date)]
    notice_until: Option<String>,
    /// The certificate it follows.
    follows: Option<i64>,
    /// The certificate it led to.
    certificate: Option<i64>,
    /// What this client's officer may do now.
    open_steps: Vec<&'static str>,
    /// Each step so far.
    steps: Vec<StepLine>,
}

/// One step that was taken.
#[derive(Serialize, ToSchema)]
pub struct StepLine {
    #[schema(schema_with = verbs)]
    verb: &'static str,
    /// The officer; 0 is the service itself.
    by: i64,
    #[schema(format = DateTime)]
    at: String,
}

impl CaseLine {
    /// Of a case.
    pub fn of(filed: &Filed, calendar: &Calendar) -> Result<Self, Refused> {
        let (case, request) = (&filed.application, filed.application.request());
        Ok(Self {
            id: filed.id.get(),
            number: format!("{}-{:05}", request.desk, filed.id.get()),
            person: filed.person.get(),
            name: request.particulars.name.expose().to_owned(),
            kind: request.kind.as_str(),
            state: case.state().as_str(),
            due: known_due(case, calendar)?.map(|day| day.to_string()),
        })
    }
}

impl Case {
    /// Of a case, for the one who asks.
    pub fn of(
        filed: &Filed,
        register: &dyn Register,
        calendar: &Calendar,
        officer: &Officer,
        today: Date,
    ) -> Result<Self, Refused> {
        let (case, request) = (&filed.application, filed.application.request());
        let person = register.person(filed.person)?.ok_or(Refused::NotFound)?;
        let certificate = case.steps().iter().find_map(|step| match step.action {
            Action::Issue(id) => Some(id.get()),
            _ => None,
        });
        let step = |step: &issuance::step::Step| StepLine {
            verb: step.action.verb().as_str(),
            by: step.by.get(),
            at: step.at.to_string(),
        };
        Ok(Self {
            line: CaseLine::of(filed, calendar)?,
            identity_number: person.identity.to_string(),
            route: request.route.as_str(),
            home: request.home.to_string(),
            desk: request.desk.to_string(),
            applicant: ParticularsView::of(&request.particulars),
            components: case.components().map(codes).unwrap_or_default(),
            notice_until: case.notice_until().map(|day| day.to_string()),
            follows: request.earlier.as_ref().map(|earlier| earlier.certificate.get()),
            certificate,
            open_steps: open_steps(filed, officer, today).0.into_iter().map(|verb| verb.as_str()).collect(),
            steps: case.steps().iter().map(step).collect(),
        })
    }
}

/// One line of a list of certificates.
#[derive(Serialize, ToSchema)]
pub struct CertificateLine {
    /// Which one.
    id: i64,
    /// Whose.
    person: i64,
    /// The case that led to it.
    application: i64,
    /// The number on its face, masked.
    number: String,
    /// Full name of the holder.
    name: String,
    /// Category and level of each component, the heaviest first.
    components: Vec<String>,
    /// The county that issued it.
    county: String,
    #[schema(format = DateTime)]
    issued: String,
    /// From when on it is no longer valid.
    #[schema(format = DateTime)]
    expires: String,
    #[schema(schema_with = standings)]
    standing: &'static str,
}

/// One certificate with the changes of its status.
#[derive(Serialize, ToSchema)]
pub struct CertificateView {
    #[serde(flatten)]
    line: CertificateLine,
    /// Oldest first.
    changes: Vec<ChangeView>,
}

/// One change of status.
#[derive(Serialize, ToSchema)]
pub struct ChangeView {
    /// Which one.
    id: i64,
    /// Of which certificate.
    certificate: i64,
    #[schema(schema_with = change_words)]
    change: &'static str,
    #[schema(schema_with = reasons)]
    reason: &'static str,
    /// From which day on.
    #[schema(format = Date)]
    effective: String,
    /// By which officer.
    entered_by: i64,
    #[schema(format = DateTime)]
    entered_at: String,
    /// `waiting` for a second officer, `in_force` by the word of one, `confirmed` or `dropped` by the second.
    #[schema(schema_with = outcomes)]
    outcome: &'static str,
    /// The second officer.
    decided_by: Option<i64>,
    #[schema(format = DateTime)]
    decided_at: Option<String>,
}

impl CertificateLine {
    /// Of a certificate and its holder.
    pub fn of(certificate: &Certificate, person: &Person) -> Self {
        Self {
            id: certificate.id.get(),
            person: certificate.person.get(),
            application: certificate.application.get(),
            number: certificate.number(person.identity).to_string(),
            name: person.particulars.name.expose().to_owned(),
            components: codes(&certificate.components),
            county: certificate.county.to_string(),
            issued: certificate.issued.to_string(),
            expires: certificate.expires.to_string(),
            standing: certificate.standing.as_str(),
        }
    }
}

impl CertificateView {
    /// Of a certificate, its holder and its changes.
    pub fn of(certificate: &Certificate, person: &Person, changes: &Changes) -> Self {
        let changes = changes.iter().map(|(id, change)| ChangeView::of(*id, change)).collect();
        Self { line: CertificateLine::of(certificate, person), changes }
    }
}

impl ChangeView {
    /// Of a change.
    pub fn of(id: ChangeId, change: &StatusChange) -> Self {
        let (entered_by, entered_at) = change.entered();
        let (outcome, second) = match change.outcome() {
            Outcome::Waiting => ("waiting", None),
            Outcome::InForce => ("in_force", None),
            Outcome::Confirmed(who, at) => ("confirmed", Some((who, at))),
            Outcome::Dropped(who, at) => ("dropped", Some((who, at))),
        };
        Self {
            id: id.get(),
            certificate: change.certificate().get(),
            change: change.change().as_str(),
            reason: change.reason().as_str(),
            effective: change.effective().to_string(),
            entered_by: entered_by.get(),
            entered_at: entered_at.to_string(),
            outcome,
            decided_by: second.map(|(who, _)| who.get()),
            decided_at: second.map(|(_, at)| at.to_string()),
        }
    }
}

/// The work on one card.
#[derive(Serialize, ToSchema)]
pub struct CardView {
    /// Which job.
    id: i64,
    /// For which certificate.
    certificate: i64,
    #[schema(schema_with = stages)]
    stage: &'static str,
    /// The card's serial number, once one is bound to the job.
    card: Option<String>,
    /// When it was handed out.
    #[schema(format = DateTime)]
    issued_at: Option<String>,
}

impl CardView {
    /// Of a job.
    pub fn of(job: &CardJob) -> Self {
        let issued_at = match &job.stage {
            Stage::Issued(.., at) => Some(at.to_string()),
            _ => None,
        };
        Self {
            id: job.id.get(),
            certificate: job.certificate.get(),
            stage: job.stage.as_str(),
            card: job.card().map(|card| card.to_string()),
            issued_at,
        }
    }
}

fn codes(components: &Components) -> Vec<String> {
    components.as_slice().iter().map(|component| component.code().to_string()).collect()
}

/// Words that an address may hold after the `?`.
macro_rules! words_asked_for {
    ($($(#[$doc:meta])* $name:ident $words:expr;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $words
            }
        }
    )*};
}

words_asked_for! {
    /// Where a case stands.
    StateWord states();
    /// What a case asks for.
    KindWord kinds();
    /// How a certificate stands.
    StandingWord standings();
    /// What a paper is that can be sent.
    ReceivedKind words(DocumentKind::ALL.iter().filter(|kind| kind.is_received()).map(|kind| kind.as_str()));
}

/// Closed sets of words in the document, from the tables of the domain.
pub(super) fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> RefOr<Schema> {
    let words: Vec<&str> = words.into_iter().collect();
    let word = ObjectBuilder::new().schema_type(SchemaType::new(Type::String)).enum_values(Some(words));
    RefOr::T(Schema::Object(word.build()))
}

pub(super) fn kinds() -> RefOr<Schema> {
    words(issuance::kind::Kind::ALL.map(|kind| kind.as_str()))
}

pub(super) fn routes() -> RefOr<Schema> {
    words(["assessed", "direct"])
}

pub(super) fn states() -> RefOr<Schema> {
    words(issuance::transition::State::ALL.iter().map(|state| state.as_str()))
}

fn verbs() -> RefOr<Schema> {
    words(issuance::transition::Verb::ALL.iter().map(|verb| verb.as_str()))
}

pub(super) fn standings() -> RefOr<Schema> {
    words(issuance::status_change::Standing::ALL.iter().map(|standing| standing.as_str()))
}

fn change_words() -> RefOr<Schema> {
    words(issuance::status_change::Change::ALL.iter().map(|change| change.as_str()))
}

pub(super) fn reasons() -> RefOr<Schema> {
    words(issuance::status_change::Reason::ALL.iter().map(|reason| reason.as_str()))
}

pub(super) fn evidences() -> RefOr<Schema> {
    words(issuance::step::Evidence::ALL.iter().map(|evidence| evidence.as_str()))
}

pub(super) fn refusals() -> RefOr<Schema> {
    words(issuance::step::Refusal::ALL.iter().map(|refusal| refusal.as_str()))
}

pub(super) fn document_kinds() -> RefOr<Schema> {
    words(DocumentKind::ALL.iter().map(|kind| kind.as_str()))
}

pub(super) fn removal_reasons() -> RefOr<Schema> {
    words(RemovalReason::ALL.iter().map(|reason| reason.as_str()))
}

/// Lists of kinds, of each of which one is needed.
pub(super) fn needs() -> RefOr<Schema> {
    let need = ArrayBuilder::new().items(document_kinds());
    RefOr::T(Schema::Array(ArrayBuilder::new().items(need).build()))
}

/// Bytes that are no text.
pub(super) struct Octets;

impl PartialSchema for Octets {
    fn schema() -> RefOr<Schema> {
        let octets = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        RefOr::T(Schema::Object(octets.format(Some(format)).build()))
    }
}

impl ToSchema for Octets {}

fn outcomes() -> RefOr<Schema> {
    words(["waiting", "in_force", "confirmed", "dropped"])
}

fn stages() -> RefOr<Schema> {
    words(["ordered", "begun", "prepared", "signed", "issued", "withdrawn"])
}
