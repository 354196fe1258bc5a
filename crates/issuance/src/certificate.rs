//! A certificate in the register: what was certified, for whom, until when, and where it stands.
//! Its credentials are the signed forms: one certificate for offices, passes for gates. (kid, index) names a
//! credential to the outside; the number on the face is derived and never a key.

use credential::disability::Components;
use credential::key::Kid;
use credential::number::{CertificateNumber, IdentityNumber, Reissue};
use credential::region::Region;
use credential::status_list::StatusIndex;
use credential::time::UnixTime;

use crate::id::{ApplicationId, CertificateId, PersonId};
use crate::status_change::Standing;

/// One certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Which one.
    pub id: CertificateId,
    /// Whose.
    pub person: PersonId,
    /// What led to it.
    pub application: ApplicationId,
    /// What was assessed.
    pub components: Components,
    /// The suffix on its face.
    pub reissue: Reissue,
    /// The county that issued it.
    pub county: Region,
    /// When its bytes were made.
    pub issued: UnixTime,
    /// From when on it is no longer valid.
    pub expires: UnixTime,
    /// Where it stands.
    pub standing: Standing,
    /// False while its signatures are still to be made.
    pub signed: bool,
}

impl Certificate {
    /// The number on the face.
    #[must_use]
    pub fn number(&self, identity: IdentityNumber) -> CertificateNumber {
        let Self { components, reissue, .. } = self;
        CertificateNumber::new(identity, components.face_category(), components.level(), *reissue)
    }
}

/// One signed credential of a certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedCredential {
    /// For offices or for gates.
    pub kind: credential::Kind,
    /// Whose signature.
    pub kid: Kid,
    /// Its place in the key's status list.
    pub index: StatusIndex,
    /// The COSE_Sign1, as paper, card and phone carry it.
    pub bytes: Vec<u8>,
}

/// The bytes carry a name and a number, so they do not print.
impl std::fmt::Debug for SignedCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, kid, index, bytes } = self;
        write!(f, "SignedCredential({kind} {kid}/{} {} bytes)", index.as_u32(), bytes.len())
    }
}
