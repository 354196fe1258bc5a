//! The cases of the office: by stage, or those whose legal term is near its end or past it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use credential::time::Date;
use issuance::Error;
use issuance::application::{Application, Filed};
use issuance::audit::{Deed, Other, Subject};
use issuance::calendar::Calendar;
use issuance::id::ApplicationId;
use issuance::reading;
use issuance::register::{AuditStore, CaseQuery, CaseStore, TermQuery};
use issuance::transition::State as Stage;

use crate::web::app::App;
use crate::web::desk::Desk;
use crate::web::fields::Asked;
use crate::web::frame::{self, Frame};
use crate::web::guard::{ReadsCases, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::home::{Badge, due_badge};
use crate::web::pages::person::case_number;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{CaseUrl, Cases};
use crate::web::words::casework::Words;
use crate::web::work_list::{if_known, known_due};

/// The page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Cases, _, _>(list)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "cases.html")]
pub struct CasesPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// Address, word and whether it is shown, for each stage.
    pub stages: Vec<(String, String, bool)>,
    /// The same for the terms.
    pub terms: Vec<(String, &'static str, bool)>,
    /// The cases.
    pub rows: Vec<CaseRow>,
    /// The next page.
    pub more: Option<String>,
}

/// One case of the list.
#[derive(Debug)]
pub struct CaseRow {
    /// Its page.
    pub url: String,
    /// Its number.
    pub number: String,
    /// Whose.
    pub name: String,
    /// What is asked for.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// Its legal clock.
    pub due: Option<Badge>,
}

/// Which terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Term {
    /// Past its end.
    Overdue,
    /// Two working days are left, or fewer.
    Soon,
}

impl Term {
    const ALL: [Self; 2] = [Self::Overdue, Self::Soon];

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|term| term.as_str() == text)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Soon => "soon",
        }
    }

    /// From which day to which a term of so many working days counts when it is over, or nearly over, today; `None`
    /// where the calendar does not know.
    fn starts(self, days: u16, today: Date, calendar: &Calendar) -> Result<Option<(Date, Date)>, Error> {
        let latest_start = |until| if_known(calendar.latest_start(days, until));
        let yesterday = Date::from_days(today.to_days().saturating_sub(1));
        let Some(over) = calendar.last_known(yesterday) else { return Ok(None) };
        let Some(over) = latest_start(over)? else { return Ok(None) };
        if self == Self::Overdue {
            return Ok(Some((Date::EPOCH, over)));
        }
        // A year whose holidays are unknown begins: until then fewer days are left than a few.
        let soon = if_known(calendar.last_of(FEW_LEFT, today))?.or_else(|| Date::new(today.year(), 12, 31));
        let soon = soon.map(latest_start).transpose()?.flatten();
        Ok(soon.map(|soon| (Date::from_days(over.to_days() + 1), soon)))
    }
}

async fn list(
    officer: SignedIn<ReadsCases>,
    State(app): State<App>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    let (lang, today) = (officer.visit.lang(), officer.now().date_in_china());
    let (stage, term) = (Stage::parse(asked.get("stage")), Term::parse(asked.get("due")));
    let after = asked.get("after").parse().ok();
    let from: usize = asked.get("from").parse().unwrap_or_default();
    let (actor, parts) = (officer.clone(), app.clone());
    let loaded = app.desk.run(move |desk| {
        desk.register.note(&actor.actor().entry(Deed::Other(Other::Searched), Subject::Register))?;
        match term {
            Some(term) => of_term(desk, term, from, &actor, &parts),
            None => of_stage(desk, stage, after, &actor),
        }
    });
    let (filed, more) = loaded.await?;
    let rows = filed.iter().map(|filed| row(filed, today, lang, &app));
    let c = Words::of(lang);
    frame::show(&CasesPage {
        frame: Frame::inside(&app, &officer, c.cases),
        c,
        stages: stages(stage, term, lang),
        terms: Term::ALL
            .iter()
            .map(|one| {
                let said = if *one == Term::Overdue { c.term_overdue } else { c.term_soon };
                (format!("{}?due={}", Cases {}, one.as_str()), said, term == Some(*one))
            })
            .collect(),
        more,
        rows: rows.collect::<Result<_, _>>()?,
    })
}

/// One page of a stage, and the address of the next where there may be one.
fn of_stage(
    desk: &Desk,
    state: Option<Stage>,
    after: Option<ApplicationId>,
    officer: &SignedIn<ReadsCases>,
) -> Result<(Vec<Filed>, Option<String>), Refused> {
    let query = CaseQuery { state, after, ..CaseQuery::all(officer.scope(), A_PAGE) };
    let mut filed = desk.register.applications(&query)?;
    let last = filed.last().filter(|_| filed.len() == A_PAGE).map(|filed| filed.id);
    filed.retain(|filed| reading::is_own_work(filed, &officer.officer));
    let word = state.map(Stage::as_str).unwrap_or_default();
    Ok((filed, last.map(|id| format!("{}?stage={word}&after={id}", Cases {}))))
}

/// One page of the cases whose term is over or nearly so, the most urgent first, and the address of the next.
fn of_term(
    desk: &Desk,
    term: Term,
    from: usize,
    officer: &SignedIn<ReadsCases>,
    app: &App,
) -> Result<(Vec<Filed>, Option<String>), Refused> {
    let today = officer.now().date_in_china();
    let to = from.saturating_add(A_PAGE);
    let mut found = Vec::new();
    for state in Application::WITH_A_TERM {
        let Some((first, last)) = term.starts(Application::term_days(state), today, &app.calendar)? else {
            continue;
        };
        let limit = to.saturating_add(1);
        let mut query =
            TermQuery { state, region: officer.scope(), from: first, until: last, after: None, limit };
        let mut left = limit;
        while left > 0 {
            let read = desk.register.by_term(&query)?;
            let is_last = read.len() < limit;
            query.after = read.last().and_then(|filed| Some((filed.application.term_from()?, filed.id)));
            for filed in read.into_iter().filter(|filed| reading::is_own_work(filed, &officer.officer)) {
                found.push((known_due(&filed.application, &app.calendar)?, filed));
                left = left.saturating_sub(1);
            }
            if is_last {
                break;
            }
        }
    }
    found.sort_by_key(|(due, filed)| (*due, filed.id));
    let word = term.as_str();
    let more = (found.len() > to).then(|| format!("{}?due={word}&from={to}", Cases {}));
    Ok((found.into_iter().skip(from).take(A_PAGE).map(|(_, filed)| filed).collect(), more))
}

fn stages(stage: Option<Stage>, term: Option<Term>, lang: Lang) -> Vec<(String, String, bool)> {
    let all =
        (Cases {}.to_string(), Words::of(lang).all_states.to_owned(), stage.is_none() && term.is_none());
    let one = |one: &Stage| {
        let is_here = term.is_none() && stage == Some(*one);
        (format!("{}?stage={}", Cases {}, one.as_str()), lang.word(one.zh(), one.as_str()), is_here)
    };
    std::iter::once(all).chain(Stage::ALL.iter().map(one)).collect()
}

fn row(filed: &Filed, today: Date, lang: Lang, app: &App) -> Result<CaseRow, Refused> {
    let (case, request) = (&filed.application, filed.application.request());
    Ok(CaseRow {
        url: CaseUrl { id: filed.id }.to_string(),
        number: case_number(filed),
        name: request.particulars.name.expose().to_owned(),
        kind: lang.word(request.kind.zh(), request.kind.as_str()),
        state: lang.word(case.state().zh(), case.state().as_str()),
        due: due_badge(case, today, lang, app)?,
    })
}

const A_PAGE: usize = 50;
/// So many working days before its end a term is nearly over.
const FEW_LEFT: u16 = 2;
