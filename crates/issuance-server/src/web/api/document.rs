//! The OpenAPI 3.1 document. Each handler describes what is its own; what all have in common stands in `common`.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::common::Common;
use super::{applications, bundle, cards, certificates, changes, desks, papers, people, steps};
use crate::web::api::url::Document;
use crate::web::guard::Anyone;
use crate::web::refused::Refused;
use crate::web::routes::Routes;

pub(super) fn routes() -> Routes {
    Routes::default().get::<Document, _, _>(show)
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Zhengka", version = "1", description = "证卡签发服务接口 · The issuing service of Zhengka. See API.md.",
         license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    paths(
        show,
        people::search, people::one, people::expose,
        applications::list, applications::create, applications::one, applications::follow,
        steps::take,
        papers::list, papers::add, papers::cut, papers::one, papers::remove,
        certificates::list, certificates::one, certificates::credentials, certificates::lose,
        changes::enter, changes::waiting, changes::decide,
        cards::order, cards::replace, cards::list, cards::one,
        desks::hear,
        bundle::whole, bundle::delta,
    ),
    components(schemas(Problem, ProblemFault)),
    modifiers(&Common),
)]
struct Described;

/// RFC 9457. `code` is stable; `title` and `detail` are for people, in the language of Accept-Language.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code says more.
    r#type: String,
    /// What, in a few words.
    title: String,
    /// The status again.
    status: u16,
    /// What, which rule, what now.
    detail: String,
    /// The stable name that programs act on.
    #[schema(example = "not_found")]
    code: String,
    /// The number to quote.
    request: String,
    /// Each field of a form that breaks a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    faults: Option<Vec<ProblemFault>>,
}

/// One fault at one field.
#[derive(Serialize, ToSchema)]
pub struct ProblemFault {
    /// The field's key.
    #[schema(example = "identity_number")]
    field: String,
    /// The stable name of the rule.
    #[schema(example = "required")]
    code: String,
    /// What, which rule, what now.
    detail: String,
}

/// The document as text, the same at each call.
pub fn text() -> Result<String, Refused> {
    let mut text = Described::openapi().to_pretty_json().map_err(|_| Refused::Failed)?;
    text.push('\n');
    Ok(text)
}

/// This document.
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "about", operation_id = "openapi",
    responses((status = 200, description = "The OpenAPI document.", content_type = "application/json"))
)]
pub(super) async fn show(_: Anyone) -> Result<Response, Refused> {
    Ok(([(header::CONTENT_TYPE, "application/json")], text()?).into_response())
}
