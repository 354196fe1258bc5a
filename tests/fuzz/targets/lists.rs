//! Trust list, root file and snapshot: what decodes, encodes to the same bytes.
#![no_main]

use credential::snapshot::Snapshot;
use credential::trust_list::{RootSet, TrustList};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(list) = TrustList::decode(bytes) {
        assert_eq!(list.encode(), bytes);
    }
    if let Ok(roots) = RootSet::from_slice(bytes) {
        assert_eq!(roots.to_bytes(), bytes);
    }
    if let Ok(snapshot) = Snapshot::decode(bytes) {
        assert_eq!(snapshot.encode(), bytes);
    }
});
