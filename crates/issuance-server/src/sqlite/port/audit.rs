//! The port: the audit.

use issuance::audit::{Entry, Row};
use issuance::register::{AuditQuery, AuditStore, Counts, Stored};

use crate::sqlite::{SqliteRegister, audit, case, certificate, issuer, issuing, status_change};

impl AuditStore for SqliteRegister {
    fn note(&mut self, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |_, _| Ok(((), None)))
    }

    fn note_all(&mut self, audit: &[Entry]) -> Stored<()> {
        self.write(audit, |_, _| Ok(((), None)))
    }

    fn audit_rows(&self, after: i64, limit: usize) -> Stored<Vec<Row>> {
        audit::rows(&self.connection, after, limit)
    }

    fn audit_of(&self, query: &AuditQuery, limit: usize) -> Stored<Vec<Row>> {
        audit::find(&self.connection, query, limit)
    }

    fn counts(&self) -> Stored<Counts> {
        Ok(Counts {
            applications: case::counts(&self.connection)?,
            certificates: certificate::counts(&self.connection)?,
            credentials: issuing::count_signed(&self.connection)?,
            waiting_changes: status_change::count_waiting(&self.connection)?,
            last_bundle: issuer::last_bundle(&self.connection)?,
        })
    }
}
