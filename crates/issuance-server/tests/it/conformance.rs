//! What the port promises, asked of both registers in the same words.

use credential::region::Region;
use credential::time::Date;
use issuance::audit::{Subject, first_broken};
use issuance::casework;
use issuance::id::CertificateId;
use issuance::issuing::{Cursor, issue_batch};
use issuance::officer::{Login, Role, Roles};
use issuance::register::{
    CaseQuery, CaseStore, CertificateQuery, CertificateStore, ChangeQuery, EndingQuery, IssuerKey,
    NewOfficer, Opening, Register, StoreError,
};
use issuance::signer::{KeyInMemory, SignerError};
use issuance::staff;
use issuance::standing::{decide, enter};
use issuance::status_change::{Reason, Standing};
use issuance::step::Action;
use issuance::text::Text;
use issuance::transition::State;

use super::office::{
    act, approved, at, case, entry, issue, issuer_key, key, officer, on_both, reviewed, sqlite, step,
    with_issuer_on,
};

#[test]
fn a_case_comes_back_as_it_was_stored() {
    on_both(|register| {
        let id = approved(register, 0);
        let filed = register.application(id).unwrap().unwrap();
        assert_eq!(filed.application.state(), State::Approved);
        assert_eq!(filed.application.steps().len(), 6);
        assert_eq!(filed.application.request().particulars, case(0).applicant.particulars);
        let person = register.person(filed.person).unwrap().unwrap();
        assert_eq!(person.identity, case(0).applicant.identity);
        assert_eq!(register.person_by_identity(person.identity).unwrap(), Some(person));
        assert_eq!(register.open_application(filed.person).unwrap(), Some(id));
        assert_eq!(register.application(issuance::id::ApplicationId::from_stored(99)), Ok(None));
    });
}

#[test]
fn one_open_case_one_login_one_source() {
    on_both(|register| {
        let clerk = officer(register, "clerk");
        let new = case(1);
        let request = || {
            let mut twin = issuance::memory::InMemory::new();
            let origin = Text::parse("test").unwrap();
            let actor = issuance::actor::Actor { officer: &clerk, now: at("2026-11-02"), origin: &origin };
            casework::submit(&mut twin, &new, &actor).unwrap().application
        };
        let application = request();
        let opening = Opening { applicant: &new.applicant, application: &application, source: Some([1; 32]) };
        let filed = register.file(&opening, &[]).unwrap();
        assert_eq!(register.application_by_source(&[1; 32]), Ok(Some(filed.id)));
        assert_eq!(register.application_by_source(&[2; 32]), Ok(None));
        let other = Opening { source: Some([2; 32]), ..opening.clone() };
        assert_eq!(register.file(&other, &[]).unwrap_err(), StoreError::Rule("one open application"));
        step(register, "clerk", "2026-11-02", filed.id, Action::Withdraw);
        assert_eq!(register.file(&opening, &[]).unwrap_err(), StoreError::Rule("application.source"));
        register.file(&other, &[]).unwrap();
        let again = NewOfficer {
            login: Login::parse("clerk").unwrap(),
            name: Text::parse("某").unwrap(),
            office: clerk.office.id,
            roles: Roles::default(),
        };
        let refused = register.add_officer(&again, &entry(Subject::Register));
        assert_eq!(refused, Err(StoreError::Rule("officer.login")));
        let homeless = NewOfficer {
            login: Login::parse("other").unwrap(),
            office: issuance::id::OfficeId::from_stored(77),
            ..again
        };
        let refused = register.add_officer(&homeless, &entry(Subject::Register));
        assert_eq!(refused, Err(StoreError::Rule("officer.office")));
    });
}

#[test]
fn of_two_at_the_same_instant_the_second_is_told() {
    on_both(|register| {
        let id = reviewed(register, 2);
        let seen = register.application(id).unwrap().unwrap();
        let known = seen.application.steps().len();
        step(register, "approver", "2026-11-10", id, Action::Approve);
        let mut late = seen.clone();
        let approver = officer(register, "approver");
        late.application.take(&approver, Action::Return, at("2026-11-10")).unwrap();
        let rows = register.audit_rows(0, usize::MAX).unwrap().len();
        let refused = register.add_steps(&late, known, &[entry(Subject::Application(id))]);
        assert_eq!(refused, Err(StoreError::Conflict));
        assert_eq!(register.audit_rows(0, usize::MAX).unwrap().len(), rows, "a refusal leaves no trace");
        assert_eq!(register.application(id).unwrap().unwrap().application.state(), State::Approved);
    });
}

#[test]
fn lists_are_by_state_region_and_page() {
    on_both(|register| {
        let ids: Vec<_> = (10..15).map(|n| reviewed(register, n)).collect();
        let query = |after, limit, region: u64| CaseQuery {
            state: Some(State::Reviewed),
            after,
            ..CaseQuery::all(Region::from_code(region).unwrap(), limit)
        };
        let found = |register: &dyn Register, query| {
            let cases = register.applications(&query).unwrap();
            cases.iter().map(|filed| filed.id).collect::<Vec<_>>()
        };
        assert_eq!(found(register, query(None, 100, 0)), ids);
        assert_eq!(found(register, query(None, 100, 220_104)), ids);
        assert_eq!(found(register, query(Some(ids[1]), 2, 2201)), ids[2..4]);
        assert_eq!(found(register, query(None, 100, 2202)), []);
        let all = CaseQuery { state: None, ..query(None, 2, 22) };
        assert_eq!(found(register, all), ids[..2]);
    });
}

#[test]
fn what_is_issued_can_be_read_back_and_verified_bytes_and_all() {
    on_both(|register| {
        for n in 20..25 {
            approved(register, n);
        }
        let batch = issue(register, &key()).unwrap();
        assert_eq!((batch.issued.len(), batch.failed.len()), (5, 0));
        for issued in &batch.issued {
            assert_eq!(register.credentials(issued.certificate).unwrap(), issued.credentials);
            for one in &issued.credentials {
                assert!(register.is_taken(one.kid, one.index).unwrap());
            }
        }
        assert_eq!(register.taken_count(issuer_key().kid), Ok(10));
        assert_eq!(register.approved(None, 10).unwrap(), []);
        assert!(register.prepared(None, 10).unwrap().is_empty());
        let query = CertificateQuery {
            standing: Some(Standing::Valid),
            region: Region::NATION,
            after: None,
            limit: 3,
        };
        assert_eq!(register.certificates(&query).unwrap().len(), 3);
        let counts = register.counts().unwrap();
        assert_eq!(counts.applications, [(State::Issued, 5)]);
        assert_eq!((counts.certificates, counts.credentials), (vec![(Standing::Valid, 5)], 10));
    });
}

fn issue_on(register: &mut dyn Register, day: &str) {
    with_issuer_on(day, &key(), |issuer, actor, rng| {
        rng.0 = register.audit_rows(0, usize::MAX).unwrap().len() as u64;
        let batch = issue_batch(register, issuer, Cursor::default(), 10, actor, rng).unwrap();
        assert_eq!((batch.issued.len(), batch.failed), (1, vec![]));
    });
}

#[test]
fn what_ends_within_a_span_is_listed_by_county_in_the_order_of_its_end() {
    on_both(|register| {
        // Signed on three days: they end ten years later, each at the beginning of its day.
        for (n, day) in [(30, "2026-11-12"), (31, "2026-11-11"), (32, "2026-11-12"), (33, "2026-11-13")] {
            approved(register, n);
            issue_on(register, day);
        }
        approved(register, 34);
        let ends = |day: &str| Date::parse(day).unwrap().start_in_china();
        let (county, other) = (Region::from_code(220_104).unwrap(), Region::from_code(220_102).unwrap());
        let query = EndingQuery {
            county,
            from: ends("2036-11-11"),
            until: ends("2036-11-13"),
            after: None,
            limit: 9,
        };
        let numbers = |register: &dyn Register, query: EndingQuery| {
            let found = register.ending(&query).unwrap();
            found.iter().map(|one| (one.id.get(), one.expires)).collect::<Vec<_>>()
        };
        let all = [(2, ends("2036-11-11")), (1, ends("2036-11-12")), (3, ends("2036-11-12"))];
        assert_eq!(numbers(register, query), all, "the last day is not within");
        assert_eq!(numbers(register, EndingQuery { limit: 2, ..query }), all[..2]);
        for (at, (id, end)) in all.iter().enumerate() {
            let after = Some((*end, CertificateId::from_stored(*id)));
            assert_eq!(numbers(register, EndingQuery { after, ..query }), all[at + 1..]);
        }
        assert_eq!(numbers(register, EndingQuery { from: ends("2036-11-12"), ..query }), all[1..]);
        assert_eq!(numbers(register, EndingQuery { county: other, ..query }), []);
        let count = |register: &dyn Register| register.count_ending(county, query.from, query.until);
        assert_eq!((count(register), register.count_ending(other, query.from, query.until)), (Ok(3), Ok(0)));
        assert_eq!(register.counties(Region::NATION), Ok(vec![county]));
        assert_eq!(register.counties(county), Ok(vec![county]));
        assert_eq!(register.counties(Region::from_code(2202).unwrap()), Ok(vec![]));

        // Nobody renews what is revoked.
        let entered = act(register, "clerk", "2026-11-20", |r, a| {
            let day = Date::parse("2026-11-19").unwrap();
            enter(r, CertificateId::from_stored(1), Reason::Voluntary, day, a)
        });
        act(register, "approver", "2026-11-20", |r, a| decide(r, entered.unwrap().0, true, a)).unwrap();
        assert_eq!((count(register), numbers(register, query)), (Ok(2), vec![all[0], all[2]]));
    });
}

#[test]
fn a_run_cut_off_before_signing_goes_on_from_the_rows() {
    struct Gone(KeyInMemory);
    impl issuance::signer::Signer for Gone {
        fn public_key(&self) -> credential::PublicKey {
            self.0.public_key()
        }
        fn sign(&self, _: &[u8]) -> Result<[u8; 64], SignerError> {
            Err(SignerError::Unavailable)
        }
    }
    on_both(|register| {
        for n in 30..33 {
            approved(register, n);
        }
        issue(register, &Gone(key())).unwrap_err();
        let waiting = register.prepared(None, 10).unwrap();
        assert_eq!(waiting.len(), 3);
        assert!(register.certificates_of(waiting[0].person.id).unwrap().iter().all(|one| !one.signed));
        let batch = issue(register, &key()).unwrap();
        for (before, after) in waiting.iter().zip(&batch.issued) {
            let indices = |list: Vec<u32>| list;
            let prepared = indices(before.credentials.iter().map(|one| one.index.as_u32()).collect());
            assert_eq!(prepared, indices(after.credentials.iter().map(|one| one.index.as_u32()).collect()));
        }
    });
}

#[test]
fn standings_change_as_entered_and_confirmed() {
    on_both(|register| {
        approved(register, 40);
        let id = issue(register, &key()).unwrap().issued[0].certificate;
        let day = Date::parse("2026-11-10").unwrap();
        let standing = |register: &dyn Register| register.certificate(id).unwrap().unwrap().standing;
        let on = "2026-11-10";
        act(register, "clerk", on, |r, a| enter(r, id, Reason::DataConflict, day, a)).unwrap();
        assert_eq!(standing(register), Standing::Suspended);
        assert_eq!(register.not_valid(issuer_key().kid).unwrap().len(), 2);
        act(register, "clerk", on, |r, a| enter(r, id, Reason::Cleared, day, a)).unwrap();
        assert_eq!(standing(register), Standing::Valid);
        let (change, _) = act(register, "clerk", on, |r, a| enter(r, id, Reason::Death, day, a)).unwrap();
        assert_eq!(standing(register), Standing::Valid);
        let waiting = |region: &str, after| {
            let region = Region::parse(region).unwrap();
            register.waiting_changes(&ChangeQuery { region, after, limit: 9 }).unwrap().len()
        };
        let county = register.certificate(id).unwrap().unwrap().county.code().to_string();
        let found = ["22", &county, "44"].map(|region| waiting(region, None));
        assert_eq!((found, waiting("22", Some(change))), ([1, 1, 0], 0));
        let stored = register.change(change).unwrap().unwrap();
        act(register, "approver", on, |r, a| decide(r, change, true, a)).unwrap();
        assert_eq!(standing(register), Standing::Revoked);
        assert_eq!(register.changes_of(id).unwrap().len(), 3);
        // The same word a second time, from somebody who saw the change still waiting.
        let mut late = stored;
        late.decide(&officer(register, "approver"), false, at(on)).unwrap();
        let refused = register.decide_change(change, &late, Standing::Valid, &entry(Subject::Register));
        assert_eq!(refused, Err(StoreError::Conflict));
    });
}

#[test]
fn a_loss_revokes_and_files_in_one_transaction() {
    on_both(|register| {
        approved(register, 50);
        let id = issue(register, &key()).unwrap().issued[0].certificate;
        let day = Date::parse("2026-11-10").unwrap();
        let filed =
            act(register, "clerk", "2026-11-10", |r, a| casework::report_loss(r, id, day, a)).unwrap();
        assert_eq!(register.certificate(id).unwrap().unwrap().standing, Standing::Revoked);
        assert_eq!(filed.application.state(), State::Accepted);
        step(register, "reviewer", "2026-11-10", filed.id, Action::Review);
        step(register, "approver", "2026-11-10", filed.id, Action::Approve);
        let new = issue(register, &key()).unwrap().issued[0].certificate;
        assert_eq!(register.certificate(new).unwrap().unwrap().reissue.to_string(), "B1");
        let again = register.application(filed.id).unwrap().unwrap();
        assert_eq!(again.application.request().earlier.as_ref().unwrap().certificate, id);
    });
}

#[test]
fn bundle_versions_grow_and_keys_keep_their_list() {
    on_both(|register| {
        let audit = entry(Subject::Register);
        assert_eq!(register.last_bundle_version(), Ok(0));
        register.publish(7, &[1; 32], &audit).unwrap();
        for version in [7, 6, 0] {
            let refused = register.publish(version, &[1; 32], &audit);
            assert!(matches!(refused, Err(StoreError::Rule(_))), "{version}");
        }
        register.publish(9, &[1; 32], &audit).unwrap();
        assert_eq!(register.last_bundle_version(), Ok(9));
        register.add_issuer_key(&issuer_key(), &audit).unwrap();
        let resized = IssuerKey { list_size: 9, ..issuer_key() };
        let refused = register.add_issuer_key(&resized, &audit);
        assert_eq!(refused, Err(StoreError::Rule("issuer_key.list_size")));
    });
}

#[test]
fn every_deed_leaves_an_audit_row_in_an_unbroken_chain() {
    on_both(|register| {
        let before = register.audit_rows(0, usize::MAX).unwrap().len();
        let id = approved(register, 60);
        issue(register, &key()).unwrap();
        let rows = register.audit_rows(0, usize::MAX).unwrap();
        let deeds: Vec<String> = rows[before..].iter().map(|row| row.entry.deed.to_stored()).collect();
        assert_eq!(
            deeds,
            [
                "step.submit",
                "step.accept",
                "step.transcribe",
                "step.post_notice",
                "step.review",
                "step.approve",
                "prepared",
                "signed",
                "step.issue"
            ]
        );
        assert_eq!(rows[before].entry.subject, Subject::Application(id), "the case got its number");
        assert_eq!(first_broken(rows), None);
    });
}

#[test]
fn an_officer_gets_other_powers_from_another_administrator_only() {
    on_both(|register| {
        let clerk = officer(register, "clerk");
        let mut admin = officer(register, "reviewer");
        admin.roles = Roles::new(&[Role::Administrator]);
        let origin = Text::parse("test").unwrap();
        let actor = issuance::actor::Actor { officer: &admin, now: at("2026-11-02"), origin: &origin };
        let approver = Roles::new(&[Role::Approver]);
        staff::change(register, clerk.id, approver, false, &actor).unwrap();
        let changed = register.officer(clerk.id).unwrap().unwrap();
        assert_eq!((changed.roles, changed.active), (approver, false));
        let own = staff::change(register, admin.id, approver, true, &actor);
        assert_eq!(own.unwrap_err(), issuance::Error::OwnPowers { officer: admin.id });
        let nobody = issuance::id::OfficerId::from_stored(999);
        let missing = register.change_officer(nobody, approver, true, &entry(Subject::Register));
        assert_eq!(missing.unwrap_err(), StoreError::Rule("officer.id"));
    });
}

#[test]
fn a_switch_takes_the_place_of_the_one_before_and_is_an_administrators() {
    use issuance::pilot::{self, Feature};
    on_both(|register| {
        let province = Region::from_code(22).unwrap();
        let clerk = officer(register, "clerk");
        let origin = Text::parse("test").unwrap();
        let mut admin = clerk.clone();
        let actor = issuance::actor::Actor { officer: &clerk, now: at("2026-11-02"), origin: &origin };
        let refused = pilot::switch(register, Feature::Documents, province, true, &actor);
        let missing = issuance::Error::PowerMissing { officer: clerk.id, role: Role::Administrator };
        assert_eq!(refused, Err(missing));
        admin.roles = Roles::new(&[Role::Administrator]);
        let actor = issuance::actor::Actor { officer: &admin, ..actor };
        let elsewhere = Region::from_code(21).unwrap();
        let outside = pilot::switch(register, Feature::Documents, elsewhere, true, &actor);
        let other = issuance::Error::OtherRegion { officer: admin.id, region: elsewhere };
        assert_eq!(outside, Err(other));
        for is_on in [true, false, true] {
            pilot::switch(register, Feature::Documents, province, is_on, &actor).unwrap();
            assert_eq!(register.pilots().unwrap().is_on(Feature::Documents, province), is_on);
        }
        assert_eq!(register.pilots().unwrap().0.len(), 2, "cards, and the one that was switched thrice");
        let rows = register.audit_rows(0, usize::MAX).unwrap();
        let last = rows.last().unwrap().entry.reason.clone().unwrap();
        assert_eq!(last.expose(), "documents_on");
    });
}

#[test]
fn a_region_with_many_rows_and_one_with_few_are_listed_alike() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    for n in 40..43 {
        approved(&mut register, n);
    }
    issue(&mut register, &key()).unwrap();
    act(&mut register, "clerk", "2026-11-20", |r, a| {
        enter(r, CertificateId::from_stored(2), Reason::DataConflict, Date::parse("2026-11-19").unwrap(), a)
    })
    .unwrap();
    // Two thousand of another prefecture, put there by hand behind them: their cells would not open.
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch(
        "PRAGMA foreign_keys = OFF; DROP TRIGGER certificate_needs_approval; DROP TRIGGER certificate_follows_application;
         CREATE TEMP TABLE n AS WITH RECURSIVE n (n) AS (SELECT 1001 UNION ALL SELECT n + 1 FROM n WHERE n < 3000)
           SELECT n FROM n;
         INSERT INTO application (id, person_id, kind, route, born, home, desk, particulars, state, steps)
           SELECT n, person_id, kind, route, born, 220202, 220202, particulars, state, steps
           FROM n, application WHERE id = 1;
         INSERT INTO certificate (id, person_id, application_id, components, county, issued, expires, signed)
           SELECT n, person_id, n, components, 220202, issued, expires, 1 FROM n, certificate WHERE id = 1;",
    )
    .unwrap();
    for region in [22, 2201, 220_104] {
        let region = Region::from_code(region).unwrap();
        for state in [None, Some(State::Issued)] {
            let query = CaseQuery { state, ..CaseQuery::all(region, 3) };
            let found = |query: &CaseQuery| {
                let filed = register.applications(query).unwrap();
                filed.iter().map(|filed| filed.id.get()).collect::<Vec<_>>()
            };
            assert_eq!(found(&query), [1, 2, 3], "{query:?}");
            let after = Some(issuance::id::ApplicationId::from_stored(1));
            assert_eq!(found(&CaseQuery { after, limit: 1, ..query }), [2], "{query:?}");
        }
        for (standing, numbers) in [
            (None, &[1, 2, 3][..]),
            (Some(Standing::Valid), &[1, 3]),
            (Some(Standing::Suspended), &[2]),
            (Some(Standing::Revoked), &[]),
        ] {
            let limit = numbers.len().max(1);
            let query = CertificateQuery { standing, region, after: None, limit };
            let found = |query: &CertificateQuery| {
                let list = register.certificates(query).unwrap();
                list.iter().map(|one| one.id.get()).collect::<Vec<_>>()
            };
            assert_eq!(found(&query), numbers, "{query:?}");
            let after = Some(CertificateId::from_stored(1));
            let behind: Vec<i64> = numbers.iter().copied().filter(|number| *number > 1).take(1).collect();
            let limit = behind.len().max(1);
            assert_eq!(found(&CertificateQuery { after, limit, ..query }), behind, "{query:?}");
        }
    }
    // Those of nobody are found as quickly, and none are.
    let nowhere = Region::from_code(2207).unwrap();
    let query = CertificateQuery { standing: None, region: nowhere, after: None, limit: 9 };
    assert_eq!(register.certificates(&query).unwrap().len(), 0);
}
