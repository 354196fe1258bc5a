//! The port: certificates.

use credential::region::Region;
use credential::time::UnixTime;
use issuance::certificate::{Certificate, SignedCredential};
use issuance::id::{CertificateId, PersonId};
use issuance::register::{CertificateQuery, CertificateStore, EndingQuery, Stored};

use crate::sqlite::{SqliteRegister, certificate, issuing};

impl CertificateStore for SqliteRegister {
    fn certificate(&self, id: CertificateId) -> Stored<Option<Certificate>> {
        certificate::find(&self.connection, &self.personal, id)
    }

    fn certificates_of(&self, person: PersonId) -> Stored<Vec<Certificate>> {
        certificate::of_person(&self.connection, &self.personal, person)
    }

    fn certificates(&self, query: &CertificateQuery) -> Stored<Vec<Certificate>> {
        certificate::list(&self.connection, &self.personal, query)
    }

    fn counties(&self, region: Region) -> Stored<Vec<Region>> {
        certificate::counties(&self.connection, region)
    }

    fn ending(&self, query: &EndingQuery) -> Stored<Vec<Certificate>> {
        certificate::ending(&self.connection, &self.personal, query)
    }

    fn count_ending(&self, county: Region, from: UnixTime, until: UnixTime) -> Stored<u64> {
        certificate::count_ending(&self.connection, county, from, until)
    }

    fn credentials(&self, certificate: CertificateId) -> Stored<Vec<SignedCredential>> {
        issuing::credentials(&self.connection, &self.personal, certificate)
    }
}
