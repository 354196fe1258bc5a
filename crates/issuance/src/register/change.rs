//! Changes of status, what they leave not valid, and the bundles that say so.

use credential::key::Kid;
use credential::region::Region;
use credential::status_list::StatusIndex;

use super::{Digest, Opening, Stored};
use crate::application::Filed;
use crate::audit::Entry;
use crate::id::{CertificateId, ChangeId};
use crate::status_change::{Standing, StatusChange};

/// Storage of changes of status.
pub trait ChangeStore {
    /// Enters a change of status, and files a case with it where one follows (a loss).
    /// Refuses if the certificate no longer stands where the caller saw it.
    fn enter_change(
        &mut self,
        change: &StatusChange,
        seen: Standing,
        follows: Option<&Opening<'_>>,
        audit: &[Entry],
    ) -> Stored<(ChangeId, Option<Filed>)>;
    /// The second officer's word on a change.
    fn decide_change(
        &mut self,
        id: ChangeId,
        change: &StatusChange,
        seen: Standing,
        audit: &Entry,
    ) -> Stored<()>;
    /// One change.
    fn change(&self, id: ChangeId) -> Stored<Option<StatusChange>>;
    /// The changes of a certificate, oldest first.
    fn changes_of(&self, certificate: CertificateId) -> Stored<Vec<(ChangeId, StatusChange)>>;
    /// The changes that wait for a second officer.
    fn waiting_changes(&self, query: &ChangeQuery) -> Stored<Vec<(ChangeId, StatusChange)>>;
    /// Every index of a key whose certificate is not valid.
    fn not_valid(&self, kid: Kid) -> Stored<Vec<(StatusIndex, Standing)>>;
    /// The version of the last bundle; 0 before the first.
    fn last_bundle_version(&self) -> Stored<u32>;
    /// Notes that a bundle was published. Refuses a version that does not grow.
    fn publish(&mut self, version: u32, sha256: &Digest, audit: &Entry) -> Stored<()>;
}

/// Which changes of status, oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeQuery {
    /// Of certificates that counties of this region issued.
    pub region: Region,
    /// After this change.
    pub after: Option<ChangeId>,
    /// At most so many.
    pub limit: usize,
}
