//! Examples of what is sent to each operation and answered by it, from `examples.json`: one case from its application to
//! the loss of its certificate. A test lives through it and holds every answer to what the service really says.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, RefOr};

/// One example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// What happens.
    pub summary: String,
    /// The body; `None` where there is none, or it is no JSON.
    pub asks: Option<Value>,
    /// The answer, where it shows more than another example of the operation.
    pub answers: Option<Value>,
}

/// By operation and name.
pub static EXAMPLES: LazyLock<BTreeMap<String, BTreeMap<String, Given>>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../examples.json")).unwrap_or_default());

/// Gives an operation its examples.
pub(super) fn add(operation: &mut Operation) {
    let Some(all) = operation.operation_id.as_ref().and_then(|name| EXAMPLES.get(name)) else { return };
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && let Some(RefOr::T(content)) = body.content.get_mut(JSON)
    {
        show(content, all, |given| given.asks.as_ref());
    }
    let answers = operation.responses.responses.iter_mut().filter(|(status, _)| status.starts_with('2'));
    for (_, answer) in answers {
        let RefOr::T(answer) = answer else { continue };
        if let Some(RefOr::T(content)) = answer.content.get_mut(JSON) {
            show(content, all, |given| given.answers.as_ref());
        }
    }
}

fn show(content: &mut Content, all: &BTreeMap<String, Given>, part: impl Fn(&Given) -> Option<&Value>) {
    for (name, given) in all {
        if let Some(value) = part(given) {
            let example = ExampleBuilder::new().summary(&given.summary).value(Some(value.clone()));
            content.examples.insert(name.clone(), RefOr::T(example.build()));
        }
    }
}

const JSON: &str = "application/json";
