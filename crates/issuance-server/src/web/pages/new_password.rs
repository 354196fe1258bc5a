//! A new password: the first of the officer's own, or a change later on. Every other session ends with it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use issuance::audit::Other;

use crate::web::account::Account;
use crate::web::app::App;
use crate::web::fields::{Asked, Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::SigningIn;
use crate::web::kept::Onward;
use crate::web::pages::sign_in::{advance, throttle};
use crate::web::password::{Hash, Password, Weak};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::session::{Session, Stage};
use crate::web::token::Token;
use crate::web::url::{Account as AccountUrl, LocalPath, NewPassword};
use crate::web::visit::Visit;
use crate::web::words::account::Words;

/// The page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<NewPassword, _, _>(page).post::<NewPassword, _, _>(change)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "new_password.html")]
pub struct NewPasswordPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// What is wrong; passwords are never shown again.
    pub form: Form,
    /// Where it leads.
    pub onward: Onward,
    /// Whether it is the first of the officer's own.
    pub is_first: bool,
}

impl NewPasswordPage {
    /// For the first sign-in.
    #[must_use]
    pub fn first(app: &App, visit: &Visit, onward: Onward) -> Self {
        let a = Words::of(visit.lang());
        let frame = Frame::outside(app, visit, a.password_title);
        Self { frame, a, form: Form::default(), onward, is_first: true }
    }
}

async fn page(guard: SigningIn, State(app): State<App>, Asked(asked): Asked) -> Result<Response, Refused> {
    let is_first = must_be_here(&guard)?;
    let onward = Onward::of(&asked);
    frame::show(&NewPasswordPage { is_first, ..NewPasswordPage::first(&app, &guard.visit, onward) })
}

async fn change(guard: SigningIn, State(app): State<App>, fields: Fields) -> Result<Response, Refused> {
    let is_first = must_be_here(&guard)?;
    let visit = &guard.visit;
    throttle(&app, visit, guard.officer.login.as_str())?;
    let onward = Onward::of(&fields);
    let mut page = NewPasswordPage { is_first, ..NewPasswordPage::first(&app, visit, onward.clone()) };
    let officer = guard.officer.id;
    let account = app.desk.run(move |desk| desk.account(officer));
    let account =
        account.await?.filter(|account| !account.is_locked(visit.now())).ok_or(Refused::SignInFirst)?;
    let secret = |name| Password::new(fields.get(name).to_owned());

    if !is_first && !app.fits(secret("secret_old"), Some(account.password.clone())).await? {
        count_wrong(&app, &guard).await?;
        page.form.fault("secret_old", page.a.password_wrong);
        return frame::show(&page);
    }
    if let Err(weak) = secret("secret_new").check_new(guard.officer.login.as_str()) {
        page.form.fault("secret_new", sentence(weak, page.a));
    } else if app.fits(secret("secret_new"), Some(account.password)).await? {
        page.form.fault("secret_new", page.a.password_same);
    }
    if fields.get("secret_new") != fields.get("secret_again") {
        page.form.fault("secret_again", page.a.password_differs);
    }
    if page.form.is_faulty() {
        return frame::show(&page);
    }
    let hash = app.hash(secret("secret_new")).await?;
    store(&app, &guard, hash).await?;
    let changed = LocalPath::parse(&format!("{}?done=password", AccountUrl {}));
    let onward = if is_first { onward } else { Onward { next: changed, kept: None } };
    advance(&app, visit, Stage::Full, onward).await
}

/// True for the first password of an officer, false for a later change.
fn must_be_here(guard: &SigningIn) -> Result<bool, Refused> {
    match guard.session.stage {
        Stage::NewPassword => Ok(true),
        Stage::Full => Ok(false),
        other => Err(Refused::Unfinished(other)),
    }
}

fn sentence(weak: Weak, a: &'static Words) -> &'static str {
    match weak {
        Weak::Short { .. } => a.password_short,
        Weak::Long => a.password_long,
        Weak::Guessable => a.password_guessable,
    }
}

async fn count_wrong(app: &App, guard: &SigningIn) -> Result<(), Refused> {
    let (visit, officer) = (guard.visit.clone(), guard.officer.clone());
    let counted = app.desk.run(move |desk| {
        desk.change(|change| {
            Account::count_wrong(change.connection(), officer.id, visit.now())?;
            change.note(&officer, Other::SignInRefused, &visit)
        })
    });
    counted.await
}

async fn store(app: &App, guard: &SigningIn, hash: Hash) -> Result<(), Refused> {
    let token = app.random.with(|rng| Token::generate(rng));
    let (visit, officer) = (guard.visit.clone(), guard.officer.clone());
    let stored = app.desk.run(move |desk| {
        desk.change(|change| {
            let connection = change.connection();
            Account::set_password(connection, officer.id, &hash, visit.now())?;
            Session::close_all(connection, officer.id)?;
            Session::open(connection, &token, officer.id, Stage::Full, visit.now())?;
            change.note(&officer, Other::PasswordChanged, &visit)?;
            Ok(token)
        })
    });
    guard.visit.give(&stored.await?);
    Ok(())
}
