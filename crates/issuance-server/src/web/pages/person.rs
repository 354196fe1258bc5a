//! One person: who they are, their cases, certificates and cards, and who looked.
//! Numbers are masked; the full one is shown on a click of its own, which the audit keeps.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use credential::time::UnixTime;
use issuance::audit::Subject;
use issuance::audit_story::{Told, fold};
use issuance::document;
use issuance::id::{CertificateId, PersonId};
use issuance::officer::Officer;
use issuance::person::Sex;
use issuance::reading::{self, Story};
use issuance::register::{AuditQuery, AuditStore, CardStore, Register};

use crate::web::app::App;
use crate::web::frame::{self, Frame};
use crate::web::guard::{ReadsCases, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::cards::CardLine;
use crate::web::pages::documents::shown;
use crate::web::pages::home::Badge;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{At, CaseUrl, CertificateUrl, ExposeNumber, PersonUrl};
use crate::web::words::cards;
use crate::web::words::casework::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<PersonUrl, _, _>(page).post::<ExposeNumber, _, _>(expose)
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "person.html")]
pub struct PersonPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// The words of cards.
    pub k: &'static cards::Words,
    /// Where the full number is asked for; `None` when it is shown.
    pub expose: Option<String>,
    /// The photo and what it shows.
    pub photo: Option<(String, String)>,
    /// Label and value.
    pub facts: Vec<(&'static str, String)>,
    /// Address, number, kind and stage of each case.
    pub cases: Vec<CaseLine>,
    /// Each certificate, the latest first.
    pub certificates: Vec<CertificateLine>,
    /// Who looked.
    pub looked: Vec<Deed>,
}

/// One case.
#[derive(Debug)]
pub struct CaseLine {
    /// Its page.
    pub url: String,
    /// Its number.
    pub number: String,
    /// What is asked for.
    pub kind: String,
    /// Where it stands.
    pub state: String,
}

/// One certificate.
#[derive(Debug)]
pub struct CertificateLine {
    /// Its page, if this officer may open it.
    pub url: Option<String>,
    /// Its number, masked.
    pub number: String,
    /// What it certifies.
    pub components: String,
    /// Until when.
    pub expires: String,
    /// Where it stands.
    pub standing: Badge,
    /// Its latest card.
    pub card: Option<CardLine>,
}

/// One row of the audit, as people read it.
#[derive(Debug)]
pub struct Deed {
    /// Its number.
    pub number: i64,
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// What.
    pub what: String,
    /// About what.
    pub about: String,
    /// From where.
    pub origin: String,
    /// Why.
    pub reason: String,
}

async fn page(
    officer: SignedIn<ReadsCases>,
    State(app): State<App>,
    At(url): At<PersonUrl>,
) -> Result<Response, Refused> {
    show(&officer, &app, url.id, false).await
}

async fn expose(
    officer: SignedIn<ReadsCases>,
    State(app): State<App>,
    At(url): At<ExposeNumber>,
) -> Result<Response, Refused> {
    let actor = officer.clone();
    app.desk.run(move |desk| Ok(reading::expose(&mut desk.register, url.id, &actor.actor())?)).await?;
    show(&officer, &app, url.id, true).await
}

async fn show(
    officer: &SignedIn<ReadsCases>,
    app: &App,
    id: PersonId,
    in_clear: bool,
) -> Result<Response, Refused> {
    let (lang, actor) = (officer.visit.lang(), officer.clone());
    let loaded = app.desk.run(move |desk| {
        let story = reading::person(&mut desk.register, id, &actor.actor())?;
        let rows = desk.register.audit_of(&AuditQuery::About(Subject::Person(id)), LOOKED)?;
        let looked = fold(rows).into_iter().map(|told| deed(&desk.register, told, lang));
        let looked = looked.collect::<Result<Vec<_>, _>>()?;
        let photo = match story.certificates.iter().rev().find(|(certificate, _)| certificate.signed) {
            Some((certificate, _)) => document::photo_of(&desk.register, certificate)?,
            None => None,
        };
        let latest = |certificate: CertificateId| Ok(desk.register.card_jobs_of(certificate)?.pop());
        let cards = story.certificates.iter().map(|(certificate, _)| latest(certificate.id));
        let cards = cards.collect::<Result<Vec<_>, Refused>>()?;
        Ok((story, looked, cards, photo))
    });
    let (story, looked, cards, photo) = loaded.await?;
    let c = Words::of(lang);
    let Story { person, cases, certificates } = &story;
    let number = if in_clear { person.identity.expose() } else { person.identity.to_string() };
    let particulars = &person.particulars;
    let text = |text: Option<&str>| text.unwrap_or("—").to_owned();
    let sex = Sex::of(person.identity);
    let facts = vec![
        (c.identity, number),
        (
            c.born,
            if in_clear {
                person.identity.birth_date().to_string()
            } else {
                person.identity.birth_date().year().to_string()
            },
        ),
        (c.sex, lang.pick(sex.zh(), if sex == Sex::Male { "male" } else { "female" }).to_owned()),
        (c.ethnic_group, text(particulars.ethnic_group.as_ref().map(|text| text.expose()))),
        (c.address, text(particulars.address.as_ref().map(|text| text.expose()))),
        (c.phone, text(particulars.phone.as_ref().map(|text| text.expose()))),
        (c.guardian, guardian(particulars, lang)),
        (c.home_county, lang.region(person.home)),
    ];
    let cases = cases.iter().map(|filed| CaseLine {
        url: CaseUrl { id: filed.id }.to_string(),
        number: case_number(filed),
        kind: lang.word(filed.application.request().kind.zh(), filed.application.request().kind.as_str()),
        state: lang.word(filed.application.state().zh(), filed.application.state().as_str()),
    });
    // After a move, the certificate of the old county is seen and not opened.
    let may_open =
        |county| app.may_open::<CertificateUrl>(&officer.officer) && officer.must_serve(county).is_ok();
    let certificates =
        certificates.iter().zip(cards).rev().filter(|((certificate, _), _)| certificate.signed);
    let certificates = certificates.map(|((certificate, _), card)| CertificateLine {
        url: may_open(certificate.county).then(|| CertificateUrl { id: certificate.id }.to_string()),
        number: certificate.number(person.identity).to_string(),
        components: lang.components(&certificate.components),
        expires: certificate.expires.date_in_china().to_string(),
        standing: standing(certificate.standing, lang),
        card: card.map(|card| CardLine::of(&card, lang)),
    });
    frame::show(&PersonPage {
        frame: Frame::inside(app, officer, particulars.name.expose()),
        c,
        photo: photo.map(|photo| shown(&photo, particulars.name.expose(), lang)),
        k: cards::Words::of(lang),
        expose: (!in_clear).then(|| ExposeNumber { id }.to_string()),
        facts,
        cases: cases.collect(),
        certificates: certificates.collect(),
        looked,
    })
}

/// The number people call a case by.
pub(crate) fn case_number(filed: &issuance::application::Filed) -> String {
    format!("{}-{:05}", filed.application.request().desk, filed.id.get())
}

/// The guardian in one line.
pub(crate) fn guardian(particulars: &issuance::person::Particulars, lang: Lang) -> String {
    let Some(guardian) = &particulars.guardian else { return "—".into() };
    let phone = guardian.phone.as_ref().map(|phone| phone.expose()).unwrap_or_default();
    let (open, close) = lang.pick(("（", "）"), (" (", ")"));
    format!("{}{open}{}{close}{phone}", guardian.name.expose(), guardian.relation.expose())
}

/// Where a certificate stands, as a badge.
pub(crate) fn standing(standing: issuance::status_change::Standing, lang: Lang) -> Badge {
    use issuance::status_change::Standing;
    let style = match standing {
        Standing::Valid => "accepted",
        Standing::Suspended => "waiting",
        Standing::Revoked => "refused",
    };
    Badge { style, text: lang.word(standing.zh(), standing.as_str()) }
}

/// Rows of the audit with the officer's name; repeated reading is one line.
fn deed(register: &dyn Register, told: Told, lang: Lang) -> Result<Deed, Refused> {
    let Told { first: row, last, times } = told;
    let who = register.officer(row.entry.who)?;
    let what = deed_word(row.entry.deed, lang);
    let (_, id) = row.entry.subject.to_stored();
    Ok(Deed {
        number: row.number,
        at: span(row.entry.at, last, lang),
        who: who.map(|officer| officer_name(&officer)).unwrap_or_default(),
        what: if times > 1 { format!("{what} · {times} {}", lang.pick("次", "times")) } else { what },
        about: format!("{} #{id}", subject_word(row.entry.subject, lang)),
        origin: row.entry.origin.expose().to_owned(),
        reason: row.entry.reason.as_ref().map(|text| text.expose().replace('_', " ")).unwrap_or_default(),
    })
}

/// From one time until another: `2026-11-24 08:00 至 08:10`; the day is not said twice, nor a time.
pub(crate) fn span(from: UnixTime, until: UnixTime, lang: Lang) -> String {
    let (from, until) = (clock_time(from), clock_time(until));
    if from == until {
        return from;
    }
    let until = match until.split_once(' ') {
        Some((day, time)) if from.starts_with(day) => time.to_owned(),
        _ => until,
    };
    format!("{from} {} {until}", lang.pick("至", "to"))
}

/// `2026-11-24 08:00`, as clocks in China show it.
pub(crate) fn clock_time(at: UnixTime) -> String {
    let day = at.date_in_china();
    let second = at.seconds_since(day.start_in_china());
    format!("{day} {:02}:{:02}", second / 3600, second / 60 % 60)
}

/// Name and office.
pub(crate) fn officer_name(officer: &Officer) -> String {
    format!("{} · {}", officer.name.expose(), officer.office.name.expose())
}

/// What was done, in words.
pub(crate) fn deed_word(deed: issuance::audit::Deed, lang: Lang) -> String {
    use issuance::audit::Deed as D;
    match deed {
        D::Step(verb) => lang.word(verb.zh(), verb.as_str()),
        D::Entered(change) => {
            lang.word(&format!("录入{}", change.zh()), &format!("{} entered", change.as_str()))
        }
        D::Confirmed(change) => {
            lang.word(&format!("确认{}", change.zh()), &format!("{} confirmed", change.as_str()))
        }
        D::Dropped(change) => {
            lang.word(&format!("驳回{}", change.zh()), &format!("{} dropped", change.as_str()))
        }
        D::Other(other) => lang.word(other.zh(), other.as_str()),
    }
}

/// What kind of thing it was done to.
pub(crate) fn subject_word(subject: Subject, lang: Lang) -> &'static str {
    match subject {
        Subject::Register => lang.pick("登记库", "register"),
        Subject::Officer(_) => lang.pick("人员", "officer"),
        Subject::Person(_) => lang.pick("持证人", "person"),
        Subject::Application(_) => lang.pick("案卷", "case"),
        Subject::Certificate(_) => lang.pick("证件", "certificate"),
        Subject::Bundle(_) => lang.pick("核验包", "bundle"),
    }
}

/// What came later belongs to the audit pages.
const LOOKED: usize = 2000;
