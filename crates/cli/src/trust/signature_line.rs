//! A root holder's signature as one line that is carried on a stick or typed: `DCT1:KID:FINGERPRINT:SIGNATURE`, in hex.
//! The fingerprint is the SHA-256 of the list, so that a signature of another list is known as such.

use credential::Kid;
use credential::sign::Signature;
use credential::snapshot::sha256;

/// One signature about one list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SignatureLine {
    pub(super) signature: Signature,
    pub(super) list: [u8; 32],
}

impl SignatureLine {
    pub(super) fn new(kid: Kid, bytes: [u8; 64], payload: &[u8]) -> Self {
        Self { signature: Signature { kid, bytes }, list: sha256(payload) }
    }

    /// From the first line that is neither empty nor begins with `#`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'))?;
        let mut fields = line.strip_prefix(MAGIC)?.split(':');
        let (kid, list, bytes) = (fields.next()?, fields.next()?, fields.next()?);
        let mut parsed =
            Self { signature: Signature { kid: Kid::parse(kid).ok()?, bytes: [0; 64] }, list: [0; 32] };
        hex::decode_to_slice(list, &mut parsed.list).ok()?;
        hex::decode_to_slice(bytes, &mut parsed.signature.bytes).ok()?;
        fields.next().is_none().then_some(parsed)
    }

    pub(super) fn is_about(&self, payload: &[u8]) -> bool {
        self.list == sha256(payload)
    }
}

impl std::fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Signature { kid, bytes } = &self.signature;
        write!(f, "{MAGIC}{kid}:{}:{}", hex::encode(self.list), hex::encode(bytes))
    }
}

const MAGIC: &str = "DCT1:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_back_and_a_shortened_one_does_not() {
        let line = SignatureLine::new(Kid::new([1, 2, 3, 4]), [7; 64], b"list");
        let text = line.to_string();
        assert!(SignatureLine::parse(&format!("# of root 1\n{text}\n")) == Some(line));
        assert!(line.is_about(b"list") && !line.is_about(b"other"));
        for cut in 0..text.len() {
            assert!(SignatureLine::parse(&text[..cut]).is_none());
        }
        assert!(SignatureLine::parse(&format!("{text}:00")).is_none());
    }
}
