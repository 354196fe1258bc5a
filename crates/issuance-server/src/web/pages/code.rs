//! The second factor: the code of an authenticator, and taking one into use.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use issuance::audit::Other;
use qrcode::QrCode;
use qrcode::render::svg;

use crate::web::account::{Account, SecondFactor};
use crate::web::app::App;
use crate::web::fields::{Asked, Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::SigningIn;
use crate::web::kept::Onward;
use crate::web::pages::sign_in::{advance, rotate, throttle};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::session::Stage;
use crate::web::token::Token;
use crate::web::url::{Enrol, SecondFactor as Code};
use crate::web::visit::Visit;
use crate::web::words::account::Words;
use issuance::register::OfficeStore;

/// Both pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get::<Code, _, _>(page)
        .post::<Code, _, _>(enter)
        .get::<Enrol, _, _>(offer)
        .post::<Enrol, _, _>(confirm)
}

/// The page that asks for a code.
#[derive(Debug, Template)]
#[template(path = "code.html")]
pub struct CodePage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// What was typed.
    pub form: Form,
    /// Where it leads.
    pub onward: Onward,
}

impl CodePage {
    /// An empty one.
    #[must_use]
    pub fn new(app: &App, visit: &Visit, onward: Onward) -> Self {
        let a = Words::of(visit.lang());
        Self { frame: Frame::outside(app, visit, a.code_title), a, form: Form::default(), onward }
    }
}

/// The page that shows the secret once.
#[derive(Template)]
#[template(path = "enrol.html")]
pub struct EnrolPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// What was typed.
    pub form: Form,
    /// Where it leads.
    pub onward: Onward,
    /// The secret as an SVG picture.
    pub picture: String,
    /// The secret for typing, in groups of four.
    pub key: String,
}

/// The picture is the secret.
impl std::fmt::Debug for EnrolPage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrolPage([secret])")
    }
}

async fn page(guard: SigningIn, State(app): State<App>, Asked(asked): Asked) -> Result<Response, Refused> {
    guard.must_be_at(Stage::Code)?;
    frame::show(&CodePage::new(&app, &guard.visit, Onward::of(&asked)))
}

async fn enter(guard: SigningIn, State(app): State<App>, fields: Fields) -> Result<Response, Refused> {
    guard.must_be_at(Stage::Code)?;
    let onward = Onward::of(&fields);
    match check(&app, &guard, fields.get("secret_code")).await? {
        Some(stage) => advance(&app, &guard.visit, stage, onward).await,
        None => {
            let mut page = CodePage::new(&app, &guard.visit, onward);
            page.form.fault("secret_code", page.a.code_failed);
            frame::show(&page)
        }
    }
}

async fn offer(guard: SigningIn, State(app): State<App>, Asked(asked): Asked) -> Result<Response, Refused> {
    guard.must_be_at(Stage::Enrol)?;
    enrol_page(&app, &guard.visit, Onward::of(&asked), Form::default()).await
}

async fn confirm(guard: SigningIn, State(app): State<App>, fields: Fields) -> Result<Response, Refused> {
    guard.must_be_at(Stage::Enrol)?;
    let onward = Onward::of(&fields);
    match check(&app, &guard, fields.get("secret_code")).await? {
        Some(stage) => advance(&app, &guard.visit, stage, onward).await,
        None => {
            let mut form = Form::default();
            form.fault("secret_code", Words::of(guard.visit.lang()).code_failed);
            enrol_page(&app, &guard.visit, onward, form).await
        }
    }
}

/// The page with the secret that was offered to whoever holds this session.
pub(super) async fn enrol_page(
    app: &App,
    visit: &Visit,
    onward: Onward,
    form: Form,
) -> Result<Response, Refused> {
    let Some(officer) = visit.officer() else { return Err(Refused::SignInFirst) };
    let found = app.desk.run(move |desk| {
        let login = desk.register.officer(officer)?.map(|officer| officer.login);
        Ok(desk.account(officer)?.zip(login))
    });
    let Some((Account { second_factor: SecondFactor::Pending(secret), .. }, login)) = found.await? else {
        return Err(Refused::SignInFirst);
    };
    let picture = QrCode::new(secret.expose_uri(login.as_str()).as_bytes()).map_err(|_| Refused::Failed)?;
    let picture = picture.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    let key = secret.expose_base32();
    let groups: Vec<&str> = (0..8).filter_map(|i| key.get(i * 4..i * 4 + 4)).collect();
    let a = Words::of(visit.lang());
    frame::show(&EnrolPage {
        frame: Frame::outside(app, visit, a.enrol_title),
        a,
        form,
        onward,
        picture: picture.split_once("?>").map_or_else(String::new, |(_, svg)| svg.to_owned()),
        key: groups.join(" "),
    })
}

/// Decides over a code in one transaction: a code counts once, and a wrong one counts against the account.
async fn check(app: &App, guard: &SigningIn, code: &str) -> Result<Option<Stage>, Refused> {
    throttle(app, &guard.visit, guard.officer.login.as_str())?;
    let token = app.random.with(|rng| Token::generate(rng));
    let (visit, officer, code) = (guard.visit.clone(), guard.officer.clone(), code.to_owned());
    let checked = app.desk.run(move |desk| {
        desk.change(|change| {
            let connection = change.connection();
            let Some(account) = change.account(officer.id)? else { return Ok(None) };
            let (secret, last_step, deed) = match &account.second_factor {
                SecondFactor::Set { secret, last_step } => (secret, *last_step, Other::SignedIn),
                SecondFactor::Pending(secret) => (secret, None, Other::SecondFactorSet),
                SecondFactor::None => return Ok(None),
            };
            if account.is_locked(visit.now()) {
                return Ok(None);
            }
            let step = secret.accept(&code, last_step, visit.now());
            if !matches!(step, Some(step) if Account::use_step(connection, officer.id, step)?) {
                Account::count_wrong(connection, officer.id, visit.now())?;
                change.note(&officer, Other::SignInRefused, &visit)?;
                return Ok(None);
            }
            Account::clear_failures(connection, officer.id)?;
            let stage = Stage::after_code(&account);
            rotate(connection, &visit, &token, &account, stage)?;
            change.note(&officer, deed, &visit)?;
            Ok(Some((stage, token)))
        })
    });
    Ok(checked.await?.map(|(stage, token)| {
        guard.visit.give(&token);
        stage
    }))
}
