//! Ctrl-C and TERM: the desk ends between two cards, and a second one at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::error::Error;

/// Whether somebody wants the desk to end.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Listens from now on.
pub(crate) fn on_signals() -> Result<Stop, Error> {
    let stop = Stop::default();
    for signal in [SIGINT, SIGTERM] {
        // In this order: the second signal finds the flag raised by the first.
        flag::register_conditional_shutdown(signal, INTERRUPTED, Arc::clone(&stop.0))
            .and_then(|_| flag::register(signal, Arc::clone(&stop.0)))
            .map_err(|error| Error::Output { kind: error.kind() })?;
    }
    Ok(stop)
}

/// 128 and the number of SIGINT, as shells report it.
const INTERRUPTED: i32 = 130;
