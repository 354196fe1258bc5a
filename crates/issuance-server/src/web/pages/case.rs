//! One case: what is asked for, old beside new, what to look at twice, what may be done now, and how it came here.
//! And the way to the next one.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use credential::region::Region;
use issuance::application::Filed;
use issuance::document::{self, Document};
use issuance::flag::{Flag, Lookout};
use issuance::id::ApplicationId;
use issuance::kind::Kind;
use issuance::officer::Role;
use issuance::person::{Particulars, Person, is_minor};
use issuance::reading;
use issuance::register::Register;
use issuance::step::Action;
use issuance::transition::Verb;

use crate::web::app::App;
use crate::web::fields::Asked;
use crate::web::frame::{self, Frame};
use crate::web::guard::{Casework, ReadsCases, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::documents::shown;
use crate::web::pages::home::{Badge, due_badge};
use crate::web::pages::person::{case_number, clock_time, guardian, officer_name};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{
    At, CaseUrl, CertificateUrl, Documents, NextCase, NoticeSheet, PersonUrl, StepUrl, VerbWord,
};
use crate::web::words::casework::Words;
use crate::web::work_list::{open_steps, waiting_for};

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<CaseUrl, _, _>(page).get::<NextCase, _, _>(next)
}

/// One case.
#[derive(Debug, Template)]
#[template(path = "case.html")]
pub struct CasePage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// What was just done.
    pub done: Option<String>,
    /// Where it stands, and its legal clock.
    pub badges: Vec<Badge>,
    /// The person's page.
    pub person: String,
    /// What is asked for, with the old value where there is one.
    pub facts: Vec<Fact>,
    /// Whether old and new stand side by side.
    pub compares: bool,
    /// What to look at twice; `None` for those who do not decide.
    pub flags: Option<Vec<String>>,
    /// What may be done now.
    pub steps: Vec<StepLink>,
    /// Why not by this officer.
    pub barred: Option<String>,
    /// The sheet of the public notice.
    pub sheet: Option<String>,
    /// Its papers.
    pub documents: String,
    /// The photo and what it shows.
    pub photo: Option<(String, String)>,
    /// The certificate it led to.
    pub certificate: Option<String>,
    /// Each step so far.
    pub story: Vec<StoryLine>,
}

/// One fact.
#[derive(Debug)]
pub struct Fact {
    /// Its label.
    pub label: &'static str,
    /// As the certificate will say it.
    pub new: String,
    /// As the earlier certificate says it.
    pub old: Option<String>,
}

impl Fact {
    /// Whether old and new differ.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        self.old.as_ref().is_some_and(|old| *old != self.new)
    }
}

/// One thing that may be done.
#[derive(Debug)]
pub struct StepLink {
    /// Its form.
    pub url: String,
    /// What it is called.
    pub word: String,
    /// Whether it can be done from here with one button.
    pub at_once: bool,
}

/// One step that was taken.
#[derive(Debug)]
pub struct StoryLine {
    /// What.
    pub what: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: String,
    /// With which facts.
    pub facts: String,
}

struct Loaded {
    filed: Filed,
    person: Person,
    before: Before,
    steps: Vec<StoryLine>,
    flags: Option<Vec<String>>,
    photo: Option<Document>,
}

async fn page(
    officer: SignedIn<ReadsCases>,
    State(app): State<App>,
    At(url): At<CaseUrl>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    officer.visit.note_case(url.id);
    let (lang, actor) = (officer.visit.lang(), officer.clone());
    let loaded = app.desk.run(move |desk| load(&mut desk.register, url.id, &actor, lang));
    let Loaded { filed, person, before, steps: story, flags, photo } = loaded.await?;
    let (c, today) = (Words::of(lang), officer.now().date_in_china());
    let (open, barred) = open_steps(&filed, &officer.officer, today);
    let case = &filed.application;
    let mut badges =
        vec![Badge { style: "plain", text: lang.word(case.state().zh(), case.state().as_str()) }];
    badges.extend(due_badge(case, today, lang, &app)?);
    if is_minor(case.request().born, today) {
        badges.push(Badge { style: "waiting", text: lang.pick("未成年", "minor").to_owned() });
    }
    let steps = open.into_iter().map(|verb| StepLink {
        url: StepUrl { id: filed.id, verb: VerbWord(verb) }.to_string(),
        word: lang.word(verb.zh(), verb.as_str()),
        at_once: needs_nothing(verb),
    });
    let certificate = case.steps().last().and_then(|step| match step.action {
        Action::Issue(id) if app.may_open::<CertificateUrl>(&officer.officer) => {
            Some(CertificateUrl { id }.to_string())
        }
        _ => None,
    });
    let title = format!("{} · {}", case_number(&filed), case.request().particulars.name.expose());
    frame::show(&CasePage {
        frame: Frame::inside(&app, &officer, title),
        c,
        done: asked.find("done").and_then(Verb::parse).map(|verb| lang.word(verb.zh(), verb.as_str())),
        badges,
        person: PersonUrl { id: filed.person }.to_string(),
        facts: facts(&filed, &person, &before, lang),
        compares: case.request().kind != Kind::New,
        flags,
        steps: steps.collect(),
        barred: barred.map(|error| lang.pick(error.zh(), error.en())),
        sheet: case.notice_until().map(|_| NoticeSheet { id: filed.id }.to_string()),
        documents: Documents { id: filed.id }.to_string(),
        photo: photo.map(|photo| shown(&photo, case.request().particulars.name.expose(), lang)),
        certificate,
        story,
    })
}

fn load(
    register: &mut dyn Register,
    id: ApplicationId,
    officer: &SignedIn<ReadsCases>,
    lang: Lang,
) -> Result<Loaded, Refused> {
    let filed = reading::case(register, id, &officer.actor())?;
    let person = register.person(filed.person)?.ok_or(Refused::NotFound)?;
    let mut steps = Vec::new();
    for step in filed.application.steps() {
        let who = register.officer(step.by)?.map(|officer| officer_name(&officer)).unwrap_or_default();
        let verb = step.action.verb();
        let (what, at) = (lang.word(verb.zh(), verb.as_str()), clock_time(step.at));
        steps.push(StoryLine { what, who, at, facts: said(&step.action, lang) });
    }
    let decides = [Role::Reviewer, Role::Approver, Role::Auditor];
    let flags = match decides.iter().any(|role| officer.officer.roles.has(*role)) {
        true => Some(
            Lookout::new(register, officer.now())
                .flags(&filed)?
                .iter()
                .map(|flag| warning(flag, lang))
                .collect(),
        ),
        false => None,
    };
    let photo = document::photo_of_case(register, &filed)?;
    let before = Before::of(register, &filed, &person)?;
    Ok(Loaded { filed, person, before, steps, flags, photo })
}

/// What the earlier certificate says: its own case knows it, even after the person's facts have moved on.
pub(crate) struct Before {
    particulars: Particulars,
    home: Region,
}

impl Before {
    pub(crate) fn of(register: &dyn Register, filed: &Filed, person: &Person) -> Result<Self, Refused> {
        let earlier = filed.application.request().earlier.as_ref().map(|earlier| earlier.certificate);
        let earlier = earlier.map(|id| register.certificate(id)).transpose()?.flatten();
        let case = earlier.map(|certificate| register.application(certificate.application)).transpose()?;
        Ok(match case.flatten() {
            Some(case) => {
                let request = case.application.request();
                Self { particulars: request.particulars.clone(), home: request.home }
            }
            None => Self { particulars: person.particulars.clone(), home: person.home },
        })
    }
}

/// What the certificate will say; the old beside it where one is followed.
pub(crate) fn facts(filed: &Filed, person: &Person, earlier: &Before, lang: Lang) -> Vec<Fact> {
    let (c, request) = (Words::of(lang), filed.application.request());
    let (new, old) = (&request.particulars, &earlier.particulars);
    let text = |text: Option<&str>| text.unwrap_or("—").to_owned();
    let before = |value: String| request.earlier.as_ref().map(|_| value);
    let components = filed.application.components().map(|found| lang.components(found));
    let certified = request.earlier.as_ref().map(|earlier| lang.components(&earlier.components));
    let kind = lang.word(request.kind.zh(), request.kind.as_str());
    vec![
        Fact { label: c.kind, new: kind, old: None },
        Fact { label: c.name, new: new.name.expose().into(), old: before(old.name.expose().into()) },
        Fact { label: c.identity, new: person.identity.to_string(), old: None },
        Fact {
            label: c.ethnic_group,
            new: text(new.ethnic_group.as_ref().map(|text| text.expose())),
            old: before(text(old.ethnic_group.as_ref().map(|text| text.expose()))),
        },
        Fact {
            label: c.address,
            new: text(new.address.as_ref().map(|text| text.expose())),
            old: before(text(old.address.as_ref().map(|text| text.expose()))),
        },
        Fact {
            label: c.phone,
            new: text(new.phone.as_ref().map(|text| text.expose())),
            old: before(text(old.phone.as_ref().map(|text| text.expose()))),
        },
        Fact { label: c.guardian, new: guardian(new, lang), old: before(guardian(old, lang)) },
        Fact { label: c.home_county, new: lang.region(request.home), old: before(lang.region(earlier.home)) },
        Fact { label: c.desk_county, new: lang.region(request.desk), old: None },
        Fact { label: c.components, new: components.unwrap_or_else(|| "—".into()), old: certified },
    ]
}

pub(crate) fn said(action: &Action, lang: Lang) -> String {
    match action {
        Action::RequestEvidence(evidence) | Action::SendBack(evidence) => {
            lang.word(evidence.zh(), evidence.as_str())
        }
        Action::Refuse(refusal) => lang.word(refusal.zh(), refusal.as_str()),
        Action::Assess(sheet) | Action::Settle(sheet) | Action::Transcribe { sheet, .. } => {
            format!("{} · {}", lang.components(&sheet.components), sheet.signed_on)
        }
        Action::PostNotice { posted, until } => {
            format!("{posted} {} {until}", lang.pick("至", "to"))
        }
        _ => String::new(),
    }
}

fn warning(flag: &Flag, lang: Lang) -> String {
    let c = Words::of(lang);
    let colon = lang.pick("：", ": ");
    match flag {
        Flag::SameAddress { others } => format!("{}{colon}{others}", c.flag_address),
        Flag::OfficersSurname { officer } => format!("{}{colon}{}", c.flag_surname, officer_name(officer)),
        Flag::ManyFromOneDoctor { doctor, cases } => {
            format!("{}{colon}{} {cases}", c.flag_doctor, officer_name(doctor))
        }
        Flag::ShortNotice => c.flag_short.to_owned(),
    }
}

/// Steps that ask for nothing but a decision.
pub(crate) const fn needs_nothing(verb: Verb) -> bool {
    matches!(verb, Verb::Accept | Verb::Countersign | Verb::WaiveNotice | Verb::Review | Verb::Approve)
}

async fn next(
    officer: SignedIn<Casework>,
    State(app): State<App>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    let url = next_case(&officer, &app, asked.get("after").parse().ok()).await?;
    Ok(Redirect::to(&url.unwrap_or_else(|| "/".to_owned())).into_response())
}

/// The most urgent case that waits for the officer, other than the one just decided.
pub(crate) async fn next_case<P: crate::web::guard::Power>(
    officer: &SignedIn<P>,
    app: &App,
    not: Option<ApplicationId>,
) -> Result<Option<String>, Refused> {
    let (who, today, parts) = (officer.officer.clone(), officer.now().date_in_china(), app.clone());
    let waiting =
        app.desk.run(move |desk| waiting_for(&who, &desk.register, &parts.calendar, today, A_PAGE)).await?;
    let next = waiting.into_iter().map(|waiting| waiting.filed.id).find(|id| Some(*id) != not);
    Ok(next.map(|id| CaseUrl { id }.to_string()))
}

const A_PAGE: usize = 50;
