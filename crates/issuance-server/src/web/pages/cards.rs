//! The card desk: what waits, what was begun, what was issued today, what to do now; a card ordered, a lost one
//! replaced. Which stage follows which is settled in `issuance::card_job`; the reader is served elsewhere.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use issuance::card::{CardJob, Stage};
use issuance::card_board::{self, Board, Place};
use issuance::card_job;
use issuance::pilot::Feature;
use issuance::register::{CardTally, OfficeStore};

use crate::web::app::App;
use crate::web::fields::Asked;
use crate::web::frame::{self, Frame};
use crate::web::guard::{CardOperator, SignedIn};
use crate::web::lang::Lang;
use crate::web::pages::person::clock_time;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::{At, CardDesk, CertificateUrl, LiveCards, OrderCard, ReplaceCard};
use crate::web::words::cards::Words;

/// The pages.
#[must_use]
pub fn routes() -> Routes {
    Routes::default()
        .get::<CardDesk, _, _>(page)
        .post::<OrderCard, _, _>(order)
        .post::<ReplaceCard, _, _>(replace)
}

/// The card desk.
#[derive(Debug, Template)]
#[template(path = "cards.html")]
pub struct CardsPage {
    /// Around it.
    pub frame: Frame,
    /// Its words.
    pub k: &'static Words,
    /// Whether cards are written in this region.
    pub is_on: bool,
    /// What was just done.
    pub done: Option<&'static str>,
    /// What to do now.
    pub to_do: &'static str,
    /// How much there is of each.
    pub tally: CardTally,
    /// Cards that still have to be written.
    pub open: Vec<Row>,
    /// Cards issued today.
    pub issued: Vec<Row>,
    /// Certificates without a card.
    pub without: Vec<Without>,
    /// Where progress comes from.
    pub live: LiveCards,
}

/// One card.
#[derive(Debug)]
pub struct Row {
    /// The number of its job.
    pub job: i64,
    /// The certificate's page.
    pub url: String,
    /// Its number, masked.
    pub number: String,
    /// Whose.
    pub name: String,
    /// How far it has come.
    pub stage: Step,
    /// Its serial, once it has one.
    pub serial: String,
    /// When it was issued.
    pub at: String,
}

/// A stage as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The style of its badge.
    pub style: &'static str,
    /// Its name.
    pub word: String,
    /// Steps done, of [`Self::ALL`].
    pub done: u8,
}

impl Step {
    /// Ordered, begun, prepared, signed, issued.
    pub const ALL: u8 = 4;

    /// A stage in a language.
    #[must_use]
    pub fn of(stage: &Stage, lang: Lang) -> Self {
        let (style, done) = match stage {
            Stage::Ordered => ("plain", 0),
            Stage::Begun(_) => ("waiting", 1),
            Stage::Prepared(..) => ("waiting", 2),
            Stage::Signed(..) => ("waiting", 3),
            Stage::Issued(..) => ("accepted", Self::ALL),
            Stage::Withdrawn(..) => ("refused", 0),
        };
        Self { style, word: lang.word(stage.zh(), stage.as_str()), done }
    }
}

/// One certificate without a card.
#[derive(Debug)]
pub struct Without {
    /// Its page.
    pub url: String,
    /// Its number, masked.
    pub number: String,
    /// Whose.
    pub name: String,
    /// Where a card is ordered.
    pub order: String,
}

/// One card on the page of its certificate.
#[derive(Debug)]
pub struct CardLine {
    /// How far it has come.
    pub stage: Step,
    /// Its serial, once it has one.
    pub serial: String,
    /// When it was issued or withdrawn.
    pub at: String,
}

impl CardLine {
    /// A job in a language.
    #[must_use]
    pub fn of(job: &CardJob, lang: Lang) -> Self {
        let (Stage::Issued(.., at) | Stage::Withdrawn(_, at)) = &job.stage else {
            return Self { stage: Step::of(&job.stage, lang), serial: serial(job), at: String::new() };
        };
        Self { stage: Step::of(&job.stage, lang), serial: serial(job), at: clock_time(*at) }
    }
}

async fn page(
    officer: SignedIn<CardOperator>,
    State(app): State<App>,
    Asked(asked): Asked,
) -> Result<Response, Refused> {
    let (lang, actor) = (officer.visit.lang(), officer.clone());
    let loaded = app.desk.run(move |desk| {
        let is_on = desk.register.pilots()?.is_on(Feature::SmartCard, actor.scope());
        Ok((is_on, card_board::board(&mut desk.register, &actor.actor())?))
    });
    let (is_on, Board { tally, open, issued, without }) = loaded.await?;
    let k = Words::of(lang);
    let without = without.into_iter().filter(|_| is_on).map(|(certificate, person)| Without {
        url: CertificateUrl { id: certificate.id }.to_string(),
        number: certificate.number(person.identity).to_string(),
        name: person.particulars.name.expose().to_owned(),
        order: OrderCard { id: certificate.id }.to_string(),
    });
    let without: Vec<_> = without.collect();
    frame::show(&CardsPage {
        frame: Frame::inside(&app, &officer, k.title),
        k,
        is_on,
        done: match asked.get("done") {
            "order" => Some(k.just_ordered),
            "replace" => Some(k.just_replaced),
            _ => None,
        },
        to_do: match (tally.in_work, tally.waiting, without.is_empty()) {
            (1.., ..) => k.do_resume,
            (0, 1.., _) => k.do_write,
            (0, 0, false) => k.do_order,
            (0, 0, true) => k.do_nothing,
        },
        tally,
        open: open.into_iter().map(|place| row(place, lang)).collect(),
        issued: issued.into_iter().map(|place| row(place, lang)).collect(),
        without,
        live: LiveCards {},
    })
}

fn row(Place { job, certificate, person }: Place, lang: Lang) -> Row {
    Row {
        job: job.id.get(),
        url: CertificateUrl { id: certificate.id }.to_string(),
        number: certificate.number(person.identity).to_string(),
        name: person.particulars.name.expose().to_owned(),
        stage: Step::of(&job.stage, lang),
        serial: serial(&job),
        at: job.issued_at().map(clock_time).unwrap_or_default(),
    }
}

/// The serial of a card, once it has one.
pub(crate) fn serial(job: &CardJob) -> String {
    job.card().map_or_else(|| "—".to_owned(), |card| card.to_string())
}

async fn order(
    officer: SignedIn<CardOperator>,
    State(app): State<App>,
    At(url): At<OrderCard>,
) -> Result<Response, Refused> {
    let actor = officer.clone();
    let ordered = app.desk.run(move |desk| Ok(card_job::order(&mut desk.register, url.id, &actor.actor())?));
    ordered.await?;
    Ok(Redirect::to(&format!("{}?done=order", CardDesk {})).into_response())
}

async fn replace(
    officer: SignedIn<CardOperator>,
    State(app): State<App>,
    At(url): At<ReplaceCard>,
) -> Result<Response, Refused> {
    let actor = officer.clone();
    let replaced =
        app.desk.run(move |desk| Ok(card_job::replace(&mut desk.register, url.id, &actor.actor())?));
    replaced.await?;
    Ok(Redirect::to(&format!("{}?done=replace", CardDesk {})).into_response())
}
