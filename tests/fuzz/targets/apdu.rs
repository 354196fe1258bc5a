//! What both ends of the wire parse: commands and BER-TLV.
#![no_main]

use card_protocol::{Command, tlv};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(command) = Command::parse(bytes) {
        let mut out = vec![0; bytes.len() + 8];
        let written = command.write(&mut out).unwrap();
        assert!(written.len() <= bytes.len());
        assert_eq!(Command::parse(written), Ok(command));
    }
    for object in tlv::objects(bytes) {
        let Ok(object) = object else { break };
        assert!(object.value.len() < bytes.len());
    }
});
