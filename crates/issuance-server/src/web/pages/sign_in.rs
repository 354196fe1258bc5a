//! Login and password. The answer is the same for an unknown login, a wrong password and a locked account, and takes
//! as long. What follows is the second factor; see `code`.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use issuance::audit::Other;
use issuance::officer::{Login, Officer};

use crate::web::account::{Account, SecondFactor};
use crate::web::app::App;
use crate::web::fields::{Asked, Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Anyone, SignedIn, SigningIn};
use crate::web::kept::Onward;
use crate::web::one_time_code::OneTimeSecret;
use crate::web::pages::kept::SendAgainPage;
use crate::web::password::Password;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::session::{Session, Stage};
use crate::web::token::Token;
use crate::web::url::{
    Enrol, Home, NewPassword, SecondFactor as CodePage, SignIn, SignOut, SignOutEverywhere,
};
use crate::web::visit::Visit;
use crate::web::words::account::Words;
use issuance::register::OfficeStore;

/// Signing in and out.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get::<SignIn, _, _>(page)
        .post::<SignIn, _, _>(sign_in)
        .post::<SignOut, _, _>(sign_out)
        .post::<SignOutEverywhere, _, _>(sign_out_everywhere)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// What was typed.
    pub form: Form,
    /// Where it leads.
    pub onward: Onward,
}

impl SignInPage {
    /// An empty one. A browser without a token gets one: the form is bound to it.
    pub fn new(app: &App, visit: &Visit, onward: Onward) -> Self {
        if visit.form_token().is_none() {
            visit.give(&app.random.with(|rng| Token::generate(rng)));
        }
        let a = Words::of(visit.lang());
        Self { frame: Frame::outside(app, visit, a.sign_in), a, form: Form::default(), onward }
    }
}

async fn page(
    guard: Anyone,
    State(app): State<App>,
    officer: Option<SignedIn>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    let onward = Onward::of(&asked);
    if officer.is_some() {
        return Ok(Redirect::to(onward.next.as_ref().map_or("/", |next| next.as_str())).into_response());
    }
    frame::show(&SignInPage::new(&app, &guard.visit, onward))
}

async fn sign_in(guard: Anyone, State(app): State<App>, fields: Fields) -> Result<Response, Refused> {
    let visit = guard.visit;
    let name = fields.get("login").trim().to_lowercase();
    throttle(&app, &visit, &name)?;
    let login = Login::parse(&name);
    let found = app.desk.run(move |desk| find(desk, login.as_ref())).await?;
    let hash = found.as_ref().map(|(_, account)| account.password.clone());
    let is_right = app.fits(Password::new(fields.get("secret_password").to_owned()), hash).await?;
    let opened = match found {
        Some((officer, _)) => open(&app, &visit, officer, is_right).await?,
        None => None,
    };
    let Some(stage) = opened else {
        app.figures.signed_in("wrong");
        return refuse(&app, &visit, &fields);
    };
    app.figures.signed_in("right");
    advance(&app, &visit, stage, Onward::of(&fields)).await
}

/// Per address and per login, known or not.
pub(super) fn throttle(app: &App, visit: &Visit, login: &str) -> Result<(), Refused> {
    let from = app.sign_ins_from.take(visit.address(), visit.now());
    let taken = from.and_then(|()| app.sign_ins_as.take(login.to_owned(), visit.now()));
    taken.map_err(|wait_seconds| {
        app.figures.signed_in("throttled");
        Refused::TooMany { wait_seconds }
    })
}

fn find(
    desk: &mut crate::web::desk::Desk,
    login: Option<&Login>,
) -> Result<Option<(Officer, Account)>, Refused> {
    let Some(login) = login else { return Ok(None) };
    let Some(officer) = desk.register.officer_by_login(login)?.filter(|officer| officer.active) else {
        return Ok(None);
    };
    Ok(desk.account(officer.id)?.map(|account| (officer, account)))
}

/// Counts the guess and opens the session in one transaction; `None` where it does not count.
async fn open(app: &App, visit: &Visit, officer: Officer, is_right: bool) -> Result<Option<Stage>, Refused> {
    let (token, secret) = app.random.with(|rng| (Token::generate(rng), OneTimeSecret::generate(rng)));
    let (mine, id) = (visit.clone(), officer.id);
    let opened = app.desk.run(move |desk| {
        desk.change(|change| {
            let Some(account) = change.account(officer.id)? else { return Ok(None) };
            if account.is_locked(mine.now()) {
                return Ok(None);
            }
            if !is_right {
                Account::count_wrong(change.connection(), officer.id, mine.now())?;
                change.note(&officer, Other::SignInRefused, &mine)?;
                return Ok(None);
            }
            if matches!(account.second_factor, SecondFactor::None) {
                Account::offer(change.connection(), change.personal(), officer.id, &secret)?;
            }
            let stage = Stage::after_password(&account);
            rotate(change.connection(), &mine, &token, &account, stage)?;
            Ok(Some((stage, token)))
        })
    });
    Ok(opened.await?.map(|(stage, token)| {
        visit.note_officer(id);
        visit.give(&token);
        stage
    }))
}

/// Ends the session of the old token and opens one for the new.
pub(super) fn rotate(
    connection: &rusqlite::Connection,
    visit: &Visit,
    token: &Token,
    account: &Account,
    stage: Stage,
) -> Result<(), Refused> {
    if let Some(old) = visit.token() {
        Session::close(connection, old)?;
    }
    Session::open(connection, token, account.officer, stage, visit.now())?;
    Ok(())
}

fn refuse(app: &App, visit: &Visit, fields: &Fields) -> Result<Response, Refused> {
    let mut page = SignInPage::new(app, visit, Onward::of(fields));
    page.form = Form::of(fields);
    page.form.fault("login", page.a.sign_in_failed);
    frame::show(&page)
}

/// On to what is left of the sign-in, or to where it was wanted for.
pub(super) async fn advance(
    app: &App,
    visit: &Visit,
    stage: Stage,
    onward: Onward,
) -> Result<Response, Refused> {
    if onward.kept.is_none() {
        let address = match stage {
            Stage::Code => onward.address(&CodePage {}),
            Stage::Enrol => onward.address(&Enrol {}),
            Stage::NewPassword => onward.address(&NewPassword {}),
            Stage::Full => onward.next.map_or_else(|| Home {}.to_string(), |next| next.to_string()),
        };
        return Ok(Redirect::to(&address).into_response());
    }
    // A kept form travels in the page, so the next page is the answer itself.
    match stage {
        Stage::Code => frame::show(&super::code::CodePage::new(app, visit, onward)),
        Stage::Enrol => super::code::enrol_page(app, visit, onward, Form::default()).await,
        Stage::NewPassword => frame::show(&super::new_password::NewPasswordPage::first(app, visit, onward)),
        Stage::Full => {
            let Some(kept) = onward.kept else { return Err(Refused::Failed) };
            let a = Words::of(visit.lang());
            frame::show(&SendAgainPage {
                frame: Frame::outside(app, visit, a.continue_title),
                kept,
                text: a.continue_text,
            })
        }
    }
}

async fn sign_out(guard: SigningIn, State(app): State<App>) -> Result<Response, Refused> {
    let visit = guard.visit.clone();
    app.desk
        .run(move |desk| {
            if let Some(token) = visit.token() {
                Session::close(desk.connection(), token)?;
            }
            Ok(())
        })
        .await?;
    Ok(Redirect::to(&SignIn {}.to_string()).into_response())
}

async fn sign_out_everywhere(guard: SigningIn, State(app): State<App>) -> Result<Response, Refused> {
    let officer = guard.officer;
    let visit = guard.visit;
    app.desk
        .run(move |desk| {
            desk.change(|change| {
                Session::close_all(change.connection(), officer.id)?;
                change.note(&officer, Other::SignedOut, &visit)
            })
        })
        .await?;
    Ok(Redirect::to(&SignIn {}.to_string()).into_response())
}
