//! Steps of a case: one address for every verb of the table of transitions, each with the facts that belong to it.
//! Which step is due, and who may take it, is for the case to say.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use issuance::application::Filed;
use issuance::casework;
use issuance::fault::{Fault, Field, Rule};
use issuance::form::{ApplicantForm, Source, parse_finding, parse_notice};
use issuance::id::OfficerId;
use issuance::person::Person;
use issuance::reading;
use issuance::register::PersonStore;
use issuance::step::{Action, Evidence, Refusal, Sheet};
use serde::Deserialize;
use utoipa::ToSchema;

use super::applicant::{Known, ParticularsBody};
use super::once::Write;
use super::url::Steps;
use super::view::{self, Case};
use crate::sqlite::SqliteRegister;
use crate::web::app::App;
use crate::web::guard::{Casework, Client, ToTakeSteps};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::scope::Scope;
use crate::web::url::At;
use credential::time::Date;

pub(super) fn routes() -> Routes {
    Routes::default().post::<Steps, _, _>(take)
}

/// One step, by its verb. `submit` is entering the application, `issue` is the service's own.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "verb", rename_all = "snake_case", deny_unknown_fields)]
pub enum StepBody {
    /// 受理
    Accept {},
    /// 通知补正
    RequestEvidence {
        /// What is missing.
        #[schema(schema_with = view::evidences)]
        evidence: Evidence,
    },
    /// 补正
    Supply(ParticularsBody),
    /// 评定
    Assess(Finding),
    /// 复签评定
    Countersign {},
    /// 评定不一致
    Disagree {},
    /// 录入评定表
    Transcribe {
        /// What it says.
        finding: Finding,
        /// The two doctors who signed it, as officers.
        #[schema(min_items = 2, max_items = 2)]
        doctors: [i64; 2],
    },
    /// 提出异议
    Dispute {},
    /// 异议裁定
    Settle(Finding),
    /// 公示
    PostNotice {
        /// The day it went up.
        #[schema(format = Date)]
        notice_posted: String,
    },
    /// 免予公示
    WaiveNotice {},
    /// 审核
    Review {},
    /// 退回补正
    SendBack {
        /// What is missing.
        #[schema(schema_with = view::evidences)]
        evidence: Evidence,
    },
    /// 批准
    Approve {},
    /// 退回审核
    Return {},
    /// 不予办理
    Refuse {
        /// Why.
        #[schema(schema_with = view::refusals)]
        refusal: Refusal,
    },
    /// 撤回
    Withdraw {},
}

/// What was found, and the day it was signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Category (1-6) and level (1-4) of each component: `42`, or `42;13`.
    #[schema(example = "42;13")]
    components: String,
    /// The day the doctors, or the committee, signed.
    #[schema(format = Date)]
    assessed_on: String,
}

impl Source for Finding {
    fn text(&self, field: Field) -> &str {
        match field {
            Field::Components => &self.components,
            Field::AssessedOn => &self.assessed_on,
            _ => "",
        }
    }
}

/// The day of a notice as a form of one field.
struct Posted(String);

impl Source for Posted {
    fn text(&self, field: Field) -> &str {
        if field == Field::NoticePosted { &self.0 } else { "" }
    }
}

impl StepBody {
    /// Deciding takes a token for it.
    fn scope(&self) -> Scope {
        match self {
            Self::Review {}
            | Self::SendBack { .. }
            | Self::Settle(_)
            | Self::Approve {}
            | Self::Return {}
            | Self::Refuse { .. } => Scope::Decide,
            _ => Scope::WriteCases,
        }
    }

    fn take<P: crate::web::guard::Power>(
        self,
        (filed, person): (&Filed, &Person),
        register: &mut SqliteRegister,
        app: &App,
        client: &Client<ToTakeSteps, P>,
    ) -> Result<Filed, Refused> {
        let (id, actor, today) = (filed.id, client.actor(), client.now().date_in_china());
        let sheet = |finding: &Finding| -> Result<Sheet, Refused> {
            parse_finding(finding, today).map_err(Refused::Faults)
        };
        let notice = |posted: Option<Date>, register: &mut SqliteRegister| {
            Ok(casework::post_or_waive_notice(register, id, posted, &app.calendar, &actor)?)
        };
        let action = match self {
            Self::Supply(body) => {
                let home = filed.application.request().home.to_string();
                let known = Known { body: &body, home, identity: person.identity.expose() };
                let parsed = ApplicantForm::parse(&known, today).map_err(Refused::Faults)?;
                return Ok(casework::supply(register, id, parsed.applicant.particulars, &actor)?);
            }
            Self::PostNotice { notice_posted } => {
                let born = filed.application.request().born;
                let signed_on = filed.application.assessment().map_or(born, |sheet| sheet.signed_on);
                let posted = parse_notice(&Posted(notice_posted), born, signed_on, today);
                return notice(posted.map_err(Refused::Faults)?, register);
            }
            Self::WaiveNotice {} => return notice(None, register),
            Self::RequestEvidence { evidence } => Action::RequestEvidence(evidence),
            Self::SendBack { evidence } => Action::SendBack(evidence),
            Self::Refuse { refusal } => Action::Refuse(refusal),
            Self::Assess(finding) => Action::Assess(sheet(&finding)?),
            Self::Settle(finding) => Action::Settle(sheet(&finding)?),
            Self::Transcribe { finding, doctors } => {
                let doctors = doctors.map(OfficerId::from_stored);
                for (id, field) in doctors.into_iter().zip([Field::Doctor1, Field::Doctor2]) {
                    if !casework::is_assessor(register, id)? {
                        return Err(Refused::Faults(vec![Fault { field, rule: Rule::NotAnAssessor }]));
                    }
                }
                return Ok(casework::transcribe(register, id, sheet(&finding)?, doctors, &actor)?);
            }
            Self::Accept {} => Action::Accept,
            Self::Countersign {} => Action::Countersign,
            Self::Disagree {} => Action::Disagree,
            Self::Dispute {} => Action::Dispute,
            Self::Review {} => Action::Review,
            Self::Approve {} => Action::Approve,
            Self::Return {} => Action::Return,
            Self::Withdraw {} => Action::Withdraw,
        };
        Ok(casework::take_step(register, id, action, &actor)?)
    }
}

/// Takes the next step of a case.
#[utoipa::path(
    post, path = "/api/v1/applications/{id}/steps", tag = "applications", operation_id = "take_step",
    params(("id" = i64, Path, description = "The case.")),
    request_body = StepBody,
    responses((status = 200, description = "The case as it stands now.", body = Case))
)]
pub(super) async fn take(
    client: Client<ToTakeSteps, Casework>,
    State(app): State<App>,
    At(url): At<Steps>,
    write: Write<StepBody>,
) -> Result<Response, Refused> {
    client.visit.note_case(url.id);
    client.must_be_for(write.body.scope())?;
    let approves = matches!(write.body, StepBody::Approve {});
    let parts = app.clone();
    let done = write.once(&app, &client, StatusCode::OK, move |body, register, client| {
        let filed = reading::case(register, url.id, &client.actor())?;
        let person = register.person(filed.person)?.ok_or(Refused::NotFound)?;
        let filed = body.take((&filed, &person), register, &parts, client)?;
        Case::of(&filed, register, &parts.calendar, &client.officer, client.now().date_in_china())
    });
    let done = done.await?;
    if approves {
        app.issuing_is_due();
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use issuance::transition::Verb;

    use super::*;

    #[test]
    fn every_verb_that_an_officer_takes_is_a_step() {
        for verb in Verb::ALL {
            let json = format!(
                r#"{{"verb":"{}","evidence":"photo","refusal":"x","components":"42","assessed_on":"","name":"x"}}"#,
                verb.as_str()
            );
            let unknown = serde_json::from_str::<StepBody>(&json).err().is_some_and(|error| {
                error.to_string().contains("unknown variant")
                    && error.to_string().contains(&format!("`{}`, expected one of `accept`", verb.as_str()))
            });
            assert_eq!(unknown, matches!(verb, Verb::Submit | Verb::Issue), "{verb:?}");
        }
    }
}
