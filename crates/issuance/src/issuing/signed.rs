//! What was signed: made again from its approval, compared, signed, and verified under the real key.

use credential::time::UnixTime;

use super::prepared::credentials;
use super::{Facts, Issued, Issuer};
use crate::Error;
use crate::application::Filed;
use crate::certificate::{Certificate, SignedCredential};
use crate::id::CertificateId;
use crate::person::Person;
use crate::register::{PreparedCredential, PreparedRow};
use crate::status_change::StatusChange;

/// Signed, and verified once more under the real public key. Made from a prepared row whose bytes are still
/// those that its approval leads to.
#[derive(Debug)]
pub struct Signed {
    certificate: CertificateId,
    filed: Filed,
    credentials: Vec<SignedCredential>,
    supersedes: Option<StatusChange>,
}

impl Signed {
    pub(super) fn make(row: PreparedRow, issuer: &Issuer<'_>, now: UnixTime) -> Result<Self, Error> {
        let PreparedRow { certificate, mut filed, person, credentials } = row;
        check_unchanged(&certificate, &filed, &person, &credentials, issuer)?;
        let signed = credentials.iter().map(|prepared| sign_one(prepared, issuer, now));
        let credentials = signed.collect::<Result<Vec<_>, _>>()?;
        let earlier = filed.application.request().earlier.as_ref();
        let supersedes = earlier.map(|earlier| StatusChange::superseded(earlier.certificate, now));
        filed.application.issued_as(certificate.id, now)?;
        Ok(Self { certificate: certificate.id, filed, credentials, supersedes })
    }

    /// Which certificate.
    #[must_use]
    pub fn certificate(&self) -> CertificateId {
        self.certificate
    }

    /// Its case, with the step that closes it.
    #[must_use]
    pub fn filed(&self) -> &Filed {
        &self.filed
    }

    /// The signed bytes.
    #[must_use]
    pub fn credentials(&self) -> &[SignedCredential] {
        &self.credentials
    }

    /// The revocation of the certificate it follows, unless that is revoked already.
    #[must_use]
    pub fn supersedes(&self) -> Option<&StatusChange> {
        self.supersedes.as_ref()
    }

    pub(super) fn into_issued(self) -> Issued {
        let Self { certificate, filed, credentials, .. } = self;
        Issued { application: filed.id, certificate, credentials }
    }
}

pub(crate) fn sign_one(
    prepared: &PreparedCredential,
    issuer: &Issuer<'_>,
    now: UnixTime,
) -> Result<SignedCredential, Error> {
    if prepared.kid != issuer.signer.public_key().kid() {
        return Err(Error::OtherKey);
    }
    let signature = issuer.signer.sign(&prepared.unsigned.to_be_signed()).map_err(Error::Signer)?;
    let bytes = prepared.unsigned.with_signature(&signature);
    issuer.rehearsal.check_signed(&bytes, prepared, now)?;
    let PreparedCredential { kind, kid, index, .. } = *prepared;
    Ok(SignedCredential { kind, kid, index, bytes })
}

/// Between storing and signing, rows lay in a database. What is signed is what the approval leads to:
/// everything is made again around the stored indices and compared.
fn check_unchanged(
    certificate: &Certificate,
    filed: &Filed,
    person: &Person,
    stored: &[PreparedCredential],
    issuer: &Issuer<'_>,
) -> Result<(), Error> {
    let changed = Error::PreparedChanged { certificate: certificate.id };
    let approved = filed.application.approved().ok_or_else(|| changed.clone())?;
    let facts = Facts::of(filed, &approved, certificate.issued)?;
    let mut indices = stored.iter().map(|prepared| prepared.index);
    let again =
        credentials(&facts, &approved, person, issuer, || indices.next().ok_or_else(|| changed.clone()))?;
    if again == stored { Ok(()) } else { Err(changed) }
}
