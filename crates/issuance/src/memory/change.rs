//! The twin: changes of status.

use credential::key::Kid;
use credential::status_list::StatusIndex;

use super::{InMemory, waits};
use crate::application::Filed;
use crate::audit::Entry;
use crate::card::Stage;
use crate::certificate::Certificate;
use crate::id::{CertificateId, ChangeId};
use crate::register::{ChangeQuery, ChangeStore, Digest, Opening, StoreError, Stored};
use crate::status_change::{Standing, StatusChange};

impl InMemory {
    pub(super) fn stand(&mut self, id: CertificateId, seen: Standing, change: &StatusChange) -> Stored<()> {
        let certificate = self.certificates.iter_mut().find(|certificate| certificate.id == id);
        let certificate = certificate.filter(|certificate| certificate.standing == seen);
        let certificate = certificate.ok_or(StoreError::Conflict)?;
        if change.is_in_force() {
            certificate.standing = seen.after(change.change()).map_err(|_| StoreError::Conflict)?;
        }
        Ok(())
    }
}

impl ChangeStore for InMemory {
    fn enter_change(
        &mut self,
        change: &StatusChange,
        seen: Standing,
        follows: Option<&Opening<'_>>,
        audit: &[Entry],
    ) -> Stored<(ChangeId, Option<Filed>)> {
        if let Some(opening) = follows {
            self.can_file(opening)?;
        }
        self.stand(change.certificate(), seen, change)?;
        self.changes.push(change.clone());
        let filed = follows.map(|opening| self.file_now(opening));
        self.log_about(audit, filed.as_ref().map(|filed| filed.id));
        Ok((ChangeId::from_stored(self.changes.len() as i64), filed))
    }

    fn decide_change(
        &mut self,
        id: ChangeId,
        change: &StatusChange,
        seen: Standing,
        audit: &Entry,
    ) -> Stored<()> {
        let at = usize::try_from(id.get() - 1).map_err(|_| StoreError::Conflict)?;
        match self.changes.get(at) {
            Some(stored) if stored.outcome() == crate::status_change::Outcome::Waiting => {}
            _ => return Err(StoreError::Conflict),
        }
        self.stand(change.certificate(), seen, change)?;
        if let Some(stored) = self.changes.get_mut(at) {
            *stored = change.clone();
        }
        self.log(audit.clone());
        Ok(())
    }

    fn change(&self, id: ChangeId) -> Stored<Option<StatusChange>> {
        let at = usize::try_from(id.get() - 1).ok();
        Ok(at.and_then(|at| self.changes.get(at)).cloned())
    }

    fn changes_of(&self, certificate: CertificateId) -> Stored<Vec<(ChangeId, StatusChange)>> {
        Ok(numbered(&self.changes).filter(|(_, change)| change.certificate() == certificate).collect())
    }

    fn waiting_changes(&self, query: &ChangeQuery) -> Stored<Vec<(ChangeId, StatusChange)>> {
        let ChangeQuery { region, after, limit } = *query;
        let county = |change: &StatusChange| {
            let id = change.certificate();
            self.certificates.iter().find(|certificate| certificate.id == id).map(|found| found.county)
        };
        let asked = |(id, change): &(ChangeId, StatusChange)| {
            waits(change)
                && after.is_none_or(|after| *id > after)
                && county(change).is_some_and(|county| region.contains(county))
        };
        Ok(numbered(&self.changes).filter(asked).take(limit).collect())
    }

    fn not_valid(&self, kid: Kid) -> Stored<Vec<(StatusIndex, Standing)>> {
        let revoked = self.certificates.iter().filter(|c| c.standing != Standing::Valid);
        let of_key = |c: &Certificate| {
            let others = self.passes.iter().filter(|(of, ..)| *of == c.id).map(|(_, pass, _)| pass);
            let credentials = self.prepared.get(&c.id).into_iter().flatten().chain(others);
            let standing = c.standing;
            credentials.filter(move |one| one.kid == kid).map(move |one| (one.index, standing)).collect()
        };
        let mut list: Vec<_> = revoked.flat_map(|c| -> Vec<_> { of_key(c) }).collect();
        for job in &self.cards {
            let (Stage::Prepared(_, pass) | Stage::Signed(_, pass, _) | Stage::Issued(_, pass, ..)) =
                &job.stage
            else {
                continue;
            };
            let certificate = self.certificates.iter().find(|c| c.id == job.certificate);
            let standing = certificate.map_or(Standing::Revoked, |certificate| certificate.standing);
            if pass.prepared.kid == kid && standing != Standing::Valid {
                list.push((pass.prepared.index, standing));
            }
        }
        let withdrawn = self.withdrawn.iter().filter(|(of, _)| *of == kid);
        list.extend(withdrawn.map(|(_, index)| (*index, Standing::Revoked)));
        Ok(list)
    }

    fn last_bundle_version(&self) -> Stored<u32> {
        Ok(self.bundles.last().map_or(0, |(version, _)| *version))
    }

    fn publish(&mut self, version: u32, _sha256: &Digest, audit: &Entry) -> Stored<()> {
        if version <= self.last_bundle_version()? {
            return Err(StoreError::Rule("bundle.version"));
        }
        self.bundles.push((version, audit.at));
        self.log(audit.clone());
        Ok(())
    }
}

fn numbered(changes: &[StatusChange]) -> impl Iterator<Item = (ChangeId, StatusChange)> {
    changes.iter().zip(1..).map(|(change, number)| (ChangeId::from_stored(number), change.clone()))
}
