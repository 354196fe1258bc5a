//! A card held still: from a write to its memory on it leaves commands without an answer until it is let go.
//! For stories in which something else happens while the card is in the very middle of its work.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Whether a card is to stop, and where.
#[derive(Debug)]
pub(crate) struct Hold {
    /// Flash operations after which no command is taken any more.
    after: AtomicU64,
    is_held: AtomicBool,
}

/// The card stops, or has stopped, until this is dropped.
#[derive(Debug)]
pub struct Held<'a>(&'a Hold);

impl Hold {
    pub(crate) const fn none() -> Self {
        Self { after: AtomicU64::new(u64::MAX), is_held: AtomicBool::new(false) }
    }

    pub(crate) fn after(&self, operations: u64) -> Held<'_> {
        self.after.store(operations, Ordering::Release);
        Held(self)
    }

    /// Whether the next command has to wait.
    pub(crate) fn stops(&self, operations: u64) -> bool {
        let stops = operations > self.after.load(Ordering::Acquire);
        if stops {
            self.is_held.store(true, Ordering::Release);
        }
        stops
    }
}

impl Held<'_> {
    /// Waits until a command was left without an answer; false when the time is over before.
    #[must_use]
    pub fn is_reached_within(&self, patience: Duration) -> bool {
        let mut waited = Duration::ZERO;
        while !self.0.is_held.load(Ordering::Acquire) {
            if waited >= patience {
                return false;
            }
            std::thread::sleep(LOOK);
            waited += LOOK;
        }
        true
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.after.store(u64::MAX, Ordering::Release);
        self.0.is_held.store(false, Ordering::Release);
    }
}

/// How soon a card that was let go is noticed.
pub(crate) const LOOK: Duration = Duration::from_millis(2);
