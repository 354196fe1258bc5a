//! Where an auditor begins: one case as a story, one officer's day, and whether the chain of the audit is whole.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use credential::time::Date;
use issuance::audit::{BEFORE_THE_FIRST, Deed, Other, Subject, link};
use issuance::id::OfficerId;
use issuance::register::{AuditStore, OfficeStore, StoreError};

use crate::web::app::App;
use crate::web::desk::Desk;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Auditor, SignedIn};
use crate::web::pages::person::officer_name;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{Audit, CaseStory, OfficersDay, VerifyAudit};
use crate::web::words::casework::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Audit, _, _>(page).post::<Audit, _, _>(find).post::<VerifyAudit, _, _>(verify)
}

/// Where to begin.
#[derive(Debug, Template)]
#[template(path = "audit.html")]
pub struct AuditPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// What was typed.
    pub form: Form,
    /// The officers of the region.
    pub officers: Vec<(String, String)>,
    /// What the walk along the chain said: whether it is whole, and a sentence.
    pub chain: Option<(bool, String)>,
}

async fn page(officer: SignedIn<Auditor>, State(app): State<App>) -> Result<Response, Refused> {
    let today = officer.now().date_in_china().to_string();
    show(&officer, &app, Form::of(&Fields::default().with("day", &today)), None).await
}

async fn find(
    officer: SignedIn<Auditor>,
    State(app): State<App>,
    fields: Fields,
) -> Result<Response, Refused> {
    let c = Words::of(officer.visit.lang());
    let mut form = Form::of(&fields);
    if let Some(case) = fields.find("case") {
        let number = case.trim().trim_start_matches('#').rsplit('-').next().unwrap_or_default();
        let Some(id) = form.require("case", number.parse().ok(), c.audit_case_unknown) else {
            return show(&officer, &app, form, None).await;
        };
        return Ok(Redirect::to(&CaseStory { id }.to_string()).into_response());
    }
    let id = form.require("officer", fields.get("officer").parse().ok(), c.audit_choose_officer);
    let day = form.require("day", Date::parse(fields.get("day").trim()).ok(), c.bad_date);
    let (Some(id), Some(day)) = (id, day) else { return show(&officer, &app, form, None).await };
    Ok(Redirect::to(&format!("{}?day={day}", OfficersDay { id })).into_response())
}

async fn verify(officer: SignedIn<Auditor>, State(app): State<App>) -> Result<Response, Refused> {
    let actor = officer.clone();
    let walked = app.desk.run(move |desk| {
        desk.register.note(&actor.actor().entry(Deed::Other(Other::AuditRead), Subject::Register))?;
        walk(desk)
    });
    let c = Words::of(officer.visit.lang());
    let colon = officer.visit.lang().pick("：", ": ");
    let said = match walked.await? {
        Walk::Whole(rows) => (true, format!("{}{colon}{rows}", c.audit_whole)),
        Walk::Broken(row) => (false, format!("{}{colon}{row}", c.audit_broken)),
    };
    show(&officer, &app, Form::default(), Some(said)).await
}

enum Walk {
    Whole(i64),
    Broken(i64),
}

/// Along the whole chain, some thousands of rows at a time.
fn walk(desk: &Desk) -> Result<Walk, Refused> {
    let (mut number, mut previous) = (0, BEFORE_THE_FIRST);
    loop {
        let rows = desk.register.audit_rows(number, AT_ONCE)?;
        if rows.is_empty() {
            return match desk.register.audit_end() {
                Ok(_) => Ok(Walk::Whole(number)),
                Err(StoreError::Broken { row, .. }) => Ok(Walk::Broken(row)),
                Err(error) => Err(error.into()),
            };
        }
        for row in rows {
            number += 1;
            if row.number != number || row.hash != link(&previous, number, &row.entry) {
                return Ok(Walk::Broken(number));
            }
            previous = row.hash;
        }
    }
}

async fn show(
    officer: &SignedIn<Auditor>,
    app: &App,
    form: Form,
    chain: Option<(bool, String)>,
) -> Result<Response, Refused> {
    let scope = officer.scope();
    let officers = app.desk.run(move |desk| {
        let mut officers = desk.register.officers()?;
        officers.retain(|one| scope.contains(one.office.region) && one.id != OfficerId::SERVICE);
        Ok(officers.iter().map(|one| (one.id.to_string(), officer_name(one))).collect())
    });
    let officers = officers.await?;
    let c = Words::of(officer.visit.lang());
    frame::show(&AuditPage { frame: Frame::inside(app, officer, c.audit), c, form, officers, chain })
}

const AT_ONCE: usize = 5000;
