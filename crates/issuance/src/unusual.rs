//! What stands out in one officer's day, for the auditor to ask about. It says why and accuses nobody: looking at
//! people with whom no case is open, showing numbers in clear, working at night, guessed passwords.

use std::collections::BTreeSet;

use credential::time::{Date, UnixTime};

use crate::Error;
use crate::application::Filed;
use crate::audit::{Deed, Other, Row, Subject};
use crate::calendar::Calendar;
use crate::id::PersonId;
use crate::register::Register;

/// One thing to ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusual {
    /// So many people were looked at while no case of theirs was open.
    WithoutCase {
        /// How many.
        people: usize,
    },
    /// So many numbers were shown in clear.
    NumbersShown {
        /// How many times.
        times: usize,
    },
    /// Deeds on a day off, or before and after the office's hours.
    OutsideHours {
        /// How many rows.
        rows: usize,
    },
    /// So many sign-ins were refused.
    SignInsRefused {
        /// How many.
        times: usize,
    },
}

/// What stands out among the rows of an officer's day.
pub fn of(
    register: &dyn Register,
    rows: &[Row],
    day: Date,
    calendar: &Calendar,
) -> Result<Vec<Unusual>, Error> {
    let count = |wanted: Other| rows.iter().filter(|row| row.entry.deed == Deed::Other(wanted)).count();
    let people = without_case(register, rows, day)?;
    let (numbers, refused) = (count(Other::Exposed), count(Other::SignInRefused));
    // A year that the calendar does not know yet has no days off to point at.
    let is_day_off = calendar.is_working_day(day).is_ok_and(|is_working| !is_working);
    let outside = rows.iter().filter(|row| is_day_off || is_outside_hours(row.entry.at, day)).count();
    let mut unusual = Vec::new();
    unusual.extend((people >= MANY_WITHOUT_CASE).then_some(Unusual::WithoutCase { people }));
    unusual.extend((numbers >= MANY_NUMBERS).then_some(Unusual::NumbersShown { times: numbers }));
    unusual.extend((outside > 0).then_some(Unusual::OutsideHours { rows: outside }));
    unusual.extend((refused >= MANY_REFUSED).then_some(Unusual::SignInsRefused { times: refused }));
    Ok(unusual)
}

/// How many people were looked at: themselves, their cases or their certificates.
pub fn people_read(register: &dyn Register, rows: &[Row]) -> Result<usize, Error> {
    let (read, _) = read_and_served(register, rows)?;
    Ok(read.len())
}

/// How many of the people who were only looked at had no case open on that day.
fn without_case(register: &dyn Register, rows: &[Row], day: Date) -> Result<usize, Error> {
    let (read, served) = read_and_served(register, rows)?;
    let mut count = 0;
    for person in read.difference(&served) {
        let cases = register.applications_of(*person)?;
        count += usize::from(!cases.iter().any(|filed| was_open(filed, day)));
    }
    Ok(count)
}

fn read_and_served(register: &dyn Register, rows: &[Row]) -> Result<(People, People), Error> {
    let (mut read, mut served) = (People::new(), People::new());
    for row in rows {
        let Some(person) = person_of(register, row.entry.subject)? else { continue };
        let set = if row.entry.deed.is_read() || is_exposed(row) { &mut read } else { &mut served };
        set.insert(person);
    }
    Ok((read, served))
}

type People = BTreeSet<PersonId>;

fn person_of(register: &dyn Register, subject: Subject) -> Result<Option<PersonId>, Error> {
    Ok(match subject {
        Subject::Person(id) => Some(id),
        Subject::Application(id) => register.application(id)?.map(|filed| filed.person),
        Subject::Certificate(id) => register.certificate(id)?.map(|certificate| certificate.person),
        Subject::Register | Subject::Officer(_) | Subject::Bundle(_) => None,
    })
}

/// From the day it was entered until the day of its last step.
fn was_open(filed: &Filed, day: Date) -> bool {
    let steps = filed.application.steps();
    let entered = steps.first().is_some_and(|step| step.at.date_in_china() <= day);
    let left = steps.last().is_some_and(|step| step.at.date_in_china() < day);
    entered && !(filed.application.state().is_closed() && left)
}

fn is_exposed(row: &Row) -> bool {
    row.entry.deed == Deed::Other(Other::Exposed)
}

fn is_outside_hours(at: UnixTime, day: Date) -> bool {
    let hour = at.seconds_since(day.start_in_china()) / 3600;
    !(OPENS_AT..CLOSES_AT).contains(&hour)
}

/// Somebody who looks a namesake up sees a few; a whole street is more.
const MANY_WITHOUT_CASE: usize = 10;
/// A desk shows a number in clear when a paper is compared, which is seldom.
const MANY_NUMBERS: usize = 5;
/// Two are typing errors.
const MANY_REFUSED: usize = 3;
/// Hours of a day in China, wide enough for every office's own.
const OPENS_AT: u64 = 7;
const CLOSES_AT: u64 = 20;
