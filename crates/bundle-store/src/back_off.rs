//! When to ask again: at the usual interval while all is well, soon and then ever later while it is not.

use std::time::Duration;

/// How long to wait between two questions.
#[derive(Clone, Copy, Debug)]
pub struct BackOff {
    every: Duration,
    /// 0 to 255: where in the spread this device stands.
    place: u8,
    failures: u32,
}

impl BackOff {
    /// Asks at this interval. The name of the device spreads many of them, so that they do not all
    /// return in the same second after a power cut.
    #[must_use]
    pub fn new(every: Duration, device: &str) -> Self {
        let place = device.bytes().fold(0u8, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte));
        Self { every: every.max(FIRST), place, failures: 0 }
    }

    /// An answer came, also if it was that nothing is new.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// No answer came, or one that does not verify.
    pub fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
    }

    /// How long to wait now.
    #[must_use]
    pub fn wait(&self) -> Duration {
        let wait = match self.failures {
            0 => self.every,
            failures => FIRST.saturating_mul(1 << (failures - 1).min(20)).min(self.every),
        };
        // Up to a quarter more.
        wait + wait * u32::from(self.place) / 1024
    }
}

/// The first pause after a failure; also the shortest interval.
const FIRST: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_double_the_pause_up_to_the_usual_interval_and_success_forgets_them() {
        let mut back_off = BackOff::new(Duration::from_secs(600), "");
        let mut waits = vec![];
        for _ in 0..9 {
            back_off.failed();
            waits.push(back_off.wait().as_secs());
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
        back_off.succeeded();
        assert_eq!(back_off.wait().as_secs(), 600);
    }

    #[test]
    fn devices_are_spread_and_nobody_asks_without_pause() {
        let wait = |device| BackOff::new(Duration::from_secs(600), device).wait();
        assert_ne!(wait("gate 1"), wait("gate 2"));
        assert!(["a", "gate 1", "闸机"].iter().all(|d| (600..=750).contains(&wait(d).as_secs())));
        assert!(BackOff::new(Duration::ZERO, "").wait() >= FIRST);
    }
}
