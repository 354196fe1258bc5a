//! Certificates and passes: what decodes, encodes to the same bytes, and its number reads back.
#![no_main]

use credential::Credential;
use credential::number::CertificateNumber;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    match Credential::decode(bytes) {
        Ok(Credential::Pass(pass)) => assert_eq!(pass.encode(), bytes),
        Ok(Credential::Certificate(certificate)) => {
            assert_eq!(certificate.encode(), bytes);
            if let Some(number) = certificate.number() {
                assert_eq!(CertificateNumber::parse(&number.expose()), Ok(number));
            }
        }
        Err(_) => {}
    }
});
