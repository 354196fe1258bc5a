//! One step of a case on a screen of its own: its form, and taking it. Every verb of the table goes this way;
//! which form a verb needs is the only thing known here.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use issuance::application::Filed;
use issuance::casework;
use issuance::fault::{Fault, Field};
use issuance::form::{ApplicantForm, Source, parse_finding, parse_notice};
use issuance::id::{ApplicationId, OfficerId};
use issuance::officer::Role;
use issuance::person::Person;
use issuance::reading;
use issuance::register::{PersonStore, Register};
use issuance::step::{Action, Evidence, Refusal};
use issuance::transition::Verb;

use crate::web::app::App;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Casework, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::application::{Typed, note_faults};
use crate::web::pages::case::next_case;
use crate::web::pages::person::{case_number, officer_name};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{At, CaseUrl, StepUrl};
use crate::web::words::casework::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<StepUrl, _, _>(page).post::<StepUrl, _, _>(take)
}

/// The form of one step.
#[derive(Debug, Template)]
#[template(path = "step.html")]
pub struct StepPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// Where it is sent.
    pub url: StepUrl,
    /// The case.
    pub case: String,
    /// What the certificate would certify by now.
    pub components: String,
    /// What was typed.
    pub form: Form,
    /// Doctors who may have signed.
    pub doctors: Vec<(String, String)>,
    /// A rule that stands against it.
    pub refused: Option<String>,
}

impl StepPage {
    /// Which fields the step asks for.
    #[must_use]
    pub fn asks(&self) -> Asks {
        Asks::of(self.url.verb.0)
    }

    /// What may be missing.
    #[must_use]
    pub fn evidence(&self) -> Vec<(&'static str, String)> {
        Evidence::ALL.iter().map(|one| (one.as_str(), self.frame.lang.word(one.zh(), one.as_str()))).collect()
    }

    /// Why a case may be refused.
    #[must_use]
    pub fn refusals(&self) -> Vec<(&'static str, String)> {
        Refusal::ALL.iter().map(|one| (one.as_str(), self.frame.lang.word(one.zh(), one.as_str()))).collect()
    }

    /// The six categories: field and word.
    #[must_use]
    pub fn categories(&self) -> Vec<(String, String)> {
        let category = |digit: u8| credential::disability::Category::from_digit(digit).ok();
        let lang = self.frame.lang;
        let named = |category: credential::disability::Category| {
            (format!("level_{}", category.digit()), lang.word(category.zh(), category.en()))
        };
        (1..=6).filter_map(category).map(named).collect()
    }
}

/// The fields of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// A decision and no more.
    Nothing,
    /// What is missing.
    Evidence,
    /// Why it is refused.
    Refusal,
    /// What was found, and when it was signed.
    Finding,
    /// The same from paper, with the two doctors.
    PaperFinding,
    /// What had to be put right.
    Particulars,
    /// The day the notice went up.
    NoticeDay,
}

impl Asks {
    /// By verb.
    #[must_use]
    pub const fn of(verb: Verb) -> Self {
        match verb {
            Verb::RequestEvidence | Verb::SendBack => Self::Evidence,
            Verb::Refuse => Self::Refusal,
            Verb::Assess | Verb::Settle => Self::Finding,
            Verb::Transcribe => Self::PaperFinding,
            Verb::Supply => Self::Particulars,
            Verb::PostNotice => Self::NoticeDay,
            _ => Self::Nothing,
        }
    }
}

async fn page(
    officer: SignedIn<Casework>,
    State(app): State<App>,
    At(url): At<StepUrl>,
) -> Result<Response, Refused> {
    let (filed, _) = load(&officer, &app, url.id).await?;
    let form = Form::of(&first_values(&filed, &officer));
    show(&officer, &app, url, &filed, form, None).await
}

async fn take(
    officer: SignedIn<Casework>,
    State(app): State<App>,
    At(url): At<StepUrl>,
    fields: Fields,
) -> Result<Response, Refused> {
    let (filed, person) = load(&officer, &app, url.id).await?;
    let lang = officer.visit.lang();
    let mut form = Form::of(&fields);
    let Some(taken) = read(url.verb.0, &fields, &mut form, &filed, &person, &officer) else {
        return show(&officer, &app, url, &filed, form, None).await;
    };
    let (actor, parts) = (officer.clone(), app.clone());
    let done = app.desk.run(move |desk| {
        let (register, actor) = (&mut desk.register, actor.actor());
        Ok(match taken {
            Taken::Step(Action::Transcribe { sheet, doctors }) => {
                casework::transcribe(register, url.id, sheet, doctors, &actor)?
            }
            Taken::Step(action) => casework::take_step(register, url.id, action, &actor)?,
            Taken::Supplied(particulars) => casework::supply(register, url.id, *particulars, &actor)?,
            Taken::Notice(posted) => {
                casework::post_or_waive_notice(register, url.id, posted, &parts.calendar, &actor)?
            }
        })
    });
    match done.await {
        Ok(_) => {}
        Err(Refused::Rule(error)) => {
            let text = lang.pick(error.zh(), error.en());
            let mut page = show(&officer, &app, url, &filed, form, Some(text)).await?;
            *page.status_mut() = StatusCode::CONFLICT;
            return Ok(page);
        }
        Err(refused) => return Err(refused),
    }
    if url.verb.0 == Verb::Approve {
        app.issuing_is_due();
    }
    let next = match fields.get("then") {
        "next" => next_case(&officer, &app, Some(url.id)).await?,
        _ => None,
    };
    let onward = next.unwrap_or_else(|| CaseUrl { id: url.id }.to_string());
    Ok(Redirect::to(&format!("{onward}?done={}", url.verb)).into_response())
}

/// A step whose fields are all good.
enum Taken {
    Step(Action),
    Supplied(Box<issuance::person::Particulars>),
    Notice(Option<credential::time::Date>),
}

/// The fields of a step as types; `None` with faults in the form.
fn read(
    verb: Verb,
    fields: &Fields,
    form: &mut Form,
    filed: &Filed,
    person: &Person,
    officer: &SignedIn<Casework>,
) -> Option<Taken> {
    let (lang, today) = (officer.visit.lang(), officer.now().date_in_china());
    let c = Words::of(lang);
    let evidence =
        |form: &mut Form| form.require("evidence", Evidence::parse(fields.get("evidence")), c.choose_reason);
    let finding = |form: &mut Form| noted(form, parse_finding(&Finding::new(fields), today), lang);
    let action = match verb {
        Verb::RequestEvidence => Action::RequestEvidence(evidence(form)?),
        Verb::SendBack => Action::SendBack(evidence(form)?),
        Verb::Refuse => {
            Action::Refuse(form.require("refusal", Refusal::parse(fields.get("refusal")), c.choose_reason)?)
        }
        Verb::Assess => Action::Assess(finding(form)?),
        Verb::Settle => Action::Settle(finding(form)?),
        Verb::Transcribe => {
            let sheet = finding(form);
            let first = form.require("doctor_1", doctor(fields.get("doctor_1")), c.choose_doctor);
            let second = form.require("doctor_2", doctor(fields.get("doctor_2")), c.choose_doctor);
            Action::Transcribe { sheet: sheet?, doctors: [first?, second?] }
        }
        Verb::Supply => {
            let typed = Amended {
                fields,
                home: filed.application.request().home.to_string(),
                identity: person.identity.expose(),
            };
            let parsed = noted(form, ApplicantForm::parse(&typed, today), lang)?;
            return Some(Taken::Supplied(Box::new(parsed.applicant.particulars)));
        }
        Verb::PostNotice => {
            let born = filed.application.request().born;
            let signed_on = filed.application.assessment().map_or(born, |sheet| sheet.signed_on);
            return noted(form, parse_notice(&Typed(fields), born, signed_on, today), lang)
                .map(Taken::Notice);
        }
        Verb::WaiveNotice => return Some(Taken::Notice(None)),
        Verb::Accept => Action::Accept,
        Verb::Countersign => Action::Countersign,
        Verb::Disagree => Action::Disagree,
        Verb::Dispute => Action::Dispute,
        Verb::Review => Action::Review,
        Verb::Approve => Action::Approve,
        Verb::Return => Action::Return,
        Verb::Withdraw => Action::Withdraw,
        // Entered elsewhere, and signed by the service.
        Verb::Submit | Verb::Issue => return None,
    };
    Some(Taken::Step(action))
}

fn noted<T>(form: &mut Form, parsed: Result<T, Vec<Fault>>, lang: Lang) -> Option<T> {
    parsed.map_err(|faults| note_faults(form, faults.iter(), lang)).ok()
}

fn doctor(text: &str) -> Option<OfficerId> {
    text.parse().ok()
}

/// Six choices of a level as the one text that casework reads.
struct Finding<'a> {
    fields: &'a Fields,
    components: String,
}

impl<'a> Finding<'a> {
    fn new(fields: &'a Fields) -> Self {
        let level = |digit: u8| {
            let level = fields.get(&format!("level_{digit}"));
            (!level.is_empty()).then(|| format!("{digit}{level}"))
        };
        Self { fields, components: (1..=6).filter_map(level).collect::<Vec<_>>().join(";") }
    }
}

impl Source for Finding<'_> {
    fn text(&self, field: Field) -> &str {
        if field == Field::Components { &self.components } else { self.fields.get(field.key()) }
    }
}

/// What was put right; who it is and where at home stay.
struct Amended<'a> {
    fields: &'a Fields,
    home: String,
    identity: String,
}

impl Source for Amended<'_> {
    fn text(&self, field: Field) -> &str {
        match field {
            Field::IdentityNumber => &self.identity,
            Field::County => &self.home,
            other => self.fields.get(other.key()),
        }
    }
}

/// What a form begins with: today's date, and what is known of the person.
fn first_values(filed: &Filed, officer: &SignedIn<Casework>) -> Fields {
    let particulars = &filed.application.request().particulars;
    let guardian = particulars.guardian.as_ref();
    let today = officer.now().date_in_china().to_string();
    let known = [
        (Field::AssessedOn, Some(today.as_str())),
        (Field::NoticePosted, Some(today.as_str())),
        (Field::Name, Some(particulars.name.expose())),
        (Field::EthnicGroup, particulars.ethnic_group.as_ref().map(|text| text.expose())),
        (Field::Address, particulars.address.as_ref().map(|text| text.expose())),
        (Field::Phone, particulars.phone.as_ref().map(|text| text.expose())),
        (Field::GuardianName, guardian.map(|guardian| guardian.name.expose())),
        (Field::GuardianRelation, guardian.map(|guardian| guardian.relation.expose())),
        (
            Field::GuardianPhone,
            guardian.and_then(|guardian| guardian.phone.as_ref().map(|text| text.expose())),
        ),
    ];
    known
        .iter()
        .fold(Fields::default(), |fields, (field, text)| fields.with(field.key(), text.unwrap_or_default()))
}

async fn load(
    officer: &SignedIn<Casework>,
    app: &App,
    id: ApplicationId,
) -> Result<(Filed, Person), Refused> {
    officer.visit.note_case(id);
    let actor = officer.clone();
    let loaded = app.desk.run(move |desk| {
        let filed = reading::case(&mut desk.register, id, &actor.actor())?;
        let person = desk.register.person(filed.person)?.ok_or(Refused::NotFound)?;
        Ok((filed, person))
    });
    loaded.await
}

async fn show(
    officer: &SignedIn<Casework>,
    app: &App,
    url: StepUrl,
    filed: &Filed,
    form: Form,
    refused: Option<String>,
) -> Result<Response, Refused> {
    let lang = officer.visit.lang();
    let desk = filed.application.request().desk;
    let doctors = match Asks::of(url.verb.0) {
        Asks::PaperFinding => app.desk.run(move |at| doctors(&at.register, desk)).await?,
        _ => Vec::new(),
    };
    let components = filed.application.components().map(|found| lang.components(found));
    let verb = url.verb.0;
    frame::show(&StepPage {
        frame: Frame::inside(app, officer, lang.word(verb.zh(), verb.as_str())),
        c: Words::of(lang),
        url,
        case: format!("{} · {}", case_number(filed), filed.application.request().particulars.name.expose()),
        components: components.unwrap_or_default(),
        form,
        doctors,
        refused,
    })
}

/// Doctors whose hospital serves the county.
fn doctors(
    register: &dyn Register,
    desk: credential::region::Region,
) -> Result<Vec<(String, String)>, Refused> {
    let mut officers = register.officers()?;
    officers.retain(|officer| officer.must_hold(Role::Assessor).is_ok() && officer.must_serve(desk).is_ok());
    Ok(officers.iter().map(|officer| (officer.id.to_string(), officer_name(officer))).collect())
}
