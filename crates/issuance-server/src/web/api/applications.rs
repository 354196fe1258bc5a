//! Cases: a new one, one that follows a certificate, the office's list, and one.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use credential::number::Reissue;
use issuance::audit::{Deed, Other, Subject};
use issuance::casework::{self, NewCase};
use issuance::form::ApplicantForm;
use issuance::id::ApplicationId;
use issuance::kind::{Kind, Route};
use issuance::reading;
use issuance::register::{AuditStore, CaseQuery, CaseStore};
use issuance::transition::State as Stage;
use serde::Deserialize;
use utoipa::ToSchema;

use super::applicant::{ApplicantBody, Known, ParticularsBody};
use super::once::Write;
use super::paging::{Page, Paging};
use super::url::{ApiApplication, Applications, Following};
use super::view::{self, Case, CaseLine};
use crate::web::app::App;
use crate::web::guard::{Clerk, Client, ReadsCases, ToReadCases, ToWriteCases};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::At;

pub(super) fn routes() -> Routes {
    Routes::default()
        .get::<Applications, _, _>(list)
        .post::<Applications, _, _>(create)
        .get::<ApiApplication, _, _>(one)
        .post::<Following, _, _>(follow)
}

/// An application that follows a certificate. Who it is stays; everything else is given anew.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowBody {
    /// What is asked for. A replacement follows a loss: report that.
    #[schema(schema_with = view::kinds)]
    kind: Kind,
    /// The way it takes, where there is a choice.
    #[schema(schema_with = view::routes)]
    route: Option<Route>,
    /// The home county, 6 digits.
    #[schema(example = "220102")]
    county: String,
    /// What the certificate is to say.
    #[serde(flatten)]
    particulars: ParticularsBody,
}

/// The cases that the officer's office serves, oldest first.
#[utoipa::path(
    get, path = "/api/v1/applications", tag = "applications", operation_id = "list_applications",
    params(
        ("after" = Option<i64>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, description = "At most so many, 1 to 200; 50 unless told.", minimum = 1, maximum = 200),
        ("state" = inline(Option<view::StateWord>), Query, description = "Standing here."),
        ("kind" = inline(Option<view::KindWord>), Query, description = "Of this kind."),
    ),
    responses((status = 200, description = "A page of cases.", body = Page<CaseLine>))
)]
pub(super) async fn list(
    client: Client<ToReadCases, ReadsCases>,
    State(app): State<App>,
    paging: Paging,
) -> Result<Response, Refused> {
    let (state, kind) = (paging.word("state", Stage::parse)?, paging.word("kind", Kind::parse)?);
    let parts = app.clone();
    let page = app.desk.run(move |desk| {
        let (after, limit) = (paging.after.map(ApplicationId::from_stored), paging.limit);
        let query = CaseQuery { state, kind, after, ..CaseQuery::all(client.scope(), limit) };
        desk.register.note(&client.actor().entry(Deed::Other(Other::Searched), Subject::Register))?;
        let filed = desk.register.applications(&query)?;
        let next = paging.next(filed.len(), filed.last().map(|filed| filed.id.get()));
        let own = filed.iter().filter(|filed| reading::is_own_work(filed, &client.officer));
        let items = own.map(|filed| CaseLine::of(filed, &parts.calendar)).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    });
    Ok(axum::Json(page.await?).into_response())
}

/// One case.
#[utoipa::path(
    get, path = "/api/v1/applications/{id}", tag = "applications", operation_id = "read_application",
    params(("id" = i64, Path, description = "Which one.")),
    responses((status = 200, description = "The case.", body = Case))
)]
pub(super) async fn one(
    client: Client<ToReadCases, ReadsCases>,
    State(app): State<App>,
    At(url): At<ApiApplication>,
) -> Result<Response, Refused> {
    client.visit.note_case(url.id);
    let parts = app.clone();
    let case = app.desk.run(move |desk| {
        let filed = reading::case(&mut desk.register, url.id, &client.actor())?;
        let today = client.now().date_in_china();
        Case::of(&filed, &desk.register, &parts.calendar, &client.officer, today)
    });
    Ok(axum::Json(case.await?).into_response())
}

/// Enters a new application. Refused for a person with an open case or a certificate.
#[utoipa::path(
    post, path = "/api/v1/applications", tag = "applications", operation_id = "enter_application",
    request_body = ApplicantBody,
    responses((status = 201, description = "The case was filed.", body = Case))
)]
pub(super) async fn create(
    client: Client<ToWriteCases, Clerk>,
    State(app): State<App>,
    write: Write<ApplicantBody>,
) -> Result<Response, Refused> {
    let parts = app.clone();
    let done = write.once(&app, &client, StatusCode::CREATED, move |body, register, client| {
        let today = client.now().date_in_china();
        let ApplicantForm { applicant, suffix } =
            ApplicantForm::parse(&body, today).map_err(Refused::Faults)?;
        let case = NewCase { kind: Kind::New, route: Route::Assessed, applicant, follows: None, suffix };
        let filed = casework::submit(register, &case, &client.actor())?;
        Case::of(&filed, register, &parts.calendar, &client.officer, today)
    });
    done.await
}

/// Enters a renewal, change, transfer or change of guardian.
#[utoipa::path(
    post, path = "/api/v1/certificates/{id}/applications", tag = "applications", operation_id = "follow_certificate",
    params(("id" = i64, Path, description = "The certificate that it follows.")),
    request_body = FollowBody,
    responses((status = 201, description = "The case was filed.", body = Case))
)]
pub(super) async fn follow(
    client: Client<ToWriteCases, Clerk>,
    State(app): State<App>,
    At(url): At<Following>,
    write: Write<FollowBody>,
) -> Result<Response, Refused> {
    let parts = app.clone();
    let done = write.once(&app, &client, StatusCode::CREATED, move |body, register, client| {
        let today = client.now().date_in_china();
        let (_, person, _) = reading::certificate(register, url.id, &client.actor())?;
        let FollowBody { kind, route, county, particulars } = body;
        let known = Known { body: &particulars, home: county, identity: person.identity.expose() };
        let parsed = ApplicantForm::parse(&known, today).map_err(Refused::Faults)?;
        let route = route.or_else(|| kind.routes().first().copied()).ok_or(Refused::Failed)?;
        let (follows, applicant) = (Some(url.id), parsed.applicant);
        let case = NewCase { kind, route, applicant, follows, suffix: Reissue::Never };
        let filed = casework::submit(register, &case, &client.actor())?;
        Case::of(&filed, register, &parts.calendar, &client.officer, today)
    });
    done.await
}
