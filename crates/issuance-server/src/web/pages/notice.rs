//! Public notices: those that run, and the sheet that hangs in the village. It names nobody in full and says nothing
//! of the diagnosis (domain rules: no full number, no detail).

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use credential::time::Date;
use issuance::audit::{Deed, Other, Subject};
use issuance::person::Sex;
use issuance::reading;
use issuance::register::{AuditStore, CaseQuery, CaseStore, OfficeStore, PersonStore};
use issuance::step::Action;
use issuance::transition::State as Stage;

use crate::web::app::App;
use crate::web::frame::{self, Frame};
use crate::web::guard::{ReadsCases, SignedIn};
use crate::web::pages::person::case_number;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{At, NoticeSheet, Notices};
use crate::web::words::casework::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Notices, _, _>(list).get::<NoticeSheet, _, _>(sheet)
}

/// The notices that run.
#[derive(Debug, Template)]
#[template(path = "notices.html")]
pub struct NoticesPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// Sheet, case, name as the sheet says it, last day.
    pub rows: Vec<(String, String, String, String)>,
}

/// The sheet.
#[derive(Debug, Template)]
#[template(path = "notice.html")]
pub struct NoticePage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// Label and value; nothing else of the case comes here.
    pub facts: Vec<(&'static str, String)>,
}

async fn list(officer: SignedIn<ReadsCases>, State(app): State<App>) -> Result<Response, Refused> {
    let actor = officer.clone();
    let rows = app.desk.run(move |desk| {
        desk.register.note(&actor.actor().entry(Deed::Other(Other::Searched), Subject::Register))?;
        let query = CaseQuery { state: Some(Stage::Noticed), ..CaseQuery::all(actor.scope(), SHOWN) };
        let noticed = desk.register.applications(&query)?;
        let seen = noticed.iter().filter(|filed| reading::is_own_work(filed, &actor.officer));
        let row = |filed: &issuance::application::Filed| {
            let until = filed.application.notice_until()?;
            let name = filed.application.request().particulars.name.to_string();
            Some((NoticeSheet { id: filed.id }.to_string(), case_number(filed), name, until.to_string()))
        };
        Ok(seen.filter_map(row).collect())
    });
    let rows = rows.await?;
    let c = Words::of(officer.visit.lang());
    frame::show(&NoticesPage { frame: Frame::inside(&app, &officer, c.notices), c, rows })
}

async fn sheet(
    officer: SignedIn<ReadsCases>,
    State(app): State<App>,
    At(url): At<NoticeSheet>,
) -> Result<Response, Refused> {
    officer.visit.note_case(url.id);
    let actor = officer.clone();
    let loaded = app.desk.run(move |desk| {
        let filed = reading::case(&mut desk.register, url.id, &actor.actor())?;
        let person = desk.register.person(filed.person)?.ok_or(Refused::NotFound)?;
        let offices = desk.register.offices()?;
        let desk_county = filed.application.request().desk;
        let office = offices.into_iter().find(|office| office.region == desk_county);
        Ok((filed, person, office))
    });
    let (filed, person, office) = loaded.await?;
    let Some((posted, until)) = days(&filed) else { return Err(Refused::NotFound) };
    let (lang, c) = (officer.visit.lang(), Words::of(officer.visit.lang()));
    let request = filed.application.request();
    let sex = Sex::of(person.identity);
    let facts = vec![
        // `Display` of a name shows its first character only.
        (c.name, request.particulars.name.to_string()),
        (c.sex, lang.pick(sex.zh(), if sex == Sex::Male { "male" } else { "female" }).to_owned()),
        (c.identity, person.identity.to_string()),
        (c.case_, case_number(&filed)),
        (c.notice_from, posted.to_string()),
        (c.notice_until, until.to_string()),
        (
            c.notice_office,
            office.map_or_else(|| lang.region(request.desk), |office| office.name.expose().to_owned()),
        ),
    ];
    frame::show(&NoticePage { frame: Frame::inside(&app, &officer, c.notice_title), c, facts })
}

fn days(filed: &issuance::application::Filed) -> Option<(Date, Date)> {
    filed.application.steps().iter().rev().find_map(|step| match step.action {
        Action::PostNotice { posted, until } => Some((posted, until)),
        _ => None,
    })
}

const SHOWN: usize = 200;
