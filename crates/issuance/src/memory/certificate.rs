//! The twin: certificates.

use credential::region::Region;
use credential::time::UnixTime;

use super::InMemory;
use crate::certificate::{Certificate, SignedCredential};
use crate::id::{CertificateId, PersonId};
use crate::register::{CertificateQuery, CertificateStore, EndingQuery, Stored};
use crate::status_change::Standing;

impl InMemory {
    pub(super) fn ending_within(&self, county: Region, from: UnixTime, until: UnixTime) -> Vec<&Certificate> {
        let ends = |one: &&Certificate| {
            one.signed
                && one.standing != Standing::Revoked
                && one.county == county
                && (from..until).contains(&one.expires)
        };
        self.certificates.iter().filter(ends).collect()
    }
}

impl CertificateStore for InMemory {
    fn certificate(&self, id: CertificateId) -> Stored<Option<Certificate>> {
        Ok(self.certificates.iter().find(|certificate| certificate.id == id).cloned())
    }

    fn certificates_of(&self, person: PersonId) -> Stored<Vec<Certificate>> {
        let of = |certificate: &&Certificate| certificate.person == person;
        Ok(self.certificates.iter().filter(of).cloned().collect())
    }

    fn certificates(&self, query: &CertificateQuery) -> Stored<Vec<Certificate>> {
        let CertificateQuery { standing, region, after, limit } = *query;
        let asked = |certificate: &&Certificate| {
            certificate.signed
                && standing.is_none_or(|standing| certificate.standing == standing)
                && region.contains(certificate.county)
                && after.is_none_or(|after| certificate.id > after)
        };
        Ok(self.certificates.iter().filter(asked).take(limit).cloned().collect())
    }

    fn counties(&self, region: Region) -> Stored<Vec<Region>> {
        let counts = self.certificates.iter().filter(|one| one.signed && one.standing != Standing::Revoked);
        let counties = counts.map(|certificate| certificate.county);
        let mut counties: Vec<_> = counties.filter(|county| region.contains(*county)).collect();
        counties.sort_unstable_by_key(|county| county.code());
        counties.dedup();
        Ok(counties)
    }

    fn ending(&self, query: &EndingQuery) -> Stored<Vec<Certificate>> {
        let EndingQuery { county, from, until, after, limit } = *query;
        let mut ending = self.ending_within(county, from, until);
        ending.retain(|one| after.is_none_or(|after| (one.expires, one.id) > after));
        ending.sort_unstable_by_key(|one| (one.expires, one.id));
        Ok(ending.into_iter().take(limit).cloned().collect())
    }

    fn count_ending(&self, county: Region, from: UnixTime, until: UnixTime) -> Stored<u64> {
        Ok(self.ending_within(county, from, until).len() as u64)
    }

    fn credentials(&self, certificate: CertificateId) -> Stored<Vec<SignedCredential>> {
        let first = self.signed.get(&certificate).into_iter().flatten();
        let others = self.passes.iter().filter(|(of, ..)| *of == certificate);
        let all = first.chain(others.filter_map(|(.., signed)| signed.as_ref()));
        Ok(all.filter(|one| !self.withdrawn.contains(&(one.kid, one.index))).cloned().collect())
    }
}
