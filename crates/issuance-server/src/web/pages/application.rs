//! A new application: one step a screen. Duplicates are looked for before anything is entered; what was typed
//! travels with the page until the last step files it, so that an expired session or a fault loses nothing.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use credential::region::Region;
use issuance::casework::{self, NewCase};
use issuance::fault::{Fault, Field};
use issuance::form::{ApplicantForm, Source};
use issuance::kind::{Kind, Route};
use issuance::office::OfficeKind;
use issuance::reading::{self, Search};
use issuance::register::{PersonStore, Register};
use issuance::text::Name;

use crate::web::app::App;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Clerk, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::search::{Found, found};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{CaseUrl, NewApplication};
use crate::web::words::casework::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<NewApplication, _, _>(page).post::<NewApplication, _, _>(step)
}

/// One step.
#[derive(Debug, Template)]
#[template(path = "application.html")]
pub struct ApplicationPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// 1 to 4.
    pub step: usize,
    /// What was typed.
    pub form: Form,
    /// What earlier and later steps hold.
    pub carried: Vec<(&'static str, String)>,
    /// What the search for duplicates says.
    pub duplicates: Option<Duplicates>,
    /// Every county.
    pub counties: Vec<(String, String)>,
    /// A rule that stands against it.
    pub refused: Option<String>,
}

/// What the search for duplicates found.
#[derive(Clone, Debug)]
pub struct Duplicates {
    /// With this number, or with the same name and birth date.
    pub text: &'static str,
    /// Who.
    pub found: Vec<Found>,
}

impl ApplicationPage {
    /// The name of each step.
    #[must_use]
    pub fn steps(&self) -> [&'static str; 4] {
        let c = self.c;
        [c.who_applies, c.where_lives, c.who_answers, c.check_all]
    }

    /// Everything that was entered, to check.
    #[must_use]
    pub fn entered(&self) -> Vec<(&'static str, String)> {
        let lang = self.frame.lang;
        let said = |field: Field, typed: &str| match (field, Region::parse(typed)) {
            (Field::County, Ok(county)) => lang.region(county),
            _ => typed.to_owned(),
        };
        let labels = STEPS.concat();
        labels.iter().map(|field| (label(*field, lang), said(*field, self.form.value(field.key())))).collect()
    }
}

async fn page(officer: SignedIn<Clerk>, State(app): State<App>) -> Result<Response, Refused> {
    let home = officer.scope();
    let county = if home.code() >= 100_000 { home.to_string() } else { String::new() };
    let form = Form::of(&Fields::default().with(Field::County.key(), &county));
    show(&officer, &app, 1, form, None, None).await
}

async fn step(officer: SignedIn<Clerk>, State(app): State<App>, fields: Fields) -> Result<Response, Refused> {
    let step = fields.get("step").parse().unwrap_or(1_usize).clamp(1, 4);
    let mut form = Form::of(&fields);
    if fields.get("go") == "back" {
        return show(&officer, &app, step.saturating_sub(1).max(1), form, None, None).await;
    }
    let parsed = ApplicantForm::parse(&Typed(&fields), officer.now().date_in_china());
    let faults = parsed.as_ref().err().cloned().unwrap_or_default();
    // A step answers for its own fields and those before it; the guardian's come later.
    let asked: Vec<Field> = STEPS.iter().take(step).flat_map(|fields| fields.iter().copied()).collect();
    note_faults(&mut form, faults.iter().filter(|fault| asked.contains(&fault.field)), officer.visit.lang());
    if form.is_faulty() {
        let at =
            STEPS.iter().position(|fields| fields.iter().any(|field| form.fault_of(field.key()).is_some()));
        return show(&officer, &app, at.map_or(step, |at| at + 1), form, None, None).await;
    }
    if step < 4 {
        let duplicates = if step == 1 { duplicates(&officer, &app, &fields).await? } else { None };
        return show(&officer, &app, step + 1, form, duplicates, None).await;
    }
    let Ok(ApplicantForm { applicant, suffix }) = parsed else { return Err(Refused::Unreadable) };
    let case = NewCase { kind: Kind::New, route: Route::Assessed, applicant, follows: None, suffix };
    let actor = officer.clone();
    let filed =
        app.desk.run(move |desk| Ok(casework::submit(&mut desk.register, &case, &actor.actor())?)).await;
    match filed {
        Ok(filed) => Ok(Redirect::to(&format!("{}?done=submit", CaseUrl { id: filed.id })).into_response()),
        Err(Refused::Rule(error)) => {
            let text = officer.visit.lang().pick(error.zh(), error.en());
            let mut page = show(&officer, &app, 4, form, None, Some(text)).await?;
            *page.status_mut() = StatusCode::CONFLICT;
            Ok(page)
        }
        Err(refused) => Err(refused),
    }
}

/// The person with this number, or people with the same name and birth date.
async fn duplicates(
    officer: &SignedIn<Clerk>,
    app: &App,
    fields: &Fields,
) -> Result<Option<Duplicates>, Refused> {
    let (lang, c) = (officer.visit.lang(), Words::of(officer.visit.lang()));
    let identity = credential::number::IdentityNumber::parse(fields.get(Field::IdentityNumber.key()).trim());
    let (Ok(identity), Ok(name)) = (identity, Name::parse(fields.get(Field::Name.key()))) else {
        return Ok(None);
    };
    let actor = officer.clone();
    let looked = app.desk.run(move |desk| {
        let register = &mut desk.register;
        let same = reading::find(register, &Search::Identity(identity), &actor.actor())?;
        if same.is_empty() && register.person_by_identity(identity)?.is_some() {
            return Ok(Duplicates { text: c.elsewhere, found: Vec::new() });
        }
        let text = if same.is_empty() { c.likely_same } else { c.duplicate_person };
        let people = match same.is_empty() {
            true => reading::find(register, &Search::Likeness(name, identity.birth_date()), &actor.actor())?,
            false => same,
        };
        let found = people.into_iter().map(|person| found(register, person, lang));
        Ok(Duplicates { text, found: found.collect::<Result<Vec<_>, _>>()? })
    });
    let Duplicates { text, found } = looked.await?;
    let nothing = found.is_empty() && text != c.elsewhere;
    Ok(Some(Duplicates { text: if nothing { c.nothing_like } else { text }, found }))
}

async fn show(
    officer: &SignedIn<Clerk>,
    app: &App,
    step: usize,
    form: Form,
    duplicates: Option<Duplicates>,
    refused: Option<String>,
) -> Result<Response, Refused> {
    let lang = officer.visit.lang();
    let counties = app.desk.run(move |desk| counties(&desk.register, lang)).await?;
    let here: &[Field] = STEPS.get(step - 1).copied().unwrap_or_default();
    let elsewhere = STEPS.concat().into_iter().filter(|field| !here.contains(field));
    let carried = elsewhere.map(|field| (field.key(), form.value(field.key()).to_owned())).collect();
    let c = Words::of(officer.visit.lang());
    let frame = Frame::inside(app, officer, c.new_title);
    frame::show(&ApplicationPage { frame, c, step, form, carried, duplicates, counties, refused })
}

/// Code and name of each county that has an office.
pub(crate) fn counties(register: &dyn Register, lang: Lang) -> Result<Vec<(String, String)>, Refused> {
    let mut offices = register.offices()?;
    offices.retain(|office| office.kind == OfficeKind::County);
    offices.sort_by_key(|office| office.region);
    offices.dedup_by_key(|office| office.region);
    Ok(offices.iter().map(|office| (office.region.to_string(), lang.region(office.region))).collect())
}

/// Faults of the domain at the fields of a page.
pub(crate) fn note_faults<'a>(form: &mut Form, faults: impl Iterator<Item = &'a Fault>, lang: Lang) {
    faults.for_each(|fault| form.fault(fault.field.key(), lang.pick(fault.zh(), fault.en())));
}

/// What a form's own words for a field are.
pub(crate) fn label(field: Field, lang: Lang) -> &'static str {
    let c = Words::of(lang);
    match field {
        Field::IdentityNumber => c.identity,
        Field::Name => c.name,
        Field::EthnicGroup => c.ethnic_group,
        Field::Address => c.address,
        Field::Phone => c.phone,
        Field::County => c.home_county,
        Field::GuardianName => c.guardian_name,
        Field::GuardianRelation => c.guardian_relation,
        Field::GuardianPhone => c.guardian_phone,
        Field::AssessedOn => c.assessed_on,
        Field::NoticePosted => c.notice_posted,
        _ => c.components,
    }
}

/// A posted form as casework reads it.
pub(crate) struct Typed<'a>(pub(crate) &'a Fields);

impl Source for Typed<'_> {
    fn text(&self, field: Field) -> &str {
        self.0.get(field.key())
    }
}

/// The fields of each screen; the last one only shows them.
const STEPS: [&[Field]; 4] = [
    &[Field::IdentityNumber, Field::Name],
    &[Field::County, Field::EthnicGroup, Field::Address, Field::Phone],
    &[Field::GuardianName, Field::GuardianRelation, Field::GuardianPhone],
    &[],
];
