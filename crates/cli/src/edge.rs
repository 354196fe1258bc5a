//! The program's edge: the only place that reads the clock, the environment and the system's randomness.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use credential::UnixTime;
use getrandom::SysRng;

/// What the clock of this machine says.
pub(crate) fn now() -> UnixTime {
    #[expect(
        clippy::disallowed_methods,
        reason = "the edge of the program; everything else takes the time as an argument"
    )]
    let now = SystemTime::now();
    // A clock before 1970 is a clock behind, which the verifier reports.
    UnixTime::from_seconds(now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// The system's randomness.
pub(crate) fn rng() -> SysRng {
    SysRng
}

/// <https://no-color.org>: present and not empty.
pub(crate) fn no_color() -> bool {
    variable("NO_COLOR").is_some()
}

/// `~/.local/share/zhengka`, or as XDG_DATA_HOME says.
pub(crate) fn data_folder() -> Option<PathBuf> {
    let base = variable("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    base.map(|base| base.join("zhengka"))
}

/// `ZHENGKA_TOKEN`: what a desk shows to an issuer that it reaches by HTTPS.
pub(crate) fn token() -> Option<String> {
    variable("ZHENGKA_TOKEN").and_then(|token| token.into_string().ok())
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
