//! A bundle from nowhere: what parses is rebuilt to the same bytes, a refused one changes nothing, none is accepted
//! but the authority's own, and whatever is shown with it gets an answer.
#![no_main]

use std::sync::LazyLock;

use authority::Authority;
use credential::bundle::Bundle as Parts;
use verifier::{Bundle, State, verify};

#[path = "../../src/authority.rs"]
#[allow(dead_code, unreachable_pub, reason = "the invented authority of the tests")]
mod authority;

static HONEST: LazyLock<(State, Vec<u8>)> = LazyLock::new(|| {
    let authority = Authority::new();
    (authority.pinned(), authority.bundle())
});
static INSTALLED: LazyLock<Bundle> = LazyLock::new(|| Authority::new().installed());

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(parts) = Parts::parse(bytes) {
        assert_eq!(parts.to_bytes(), bytes);
    }
    let (pinned, honest) = &*HONEST;
    let mut state = pinned.clone();
    if Bundle::install(bytes, &mut state).is_err() {
        assert!(state == *pinned);
    } else {
        assert_eq!(bytes, honest);
    }
    let _ = verify(bytes, &INSTALLED, &authority::check());
});
