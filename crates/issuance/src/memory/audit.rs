//! The twin: the audit.

use super::{InMemory, waits};
use crate::audit::{Entry, Row};
use crate::register::{AuditQuery, AuditStore, Counts, Stored};
use crate::status_change::Standing;
use crate::transition::State;

impl AuditStore for InMemory {
    fn note(&mut self, audit: &Entry) -> Stored<()> {
        self.log(audit.clone());
        Ok(())
    }

    fn note_all(&mut self, audit: &[Entry]) -> Stored<()> {
        self.log_about(audit, None);
        Ok(())
    }

    fn audit_rows(&self, after: i64, limit: usize) -> Stored<Vec<Row>> {
        Ok(self.audit.iter().filter(|row| row.number > after).take(limit).cloned().collect())
    }

    fn audit_of(&self, query: &AuditQuery, limit: usize) -> Stored<Vec<Row>> {
        let asked = |row: &&Row| match *query {
            AuditQuery::About(subject) => row.entry.subject == subject,
            AuditQuery::By(who, from, until) => {
                row.entry.who == who && row.entry.at >= from && row.entry.at < until
            }
        };
        Ok(self.audit.iter().filter(asked).take(limit).cloned().collect())
    }

    fn counts(&self) -> Stored<Counts> {
        let in_state = |state: State| self.cases.iter().filter(|f| f.application.state() == state).count();
        let signed = self.certificates.iter().filter(|c| c.signed);
        let standing = |standing: Standing| signed.clone().filter(|c| c.standing == standing).count();
        Ok(Counts {
            applications: tally(State::ALL, in_state),
            certificates: tally(Standing::ALL, standing),
            credentials: self.signed.values().map(|credentials| credentials.len() as u64).sum::<u64>()
                + self.passes.iter().filter(|(.., signed)| signed.is_some()).count() as u64,
            waiting_changes: self.changes.iter().filter(|change| waits(change)).count() as u64,
            last_bundle: self.bundles.last().copied(),
        })
    }
}

fn tally<T: Copy>(all: &[T], count: impl Fn(T) -> usize) -> Vec<(T, u64)> {
    all.iter().map(|one| (*one, count(*one) as u64)).filter(|(_, count)| *count > 0).collect()
}
