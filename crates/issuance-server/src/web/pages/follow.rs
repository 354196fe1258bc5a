//! An application that follows a certificate: renewal, change, transfer, another guardian. The form begins with what
//! the register knows; what is typed over it stands beside the old when the case is decided.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use credential::number::Reissue;
use issuance::casework::{self, NewCase};
use issuance::fault::Field;
use issuance::form::{ApplicantForm, Source};
use issuance::kind::Route;
use issuance::person::Person;
use issuance::reading;

use crate::web::app::App;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Clerk, SignedIn};
use crate::web::pages::application::{counties, note_faults};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{At, CaseUrl, Follow};
use crate::web::words::casework::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Follow, _, _>(page).post::<Follow, _, _>(enter)
}

/// The form.
#[derive(Debug, Template)]
#[template(path = "follow.html")]
pub struct FollowPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// Where it is sent.
    pub url: Follow,
    /// The holder's number, masked.
    pub identity: String,
    /// What was typed.
    pub form: Form,
    /// Every county.
    pub counties: Vec<(String, String)>,
    /// The ways it may take, where there is a choice.
    pub routes: Vec<(&'static str, &'static str)>,
    /// A rule that stands against it.
    pub refused: Option<String>,
}

async fn page(
    officer: SignedIn<Clerk>,
    State(app): State<App>,
    At(url): At<Follow>,
) -> Result<Response, Refused> {
    let person = holder(&officer, &app, url).await?;
    let particulars = &person.particulars;
    let guardian = particulars.guardian.as_ref();
    let home = person.home.to_string();
    let known = [
        (Field::Name, Some(particulars.name.expose())),
        (Field::County, Some(home.as_str())),
        (Field::EthnicGroup, particulars.ethnic_group.as_ref().map(|text| text.expose())),
        (Field::Address, particulars.address.as_ref().map(|text| text.expose())),
        (Field::Phone, particulars.phone.as_ref().map(|text| text.expose())),
        (Field::GuardianName, guardian.map(|guardian| guardian.name.expose())),
        (Field::GuardianRelation, guardian.map(|guardian| guardian.relation.expose())),
        (Field::GuardianPhone, guardian.and_then(|one| one.phone.as_ref()).map(|text| text.expose())),
    ];
    let fields = known
        .iter()
        .fold(Fields::default(), |fields, (field, text)| fields.with(field.key(), text.unwrap_or_default()));
    let usual = url.kind.0.routes().first().map_or("", |route| route.as_str());
    show(&officer, &app, url, &person, Form::of(&fields.with("route", usual)), None).await
}

async fn enter(
    officer: SignedIn<Clerk>,
    State(app): State<App>,
    At(url): At<Follow>,
    fields: Fields,
) -> Result<Response, Refused> {
    let person = holder(&officer, &app, url).await?;
    let (lang, kind) = (officer.visit.lang(), url.kind.0);
    let mut form = Form::of(&fields);
    let typed = Typed { fields: &fields, identity: person.identity.expose() };
    let parsed = ApplicantForm::parse(&typed, officer.now().date_in_china());
    let parsed = parsed.map_err(|faults| note_faults(&mut form, faults.iter(), lang));
    let Ok(parsed) = parsed else { return show(&officer, &app, url, &person, form, None).await };
    let route = Route::parse(fields.get("route")).or_else(|| kind.routes().first().copied());
    let Some(route) = route else { return Err(Refused::Unreadable) };
    let (follows, applicant) = (Some(url.id), parsed.applicant);
    let case = NewCase { kind, route, applicant, follows, suffix: Reissue::Never };
    let actor = officer.clone();
    let filed =
        app.desk.run(move |desk| Ok(casework::submit(&mut desk.register, &case, &actor.actor())?)).await;
    match filed {
        Ok(filed) => Ok(Redirect::to(&format!("{}?done=submit", CaseUrl { id: filed.id })).into_response()),
        Err(Refused::Rule(error)) => {
            let text = lang.pick(error.zh(), error.en());
            let mut page = show(&officer, &app, url, &person, form, Some(text)).await?;
            *page.status_mut() = StatusCode::CONFLICT;
            Ok(page)
        }
        Err(refused) => Err(refused),
    }
}

/// What was typed; who it is stays.
struct Typed<'a> {
    fields: &'a Fields,
    identity: String,
}

impl Source for Typed<'_> {
    fn text(&self, field: Field) -> &str {
        if field == Field::IdentityNumber { &self.identity } else { self.fields.get(field.key()) }
    }
}

async fn holder(officer: &SignedIn<Clerk>, app: &App, url: Follow) -> Result<Person, Refused> {
    let actor = officer.clone();
    let read =
        app.desk.run(move |desk| Ok(reading::certificate(&mut desk.register, url.id, &actor.actor())?));
    Ok(read.await?.1)
}

async fn show(
    officer: &SignedIn<Clerk>,
    app: &App,
    url: Follow,
    person: &Person,
    form: Form,
    refused: Option<String>,
) -> Result<Response, Refused> {
    let (lang, c) = (officer.visit.lang(), Words::of(officer.visit.lang()));
    let counties = app.desk.run(move |desk| counties(&desk.register, lang)).await?;
    let kind = url.kind.0;
    let word = |route: &Route| match route {
        Route::Direct => ("direct", c.route_direct),
        Route::Assessed => ("assessed", c.route_assessed),
    };
    let routes: Vec<_> = kind.routes().iter().map(word).collect();
    frame::show(&FollowPage {
        frame: Frame::inside(app, officer, lang.word(kind.zh(), kind.as_str())),
        c,
        url,
        identity: person.identity.to_string(),
        form,
        counties,
        routes: if routes.len() > 1 { routes } else { Vec::new() },
        refused,
    })
}
