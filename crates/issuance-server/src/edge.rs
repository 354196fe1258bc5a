//! The program's edge: the only place that reads the clock, the environment and the system's randomness.

use std::time::{SystemTime, UNIX_EPOCH};

use credential::UnixTime;
use getrandom::SysRng;
use rand_core::UnwrapErr;

/// What the clock of this machine says.
pub(crate) fn now() -> UnixTime {
    #[expect(
        clippy::disallowed_methods,
        reason = "the edge of the program; everything else takes the time as an argument"
    )]
    let now = SystemTime::now();
    // A clock before 1970 is a clock behind, which each case notices by its last step.
    UnixTime::from_seconds(now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// The system's randomness. Without it nothing can be issued, so its failure ends the program.
pub(crate) fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}
