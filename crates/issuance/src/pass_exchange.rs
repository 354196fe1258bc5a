//! Passes made anew when the policy packs change: who gains and who loses, and one batch that exchanges what it touches.
//! A certificate states what was assessed and stays; a pass states what follows from it, so it follows the packs.
//! Prepared, stored, signed, verified, stored, like everything that is signed (`issuing`): a batch that was cut off goes
//! on from its rows. The pass that is followed is withdrawn in the transaction that stores the signature of the next.

use credential::sign1::{Content, Sign1};
use credential::status_list::StatusIndex;
use credential::time::UnixTime;
use credential::{Credential, Kid, Kind};
use rand_core::CryptoRng;

use crate::Error;
use crate::actor::Actor;
use crate::audit::{Deed, Entry, Other, Subject};
use crate::card::Stage;
use crate::certificate::{Certificate, SignedCredential};
use crate::entitlement::{Change, Entitlement, Holder};
use crate::grants::Grants;
use crate::id::{CardJobId, CertificateId};
use crate::issuing::{Indices, Issuer, pass_claims, sign_one};
use crate::person::Person;
use crate::register::{CertificateQuery, PreparedCredential, Register};
use crate::status_change::Standing;

/// What the packs would change for some certificates.
#[derive(Clone, Debug, Default)]
pub struct DryRun {
    /// Certificates that were looked at.
    pub looked_at: u64,
    /// Who gains and who loses, place by place.
    pub changes: Vec<Change<CertificateId>>,
    /// Cards whose pass says otherwise than the packs: no batch reaches them, a desk replaces them.
    pub cards: Vec<(CardJobId, Change<CertificateId>)>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<CertificateId>,
}

/// Looks, and writes nothing.
pub fn dry_run(
    register: &dyn Register,
    grants: &Grants,
    after: Option<CertificateId>,
    size: usize,
    now: UnixTime,
) -> Result<DryRun, Error> {
    let page = page(register, after, size)?;
    let mut found = DryRun { next: page.last().map(|last| last.id), ..DryRun::default() };
    for certificate in page {
        found.looked_at += 1;
        let Some(due) = Due::of(register, grants, &certificate, now)? else { continue };
        found.cards.extend(due.card_change(register)?);
        found.changes.extend(due.changes);
    }
    Ok(found)
}

/// One certificate whose passes now follow the packs.
#[derive(Debug)]
pub struct Exchange {
    certificate: CertificateId,
    signed: Option<SignedCredential>,
    withdrawn: Vec<(Kid, StatusIndex)>,
    at: UnixTime,
}

impl Exchange {
    /// Whose.
    #[must_use]
    pub fn certificate(&self) -> CertificateId {
        self.certificate
    }

    /// The pass that was made, if there is one.
    #[must_use]
    pub fn signed(&self) -> Option<&SignedCredential> {
        self.signed.as_ref()
    }

    /// The passes that no longer count.
    #[must_use]
    pub fn withdrawn(&self) -> &[(Kid, StatusIndex)] {
        &self.withdrawn
    }

    /// When.
    #[must_use]
    pub fn at(&self) -> UnixTime {
        self.at
    }
}

/// A pass that is stored and not signed yet, of a certificate that is.
#[derive(Clone, Debug)]
pub struct PreparedPass {
    /// Its certificate.
    pub certificate: Certificate,
    /// The bytes.
    pub credential: PreparedCredential,
}

/// What one batch came to.
#[derive(Debug, Default)]
pub struct Batch {
    /// Signed, withdrawn, and on the disk.
    pub exchanged: Vec<Exchange>,
    /// Certificates that were looked at.
    pub looked_at: u64,
    /// Where the next batch begins; `None` when nothing is left.
    pub next: Option<Cursor>,
}

/// How far a run has come. The first batch begins with the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor(Option<CertificateId>);

/// Exchanges the passes of up to `size` certificates: first what an earlier run prepared and did not sign.
/// What it returns is durable.
pub fn exchange_batch(
    register: &mut dyn Register,
    issuer: &Issuer<'_>,
    Cursor(after): Cursor,
    size: usize,
    actor: &Actor<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Batch, Error> {
    let waiting = register.prepared_passes(size)?;
    if !waiting.is_empty() {
        let exchanged = sign(register, issuer, waiting, actor)?;
        return Ok(Batch { exchanged, looked_at: 0, next: Some(Cursor(after)) });
    }
    let page = page(register, after, size)?;
    let Some(last) = page.last().map(|last| last.id) else { return Ok(Batch::default()) };
    let looked_at = page.len() as u64;
    let exchanged = exchange(register, issuer, &page, actor, rng)?;
    Ok(Batch { exchanged, looked_at, next: Some(Cursor(Some(last))) })
}

/// Exchanges the passes of these certificates.
pub(crate) fn exchange(
    register: &mut dyn Register,
    issuer: &Issuer<'_>,
    certificates: &[Certificate],
    actor: &Actor<'_>,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Exchange>, Error> {
    let mut prepared = Vec::new();
    let mut ended = Vec::new();
    let mut indices = Indices::new(&*register, issuer.key, certificates.len() * MAX_PASSES)?;
    for certificate in certificates {
        let Some(due) = Due::of(&*register, issuer.grants, certificate, actor.now)? else { continue };
        for change in &due.changes {
            match due.next_at(change) {
                Some(entitlement) => {
                    let index = indices.draw(rng)?;
                    let pass = pass_claims(*entitlement, certificate.expires, index, issuer.key.kid);
                    issuer.rehearsal.try_out(&pass, actor.now)?;
                    prepared.push(PreparedPass { certificate: certificate.clone(), credential: pass });
                }
                None => ended.push(Exchange {
                    certificate: certificate.id,
                    signed: None,
                    withdrawn: due.withdrawn_at(change),
                    at: actor.now,
                }),
            }
        }
    }
    if !ended.is_empty() {
        register
            .exchange_passes(&ended, &audit(EXCHANGED, ended.iter().map(Exchange::certificate), actor))?;
    }
    if !prepared.is_empty() {
        let about = prepared.iter().map(|pass| pass.certificate.id);
        register.prepare_passes(&prepared, &audit(PREPARED, about, actor))?;
        ended.extend(sign(register, issuer, prepared, actor)?);
    }
    Ok(ended)
}

/// Signs what was prepared and is still what the packs give; what they no longer give is withdrawn unsigned.
fn sign(
    register: &mut dyn Register,
    issuer: &Issuer<'_>,
    prepared: Vec<PreparedPass>,
    actor: &Actor<'_>,
) -> Result<Vec<Exchange>, Error> {
    let mut batch: Vec<Exchange> = Vec::with_capacity(prepared.len());
    for PreparedPass { certificate, credential } in prepared {
        let (id, kid, index) = (certificate.id, credential.kid, credential.index);
        let due = Due::of(&*register, issuer.grants, &certificate, actor.now)?;
        let wanted = due.as_ref().and_then(|due| {
            // Between storing and signing the row lay in a database: the whole of it is made again and compared.
            let made = |change: &&Change<CertificateId>| {
                let next = due.next_at(change);
                next.is_some_and(|next| pass_claims(*next, certificate.expires, index, kid) == credential)
            };
            due.changes.iter().find(made).map(|change| due.withdrawn_at(change))
        });
        batch.push(match wanted {
            Some(withdrawn) => {
                let signed = Some(sign_one(&credential, issuer, actor.now)?);
                Exchange { certificate: id, signed, withdrawn, at: actor.now }
            }
            None => Exchange { certificate: id, signed: None, withdrawn: vec![(kid, index)], at: actor.now },
        });
    }
    register.exchange_passes(&batch, &audit(EXCHANGED, batch.iter().map(Exchange::certificate), actor))?;
    Ok(batch)
}

/// A certificate whose passes are not those that the packs give.
struct Due {
    certificate: CertificateId,
    changes: Vec<Change<CertificateId>>,
    today: Vec<(Entitlement, Kid, StatusIndex)>,
    next: Vec<Entitlement>,
}

impl Due {
    /// None when nothing changes, and for what is not in force any more. A suspended one follows too: it may be lifted.
    fn of(
        register: &dyn Register,
        grants: &Grants,
        certificate: &Certificate,
        now: UnixTime,
    ) -> Result<Option<Self>, Error> {
        let id = certificate.id;
        if certificate.standing == Standing::Revoked || certificate.expires <= now {
            return Ok(None);
        }
        let person = register.person(certificate.person)?.ok_or(Error::NoCertificate { certificate: id })?;
        let next = grants.passes(&holder(certificate, &person), now.date_in_china());
        let mut today = Vec::new();
        for pass in register.credentials(id)?.into_iter().filter(|one| one.kind == Kind::Pass) {
            let entitlement = read(&pass.bytes).ok_or(Error::PreparedChanged { certificate: id })?;
            today.push((entitlement, pass.kid, pass.index));
        }
        let said: Vec<Entitlement> = today.iter().map(|(entitlement, ..)| *entitlement).collect();
        let changes = Change::between(id, &said, &next);
        let card = register.card_jobs_of(id)?.iter().any(|job| matches!(job.stage, Stage::Issued(..)));
        Ok((card || !changes.is_empty()).then_some(Self { certificate: id, changes, today, next }))
    }

    /// The pass that the packs give where something changes.
    fn next_at(&self, change: &Change<CertificateId>) -> Option<&Entitlement> {
        self.next.iter().find(|entitlement| entitlement.jurisdiction == change.jurisdiction)
    }

    /// The passes that end where something changes.
    fn withdrawn_at(&self, change: &Change<CertificateId>) -> Vec<(Kid, StatusIndex)> {
        let there = self.today.iter().filter(|(today, ..)| today.jurisdiction == change.jurisdiction);
        there.map(|(_, kid, index)| (*kid, *index)).collect()
    }

    /// A card carries the widest pass, over its own key.
    fn card_change(&self, register: &dyn Register) -> Result<Vec<(CardJobId, Change<CertificateId>)>, Error> {
        let mut found = Vec::new();
        let widest: Vec<Entitlement> = self.next.first().copied().into_iter().collect();
        for job in register.card_jobs_of(self.certificate)? {
            let Stage::Issued(_, pass, ..) = &job.stage else { continue };
            let said = read_claims(pass.prepared.unsigned.payload());
            let said: Vec<Entitlement> = said.into_iter().collect();
            let changes = Change::between(self.certificate, &said, &widest);
            found.extend(changes.into_iter().map(|change| (job.id, change)));
        }
        Ok(found)
    }
}

/// As the packs ask of a holder.
pub(crate) fn holder<'a>(certificate: &'a Certificate, person: &Person) -> Holder<'a> {
    Holder {
        components: &certificate.components,
        born: Some(person.identity.birth_date()),
        county: certificate.county,
    }
}

fn read(bytes: &[u8]) -> Option<Entitlement> {
    read_claims(Sign1::parse(bytes, Content::Credential).ok()?.payload())
}

fn read_claims(payload: &[u8]) -> Option<Entitlement> {
    match Credential::decode(payload) {
        Ok(Credential::Pass(pass)) => {
            Some(Entitlement { jurisdiction: pass.jurisdiction, grants: pass.grants.into_iter().collect() })
        }
        _ => None,
    }
}

fn page(
    register: &dyn Register,
    after: Option<CertificateId>,
    size: usize,
) -> Result<Vec<Certificate>, Error> {
    let region = credential::region::Region::NATION;
    Ok(register.certificates(&CertificateQuery { standing: None, region, after, limit: size })?)
}

fn audit(deed: Deed, about: impl Iterator<Item = CertificateId>, actor: &Actor<'_>) -> Vec<Entry> {
    about.map(|id| actor.entry(deed, Subject::Certificate(id))).collect()
}

const PREPARED: Deed = Deed::Other(Other::Prepared);
const EXCHANGED: Deed = Deed::Other(Other::PassExchanged);
/// For a province, a prefecture and a county.
const MAX_PASSES: usize = 3;
