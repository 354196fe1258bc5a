//! Pilots: which features are on in which regions, and the switch.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use credential::region::Region;
use issuance::pilot::{self, Feature, Pilot, Pilots};
use issuance::register::OfficeStore;

use crate::region_name;
use crate::web::app::App;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Administrator, SignedIn};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::Pilots as PilotsUrl;
use crate::web::words::administration::Words;

/// The list and its form.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<PilotsUrl, _, _>(page).post::<PilotsUrl, _, _>(switch)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "pilots.html")]
pub struct PilotsPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// The switches in the administrator's region.
    pub pilots: Vec<Pilot>,
    /// The regions it may be, with their names.
    pub regions: Vec<(Region, String)>,
    /// The form.
    pub form: Form,
}

impl PilotsPage {
    /// A feature's name.
    #[must_use]
    pub fn feature(&self, feature: Feature) -> &'static str {
        match feature {
            Feature::QrCode => self.a.feature_qr_code,
            Feature::SmartCard => self.a.feature_smart_card,
            Feature::Documents => self.a.feature_documents,
        }
    }

    /// The choices of feature.
    #[must_use]
    pub fn features(&self) -> Vec<(&'static str, String)> {
        Feature::ALL.iter().map(|feature| (feature.as_str(), self.feature(*feature).to_owned())).collect()
    }

    /// On or off.
    #[must_use]
    pub fn states(&self) -> Vec<(&'static str, &'static str)> {
        vec![("on", self.a.switch_on), ("off", self.a.switch_off)]
    }
}

async fn page(officer: SignedIn<Administrator>, State(app): State<App>) -> Result<Response, Refused> {
    show(&officer, &app, Form::default()).await
}

async fn switch(
    officer: SignedIn<Administrator>,
    State(app): State<App>,
    fields: Fields,
) -> Result<Response, Refused> {
    let mut form = Form::of(&fields);
    let Some((feature, region)) = parse(&mut form, &fields, &officer) else {
        return show(&officer, &app, form).await;
    };
    let (actor, is_on) = (officer.clone(), fields.get("state") == "on");
    let saved = app
        .desk
        .run(move |desk| Ok(pilot::switch(&mut desk.register, feature, region, is_on, &actor.actor())?));
    saved.await?;
    Ok(Redirect::to(&PilotsUrl {}.to_string()).into_response())
}

fn parse(form: &mut Form, fields: &Fields, officer: &SignedIn<Administrator>) -> Option<(Feature, Region)> {
    let a = Words::of(officer.visit.lang());
    let feature = form.require("feature", Feature::parse(fields.get("feature")), a.feature_choose);
    let region = Some(fields.get("region").trim()).filter(|text| !text.is_empty());
    let region = form.require("region", region.and_then(|text| Region::parse(text).ok()), a.region_form)?;
    if !officer.scope().contains(region) {
        form.fault("region", a.region_outside);
        return None;
    }
    Some((feature?, region))
}

async fn show(officer: &SignedIn<Administrator>, app: &App, form: Form) -> Result<Response, Refused> {
    let scope = officer.scope();
    let pilots = app.desk.run(move |desk| {
        let Pilots(mut pilots) = desk.register.pilots()?;
        // A switch above the administrator's region holds there too, so it is shown.
        pilots.retain(|pilot| scope.contains(pilot.region) || pilot.region.contains(scope));
        Ok(pilots)
    });
    let a = Words::of(officer.visit.lang());
    let (frame, regions) = (Frame::inside(app, officer, a.pilots), region_name::within(scope));
    frame::show(&PilotsPage { frame, a, pilots: pilots.await?, regions, form })
}
