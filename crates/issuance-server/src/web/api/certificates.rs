//! Certificates: the list, one, and the signed texts that become QR codes.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use credential::qr_text::QrText;
use credential::time::Date;
use issuance::audit::{Deed, Other, Subject};
use issuance::casework;
use issuance::fault::{Fault, Field, Rule};
use issuance::id::CertificateId;
use issuance::reading;
use issuance::register::{AuditStore, CertificateQuery, CertificateStore, PersonStore};
use issuance::status_change::Standing;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::once::Write;
use super::paging::{Page, Paging};
use super::url::{ApiCertificate, ApiCertificates, Credentials, Loss};
use super::view::{self, Case, CertificateLine, CertificateView};
use crate::web::app::App;
use crate::web::guard::{
    Clerk, Client, ReadsCertificates, ToChangeStatus, ToReadCertificates, ToReadCredentials,
};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::At;

pub(super) fn routes() -> Routes {
    Routes::default()
        .get::<ApiCertificates, _, _>(list)
        .get::<ApiCertificate, _, _>(one)
        .get::<Credentials, _, _>(credentials)
        .post::<Loss, _, _>(lose)
}

/// The signed forms of a certificate.
#[derive(Serialize, ToSchema)]
pub struct CredentialsView {
    items: Vec<CredentialView>,
}

/// One signed form.
#[derive(Serialize, ToSchema)]
pub struct CredentialView {
    /// `certificate` for offices, `pass` for gates and counters.
    kind: &'static str,
    /// Whose signature.
    kid: String,
    /// Its place in the key's status list.
    index: u32,
    /// The text of its QR code. That of a certificate holds the name and the number.
    qr_text: String,
}

/// A loss.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LossBody {
    /// Since when; today unless told.
    #[schema(format = Date)]
    effective: Option<String>,
}

/// Signed certificates that counties of the officer's region issued, oldest first.
#[utoipa::path(
    get, path = "/api/v1/certificates", tag = "certificates", operation_id = "list_certificates",
    params(
        ("after" = Option<i64>, Query, description = "The `next` of the page before."),
        ("limit" = Option<i64>, Query, description = "At most so many, 1 to 200; 50 unless told.", minimum = 1, maximum = 200),
        ("standing" = inline(Option<view::StandingWord>), Query, description = "Standing so."),
    ),
    responses((status = 200, description = "A page of certificates.", body = Page<CertificateLine>))
)]
pub(super) async fn list(
    client: Client<ToReadCertificates, ReadsCertificates>,
    State(app): State<App>,
    paging: Paging,
) -> Result<Response, Refused> {
    let standing = paging.word("standing", Standing::parse)?;
    let page = app.desk.run(move |desk| {
        let register = &mut desk.register;
        let (after, limit) = (paging.after.map(CertificateId::from_stored), paging.limit);
        register.note(&client.actor().entry(Deed::Other(Other::Searched), Subject::Register))?;
        let query = CertificateQuery { standing, region: client.scope(), after, limit };
        let found = register.certificates(&query)?;
        let next = paging.next(found.len(), found.last().map(|certificate| certificate.id.get()));
        let mut items = Vec::new();
        for certificate in found {
            let person = register.person(certificate.person)?.ok_or(Refused::Failed)?;
            items.push(CertificateLine::of(&certificate, &person));
        }
        Ok(Page { items, next })
    });
    Ok(axum::Json(page.await?).into_response())
}

/// One certificate with the changes of its status.
#[utoipa::path(
    get, path = "/api/v1/certificates/{id}", tag = "certificates", operation_id = "read_certificate",
    params(("id" = i64, Path, description = "Which one.")),
    responses((status = 200, description = "The certificate.", body = CertificateView))
)]
pub(super) async fn one(
    client: Client<ToReadCertificates, ReadsCertificates>,
    State(app): State<App>,
    At(url): At<ApiCertificate>,
) -> Result<Response, Refused> {
    let view = app.desk.run(move |desk| {
        let (certificate, person, changes) =
            reading::certificate(&mut desk.register, url.id, &client.actor())?;
        Ok(CertificateView::of(&certificate, &person, &changes))
    });
    Ok(axum::Json(view.await?).into_response())
}

/// The texts of its QR codes, the same bytes as on paper. The audit keeps that they were handed out.
#[utoipa::path(
    get, path = "/api/v1/certificates/{id}/credentials", tag = "certificates", operation_id = "read_credentials",
    params(("id" = i64, Path, description = "Which one.")),
    responses((status = 200, description = "The signed texts.", body = CredentialsView))
)]
pub(super) async fn credentials(
    client: Client<ToReadCredentials, ReadsCertificates>,
    State(app): State<App>,
    At(url): At<Credentials>,
) -> Result<Response, Refused> {
    let signed = app.desk.run(move |desk| {
        let (register, actor) = (&mut desk.register, client.actor());
        let (certificate, _, _) = reading::certificate(register, url.id, &actor)?;
        register.note(&actor.entry(Deed::Other(Other::Pictured), Subject::Certificate(url.id)))?;
        Ok(reading::codes(register, &certificate)?)
    });
    let items = signed.await?.into_iter().map(|one| CredentialView {
        kind: if one.kind == credential::Kind::Pass { "pass" } else { "certificate" },
        kid: one.kid.to_string(),
        index: one.index.as_u32(),
        qr_text: QrText::new(one.bytes).to_text(),
    });
    Ok(axum::Json(CredentialsView { items: items.collect() }).into_response())
}

/// Reports a loss: the certificate is revoked now, and its replacement is filed in the same breath.
#[utoipa::path(
    post, path = "/api/v1/certificates/{id}/loss", tag = "certificates", operation_id = "report_loss",
    params(("id" = i64, Path, description = "Which one.")),
    request_body = LossBody,
    responses((status = 201, description = "The case of the replacement.", body = Case))
)]
pub(super) async fn lose(
    client: Client<ToChangeStatus, Clerk>,
    State(app): State<App>,
    At(url): At<Loss>,
    write: Write<LossBody>,
) -> Result<Response, Refused> {
    let parts = app.clone();
    let done = write.once(&app, &client, StatusCode::CREATED, move |body, register, client| {
        let today = client.now().date_in_china();
        let effective = body.effective.as_deref().map_or(Ok(today), day)?;
        let filed = casework::report_loss(register, url.id, effective, &client.actor())?;
        Case::of(&filed, register, &parts.calendar, &client.officer, today)
    });
    done.await
}

/// A day from which something holds.
pub(super) fn day(text: &str) -> Result<Date, Refused> {
    let wrong = Fault { field: Field::Effective, rule: Rule::Date };
    Date::parse(text).map_err(|_| Refused::Faults(vec![wrong]))
}
