//! What a desk and the service say to each other, as the document describes it. The types themselves are those of
//! `card_host::relay`, which knows nothing of documents; the tests below hold one to the other.

use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// One message of a desk.
pub(super) struct DeskMessageBody;

/// The service's answer.
pub(super) struct DeskAnswer;

impl PartialSchema for DeskMessageBody {
    fn schema() -> RefOr<Schema> {
        let pin = json!({ "type": ["string", "null"], "pattern": "^[0-9]{6}$" });
        let number = json!({ "type": ["integer", "null"], "format": "int64" });
        let certificate = json!({ "type": "integer", "format": "int64" });
        one_of([
            ("begin", "A card lies on the reader.", json!({ "job": number, "pin": pin }), &[][..]),
            (
                "unblock",
                "The holder has forgotten the PIN of the card on the reader.",
                json!({ "certificate": certificate, "pin": pin }),
                &["certificate"],
            ),
            (
                "answers",
                "What the card answered to the last batch: data and status word, in hexadecimal.",
                json!({ "responses": { "type": "array", "items": { "type": "string" } } }),
                &["responses"],
            ),
        ])
    }
}

impl PartialSchema for DeskAnswer {
    fn schema() -> RefOr<Schema> {
        let (text, number) = (json!({ "type": "string" }), json!({ "type": "integer", "format": "int64" }));
        let commands =
            json!({ "type": "array", "items": { "type": "string", "pattern": "^([0-9A-Fa-f]{2})+$" } });
        let blame = json!({ "type": "string", "enum": ["card", "link", "no_job", "service"] });
        one_of([
            (
                "send",
                "Commands for the card, in order; each as it stands on the wire, in hexadecimal.",
                json!({ "zh": text, "en": text, "commands": commands }),
                &["zh", "en", "commands"][..],
            ),
            (
                "issued",
                "The card is written, read back, and counts.",
                json!({
                    "job": number, "certificate": number, "card": text, "holder": text,
                    "round_trips": number, "left": number,
                }),
                &["job", "certificate", "card", "holder", "round_trips", "left"],
            ),
            ("unblocked", "The card takes its PIN again.", json!({ "card": text }), &["card"]),
            (
                "refused",
                "This card, or this message, leads nowhere.",
                json!({ "zh": text, "en": text, "blame": blame, "reason": text }),
                &["zh", "en", "blame", "reason"],
            ),
        ])
    }
}

impl ToSchema for DeskMessageBody {}
impl ToSchema for DeskAnswer {}

/// One object a word of `say`. The text is ours: it reads back.
fn one_of<const N: usize>(messages: [(&str, &str, Value, &[&str]); N]) -> RefOr<Schema> {
    let objects = messages.map(|(say, description, mut properties, required)| {
        properties["say"] = json!({ "type": "string", "enum": [say] });
        let required = [&["say"], required].concat();
        json!({
            "type": "object", "description": description, "properties": properties, "required": required,
        })
    });
    serde_json::from_value(json!({ "oneOf": objects.as_slice() }))
        .map_or_else(|_| Schema::default().into(), RefOr::T)
}

#[cfg(test)]
mod tests {
    use card_host::relay::{Blame, FromDesk, PinDigits, ToDesk};

    use super::*;

    fn described(schema: RefOr<Schema>) -> Vec<Value> {
        let text = serde_json::to_value(schema).unwrap();
        text["oneOf"].as_array().unwrap().clone()
    }

    /// The message says what is described under its word, neither less nor more.
    fn stands_in(message: &impl serde::Serialize, all: &[Value]) {
        let message = serde_json::to_value(message).unwrap();
        let own = all.iter().find(|one| one["properties"]["say"]["enum"][0] == message["say"]).unwrap();
        let said: Vec<_> = message.as_object().unwrap().keys().collect();
        assert!(own["properties"].as_object().unwrap().keys().all(|key| said.contains(&key)), "{own}");
        assert!(said.iter().all(|key| own["properties"].get(*key).is_some()), "{message}");
    }

    #[test]
    fn each_message_is_described_field_by_field() {
        let pin = || PinDigits::parse("042681").ok();
        let from = described(DeskMessageBody::schema());
        stands_in(&FromDesk::Begin { job: Some(1), pin: pin() }, &from);
        stands_in(&FromDesk::Unblock { certificate: 1, pin: pin() }, &from);
        stands_in(&FromDesk::Answers { responses: vec![] }, &from);
        assert_eq!(from.len(), 3);
        let (to, text) = (described(DeskAnswer::schema()), String::new);
        stands_in(&ToDesk::Send { zh: text(), en: text(), commands: vec![] }, &to);
        let issued =
            ToDesk::Issued { job: 1, certificate: 1, card: text(), holder: text(), round_trips: 1, left: 0 };
        stands_in(&issued, &to);
        stands_in(&ToDesk::Unblocked { card: text() }, &to);
        for blame in [Blame::Card, Blame::Link, Blame::NoJob, Blame::Service] {
            let word = serde_json::to_value(blame).unwrap();
            assert!(to[3]["properties"]["blame"]["enum"].as_array().unwrap().contains(&word));
            stands_in(&ToDesk::Refused { zh: text(), en: text(), blame, reason: text() }, &to);
        }
        assert_eq!(to.len(), 4);
    }
}
