//! The text inside a QR code (PROFILE.md, section 3): `DC1:` digits, or `https://HOST/#` digits.
//! Tolerates what scanners add (CR, LF, spaces around) and a lower-case scheme, nothing else.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::digits;
use crate::error::Malformed;

/// The signed bytes that a QR text carries.
#[derive(Clone, PartialEq, Eq)]
pub struct QrText(Vec<u8>);

/// Why a text gives no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QrTextError {
    /// Neither of the two forms.
    NotACredential,
    /// Longer than any credential.
    TooLong,
    /// One of the two forms, but its digits encode no bytes.
    Malformed(Malformed),
}

impl QrText {
    /// Reads either form.
    pub fn parse(text: &str) -> Result<Self, QrTextError> {
        if text.len() > MAX_QR_TEXT_CHARS {
            return Err(QrTextError::TooLong);
        }
        let digits =
            strip_form(text.trim_matches([' ', '\r', '\n', '\t'])).ok_or(QrTextError::NotACredential)?;
        let bytes = digits::decode(digits).map_err(QrTextError::Malformed)?;
        if bytes.len() > MAX_CREDENTIAL_BYTES { Err(QrTextError::TooLong) } else { Ok(Self(bytes)) }
    }

    /// Wraps the bytes of a credential.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The signed bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// `DC1:` digits, for gates and cards.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{SCHEME}{}", digits::encode(&self.0))
    }

    /// `https://HOST/#` digits, for print: any phone camera opens the checking page, and the fragment stays on the phone.
    #[must_use]
    pub fn to_link(&self, host: &str) -> String {
        format!("https://{host}/#{}", digits::encode(&self.0))
    }
}

fn strip_form(text: &str) -> Option<&str> {
    if let Some(digits) = strip_prefix_ignoring_case(text, SCHEME) {
        return Some(digits);
    }
    let (host, digits) = strip_prefix_ignoring_case(text, "https://")?.split_once("/#")?;
    let host_like = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':');
    (!host.is_empty() && host.len() <= MAX_HOST_CHARS && host.bytes().all(host_like)).then_some(digits)
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Upper case, as the alphanumeric mode of QR has it.
const SCHEME: &str = "DC1:";
/// What a version-40 QR code holds in numeric mode at level L (ISO/IEC 18004, table 7).
pub const MAX_QR_TEXT_CHARS: usize = 7089;
/// A certificate with a 700-byte photo is some 850 bytes; twice that is no credential.
pub const MAX_CREDENTIAL_BYTES: usize = 2048;
/// RFC 1035, section 2.3.4, and a port.
const MAX_HOST_CHARS: usize = 253 + 6;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn both_forms_and_what_scanners_add_are_read() {
        let text = QrText::new(vec![1, 2, 3]);
        let (plain, link) = (text.to_text(), text.to_link("zk.example:8443"));
        for form in
            [&plain, &link, &format!(" {plain}\r\n"), &plain.to_lowercase(), &link.replace("https", "HTTPS")]
        {
            assert!(QrText::parse(form) == Ok(text.clone()), "{form}");
        }
    }

    #[test]
    fn nothing_else_is_tolerated() {
        for text in [
            "",
            "hello",
            "DC2:003",
            "DC1",
            "http://a/#003",
            "https:///#003",
            "https://a/b#003",
            "https://a b/#003",
        ] {
            assert!(QrText::parse(text) == Err(QrTextError::NotACredential), "{text}");
        }
        for text in ["DC1:0 03", "DC1:00", "DC1:999", "DC1:００３", "https://a/#x"] {
            assert!(matches!(QrText::parse(text), Err(QrTextError::Malformed(_))), "{text}");
        }
        assert!(QrText::parse(&"9".repeat(7090)) == Err(QrTextError::TooLong));
        assert!(QrText::parse(&QrText::new(vec![0; 2049]).to_text()) == Err(QrTextError::TooLong));
    }
}
