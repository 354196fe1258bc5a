//! The port: card jobs.

use credential::region::Region;
use credential::time::UnixTime;
use issuance::audit::Entry;
use issuance::card::{CardJob, CardSerial, Stage};
use issuance::certificate::Certificate;
use issuance::id::{CardJobId, CertificateId};
use issuance::register::{CardQuery, CardStore, CardTally, Stored};

use crate::sqlite::{SqliteRegister, card, certificate};

impl CardStore for SqliteRegister {
    fn add_card_job(&mut self, certificate: CertificateId, audit: &Entry) -> Stored<CardJob> {
        self.write(std::slice::from_ref(audit), |tx, _| Ok((card::add(tx, certificate)?, None)))
    }

    fn card_job(&self, id: CardJobId) -> Stored<Option<CardJob>> {
        card::find(&self.connection, &self.personal, id)
    }

    fn card_job_by_card(&self, card: CardSerial) -> Stored<Option<CardJob>> {
        card::by_card(&self.connection, &self.personal, card)
    }

    fn card_jobs_of(&self, certificate: CertificateId) -> Stored<Vec<CardJob>> {
        card::of_certificate(&self.connection, &self.personal, certificate)
    }

    fn card_jobs(&self, query: &CardQuery) -> Stored<Vec<CardJob>> {
        card::list(&self.connection, &self.personal, query)
    }

    fn card_tally(&self, region: Region, since: UnixTime) -> Stored<CardTally> {
        card::tally(&self.connection, region, since)
    }

    fn without_card(&self, region: Region, now: UnixTime, limit: usize) -> Stored<Vec<Certificate>> {
        certificate::without_card(&self.connection, &self.personal, region, now, limit)
    }

    fn move_card_job(&mut self, job: &CardJob, seen: &Stage, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |tx, personal| {
            Ok((card::advance(tx, personal, job, seen)?, None))
        })
    }

    fn replace_card(&mut self, withdrawn: &CardJob, seen: &Stage, audit: &[Entry]) -> Stored<CardJob> {
        self.write(audit, |tx, personal| {
            card::advance(tx, personal, withdrawn, seen)?;
            Ok((card::add(tx, withdrawn.certificate)?, None))
        })
    }
}
