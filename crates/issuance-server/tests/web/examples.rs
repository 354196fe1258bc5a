//! The examples of the OpenAPI document, lived through: every body is sent and every answer compared with what the service
//! says, from an application to the loss of its certificate. What the story has no room for is at least of the agreed form.

use std::collections::BTreeSet;
use std::path::Path;

use axum::http::StatusCode;
use card_host::relay::FromDesk;
use image::ImageFormat;
use issuance::transition::Verb;
use issuance_server::web::api::examples::EXAMPLES;
use issuance_server::web::issuing::issue_all;
use serde_json::{Value, json};

use crate::browser::{Answer, Service};
use crate::cards::switch_on;
use crate::casework::press;
use crate::documents::file;
use crate::program::Program;

/// Operation, example, who, and where.
type Scene = (&'static str, &'static str, &'static str, &'static str);

const UNTIL_THE_REVIEW: &[Scene] = &[
    ("enter_application", "new", "clerk", "/applications"),
    ("search_people", "number", "clerk", "/people/search"),
    ("search_people", "name_and_birth", "clerk", "/people/search"),
    ("add_document", "portrait", "clerk", "/applications/1/documents?kind=portrait"),
    ("cut_photo", "middle", "clerk", "/applications/1/photo"),
    ("remove_document", "unreadable", "clerk", "/documents/3/removal"),
    ("list_documents", "two", "clerk", "/applications/1/documents"),
    ("take_step", "accept", "clerk", "/applications/1/steps"),
    ("take_step", "assess", "doctor", "/applications/1/steps"),
    ("take_step", "countersign", "doctor2", "/applications/1/steps"),
    ("take_step", "post_notice", "clerk", "/applications/1/steps"),
];
const UNTIL_THE_APPROVAL: &[Scene] = &[
    ("take_step", "review", "reviewer", "/applications/1/steps"),
    ("list_applications", "reviewed", "approver", "/applications?state=reviewed"),
    ("take_step", "approve", "approver", "/applications/1/steps"),
];
const AFTERWARDS: &[Scene] = &[
    ("read_application", "issued", "approver", "/applications/1"),
    ("read_person", "holder", "clerk", "/people/1"),
    ("expose_number", "holder", "clerk", "/people/1/number"),
    ("list_certificates", "valid", "clerk", "/certificates?standing=valid"),
    ("read_credentials", "both", "clerk", "/certificates/1/credentials"),
    ("order_card", "first", "desk", "/certificates/1/cards"),
    ("list_cards", "one", "desk", "/cards"),
    ("replace_card", "broken", "desk", "/certificates/1/cards/replacement"),
    ("read_card", "withdrawn", "desk", "/cards/1"),
    ("enter_change", "suspended", "clerk", "/certificates/1/changes"),
    ("enter_change", "lifted", "clerk", "/certificates/1/changes"),
    ("enter_change", "death", "clerk", "/certificates/1/changes"),
    ("list_waiting_changes", "one", "approver", "/changes"),
    ("decide_change", "drop", "approver", "/changes/3/decision"),
    ("read_certificate", "changes", "clerk", "/certificates/1"),
    ("follow_certificate", "change", "clerk", "/certificates/1/applications"),
    ("take_step", "withdraw", "clerk", "/applications/2/steps"),
    ("report_loss", "today", "clerk", "/certificates/1/loss"),
];

#[tokio::test]
async fn every_example_is_what_the_service_takes_and_says() {
    let service = Service::new();
    let press = press(&service).await;
    switch_on(&service).await;
    let mut told = Told { service, seen: BTreeSet::new(), said: json!({}), differ: Vec::new() };
    for scene in UNTIL_THE_REVIEW {
        if scene.0 == "remove_document" {
            // Other pixels than the portrait's, or it would be the same one.
            let scan = "/api/v1/applications/1/documents?kind=medical_record";
            let clerk = Program::of(&told.service, "clerk").await;
            clerk.send_picture(scan, "image/png", &file(ImageFormat::Png)).await.json(StatusCode::CREATED);
        }
        told.live_through(scene).await;
    }
    told.service.wait(9 * 86_400);
    for scene in UNTIL_THE_APPROVAL {
        told.live_through(scene).await;
    }
    assert_eq!(issue_all(&told.service.app, &press).await.unwrap(), 1);
    for scene in AFTERWARDS {
        told.live_through(scene).await;
    }

    // What the story has no room for is read as it is meant: refused for what it says, never for its form.
    let clerk = Program::of(&told.service, "clerk").await;
    for (operation, examples) in EXAMPLES.iter() {
        for (name, given) in examples {
            if told.seen.contains(&(operation.clone(), name.clone())) {
                continue;
            }
            let (program, path) = match operation.as_str() {
                "take_step" => (&clerk, "/api/v1/applications/1/steps"),
                "report_loss" => (&clerk, "/api/v1/certificates/1/loss"),
                "decide_change" => {
                    (&Program::of(&told.service, "approver").await, "/api/v1/changes/3/decision")
                }
                // Served without the keys of cards: the type itself is asked.
                "speak_at_desk" => {
                    let message = serde_json::from_value::<FromDesk>(given.asks.clone().unwrap());
                    assert!(message.is_ok(), "{name}: {message:?}");
                    continue;
                }
                other => panic!("{other} {name} stands nowhere in the story"),
            };
            let answer = program.post(path, given.asks.as_ref().unwrap()).await;
            let is_read = [StatusCode::CONFLICT, StatusCode::FORBIDDEN].contains(&answer.status);
            assert!(is_read, "{operation} {name}: {} {}", answer.status, answer.body);
            assert!(given.answers.is_none(), "{operation} {name}: nobody has heard this answer");
        }
    }
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples.json");
    std::fs::write(&kept, serde_json::to_string_pretty(&told.said).unwrap() + "\n").unwrap();
    let (differ, kept) = (&told.differ, kept.display());
    assert!(differ.is_empty(), "{differ:#?}\nIf the service is right, take over what it said from {kept}");
}

#[test]
fn every_body_and_every_answer_of_json_has_an_example_and_every_verb_its_own() {
    let document: Value =
        serde_json::from_str(&issuance_server::web::api::document::text().unwrap()).unwrap();
    let mut lacking = Vec::new();
    for operation in
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        let name = operation["operationId"].as_str().unwrap();
        let has = |content: &Value| content["examples"].as_object().is_some_and(|all| !all.is_empty());
        let body = &operation["requestBody"]["content"]["application/json"];
        if !body.is_null() && !has(body) {
            lacking.push(format!("{name}: body"));
        }
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let content = &answer["content"]["application/json"];
            // A desk's answer depends on its card; the document answers itself.
            let is_other = ["speak_at_desk", "openapi"].contains(&name);
            if status.starts_with('2') && !content.is_null() && !is_other && !has(content) {
                lacking.push(format!("{name}: answer {status}"));
            }
        }
    }
    assert!(lacking.is_empty(), "{lacking:#?}");
    let shown: BTreeSet<&str> = EXAMPLES["take_step"].keys().map(String::as_str).collect();
    let verbs = Verb::ALL.iter().filter(|verb| !matches!(verb, Verb::Submit | Verb::Issue));
    assert_eq!(shown, verbs.map(|verb| verb.as_str()).collect());
    assert_eq!(EXAMPLES["speak_at_desk"].len(), 3);
}

/// The story so far.
struct Told {
    service: Service,
    seen: BTreeSet<(String, String)>,
    /// The file as it would be.
    said: Value,
    differ: Vec<String>,
}

impl Told {
    async fn live_through(&mut self, (operation, name, login, path): &Scene) {
        self.service.wait(60);
        let given = &EXAMPLES[*operation][*name];
        let program = Program::of(&self.service, login).await;
        let path = format!("/api/v1{path}");
        let answer: Answer = match (&given.asks, *operation) {
            (Some(body), _) => program.post(&path, body).await,
            (None, "add_document") => {
                program.send_picture(&path, "image/jpeg", &file(ImageFormat::Jpeg)).await
            }
            (None, "expose_number") => program.post(&path, &json!({})).await,
            (None, _) => program.get(&path).await,
        };
        assert!(answer.status.is_success(), "{operation} {name}: {} {}", answer.status, answer.body);
        let said: Value = serde_json::from_str(&answer.body).unwrap();
        self.said[*operation][*name] = said.clone();
        if given.answers.as_ref().is_some_and(|shown| !agree(shown, &said)) {
            self.differ.push(format!("{operation} {name}"));
        }
        self.seen.insert(((*operation).to_owned(), (*name).to_owned()));
    }
}

/// The same, but for what a new version of a picture's encoder or another draw of an index makes different.
fn agree(shown: &Value, said: &Value) -> bool {
    match (shown, said) {
        (Value::Object(shown), Value::Object(said)) => {
            shown.len() == said.len()
                && shown.iter().all(|(key, one)| match (key.as_str(), said.get(key)) {
                    ("sha256" | "qr_text", Some(Value::String(_))) => one.is_string(),
                    ("size" | "index", Some(Value::Number(_))) => one.is_number(),
                    (_, Some(other)) => agree(one, other),
                    (_, None) => false,
                })
        }
        (Value::Array(shown), Value::Array(said)) => {
            shown.len() == said.len() && shown.iter().zip(said).all(|(one, other)| agree(one, other))
        }
        _ => shown == said,
    }
}
