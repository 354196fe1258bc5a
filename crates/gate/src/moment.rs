//! What time it is, twice: by the clock, which people and radio set, and by the time since start, which nobody sets.
//! Validity and periods go by the clock. What happened "just now" goes by the other, so that a jump changes nothing.

use credential::UnixTime;

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// By the clock.
    pub clock: UnixTime,
    /// Since the gate started.
    pub uptime: Uptime,
}

/// Milliseconds since the gate started; negative for what happened before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uptime(i64);

impl Moment {
    /// From both.
    #[must_use]
    pub const fn new(clock: UnixTime, uptime: Uptime) -> Self {
        Self { clock, uptime }
    }

    /// By how many seconds the clock moved more than the time since start did, from an earlier moment to this one.
    #[must_use]
    pub fn clock_jump_since(self, earlier: Self) -> i64 {
        let by_clock = i128::from(self.clock.as_seconds()) - i128::from(earlier.clock.as_seconds());
        let by_uptime = i128::from(self.uptime.0.saturating_sub(earlier.uptime.0)) / 1000;
        i64::try_from(by_clock - by_uptime).unwrap_or(i64::MAX)
    }

    /// When, since start, something happened that the clock dated. What it dates in the future happened now.
    #[must_use]
    pub fn uptime_of(self, past: UnixTime) -> Uptime {
        let ago = i64::try_from(self.clock.seconds_since(past)).unwrap_or(i64::MAX);
        Uptime(self.uptime.0.saturating_sub(ago.saturating_mul(1000)))
    }

    /// What the clock would have said at an earlier time since start.
    #[must_use]
    pub fn clock_of(self, past: Uptime) -> UnixTime {
        let ago = u64::try_from(self.uptime.0.saturating_sub(past.0) / 1000).unwrap_or(0);
        UnixTime::from_seconds(self.clock.as_seconds().saturating_sub(ago))
    }
}

impl Uptime {
    /// From milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Whether less than so many seconds passed since an earlier moment.
    #[must_use]
    pub fn is_within(self, seconds: u64, earlier: Self) -> bool {
        let passed = self.0.saturating_sub(earlier.0);
        i128::from(passed) < i128::from(seconds) * 1000
    }

    /// Whether at least so many milliseconds passed since an earlier moment.
    #[must_use]
    pub fn is_millis_past(self, millis: i64, earlier: Self) -> bool {
        self.0.saturating_sub(earlier.0) >= millis
    }
}
