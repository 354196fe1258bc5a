//! What a command takes at the card's end of the link to its reader.
//!
//! The reader's driver sends a command's length and its body in two segments, and the system holds the second back
//! until the first is acknowledged. The wait between the two tells whether that happens at once.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

/// Times of the last commands.
#[derive(Debug, Clone, Default)]
pub struct LinkTimes {
    commands: u64,
    recent: VecDeque<Times>,
}

/// One command.
#[derive(Debug, Clone, Copy)]
struct Times {
    /// From its length to its body.
    waited: Duration,
    /// From its length to its answer.
    whole: Duration,
}

/// Runs from the moment a command's length has come.
#[derive(Debug)]
pub(crate) struct Stopwatch {
    length: Instant,
    body: Instant,
}

impl LinkTimes {
    /// How many commands came.
    #[must_use]
    pub const fn commands(&self) -> u64 {
        self.commands
    }

    /// The median time from a command's length to its answer; `None` before the first one.
    #[must_use]
    pub fn whole(&self) -> Option<Duration> {
        self.median(|times| times.whole)
    }

    /// The median time that the card waited for a command's body.
    #[must_use]
    pub fn waited(&self) -> Option<Duration> {
        self.median(|times| times.waited)
    }

    pub(crate) fn add(&mut self, stopwatch: &Stopwatch) {
        self.commands += 1;
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        let waited = stopwatch.body - stopwatch.length;
        self.recent.push_back(Times { waited, whole: stopwatch.length.elapsed() });
    }

    fn median(&self, of: fn(&Times) -> Duration) -> Option<Duration> {
        let mut times: Vec<Duration> = self.recent.iter().map(of).collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied()
    }
}

impl fmt::Display for LinkTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{0} 条命令 {0} commands", self.commands)?;
        let (Some(whole), Some(waited)) = (self.whole(), self.waited()) else { return Ok(()) };
        let [whole, waited] = [whole, waited].map(|time| time.as_secs_f64() * 1e3);
        write!(
            f,
            "，每条中位数 median {whole:.3} ms（其中等待命令后半 of it waiting for the body {waited:.3} ms）"
        )
    }
}

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "what is measured here is time, and no rule hangs on it")]
    pub(crate) fn start() -> Self {
        let now = Instant::now();
        Self { length: now, body: now }
    }

    #[expect(clippy::disallowed_methods, reason = "what is measured here is time, and no rule hangs on it")]
    pub(crate) fn body_came(&mut self) {
        self.body = Instant::now();
    }
}

/// Medians are of these many: what happens now, not an hour ago.
const REMEMBERED: usize = 1000;
