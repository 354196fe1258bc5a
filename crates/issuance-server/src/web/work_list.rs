//! What waits for an officer: the cases whose next step is theirs to take, the most urgent first.
//! Reads the table of transitions; whether a step is then admitted is decided by the case itself.

use credential::time::Date;
use issuance::Error;
use issuance::application::{Application, Filed};
use issuance::calendar::Calendar;
use issuance::office::OfficeKind;
use issuance::officer::Officer;
use issuance::person::is_minor;
use issuance::register::{CaseQuery, Register, TermQuery};
use issuance::transition::{Place, State, TABLE, Transition, Verb};

use crate::web::refused::Refused;

/// One case that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The case.
    pub filed: Filed,
    /// The step that brings it on.
    pub next: Verb,
    /// The last day of the legal term that runs, if one runs.
    pub due: Option<Date>,
}

/// A legal clock, as a badge says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// So many working days are left.
    Left(u16),
    /// The last day is today.
    Today,
    /// So many working days too late.
    Overdue(u16),
    /// The term reaches into a year whose holidays are not published yet, which is every December's lot.
    Unknown(u16),
}

/// What waits for the officer, some `limit` of each state: the terms that end first, then the others as they came.
pub fn waiting_for(
    officer: &Officer,
    register: &dyn Register,
    calendar: &Calendar,
    today: Date,
    limit: usize,
) -> Result<Vec<Waiting>, Refused> {
    let mut waiting = Vec::new();
    let region = officer.office.region;
    for state in states_of(officer) {
        let mut theirs = Vec::new();
        if Application::WITH_A_TERM.contains(&state) {
            let begun = TermQuery { state, region, from: Date::EPOCH, until: today, after: None, limit };
            for filed in register.by_term(&begun)? {
                theirs.extend(waits(filed, officer, calendar, today)?);
            }
        }
        let urgent: Vec<_> = theirs.iter().map(|case| case.filed.id).collect();
        let mut query = CaseQuery { state: Some(state), ..CaseQuery::all(region, limit) };
        let mut looked_at = 0;
        // Behind cases that the officer may not take, others wait that they may.
        while theirs.len() < limit && looked_at < LOOKED_THROUGH {
            let page = register.applications(&query)?;
            (looked_at, query.after) = (looked_at + page.len(), page.last().map(|filed| filed.id));
            let is_last = page.len() < limit;
            for filed in page.into_iter().filter(|filed| !urgent.contains(&filed.id)) {
                theirs.extend(waits(filed, officer, calendar, today)?);
            }
            if is_last {
                break;
            }
        }
        waiting.append(&mut theirs);
    }
    // Cases with a legal clock first, the shortest first; then in the order they came.
    waiting.sort_by_key(|case| (case.due.is_none(), case.due, case.filed.id));
    Ok(waiting)
}

fn waits(
    filed: Filed,
    officer: &Officer,
    calendar: &Calendar,
    today: Date,
) -> Result<Option<Waiting>, Refused> {
    let Some(next) = next_step(&filed, officer, today) else { return Ok(None) };
    let due = known_due(&filed.application, calendar)?;
    Ok(Some(Waiting { filed, next, due }))
}

/// Where the term of a case stands today, if one runs.
pub fn clock(case: &Application, today: Date, calendar: &Calendar) -> Result<Option<Clock>, Refused> {
    let clock = case.due(calendar).and_then(|due| due.map(|due| until(due, today, calendar)).transpose());
    match clock {
        Err(Error::CalendarYearUnknown { year }) => Ok(Some(Clock::Unknown(year))),
        clock => Ok(clock?),
    }
}

/// The last day of the term that runs, as far as the calendar knows it.
pub fn known_due(case: &Application, calendar: &Calendar) -> Result<Option<Date>, Error> {
    Ok(if_known(case.due(calendar))?.flatten())
}

/// What the calendar says, or nothing where it does not know the year.
pub fn if_known<T>(said: Result<T, Error>) -> Result<Option<T>, Error> {
    match said {
        Err(Error::CalendarYearUnknown { .. }) => Ok(None),
        said => said.map(Some),
    }
}

fn until(due: Date, today: Date, calendar: &Calendar) -> Result<Clock, Error> {
    Ok(match due.cmp(&today) {
        std::cmp::Ordering::Equal => Clock::Today,
        std::cmp::Ordering::Greater => Clock::Left(calendar.between(today, due)?),
        std::cmp::Ordering::Less => Clock::Overdue(calendar.between(due, today)?),
    })
}

/// The steps of a case that are open to an officer, the usual one first; and what keeps them from others that would be.
#[must_use]
pub fn open_steps(filed: &Filed, officer: &Officer, today: Date) -> (Vec<Verb>, Option<Error>) {
    let case = &filed.application;
    let (mut verbs, mut barred) = (Vec::new(), None);
    for row in TABLE.iter().filter(|row| row.from == case.state()) {
        let is_way = row.route.is_none_or(|only| only == case.request().route);
        let may =
            row.role.is_some_and(|role| officer.must_hold(role).is_ok()) && is_in_place(row, filed, officer);
        if !is_way || !may || !fits_age(row.verb, is_minor(case.request().born, today)) {
            continue;
        }
        match case.duties().of(officer.id) {
            Some(held) if held != row.duty => {
                barred = Some(Error::DutiesNotSeparated { officer: officer.id, held, wanted: row.duty });
            }
            _ => verbs.push(row.verb),
        }
    }
    (verbs, barred)
}

fn is_in_place(row: &Transition, filed: &Filed, officer: &Officer) -> bool {
    let request = filed.application.request();
    let region = if row.place == Place::Desk { request.desk } else { request.home };
    let is_above = matches!(officer.office.kind, OfficeKind::Prefecture | OfficeKind::Province);
    officer.office.region.contains(region) && (row.place != Place::AboveHome || is_above)
}

fn fits_age(verb: Verb, is_minor: bool) -> bool {
    match verb {
        Verb::PostNotice => !is_minor,
        Verb::WaiveNotice => is_minor,
        _ => true,
    }
}

fn states_of(officer: &Officer) -> Vec<State> {
    let mut states: Vec<State> =
        TABLE.iter().filter(|row| leads_on(row, officer)).map(|row| row.from).collect();
    states.dedup();
    states.sort_unstable_by_key(|state| *state as u8);
    states.dedup();
    states
}

/// The first row of the table that brings the case on and that this officer may take: the table lists the usual
/// step before sending back and refusing.
fn next_step(filed: &Filed, officer: &Officer, today: Date) -> Option<Verb> {
    let case = &filed.application;
    let is_minor = is_minor(case.request().born, today);
    let has_begun = |verb| match verb {
        // A notice runs its days before anybody has to look at the case again.
        Verb::Review => case.notice_until().is_none_or(|until| today > until),
        verb => fits_age(verb, is_minor),
    };
    let rows = TABLE.iter().filter(|row| row.from == case.state() && leads_on(row, officer));
    let mut rows = rows.filter(|row| row.route.is_none_or(|only| only == case.request().route));
    let row = rows.find(|row| is_in_place(row, filed, officer) && has_begun(row.verb))?;
    // Somebody with another duty in this case cannot take it on.
    case.duties().of(officer.id).is_none_or(|duty| duty == row.duty).then_some(row.verb)
}

/// What brings a case on; sending back, refusing and the like are decided on the case's own page.
fn leads_on(row: &Transition, officer: &Officer) -> bool {
    let brings_on = matches!(
        row.verb,
        Verb::Accept
            | Verb::Supply
            | Verb::Assess
            | Verb::Countersign
            | Verb::PostNotice
            | Verb::WaiveNotice
            | Verb::Settle
            | Verb::Review
            | Verb::Approve
    );
    brings_on && row.role.is_some_and(|role| officer.roles.has(role))
}

/// Of each state: so many that are not theirs mean that an office is short of officers, not of time to look.
const LOOKED_THROUGH: usize = 500;
