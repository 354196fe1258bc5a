//! COSE_Sign1 and COSE_Sign: what parses is rebuilt to the same bytes from its parts.
#![no_main]

use credential::cbor::Reader;
use credential::sign::{Sign, assemble};
use credential::sign1::{Content, Sign1, Unsigned};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for content in [Content::Credential, Content::StatusList, Content::Snapshot, Content::Policy] {
        let Ok(parsed) = Sign1::parse(bytes, content) else { continue };
        let signed = parsed.to_be_signed();
        let protected = protected_of(&signed).to_vec();
        let unsigned = Unsigned::from_stored(protected, parsed.payload().to_vec(), content).unwrap();
        assert_eq!(unsigned.to_be_signed(), signed);
        assert_eq!(unsigned.with_signature(parsed.signature()), bytes);
    }
    if let Ok(parsed) = Sign::parse(bytes) {
        assert_eq!(assemble(parsed.payload(), parsed.signatures().to_vec()), bytes);
    }
});

/// The second of the four items of a Sig_structure.
fn protected_of(structure: &[u8]) -> &[u8] {
    let mut reader = Reader::new(structure);
    reader.array_of(4).unwrap();
    assert_eq!(reader.text(), Ok("Signature1"));
    reader.bytes().unwrap()
}
