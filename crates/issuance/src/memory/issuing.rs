//! The twin: what is to be signed.

use credential::key::Kid;
use credential::status_list::StatusIndex;

use super::InMemory;
use crate::application::Filed;
use crate::audit::Entry;
use crate::certificate::{Certificate, SignedCredential};
use crate::id::{ApplicationId, CertificateId};
use crate::issuing::{Prepared, Signed};
use crate::pass_exchange::{Exchange, PreparedPass};
use crate::person::Person;
use crate::register::{
    CaseStore, IssuerKey, IssuingStore, PreparedCredential, PreparedRow, StoreError, Stored,
};
use crate::status_change::Standing;
use crate::transition::State;

impl IssuingStore for InMemory {
    fn add_issuer_key(&mut self, key: &IssuerKey, audit: &Entry) -> Stored<()> {
        match self.keys.iter().find(|known| known.kid == key.kid) {
            Some(known) if known == key => return Ok(()),
            Some(_) => return Err(StoreError::Rule("issuer_key.list_size")),
            None => {}
        }
        self.keys.push(*key);
        self.log(audit.clone());
        Ok(())
    }

    fn issuer_keys(&self) -> Stored<Vec<IssuerKey>> {
        Ok(self.keys.clone())
    }

    fn taken_count(&self, kid: Kid) -> Stored<u64> {
        Ok(self.taken.iter().filter(|(taken, _)| *taken == kid).count() as u64)
    }

    fn is_taken(&self, kid: Kid, index: StatusIndex) -> Stored<bool> {
        Ok(self.taken.contains(&(kid, index)))
    }

    fn approved(&self, after: Option<ApplicationId>, limit: usize) -> Stored<Vec<(Filed, Person)>> {
        let waits = |filed: &&Filed| {
            filed.application.state() == State::Approved
                && after.is_none_or(|after| filed.id > after)
                && !self.certificates.iter().any(|certificate| certificate.application == filed.id)
        };
        let with_person = |filed: &Filed| {
            let person = self.people.iter().find(|person| person.id == filed.person)?;
            Some((filed.clone(), person.clone()))
        };
        Ok(self.cases.iter().filter(waits).filter_map(with_person).take(limit).collect())
    }

    fn prepare(&mut self, batch: &[Prepared], audit: &[Entry]) -> Stored<Vec<CertificateId>> {
        let mut taken = self.taken.clone();
        for prepared in batch {
            let application = prepared.facts().application;
            if self.certificates.iter().any(|certificate| certificate.application == application) {
                return Err(StoreError::Rule("certificate.application"));
            }
            for credential in prepared.credentials() {
                if !taken.insert((credential.kid, credential.index)) {
                    return Err(StoreError::Rule("credential.status_index"));
                }
            }
        }
        self.taken = taken;
        let mut ids = Vec::new();
        for prepared in batch {
            let id = CertificateId::from_stored(self.certificates.len() as i64 + 1);
            self.certificates.push(prepared.facts().clone().into_certificate(id));
            self.prepared.insert(id, prepared.credentials().to_vec());
            ids.push(id);
        }
        self.log_about(audit, None);
        Ok(ids)
    }

    fn prepared(&self, after: Option<CertificateId>, limit: usize) -> Stored<Vec<PreparedRow>> {
        let waits = |certificate: &&Certificate| {
            !certificate.signed && after.is_none_or(|after| certificate.id > after)
        };
        let row = |certificate: &Certificate| {
            Some(PreparedRow {
                certificate: certificate.clone(),
                filed: self.cases.iter().find(|filed| filed.id == certificate.application)?.clone(),
                person: self.people.iter().find(|person| person.id == certificate.person)?.clone(),
                credentials: self.prepared.get(&certificate.id)?.clone(),
            })
        };
        Ok(self.certificates.iter().filter(waits).filter_map(row).take(limit).collect())
    }

    fn sign(&mut self, batch: &[Signed], audit: &[Entry]) -> Stored<()> {
        let mut after = self.clone();
        for signed in batch {
            let id = signed.certificate();
            let certificate = after.certificates.iter_mut().find(|c| c.id == id && !c.signed);
            certificate.ok_or(StoreError::Conflict)?.signed = true;
            after.signed.insert(id, signed.credentials().to_vec());
            let filed = signed.filed();
            let known = filed.application.steps().len().saturating_sub(1);
            after.add_steps(filed, known, &[])?;
            let request = filed.application.request();
            if let Some(person) = after.people.iter_mut().find(|person| person.id == filed.person) {
                person.particulars = request.particulars.clone();
                person.home = request.home;
            }
            if let Some(change) = signed.supersedes() {
                let earlier = after.certificates.iter_mut().find(|c| c.id == change.certificate());
                let earlier = earlier.filter(|earlier| earlier.standing != Standing::Revoked);
                if let Some(earlier) = earlier {
                    earlier.standing = Standing::Revoked;
                    after.changes.push(change.clone());
                }
            }
        }
        after.log_about(audit, None);
        *self = after;
        Ok(())
    }

    fn prepared_passes(&self, limit: usize) -> Stored<Vec<PreparedPass>> {
        let waits = |(_, pass, signed): &&(CertificateId, PreparedCredential, Option<SignedCredential>)| {
            signed.is_none() && !self.withdrawn.contains(&(pass.kid, pass.index))
        };
        let row = |(id, pass, _): &(CertificateId, PreparedCredential, _)| {
            let certificate = self.certificates.iter().find(|certificate| certificate.id == *id)?.clone();
            Some(PreparedPass { certificate, credential: pass.clone() })
        };
        Ok(self.passes.iter().filter(waits).filter_map(row).take(limit).collect())
    }

    fn prepare_passes(&mut self, batch: &[PreparedPass], audit: &[Entry]) -> Stored<()> {
        let mut after = self.clone();
        for PreparedPass { certificate, credential } in batch {
            let of = after.certificates.iter().find(|known| known.id == certificate.id);
            if of.is_none_or(|of| !of.signed || of.standing == Standing::Revoked) {
                return Err(StoreError::Rule("passes stay"));
            }
            if !after.taken.insert((credential.kid, credential.index)) {
                return Err(StoreError::Rule("credential.status_index"));
            }
            after.passes.push((certificate.id, credential.clone(), None));
        }
        after.log_about(audit, None);
        *self = after;
        Ok(())
    }

    fn exchange_passes(&mut self, batch: &[Exchange], audit: &[Entry]) -> Stored<()> {
        let mut after = self.clone();
        for exchange in batch {
            if let Some(signed) = exchange.signed() {
                let waits = after.passes.iter_mut().find(|(_, pass, stored)| {
                    stored.is_none() && (pass.kid, pass.index) == (signed.kid, signed.index)
                });
                let waits = waits.filter(|_| !after.withdrawn.contains(&(signed.kid, signed.index)));
                waits.ok_or(StoreError::Conflict)?.2 = Some(signed.clone());
            }
            for pass in exchange.withdrawn() {
                if after.withdrawn.contains(pass) {
                    return Err(StoreError::Conflict);
                }
                after.withdrawn.push(*pass);
            }
        }
        after.log_about(audit, None);
        *self = after;
        Ok(())
    }
}
