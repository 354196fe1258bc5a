//! One certificate with its status, its changes, its QR codes and what may be done to it. What cannot be undone is entered here by one officer and confirmed by another.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use credential::qr_text::QrText;
use credential::time::Date;
use issuance::actor::Actor;
use issuance::card::Stage;
use issuance::card_board;
use issuance::casework;
use issuance::certificate::{Certificate, SignedCredential};
use issuance::document;
use issuance::id::{CertificateId, ChangeId};
use issuance::kind::Kind;
use issuance::local::LocalRules;
use issuance::officer::Role;
use issuance::pilot::Feature;
use issuance::reading;
use issuance::register::{OfficeStore, Register};
use issuance::renewal::Term;
use issuance::standing as use_cases;
use issuance::status_change::{Outcome, Reason, Standing, StatusChange};

use crate::qr_picture::QrPicture;
use crate::web::app::App;
use crate::web::fields::{Fields, Form};
use crate::web::frame::{self, Frame};
use crate::web::guard::{Approver, Clerk, Power, ReadsCertificates, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::cards::CardLine;
use crate::web::pages::documents::shown;
use crate::web::pages::home::Badge;
use crate::web::pages::person::{clock_time, officer_name, standing};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{
    At, CaseUrl, CertificateUrl, ChangeStatus, DecideChange, Follow, KindWord, OrderCard, PersonUrl,
    ReplaceCard, ReportLoss,
};
use crate::web::words::cards;
use crate::web::words::casework::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get::<CertificateUrl, _, _>(page)
        .post::<ChangeStatus, _, _>(change)
        .post::<ReportLoss, _, _>(lose)
        .post::<DecideChange, _, _>(decide)
}

/// One certificate.
#[derive(Debug, Template)]
#[template(path = "certificate.html")]
pub struct CertificatePage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub c: &'static Words,
    /// Which one.
    pub id: CertificateId,
    /// The holder's page.
    pub person: String,
    /// Where it stands.
    pub standing: Badge,
    /// Whether its renewal is due.
    pub due: Option<Badge>,
    /// The photo and what it shows.
    pub photo: Option<(String, String)>,
    /// Label and value.
    pub facts: Vec<(&'static str, String)>,
    /// Each change.
    pub changes: Vec<ChangeLine>,
    /// The words of cards.
    pub k: &'static cards::Words,
    /// Its cards, oldest first.
    pub cards: Vec<CardLine>,
    /// Where a card is ordered, if one may be.
    pub order: Option<String>,
    /// Where its card is withdrawn and another ordered.
    pub replace: Option<String>,
    /// Title and picture of each credential; `None` where the county has no QR codes.
    pub pictures: Option<Vec<(&'static str, Option<String>)>>,
    /// The form of a change; `None` for those who enter none.
    pub form: Option<Form>,
    /// Why it may be changed from here.
    pub reasons: Vec<(&'static str, String)>,
    /// Applications that may follow it.
    pub follows: Vec<(String, String)>,
    /// Whether a loss may be reported.
    pub may_be_lost: bool,
    /// A rule that stands against it.
    pub refused: Option<String>,
}

/// One change.
#[derive(Debug)]
pub struct ChangeLine {
    /// What and why.
    pub what: String,
    /// From which day on.
    pub effective: String,
    /// By whom and when it was entered.
    pub entered: String,
    /// What became of it.
    pub outcome: Badge,
    /// Where the second officer decides.
    pub decide: Option<String>,
}

async fn page(
    officer: SignedIn<ReadsCertificates>,
    State(app): State<App>,
    At(url): At<CertificateUrl>,
) -> Result<Response, Refused> {
    let today = officer.now().date_in_china().to_string();
    let form = Form::of(&Fields::default().with("effective", &today));
    show(&officer, &app, url.id, form, None).await
}

async fn change(
    officer: SignedIn<Clerk>,
    State(app): State<App>,
    At(url): At<ChangeStatus>,
    fields: Fields,
) -> Result<Response, Refused> {
    let c = Words::of(officer.visit.lang());
    let mut form = Form::of(&fields);
    let reason = form.require("reason", Reason::parse(fields.get("reason")), c.choose_reason);
    let effective = form.require("effective", Date::parse(fields.get("effective").trim()).ok(), c.bad_date);
    let (Some(reason), Some(effective)) = (reason, effective) else {
        return show(&officer, &app, url.id, form, None).await;
    };
    let actor = officer.clone();
    let done = app.desk.run(move |desk| {
        Ok(use_cases::enter(&mut desk.register, url.id, reason, effective, &actor.actor())?)
    });
    let back = CertificateUrl { id: url.id }.to_string();
    answer(&officer, &app, url.id, form, done.await.map(|_| back)).await
}

async fn lose(
    officer: SignedIn<Clerk>,
    State(app): State<App>,
    At(url): At<ReportLoss>,
    fields: Fields,
) -> Result<Response, Refused> {
    let (today, actor) = (officer.now().date_in_china(), officer.clone());
    let done = app
        .desk
        .run(move |desk| Ok(casework::report_loss(&mut desk.register, url.id, today, &actor.actor())?));
    let filed = done.await.map(|filed| CaseUrl { id: filed.id }.to_string());
    answer(&officer, &app, url.id, Form::of(&fields), filed).await
}

async fn decide(
    officer: SignedIn<Approver>,
    State(app): State<App>,
    At(url): At<DecideChange>,
    fields: Fields,
) -> Result<Response, Refused> {
    let agrees = match fields.get("word") {
        "confirm" => true,
        "drop" => false,
        _ => return Err(Refused::Unreadable),
    };
    let actor = officer.clone();
    let done =
        app.desk.run(move |desk| Ok(use_cases::decide(&mut desk.register, url.id, agrees, &actor.actor())?));
    let change = done.await?;
    Ok(Redirect::to(&CertificateUrl { id: change.certificate() }.to_string()).into_response())
}

/// Onward where it was done; the page with the rule where one stands against it.
async fn answer<P: Power>(
    officer: &SignedIn<P>,
    app: &App,
    id: CertificateId,
    form: Form,
    done: Result<String, Refused>,
) -> Result<Response, Refused> {
    match done {
        Ok(onward) => Ok(Redirect::to(&onward).into_response()),
        Err(Refused::Rule(error)) => {
            let text = officer.visit.lang().pick(error.zh(), error.en());
            let mut page = show(officer, app, id, form, Some(text)).await?;
            *page.status_mut() = StatusCode::CONFLICT;
            Ok(page)
        }
        Err(refused) => Err(refused),
    }
}

async fn show<P: Power>(
    officer: &SignedIn<P>,
    app: &App,
    id: CertificateId,
    form: Form,
    refused: Option<String>,
) -> Result<Response, Refused> {
    let (lang, now) = (officer.visit.lang(), officer.now());
    let (who, origin) = (officer.officer.clone(), officer.origin.clone());
    let c = Words::of(lang);
    let loaded = app.desk.run(move |desk| {
        let actor = Actor { officer: &who, now, origin: &origin };
        let (certificate, person, changes) = reading::certificate(&mut desk.register, id, &actor)?;
        let lines = changes.iter().map(|change| line(&desk.register, change, &who, lang));
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        let credentials = match reading::codes(&desk.register, &certificate) {
            Err(issuance::Error::FeatureOff { .. }) => None,
            codes => Some(codes?),
        };
        let photo = document::photo_of(&desk.register, &certificate)?;
        let cards = card_board::cards_of(&desk.register, &certificate, &actor)?;
        let may_have_one = desk.register.pilots()?.is_on(Feature::SmartCard, certificate.county);
        Ok((certificate, person, lines, credentials, cards, may_have_one, photo))
    });
    let (certificate, person, changes, credentials, cards, may_have_one, photo) = loaded.await?;
    let has_card = cards.iter().any(|job| !matches!(job.stage, Stage::Withdrawn(..)));
    let writes = officer.officer.roles.has(Role::CardOperator)
        && certificate.standing == Standing::Valid
        && certificate.expires > now;
    let enters = officer.officer.roles.has(Role::Clerk);
    let reasons = Reason::ALL.iter().filter(|reason| {
        certificate.standing.after(reason.of()).is_ok()
            && !matches!(reason, Reason::Lost | Reason::Superseded)
    });
    let kinds = [Kind::Renewal, Kind::Change, Kind::Transfer, Kind::GuardianChange];
    let follows = kinds.into_iter().filter(|_| enters && certificate.standing == Standing::Valid);
    let day = |at: credential::time::UnixTime| at.date_in_china().to_string();
    let ends = certificate.expires.date_in_china();
    let rules = LocalRules::shipped()?;
    let renewed_from = rules.renewed_from(ends, certificate.county);
    let due = renewal(&certificate, rules, officer.now().date_in_china(), lang);
    frame::show(&CertificatePage {
        frame: Frame::inside(app, officer, format!("{} #{id}", c.certificate)),
        c,
        id,
        person: PersonUrl { id: certificate.person }.to_string(),
        standing: standing(certificate.standing, lang),
        due,
        photo: photo.map(|photo| shown(&photo, person.particulars.name.expose(), lang)),
        facts: vec![
            (c.name, person.particulars.name.expose().to_owned()),
            (c.signed_number, certificate.number(person.identity).to_string()),
            (c.components, lang.components(&certificate.components)),
            (c.home_county, lang.region(certificate.county)),
            (c.issued_on, day(certificate.issued)),
            (c.expires_on, day(certificate.expires)),
            (c.renewed_from, renewed_from.to_string()),
        ],
        changes,
        k: cards::Words::of(lang),
        cards: cards.iter().map(|job| CardLine::of(job, lang)).collect(),
        order: (writes && may_have_one && !has_card).then(|| OrderCard { id }.to_string()),
        replace: (writes && may_have_one && has_card).then(|| ReplaceCard { id }.to_string()),
        pictures: credentials.map(|all| all.iter().map(|credential| picture(credential, c)).collect()),
        form: (enters && certificate.standing != Standing::Revoked).then_some(form),
        reasons: reasons.map(|reason| (reason.as_str(), reason_word(*reason, lang))).collect(),
        follows: follows
            .map(|kind| {
                (Follow { id, kind: KindWord(kind) }.to_string(), lang.word(kind.zh(), kind.as_str()))
            })
            .collect(),
        may_be_lost: enters && certificate.standing != Standing::Revoked,
        refused,
    })
}

fn picture(credential: &SignedCredential, c: &'static Words) -> (&'static str, Option<String>) {
    let title = match credential.kind {
        credential::Kind::Pass => c.qr_pass,
        _ => c.qr_certificate,
    };
    let text = QrText::new(credential.bytes.clone()).to_text();
    let svg = QrPicture::new(&text).ok().map(|picture| picture.svg(title));
    // Inside a page, an svg stands without the head of a file of its own.
    (title, svg.and_then(|svg| svg.find("<svg").map(|at| svg.split_at(at).1.to_owned())))
}

fn line(
    register: &dyn Register,
    (id, change): &(ChangeId, StatusChange),
    officer: &issuance::officer::Officer,
    lang: Lang,
) -> Result<ChangeLine, Refused> {
    let c = Words::of(lang);
    let name = |who| -> Result<String, Refused> {
        Ok(register.officer(who)?.map(|officer| officer_name(&officer)).unwrap_or_default())
    };
    let (by, at) = change.entered();
    let (style, word, second) = match change.outcome() {
        Outcome::Waiting => ("waiting", c.outcome_waiting, None),
        Outcome::InForce => ("accepted", c.outcome_in_force, None),
        Outcome::Confirmed(who, at) => ("accepted", c.outcome_confirmed, Some((who, at))),
        Outcome::Dropped(who, at) => ("plain", c.outcome_dropped, Some((who, at))),
    };
    let second = match second {
        None => String::new(),
        Some((who, at)) => format!(" · {} {}", name(who)?, clock_time(at)),
    };
    let decides = change.outcome() == Outcome::Waiting && officer.roles.has(Role::Approver);
    Ok(ChangeLine {
        what: said(change, lang),
        effective: change.effective().to_string(),
        entered: format!("{} {}", name(by)?, clock_time(at)),
        outcome: Badge { style, text: format!("{word}{second}") },
        decide: decides.then(|| DecideChange { id: *id }.to_string()),
    })
}

pub(super) fn said(change: &StatusChange, lang: Lang) -> String {
    let word = lang.word(change.change().zh(), change.change().as_str());
    format!("{word} · {}", lang.word(change.reason().zh(), change.reason().as_str()))
}

/// Says that a certificate which counts has come to its renewal, or past its end.
pub(super) fn renewal(
    certificate: &Certificate,
    rules: &LocalRules,
    today: Date,
    lang: Lang,
) -> Option<Badge> {
    let (c, ends) = (Words::of(lang), certificate.expires.date_in_china());
    let term = Term::of(ends, certificate.county, today, rules);
    let (style, text) = match term.filter(|_| certificate.standing != Standing::Revoked)? {
        Term::Due => ("waiting", c.renewal_due),
        Term::Ended => ("refused", c.has_ended),
    };
    Some(Badge { style, text: text.to_owned() })
}

fn reason_word(reason: Reason, lang: Lang) -> String {
    let change = lang.word(reason.of().zh(), reason.of().as_str());
    format!("{change} · {}", lang.word(reason.zh(), reason.as_str()))
}
