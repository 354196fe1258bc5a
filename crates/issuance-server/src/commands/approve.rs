//! `review` and `approve`: a decision on each case named, or on all that wait in the officer's region.

use clap::Args;
use issuance::application::Filed;
use issuance::casework;
use issuance::id::ApplicationId;
use issuance::kind::Route;
use issuance::register::{CaseQuery, Register};
use issuance::step::{Action, Refusal};
use issuance::transition::State;
use serde::Serialize;

use crate::command::{Context, Desk, Exit};
use crate::error::Error;
use crate::output::Output;
use bilingual::say;

/// Arguments of `review`.
#[derive(Args)]
pub(crate) struct Review {
    #[command(flatten)]
    which: Which,
}

/// Arguments of `approve`.
#[derive(Args)]
pub(crate) struct Approve {
    #[command(flatten)]
    which: Which,
}

#[derive(Args)]
struct Which {
    /// 申请编号。 ¦ Numbers of applications.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    ids: Vec<ApplicationId>,
    /// 辖区内所有待办。 ¦ All that wait in the region of the officer's office.
    #[arg(long)]
    all: bool,
    /// 不予办理，并说明理由代码：not_qualified、identity_unclear、duplicate、evidence_missing、objection_upheld、false_statement、other_county。 ¦ Refuses, with the code of the reason: not_qualified, identity_unclear, duplicate, evidence_missing, objection_upheld, false_statement, other_county.
    #[arg(long, value_name = "REASON", conflicts_with = "all")]
    refuse: Option<String>,
}

impl Review {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let waiting = |filed: &Filed| {
            let application = &filed.application;
            application.state() == State::Noticed || application.request().route == Route::Direct
        };
        self.which.decide(&[State::Noticed, State::Accepted], waiting, Action::Review, context, output)
    }
}

impl Approve {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        self.which.decide(&[State::Reviewed], |_| true, Action::Approve, context, output)
    }
}

impl Which {
    fn decide(
        self,
        states: &[State],
        waiting: impl Fn(&Filed) -> bool,
        action: Action,
        context: &Context,
        output: &mut Output,
    ) -> Result<Exit, Error> {
        let action = match self.refuse.as_deref().map(Refusal::parse) {
            None => action,
            Some(Some(reason)) => Action::Refuse(reason),
            Some(None) => return Err(Error::Argument { name: "--refuse" }),
        };
        let mut register = context.folder()?.register()?;
        let desk = context.desk(&register)?;
        let ids = if self.all { all(&register, states, waiting, &desk)? } else { self.ids };
        let bar = output.progress(ids.len() as u64);
        let (mut done, mut refused) = (0_u64, 0_u64);
        for id in ids {
            bar.inc(1);
            match casework::take_step(&mut register, id, action.clone(), &desk.actor()) {
                Ok(filed) => {
                    done += 1;
                    print(id, Ok(filed.application.state()), output)?;
                }
                Err(issuance::Error::Store(error)) => return Err(error.into()),
                Err(error) => {
                    refused += 1;
                    print(id, Err(&error), output)?;
                }
            }
        }
        bar.finish_and_clear();
        if !output.is_json() {
            output.line(say!(output.language(), "办结 {}，未办 {}", "done {}, refused {}", done, refused))?;
        }
        Ok(if refused == 0 { Exit::Good } else { Exit::Refused })
    }
}

/// Everything that stands there in the officer's region, page by page.
fn all(
    register: &dyn Register,
    states: &[State],
    waiting: impl Fn(&Filed) -> bool,
    desk: &Desk,
) -> Result<Vec<ApplicationId>, Error> {
    let mut ids = Vec::new();
    for state in states {
        let region = desk.officer.office.region;
        let mut query = CaseQuery { state: Some(*state), ..CaseQuery::all(region, PAGE) };
        loop {
            let page = register.applications(&query)?;
            query.after = page.last().map(|filed| filed.id);
            let last = page.len() < PAGE;
            ids.extend(page.iter().filter(|filed| waiting(filed)).map(|filed| filed.id));
            if last {
                break;
            }
        }
    }
    Ok(ids)
}

fn print(
    id: ApplicationId,
    outcome: Result<State, &issuance::Error>,
    output: &mut Output,
) -> Result<(), Error> {
    let language = output.language();
    let row = Row {
        application: id.get(),
        state: outcome.ok().map(State::as_str),
        error: outcome.err().map(|error| language.pick(error.zh(), error.en())),
    };
    let text = match (&outcome, &row.error) {
        (Ok(state), _) => format!("#{id} {}", language.pick(state.zh(), state.as_str())),
        (Err(_), error) => format!("#{id} ✕ {}", error.as_deref().unwrap_or_default()),
    };
    output.either(&row, text)
}

#[derive(Serialize)]
struct Row {
    application: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

const PAGE: usize = 1000;
