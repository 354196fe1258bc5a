//! Passes by policy: what the packs give is what is issued, and a change of packs exchanges what it touches,
//! on both registers and by the commands, with a run that is killed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use credential::disability::{Component, Components};
use credential::grant::Grant;
use credential::levels::Levels;
use credential::policy_pack::{
    Benefit, Citation, Condition, Confirmed, Decision, Effective, PolicyPack, Rule, Section, Title,
};
use credential::purpose::Purpose;
use credential::region::Region;
use credential::sign1::{Content, Sign1, Unsigned};
use credential::snapshot::Version;
use credential::time::Date;
use credential::{Credential, Kind};
use issuance::actor::Actor;
use issuance::entitlement::Change;
use issuance::grants::{Grants, Unconfirmed};
use issuance::id::{CertificateId, OfficerId};
use issuance::issuing::{self, Issuer, issue_batch};
use issuance::memory::InMemory;
use issuance::pass_exchange::{Cursor, DryRun, Exchange, dry_run, exchange_batch};
use issuance::register::{ChangeStore, IssuingStore, OfficeStore, Register, StoreError};
use issuance::rehearsal::Rehearsal;
use issuance::signer::{KeyInMemory, Signer, SignerError};
use issuance::standing::enter;
use issuance::status_change::{Reason, Standing};
use issuance::text::Text;
use issuance_server::sqlite::SqliteRegister;
use keystore::Use;
use verifier::policy::Policies;

use super::commands::issued;
use super::office::{Seeded, act, approved, at, issuer_key, key, on_both, personal, program, run};

/// Who has this component at this level or a heavier one has the grant.
type Row = (Purpose, u64, Grant);

fn pack(name: &str, version: u32, jurisdiction: u64, rows: &[Row]) -> PolicyPack {
    let levels = |code| Levels::from(&Components::new(vec![Component::from_code(code).unwrap()]).unwrap());
    let section = |(purpose, code, grant): &Row| Section {
        purpose: *purpose,
        rules: vec![Rule {
            citation: Citation { document: "某规定".into(), article: "第一条".into() },
            when: Condition { levels: levels(*code), ..Condition::default() },
            then: Decision::Entitled(Benefit {
                grants: [*grant].into_iter().collect(),
                ..Benefit::default()
            }),
            effective: None,
        }],
    };
    let mut sections: Vec<Section> = rows.iter().map(section).collect();
    sections.sort_by_key(|section| section.purpose.name());
    PolicyPack {
        name: name.into(),
        version: Version::new(version),
        issued: at("2026-11-01"),
        jurisdiction: Region::from_code(jurisdiction).unwrap(),
        confirmed: Confirmed::Yes,
        title: Title { zh: "试".into(), en: "trial".into() },
        effective: Effective::new(Date::EPOCH, None).unwrap(),
        sections,
        cases: vec![],
    }
}

const RIDES_FREE: Row = (Purpose::Transit, 42, Grant::TransitFree);
const PARKS_FREE: Row = (Purpose::Park, 44, Grant::ParkFree);

fn grants(packs: Vec<PolicyPack>) -> Grants {
    Grants::from_packs(Policies::new(packs), Unconfirmed::DoNotCount, Region::from_code(22).unwrap())
}

fn with<T>(
    signer: &dyn Signer,
    grants: &Grants,
    what: impl FnOnce(&Issuer<'_>, &Actor<'_>, &mut Seeded) -> T,
) -> T {
    let mut rng = Seeded(17);
    let now = at("2026-11-10");
    let province = Region::from_code(22).unwrap();
    let rehearsal = Rehearsal::new(key().public_key(), issuer_key(), province, now, &mut rng).unwrap();
    let service = InMemory::new().officer(OfficerId::SERVICE).unwrap().unwrap();
    let origin = Text::parse("test").unwrap();
    let actor = Actor { officer: &service, now, origin: &origin };
    what(&Issuer { signer, key: issuer_key(), rehearsal: &rehearsal, grants }, &actor, &mut rng)
}

fn issue(register: &mut dyn Register, grants: &Grants) -> Vec<issuing::Issued> {
    let batch = with(&key(), grants, |issuer, actor, rng| {
        issue_batch(register, issuer, issuing::Cursor::default(), 100, actor, rng)
    });
    batch.unwrap().issued
}

fn exchange(
    register: &mut dyn Register,
    signer: &dyn Signer,
    grants: &Grants,
) -> Result<Vec<Exchange>, issuance::Error> {
    let (mut all, mut cursor) = (Vec::new(), Some(Cursor::default()));
    while let Some(from) = cursor {
        let batch = with(signer, grants, |issuer, actor, rng| {
            rng.0 = register.audit_rows(0, usize::MAX).unwrap().len() as u64;
            exchange_batch(register, issuer, from, 2, actor, rng)
        })?;
        all.extend(batch.exchanged);
        cursor = batch.next;
    }
    Ok(all)
}

fn look(register: &dyn Register, grants: &Grants) -> DryRun {
    dry_run(register, grants, None, 100, at("2026-11-10")).unwrap()
}

/// Place and grants of the passes that count.
fn passes(register: &dyn Register, id: CertificateId) -> Vec<(u32, Vec<Grant>)> {
    let credentials = register.credentials(id).unwrap().into_iter();
    let read = |bytes: &[u8]| {
        let envelope = Sign1::parse(bytes, Content::Credential).unwrap();
        let Credential::Pass(pass) = Credential::decode(envelope.payload()).unwrap() else {
            panic!("a pass")
        };
        (pass.jurisdiction.code(), pass.grants)
    };
    credentials.filter(|one| one.kind == Kind::Pass).map(|one| read(&one.bytes)).collect()
}

#[test]
fn passes_say_what_the_packs_give_and_a_city_that_gives_more_has_a_pass_of_its_own() {
    on_both(|register| {
        approved(register, 0);
        let nation = pack("nation", 1, 0, &[RIDES_FREE]);
        let city = pack("city", 1, 2201, &[PARKS_FREE]);
        let elsewhere = pack("elsewhere", 1, 2202, &[(Purpose::Rail, 44, Grant::RailSeat)]);
        let packs = grants(vec![nation, city, elsewhere]);
        let issued = issue(register, &packs);
        let id = issued[0].certificate;
        let expected = [(22, vec![Grant::TransitFree]), (2201, vec![Grant::TransitFree, Grant::ParkFree])];
        assert_eq!(passes(register, id), expected);
        assert_eq!(register.credentials(id).unwrap(), issued[0].credentials);
        assert_eq!(look(register, &packs).changes, [], "nothing is left to do");
        assert_eq!(register.taken_count(issuer_key().kid), Ok(3));
        assert_eq!(register.counts().unwrap().credentials, 3);
    });
}

#[test]
fn a_dry_run_writes_nothing_and_the_batch_does_exactly_what_it_said() {
    on_both(|register| {
        (0..5).for_each(|n| _ = approved(register, n));
        let before = grants(vec![pack("nation", 1, 0, &[RIDES_FREE])]);
        let ids: Vec<_> = issue(register, &before).iter().map(|one| one.certificate).collect();
        let old: Vec<_> = ids.iter().map(|id| register.credentials(*id).unwrap()[1].clone()).collect();
        let stricter = pack("nation", 2, 0, &[(Purpose::Transit, 41, Grant::TransitFree)]);
        let after = grants(vec![stricter, pack("city", 1, 2201, &[PARKS_FREE])]);

        let rows = register.audit_rows(0, usize::MAX).unwrap().len();
        let said = look(register, &after);
        let change = |holder, place, gains: &[Grant], loses: &[Grant]| Change {
            holder,
            jurisdiction: Region::from_code(place).unwrap(),
            gains: gains.iter().copied().collect(),
            loses: loses.iter().copied().collect(),
        };
        let both =
            |id| [change(id, 22, &[], &[Grant::TransitFree]), change(id, 2201, &[Grant::ParkFree], &[])];
        assert_eq!(said.changes, ids.iter().flat_map(|id| both(*id)).collect::<Vec<_>>());
        assert_eq!((said.looked_at, said.cards.len()), (5, 0));
        assert_eq!(register.audit_rows(0, usize::MAX).unwrap().len(), rows, "it only looked");

        exchange(register, &key(), &after).unwrap();
        let not_valid = register.not_valid(issuer_key().kid).unwrap();
        for (id, old) in ids.iter().zip(&old) {
            assert_eq!(passes(register, *id), [(2201, vec![Grant::ParkFree])]);
            assert!(not_valid.contains(&(old.index, Standing::Revoked)));
            assert_eq!(register.certificate(*id).unwrap().unwrap().standing, Standing::Valid);
        }
        assert_eq!(not_valid.len(), 5, "no certificate is touched, nor what was made");
        assert_eq!(look(register, &after).changes, []);
        assert!(exchange(register, &key(), &after).unwrap().is_empty(), "a second run finds nothing to do");
        assert!(issuance::audit::first_broken(register.audit_rows(0, usize::MAX).unwrap()).is_none());
    });
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

#[test]
fn a_batch_that_was_cut_off_signs_what_it_had_prepared_with_the_same_index() {
    on_both(|register| {
        (0..4).for_each(|n| _ = approved(register, n));
        issue(register, &grants(vec![pack("nation", 1, 0, &[RIDES_FREE])]));
        let after = grants(vec![pack("nation", 2, 0, &[RIDES_FREE, PARKS_FREE])]);
        // Two are prepared and one of them signed; nothing of a transaction that was not finished is there.
        exchange(register, &Failing(key(), std::cell::Cell::new(1)), &after).unwrap_err();
        let waiting = register.prepared_passes(10).unwrap();
        assert_eq!(waiting.len(), 2);
        assert_eq!(
            register.not_valid(issuer_key().kid).unwrap(),
            [],
            "the old pass counts until the new one does"
        );
        let done = exchange(register, &key(), &after).unwrap();
        assert_eq!(done.len(), 4);
        for (pass, exchange) in waiting.iter().zip(&done) {
            assert_eq!(exchange.signed().unwrap().index, pass.credential.index);
        }
        assert!(register.prepared_passes(10).unwrap().is_empty());
        assert_eq!(register.not_valid(issuer_key().kid).unwrap().len(), 4);
    });
}

#[test]
fn what_was_prepared_by_other_packs_is_withdrawn_unsigned() {
    on_both(|register| {
        approved(register, 0);
        let before = grants(vec![pack("nation", 1, 0, &[RIDES_FREE])]);
        let id = issue(register, &before)[0].certificate;
        let meant = grants(vec![pack("nation", 2, 0, &[RIDES_FREE, PARKS_FREE])]);
        exchange(register, &Failing(key(), std::cell::Cell::new(0)), &meant).unwrap_err();
        let index = register.prepared_passes(10).unwrap()[0].credential.index;
        let done = exchange(register, &key(), &before).unwrap();
        assert!(done.len() == 1 && done[0].signed().is_none());
        assert_eq!(passes(register, id), [(22, vec![Grant::TransitFree])], "today's pass stays");
        assert_eq!(register.not_valid(issuer_key().kid).unwrap(), [(index, Standing::Revoked)]);
    });
}

#[test]
fn a_suspension_that_is_lifted_revives_the_new_pass_and_not_the_old_one() {
    on_both(|register| {
        approved(register, 0);
        let id = issue(register, &grants(vec![pack("nation", 1, 0, &[RIDES_FREE])]))[0].certificate;
        let old = register.credentials(id).unwrap()[1].index;
        let day = Date::parse("2026-11-10").unwrap();
        act(register, "clerk", "2026-11-10", |r, a| enter(r, id, Reason::DataConflict, day, a)).unwrap();
        exchange(register, &key(), &grants(vec![pack("nation", 2, 0, &[PARKS_FREE])])).unwrap();
        let new = register.credentials(id).unwrap()[1].index;
        // What is set later in a list counts.
        let standing = |register: &dyn Register| -> BTreeMap<_, _> {
            register.not_valid(issuer_key().kid).unwrap().into_iter().collect()
        };
        assert_eq!(standing(register)[&new], Standing::Suspended);
        assert_eq!(standing(register)[&old], Standing::Revoked);
        act(register, "clerk", "2026-11-10", |r, a| enter(r, id, Reason::Cleared, day, a)).unwrap();
        assert_eq!(standing(register), BTreeMap::from([(old, Standing::Revoked)]));
    });
}

#[test]
fn a_register_takes_no_pass_twice_and_none_for_a_revoked_certificate() {
    on_both(|register| {
        (0..2).for_each(|n| _ = approved(register, n));
        let ids: Vec<_> = issue(register, &grants(vec![pack("nation", 1, 0, &[RIDES_FREE])]))
            .iter()
            .map(|one| one.certificate)
            .collect();
        let after = grants(vec![pack("nation", 2, 0, &[PARKS_FREE])]);
        exchange(register, &Failing(key(), std::cell::Cell::new(0)), &after).unwrap_err();
        let waiting = register.prepared_passes(10).unwrap();
        let again = register.prepare_passes(&waiting, &[]);
        assert_eq!(again, Err(StoreError::Rule("credential.status_index")));
        let done = exchange(register, &key(), &after).unwrap();
        assert_eq!(register.exchange_passes(&done, &[]), Err(StoreError::Conflict));
        let day = Date::parse("2026-11-10").unwrap();
        act(register, "clerk", "2026-11-10", |r, a| issuance::casework::report_loss(r, ids[0], day, a))
            .unwrap();
        let mut other = waiting[0].clone();
        other.credential.index = credential::status_list::StatusIndex::new(9);
        let refused = register.prepare_passes(&[other], &[]);
        assert!(matches!(refused, Err(StoreError::Rule(_))), "{refused:?}");
        assert_eq!(look(register, &grants(vec![pack("nation", 3, 0, &[RIDES_FREE])])).changes.len(), 1);
    });
}

fn example(file: &str) -> String {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../keys-example");
    fs::read_to_string(keys.join(format!("EXAMPLE-{file}"))).unwrap()
}

/// Signs a pack with an example key.
fn signed(folder: &Path, name: &str, signer: &str, pack: &PolicyPack) {
    let file = example(&format!("{signer}.key"));
    let key =
        keystore::open(file.as_bytes(), Use::Demo, || unreachable!("example keys lie in clear")).unwrap();
    let unsigned = Unsigned::new(key.public().kid, pack.encode(), Content::Policy);
    fs::write(folder.join(name), unsigned.with_signature(&key.sign(&unsigned.to_be_signed()))).unwrap();
}

#[test]
fn only_packs_of_a_policy_key_are_adopted_and_none_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    run(path, &["init"]);
    signed(path, "one.cbor", "policy", &pack("nation", 1, 0, &[RIDES_FREE]));
    signed(path, "two.cbor", "policy", &pack("nation", 2, 0, &[RIDES_FREE]));
    signed(path, "forged.cbor", "issuer", &pack("nation", 3, 0, &[PARKS_FREE]));
    assert_eq!(run(path, &["policy", "adopt", "two.cbor"]).0, 0);
    let (code, _, err) = run(path, &["policy", "adopt", "forged.cbor"]);
    assert!(code == 2 && err.contains("forged.cbor"), "{err}");
    let (code, _, err) = run(path, &["policy", "adopt", "one.cbor"]);
    assert!(code == 2 && err.contains("version 2 of the pack nation is in use"), "{err}");
    let (_, out, _) = run(path, &["policy", "list", "--json"]);
    assert_eq!(out, "{\"pack\":\"nation\",\"version\":2,\"jurisdiction\":0,\"confirmed\":true}\n");
    // A pack that somebody put there is noticed by everything that would use it.
    fs::copy(path.join("forged.cbor"), path.join("issuer/policies/extra.cbor")).unwrap();
    for command in [&["issue"][..], &["policy", "reissue", "--dry-run"], &["bundle", "export", "b.dcb"]] {
        let (code, _, err) = run(path, command);
        assert!(code == 2 && err.contains("extra.cbor"), "{command:?}: {err}");
    }
}

/// The issuer's key, out of reach.
struct Gone(credential::PublicKey);

impl Signer for Gone {
    fn public_key(&self) -> credential::PublicKey {
        self.0
    }

    fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignerError> {
        Err(SignerError::Unavailable)
    }
}

#[test]
fn packs_wait_until_what_was_prepared_by_the_old_ones_is_signed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    run(path, &["init"]);
    let mut register = SqliteRegister::open(&path.join("issuer/issuer.sqlite"), personal()).unwrap();
    super::office::approved_many(&mut register, [super::office::case(0)]);
    let gone =
        Gone(keystore::PublicKeyLine::parse(example("issuer.pub").lines().last().unwrap()).unwrap().key);
    let table = Grants::shipped(Unconfirmed::Count).unwrap();
    with(&gone, &table, |_, actor, rng| {
        let (key, province) = (register.issuer_keys().unwrap()[0], Region::from_code(22).unwrap());
        let rehearsal = Rehearsal::new(gone.public_key(), key, province, actor.now, rng).unwrap();
        let issuer = Issuer { signer: &gone, key, rehearsal: &rehearsal, grants: &table };
        issue_batch(&mut register, &issuer, issuing::Cursor::default(), 9, actor, rng).unwrap_err();
    });
    assert_eq!(register.prepared(None, 9).unwrap().len(), 1);
    signed(path, "one.cbor", "policy", &pack("nation", 1, 0, &[RIDES_FREE]));
    let (code, _, err) = run(path, &["policy", "adopt", "one.cbor"]);
    assert!(code == 2 && err.contains("run `issue` first"), "{err}");
    assert_eq!(run(path, &["issue"]).0, 0);
    assert_eq!(run(path, &["policy", "adopt", "one.cbor"]).0, 0);
}

#[test]
fn a_reissue_killed_again_and_again_ends_as_its_dry_run_said() {
    let folder = issued(PEOPLE);
    let path = folder.path();
    signed(path, "nation.cbor", "policy", &pack("nation", 1, 0, &[RIDES_FREE]));
    assert_eq!(run(path, &["policy", "adopt", "nation.cbor"]).0, 0);
    let (code, out, err) = run(path, &["policy", "reissue", "--dry-run", "--json"]);
    assert_eq!(code, 0, "{err}");
    let rows: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), PEOPLE as usize + 1);
    assert_eq!(rows[0]["gains"].as_array().unwrap().len(), 0);
    assert_eq!(rows[0]["loses"].as_array().unwrap().len(), 4, "{}", rows[0]);
    let sum = &rows[PEOPLE as usize];
    assert_eq!(
        (sum["looked_at"].as_u64(), sum["touched"].as_u64()),
        (Some(PEOPLE.into()), Some(PEOPLE.into()))
    );

    let mut killed = 0;
    for round in 0..20 {
        let mut child = program(path, &["policy", "reissue", "--json", "--batch", "1"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // A slow machine is cut off as early in its work as a fast one: after none, one or two passes it told of.
        let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
        let _ = told.by_ref().take(round % 3).count();
        std::thread::sleep(Duration::from_millis(round as u64 * 2 % 7));
        let _ = child.kill();
        killed += u32::from(!child.wait().unwrap().success());
    }
    assert!(killed > 5, "only {killed} runs were cut off: the test proves little");
    let (code, _, err) = run(path, &["policy", "reissue"]);
    assert_eq!(code, 0, "{err}");
    let (_, out, _) = run(path, &["policy", "reissue", "--dry-run"]);
    assert_eq!(out, format!("looked at {PEOPLE}, touched 0, cards to replace 0; nothing was written\n"));
    let register = SqliteRegister::open(&path.join("issuer/issuer.sqlite"), personal()).unwrap();
    for id in 1..=i64::from(PEOPLE) {
        assert_eq!(passes(&register, CertificateId::from_stored(id)), [(22, vec![Grant::TransitFree])]);
    }
    let key = register.issuer_keys().unwrap()[0];
    let not_valid = register.not_valid(key.kid).unwrap();
    assert_eq!(not_valid.len(), PEOPLE as usize, "each old pass, and nothing else");
    assert!(register.prepared_passes(9).unwrap().is_empty());
    assert!(register.faults().unwrap().is_empty());
    assert!(run(path, &["audit", "verify"]).1.starts_with("the chain is whole"));
    // Gates hear of it: the bundle carries the pack and the indices.
    let (code, out, err) = run(path, &["bundle", "export", "b.dcb", "--json"]);
    let row: serde_json::Value = serde_json::from_str(&out).unwrap_or_default();
    assert!(code == 0 && row["not_valid"] == PEOPLE, "{out}{err}");
}

const PEOPLE: u32 = 60;
