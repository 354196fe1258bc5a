//! The port: changes of status.

use credential::key::Kid;
use credential::status_list::StatusIndex;
use issuance::application::Filed;
use issuance::audit::Entry;
use issuance::id::{CertificateId, ChangeId};
use issuance::register::{ChangeQuery, ChangeStore, Digest, Opening, Stored};
use issuance::status_change::{Standing, StatusChange};

use crate::sqlite::{SqliteRegister, case, issuer, status_change};

impl ChangeStore for SqliteRegister {
    fn enter_change(
        &mut self,
        change: &StatusChange,
        seen: Standing,
        follows: Option<&Opening<'_>>,
        audit: &[Entry],
    ) -> Stored<(ChangeId, Option<Filed>)> {
        self.write(audit, |tx, personal| {
            let id = status_change::enter(tx, change, seen)?;
            let filed = follows.map(|opening| case::file(tx, personal, opening)).transpose()?;
            let about = filed.as_ref().map(|filed| filed.id);
            Ok(((id, filed), about))
        })
    }

    fn decide_change(
        &mut self,
        id: ChangeId,
        change: &StatusChange,
        seen: Standing,
        audit: &Entry,
    ) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, _| {
            Ok((status_change::decide(tx, id, change, seen)?, None))
        })
    }

    fn change(&self, id: ChangeId) -> Stored<Option<StatusChange>> {
        status_change::find(&self.connection, id)
    }

    fn changes_of(&self, certificate: CertificateId) -> Stored<Vec<(ChangeId, StatusChange)>> {
        status_change::of(&self.connection, certificate)
    }

    fn waiting_changes(&self, query: &ChangeQuery) -> Stored<Vec<(ChangeId, StatusChange)>> {
        status_change::waiting(&self.connection, query)
    }

    fn not_valid(&self, kid: Kid) -> Stored<Vec<(StatusIndex, Standing)>> {
        issuer::not_valid(&self.connection, kid)
    }

    fn last_bundle_version(&self) -> Stored<u32> {
        issuer::last_bundle(&self.connection).map(|last| last.map_or(0, |(version, _)| version))
    }

    fn publish(&mut self, version: u32, sha256: &Digest, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, _| {
            Ok((issuer::publish(tx, version, sha256, audit.at)?, None))
        })
    }
}
