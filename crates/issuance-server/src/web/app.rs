//! What every handler can reach: the desks, the settings, clock and randomness, limits and figures.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use issuance::calendar::Calendar;
use issuance::officer::Officer;
use tokio::sync::{Notify, Semaphore};

use crate::web::api::desks::CardService;
use crate::web::api::shelf::Shelf;
use crate::web::clock::{Clock, Random};
use crate::web::desk::Desks;
use crate::web::figures::Figures;
use crate::web::guard::Who;
use crate::web::password::{Cost, Hash, Password, Salt, Unhashed};
use crate::web::rate::Limit;
use crate::web::refused::Refused;
use crate::web::routes::Route;
use crate::web::settings::Settings;
use crate::web::url::Url;

/// The service; clones share everything.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The parts of the service.
#[derive(Debug)]
pub struct Parts {
    /// The way to the database.
    pub desk: Desks,
    /// What it was started with.
    pub settings: Settings,
    /// Working days.
    pub calendar: Calendar,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// Counted for the operator.
    pub figures: Figures,
    /// Requests of one address.
    pub requests: Limit<IpAddr>,
    /// Sign-ins of one address.
    pub sign_ins_from: Limit<IpAddr>,
    /// Sign-ins with one login, known or not.
    pub sign_ins_as: Limit<String>,
    /// Every route with who may call it: pages link to nothing else.
    pub table: Vec<Route>,
    /// The bundles for verifiers, where there are any.
    pub shelf: OnceLock<Arc<Shelf>>,
    /// What writes cards, where the keys are at hand.
    pub cards: OnceLock<Arc<CardService>>,
    /// Rings when something was approved.
    approved: Notify,
    cost: Cost,
    /// A hash nobody's password fits: an unknown login takes as long as a known one.
    nobody: Hash,
    /// Each hash takes 19 MiB; this many at once.
    hashing: Semaphore,
    /// Each picture takes some 200 MB while it is made anew; this many at once.
    pictures: Semaphore,
}

/// What an app is put together from.
#[derive(Debug)]
pub struct Plan {
    /// The way to the database.
    pub desk: Desks,
    /// The settings.
    pub settings: Settings,
    /// Working days.
    pub calendar: Calendar,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// What a guess at a password costs.
    pub cost: Cost,
}

impl App {
    /// Puts the service together.
    pub fn new(plan: Plan) -> Result<Self, Unhashed> {
        let Plan { desk, settings, calendar, clock, random, cost } = plan;
        let nobody = random.with(|rng| Hash::new(&Password::one_time(rng), cost, Salt::generate(rng)))?;
        let limits = &settings.limits;
        Ok(Self(Arc::new(Parts {
            requests: Limit::new(limits.requests_burst, 100),
            sign_ins_from: Limit::new(limits.sign_in_burst, 10_000),
            sign_ins_as: Limit::new(limits.sign_in_burst, 10_000),
            figures: Figures::default(),
            hashing: Semaphore::new(HASHES_AT_ONCE),
            pictures: Semaphore::new(PICTURES_AT_ONCE),
            table: crate::web::routes().table().to_vec(),
            shelf: OnceLock::new(),
            cards: OnceLock::new(),
            approved: Notify::new(),
            desk,
            settings,
            calendar,
            clock,
            random,
            cost,
            nobody,
        })))
    }

    /// Tells whoever signs that something was approved.
    pub fn issuing_is_due(&self) {
        self.approved.notify_one();
    }

    /// Waits until something was approved.
    pub async fn issuing_due(&self) {
        self.approved.notified().await;
    }

    /// Whether an officer may open a page; false where no such page exists.
    #[must_use]
    pub fn may_open<U: Url>(&self, officer: &Officer) -> bool {
        let mut pages = self.table.iter().filter(|route| route.method == "GET" && route.path == U::PATTERN);
        pages.any(|route| match route.who {
            Who::Officer(roles) => roles.is_empty() || roles.iter().any(|role| officer.roles.has(*role)),
            Who::Anyone | Who::SigningIn => true,
            Who::Client(..) => false,
        })
    }

    /// Whether a password fits a hash; where there is none, the same work is done for nothing.
    pub async fn fits(&self, password: Password, hash: Option<Hash>) -> Result<bool, Refused> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        let fits = self.hashing(move || hash.fits(&password)).await?;
        Ok(fits && known)
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: Password) -> Result<Hash, Refused> {
        let (salt, cost) = (self.random.with(|rng| Salt::generate(rng)), self.cost);
        self.hashing(move || Hash::new(&password, cost, salt)).await?.map_err(|_| Refused::Failed)
    }

    /// Makes a picture anew beside the threads that serve the network.
    pub async fn picture<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let _turn = self.pictures.acquire().await.map_err(|_| Refused::Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Refused::Failed)
    }

    async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refused> {
        let _turn = self.hashing.acquire().await.map_err(|_| Refused::Busy)?;
        tokio::task::spawn_blocking(work).await.map_err(|_| Refused::Failed)
    }
}

/// 76 MiB at the most.
const HASHES_AT_ONCE: usize = 4;
/// 400 MB at the most.
const PICTURES_AT_ONCE: usize = 2;
