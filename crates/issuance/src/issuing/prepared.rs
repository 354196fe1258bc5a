//! What is stored before it is signed: the exact bytes, made from an approval and accepted by our own verifier.

use credential::certificate::{Certificate as Claims, Document};
use credential::disability::Components;
use credential::number::Reissue;
use credential::pass::Pass;
use credential::region::Region;
use credential::sign1::{Content, Unsigned};
use credential::status_list::StatusIndex;
use credential::time::UnixTime;
use credential::{Kid, Kind};
use rand_core::CryptoRng;

use super::{Indices, Issuer};
use crate::Error;
use crate::application::{Approved, Filed};
use crate::audit::Subject;
use crate::certificate::Certificate;
use crate::entitlement::{Entitlement, Holder};
use crate::id::{ApplicationId, CertificateId, PersonId};
use crate::person::Person;
use crate::register::{PreparedCredential, PreparedRow};
use crate::status_change::Standing;
use crate::transition::Verb;

/// The exact bytes of a certificate and its pass, each with its index. Made from an approval only, and only
/// if our own verifier accepts them under a throw-away key.
#[derive(Debug)]
pub struct Prepared {
    facts: Facts,
    credentials: Vec<PreparedCredential>,
}

/// What a prepared certificate is about, for a register to store.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Its case.
    pub application: ApplicationId,
    /// Its holder.
    pub person: PersonId,
    /// What was assessed.
    pub components: Components,
    /// The suffix on its face.
    pub reissue: Reissue,
    /// The county that issues it.
    pub county: Region,
    /// When its bytes were made.
    pub issued: UnixTime,
    /// From when on it is no longer valid.
    pub expires: UnixTime,
}

impl Prepared {
    pub(super) fn make(
        filed: &Filed,
        person: &Person,
        issuer: &Issuer<'_>,
        indices: &mut Indices<'_>,
        now: UnixTime,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let not_approved = Error::NotNow { state: filed.application.state(), verb: Verb::Issue };
        let approved = filed.application.approved().ok_or(not_approved)?;
        let facts = Facts::of(filed, &approved, now)?;
        let credentials = credentials(&facts, &approved, person, issuer, || indices.draw(rng))?;
        credentials.iter().try_for_each(|credential| issuer.rehearsal.try_out(credential, now))?;
        Ok(Self { facts, credentials })
    }

    /// What it is about.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The bytes to store before anything is signed.
    #[must_use]
    pub fn credentials(&self) -> &[PreparedCredential] {
        &self.credentials
    }

    pub(super) fn subject(&self) -> Subject {
        Subject::Application(self.facts.application)
    }

    pub(super) fn into_row(self, id: CertificateId, filed: Filed, person: Person) -> PreparedRow {
        let Self { facts, credentials } = self;
        PreparedRow { certificate: facts.into_certificate(id), filed, person, credentials }
    }
}

impl Facts {
    pub(super) fn of(filed: &Filed, approved: &Approved<'_>, issued: UnixTime) -> Result<Self, Error> {
        let request = approved.request();
        let expires = match &request.earlier {
            Some(earlier) if !request.kind.starts_anew() => earlier.expires,
            _ => issued.date_in_china().plus_years(VALIDITY_YEARS).start_in_china(),
        };
        Ok(Self {
            application: filed.id,
            person: filed.person,
            components: approved.components().clone(),
            reissue: approved.reissue()?,
            county: request.home,
            issued,
            expires,
        })
    }

    /// The row of a certificate that is not signed yet.
    #[must_use]
    pub fn into_certificate(self, id: CertificateId) -> Certificate {
        let Self { application, person, components, reissue, county, issued, expires } = self;
        Certificate {
            id,
            person,
            application,
            components,
            reissue,
            county,
            issued,
            expires,
            standing: Standing::Valid,
            signed: false,
        }
    }
}

/// The certificate, and the widest pass if the holder is entitled to anything that a gate may be told.
pub(super) fn credentials(
    facts: &Facts,
    approved: &Approved<'_>,
    person: &Person,
    issuer: &Issuer<'_>,
    mut draw: impl FnMut() -> Result<StatusIndex, Error>,
) -> Result<Vec<PreparedCredential>, Error> {
    let kid = issuer.key.kid;
    let mut list = vec![certificate_claims(facts, approved, person, draw()?, kid)];
    let holder = Holder {
        components: &facts.components,
        born: Some(person.identity.birth_date()),
        county: facts.county,
    };
    // Narrower passes follow in the same batch, once there is a certificate to follow: see `pass_exchange`.
    if let Some(widest) = issuer.grants.passes(&holder, facts.issued.date_in_china()).first() {
        list.push(pass_claims(*widest, facts.expires, draw()?, kid));
    }
    Ok(list)
}

fn certificate_claims(
    facts: &Facts,
    approved: &Approved<'_>,
    person: &Person,
    index: StatusIndex,
    kid: Kid,
) -> PreparedCredential {
    let particulars = &approved.request().particulars;
    let claims = Claims {
        expires: facts.expires,
        issued: facts.issued,
        name: particulars.name.expose(),
        birth_date: None,
        guardian: particulars.guardian.as_ref().map(|guardian| guardian.name.expose()),
        photo: None,
        document: Document::Identity(person.identity),
        components: facts.components.clone(),
        county: facts.county,
        status: index,
        reissue: facts.reissue,
    };
    let unsigned = Unsigned::new(kid, claims.encode(), Content::Credential);
    PreparedCredential { kind: Kind::Certificate, kid, index, unsigned }
}

/// A pass for an entitlement. It names no key: paper and phones carry it.
pub(crate) fn pass_claims(
    entitlement: Entitlement,
    expires: UnixTime,
    status: StatusIndex,
    kid: Kid,
) -> PreparedCredential {
    let Entitlement { jurisdiction, grants } = entitlement;
    unsigned_pass(
        &Pass { expires, holder_key: None, jurisdiction, grants: grants.iter().collect(), status },
        kid,
    )
}

/// A pass, but for its signature.
pub(crate) fn unsigned_pass(claims: &Pass, kid: Kid) -> PreparedCredential {
    let unsigned = Unsigned::new(kid, claims.encode(), Content::Credential);
    PreparedCredential { kind: Kind::Pass, kid, index: claims.status, unsigned }
}

/// 残疾人证管理办法: valid for ten years.
const VALIDITY_YEARS: u16 = 10;
