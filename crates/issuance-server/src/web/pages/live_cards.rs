//! The card desk as it happens: server-sent events (HTML, 9.2) with the stage of each card that is being written.
//! What is said are rows of the register, whoever wrote them; numbers and stages only, no name.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http_body_util::channel::{Channel, Sender};
use issuance::card_board;
use serde::Serialize;

use crate::web::app::App;
use crate::web::clock::Stopwatch;
use crate::web::guard::{CardOperator, SignedIn};
use crate::web::pages::cards::{Step, serial};
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::LiveCards;

/// The stream.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<LiveCards, _, _>(stream)
}

/// What one event says.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Progress {
    waiting: u64,
    in_work: u64,
    issued: u64,
    jobs: Vec<Job>,
}

/// How far one card has come.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Job {
    id: i64,
    style: &'static str,
    word: String,
    done: u8,
    serial: String,
}

async fn stream(officer: SignedIn<CardOperator>, State(app): State<App>) -> Result<Response, Refused> {
    let first = look(&app, &officer).await?;
    let (sender, body) = Channel::<Bytes>::new(1);
    tokio::spawn(tell(sender, first, app, officer));
    Ok(([(header::CONTENT_TYPE, "text/event-stream")], Body::new(body)).into_response())
}

/// Says what changed until the browser goes or the time is up; it then asks again, and is asked again who it is.
async fn tell(mut sender: Sender<Bytes>, mut last: Progress, app: App, officer: SignedIn<CardOperator>) {
    let (watch, longest) = (Stopwatch::start(), Duration::from_secs(app.settings.limits.live_seconds));
    let mut event = Some(event(&last));
    loop {
        if let Some(event) = event.take()
            && sender.send_data(event).await.is_err()
        {
            return;
        }
        if watch.elapsed() >= longest {
            return;
        }
        tokio::time::sleep(EVERY).await;
        let Ok(now) = look(&app, &officer).await else { return };
        if now != last {
            event = Some(self::event(&now));
            last = now;
        }
    }
}

async fn look(app: &App, officer: &SignedIn<CardOperator>) -> Result<Progress, Refused> {
    let (lang, actor, now) = (officer.visit.lang(), officer.clone(), app.clock.now());
    let seen = app.desk.run(move |desk| {
        let actor = issuance::actor::Actor { now, ..actor.actor() };
        Ok(card_board::progress(&desk.register, &actor)?)
    });
    let (tally, jobs) = seen.await?;
    let job = |job: &issuance::card::CardJob| {
        let Step { style, word, done } = Step::of(&job.stage, lang);
        Job { id: job.id.get(), style, word, done, serial: serial(job) }
    };
    let jobs = jobs.iter().map(job).collect();
    Ok(Progress { waiting: tally.waiting, in_work: tally.in_work, issued: tally.issued, jobs })
}

fn event(progress: &Progress) -> Bytes {
    // A struct of numbers and words always becomes JSON, and JSON has no line breaks of its own.
    let json = serde_json::to_string(progress).unwrap_or_default();
    format!("retry: {RETRY_MILLISECONDS}\ndata: {json}\n\n").into()
}

/// A card takes some seconds; a person sees half a second.
const EVERY: Duration = Duration::from_millis(500);
/// How soon a browser asks again.
const RETRY_MILLISECONDS: u32 = 1000;
