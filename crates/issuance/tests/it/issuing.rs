//! From approval to signature: what is signed, what is refused, and how a run is taken up again.

use std::collections::HashSet;

use credential::region::Region;
use credential::{Credential, Kind, sign1};
use issuance::Error;
use issuance::casework::NewCase;
use issuance::grants::{Grants, Unconfirmed};
use issuance::id::CertificateId;
use issuance::issuing::{Batch, Cursor, Issuer, issue_batch};
use issuance::memory::InMemory;
use issuance::register::{AuditStore, CaseStore, CertificateStore, IssuerKey, IssuingStore};
use issuance::rehearsal::Rehearsal;
use issuance::signer::{KeyInMemory, Signer, SignerError};
use issuance::status_change::Standing;
use issuance::transition::State;

use super::office::{Seeded, World, approver, case, clerk, day, guardian};

const LIST_SIZE: u32 = 1000;
/// What an index of a list of millions takes more than one of a thousand.
const LARGER_INDEX_BYTES: usize = 2;

/// Issues everything that was approved, as the service would.
pub(super) fn issue(world: &mut World) -> Batch {
    issue_with(world, &key(), Cursor::default(), 100).unwrap()
}

pub(super) fn issue_all(world: &mut World, cases: &[NewCase], codes: &[u64]) -> Vec<CertificateId> {
    for case in cases {
        world.approved(case, codes);
    }
    let batch = issue(world);
    assert!(batch.failed.is_empty(), "{:?}", batch.failed);
    batch.issued.iter().map(|issued| issued.certificate).collect()
}

fn key() -> KeyInMemory {
    KeyInMemory::from_seed(&[7; 32])
}

fn issue_with(world: &mut World, signer: &dyn Signer, cursor: Cursor, size: usize) -> Result<Batch, Error> {
    let public = signer.public_key();
    let key = IssuerKey { kid: public.kid(), list_size: LIST_SIZE };
    let mut rng = Seeded(world.register.audit_rows(0, usize::MAX).unwrap().len() as u64);
    let province = Region::from_code(22).unwrap();
    let rehearsal = Rehearsal::new(public, key, province, world.now, &mut rng).unwrap();
    let grants = Grants::shipped(Unconfirmed::Count).unwrap();
    world.act(&approver(), |register, actor| {
        let audit = actor.entry(
            issuance::audit::Deed::Other(issuance::audit::Other::Initialised),
            issuance::audit::Subject::Register,
        );
        register.add_issuer_key(&key, &audit).unwrap();
        let issuer = Issuer { signer, key, rehearsal: &rehearsal, grants: &grants };
        issue_batch(register, &issuer, cursor, size, actor, &mut rng)
    })
}

/// Signs so many times, then is gone.
struct Failing(KeyInMemory, std::cell::Cell<u32>);

impl Signer for Failing {
    fn public_key(&self) -> credential::PublicKey {
        self.0.public_key()
    }

    fn sign(&self, to_be_signed: &[u8]) -> Result<[u8; 64], SignerError> {
        self.1.set(self.1.get().checked_sub(1).ok_or(SignerError::Unavailable)?);
        self.0.sign(to_be_signed)
    }
}

/// A signer with another key than it says, or one that signs something else.
struct Lying(KeyInMemory, KeyInMemory);

impl Signer for Lying {
    fn public_key(&self) -> credential::PublicKey {
        self.0.public_key()
    }

    fn sign(&self, to_be_signed: &[u8]) -> Result<[u8; 64], SignerError> {
        self.1.sign(to_be_signed)
    }
}

#[test]
fn an_approval_becomes_a_certificate_and_a_pass_of_the_promised_size() {
    let mut world = World::new();
    let mut with_guardian = case(19_800_101);
    with_guardian.applicant.particulars.guardian = Some(guardian());
    world.approved(&with_guardian, &[42, 13]);
    let batch = issue(&mut world);
    let [certificate, pass] = batch.issued[0].credentials.as_slice() else { panic!("two credentials") };
    assert!(pass.bytes.len() + LARGER_INDEX_BYTES <= 106, "{}", pass.bytes.len());
    let envelope = sign1::Sign1::parse(&certificate.bytes, sign1::Content::Credential).unwrap();
    let Ok(Credential::Certificate(claims)) = Credential::decode(envelope.payload()) else { panic!() };
    assert_eq!(claims.name, "王小明");
    assert_eq!(claims.guardian, Some("王母"));
    let number = claims.number().unwrap().expose();
    assert!(
        number.starts_with("22010419800101991") && number.ends_with("72"),
        "several: category 7, level 2"
    );
    assert_eq!(claims.expires.date_in_china(), day("2036-11-10"));
    assert_ne!(certificate.index, pass.index);
    let id = batch.issued[0].certificate;
    let stored = world.register.certificate(id).unwrap().unwrap();
    assert!(stored.signed && stored.standing == Standing::Valid);
    let case = world.register.application(stored.application).unwrap().unwrap();
    assert_eq!(case.application.state(), State::Issued);
}

#[test]
fn a_run_that_was_cut_off_signs_the_same_bytes_later_and_no_index_twice() {
    let mut world = World::new();
    for n in 0..20 {
        world.approved(&case(19_800_101 + n), &[42]);
    }
    let failing = Failing(key(), std::cell::Cell::new(7));
    let cut = issue_with(&mut world, &failing, Cursor::default(), 20);
    assert_eq!(cut.unwrap_err(), Error::Signer(SignerError::Unavailable));
    let prepared = world.register.prepared(None, 100).unwrap();
    assert_eq!(prepared.len(), 20, "all were stored before anything was signed");
    let batch = issue(&mut world);
    assert_eq!(batch.issued.len(), 20);
    for (before, after) in prepared.iter().zip(&batch.issued) {
        for (prepared, signed) in before.credentials.iter().zip(&after.credentials) {
            let unsigned =
                prepared.unsigned.with_signature(&key().sign(&prepared.unsigned.to_be_signed()).unwrap());
            assert_eq!(unsigned, signed.bytes);
        }
    }
    assert!(issue(&mut world).issued.is_empty(), "a second run finds nothing to do");
    let indices: HashSet<u32> =
        batch.issued.iter().flat_map(|i| &i.credentials).map(|c| c.index.as_u32()).collect();
    assert_eq!(indices.len(), 40);
}

#[test]
fn batches_follow_one_another_and_a_case_that_fails_does_not_stop_them() {
    let mut world = World::new();
    for n in 0..5 {
        world.approved(&case(19_800_101 + n), &[42]);
    }
    let mut cursor = Some(Cursor::default());
    let mut sizes = Vec::new();
    while let Some(from) = cursor {
        let batch = issue_with(&mut world, &key(), from, 2).unwrap();
        sizes.push(batch.issued.len());
        cursor = batch.next;
    }
    assert_eq!(sizes, [2, 2, 1, 0]);
}

#[test]
fn a_signature_that_does_not_verify_is_not_handed_out() {
    let mut world = World::new();
    world.approved(&case(19_800_101), &[42]);
    let lying = Lying(key(), KeyInMemory::from_seed(&[8; 32]));
    let batch = issue_with(&mut world, &lying, Cursor::default(), 10).unwrap();
    assert!(batch.issued.is_empty());
    assert!(matches!(
        batch.failed[0].1,
        Error::SignatureRefused { refusal: verifier::Refusal::BadSignature }
    ));
    assert_eq!(world.register.counts().unwrap().credentials, 0);
}

#[test]
fn what_was_prepared_for_another_key_waits_for_that_key() {
    let mut world = World::new();
    world.approved(&case(19_800_101), &[42]);
    let failing = Failing(key(), std::cell::Cell::new(0));
    issue_with(&mut world, &failing, Cursor::default(), 10).unwrap_err();
    let other = KeyInMemory::from_seed(&[8; 32]);
    let batch = issue_with(&mut world, &other, Cursor::default(), 10).unwrap();
    assert!(batch.issued.is_empty() && batch.failed.len() == 1);
    assert_eq!(issue(&mut world).issued.len(), 1);
}

#[test]
fn a_list_that_is_three_quarters_full_asks_for_a_new_key() {
    let mut world = World::new();
    for n in 0..376 {
        let born = 19_000_101 + (n / 28) * 10_000 + n % 28;
        world.approved(&case(born), &[42]);
    }
    let full = issue_with(&mut world, &key(), Cursor::default(), 376);
    assert_eq!(full.unwrap_err(), Error::StatusListFull);
    assert_eq!(issue_with(&mut world, &key(), Cursor::default(), 375).unwrap().issued.len(), 375);
}

#[test]
fn nothing_but_an_approval_is_issued() {
    let mut world = World::new();
    world.submit(&case(19_800_101)).unwrap();
    assert!(issue(&mut world).issued.is_empty());
    assert_eq!(world.register.counts().unwrap().credentials, 0);
}

#[test]
fn without_confirmed_rules_there_is_a_certificate_and_no_pass() {
    let real = Grants::shipped(Unconfirmed::DoNotCount).unwrap();
    let mut world = World::new();
    world.approved(&case(19_800_101), &[42]);
    let signer = key();
    let entry = IssuerKey { kid: signer.public_key().kid(), list_size: LIST_SIZE };
    let mut rng = Seeded(1);
    let province = Region::from_code(22).unwrap();
    let rehearsal = Rehearsal::new(signer.public_key(), entry, province, world.now, &mut rng).unwrap();
    let issuer = Issuer { signer: &signer, key: entry, rehearsal: &rehearsal, grants: &real };
    let batch = world.act(&clerk(), |register: &mut InMemory, actor| {
        issue_batch(register, &issuer, Cursor::default(), 10, actor, &mut rng)
    });
    let batch = batch.unwrap();
    let kinds: Vec<Kind> = batch.issued[0].credentials.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [Kind::Certificate]);
}
