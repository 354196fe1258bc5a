//! The first page: find somebody, what waits for me with its legal clock, the card desk.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use credential::time::Date;
use issuance::application::Application;
use issuance::audit::{Deed, Other, Subject};
use issuance::flag::Lookout;
use issuance::local::LocalRules;
use issuance::person::is_minor;
use issuance::pilot::Feature;

use crate::web::app::App;
use crate::web::frame::{self, Frame};
use crate::web::guard::SignedIn;
use crate::web::lang::Lang;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{CardDesk, Cases, Home, NewApplication, Officers, Offices, Renewals, Search};
use crate::web::words::home::Words;
use crate::web::words::{days_left, days_overdue, term_unknown};
use crate::web::work_list::{Clock, Waiting, clock, waiting_for};
use issuance::card_board;
use issuance::officer::Role;
use issuance::register::{AuditStore, CardTally, OfficeStore, PersonStore};
use issuance::renewal;

/// The page.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Home, _, _>(page)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub h: &'static Words,
    /// The day, and how much is due.
    pub today: String,
    /// Where the search is; `None` for officers who may not search.
    pub search: Option<String>,
    /// Where a new application begins.
    pub new_application: Option<String>,
    /// Where all cases are.
    pub cases: Option<String>,
    /// What waits; `None` for officers who do no casework.
    pub waiting: Option<Vec<Row>>,
    /// The card desk; `None` for officers who write no cards.
    pub desk: Option<DeskPanel>,
    /// What comes to its renewal; `None` where nothing does, and for officers who take no applications.
    pub renewals: Option<RenewalPanel>,
    /// What an administrator comes for.
    pub administration: Vec<(String, &'static str)>,
}

/// One case that waits.
#[derive(Debug)]
pub struct Row {
    /// Where the case is.
    pub url: Option<String>,
    /// Its number.
    pub number: String,
    /// Whose it is.
    pub name: String,
    /// Their identity number, masked.
    pub identity: String,
    /// What is asked for.
    pub kind: String,
    /// What to do now.
    pub next: String,
    /// How many flags the case has, for those who decide.
    pub flags: Option<String>,
    /// Its legal clock.
    pub due: Option<Badge>,
}

/// A word with a sign and a colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// `accepted`, `waiting` or `refused`.
    pub style: &'static str,
    /// The word.
    pub text: String,
}

/// The card desk at a glance.
#[derive(Debug)]
pub struct DeskPanel {
    /// Where it is.
    pub url: String,
    /// Whether cards are written in this region.
    pub is_on: bool,
    /// How much there is to do.
    pub tally: CardTally,
}

/// Renewals at a glance.
#[derive(Debug)]
pub struct RenewalPanel {
    /// Where they are.
    pub url: String,
    /// How many may be renewed.
    pub due: u64,
    /// How many have ended.
    pub ended: u64,
}

async fn page(officer: SignedIn, State(app): State<App>) -> Result<Response, Refused> {
    let who = &officer.officer;
    let (lang, today) = (officer.visit.lang(), officer.now().date_in_china());
    let h = Words::of(lang);
    let works_on_cases = who.roles.iter().any(|role| role != Role::Administrator);
    let loaded = {
        let (officer, app) = (officer.clone(), app.clone());
        app.clone().desk.run(move |desk| load(&officer, &app, desk, works_on_cases)).await?
    };
    let rows = loaded.cases.into_iter().map(|case| row(case, today, lang, &app));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let link = |is_on: bool, url: String| is_on.then_some(url);
    let has_search = app.table.iter().any(|route| route.path == "/search" && route.method == "POST");
    let administration = [
        (app.may_open::<Offices>(who), Offices {}.to_string(), lang.words().nav_offices),
        (app.may_open::<Officers>(who), Officers {}.to_string(), lang.words().nav_officers),
    ];
    frame::show(&HomePage {
        frame: Frame::inside(&app, &officer, h.title),
        h,
        today: today_line(&rows, today, lang),
        search: link(has_search && works_on_cases, Search {}.to_string()),
        new_application: link(app.may_open::<NewApplication>(who), NewApplication {}.to_string()),
        cases: link(app.may_open::<Cases>(who), Cases {}.to_string()),
        waiting: works_on_cases.then_some(rows),
        desk: link(app.may_open::<CardDesk>(who), CardDesk {}.to_string()).map(|url| DeskPanel {
            url,
            is_on: loaded.cards,
            tally: loaded.tally,
        }),
        renewals: Some(loaded.renewals)
            .filter(|(due, ended)| due + ended > 0)
            .map(|(due, ended)| RenewalPanel { url: Renewals {}.to_string(), due, ended }),
        administration: administration
            .into_iter()
            .filter(|(may, ..)| *may)
            .map(|(_, url, word)| (url, word))
            .collect(),
    })
}

struct Queued {
    waiting: Waiting,
    identity: String,
    flags: usize,
}

struct Loaded {
    cases: Vec<Queued>,
    cards: bool,
    tally: CardTally,
    /// Due and ended.
    renewals: (u64, u64),
}

fn load(
    officer: &SignedIn,
    app: &App,
    desk: &mut crate::web::desk::Desk,
    works_on_cases: bool,
) -> Result<Loaded, Refused> {
    let cards = desk.register.pilots()?.is_on(Feature::SmartCard, officer.scope());
    let tally = match officer.officer.roles.has(Role::CardOperator) {
        true => card_board::tally(&desk.register, &officer.actor())?,
        false => CardTally::default(),
    };
    if !works_on_cases {
        return Ok(Loaded { cases: Vec::new(), cards, tally, renewals: (0, 0) });
    }
    let counties = match officer.officer.roles.has(Role::Clerk) {
        true => renewal::tally(&desk.register, LocalRules::shipped()?, &officer.actor())?,
        false => Vec::new(),
    };
    let renewals = counties.iter().fold((0, 0), |(due, ended), one| (due + one.due, ended + one.ended));
    let mut waiting =
        waiting_for(&officer.officer, &desk.register, &app.calendar, officer.now().date_in_china(), SHOWN)?;
    waiting.truncate(SHOWN);
    let decides = officer.officer.roles.has(Role::Approver) || officer.officer.roles.has(Role::Reviewer);
    let (mut cases, mut lookout) = (Vec::new(), Lookout::new(&desk.register, officer.now()));
    for waiting in waiting {
        let filed = &waiting.filed;
        let person = desk.register.person(filed.person)?;
        let flags = match decides {
            true => lookout.flags(filed)?.len(),
            false => 0,
        };
        let identity = person.map(|person| person.identity.to_string()).unwrap_or_default();
        cases.push(Queued { waiting, identity, flags });
    }
    if !cases.is_empty() {
        desk.register.note(&officer.actor().entry(Deed::Other(Other::Searched), Subject::Register))?;
    }
    Ok(Loaded { cases, cards, tally, renewals })
}

fn row(queued: Queued, today: Date, lang: Lang, app: &App) -> Result<Row, Refused> {
    let Queued { waiting: Waiting { filed, next, .. }, identity, flags } = queued;
    let request = filed.application.request();
    let minor =
        if is_minor(request.born, today) { format!(" · {}", Words::of(lang).minor) } else { String::new() };
    let due = due_badge(&filed.application, today, lang, app)?;
    let page = app.table.iter().find(|route| route.method == "GET" && route.path == "/applications/{id}");
    Ok(Row {
        url: page.map(|_| format!("/applications/{}", filed.id)),
        number: format!("{}-{:05}", request.desk, filed.id.get()),
        name: request.particulars.name.expose().to_owned(),
        identity,
        kind: format!("{}{minor}", lang.word(request.kind.zh(), request.kind.as_str())),
        next: lang.word(next.zh(), next.as_str()),
        flags: (flags > 0).then(|| lang.pick(format!("{flags} 处请留意"), format!("look twice: {flags}"))),
        due,
    })
}

/// How a legal clock is shown.
pub(crate) fn due_badge(
    case: &Application,
    today: Date,
    lang: Lang,
    app: &App,
) -> Result<Option<Badge>, Refused> {
    Ok(clock(case, today, &app.calendar)?.map(|clock| match clock {
        Clock::Overdue(days) => Badge { style: "refused", text: days_overdue(lang, days) },
        Clock::Today => Badge { style: "waiting", text: Words::of(lang).today.to_owned() },
        Clock::Left(days) if days <= 2 => Badge { style: "waiting", text: days_left(lang, days) },
        Clock::Left(days) => Badge { style: "accepted", text: days_left(lang, days) },
        Clock::Unknown(year) => Badge { style: "waiting", text: term_unknown(lang, year) },
    }))
}

fn today_line(rows: &[Row], today: Date, lang: Lang) -> String {
    let count = |wanted: &str| {
        rows.iter().filter(|row| row.due.as_ref().is_some_and(|due| due.style == wanted)).count()
    };
    let due_today = rows
        .iter()
        .filter(|row| row.due.as_ref().is_some_and(|due| due.text == Words::of(lang).today))
        .count();
    let weekday = usize::from(today.weekday().saturating_sub(1));
    let zh_day = ["一", "二", "三", "四", "五", "六", "日"].get(weekday).copied().unwrap_or_default();
    let en_day = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let en_day = en_day.get(weekday).copied().unwrap_or_default();
    lang.pick(
        format!(
            "{} 月 {} 日 星期{zh_day} · 今天到期 {due_today} 件，逾期 {} 件",
            today.month(),
            today.day(),
            count("refused")
        ),
        format!("{en_day}, {today} · {due_today} due today, {} overdue", count("refused")),
    )
}

/// As many as one screen and a half.
const SHOWN: usize = 20;
