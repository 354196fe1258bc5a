//! Two officers at the same instant, on sockets of their own, at the real service: by page, by program, and one by each.
//! One of them wins, the other is told in words what happened, and the register and its audit know of one deed.

use std::collections::BTreeMap;
use std::process::Stdio;

use credential::number::IdentityNumber;
use credential::time::UnixTime;
use issuance::audit::Subject;
use issuance::register::{AuditStore, CaseStore, PersonStore, StoreError};
use issuance_server::sqlite::SqliteRegister;

use super::office::{personal, reviewed, run};
use super::serving::{Program, Served, at_once, free_address, signed_in};

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "sessions are opened at the time that the service's own clock shows"
)]
fn of_two_officers_at_the_same_instant_one_wins_and_the_other_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run(path, &["init"]).0, 0);
    let second =
        ["officer", "add", "approver-2", "--name", "批准人二", "--role", "approver", "--kind", "province"];
    assert_eq!(run(path, &[&["--as", "admin"], &second[..], &["--region", "22"]].concat()).0, 0);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = UnixTime::from_seconds(since.as_secs());
    let approvers = ["approver", "approver-2"].map(|login| signed_in(path, login, now));
    let their_programs = ["approver", "approver-2"].map(|login| Program::with_token(path, login, "decide"));
    let clerks = ["clerk", "clerk-2"].map(|login| signed_in(path, login, now));
    let clerks_programs = ["clerk", "clerk-2"].map(|login| Program::with_token(path, login, "write_cases"));
    let database = path.join("issuer/issuer.sqlite");
    let ready = SqliteRegister::open(&database, personal()).unwrap().together(|register| {
        Ok::<_, StoreError>((0..ROUNDS * 3).map(|n| reviewed(register, n)).collect::<Vec<_>>())
    });
    let ready = ready.unwrap();
    let at = free_address();
    let served = Served::start(path, at, Stdio::null(), &[]);
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();

    for (n, id) in ready.iter().enumerate() {
        let page = |one: usize| approvers[one].form(at, &format!("/applications/{id}/steps/approve"), &[]);
        let program = |one: usize| {
            their_programs[one].write(
                at,
                &format!("/api/v1/applications/{id}/steps"),
                r#"{"verb":"approve"}"#,
            )
        };
        let answers = at_once(
            at,
            match n % 3 {
                0 => [page(0), page(1)],
                1 => [program(0), program(1)],
                _ => [page(0), program(1)],
            },
        );
        *told.entry(one_wins(&answers, [303, 200], &["已批准", "他人刚刚处理过此件"])).or_default() += 1;
    }

    // One person at two counters.
    for n in 0..ROUNDS * 3 {
        let number = number(n);
        let page = |one: usize| clerks[one].application(at, &number, "王小明");
        let program = |one: usize| {
            let body = format!(
                r#"{{"identity_number":"{number}","name":"王小明","county":"220102","address":"x"}}"#
            );
            clerks_programs[one].write(at, "/api/v1/applications", &body)
        };
        let answers = at_once(
            at,
            match n % 3 {
                0 => [page(0), page(1)],
                1 => [program(0), program(1)],
                _ => [page(0), program(1)],
            },
        );
        *told.entry(one_wins(&answers, [303, 201], &["未办结的申请"])).or_default() += 1;
    }

    // The same write twice at once: it is done once, and both hear the same.
    let body = format!(r#"{{"identity_number":"{}","name":"王小明","county":"220102"}}"#, number(ROUNDS * 3));
    let write = clerks_programs[0].write(at, "/api/v1/applications", &body);
    let [one, other] = at_once(at, [write.clone(), write]);
    assert_eq!((one.0, other.0), (201, 201), "{one:?} {other:?}");
    let json = |answer: &str| answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    assert_eq!(json(&one.1), json(&other.1));
    let replayed =
        [one.1, other.1].iter().filter(|answer| answer.contains("idempotency-replayed: true")).count();
    assert_eq!(replayed, 1);
    served.kill();
    println!("{} rounds each by page, by program and by both; the other was told: {told:?}", ROUNDS);

    let register = SqliteRegister::open(&database, personal()).unwrap();
    assert!(register.faults().unwrap().is_empty());
    let rows = register.audit_rows(0, usize::MAX).unwrap();
    let deeds = |deed: &str, id| {
        let of = |row: &&issuance::audit::Row| {
            row.entry.subject == Subject::Application(id) && row.entry.deed.to_stored() == deed
        };
        rows.iter().filter(of).count()
    };
    for id in &ready {
        let filed = register.application(*id).unwrap().unwrap();
        let approvals =
            filed.application.steps().iter().filter(|step| step.action.verb().as_str() == "approve");
        assert_eq!((approvals.count(), deeds("step.approve", *id)), (1, 1), "case {id}");
    }
    for n in 0..=ROUNDS * 3 {
        let person =
            register.person_by_identity(IdentityNumber::parse(&number(n)).unwrap()).unwrap().unwrap();
        let cases = register.applications_of(person.id).unwrap();
        assert_eq!((cases.len(), deeds("step.submit", cases[0].id)), (1, 1), "person {n}");
    }
    assert!(run(path, &["audit", "verify"]).1.starts_with("the chain is whole"));
}

/// One answer is a success of its kind, the other a conflict in one of these words; which.
fn one_wins<'a>(answers: &[(u16, String); 2], wins: [u16; 2], words: &[&'a str]) -> &'a str {
    let won: Vec<_> = answers.iter().filter(|(status, _)| wins.contains(status)).collect();
    let lost: Vec<_> = answers.iter().filter(|(status, _)| *status == 409).collect();
    assert_eq!((won.len(), lost.len()), (1, 1), "{answers:#?}");
    let said = words.iter().find(|word| lost[0].1.contains(**word));
    said.unwrap_or_else(|| panic!("it says none of {words:?}: {}", lost[0].1))
}

fn number(n: u64) -> String {
    IdentityNumber::from_first_17(22_010_219_700_101_000 + n).unwrap().expose()
}

const ROUNDS: u64 = 8;
