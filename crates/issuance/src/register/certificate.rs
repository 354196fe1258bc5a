//! Certificates that were signed, and what comes to its renewal.

use credential::region::Region;
use credential::time::UnixTime;

use super::Stored;
use crate::certificate::{Certificate, SignedCredential};
use crate::id::{CertificateId, PersonId};
use crate::status_change::Standing;

/// Storage of certificates.
pub trait CertificateStore {
    /// One certificate.
    fn certificate(&self, id: CertificateId) -> Stored<Option<Certificate>>;
    /// A person's certificates, oldest first.
    fn certificates_of(&self, person: PersonId) -> Stored<Vec<Certificate>>;
    /// Signed certificates of a region, by number of the row.
    fn certificates(&self, query: &CertificateQuery) -> Stored<Vec<Certificate>>;
    /// The counties of a region that issued certificates which are not revoked, by code.
    fn counties(&self, region: Region) -> Stored<Vec<Region>>;
    /// Signed certificates of a county that are not revoked and end within a span, those that end first at the head.
    fn ending(&self, query: &EndingQuery) -> Stored<Vec<Certificate>>;
    /// How many of a county end from a time on, and before another.
    fn count_ending(&self, county: Region, from: UnixTime, until: UnixTime) -> Stored<u64>;
    /// The signed credentials of a certificate, without passes that were withdrawn.
    fn credentials(&self, certificate: CertificateId) -> Stored<Vec<SignedCredential>>;
}

/// Which certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateQuery {
    /// Standing here; anywhere if `None`.
    pub standing: Option<Standing>,
    /// Issued by a county in this region.
    pub region: Region,
    /// After this one.
    pub after: Option<CertificateId>,
    /// At most so many.
    pub limit: usize,
}

/// Which certificates that end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndingQuery {
    /// Issued by this county.
    pub county: Region,
    /// At this time or later.
    pub from: UnixTime,
    /// Before this time.
    pub until: UnixTime,
    /// After the one with this end and number.
    pub after: Option<(UnixTime, CertificateId)>,
    /// At most so many.
    pub limit: usize,
}
