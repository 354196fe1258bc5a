//! From settings to a running service: the log, the desks, the app, the listeners.

use std::path::PathBuf;
use std::sync::Arc;

use axum_server::Handle;
use issuance::Error;
use issuance::calendar::Calendar;
use issuance::register::StoreError;
use thiserror::Error as ThisError;

use crate::web::api::desks::{CardService, CardStock};
use crate::web::api::shelf::Shelf;
use crate::web::app::{App, Plan};
use crate::web::clock::{Clock, Random};
use crate::web::desk::{Desk, Desks, OpenError};
use crate::web::issuing::{self, Press};
use crate::web::password::Cost;
use crate::web::serve::{ServeError, serve};
use crate::web::settings::{LogLevel, Settings, SettingsError};

/// What the service works with besides the register.
pub struct Stock {
    /// Where published bundles lie.
    pub bundles: PathBuf,
    /// Signs what is approved.
    pub press: Option<Press>,
    /// Makes cards; only beside a press.
    pub cards: Option<CardStock>,
}

/// Serves until it is told to stop. `open` opens the register once for each desk; with a press, what is approved is
/// signed at once.
pub fn start(
    settings: Settings,
    stock: Stock,
    open: impl FnMut() -> Result<Desk, StoreError>,
) -> Result<(), StartError> {
    settings.check()?;
    write_log(settings.log_level);
    let desk = Desks::open(settings.limits.database_threads, open)?;
    let calendar = Calendar::shipped().map_err(StartError::Calendar)?;
    let (clock, random) = (Clock::System, Random::system());
    let plan = Plan { desk, settings, calendar, clock, random, cost: Cost::Full };
    let app = App::new(plan).map_err(|_| StartError::Memory)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::Thread)?;
    let Stock { bundles, press, cards } = stock;
    // Nobody else has seen the app yet: both places are empty.
    let _ = app.shelf.set(Arc::new(Shelf::new(bundles)));
    if let Some(press) = press.map(Arc::new) {
        if let Some(cards) = cards {
            let _ = app.cards.set(Arc::new(CardService::new(Arc::clone(&press), cards)));
        }
        runtime.spawn(issuing::run(app.clone(), press));
    }
    Ok(runtime.block_on(serve(app, Handle::new()))?)
}

/// One JSON object a line. What may stand in one is decided where it is written; see `envelope`.
fn write_log(level: LogLevel) {
    let level = match level {
        LogLevel::Info => tracing::Level::INFO,
        LogLevel::Debug => tracing::Level::DEBUG,
        LogLevel::Trace => tracing::Level::TRACE,
    };
    let log =
        tracing_subscriber::fmt().json().flatten_event(true).with_current_span(false).with_target(false);
    // A second start in one process keeps the first log.
    let _ = log.with_writer(std::io::stderr).with_max_level(level).try_init();
}

/// Why the service does not run.
#[derive(Debug, ThisError)]
pub enum StartError {
    /// The settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The register.
    #[error("{} · {}", .0.zh(), .0.en())]
    Register(StoreError),
    /// The calendar of working days.
    #[error("{} · {}", .0.zh(), .0.en())]
    Calendar(Error),
    /// Not enough memory to hash one password.
    #[error("内存不足，无法校验密码（需 19 MiB） · too little memory to check a password (19 MiB)")]
    Memory,
    /// The system gave no thread.
    #[error("系统无法创建线程 · the system gives no thread: {0}")]
    Thread(std::io::Error),
    /// Listening.
    #[error(transparent)]
    Serve(#[from] ServeError),
}

impl From<OpenError<StoreError>> for StartError {
    fn from(error: OpenError<StoreError>) -> Self {
        match error {
            OpenError::Register(error) => Self::Register(error),
            OpenError::Thread(error) => Self::Thread(error),
        }
    }
}
