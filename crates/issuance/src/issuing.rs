//! From an approval to a signed certificate: prepare, store, sign, verify, store.
//! The exact bytes and their random status index are stored before anything is signed; Ed25519 repeats itself;
//! so a run that was cut off at any point is taken up from the rows, and no step is asked for twice.

use credential::certificate::{Certificate as Claims, Document};
use credential::disability::Components;
use credential::number::Reissue;
use credential::pass::Pass;
use credential::region::Region;
use credential::sign1::{Content, Unsigned};
use credential::status_list::StatusIndex;
use credential::time::UnixTime;
use credential::{Kid, Kind};
use rand_core::{CryptoRng, Rng};

use crate::Error;
use crate::actor::Actor;
use crate::application::{Approved, Filed};
use crate::audit::{Deed, Entry, Other, Subject};
use crate::certificate::SignedCredential;
use crate::entitlement::{Entitlement, Holder};
use crate::grants::Grants;
use crate::id::{ApplicationId, CertificateId};
use crate::pass_exchange;
use crate::person::Person;
use crate::register::{IssuerKey, PreparedCredential, PreparedRow, Register};
use crate::rehearsal::Rehearsal;
use crate::signer::Signer;
use crate::status_change::StatusChange;
use crate::transition::Verb;

/// What issuing needs besides a register.
pub struct Issuer<'a> {
    /// The key.
    pub signer: &'a dyn Signer,
    /// Its list.
    pub key: IssuerKey,
    /// Our own verifier.
    pub rehearsal: &'a Rehearsal,
    /// What passes say.
    pub grants: &'a Grants,
}

/// One certificate that is now signed and stored.
#[derive(Clone, Debug)]
pub struct Issued {
    /// Its case.
    pub application: ApplicationId,
    /// Which one.
    pub certificate: CertificateId,
    /// Its signed forms.
    pub credentials: Vec<SignedCredential>,
}

/// What one batch came to.
#[derive(Debug, Default)]
pub struct Batch {
    /// Signed and stored.
    pub issued: Vec<Issued>,
    /// Cases that could not be prepared or signed, and why. Nothing was handed out for them.
    pub failed: Vec<(ApplicationId, Error)>,
    /// Where the next batch begins; `None` when nothing is left.
    pub next: Option<Cursor>,
}

/// How far a run has come. The first batch begins with the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    prepared: Option<CertificateId>,
    approved: Option<ApplicationId>,
}

/// Issues up to `size` certificates: first what an earlier run prepared and did not sign, then what was approved.
/// What it returns is durable.
pub fn issue_batch(
    register: &mut dyn Register,
    issuer: &Issuer<'_>,
    cursor: Cursor,
    size: usize,
    actor: &Actor<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Batch, Error> {
    let mut rows = register.prepared(cursor.prepared, size)?;
    let mut failed = Vec::new();
    let mut next = cursor;
    if rows.is_empty() {
        let approved = register.approved(cursor.approved, size)?;
        next.approved = approved.last().map(|(filed, _)| filed.id).or(cursor.approved);
        rows = prepare(register, issuer, approved, &mut failed, actor, rng)?;
    }
    next.prepared = rows.last().map(|row| row.certificate.id).or(cursor.prepared);
    let mut issued = sign(register, issuer, rows, &mut failed, actor)?;
    add_narrower_passes(register, issuer, &mut issued, actor, rng)?;
    Ok(Batch { issued, failed, next: (next != cursor).then_some(next) })
}

/// Passes for a prefecture or a county that gives more than the province. Cut off here, a run of `pass_exchange`
/// makes them: whose passes are not those that the packs give is touched by it.
fn add_narrower_passes(
    register: &mut dyn Register,
    issuer: &Issuer<'_>,
    issued: &mut [Issued],
    actor: &Actor<'_>,
    rng: &mut impl CryptoRng,
) -> Result<(), Error> {
    if !issuer.grants.have_narrower() {
        return Ok(());
    }
    let mut certificates = Vec::with_capacity(issued.len());
    for one in &*issued {
        certificates.extend(register.certificate(one.certificate)?);
    }
    for exchange in pass_exchange::exchange(register, issuer, &certificates, actor, rng)? {
        let one = issued.iter_mut().find(|one| one.certificate == exchange.certificate());
        if let (Some(one), Some(signed)) = (one, exchange.signed()) {
            one.credentials.push(signed.clone());
        }
    }
    Ok(())
}

/// Makes and stores the bytes of each case that can be prepared.
fn prepare(
    register: &mut dyn Register,
    issuer: &Issuer<'_>,
    approved: Vec<(Filed, Person)>,
    failed: &mut Vec<(ApplicationId, Error)>,
    actor: &Actor<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<PreparedRow>, Error> {
    let mut indices = Indices::new(&*register, issuer.key, approved.len() * MAX_CREDENTIALS)?;
    let mut batch = Vec::new();
    let mut cases = Vec::new();
    for (filed, person) in approved {
        match Prepared::make(&filed, &person, issuer, &mut indices, actor.now, rng) {
            Ok(prepared) => {
                batch.push(prepared);
                cases.push((filed, person));
            }
            Err(error @ (Error::StatusListFull | Error::Store(_))) => return Err(error),
            Err(error) => failed.push((filed.id, error)),
        }
    }
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    let audit: Vec<Entry> = batch.iter().map(|prepared| actor.entry(PREPARED, prepared.subject())).collect();
    let ids = register.prepare(&batch, &audit)?;
    let rows = ids.into_iter().zip(batch).zip(cases);
    Ok(rows.map(|((id, prepared), (filed, person))| prepared.into_row(id, filed, person)).collect())
}

/// Signs what was prepared, verifies it, and stores it.
fn sign(
    register: &mut dyn Register,
    issuer: &Issuer<'_>,
    rows: Vec<PreparedRow>,
    failed: &mut Vec<(ApplicationId, Error)>,
    actor: &Actor<'_>,
) -> Result<Vec<Issued>, Error> {
    let mut batch = Vec::new();
    let mut audit = Vec::new();
    for row in rows {
        let application = row.filed.id;
        match Signed::make(row, issuer, actor.now) {
            Ok(signed) => {
                audit.push(actor.entry(SIGNED, Subject::Certificate(signed.certificate)));
                audit.push(actor.entry(Deed::Step(Verb::Issue), Subject::Application(application)));
                batch.push(signed);
            }
            Err(error @ Error::Signer(_)) => return Err(error),
            Err(error) => failed.push((application, error)),
        }
    }
    if !batch.is_empty() {
        register.sign(&batch, &audit)?;
    }
    Ok(batch.into_iter().map(Signed::into_issued).collect())
}

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
    pub person: crate::id::PersonId,
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
    fn make(
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

    fn subject(&self) -> Subject {
        Subject::Application(self.facts.application)
    }

    fn into_row(self, id: CertificateId, filed: Filed, person: Person) -> PreparedRow {
        let Self { facts, credentials } = self;
        PreparedRow { certificate: facts.into_certificate(id), filed, person, credentials }
    }
}

impl Facts {
    fn of(filed: &Filed, approved: &Approved<'_>, issued: UnixTime) -> Result<Self, Error> {
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
    pub fn into_certificate(self, id: CertificateId) -> crate::certificate::Certificate {
        let Self { application, person, components, reissue, county, issued, expires } = self;
        crate::certificate::Certificate {
            id,
            person,
            application,
            components,
            reissue,
            county,
            issued,
            expires,
            standing: crate::status_change::Standing::Valid,
            signed: false,
        }
    }
}

/// Signed, and verified once more under the real public key. Made from a prepared row whose bytes are still
/// those that its approval leads to.
#[derive(Debug)]
pub struct Signed {
    certificate: CertificateId,
    filed: Filed,
    credentials: Vec<SignedCredential>,
    supersedes: Option<StatusChange>,
}

impl Signed {
    fn make(row: PreparedRow, issuer: &Issuer<'_>, now: UnixTime) -> Result<Self, Error> {
        let PreparedRow { certificate, mut filed, person, credentials } = row;
        check_unchanged(&certificate, &filed, &person, &credentials, issuer)?;
        let signed = credentials.iter().map(|prepared| sign_one(prepared, issuer, now));
        let credentials = signed.collect::<Result<Vec<_>, _>>()?;
        let earlier = filed.application.request().earlier.as_ref();
        let supersedes = earlier.map(|earlier| StatusChange::superseded(earlier.certificate, now));
        filed.application.issued_as(certificate.id, now)?;
        Ok(Self { certificate: certificate.id, filed, credentials, supersedes })
    }

    /// Which certificate.
    #[must_use]
    pub fn certificate(&self) -> CertificateId {
        self.certificate
    }

    /// Its case, with the step that closes it.
    #[must_use]
    pub fn filed(&self) -> &Filed {
        &self.filed
    }

    /// The signed bytes.
    #[must_use]
    pub fn credentials(&self) -> &[SignedCredential] {
        &self.credentials
    }

    /// The revocation of the certificate it follows, unless that is revoked already.
    #[must_use]
    pub fn supersedes(&self) -> Option<&StatusChange> {
        self.supersedes.as_ref()
    }

    fn into_issued(self) -> Issued {
        let Self { certificate, filed, credentials, .. } = self;
        Issued { application: filed.id, certificate, credentials }
    }
}

pub(crate) fn sign_one(
    prepared: &PreparedCredential,
    issuer: &Issuer<'_>,
    now: UnixTime,
) -> Result<SignedCredential, Error> {
    if prepared.kid != issuer.signer.public_key().kid() {
        return Err(Error::OtherKey);
    }
    let signature = issuer.signer.sign(&prepared.unsigned.to_be_signed()).map_err(Error::Signer)?;
    let bytes = prepared.unsigned.with_signature(&signature);
    issuer.rehearsal.check_signed(&bytes, prepared, now)?;
    let PreparedCredential { kind, kid, index, .. } = *prepared;
    Ok(SignedCredential { kind, kid, index, bytes })
}

/// Between storing and signing, rows lay in a database. What is signed is what the approval leads to:
/// everything is made again around the stored indices and compared.
fn check_unchanged(
    certificate: &crate::certificate::Certificate,
    filed: &Filed,
    person: &Person,
    stored: &[PreparedCredential],
    issuer: &Issuer<'_>,
) -> Result<(), Error> {
    let changed = Error::PreparedChanged { certificate: certificate.id };
    let approved = filed.application.approved().ok_or_else(|| changed.clone())?;
    let facts = Facts::of(filed, &approved, certificate.issued)?;
    let mut indices = stored.iter().map(|prepared| prepared.index);
    let again =
        credentials(&facts, &approved, person, issuer, || indices.next().ok_or_else(|| changed.clone()))?;
    if again == stored { Ok(()) } else { Err(changed) }
}

/// The certificate, and the widest pass if the holder is entitled to anything that a gate may be told.
fn credentials(
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

/// Draws indices at random, none twice.
pub(crate) struct Indices<'a> {
    register: &'a dyn Register,
    key: IssuerKey,
    drawn: std::collections::HashSet<StatusIndex>,
}

impl<'a> Indices<'a> {
    pub(crate) fn new(register: &'a dyn Register, key: IssuerKey, wanted: usize) -> Result<Self, Error> {
        let taken = register.taken_count(key.kid)?.saturating_add(wanted as u64);
        // Above three quarters, random drawing grows slow and what is free grows guessable.
        if taken.saturating_mul(4) > u64::from(key.list_size).saturating_mul(3) {
            return Err(Error::StatusListFull);
        }
        Ok(Self { register, key, drawn: std::collections::HashSet::new() })
    }

    pub(crate) fn draw(&mut self, rng: &mut impl Rng) -> Result<StatusIndex, Error> {
        loop {
            let index = StatusIndex::new(below(self.key.list_size, rng));
            if !self.drawn.contains(&index) && !self.register.is_taken(self.key.kid, index)? {
                self.drawn.insert(index);
                return Ok(index);
            }
        }
    }
}

/// A number below a limit, each as likely as the others: what does not divide evenly is drawn again.
fn below(limit: u32, rng: &mut impl Rng) -> u32 {
    let even = u32::MAX - u32::MAX % limit.max(1);
    loop {
        let number = rng.next_u32();
        if number < even {
            return number % limit.max(1);
        }
    }
}

const PREPARED: Deed = Deed::Other(Other::Prepared);
const SIGNED: Deed = Deed::Other(Other::Signed);
/// 残疾人证管理办法: valid for ten years.
const VALIDITY_YEARS: u16 = 10;
/// A certificate and a pass.
const MAX_CREDENTIALS: usize = 2;
