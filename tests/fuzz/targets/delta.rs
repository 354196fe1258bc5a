//! A delta for the authority's bundle: whatever it rebuilds is bounded, and counts only if it is the authority's own.
#![no_main]

use std::sync::LazyLock;

use authority::Authority;
use credential::bundle::MAX_BUNDLE_BYTES;
use credential::delta::Delta;
use credential::status_list::{Status, StatusIndex};
use verifier::Bundle;

#[path = "../../src/authority.rs"]
#[allow(dead_code, unreachable_pub, reason = "the invented authority of the tests")]
mod authority;

/// Two bundles that the authority made; the seed leads from the first to the second.
static HONEST: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| [1, 2].map(|version| authority(version).bundle()));

fn authority(version: u32) -> Authority {
    Authority::new().with(|a| {
        a.version = version;
        if version == 2 {
            for index in [7, 700, 4000] {
                a.set_status(StatusIndex::new(index), Status::Suspended);
            }
        }
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(delta) = Delta::parse(bytes) else { return };
    let Ok(rebuilt) = delta.apply(&HONEST[0]) else { return };
    assert!(rebuilt.len() <= 2 * MAX_BUNDLE_BYTES);
    if Bundle::install(&rebuilt, &mut authority(1).pinned()).is_ok() {
        assert!(HONEST.contains(&rebuilt));
    }
});
