//! The clock and the randomness of the service: the one place where both enter.
//! Tests set the clock by hand and seed the randomness; everything below takes them as arguments.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use credential::time::UnixTime;
use rand_core::CryptoRng;

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A hand-set one, in seconds.
    HandSet(Arc<AtomicU64>),
}

impl Clock {
    /// The time.
    #[expect(clippy::disallowed_methods, reason = "the service's edge reads the clock here and nowhere else")]
    #[must_use]
    pub fn now(&self) -> UnixTime {
        match self {
            Self::System => {
                let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                UnixTime::from_seconds(since_epoch.map_or(0, |passed| passed.as_secs()))
            }
            Self::HandSet(seconds) => UnixTime::from_seconds(seconds.load(Ordering::SeqCst)),
        }
    }
}

/// How long something took; for the log and the figures, never for a rule.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts.
    #[expect(clippy::disallowed_methods, reason = "measures, decides nothing")]
    #[must_use]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Since the start.
    #[must_use]
    pub fn elapsed(&self) -> std::time::Duration {
        self.0.elapsed()
    }
}

/// Where randomness comes from; shared by all requests.
#[derive(Clone)]
pub struct Random(Source);

#[derive(Clone)]
enum Source {
    /// Everybody asks it for themselves: signing holds it through whole transactions, and each request needs some.
    System,
    Shared(Arc<Mutex<Box<dyn CryptoRng + Send>>>),
}

impl Random {
    /// The system's source.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// Any other source.
    pub fn new(rng: impl CryptoRng + Send + 'static) -> Self {
        Self(Source::Shared(Arc::new(Mutex::new(Box::new(rng)))))
    }

    /// Lends the source.
    pub fn with<T>(&self, work: impl FnOnce(&mut dyn CryptoRng) -> T) -> T {
        match &self.0 {
            Source::System => work(&mut rand_core::UnwrapErr(getrandom::SysRng)),
            Source::Shared(rng) => {
                // A panic while the source was lent cannot have left it in a worse state.
                let mut rng = rng.lock().unwrap_or_else(PoisonError::into_inner);
                work(rng.as_mut())
            }
        }
    }
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random")
    }
}
