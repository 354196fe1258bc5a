//! Officers: the list within the administrator's region, a new one, other powers, and a new start for one who lost password or
//! telephone. A one-time password is shown once, to the administrator who asked for it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use issuance::audit::{Deed, Other, Subject};
use issuance::id::{OfficeId, OfficerId};
use issuance::office::Office;
use issuance::officer::{Login, Officer, Role, Roles};
use issuance::register::{NewOfficer, OfficeStore, StoreError};
use issuance::staff;
use issuance::text::Name;

use crate::web::app::App;
use crate::web::desk::Desk;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Administrator, SignedIn};
use crate::web::lang::Lang;
use crate::web::password::Password;
use crate::web::refused::Refused;
use crate::web::routes::Routes as Table;
use crate::web::session::Session;
use crate::web::url::{OfficerPage as OfficerUrl, Officers, ResetAccount};
use crate::web::words::administration::Words;

/// The pages.
#[must_use]
pub fn routes() -> Table {
    Table::default()
        .get::<Officers, _, _>(page)
        .post::<Officers, _, _>(add)
        .get::<OfficerUrl, _, _>(one)
        .post::<OfficerUrl, _, _>(change)
        .post::<ResetAccount, _, _>(reset)
}

/// The list.
#[derive(Debug, Template)]
#[template(path = "officers.html")]
pub struct OfficersPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// The officers in the administrator's region.
    pub officers: Vec<Officer>,
    /// The offices in it.
    pub offices: Vec<Office>,
    /// The form for a new one.
    pub form: Form,
}

/// One officer.
#[derive(Debug, Template)]
#[template(path = "officer.html")]
pub struct OfficerPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub a: &'static Words,
    /// Who.
    pub officer: Officer,
    /// The form for other roles.
    pub form: Form,
    /// What was just done.
    pub done: Option<&'static str>,
    /// The one-time password, this once.
    pub handed_out: Option<HandedOut>,
}

/// A one-time password, and what was done.
#[derive(Debug)]
pub struct HandedOut {
    /// What was done.
    pub text: &'static str,
    /// What to hand over.
    pub password: Password,
}

impl OfficersPage {
    /// The roles of an officer.
    #[must_use]
    pub fn roles(&self, officer: &Officer) -> String {
        let roles: Vec<_> = officer.roles.iter().map(|role| self.frame.lang.role(role)).collect();
        roles.join(self.frame.lang.pick("、", ", "))
    }

    /// The choices of office.
    #[must_use]
    pub fn office_choices(&self) -> Vec<(String, String)> {
        self.offices.iter().map(|office| (office.id.to_string(), office.name.expose().to_owned())).collect()
    }

    /// The choices of role.
    #[must_use]
    pub fn role_choices(&self) -> Vec<(&'static str, &'static str)> {
        role_choices(self.frame.lang)
    }
}

impl OfficerPage {
    /// The choices of role.
    #[must_use]
    pub fn role_choices(&self) -> Vec<(&'static str, &'static str)> {
        role_choices(self.frame.lang)
    }

    /// At work or not.
    #[must_use]
    pub fn states(&self) -> Vec<(&'static str, &'static str)> {
        vec![("yes", self.a.is_active), ("no", self.a.is_inactive)]
    }
}

fn role_choices(lang: Lang) -> Vec<(&'static str, &'static str)> {
    Role::ALL.iter().map(|role| (role.as_str(), lang.role(*role))).collect()
}

async fn page(officer: SignedIn<Administrator>, State(app): State<App>) -> Result<Response, Refused> {
    show(&officer, &app, Form::default()).await
}

async fn add(
    officer: SignedIn<Administrator>,
    State(app): State<App>,
    fields: Fields,
) -> Result<Response, Refused> {
    let a = Words::of(officer.visit.lang());
    let scope = officer.scope();
    let offices = app.desk.run(move |desk| offices_in(desk, scope)).await?;
    let mut form = Form::of(&fields);
    let Some(new) = parse(&mut form, &fields, &offices, a) else { return show(&officer, &app, form).await };
    let actor = officer.clone();
    let added = app.desk.run(move |desk| {
        let entry = actor.actor().entry(Deed::Other(Other::OfficerAdded), Subject::Register);
        match desk.register.add_officer(&new, &entry) {
            Err(StoreError::Conflict | StoreError::Rule(_)) => Ok(None),
            added => Ok(Some(added?)),
        }
    });
    let Some(added) = added.await? else {
        form.fault("login", a.login_taken);
        return show(&officer, &app, form).await;
    };
    let password = hand_out(&officer, &app, added).await?;
    show_one(&officer, &app, added, Shown::handing_out(a.officer_added, password)).await
}

fn parse(form: &mut Form, fields: &Fields, offices: &[Office], a: &'static Words) -> Option<NewOfficer> {
    let name = form.require("name", Name::parse(fields.get("name")).ok(), a.name_form);
    let login = form.require("login", Login::parse(fields.get("login").trim()), a.login_form);
    let office = fields.get("office").parse::<OfficeId>().ok();
    let office = office.filter(|id| offices.iter().any(|office| office.id == *id));
    let office = form.require("office", office, a.office_choose);
    let roles = parse_roles(form, fields, a)?;
    Some(NewOfficer { login: login?, name: name?, office: office?, roles })
}

fn parse_roles(form: &mut Form, fields: &Fields, a: &'static Words) -> Option<Roles> {
    let roles: Option<Vec<Role>> = fields.all("roles").map(Role::parse).collect();
    let roles = form.require("roles", roles.filter(|roles| !roles.is_empty()), a.roles_choose)?;
    if roles.contains(&Role::Administrator) && roles.len() > 1 {
        form.fault("roles", a.roles_admin_alone);
        return None;
    }
    Some(Roles::new(&roles))
}

async fn one(
    officer: SignedIn<Administrator>,
    State(app): State<App>,
    Path(url): Path<OfficerUrl>,
) -> Result<Response, Refused> {
    show_one(&officer, &app, url.id, Shown::default()).await
}

async fn change(
    officer: SignedIn<Administrator>,
    State(app): State<App>,
    Path(url): Path<OfficerUrl>,
    fields: Fields,
) -> Result<Response, Refused> {
    let a = Words::of(officer.visit.lang());
    let found = find(&officer, &app, url.id).await?;
    let (mut form, is_active) = (Form::of(&fields), fields.get("active") == "yes");
    let roles = parse_roles(&mut form, &fields, a);
    if found.id == officer.officer.id {
        form.fault("roles", a.own_account);
    }
    let Some(roles) = roles.filter(|_| !form.is_faulty()) else {
        return render(&officer, &app, found, Shown { form, ..Shown::default() });
    };
    let (actor, id) = (officer.clone(), found.id);
    let changed = app.desk.run(move |desk| {
        staff::change(&mut desk.register, id, roles, is_active, &actor.actor())?;
        // Powers are asked for anew with each request; ended sessions make it plain to the officer too.
        Ok(Session::close_all(desk.connection(), id)?)
    });
    changed.await?;
    show_one(&officer, &app, url.id, Shown { done: Some(a.officer_saved), ..Shown::default() }).await
}

async fn reset(
    officer: SignedIn<Administrator>,
    State(app): State<App>,
    Path(url): Path<ResetAccount>,
) -> Result<Response, Refused> {
    let a = Words::of(officer.visit.lang());
    find(&officer, &app, url.id).await?;
    let password = hand_out(&officer, &app, url.id).await?;
    show_one(&officer, &app, url.id, Shown::handing_out(a.reset_done, password)).await
}

/// Gives an account a one-time password; its sessions and its authenticator end.
async fn hand_out(by: &SignedIn<Administrator>, app: &App, whose: OfficerId) -> Result<Password, Refused> {
    let password = app.random.with(|rng| Password::one_time(rng));
    let hash = app.hash(Password::new(password.expose().to_owned())).await?;
    let by = by.clone();
    app.desk.run(move |desk| desk.reset(whose, &hash, &by.actor())).await?;
    Ok(password)
}

/// An officer of the administrator's region; others do not exist.
async fn find(by: &SignedIn<Administrator>, app: &App, id: OfficerId) -> Result<Officer, Refused> {
    let found = app.desk.run(move |desk| Ok(desk.register.officer(id)?)).await?.ok_or(Refused::NotFound)?;
    by.must_serve(found.office.region)?;
    Ok(found)
}

fn offices_in(desk: &mut Desk, scope: credential::region::Region) -> Result<Vec<Office>, Refused> {
    let mut offices = desk.register.offices()?;
    offices.retain(|office| scope.contains(office.region));
    Ok(offices)
}

async fn show(by: &SignedIn<Administrator>, app: &App, form: Form) -> Result<Response, Refused> {
    let scope = by.scope();
    let loaded = app.desk.run(move |desk| {
        let mut officers = desk.register.officers()?;
        officers.retain(|officer| scope.contains(officer.office.region) && officer.id != OfficerId::SERVICE);
        officers.sort_by_key(|officer| (officer.office.region, officer.office.id, officer.id));
        Ok((officers, offices_in(desk, scope)?))
    });
    let (officers, offices) = loaded.await?;
    let a = Words::of(by.visit.lang());
    frame::show(&OfficersPage { frame: Frame::inside(app, by, a.officers), a, officers, offices, form })
}

/// What stands on the page of an officer beside the officer.
#[derive(Default)]
struct Shown {
    form: Form,
    done: Option<&'static str>,
    handed_out: Option<HandedOut>,
}

impl Shown {
    fn handing_out(text: &'static str, password: Password) -> Self {
        Self { handed_out: Some(HandedOut { text, password }), ..Self::default() }
    }
}

async fn show_one(
    by: &SignedIn<Administrator>,
    app: &App,
    id: OfficerId,
    shown: Shown,
) -> Result<Response, Refused> {
    let officer = find(by, app, id).await?;
    let fields =
        officer.roles.iter().fold(Fields::default(), |fields, role| fields.with("roles", role.as_str()));
    let form = Form::of(&fields.with("active", if officer.active { "yes" } else { "no" }));
    render(by, app, officer, Shown { form, ..shown })
}

fn render(
    by: &SignedIn<Administrator>,
    app: &App,
    officer: Officer,
    shown: Shown,
) -> Result<Response, Refused> {
    let Shown { form, done, handed_out } = shown;
    let (a, frame) = (Words::of(by.visit.lang()), Frame::inside(app, by, officer.name.expose()));
    frame::show(&OfficerPage { frame, a, officer, form, done, handed_out })
}
