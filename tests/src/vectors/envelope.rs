//! A COSE_Sign1 put together by hand, for headers and forms that our own writer cannot make.

use credential::cbor::Writer;

use crate::authority::Key;

/// Its parts, from hex in which `KID` stands for the issuer's key id.
pub(super) struct Envelope {
    pub(super) protected: Vec<u8>,
    unprotected: Vec<u8>,
    pub(super) payload: Vec<u8>,
}

impl Envelope {
    pub(super) fn new(payload: &[u8]) -> Self {
        let envelope = Self { protected: vec![], unprotected: vec![0xa0], payload: payload.to_vec() };
        envelope.protected("a2 01 27 04 44 KID")
    }

    pub(super) fn protected(self, hex: &str) -> Self {
        Self { protected: from_hex(hex), ..self }
    }

    pub(super) fn unprotected(self, hex: &str) -> Self {
        Self { unprotected: from_hex(hex), ..self }
    }

    /// With the issuer's signature over what it says.
    pub(super) fn sign(&self) -> Vec<u8> {
        self.signature(&self.signed())
    }

    /// The issuer's signature over what it says.
    pub(super) fn signed(&self) -> [u8; 64] {
        let structure = Writer::new().array(4).text("Signature1").bytes(&self.protected).bytes(&[]);
        Key::named("issuer").sign(&structure.bytes(&self.payload).finish())
    }

    /// With any signature.
    pub(super) fn signature(&self, signature: &[u8]) -> Vec<u8> {
        let Self { protected, unprotected, payload } = self;
        let writer = Writer::new().tag(18).array(4).bytes(protected).raw(unprotected);
        writer.bytes(payload).bytes(signature).finish()
    }
}

/// Hex with spaces; `KID` is the issuer's key id.
pub(super) fn from_hex(text: &str) -> Vec<u8> {
    let text = text.replace("KID", &Key::named("issuer").kid().to_string()).replace(' ', "");
    hex::decode(text).expect("hex")
}
