//! Suspension, lifting, revocation, loss, and the bundle that tells gates.

use credential::region::Region;
use credential::snapshot::Version;
use credential::trust_list::{KeyState, Role as KeyRole, RootSet, TrustList, TrustedKey};
use credential::{Kind as CredentialKind, UnixTime};
use issuance::Error;
use issuance::casework;
use issuance::kind::{Kind, Route};
use issuance::publication::{Publisher, publish, sign_trust_list};
use issuance::register::{CertificateStore, ChangeQuery, ChangeStore, StoreError};
use issuance::signer::{KeyInMemory, Signer};
use issuance::standing::{decide, enter};
use issuance::status_change::{Change, Outcome, Reason, Standing, StatusChange};
use issuance::step::Action;

use super::issuing::{issue, issue_all};
use super::office::{World, approver, case, clerk, day, doctor, one_for_all, reviewer, sheet};

#[test]
fn a_suspension_takes_one_officer_and_can_be_lifted() {
    let mut world = World::new();
    let id = issue_all(&mut world, &[case(19_800_101)], &[42])[0];
    let standing = |world: &World| world.register.certificate(id).unwrap().unwrap().standing;
    world.act(&clerk(), |r, a| enter(r, id, Reason::SuspectedFraud, day("2026-11-01"), a)).unwrap();
    assert_eq!(standing(&world), Standing::Suspended);
    let again = world.act(&clerk(), |r, a| enter(r, id, Reason::DataConflict, day("2026-11-01"), a));
    let refused = Error::WrongStanding { standing: Standing::Suspended, change: Change::Suspend };
    assert_eq!(again.unwrap_err(), refused);
    world.act(&clerk(), |r, a| enter(r, id, Reason::Cleared, day("2026-11-10"), a)).unwrap();
    assert_eq!(standing(&world), Standing::Valid);
}

#[test]
fn a_revocation_takes_two_officers_and_a_day_that_has_come() {
    let mut world = World::new();
    let id = issue_all(&mut world, &[case(19_800_101)], &[42])[0];
    let boss = one_for_all();
    let later = world.act(&boss, |r, a| enter(r, id, Reason::Death, day("2026-11-11"), a));
    assert_eq!(later.unwrap_err(), Error::EffectiveLater);
    let (change, _) = world.act(&boss, |r, a| enter(r, id, Reason::Death, day("2026-10-01"), a)).unwrap();
    let standing = |world: &World| world.register.certificate(id).unwrap().unwrap().standing;
    assert_eq!(standing(&world), Standing::Valid, "one officer is not enough");
    let alone = world.act(&boss, |r, a| decide(r, change, true, a));
    assert_eq!(alone.unwrap_err(), Error::SecondOfficerNeeded { officer: boss.id });
    let clerk_cannot = world.act(&clerk(), |r, a| decide(r, change, true, a));
    assert!(matches!(clerk_cannot, Err(Error::PowerMissing { .. })));
    let done = world.act(&approver(), |r, a| decide(r, change, true, a)).unwrap();
    assert_eq!(done.effective(), day("2026-10-01"));
    assert_eq!(standing(&world), Standing::Revoked);
    let twice = world.act(&approver(), |r, a| decide(r, change, false, a));
    assert_eq!(twice.unwrap_err(), Error::ChangeClosed { change });
    let lift = world.act(&clerk(), |r, a| enter(r, id, Reason::Cleared, day("2026-11-10"), a));
    assert!(matches!(lift, Err(Error::WrongStanding { .. })), "revoked is for good");
}

#[test]
fn a_revocation_that_the_second_officer_drops_changes_nothing() {
    let mut world = World::new();
    let id = issue_all(&mut world, &[case(19_800_101)], &[42])[0];
    let (change, _) = world.act(&clerk(), |r, a| enter(r, id, Reason::Fraud, day("2026-11-01"), a)).unwrap();
    assert_eq!(world.register.waiting_changes(&ALL_CHANGES).unwrap().len(), 1);
    let dropped = world.act(&approver(), |r, a| decide(r, change, false, a)).unwrap();
    assert!(matches!(dropped.outcome(), Outcome::Dropped(..)));
    assert_eq!(world.register.certificate(id).unwrap().unwrap().standing, Standing::Valid);
    assert!(world.register.waiting_changes(&ALL_CHANGES).unwrap().is_empty());
}

#[test]
fn a_stored_revocation_without_its_second_officer_does_not_come_back() {
    let id = issuance::id::CertificateId::from_stored(1);
    let entered = (clerk().id, UnixTime::from_seconds(1));
    let stored = |reason, outcome| StatusChange::from_stored(id, reason, day("2026-11-01"), entered, outcome);
    assert!(stored(Reason::Death, Outcome::InForce).is_err());
    assert!(stored(Reason::Death, Outcome::Confirmed(clerk().id, entered.1)).is_err());
    assert!(stored(Reason::Death, Outcome::Confirmed(approver().id, entered.1)).is_ok());
    assert!(stored(Reason::Lost, Outcome::InForce).is_ok());
}

#[test]
fn a_lost_certificate_is_dead_at_the_report_and_comes_back_with_the_next_suffix() {
    let mut world = World::new();
    let old = issue_all(&mut world, &[case(19_800_101)], &[42])[0];
    let old_end = world.register.certificate(old).unwrap().unwrap().expires;
    let lost = world.act(&clerk(), |r, a| casework::report_loss(r, old, day("2026-11-10"), a)).unwrap();
    assert_eq!(world.register.certificate(old).unwrap().unwrap().standing, Standing::Revoked);
    assert!(issue(&mut world).issued.is_empty(), "not before review and approval");
    world.step(lost.id, &reviewer(), Action::Review).unwrap();
    world.step(lost.id, &approver(), Action::Approve).unwrap();
    let new = issue(&mut world).issued[0].certificate;
    let new = world.register.certificate(new).unwrap().unwrap();
    assert_eq!(new.reissue.to_string(), "B1");
    assert_eq!(new.expires, old_end, "a replacement does not begin ten new years");
    assert_eq!(world.register.changes_of(old).unwrap().len(), 1, "it is not revoked twice");
    let again = world.act(&clerk(), |r, a| casework::report_loss(r, old, day("2026-11-10"), a));
    assert!(matches!(again, Err(Error::WrongStanding { .. })));
}

#[test]
fn a_change_of_level_is_assessed_and_revokes_the_old_one_when_the_new_is_signed() {
    let mut world = World::new();
    let person = case(19_800_101);
    let old = issue_all(&mut world, std::slice::from_ref(&person), &[42])[0];
    let second = world.submit(&person);
    assert_eq!(second.unwrap_err(), Error::CertificateHeld { certificate: Some(old) });
    let change = casework::NewCase { kind: Kind::Change, follows: Some(old), ..person.clone() };
    let id = world.submit(&change).unwrap().id;
    world.step(id, &clerk(), Action::Accept).unwrap();
    let on_paper = Action::Transcribe { sheet: sheet(&[41]), doctors: [doctor(1).id, doctor(2).id] };
    world.step(id, &clerk(), on_paper).unwrap();
    world.notice(id, &clerk(), Some(day("2026-11-10"))).unwrap();
    world.on("2026-11-18").step(id, &reviewer(), Action::Review).unwrap();
    world.step(id, &approver(), Action::Approve).unwrap();
    assert_eq!(world.register.certificate(old).unwrap().unwrap().standing, Standing::Valid);
    let new = issue(&mut world).issued[0].certificate;
    assert_eq!(world.register.certificate(old).unwrap().unwrap().standing, Standing::Revoked);
    let (_, superseded) = world.register.changes_of(old).unwrap().remove(0);
    assert_eq!(superseded.reason(), Reason::Superseded);
    let new = world.register.certificate(new).unwrap().unwrap();
    assert_eq!(new.components.level().digit(), 1);
    let foreign = casework::NewCase {
        kind: Kind::Renewal,
        route: Route::Direct,
        follows: Some(new.id),
        ..case(19_900_101)
    };
    assert_eq!(world.submit(&foreign).unwrap_err(), Error::OtherHolder);
}

#[test]
fn after_a_voluntary_revocation_a_year_must_pass() {
    let mut world = World::new();
    let person = case(19_800_101);
    let id = issue_all(&mut world, std::slice::from_ref(&person), &[42])[0];
    let entered = world.act(&clerk(), |r, a| enter(r, id, Reason::Voluntary, day("2026-11-10"), a));
    world.act(&approver(), |r, a| decide(r, entered.unwrap().0, true, a)).unwrap();
    assert_eq!(world.submit(&person).unwrap_err(), Error::WaitUntil { day: day("2027-11-10") });
    world.on("2027-11-10").submit(&person).unwrap();
}

#[test]
fn the_bundle_says_who_is_suspended_and_revoked_and_its_version_always_grows() {
    let mut world = World::new();
    let people = [case(19_800_101), case(19_800_102), case(19_800_103)];
    let ids = issue_all(&mut world, &people, &[42]);
    world.act(&clerk(), |r, a| enter(r, ids[0], Reason::DataConflict, day("2026-11-01"), a)).unwrap();
    world.act(&clerk(), |r, a| casework::report_loss(r, ids[1], day("2026-11-10"), a)).unwrap();
    let trust = Trust::new(world.now);
    let first = trust.publish(&mut world).unwrap();
    assert_eq!(first.not_valid, 4, "each with its pass");
    let mut state = verifier::State::pinned(trust.roots.clone());
    let bundle = verifier::Bundle::install(&first.bytes, &mut state).unwrap();
    let check = verifier::Check {
        purpose: None,
        place: None,
        now: world.now,
        staleness: verifier::Staleness::RefuseStale,
        possession: verifier::Possession::StaticCode,
        unconfirmed: verifier::policy::Unconfirmed::Refuse,
    };
    let verdicts: Vec<_> = ids
        .iter()
        .flat_map(|id| world.register.credentials(*id).unwrap())
        .map(|credential| verifier::verify(&credential.bytes, &bundle, &check).err())
        .collect();
    let (suspended, revoked) = (Some(verifier::Refusal::Suspended), Some(verifier::Refusal::Revoked));
    assert_eq!(verdicts, [suspended, suspended, revoked, revoked, None, None]);
    let second = trust.publish(&mut world).unwrap();
    assert!(second.version > first.version, "also within the same second");
    let repeated = world.act(&clerk(), |register, actor| {
        let audit = actor.entry(
            issuance::audit::Deed::Other(issuance::audit::Other::Published),
            issuance::audit::Subject::Register,
        );
        register.publish(second.version.as_u32(), &[0; 32], &audit)
    });
    assert_eq!(repeated, Err(StoreError::Rule("bundle.version")));
    world.register = issuance::memory::InMemory::new();
    world.now = world.now.plus_seconds(120);
    let restored = trust.publish(&mut world).unwrap();
    assert!(restored.version > second.version, "a register that forgot still goes beyond");
}

#[test]
fn a_bundle_that_our_own_verifier_refuses_is_not_published() {
    let mut world = World::new();
    issue_all(&mut world, &[case(19_800_101)], &[42]);
    let mut trust = Trust::new(world.now);
    trust.snapshot = KeyInMemory::from_seed(&[99; 32]);
    assert!(matches!(trust.publish(&mut world), Err(Error::BundleRefused { .. })));
    assert_eq!(world.register.last_bundle_version(), Ok(0));
}

struct Trust {
    roots: RootSet,
    list: Vec<u8>,
    status: KeyInMemory,
    snapshot: KeyInMemory,
}

impl Trust {
    fn new(now: UnixTime) -> Self {
        let [root, issuer, status, snapshot] = [1, 7, 3, 4].map(|n| KeyInMemory::from_seed(&[n; 32]));
        let roots = RootSet::new(1, vec![root.public_key()]).unwrap();
        let trusted = |key: &KeyInMemory, role| TrustedKey {
            key: key.public_key(),
            roles: vec![role],
            kinds: vec![CredentialKind::Certificate, CredentialKind::Pass],
            regions: vec![Region::from_code(22).unwrap()],
            not_before: UnixTime::from_seconds(1),
            not_after: now.plus_seconds(1 << 30),
            state: KeyState::Active,
        };
        let list = TrustList {
            version: Version::new(1),
            issued: now,
            expires: now.plus_seconds(1 << 30),
            roots: roots.clone(),
            keys: vec![
                trusted(&issuer, KeyRole::Issuer),
                trusted(&status, KeyRole::Status),
                trusted(&snapshot, KeyRole::Snapshot),
            ],
        };
        Self { roots, list: sign_trust_list(&list, &[&root]).unwrap(), status, snapshot }
    }

    fn publish(&self, world: &mut World) -> Result<issuance::publication::Published, Error> {
        let publisher = Publisher {
            status: &self.status,
            snapshot: &self.snapshot,
            roots: &self.roots,
            trust_list: &self.list,
            policies: &[],
        };
        world.act(&approver(), |register, actor| publish(register, &publisher, actor))
    }
}

#[test]
fn an_overdue_certificate_is_revoked_after_its_year_and_not_before() {
    let mut world = World::new();
    let id = issue_all(&mut world, &[case(19_800_101)], &[42])[0];
    let end = world.register.certificate(id).unwrap().unwrap().expires.date_in_china();
    let overdue = |world: &mut World, on: &str| {
        world
            .on(on)
            .act(&clerk(), |r, a| enter(r, id, Reason::OverdueOneYear, day("2026-11-10"), a))
            .map(drop)
    };
    assert_eq!(overdue(&mut world, "2026-12-01"), Err(Error::NotOverdue { from: end.plus_years(1) }));
    // Moved away and never reported: suspended for half a year, then half a year more.
    world.on("2026-12-01");
    world.act(&clerk(), |r, a| enter(r, id, Reason::OverdueSixMonths, day("2026-12-01"), a)).unwrap();
    let from = day("2027-06-03");
    assert_eq!(overdue(&mut world, "2027-06-02"), Err(Error::NotOverdue { from }));
    overdue(&mut world, "2027-06-03").unwrap();
}

#[test]
fn a_transfer_leads_to_another_county_and_nothing_else_does() {
    let mut world = World::new();
    let person = case(19_800_101);
    let id = issue_all(&mut world, std::slice::from_ref(&person), &[42])[0];
    let county = person.applicant.home;
    let follow = |kind, home: u64| {
        let mut next =
            casework::NewCase { kind, route: Route::Direct, follows: Some(id), ..case(19_800_101) };
        next.applicant.home = Region::from_code(home).unwrap();
        next
    };
    let stays = world.submit(&follow(Kind::Transfer, 220_104));
    assert_eq!(stays.unwrap_err(), Error::CountyOfEarlier { kind: Kind::Transfer, county });
    let moves = world.submit(&follow(Kind::Renewal, 220_102));
    assert_eq!(moves.unwrap_err(), Error::CountyOfEarlier { kind: Kind::Renewal, county });
    let same = world.submit(&follow(Kind::GuardianChange, 220_104));
    assert_eq!(same.unwrap_err(), Error::GuardianUnchanged);
    world.submit(&follow(Kind::Transfer, 220_102)).unwrap();
}

const ALL_CHANGES: ChangeQuery = ChangeQuery { region: Region::NATION, after: None, limit: 9 };
