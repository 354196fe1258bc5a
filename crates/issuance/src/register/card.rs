//! Jobs of cards, one stage after the other.

use credential::region::Region;
use credential::time::UnixTime;

use super::Stored;
use crate::audit::Entry;
use crate::card::{CardJob, CardSerial, Stage};
use crate::certificate::Certificate;
use crate::id::{CardJobId, CertificateId};

/// Storage of card jobs.
pub trait CardStore {
    /// Adds a job for a card. Refuses a second one while the first is not withdrawn.
    fn add_card_job(&mut self, certificate: CertificateId, audit: &Entry) -> Stored<CardJob>;
    /// One card job.
    fn card_job(&self, id: CardJobId) -> Stored<Option<CardJob>>;
    /// The job that this card is bound to, open or closed: a card serves once.
    fn card_job_by_card(&self, card: CardSerial) -> Stored<Option<CardJob>>;
    /// The card jobs of a certificate, oldest first.
    fn card_jobs_of(&self, certificate: CertificateId) -> Stored<Vec<CardJob>>;
    /// Card jobs of a region.
    fn card_jobs(&self, query: &CardQuery) -> Stored<Vec<CardJob>>;
    /// How many card jobs of a region stand where; issued ones are counted from a time on.
    fn card_tally(&self, region: Region, since: UnixTime) -> Stored<CardTally>;
    /// Valid certificates of a region, not expired by then, for which no card was ordered; the latest first.
    /// Looks at the latest certificates only; see [`LATEST`].
    fn without_card(&self, region: Region, now: UnixTime, limit: usize) -> Stored<Vec<Certificate>>;
    /// One step forward. Refuses if the job no longer stands where the caller saw it, a card or an index that is
    /// taken, and a step that skips one.
    fn move_card_job(&mut self, job: &CardJob, seen: &Stage, audit: &Entry) -> Stored<()>;
    /// Withdraws a card, so that its index is not valid from now on, and orders the next; both or none.
    fn replace_card(&mut self, withdrawn: &CardJob, seen: &Stage, audit: &[Entry]) -> Stored<CardJob>;
}

/// Which card jobs: of certificates that a county in the region issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CardQuery {
    /// The region.
    pub region: Region,
    /// Those issued at this time or later, the latest first; those that still have to be written, oldest first, if
    /// `None`.
    pub issued_since: Option<UnixTime>,
    /// Of those that still have to be written, the ones after this.
    pub after: Option<CardJobId>,
    /// At most so many.
    pub limit: usize,
}

/// How many card jobs stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CardTally {
    /// Nobody has begun.
    pub waiting: u64,
    /// A card is bound and not finished.
    pub in_work: u64,
    /// Issued since the time that was asked for.
    pub issued: u64,
}

/// So many certificates are looked at for those without a card: a good month of a whole province, so that a desk's
/// page never reads all of ten years.
pub const LATEST: i64 = 20_000;
