//! What the service was started with, without anything secret. Changed in the file, not here.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::web::app::App;
use crate::web::frame::{self, Frame};
use crate::web::guard::{Administrator, SignedIn};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::settings::{Limits, Sessions, Settings};
use crate::web::url::SettingsPage as SettingsUrl;
use crate::web::words::administration::Words;

/// The page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<SettingsUrl, _, _>(page)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "settings.html")]
pub struct SettingsPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// Keys of the file with their values.
    pub settings: Vec<(&'static str, String)>,
}

async fn page(officer: SignedIn<Administrator>, State(app): State<App>) -> Result<Response, Refused> {
    let a = Words::of(officer.visit.lang());
    frame::show(&SettingsPage {
        frame: Frame::inside(&app, &officer, a.settings),
        a,
        settings: lines(&app.settings, officer.visit.lang().pick("无", "none")),
    })
}

/// Every key; a new one does not compile until it is shown here, or left out by name.
#[must_use]
pub fn lines(settings: &Settings, none: &str) -> Vec<(&'static str, String)> {
    let Settings {
        listen,
        metrics_listen,
        public_origin,
        trusted_proxies,
        tls,
        limits,
        sessions,
        demo,
        log_level,
    } = settings;
    let Limits {
        form_bytes,
        upload_bytes,
        receive_seconds,
        answer_seconds,
        requests_burst,
        sign_in_burst,
        database_threads,
        live_seconds,
        stop_seconds,
    } = limits;
    let Sessions { idle_minutes, longest_hours } = sessions;
    let proxies: Vec<String> = trusted_proxies.iter().map(ToString::to_string).collect();
    let or_none = |text: String| if text.is_empty() { none.to_owned() } else { text };
    vec![
        ("listen", listen.to_string()),
        ("metrics_listen", or_none(metrics_listen.map(|at| at.to_string()).unwrap_or_default())),
        ("public_origin", or_none(public_origin.clone())),
        ("trusted_proxies", or_none(proxies.join(" "))),
        ("tls", tls.is_some().to_string()),
        ("demo", demo.to_string()),
        ("log_level", format!("{log_level:?}").to_lowercase()),
        ("limits.form_bytes", form_bytes.to_string()),
        ("limits.upload_bytes", upload_bytes.to_string()),
        ("limits.receive_seconds", receive_seconds.to_string()),
        ("limits.answer_seconds", answer_seconds.to_string()),
        ("limits.requests_burst", requests_burst.to_string()),
        ("limits.sign_in_burst", sign_in_burst.to_string()),
        ("limits.database_threads", database_threads.to_string()),
        ("limits.live_seconds", live_seconds.to_string()),
        ("limits.stop_seconds", stop_seconds.to_string()),
        ("sessions.idle_minutes", idle_minutes.to_string()),
        ("sessions.longest_hours", longest_hours.to_string()),
    ]
}
