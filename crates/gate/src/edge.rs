//! The wires in and out: who sends what into the gate's one loop, and the clock.

use std::net::TcpStream;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use credential::UnixTime;
use verifier::{Bundle, Refusal};

use crate::moment::{Moment, Uptime};

/// One scanner or connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Source(pub(crate) u64);

/// What reaches the loop.
pub(crate) enum Message {
    /// A controller connected; answers go back to it.
    Connected(Source, TcpStream),
    /// Bytes of a scanner.
    Bytes(Source, Vec<u8>),
    /// A card lies on a reader.
    Card(Tap),
    /// Nothing more comes from here.
    Ended(Source),
    /// A newer bundle is in force.
    Bundle(Box<Bundle>),
    /// An update was not taken, or an input does not work; the sentence says what and why.
    Trouble(&'static str, String),
    /// The system asks to stop.
    Stop,
}

/// A card on a reader, as far as the loop knows it.
pub(crate) enum Tap {
    /// It showed a pass, and proved its key.
    Shown {
        pass: Vec<u8>,
        message: Vec<u8>,
        signature: Box<[u8; 64]>,
        /// The way to its ride counter, for as long as it lies there.
        rides: RideWire,
    },
    /// It shows none.
    NoPass(Refusal),
}

/// Asks the thread that holds the card for a ride.
pub(crate) struct RideWire {
    pub(crate) ask: SyncSender<()>,
    pub(crate) answer: Receiver<Ride>,
}

/// The card's answer.
pub(crate) enum Ride {
    Taken { message: Vec<u8>, signature: Box<[u8; 64]> },
    NoneLeft,
    TornAway,
}

impl RideWire {
    /// A card that does not answer in time has left: other lanes wait for this one.
    pub(crate) fn take(&self) -> Ride {
        let asked = self.ask.send(()).is_ok();
        let answer = asked.then(|| self.answer.recv_timeout(RIDE_TIME).ok()).flatten();
        answer.unwrap_or(Ride::TornAway)
    }
}

/// A card signs in a tenth of a second.
const RIDE_TIME: Duration = Duration::from_millis(1500);

/// Bounded: a scanner that floods waits, and nobody's memory grows.
pub(crate) type Inbox = SyncSender<Message>;

/// The only place that reads the clock.
pub(crate) struct Clock {
    started: Instant,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the gate's edge; everything inside takes the moment as an argument"
)]
impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    pub(crate) fn now(&self) -> Moment {
        // A clock before 1970 is behind everything that was ever signed, which the verifier says.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let uptime = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Moment::new(UnixTime::from_seconds(since_epoch.as_secs()), Uptime::from_millis(uptime))
    }
}
