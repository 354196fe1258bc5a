//! One officer's day: hour by hour what they decided and what they read, and what an auditor would ask about.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use credential::time::Date;
use issuance::audit::{Deed, Other, Row};
use issuance::officer::Officer;
use issuance::reading;
use issuance::register::Register;
use issuance::unusual::{self, Unusual};

use crate::web::app::App;
use crate::web::audit_lines::{Line, Only, Weight, lines};
use crate::web::desk::Desk;
use crate::web::fields::Asked;
use crate::web::frame::{self, Frame};
use crate::web::guard::{Auditor, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::case_story::choices;
use crate::web::pages::person::officer_name;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{At, OfficersDay};
use crate::web::words::{audit, casework};

/// The page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<OfficersDay, _, _>(page)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "officers_day.html")]
pub struct OfficersDayPage {
    /// Around it.
    pub frame: Frame,
    /// Words of cases.
    pub c: &'static casework::Words,
    /// Its words.
    pub u: &'static audit::Words,
    /// The officer's roles.
    pub roles: String,
    /// The day before and the day after.
    pub days: [(String, &'static str); 2],
    /// What stands out.
    pub unusual: Vec<String>,
    /// Word and number.
    pub tally: Vec<(&'static str, usize)>,
    /// Address, word and whether it holds, for each choice of rows.
    pub choices: Vec<(String, &'static str, bool)>,
    /// Each hour in which something happened.
    pub hours: Vec<Hour>,
    /// As many rows as a page shows.
    pub cut_short: Option<usize>,
}

/// One hour.
#[derive(Debug)]
pub struct Hour {
    /// `08:00`.
    pub title: String,
    /// How many decisions and changes, and how often something was read.
    pub counts: [(&'static str, usize); 2],
    /// What happened.
    pub lines: Vec<Line>,
}

struct Loaded {
    who: Officer,
    unusual: Vec<Unusual>,
    tally: [usize; 4],
    lines: Vec<Line>,
    cut_short: Option<usize>,
}

async fn page(
    officer: SignedIn<Auditor>,
    State(app): State<App>,
    At(url): At<OfficersDay>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    let today = officer.now().date_in_china();
    let day = Date::parse(asked.get("day").trim()).unwrap_or(today);
    let (lang, actor, only, parts) = (officer.visit.lang(), officer.clone(), Only::of(&asked), app.clone());
    let loaded = app.desk.run(move |desk| load(desk, url, day, only, &parts, &actor));
    let Loaded { who, unusual, tally: [deeds, reads, people, numbers], lines, cut_short } = loaded.await?;
    let (c, u) = (casework::Words::of(lang), audit::Words::of(lang));
    let other_day = |days: u64| format!("{url}?day={}", Date::from_days(days));
    let roles: Vec<_> = who.roles.iter().map(|role| lang.role(role)).collect();
    frame::show(&OfficersDayPage {
        frame: Frame::inside(&app, &officer, format!("{} · {day}", officer_name(&who))),
        c,
        u,
        roles: roles.join(lang.pick("、", ", ")),
        days: [
            (other_day(day.to_days().saturating_sub(1)), u.earlier_day),
            (other_day(day.to_days().saturating_add(1)), u.later_day),
        ],
        unusual: unusual.into_iter().map(|one| asked_about(one, u, lang)).collect(),
        tally: vec![(u.deeds, deeds), (u.reads, reads), (u.day_people, people), (u.day_numbers, numbers)],
        choices: choices(&asked, &url.to_string(), only, u),
        hours: hours(lines, u),
        cut_short,
    })
}

fn load(
    desk: &mut Desk,
    url: OfficersDay,
    day: Date,
    only: Only,
    app: &App,
    officer: &SignedIn<Auditor>,
) -> Result<Loaded, Refused> {
    let (who, mut rows) = reading::officers_day(&mut desk.register, url.id, day, &officer.actor())?;
    let cut_short = (rows.len() >= reading::MOST_ROWS).then_some(rows.len());
    let unusual = unusual::of(&desk.register, &rows, day, &app.calendar)?;
    let tally = tally(&desk.register, &rows)?;
    rows.retain(|row| only.takes(row));
    let lines = lines(&desk.register, rows, officer.scope(), officer.visit.lang(), |_| None)?;
    Ok(Loaded { who, unusual, tally, lines, cut_short })
}

/// Decisions and changes, readings, people, numbers in clear.
fn tally(register: &dyn Register, rows: &[Row]) -> Result<[usize; 4], Refused> {
    let reads = rows.iter().filter(|row| row.entry.deed.is_read()).count();
    let people = unusual::people_read(register, rows)?;
    let numbers = rows.iter().filter(|row| row.entry.deed == Deed::Other(Other::Exposed)).count();
    Ok([rows.len().saturating_sub(reads), reads, people, numbers])
}

fn hours(lines: Vec<Line>, u: &'static audit::Words) -> Vec<Hour> {
    let mut hours: Vec<(u64, Vec<Line>)> = Vec::new();
    for line in lines {
        match hours.last_mut() {
            Some((hour, lines)) if *hour == line.hour => lines.push(line),
            _ => hours.push((line.hour, vec![line])),
        }
    }
    let hour = |(hour, lines): (u64, Vec<Line>)| {
        let times =
            |of: &dyn Fn(&Line) -> bool| lines.iter().filter(|line| of(line)).map(|line| line.times).sum();
        let reads: usize = times(&|line| line.weight == Weight::Read);
        let all: usize = times(&|_| true);
        let counts = [(u.deeds, all.saturating_sub(reads)), (u.reads, reads)];
        Hour { title: format!("{hour:02}:00"), counts, lines }
    };
    hours.into_iter().map(hour).collect()
}

fn asked_about(unusual: Unusual, u: &'static audit::Words, lang: Lang) -> String {
    let (word, count) = match unusual {
        Unusual::WithoutCase { people } => (u.flag_without_case, people),
        Unusual::NumbersShown { times } => (u.flag_numbers, times),
        Unusual::OutsideHours { rows } => (u.flag_hours, rows),
        Unusual::SignInsRefused { times } => (u.flag_sign_ins, times),
    };
    format!("{word}{}{count}", lang.pick("：", ": "))
}
