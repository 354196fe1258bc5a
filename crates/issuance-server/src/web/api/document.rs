//! The OpenAPI 3.1 document. Each handler describes what is its own; what all have in common (the token, the
//! idempotency key, the problems) is added here once, from the same tables that the service answers by.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, Required, ResponseBuilder};
use utoipa::{Modify, OpenApi, ToSchema};

use super::{applications, bundle, cards, certificates, changes, desks, people, steps};
use crate::web::api::url::Document;
use crate::web::guard::{Anyone, Who};
use crate::web::refused::Refused;
use crate::web::routes::{Route, Routes};

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

/// What every operation has in common.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let table = super::routes();
        if let Some(components) = &mut document.components {
            let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
            components.add_security_scheme("token", SecurityScheme::Http(bearer));
        }
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in [("GET", &mut item.get), ("POST", &mut item.post)] {
                let Some(operation) = operation else { continue };
                let route = table.table().iter().find(|route| route.path == path && route.method == method);
                if let Some(route) = route {
                    complete(operation, route);
                }
            }
        }
    }
}

fn complete(operation: &mut Operation, route: &Route) {
    let mut said = Vec::new();
    let Who::Client(scopes, roles) = route.who else {
        problems(operation, ANYONE);
        return;
    };
    let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    said.push(format!("Scope: `{}`.", names.join("` or `")));
    if !roles.is_empty() {
        let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        said.push(format!("The officer is one of: {}.", names.join(", ")));
    }
    let own = operation.description.take().unwrap_or_default();
    operation.description = Some(format!("{own}\n\n{}", said.join(" ")).trim().to_owned());
    operation.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    problems(operation, PROGRAM);
    let has_body = operation.request_body.is_some();
    if has_body {
        problems(operation, WITH_BODY);
    }
    if has_body && !READS.contains(&route.path) {
        operation.parameters.get_or_insert_default().push(key().into());
    }
}

fn key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .min_length(Some(1))
        .max_length(Some(64))
        .pattern(Some("^[!-~]{1,64}$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some("New for each thing that is done; sent again, it does nothing more."))
        .schema(Some(text.build()))
        .build()
}

fn problems(operation: &mut Operation, problems: &[(&str, &str)]) {
    for (status, description) in problems {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response =
            ResponseBuilder::new().description(*description).content("application/problem+json", content);
        operation.responses.responses.entry((*status).to_owned()).or_insert_with(|| response.build().into());
    }
}

/// Bodies of these are questions.
const READS: &[&str] = &["/api/v1/people/search", "/api/v1/desks/{desk}/messages"];
const ANYONE: &[(&str, &str)] =
    &[("404", "`not_found`"), ("429", "`too_many`: come back after Retry-After seconds"), ("503", "`busy`")];
const PROGRAM: &[(&str, &str)] = &[
    ("400", "`unreadable`, `shape`, `key_missing`: what was sent cannot be read"),
    ("401", "`token_refused`"),
    ("403", "`scope_missing`, `power_missing`"),
    ("404", "`not_found`: no such row, or one of another office; both look the same"),
    ("409", "A rule of casework; `code` says which"),
    ("429", "`too_many`: come back after Retry-After seconds"),
    ("503", "`busy`, `not_offered`"),
];
const WITH_BODY: &[(&str, &str)] = &[
    ("408", "`too_slow`"),
    ("413", "`too_large`"),
    ("415", "`media_type`: the body is application/json"),
    ("422", "`faults`: fields that break rules, each named; `key_reused`"),
];
