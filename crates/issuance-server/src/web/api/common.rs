//! What every operation of the document has in common: the token and its scopes, the idempotency key, the refusals, forms
//! that take no field they do not know. Added once, from the same tables that the service answers by.

use serde_json::{Value, json};
use utoipa::Modify;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, AllOf, Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, OpenApi, Ref, RefOr, Required, Response, Schema};

use super::examples;
use super::refusals::{ANYONE, PROGRAM, Shared, WITH_BODY, rules};
use crate::web::guard::Who;
use crate::web::routes::Route;

/// The whole of it.
pub(super) struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut OpenApi) {
        let table = super::routes();
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in [("GET", &mut item.get), ("POST", &mut item.post)] {
                let Some(operation) = operation else { continue };
                let route = table.table().iter().find(|route| route.path == path && route.method == method);
                if let Some(route) = route {
                    complete(operation, route);
                }
                examples::add(operation);
            }
        }
        let Some(components) = &mut document.components else { return };
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        for shared in [ANYONE, PROGRAM, WITH_BODY].into_iter().flatten() {
            let response = problem(shared.description, shared.codes().collect());
            components.responses.extend(response.map(|response| (shared.name.to_owned(), response)));
        }
        close_forms(components);
    }
}

fn complete(operation: &mut Operation, route: &Route) {
    refuse(operation, ANYONE);
    let rules = rules(operation.operation_id.as_deref().unwrap_or_default());
    if !rules.is_empty() {
        let response = problem("A rule of casework; `code` says which.", rules);
        operation.responses.responses.extend(response.map(|response| ("409".to_owned(), response)));
    }
    let Who::Client(scopes, roles) = route.who else { return };
    let names: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    let mut said = vec![format!("Scope: `{}`.", names.join("` or `"))];
    if !roles.is_empty() {
        let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
        said.push(format!("The officer is one of: {}.", names.join(", ")));
    }
    let own = operation.description.take().unwrap_or_default();
    operation.description = Some(format!("{own}\n\n{}", said.join(" ")).trim().to_owned());
    // Alternatives: one scope is enough.
    operation.security = Some(names.iter().map(|name| SecurityRequirement::new("token", [*name])).collect());
    refuse(operation, PROGRAM);
    if operation.request_body.is_some() {
        refuse(operation, WITH_BODY);
        if !READS.contains(&route.path) {
            operation.parameters.get_or_insert_default().push(key().into());
        }
    }
}

fn refuse(operation: &mut Operation, all: &[Shared]) {
    for shared in all {
        let response = RefOr::Ref(Ref::from_response_name(shared.name));
        operation.responses.responses.entry(shared.status.as_str().to_owned()).or_insert(response);
    }
}

/// A problem with one of these codes. The text is ours: it reads back.
fn problem(description: &str, codes: Vec<&str>) -> Option<RefOr<Response>> {
    let schema: Value = json!({ "allOf": [
        { "$ref": "#/components/schemas/Problem" },
        { "type": "object", "properties": { "code": { "type": "string", "enum": codes } } },
    ] });
    let response = json!({
        "description": description, "content": { "application/problem+json": { "schema": schema } },
    });
    serde_json::from_value::<Response>(response).ok().map(RefOr::T)
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

/// Forms are read with `deny_unknown_fields`. `allOf` cannot say so of its parts, so they become one object.
fn close_forms(components: &mut Components) {
    let known = components.clone();
    let forms = components.schemas.iter_mut().filter(|(name, _)| name.ends_with("Body"));
    for (_, schema) in forms {
        match schema {
            RefOr::T(Schema::OneOf(one)) => one.items.iter_mut().for_each(|schema| close(schema, &known)),
            schema => close(schema, &known),
        }
    }
}

fn close(schema: &mut RefOr<Schema>, known: &Components) {
    if let RefOr::T(Schema::AllOf(all)) = schema {
        *schema = RefOr::T(Schema::Object(merged(all, known)));
    }
    if let RefOr::T(Schema::Object(object)) = schema {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    }
}

fn merged(all: &AllOf, known: &Components) -> Object {
    let mut whole = ObjectBuilder::new().schema_type(SchemaType::new(Type::Object)).build();
    whole.description.clone_from(&all.description);
    for part in &all.items {
        let part = match part {
            RefOr::Ref(to) => to.ref_location.rsplit('/').next().and_then(|name| known.schemas.get(name)),
            part => Some(part),
        };
        if let Some(RefOr::T(Schema::Object(part))) = part {
            whole.properties.extend(part.properties.clone());
            whole.required.extend(part.required.clone());
        }
    }
    whole
}

/// Bodies of these are questions.
const READS: &[&str] = &["/api/v1/people/search", "/api/v1/desks/{desk}/messages"];
