//! Offices: the list within the administrator's region, and a new one.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use credential::region::Region;
use issuance::audit::{Deed, Other, Subject};
use issuance::office::{Office, OfficeKind};
use issuance::register::{NewOffice, OfficeStore};
use issuance::text::Line;

use crate::region_name;
use crate::web::app::App;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Administrator, SignedIn};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::Offices;
use crate::web::words::administration::Words;

/// The list and its form.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Offices, _, _>(page).post::<Offices, _, _>(add)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "offices.html")]
pub struct OfficesPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// The offices in the administrator's region.
    pub offices: Vec<Office>,
    /// The regions it may be, with their names.
    pub regions: Vec<(Region, String)>,
    /// The form for a new one.
    pub form: Form,
}

impl OfficesPage {
    /// The choices of kind.
    #[must_use]
    pub fn kinds(&self) -> Vec<(&'static str, String)> {
        OfficeKind::ALL
            .iter()
            .map(|kind| (kind.as_str(), self.frame.lang.office_kind(*kind).to_owned()))
            .collect()
    }
}

async fn page(officer: SignedIn<Administrator>, State(app): State<App>) -> Result<Response, Refused> {
    show(&officer, &app, Form::default()).await
}

async fn add(
    officer: SignedIn<Administrator>,
    State(app): State<App>,
    fields: Fields,
) -> Result<Response, Refused> {
    let mut form = Form::of(&fields);
    let Some(office) = parse(&mut form, &fields, &officer) else { return show(&officer, &app, form).await };
    let actor = officer.clone();
    let added = app.desk.run(move |desk| {
        let entry = actor.actor().entry(Deed::Other(Other::OfficeAdded), Subject::Register);
        Ok(desk.register.add_office(&office, &entry)?)
    });
    added.await?;
    Ok(Redirect::to(&Offices {}.to_string()).into_response())
}

fn parse(form: &mut Form, fields: &Fields, officer: &SignedIn<Administrator>) -> Option<NewOffice> {
    let a = Words::of(officer.visit.lang());
    let name = form.require("name", Line::parse(fields.get("name")).ok(), a.office_name_form);
    let kind = form.require("kind", OfficeKind::parse(fields.get("kind")), a.kind_choose);
    let region = Some(fields.get("region").trim()).filter(|text| !text.is_empty());
    let region = form.require("region", region.and_then(|text| Region::parse(text).ok()), a.region_form)?;
    if !officer.scope().contains(region) {
        form.fault("region", a.region_outside);
        return None;
    }
    Some(NewOffice { kind: kind?, region, name: name? })
}

async fn show(officer: &SignedIn<Administrator>, app: &App, form: Form) -> Result<Response, Refused> {
    let scope = officer.scope();
    let offices = app.desk.run(move |desk| {
        let mut offices = desk.register.offices()?;
        offices.retain(|office| scope.contains(office.region));
        offices.sort_by_key(|office| (office.region, office.id));
        Ok(offices)
    });
    let a = Words::of(officer.visit.lang());
    frame::show(&OfficesPage {
        frame: Frame::inside(app, officer, a.offices),
        a,
        offices: offices.await?,
        regions: region_name::within(scope),
        form,
    })
}
