//! One case as the audit tells it: decisions and changes with old and new values, reading folded between them.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use credential::disability::Components;
use issuance::application::Filed;
use issuance::audit::{Deed, Entry, Row};
use issuance::id::OfficerId;
use issuance::reading;
use issuance::register::{PersonStore, Register};
use issuance::step::{Action, Step};

use crate::web::app::App;
use crate::web::audit_lines::{Line, Only, lines};
use crate::web::desk::Desk;
use crate::web::fields::{Asked, Fields};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Auditor, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::case::{Before, Fact, facts, said};
use crate::web::pages::home::Badge;
use crate::web::pages::person::{case_number, officer_name};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{At, CaseStory, CaseUrl, PersonUrl};
use crate::web::words::{audit, casework};

/// The page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<CaseStory, _, _>(page)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "case_story.html")]
pub struct CaseStoryPage {
    /// Around it.
    pub frame: Frame,
    /// Words of cases.
    pub c: &'static casework::Words,
    /// Its words.
    pub u: &'static audit::Words,
    /// Where the case stands.
    pub state: Badge,
    /// The case's and the person's own pages.
    pub pages: [(String, &'static str); 2],
    /// What differs from the earlier certificate.
    pub changed: Vec<Fact>,
    /// Address, word and whether it holds, for each choice of rows.
    pub choices: Vec<(String, &'static str, bool)>,
    /// The same for each officer who took part or looked.
    pub officers: Vec<(String, String, bool)>,
    /// What happened.
    pub lines: Vec<Line>,
    /// As many rows as a page shows.
    pub cut_short: Option<usize>,
}

struct Loaded {
    filed: Filed,
    changed: Vec<Fact>,
    officers: Vec<(OfficerId, String)>,
    lines: Vec<Line>,
    cut_short: Option<usize>,
}

async fn page(
    officer: SignedIn<Auditor>,
    State(app): State<App>,
    At(url): At<CaseStory>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    officer.visit.note_case(url.id);
    let (lang, actor, only) = (officer.visit.lang(), officer.clone(), Only::of(&asked));
    let by = asked.get("officer").parse::<OfficerId>().ok();
    let loaded = app.desk.run(move |desk| load(desk, url, only, by, &actor));
    let Loaded { filed, changed, officers, lines, cut_short } = loaded.await?;
    let (c, u) = (casework::Words::of(lang), audit::Words::of(lang));
    let title = format!("{} · {}", c.audit_case, case_number(&filed));
    let state = filed.application.state();
    frame::show(&CaseStoryPage {
        frame: Frame::inside(&app, &officer, title),
        c,
        u,
        state: Badge { style: "plain", text: lang.word(state.zh(), state.as_str()) },
        pages: [
            (CaseUrl { id: filed.id }.to_string(), u.to_case),
            (PersonUrl { id: filed.person }.to_string(), u.to_person),
        ],
        changed,
        choices: choices(&asked, &url.to_string(), only, u),
        officers: officer_choices(&asked, url, by, officers, u),
        lines,
        cut_short,
    })
}

fn load(
    desk: &mut Desk,
    url: CaseStory,
    only: Only,
    by: Option<OfficerId>,
    officer: &SignedIn<Auditor>,
) -> Result<Loaded, Refused> {
    let lang = officer.visit.lang();
    let (filed, mut rows) = reading::case_story(&mut desk.register, url.id, &officer.actor())?;
    let cut_short = (rows.len() >= reading::MOST_ROWS).then_some(rows.len());
    let officers = who_took_part(&desk.register, &rows)?;
    rows.retain(|row| only.takes(row) && by.is_none_or(|by| row.entry.who == by));
    let found = |entry: &Entry| of_step(&filed, entry, lang);
    let mut lines = lines(&desk.register, rows, officer.scope(), lang, found)?;
    // The case itself need not be named on each line of its story.
    for line in lines.iter_mut().filter(|line| line.url.as_deref() == Some(&*url.to_string())) {
        (line.url, line.about) = (None, String::new());
    }
    let person = desk.register.person(filed.person)?.ok_or(Refused::NotFound)?;
    let before = Before::of(&desk.register, &filed, &person)?;
    let mut changed = facts(&filed, &person, &before, lang);
    changed.retain(Fact::has_changed);
    Ok(Loaded { filed, changed, officers, lines, cut_short })
}

fn who_took_part(register: &dyn Register, rows: &[Row]) -> Result<Vec<(OfficerId, String)>, Refused> {
    let mut ids: Vec<OfficerId> = rows.iter().map(|row| row.entry.who).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut named = Vec::new();
    for id in ids {
        named.extend(register.officer(id)?.map(|officer| (id, officer_name(&officer))));
    }
    Ok(named)
}

/// The facts of the step that a row tells of; a finding says what it takes the place of.
fn of_step(filed: &Filed, entry: &Entry, lang: Lang) -> Option<String> {
    let Deed::Step(verb) = entry.deed else { return None };
    let steps = filed.application.steps();
    let is_it = |step: &Step| (step.action.verb(), step.by, step.at) == (verb, entry.who, entry.at);
    let at = steps.iter().position(is_it)?;
    let (earlier, step) = (steps.get(..at)?, steps.get(at)?);
    let text = said(&step.action, lang);
    let (Some(new), Some(old)) = (finding(step), before(filed, earlier)) else { return Some(text) };
    if new == old { Some(text) } else { Some(format!("{} → {text}", lang.components(old))) }
}

fn finding(step: &Step) -> Option<&Components> {
    match &step.action {
        Action::Assess(sheet) | Action::Settle(sheet) | Action::Transcribe { sheet, .. } => {
            Some(&sheet.components)
        }
        _ => None,
    }
}

/// What was found before, in this case or for the earlier certificate.
fn before<'a>(filed: &'a Filed, earlier: &'a [Step]) -> Option<&'a Components> {
    let certified = filed.application.request().earlier.as_ref().map(|earlier| &earlier.components);
    earlier.iter().rev().find_map(finding).or(certified)
}

/// All, decisions, reading: each with its address, keeping what else is asked for.
pub(crate) fn choices(
    asked: &Fields,
    url: &str,
    only: Only,
    u: &'static audit::Words,
) -> Vec<(String, &'static str, bool)> {
    let word = |one: Only| match one {
        Only::All => u.all,
        Only::Deeds => u.deeds,
        Only::Reads => u.reads,
    };
    let choice = |(one, value): (Only, &str)| (with(asked, url, "only", value), word(one), one == only);
    Only::ALL.into_iter().map(choice).collect()
}

fn officer_choices(
    asked: &Fields,
    url: CaseStory,
    by: Option<OfficerId>,
    officers: Vec<(OfficerId, String)>,
    u: &'static audit::Words,
) -> Vec<(String, String, bool)> {
    let url = url.to_string();
    let everybody = (with(asked, &url, "officer", ""), u.everybody.to_owned(), by.is_none());
    let one = |(id, name): (OfficerId, String)| {
        (with(asked, &url, "officer", &id.to_string()), name, by == Some(id))
    };
    std::iter::once(everybody).chain(officers.into_iter().map(one)).collect()
}

/// The address with one question answered otherwise.
fn with(asked: &Fields, url: &str, key: &str, value: &str) -> String {
    let known = ["only", "officer", "day"].into_iter();
    let kept = known.map(|name| (name, if name == key { value } else { asked.get(name) }));
    let kept = kept.filter(|(_, value)| !value.is_empty());
    let fields = kept.fold(Fields::default(), |fields, (name, value)| fields.with(name, value));
    match fields.to_text() {
        text if text.is_empty() => url.to_owned(),
        text => format!("{url}?{text}"),
    }
}
