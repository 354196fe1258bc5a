//! The officer's own account: where they work, what they may do, and the way out of every session.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::web::app::App;
use crate::web::fields::Asked;
use crate::web::frame::{self, Frame};
use crate::web::guard::SignedIn;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::session::Session;
use crate::web::url::Account;
use crate::web::words::account::Words;

/// The page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Account, _, _>(page)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// How many sessions are open.
    pub sessions: u32,
    /// What was just done.
    pub done: Option<&'static str>,
}

async fn page(officer: SignedIn, State(app): State<App>, Asked(asked): Asked) -> Result<Response, Refused> {
    let id = officer.officer.id;
    let sessions = app.desk.run(move |desk| Ok(Session::count(desk.connection(), id)?)).await?;
    let a = Words::of(officer.visit.lang());
    let done = asked.has("done", "password").then_some(a.password_changed);
    frame::show(&AccountPage { frame: Frame::inside(&app, &officer, a.account_title), a, sessions, done })
}
