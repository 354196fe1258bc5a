//! The port: what is to be signed.

use credential::key::Kid;
use credential::status_list::StatusIndex;
use issuance::application::Filed;
use issuance::audit::Entry;
use issuance::id::{ApplicationId, CertificateId};
use issuance::issuing::{Prepared, Signed};
use issuance::pass_exchange::{Exchange, PreparedPass};
use issuance::person::Person;
use issuance::register::{IssuerKey, IssuingStore, PreparedRow, StoreError, Stored};

use crate::sqlite::{SqliteRegister, case, issuer, issuing, pass, person, status_change};

impl IssuingStore for SqliteRegister {
    fn add_issuer_key(&mut self, key: &IssuerKey, audit: &Entry) -> Stored<()> {
        match self.issuer_keys()?.iter().find(|known| known.kid == key.kid) {
            Some(known) if known == key => Ok(()),
            Some(_) => Err(StoreError::Rule("issuer_key.list_size")),
            None => {
                self.write(std::slice::from_ref(audit), |tx, _| Ok((issuer::add_issuer_key(tx, key)?, None)))
            }
        }
    }

    fn issuer_keys(&self) -> Stored<Vec<IssuerKey>> {
        issuer::issuer_keys(&self.connection)
    }

    fn taken_count(&self, kid: Kid) -> Stored<u64> {
        issuer::taken_count(&self.connection, kid)
    }

    fn is_taken(&self, kid: Kid, index: StatusIndex) -> Stored<bool> {
        issuer::is_taken(&self.connection, kid, index)
    }

    fn approved(&self, after: Option<ApplicationId>, limit: usize) -> Stored<Vec<(Filed, Person)>> {
        case::approved(&self.connection, &self.personal, after, limit)
    }

    fn prepare(&mut self, batch: &[Prepared], audit: &[Entry]) -> Stored<Vec<CertificateId>> {
        self.write(audit, |tx, personal| Ok((issuing::prepare(tx, personal, batch)?, None)))
    }

    fn prepared(&self, after: Option<CertificateId>, limit: usize) -> Stored<Vec<PreparedRow>> {
        issuing::prepared(&self.connection, &self.personal, after, limit)
    }

    fn sign(&mut self, batch: &[Signed], audit: &[Entry]) -> Stored<()> {
        self.write(audit, |tx, personal| {
            for signed in batch {
                let filed = signed.filed();
                issuing::sign(tx, personal, signed)?;
                case::add_steps(tx, personal, filed, filed.application.steps().len().saturating_sub(1))?;
                person::update(tx, personal, filed)?;
                if let Some(change) = signed.supersedes() {
                    status_change::supersede(tx, change)?;
                }
            }
            Ok(((), None))
        })
    }

    fn prepared_passes(&self, limit: usize) -> Stored<Vec<PreparedPass>> {
        pass::prepared(&self.connection, &self.personal, limit)
    }

    fn prepare_passes(&mut self, batch: &[PreparedPass], audit: &[Entry]) -> Stored<()> {
        self.write(audit, |tx, personal| Ok((pass::prepare(tx, personal, batch)?, None)))
    }

    fn exchange_passes(&mut self, batch: &[Exchange], audit: &[Entry]) -> Stored<()> {
        self.write(audit, |tx, personal| Ok((pass::exchange(tx, personal, batch)?, None)))
    }
}
