//! API clients: the list, a new one whose token is shown this once, and taking a token back with a reason.
//! The same use cases as the commands `client add`, `client list` and `client revoke`.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use credential::time::UnixTime;
use issuance::id::OfficerId;
use issuance::officer::Officer;
use issuance::text::Line;
use zeroize::Zeroizing;

use crate::web::app::App;
use crate::web::client::{self, ApiClient, MAX_DAYS, NewClient, RevokeReason};
use crate::web::fields::{Asked, Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Administrator, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::home::Badge;
use crate::web::pages::person::{clock_time, officer_name};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::scope::{Scope, Scopes};
use crate::web::token::Token;
use crate::web::url::{At, Clients, RevokeClient};
use crate::web::words::clients::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Clients, _, _>(page).post::<Clients, _, _>(add).post::<RevokeClient, _, _>(revoke)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "clients.html")]
pub struct ClientsPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// Whether a token was just taken back.
    pub is_revoked: bool,
    /// The token of the one just added, this once.
    pub handed_out: Option<HandedOut>,
    /// The clients, the latest first.
    pub rows: Vec<Row>,
    /// Number and name of the officers it may act for.
    pub officers: Vec<(String, String)>,
    /// The form.
    pub form: Form,
}

/// A token on its way out.
pub struct HandedOut {
    /// Of which client.
    pub name: String,
    token: Zeroizing<String>,
}

impl HandedOut {
    /// The token, for this page alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.token
    }
}

impl std::fmt::Debug for HandedOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HandedOut([secret])")
    }
}

/// One client.
#[derive(Debug)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// For whom it acts.
    pub officer: String,
    /// Each of its scopes.
    pub scopes: Vec<&'static str>,
    /// When it was last used.
    pub used: Option<String>,
    /// Until when.
    pub expires: String,
    /// Whether it counts.
    pub state: Badge,
    /// Where its token is taken back, while it counts.
    pub revoke: Option<String>,
}

impl ClientsPage {
    /// The choices of scope.
    #[must_use]
    pub fn scope_choices(&self) -> Vec<(&'static str, &'static str)> {
        Scope::ALL.iter().map(|scope| (scope.as_str(), scope_word(*scope, self.frame.lang))).collect()
    }

    /// The choices of reason.
    #[must_use]
    pub fn reasons(&self) -> Vec<(&'static str, String)> {
        let word = |reason: RevokeReason| self.frame.lang.word(reason.zh(), reason.as_str());
        RevokeReason::ALL.into_iter().map(|reason| (reason.as_str(), word(reason))).collect()
    }
}

async fn page(
    officer: SignedIn<Administrator>,
    State(app): State<App>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    let is_revoked = asked.get("done") == "revoked";
    show(&officer, &app, Shown { is_revoked, form: first(), ..Shown::default() }).await
}

async fn add(
    officer: SignedIn<Administrator>,
    State(app): State<App>,
    fields: Fields,
) -> Result<Response, Refused> {
    let actor = officer.clone();
    let officers = app.desk.run(move |desk| Ok(client::may_act_for(&desk.register, &actor.actor())?)).await?;
    let mut form = Form::of(&fields);
    let Some(new) = parse(&mut form, &fields, &officers, officer.now(), Words::of(officer.visit.lang()))
    else {
        return show(&officer, &app, Shown { form, ..Shown::default() }).await;
    };
    let token = app.random.with(|rng| Token::generate(rng));
    let handed_out = HandedOut { name: new.name.expose().to_owned(), token: token.expose_for_program() };
    let actor = officer.clone();
    app.desk.run(move |desk| Ok(client::add(&mut desk.register, &new, &token, &actor.actor())?)).await?;
    let shown = Shown { handed_out: Some(handed_out), form: first(), ..Shown::default() };
    show(&officer, &app, shown).await
}

fn parse(
    form: &mut Form,
    fields: &Fields,
    officers: &[Officer],
    now: UnixTime,
    a: &'static Words,
) -> Option<NewClient> {
    let name = form.require("name", Line::parse(fields.get("name").trim()).ok(), a.name_wrong);
    let officer = fields.get("officer").parse::<OfficerId>().ok();
    let officer = officer.filter(|id| officers.iter().any(|one| one.id == *id));
    let officer = form.require("officer", officer, a.choose_officer);
    let scopes: Option<Vec<Scope>> = fields.all("scopes").map(Scope::parse).collect();
    let scopes = form.require("scopes", scopes.and_then(Scopes::new), a.choose_scope);
    let days = fields.get("days").trim().parse::<u64>().ok().filter(|days| (1..=MAX_DAYS).contains(days));
    let days = form.require("days", days, a.days_wrong)?;
    let expires_at = now.plus_seconds(days * 24 * 3600);
    Some(NewClient { officer: officer?, name: name?, scopes: scopes?, expires_at })
}

async fn revoke(
    officer: SignedIn<Administrator>,
    State(app): State<App>,
    At(url): At<RevokeClient>,
    fields: Fields,
) -> Result<Response, Refused> {
    let Some(reason) = RevokeReason::parse(fields.get("reason")) else {
        let mut form = first();
        form.fault("reason", Words::of(officer.visit.lang()).choose_reason);
        return show(&officer, &app, Shown { form, ..Shown::default() }).await;
    };
    let actor = officer.clone();
    let revoked =
        app.desk.run(move |desk| Ok(client::revoke(&mut desk.register, url.id, reason, &actor.actor())?));
    revoked.await?.ok_or(Refused::NotFound)?;
    Ok(Redirect::to(&format!("{}?done=revoked", Clients {})).into_response())
}

/// What stands on the page beside the list.
#[derive(Default)]
struct Shown {
    is_revoked: bool,
    handed_out: Option<HandedOut>,
    form: Form,
}

fn first() -> Form {
    Form::of(&Fields::default().with("days", USUAL_DAYS))
}

async fn show(by: &SignedIn<Administrator>, app: &App, shown: Shown) -> Result<Response, Refused> {
    let actor = by.clone();
    let loaded = app.desk.run(move |desk| {
        let clients = client::list(&desk.register, &actor.actor())?;
        Ok((clients, client::may_act_for(&desk.register, &actor.actor())?))
    });
    let (clients, officers) = loaded.await?;
    let lang = by.visit.lang();
    let a = Words::of(lang);
    let Shown { is_revoked, handed_out, form } = shown;
    frame::show(&ClientsPage {
        frame: Frame::inside(app, by, a.title),
        a,
        is_revoked,
        handed_out,
        rows: clients.into_iter().map(|(client, officer)| row(&client, &officer, by.now(), lang)).collect(),
        officers: officers.iter().map(|one| (one.id.to_string(), officer_name(one))).collect(),
        form,
    })
}

fn row(client: &ApiClient, officer: &Officer, now: UnixTime, lang: Lang) -> Row {
    let a = Words::of(lang);
    let (style, text) = match client {
        client if client.revoked_at.is_some() => ("plain", a.revoked),
        client if !client.is_in_force(now) => ("plain", a.expired),
        _ if !officer.active => ("plain", a.officer_left),
        _ => ("accepted", a.in_force),
    };
    Row {
        name: client.name.expose().to_owned(),
        officer: officer_name(officer),
        scopes: client.scopes.iter().map(|scope| scope_word(scope, lang)).collect(),
        used: client.used_at.map(clock_time),
        expires: client.expires_at.date_in_china().to_string(),
        state: Badge { style, text: text.to_owned() },
        revoke: client.is_in_force(now).then(|| RevokeClient { id: client.id }.to_string()),
    }
}

fn scope_word(scope: Scope, lang: Lang) -> &'static str {
    let (zh, en) = scope.said();
    lang.pick(zh, en)
}

/// A quarter.
const USUAL_DAYS: &str = "90";
