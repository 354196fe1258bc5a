//! Changes of status: entered by one officer, and where they cannot be undone confirmed by another.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use issuance::audit::{Deed, Other, Subject};
use issuance::id::ChangeId;
use issuance::register::{AuditStore, ChangeQuery, ChangeStore};
use issuance::standing;
use issuance::status_change::Reason;
use serde::Deserialize;
use utoipa::ToSchema;

use super::certificates::day;
use super::once::Write;
use super::paging::{Page, Paging};
use super::url::{CertificateChanges, Changes, Decision};
use super::view::{self, ChangeView};
use crate::web::app::App;
use crate::web::guard::{Approver, Clerk, Client, ReadsCertificates, ToChangeStatus, ToReadCertificates};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::At;

pub(super) fn routes() -> Routes {
    Routes::default()
        .post::<CertificateChanges, _, _>(enter)
        .get::<Changes, _, _>(waiting)
        .post::<Decision, _, _>(decide)
}

/// A change of status.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeBody {
    /// Why; it says what is done too. A loss has an address of its own.
    #[schema(schema_with = view::reasons)]
    reason: Reason,
    /// From which day on, not later than today.
    #[schema(format = Date, example = "2026-11-24")]
    effective: String,
}

/// The second officer's word.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// What becomes of the change.
    word: Word,
}

/// Yes or no.
#[derive(Deserialize, ToSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// It is in force.
    Confirm,
    /// It never was.
    Drop,
}

/// Suspends, lifts or revokes. A revocation waits for a second officer.
#[utoipa::path(
    post, path = "/api/v1/certificates/{id}/changes", tag = "status", operation_id = "enter_change",
    params(("id" = i64, Path, description = "The certificate.")),
    request_body = ChangeBody,
    responses((status = 201, description = "The change.", body = ChangeView))
)]
pub(super) async fn enter(
    client: Client<ToChangeStatus, Clerk>,
    State(app): State<App>,
    At(url): At<CertificateChanges>,
    write: Write<ChangeBody>,
) -> Result<Response, Refused> {
    let done = write.once(&app, &client, StatusCode::CREATED, move |body, register, client| {
        let effective = day(&body.effective)?;
        // A loss asks for its replacement in the same breath, at an address of its own.
        if body.reason == Reason::Lost {
            let (change, reason) = (body.reason.of(), body.reason);
            return Err(Refused::Rule(issuance::Error::WrongReason { change, reason }));
        }
        let (id, change) = standing::enter(register, url.id, body.reason, effective, &client.actor())?;
        Ok(ChangeView::of(id, &change))
    });
    done.await
}

/// The changes of the officer's region that wait for a second officer.
#[utoipa::path(
    get, path = "/api/v1/changes", tag = "status", operation_id = "list_waiting_changes",
    params(
        ("after" = Option<i64>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, description = "At most so many, 1 to 200; 50 unless told.", minimum = 1, maximum = 200),
    ),
    responses((status = 200, description = "A page of what waits.", body = Page<ChangeView>))
)]
pub(super) async fn waiting(
    client: Client<ToReadCertificates, ReadsCertificates>,
    State(app): State<App>,
    paging: Paging,
) -> Result<Response, Refused> {
    let page = app.desk.run(move |desk| {
        desk.register.note(&client.actor().entry(Deed::Other(Other::Searched), Subject::Register))?;
        let (after, limit) = (paging.after.map(ChangeId::from_stored), paging.limit);
        let found = desk.register.waiting_changes(&ChangeQuery { region: client.scope(), after, limit })?;
        let next = paging.next(found.len(), found.last().map(|(id, _)| id.get()));
        Ok(Page { items: found.iter().map(|(id, change)| ChangeView::of(*id, change)).collect(), next })
    });
    Ok(axum::Json(page.await?).into_response())
}

/// Confirms or drops a change that somebody else entered.
#[utoipa::path(
    post, path = "/api/v1/changes/{id}/decision", tag = "status", operation_id = "decide_change",
    params(("id" = i64, Path, description = "The change.")),
    request_body = DecisionBody,
    responses((status = 200, description = "The change as it stands now.", body = ChangeView))
)]
pub(super) async fn decide(
    client: Client<ToChangeStatus, Approver>,
    State(app): State<App>,
    At(url): At<Decision>,
    write: Write<DecisionBody>,
) -> Result<Response, Refused> {
    let done = write.once(&app, &client, StatusCode::OK, move |body, register, client| {
        let change = standing::decide(register, url.id, body.word == Word::Confirm, &client.actor())?;
        Ok(ChangeView::of(url.id, &change))
    });
    done.await
}
