//! From an approval to a signed certificate: prepare, store, sign, verify, store.
//! The exact bytes and their random status index are stored before anything is signed; Ed25519 repeats itself;
//! so a run that was cut off at any point is taken up from the rows, and no step is asked for twice.

mod index;
mod prepared;
mod signed;

use rand_core::CryptoRng;

use crate::Error;
use crate::actor::Actor;
use crate::application::Filed;
use crate::audit::{Deed, Entry, Other, Subject};
use crate::certificate::SignedCredential;
use crate::grants::Grants;
use crate::id::{ApplicationId, CertificateId};
use crate::pass_exchange;
use crate::person::Person;
use crate::register::{IssuerKey, PreparedRow, Register};
use crate::rehearsal::Rehearsal;
use crate::signer::Signer;
use crate::transition::Verb;

pub(crate) use index::Indices;
pub use prepared::{Facts, Prepared};
pub(crate) use prepared::{pass_claims, unsigned_pass};
pub use signed::Signed;
pub(crate) use signed::sign_one;

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
                audit.push(actor.entry(SIGNED, Subject::Certificate(signed.certificate())));
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

const PREPARED: Deed = Deed::Other(Other::Prepared);
const SIGNED: Deed = Deed::Other(Other::Signed);
/// A certificate and a pass.
const MAX_CREDENTIALS: usize = 2;
