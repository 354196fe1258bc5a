//! Pilots: which features are on in which regions, and the switch.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use credential::region::Region;
use issuance::audit::{Other, Subject};

use crate::web::app::App;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Administrator, SignedIn};
use crate::web::pilot::{Feature, Pilot, Pilots};
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
    let Some(pilot) = parse(&mut form, &fields, &officer) else { return show(&officer, &app, form).await };
    let (by, visit) = (officer.officer.clone(), officer.visit.clone());
    let saved = app.desk.run(move |desk| {
        desk.change(|change| {
            pilot.save(change.connection())?;
            change.note_about(&by, Other::PilotSwitched, Subject::Register, &visit)
        })
    });
    saved.await?;
    Ok(Redirect::to(&PilotsUrl {}.to_string()).into_response())
}

fn parse(form: &mut Form, fields: &Fields, officer: &SignedIn<Administrator>) -> Option<Pilot> {
    let a = Words::of(officer.visit.lang());
    let feature = form.require("feature", Feature::parse(fields.get("feature")), a.feature_choose);
    let region = Some(fields.get("region").trim()).filter(|text| !text.is_empty());
    let region = form.require("region", region.and_then(|text| Region::parse(text).ok()), a.region_form)?;
    if !officer.scope().contains(region) {
        form.fault("region", a.region_outside);
        return None;
    }
    let is_on = fields.get("state") == "on";
    Some(Pilot {
        feature: feature?,
        region,
        is_on,
        changed_by: officer.officer.id,
        changed_at: officer.now(),
    })
}

async fn show(officer: &SignedIn<Administrator>, app: &App, form: Form) -> Result<Response, Refused> {
    let scope = officer.scope();
    let pilots = app.desk.run(move |desk| {
        let Pilots(mut pilots) = Pilots::load(desk.connection())?;
        // A switch above the administrator's region holds there too, so it is shown.
        pilots.retain(|pilot| scope.contains(pilot.region) || pilot.region.contains(scope));
        Ok(pilots)
    });
    let a = Words::of(officer.visit.lang());
    frame::show(&PilotsPage { frame: Frame::inside(app, officer, a.pilots), a, pilots: pilots.await?, form })
}
