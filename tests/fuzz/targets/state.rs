//! A verifier's memory whose digest is right: what reads back, is written to the same bytes.
#![no_main]

use credential::cbor::Writer;
use credential::snapshot::sha256;
use verifier::State;

libfuzzer_sys::fuzz_target!(|content: &[u8]| {
    let file = Writer::new().array(2).bytes(&sha256(content)).bytes(content).finish();
    if let Ok(state) = State::from_slice(&file) {
        assert_eq!(state.to_bytes(), file);
    }
    let _ = State::from_slice(content);
});
