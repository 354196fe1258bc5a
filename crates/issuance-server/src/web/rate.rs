//! Rate limits: so many at once, then one every so often (generic cell rate algorithm, ITU-T I.371).
//! In memory and by key; a restart forgets, which is why lock-out after wrong passwords is kept in the database.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use credential::time::UnixTime;

/// A limit for each key.
#[derive(Debug)]
pub struct Limit<K> {
    every_ms: u64,
    burst: u64,
    /// When the key's allowance will be whole again, in milliseconds.
    whole_at: Mutex<HashMap<K, u64>>,
}

impl<K: Eq + Hash> Limit<K> {
    /// `burst` at once, then one every `every_ms`.
    #[must_use]
    pub fn new(burst: u64, every_ms: u64) -> Self {
        Self { every_ms, burst, whole_at: Mutex::new(HashMap::new()) }
    }

    /// Takes one; if none is left, says after how many seconds to come back.
    pub fn take(&self, key: K, now: UnixTime) -> Result<(), u64> {
        let now = now.as_seconds().saturating_mul(1000);
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if whole_at.len() >= MAX_KEYS {
            whole_at.retain(|_, at| *at > now);
        }
        let window = self.every_ms.saturating_mul(self.burst);
        // Later than that only a clock that was set back can put it: one window is then waited for, not the days of the fault.
        let latest = now.saturating_add(window);
        let spent_until = whole_at.get(&key).copied().unwrap_or(now).clamp(now, latest);
        if spent_until - now + self.every_ms > window {
            whole_at.entry(key).and_modify(|at| *at = spent_until);
            return Err((spent_until + self.every_ms - now - window).div_ceil(1000));
        }
        // A table full of live keys means an attack from many addresses: those already known keep their limit.
        if whole_at.len() < MAX_KEYS || whole_at.contains_key(&key) {
            whole_at.insert(key, spent_until + self.every_ms);
        }
        Ok(())
    }
}

/// A few megabytes of addresses.
const MAX_KEYS: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    #[test]
    fn after_the_burst_one_must_wait() {
        let limit = Limit::new(3, 2000);
        assert!((0..3).all(|_| limit.take("a", at(100)).is_ok()));
        assert_eq!(limit.take("a", at(100)), Err(2));
        assert_eq!(limit.take("a", at(101)), Err(1));
        assert_eq!(limit.take("a", at(102)), Ok(()));
        assert_eq!(limit.take("a", at(102)), Err(2));
    }

    #[test]
    fn keys_do_not_share_their_allowance() {
        let limit = Limit::new(1, 60_000);
        assert_eq!(limit.take("a", at(100)), Ok(()));
        assert_eq!(limit.take("b", at(100)), Ok(()));
        assert!(limit.take("a", at(100)).is_err());
    }

    #[test]
    fn a_clock_set_back_gives_no_allowance() {
        let limit = Limit::new(1, 1000);
        assert_eq!(limit.take("a", at(100)), Ok(()));
        assert_eq!(limit.take("a", at(50)), Err(1));
    }

    #[test]
    fn a_clock_that_was_a_year_ahead_locks_nobody_out_for_a_year() {
        let limit = Limit::new(3, 2000);
        assert!((0..3).all(|_| limit.take("a", at(31_536_000)).is_ok()));
        assert_eq!(limit.take("a", at(100)), Err(2));
        assert_eq!(limit.take("a", at(102)), Ok(()));
        assert!((0..3).all(|_| limit.take("a", at(108)).is_ok()));
    }
}
