//! The twin: card jobs.

use credential::region::Region;
use credential::time::UnixTime;

use super::InMemory;
use crate::audit::Entry;
use crate::card::{CardJob, CardSerial, Stage};
use crate::certificate::Certificate;
use crate::id::{CardJobId, CertificateId};
use crate::register::{CardQuery, CardStore, CardTally, LATEST, StoreError, Stored};
use crate::status_change::Standing;

impl InMemory {
    pub(super) fn cards_of(&self, region: Region) -> impl Iterator<Item = &CardJob> {
        let county =
            |id| self.certificates.iter().find(|certificate| certificate.id == id).map(|one| one.county);
        self.cards
            .iter()
            .filter(move |job| county(job.certificate).is_some_and(|county| region.contains(county)))
    }
}

impl CardStore for InMemory {
    fn add_card_job(&mut self, certificate: CertificateId, audit: &Entry) -> Stored<CardJob> {
        let of =
            |job: &&CardJob| job.certificate == certificate && !matches!(job.stage, Stage::Withdrawn(..));
        if self.cards.iter().any(|job| of(&job)) {
            return Err(StoreError::Rule("one card a certificate"));
        }
        let id = CardJobId::from_stored(self.cards.len() as i64 + 1);
        let job = CardJob { id, certificate, stage: Stage::Ordered };
        self.cards.push(job.clone());
        self.log(audit.clone());
        Ok(job)
    }

    fn card_job(&self, id: CardJobId) -> Stored<Option<CardJob>> {
        Ok(self.cards.iter().find(|job| job.id == id).cloned())
    }

    fn card_job_by_card(&self, card: CardSerial) -> Stored<Option<CardJob>> {
        Ok(self.cards.iter().find(|job| job.card() == Some(card)).cloned())
    }

    fn card_jobs_of(&self, certificate: CertificateId) -> Stored<Vec<CardJob>> {
        Ok(self.cards.iter().filter(|job| job.certificate == certificate).cloned().collect())
    }

    fn card_jobs(&self, query: &CardQuery) -> Stored<Vec<CardJob>> {
        let CardQuery { region, issued_since, after, limit } = *query;
        let asked = |job: &&CardJob| match issued_since {
            None => job.is_open() && after.is_none_or(|after| job.id > after),
            Some(since) => job.issued_at().is_some_and(|at| at >= since),
        };
        let mut jobs: Vec<_> = self.cards_of(region).filter(asked).cloned().collect();
        if issued_since.is_some() {
            jobs.sort_by_key(|job| std::cmp::Reverse((job.issued_at(), job.id)));
        }
        jobs.truncate(limit);
        Ok(jobs)
    }

    fn card_tally(&self, region: Region, since: UnixTime) -> Stored<CardTally> {
        let mut tally = CardTally::default();
        for job in self.cards_of(region) {
            match &job.stage {
                Stage::Ordered => tally.waiting += 1,
                Stage::Begun(_) | Stage::Prepared(..) | Stage::Signed(..) => tally.in_work += 1,
                Stage::Issued(.., at) if *at >= since => tally.issued += 1,
                Stage::Issued(..) | Stage::Withdrawn(..) => {}
            }
        }
        Ok(tally)
    }

    fn without_card(&self, region: Region, now: UnixTime, limit: usize) -> Stored<Vec<Certificate>> {
        let has_card = |id| {
            let of = |job: &CardJob| job.certificate == id && !matches!(job.stage, Stage::Withdrawn(..));
            self.cards.iter().any(of)
        };
        let wanted = |certificate: &&Certificate| {
            certificate.signed
                && certificate.standing == Standing::Valid
                && certificate.expires > now
                && region.contains(certificate.county)
                && !has_card(certificate.id)
        };
        let latest = self.certificates.iter().rev().take(LATEST as usize);
        Ok(latest.filter(wanted).take(limit).cloned().collect())
    }

    fn move_card_job(&mut self, job: &CardJob, seen: &Stage, audit: &Entry) -> Stored<()> {
        let other =
            |other: &CardJob| other.id != job.id && other.card().is_some() && other.card() == job.card();
        if self.cards.iter().any(other) {
            return Err(StoreError::Rule("card_job.card"));
        }
        if let Stage::Prepared(_, pass) = &job.stage
            && self.taken.contains(&(pass.prepared.kid, pass.prepared.index))
        {
            return Err(StoreError::Rule("credential.status_index"));
        }
        let stored = self.cards.iter_mut().find(|stored| stored.id == job.id);
        let stored = stored.filter(|stored| stored.stage == *seen).ok_or(StoreError::Conflict)?;
        if !seen.leads_to(&job.stage) {
            return Err(StoreError::Rule("card job goes step by step"));
        }
        *stored = job.clone();
        match (seen, &job.stage) {
            (_, Stage::Prepared(_, pass)) => {
                self.taken.insert((pass.prepared.kid, pass.prepared.index));
            }
            (
                Stage::Prepared(_, pass) | Stage::Signed(_, pass, _) | Stage::Issued(_, pass, ..),
                Stage::Withdrawn(..),
            ) => self.withdrawn.push((pass.prepared.kid, pass.prepared.index)),
            _ => {}
        }
        self.log(audit.clone());
        Ok(())
    }

    fn replace_card(&mut self, withdrawn: &CardJob, seen: &Stage, audit: &[Entry]) -> Stored<CardJob> {
        let [withdrawing, ordering] = audit else { return Err(StoreError::Rule("card_job.audit")) };
        let mut after = self.clone();
        after.move_card_job(withdrawn, seen, withdrawing)?;
        let job = after.add_card_job(withdrawn.certificate, ordering)?;
        *self = after;
        Ok(job)
    }
}
