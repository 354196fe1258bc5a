//! Card jobs: ordered, listed, replaced. Writing a card is a conversation of its own; see `desks`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use issuance::card_job;
use issuance::id::CardJobId;
use issuance::register::{CardQuery, CardStore, CertificateStore};
use serde::Deserialize;
use utoipa::ToSchema;

use super::once::Write;
use super::paging::{Page, Paging};
use super::url::{Card, CardReplacement, Cards, CertificateCards};
use super::view::CardView;
use crate::web::app::App;
use crate::web::guard::{CardOperator, Client, ToMakeCards};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::At;

pub(super) fn routes() -> Routes {
    Routes::default()
        .post::<CertificateCards, _, _>(order)
        .post::<CardReplacement, _, _>(replace)
        .get::<Cards, _, _>(list)
        .get::<Card, _, _>(one)
}

/// Nothing but the address is asked for: `{}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Orders a card for a certificate in force.
#[utoipa::path(
    post, path = "/api/v1/certificates/{id}/cards", tag = "cards", operation_id = "order_card",
    params(("id" = i64, Path, description = "The certificate.")),
    request_body = Nothing,
    responses((status = 201, description = "The job.", body = CardView))
)]
pub(super) async fn order(
    client: Client<ToMakeCards, CardOperator>,
    State(app): State<App>,
    At(url): At<CertificateCards>,
    write: Write<Nothing>,
) -> Result<Response, Refused> {
    let done = write.once(&app, &client, StatusCode::CREATED, move |_, register, client| {
        Ok(CardView::of(&card_job::order(register, url.id, &client.actor())?))
    });
    done.await
}

/// The card is lost or broken: its pass is revoked now, and the next card is ordered.
#[utoipa::path(
    post, path = "/api/v1/certificates/{id}/cards/replacement", tag = "cards", operation_id = "replace_card",
    params(("id" = i64, Path, description = "The certificate.")),
    request_body = Nothing,
    responses((status = 201, description = "The next job.", body = CardView))
)]
pub(super) async fn replace(
    client: Client<ToMakeCards, CardOperator>,
    State(app): State<App>,
    At(url): At<CardReplacement>,
    write: Write<Nothing>,
) -> Result<Response, Refused> {
    let done = write.once(&app, &client, StatusCode::CREATED, move |_, register, client| {
        Ok(CardView::of(&card_job::replace(register, url.id, &client.actor())?))
    });
    done.await
}

/// Jobs of the officer's region whose card still has to be written, oldest first.
#[utoipa::path(
    get, path = "/api/v1/cards", tag = "cards", operation_id = "list_cards",
    params(
        ("after" = Option<i64>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, description = "At most so many, 1 to 200; 50 unless told.", minimum = 1, maximum = 200),
    ),
    responses((status = 200, description = "A page of jobs.", body = Page<CardView>))
)]
pub(super) async fn list(
    client: Client<ToMakeCards, CardOperator>,
    State(app): State<App>,
    paging: Paging,
) -> Result<Response, Refused> {
    let page = app.desk.run(move |desk| {
        let query = CardQuery {
            region: client.officer.office.region,
            issued_since: None,
            after: paging.after.map(CardJobId::from_stored),
            limit: paging.limit,
        };
        let jobs = desk.register.card_jobs(&query)?;
        let next = paging.next(jobs.len(), jobs.last().map(|job| job.id.get()));
        Ok(Page { items: jobs.iter().map(CardView::of).collect(), next })
    });
    Ok(axum::Json(page.await?).into_response())
}

/// One job.
#[utoipa::path(
    get, path = "/api/v1/cards/{id}", tag = "cards", operation_id = "read_card",
    params(("id" = i64, Path, description = "The job.")),
    responses((status = 200, description = "The job.", body = CardView))
)]
pub(super) async fn one(
    client: Client<ToMakeCards, CardOperator>,
    State(app): State<App>,
    At(url): At<Card>,
) -> Result<Response, Refused> {
    let job = app.desk.run(move |desk| {
        let job = desk.register.card_job(url.id)?.ok_or(Refused::NotFound)?;
        let certificate = desk.register.certificate(job.certificate)?.ok_or(Refused::Failed)?;
        client.officer.must_serve(certificate.county)?;
        Ok(CardView::of(&job))
    });
    Ok(axum::Json(job.await?).into_response())
}
