//! What the gate tells the world about one presentation: one JSON line, with no name, number or code in it.

use credential::UnixTime;
use credential::grant::Grant;
use credential::policy_pack::{Attention, Price};
use credential::purpose::Purpose;
use credential::snapshot::Version;
use serde::Serialize;
use verifier::Refusal;

use crate::entry::PassId;
use crate::presence::Who;
use crate::warning::Warning;

/// One decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// By the gate's clock.
    pub time: UnixTime,
    /// What was asked.
    pub purpose: Purpose,
    /// The bundle that was in force.
    pub snapshot: Option<Version>,
    /// How old that was.
    pub bundle_age_seconds: Option<u64>,
    /// What is not as it should be, though it did not decide.
    pub warning: Option<Warning>,
    /// The answer.
    pub outcome: Outcome,
}

/// The answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The barrier opens.
    Admitted(Admission),
    /// It stays.
    Refused {
        /// Whose pass; only if the pass is genuine.
        pass: Option<PassId>,
        /// Why; for staff and the log, not for the screen.
        refusal: Refusal,
    },
}

/// Who gets in and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission {
    /// With this pass.
    pub pass: PassId,
    /// Its holder or the companion.
    pub who: Who,
    /// Whether it counts against a quota.
    pub is_counted: bool,
    /// How many may follow the holder.
    pub companions: u8,
    /// The grants that answer the purpose.
    pub grants: Vec<Grant>,
    /// What a policy says is to be paid.
    pub price: Option<Price>,
    /// What a policy asks staff to see to.
    pub attention: Vec<Attention>,
}

/// Light, tone and words for the person at the gate; the same for every refusal, so that nobody learns why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signs {
    /// The name of the light when the barrier opens.
    pub light_admitted: String,
    /// The name of the light when it stays.
    pub light_refused: String,
    /// The name of the tone when it opens.
    pub tone_admitted: String,
    /// The name of the tone when it stays.
    pub tone_refused: String,
}

impl Decision {
    /// One line of JSON without its line feed.
    #[must_use]
    pub fn to_json(&self, signs: &Signs) -> String {
        // Only strings and numbers: nothing here can fail to serialise.
        serde_json::to_string(&self.line(signs)).unwrap_or_default()
    }

    /// Whether the barrier opens.
    #[must_use]
    pub fn is_admitted(&self) -> bool {
        matches!(self.outcome, Outcome::Admitted(_))
    }

    fn line<'d>(&self, signs: &'d Signs) -> Line<'d> {
        let Self { time, purpose, snapshot, bundle_age_seconds, warning, outcome } = self;
        let common = Line {
            event: "decision",
            time: time.to_string(),
            purpose: purpose.name(),
            snapshot: snapshot.map(Version::as_u32),
            bundle_age_seconds: *bundle_age_seconds,
            warning: *warning,
            ..Line::default()
        };
        match outcome {
            Outcome::Admitted(admission) => Line {
                verdict: "admitted",
                who: Some(match admission.who {
                    Who::Holder => "holder",
                    Who::Companion => "companion",
                }),
                grants: admission.grants.iter().map(|grant| grant.name()).collect(),
                price: admission.price.map(price_text),
                attention: admission.attention.iter().map(|attention| attention.name()).collect(),
                light: &signs.light_admitted,
                tone: &signs.tone_admitted,
                screen_zh: "请通行",
                screen_en: "please pass",
                ..common.of(Some(admission.pass))
            },
            Outcome::Refused { pass, refusal } => Line {
                verdict: "refused",
                refusal: Some(refusal.number()),
                name: Some(refusal.name()),
                light: &signs.light_refused,
                tone: &signs.tone_refused,
                screen_zh: "请走人工通道",
                screen_en: "please use the staffed lane",
                ..common.of(*pass)
            },
        }
    }
}

#[derive(Default, Serialize)]
struct Line<'d> {
    event: &'static str,
    time: String,
    verdict: &'static str,
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    who: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
    purpose: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    grants: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attention: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snapshot: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bundle_age_seconds: Option<u64>,
    #[serde(flatten)]
    warning: Option<Warning>,
    light: &'d str,
    tone: &'d str,
    screen_zh: &'static str,
    screen_en: &'static str,
}

impl Line<'_> {
    fn of(self, pass: Option<PassId>) -> Self {
        Self {
            kid: pass.map(|pass| pass.kid.to_string()),
            index: pass.map(|pass| pass.index.as_u32()),
            ..self
        }
    }
}

fn price_text(price: Price) -> String {
    match price {
        Price::Free => "free".to_owned(),
        Price::Fen(fen) => format!("{fen} fen"),
        Price::Percent(percent) => format!("{percent} %"),
    }
}
