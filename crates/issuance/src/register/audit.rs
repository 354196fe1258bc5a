//! What was done and read, and how much stands where.

use credential::time::UnixTime;

use super::Stored;
use crate::audit::{Entry, Row, Subject};
use crate::id::OfficerId;
use crate::status_change::Standing;
use crate::transition::State;

/// Storage of the audit.
pub trait AuditStore {
    /// Adds an audit row on its own: for what was read.
    fn note(&mut self, audit: &Entry) -> Stored<()>;
    /// Adds many at once.
    fn note_all(&mut self, audit: &[Entry]) -> Stored<()>;
    /// Audit rows after a number.
    fn audit_rows(&self, after: i64, limit: usize) -> Stored<Vec<Row>>;
    /// Audit rows about a subject or by an officer, oldest first.
    fn audit_of(&self, query: &AuditQuery, limit: usize) -> Stored<Vec<Row>>;
    /// How many stand where.
    fn counts(&self) -> Stored<Counts>;
}

/// Which audit rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditQuery {
    /// About this.
    About(Subject),
    /// By an officer, from a time until before another.
    By(OfficerId, UnixTime, UnixTime),
}

/// How many stand where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cases by state, states without a case left out.
    pub applications: Vec<(State, u64)>,
    /// Signed certificates by standing, those without left out.
    pub certificates: Vec<(Standing, u64)>,
    /// Signed credentials.
    pub credentials: u64,
    /// Changes that wait for a second officer.
    pub waiting_changes: u64,
    /// When the last bundle was published.
    pub last_bundle: Option<(u32, UnixTime)>,
}
