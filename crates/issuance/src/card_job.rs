//! The use cases of a card: order it, bind a chip, sign a pass over the chip's key, count it as issued, report it lost.
//! Sans-io like the rest: whoever relays between reader and card says what happened, and each answer is durable before
//! it is given. A run that was cut off begins again at any time; what is stored is not asked for twice.

use credential::key::PublicKey;
use credential::pass::Pass;
use credential::time::UnixTime;
use credential::{Credential, Kind};
use rand_core::CryptoRng;

use crate::Error;
use crate::actor::Actor;
use crate::audit::{Deed, Entry, Other, Subject};
use crate::card::{CardJob, CardPass, CardSerial, Stage};
use crate::certificate::{Certificate, SignedCredential};
use crate::id::{CardJobId, CertificateId};
use crate::issuing::{Indices, Issuer, sign_one, unsigned_pass};
use crate::officer::Role;
use crate::pass_exchange::holder;
use crate::person::Person;
use crate::pilot::Feature;
use crate::register::{CardQuery, PreparedCredential, Register};
use crate::status_change::Standing;

/// Orders a card for a certificate in force, in a region that has cards. A second one waits until the first is
/// withdrawn.
pub fn order(register: &mut dyn Register, id: CertificateId, actor: &Actor<'_>) -> Result<CardJob, Error> {
    actor.officer.must_hold(Role::CardOperator)?;
    let certificate = certificate_in_force(register, id, actor)?;
    register.pilots()?.must_be_on(Feature::SmartCard, certificate.county)?;
    if let Some(job) = live_job(register, id)? {
        return Err(Error::CardOrdered { job: job.id });
    }
    let audit = actor.entry(Deed::Other(Other::CardOrdered), Subject::Certificate(id));
    Ok(register.add_card_job(id, &audit)?)
}

/// Binds a chip to a job for good, before anything is written to it. Said twice, it changes nothing.
pub fn begin(
    register: &mut dyn Register,
    id: CardJobId,
    card: CardSerial,
    actor: &Actor<'_>,
) -> Result<CardJob, Error> {
    let job = open_job(register, id, actor)?;
    match job.card() {
        Some(bound) if bound == card => return Ok(job),
        Some(_) => return Err(Error::OtherCard { job: id }),
        None => {}
    }
    if let Some(other) = register.card_job_by_card(card)? {
        return Err(Error::CardTaken { job: other.id });
    }
    advance(register, job, Stage::Begun(card), Other::CardBegun, actor)
}

/// The pass over the key that the chip has made: prepared with a random index of its own, stored, then signed,
/// verified and stored. Asked again with the same key it is the same pass.
pub fn sign_pass(
    register: &mut dyn Register,
    issuer: &Issuer<'_>,
    id: CardJobId,
    key: [u8; 32],
    actor: &Actor<'_>,
    rng: &mut impl CryptoRng,
) -> Result<SignedCredential, Error> {
    let mut job = open_job(register, id, actor)?;
    let certificate = certificate_in_force(register, job.certificate, actor)?;
    let person = register.person(certificate.person)?;
    let person = person.ok_or(Error::NoCertificate { certificate: certificate.id })?;
    let prepare = |key, index| prepare(&certificate, &person, actor.now, issuer, key, index);
    if let Stage::Begun(card) = job.stage {
        let index = Indices::new(&*register, issuer.key, 1)?.draw(rng)?;
        let pass = CardPass { key, prepared: prepare(key, index)? };
        issuer.rehearsal.try_out(&pass.prepared, actor.now)?;
        job = advance(register, job, Stage::Prepared(card, pass), Other::CardPrepared, actor)?;
    }
    if let Stage::Prepared(card, pass) = &job.stage {
        // Between storing and signing the row lay in a database.
        if pass.prepared != prepare(pass.key, pass.prepared.index)? {
            return Err(Error::PreparedChanged { certificate: certificate.id });
        }
        let signed = sign_one(&pass.prepared, issuer, actor.now)?;
        let signature = *signed.bytes.last_chunk().ok_or(Error::OtherKey)?;
        let next = Stage::Signed(*card, pass.clone(), signature);
        job = advance(register, job, next, Other::CardSigned, actor)?;
    }
    match &job.stage {
        Stage::Signed(_, pass, _) if pass.key == key => job.pass().ok_or(Error::NoCardJob { job: id }),
        _ => Err(Error::OtherCard { job: id }),
    }
}

/// Counts a card as issued: it was read back, activated, and its key was seen to sign.
pub fn finish(
    register: &mut dyn Register,
    id: CardJobId,
    card: CardSerial,
    key: &[u8; 32],
    actor: &Actor<'_>,
) -> Result<CardJob, Error> {
    let job = open_job(register, id, actor)?;
    match &job.stage {
        Stage::Signed(bound, pass, signature) if *bound == card && pass.key == *key => {
            let next = Stage::Issued(card, pass.clone(), *signature, actor.now);
            advance(register, job, next, Other::CardIssued, actor)
        }
        _ => Err(Error::OtherCard { job: id }),
    }
}

/// The card is lost, broken or given up: its pass is revoked in this moment, and another card is ordered in the same breath.
pub fn replace(register: &mut dyn Register, id: CertificateId, actor: &Actor<'_>) -> Result<CardJob, Error> {
    actor.officer.must_hold(Role::CardOperator)?;
    let certificate = certificate_in_force(register, id, actor)?;
    register.pilots()?.must_be_on(Feature::SmartCard, certificate.county)?;
    let job = live_job(register, id)?.ok_or(Error::NoCard { certificate: id })?;
    let stage = Stage::Withdrawn(job.card(), actor.now);
    let withdrawn = CardJob { stage, ..job.clone() };
    let audit = [Other::CardWithdrawn, Other::CardOrdered].map(|deed| entry(deed, id, actor));
    Ok(register.replace_card(&withdrawn, &job.stage, &audit)?)
}

/// The card in a holder's hands, by which a counter knows what it may be asked to unblock.
pub fn issued_card(
    register: &dyn Register,
    id: CertificateId,
    actor: &Actor<'_>,
) -> Result<CardSerial, Error> {
    actor.officer.must_hold(Role::CardOperator)?;
    certificate_in_force(register, id, actor)
        .map_err(|error| hidden(error, Error::NoCertificate { certificate: id }))?;
    let job = live_job(register, id)?.filter(|job| matches!(job.stage, Stage::Issued(..)));
    job.and_then(|job| job.card()).ok_or(Error::NoCard { certificate: id })
}

/// The job for a card on the reader: the one it was begun for, else the one that is wanted, else the oldest that has
/// no card yet. A card of a closed job, or of another than is wanted, takes none.
pub fn for_card(
    register: &dyn Register,
    card: CardSerial,
    wanted: Option<CardJobId>,
    actor: &Actor<'_>,
) -> Result<Option<CardJob>, Error> {
    if let Some(job) = register.card_job_by_card(card)? {
        let serves = job.is_open() && wanted.is_none_or(|wanted| wanted == job.id);
        return if serves { Ok(Some(job)) } else { Err(Error::CardTaken { job: job.id }) };
    }
    if let Some(wanted) = wanted {
        return open_job(register, wanted, actor).map(Some);
    }
    let region = actor.officer.office.region;
    let mut query = CardQuery { region, issued_since: None, after: None, limit: PAGE };
    loop {
        let jobs = register.card_jobs(&query)?;
        let Some(last) = jobs.last() else { return Ok(None) };
        query.after = Some(last.id);
        for job in jobs.into_iter().filter(|job| job.stage == Stage::Ordered) {
            if certificate_in_force(register, job.certificate, actor).is_ok() {
                return Ok(Some(job));
            }
        }
    }
}

fn prepare(
    certificate: &Certificate,
    person: &Person,
    now: UnixTime,
    issuer: &Issuer<'_>,
    key: [u8; 32],
    index: credential::status_list::StatusIndex,
) -> Result<PreparedCredential, Error> {
    let passes = issuer.grants.passes(&holder(certificate, person), now.date_in_china());
    // A card has room for one pass: the widest.
    let Some(entitlement) = passes.first() else {
        return Err(Error::NothingForACard { certificate: certificate.id });
    };
    let claims = Pass {
        expires: certificate.expires,
        holder_key: Some(PublicKey::Ed25519(key)),
        jurisdiction: entitlement.jurisdiction,
        grants: entitlement.grants.iter().collect(),
        status: index,
    };
    Ok(unsigned_pass(&claims, issuer.key.kid))
}

fn advance(
    register: &mut dyn Register,
    job: CardJob,
    stage: Stage,
    deed: Other,
    actor: &Actor<'_>,
) -> Result<CardJob, Error> {
    let next = CardJob { stage, ..job };
    register.move_card_job(&next, &job.stage, &entry(deed, job.certificate, actor))?;
    Ok(next)
}

fn entry(deed: Other, certificate: CertificateId, actor: &Actor<'_>) -> Entry {
    actor.entry(Deed::Other(deed), Subject::Certificate(certificate))
}

fn open_job(register: &dyn Register, id: CardJobId, actor: &Actor<'_>) -> Result<CardJob, Error> {
    actor.officer.must_hold(Role::CardOperator)?;
    let job = register.card_job(id)?.filter(CardJob::is_open).ok_or(Error::NoCardJob { job: id })?;
    certificate_in_force(register, job.certificate, actor)
        .map_err(|error| hidden(error, Error::NoCardJob { job: id }))?;
    Ok(job)
}

/// What another office has looks at a desk like what nobody has.
fn hidden(error: Error, none: Error) -> Error {
    match error {
        Error::OtherRegion { .. } => none,
        error => error,
    }
}

fn live_job(register: &dyn Register, id: CertificateId) -> Result<Option<CardJob>, Error> {
    let jobs = register.card_jobs_of(id)?;
    Ok(jobs.into_iter().find(|job| !matches!(job.stage, Stage::Withdrawn(..))))
}

fn certificate_in_force(
    register: &dyn Register,
    id: CertificateId,
    actor: &Actor<'_>,
) -> Result<Certificate, Error> {
    let certificate = register.certificate(id)?.filter(|certificate| certificate.signed);
    let certificate = certificate.ok_or(Error::NoCertificate { certificate: id })?;
    actor.officer.must_serve(certificate.county)?;
    if certificate.standing != Standing::Valid || certificate.expires <= actor.now {
        return Err(Error::NotInForce { certificate: id });
    }
    Ok(certificate)
}

/// The signed certificate, as EF.CERT carries it: the same bytes as on paper.
pub fn certificate_bytes(register: &dyn Register, id: CertificateId) -> Result<Vec<u8>, Error> {
    let signed = register.credentials(id)?;
    let certificate = signed.into_iter().find(|one| one.kind == Kind::Certificate);
    certificate.map(|one| one.bytes).ok_or(Error::NoCertificate { certificate: id })
}

/// Whether a prepared pass names a key, so that only a card can present it.
pub(crate) fn names_a_key(prepared: &PreparedCredential) -> bool {
    matches!(Credential::decode(prepared.unsigned.payload()), Ok(Credential::Pass(pass)) if pass.holder_key.is_some())
}

/// Jobs looked at together.
const PAGE: usize = 100;
