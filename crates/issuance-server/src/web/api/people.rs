//! People: found by number, name or birth date; one with their cases and certificates; the number in clear.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use credential::number::{CertificateNumber, IdentityNumber};
use credential::time::Date;
use issuance::fault::{Fault, Field, Rule};
use issuance::person::{Person, Sex};
use issuance::reading::{self, Search, Story};
use issuance::text::Name;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::applicant::ParticularsView;
use super::once::Json;
use super::url::{ApiNumber, ApiPerson, PeopleSearch};
use super::view::{CaseLine, CertificateLine};
use crate::web::app::App;
use crate::web::guard::{Client, ReadsCases, ToExposeNumbers, ToReadCases};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::At;

pub(super) fn routes() -> Routes {
    Routes::default()
        .post::<PeopleSearch, _, _>(search)
        .get::<ApiPerson, _, _>(one)
        .post::<ApiNumber, _, _>(expose)
}

/// Whom to look for: by number, or by whole name, birth date or both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchBody {
    /// An identity number or a certificate number.
    #[schema(example = "11010519491231002X")]
    number: Option<String>,
    /// The whole name.
    name: Option<String>,
    /// Born on this day.
    #[schema(format = Date)]
    born: Option<String>,
}

/// People that were found, at most 50.
#[derive(Serialize, ToSchema)]
pub struct Found {
    items: Vec<PersonLine>,
}

/// One person that was found.
#[derive(Serialize, ToSchema)]
pub struct PersonLine {
    /// Which one.
    id: i64,
    /// Full name.
    name: String,
    /// Masked.
    #[schema(example = "220104********712X")]
    identity_number: String,
    /// The home county.
    home: String,
}

/// One person.
#[derive(Serialize, ToSchema)]
pub struct PersonView {
    /// Which one.
    id: i64,
    /// Masked.
    identity_number: String,
    /// The year of birth; the day stands in the number.
    birth_year: u16,
    /// `female` or `male`.
    sex: &'static str,
    /// The home county.
    home: String,
    /// What the last certificate, or the first application, says.
    particulars: ParticularsView,
    /// Oldest first.
    applications: Vec<CaseLine>,
    /// Oldest first.
    certificates: Vec<CertificateLine>,
}

/// A number in clear.
#[derive(Serialize, ToSchema)]
pub struct Number {
    /// All 18 characters.
    identity_number: String,
}

impl SearchBody {
    fn parse(&self) -> Result<Search, Refused> {
        let fault = |field, rule| Refused::Faults(vec![Fault { field, rule }]);
        let name = self.name.as_deref().map(Name::parse).transpose();
        let name = name.map_err(|rule| fault(Field::Name, rule))?;
        let born = self.born.as_deref().map(Date::parse).transpose();
        let born = born.map_err(|_| fault(Field::Born, Rule::Date))?;
        match (&self.number, name, born) {
            (Some(number), ..) => {
                let number = number.trim().to_ascii_uppercase();
                let identity = IdentityNumber::parse(&number);
                let identity = identity.or_else(|fault| {
                    CertificateNumber::parse(&number).map(|number| number.identity()).map_err(|_| fault)
                });
                let identity = identity.map_err(|wrong| fault(Field::IdentityNumber, wrong.into()))?;
                Ok(Search::Identity(identity))
            }
            (None, Some(name), Some(born)) => Ok(Search::Likeness(name, born)),
            (None, Some(name), None) => Ok(Search::Name(name)),
            (None, None, Some(born)) => Ok(Search::Born(born)),
            (None, None, None) => Err(fault(Field::Name, Rule::Required)),
        }
    }
}

/// Finds people of the officer's region. A read: it is audited and needs no idempotency key.
#[utoipa::path(
    post, path = "/api/v1/people/search", tag = "people", operation_id = "search_people", request_body = SearchBody,
    responses((status = 200, description = "Who was found; nobody is an empty list.", body = Found))
)]
pub(super) async fn search(
    client: Client<ToReadCases, ReadsCases>,
    State(app): State<App>,
    Json(body): Json<SearchBody>,
) -> Result<Response, Refused> {
    let search = body.parse()?;
    let found =
        app.desk.run(move |desk| Ok(reading::find(&mut desk.register, &search, &client.actor())?)).await?;
    let line = |person: &Person| PersonLine {
        id: person.id.get(),
        name: person.particulars.name.expose().to_owned(),
        identity_number: person.identity.to_string(),
        home: person.home.to_string(),
    };
    Ok(axum::Json(Found { items: found.iter().map(line).collect() }).into_response())
}

/// One person with their cases and certificates.
#[utoipa::path(
    get, path = "/api/v1/people/{id}", tag = "people", operation_id = "read_person",
    params(("id" = i64, Path, description = "Which one.")),
    responses((status = 200, description = "The person.", body = PersonView))
)]
pub(super) async fn one(
    client: Client<ToReadCases, ReadsCases>,
    State(app): State<App>,
    At(url): At<ApiPerson>,
) -> Result<Response, Refused> {
    let parts = app.clone();
    let view = app.desk.run(move |desk| {
        let story = reading::person(&mut desk.register, url.id, &client.actor())?;
        let Story { person, cases, certificates } = &story;
        let cases = cases.iter().filter(|filed| reading::is_own_work(filed, &client.officer));
        let signed = certificates.iter().filter(|(certificate, _)| certificate.signed);
        let sex = if Sex::of(person.identity) == Sex::Male { "male" } else { "female" };
        Ok(PersonView {
            id: person.id.get(),
            identity_number: person.identity.to_string(),
            birth_year: person.identity.birth_date().year(),
            sex,
            home: person.home.to_string(),
            particulars: ParticularsView::of(&person.particulars),
            applications: cases
                .map(|filed| CaseLine::of(filed, &parts.calendar))
                .collect::<Result<_, _>>()?,
            certificates: signed.map(|(certificate, _)| CertificateLine::of(certificate, person)).collect(),
        })
    });
    Ok(axum::Json(view.await?).into_response())
}

/// The identity number in clear. A read of its own, which the audit keeps; it needs no idempotency key.
#[utoipa::path(
    post, path = "/api/v1/people/{id}/number", tag = "people", operation_id = "expose_number",
    params(("id" = i64, Path, description = "Whose.")),
    responses((status = 200, description = "The number.", body = Number))
)]
pub(super) async fn expose(
    client: Client<ToExposeNumbers, ReadsCases>,
    State(app): State<App>,
    At(url): At<ApiNumber>,
) -> Result<Response, Refused> {
    let person =
        app.desk.run(move |desk| Ok(reading::expose(&mut desk.register, url.id, &client.actor())?)).await?;
    Ok(axum::Json(Number { identity_number: person.identity.expose() }).into_response())
}
