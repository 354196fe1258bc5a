//! From the approved case to the signed certificate: issuer keys, indices, bytes before and after the signature.

use std::fmt;

use credential::key::Kid;
use credential::sign1::Unsigned;
use credential::status_list::StatusIndex;

use super::Stored;
use crate::application::Filed;
use crate::audit::Entry;
use crate::certificate::Certificate;
use crate::id::{ApplicationId, CertificateId};
use crate::issuing::{Prepared, Signed};
use crate::pass_exchange::{Exchange, PreparedPass};
use crate::person::Person;

/// Storage of what is to be signed.
pub trait IssuingStore {
    /// Takes an issuer's key into use, with the size of its status list. Refuses another size later.
    fn add_issuer_key(&mut self, key: &IssuerKey, audit: &Entry) -> Stored<()>;
    /// Every issuer key ever used, with its list.
    fn issuer_keys(&self) -> Stored<Vec<IssuerKey>>;
    /// How many indices of a key's list are taken.
    fn taken_count(&self, kid: Kid) -> Stored<u64>;
    /// Whether an index is taken.
    fn is_taken(&self, kid: Kid, index: StatusIndex) -> Stored<bool>;
    /// Approved cases of which nothing was prepared yet, after a case.
    fn approved(&self, after: Option<ApplicationId>, limit: usize) -> Stored<Vec<(Filed, Person)>>;
    /// Stores the bytes that will be signed, all or none. Refuses an index that is taken and a case
    /// that has a certificate already.
    fn prepare(&mut self, batch: &[Prepared], audit: &[Entry]) -> Stored<Vec<CertificateId>>;
    /// What was prepared and not signed, after a certificate.
    fn prepared(&self, after: Option<CertificateId>, limit: usize) -> Stored<Vec<PreparedRow>>;
    /// Stores signatures, closes the cases, makes their particulars the person's, and revokes what they
    /// supersede; all or none.
    fn sign(&mut self, batch: &[Signed], audit: &[Entry]) -> Stored<()>;
    /// Passes that were prepared and not signed, oldest first.
    fn prepared_passes(&self, limit: usize) -> Stored<Vec<PreparedPass>>;
    /// Stores the bytes of passes that will be signed, all or none. Refuses an index that is taken, and a certificate
    /// that is not signed or is revoked.
    fn prepare_passes(&mut self, batch: &[PreparedPass], audit: &[Entry]) -> Stored<()>;
    /// Stores the signatures of passes and withdraws those that they follow; all or none.
    /// Refuses what was signed or withdrawn since.
    fn exchange_passes(&mut self, batch: &[Exchange], audit: &[Entry]) -> Stored<()>;
}

/// An issuer's key and its status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuerKey {
    /// The key's id.
    pub kid: Kid,
    /// How many entries its list has: fixed when the key comes into use.
    pub list_size: u32,
}

/// What waits to be signed, as it was stored.
#[derive(Clone, Debug)]
pub struct PreparedRow {
    /// The certificate, not yet signed.
    pub certificate: Certificate,
    /// Its case.
    pub filed: Filed,
    /// Its holder.
    pub person: Person,
    /// What will be signed.
    pub credentials: Vec<PreparedCredential>,
}

/// The exact bytes of one credential but for its signature.
#[derive(Clone, PartialEq, Eq)]
pub struct PreparedCredential {
    /// For offices or for gates.
    pub kind: credential::Kind,
    /// Who is to sign.
    pub kid: Kid,
    /// Its place in the key's status list.
    pub index: StatusIndex,
    /// Protected header and payload.
    pub unsigned: Unsigned,
}

/// The bytes carry a name and a number, so they do not print.
impl fmt::Debug for PreparedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedCredential({} {}/{})", self.kind, self.kid, self.index.as_u32())
    }
}
