//! Any text a scanner may deliver: what reads, reads to one text only.
#![no_main]

use credential::digits;
use credential::qr_text::{MAX_CREDENTIAL_BYTES, QrText};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(read) = QrText::parse(text) {
        assert!(read.as_bytes().len() <= MAX_CREDENTIAL_BYTES);
        assert!(QrText::parse(&read.to_text()) == Ok(read.clone()));
        assert!(QrText::parse(&read.to_link("zhengka.example")) == Ok(read));
    }
    if let Ok(bytes) = digits::decode(text) {
        assert_eq!(digits::encode(&bytes), text);
    }
});
