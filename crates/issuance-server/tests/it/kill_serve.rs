//! `serve --sign` under SIGKILL two hundred times while clerks and an approver work: what a browser or a program was told is
//! there, once, what was approved is signed in the end, once, and the audit is whole after each restart.

use std::collections::{BTreeMap, HashSet};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use credential::number::IdentityNumber;
use credential::time::UnixTime;
use issuance::audit::{BEFORE_THE_FIRST, link};
use issuance::id::ApplicationId;
use issuance::register::{AuditStore, CaseStore, CertificateStore, PersonStore, StoreError};
use issuance::transition::State;
use issuance_server::sqlite::SqliteRegister;

use super::office::{case, personal, reviewed, run};
use super::serving::{Officer, Program, Served, free_address, signed_in};

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "sessions are opened at the time that the service's own clock shows"
)]
fn serve_killed_two_hundred_times_loses_no_acknowledged_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run(path, &["init"]).0, 0);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = UnixTime::from_seconds(since.as_secs());
    let clerks = ["clerk", "clerk-2"].map(|login| signed_in(path, login, now));
    let (at, database) = (free_address(), path.join("issuer/issuer.sqlite"));
    let approver = Arc::new(Program::with_token(path, "approver", "decide"));
    let ready = SqliteRegister::open(&database, personal()).unwrap().together(|register| {
        Ok::<_, StoreError>(
            (0..ROUNDS * APPROVALS_A_ROUND).map(|n| (n, reviewed(register, n))).collect::<Vec<_>>(),
        )
    });

    let work = Arc::new(Work { ready: Mutex::new(ready.unwrap()), ..Work::default() });
    let mut chain = (0, BEFORE_THE_FIRST);
    let mut cut_off = 0;
    for round in 0..ROUNDS {
        let served = Served::start(path, at, Stdio::null(), &["--sign"]);
        let mut threads: Vec<_> = (0..4)
            .map(|n| {
                let (work, clerk) = (Arc::clone(&work), clerks[n % 2].clone());
                std::thread::spawn(move || work.go_on(&clerk, at))
            })
            .collect();
        threads.push({
            let (work, approver) = (Arc::clone(&work), Arc::clone(&approver));
            std::thread::spawn(move || work.approve(&approver, at))
        });
        std::thread::sleep(Duration::from_millis(20 + round * 13 % 60));
        served.kill();
        cut_off += threads.into_iter().map(|thread| thread.join().unwrap()).filter(|asked| *asked).count();

        // Opened as the next start opens it; only what is new is walked.
        let register = SqliteRegister::open(&database, personal()).unwrap();
        for row in register.audit_rows(chain.0, usize::MAX).unwrap() {
            let next = (chain.0 + 1, link(&chain.1, chain.0 + 1, &row.entry));
            assert_eq!((row.number, row.hash), next, "round {round}");
            chain = next;
        }
        assert_eq!(register.audit_end(), Ok(chain), "round {round}");
        work.is_all_there(&register, round);
    }
    // The last start signs what is left.
    assert_eq!(run(path, &["issue"]).0, 0);
    let [filed, accepted, approved] =
        [State::Submitted, State::Accepted, State::Approved].map(|state| work.told(state));
    println!(
        "{ROUNDS} rounds, {filed} filed, {accepted} accepted and {approved} approved were told of, {cut_off} cut off"
    );
    assert!(
        filed > ROUNDS as usize && accepted > 0 && approved > 50 && cut_off > 50,
        "{filed} {accepted} {approved} {cut_off}: it proves little"
    );
    let register = SqliteRegister::open(&database, personal()).unwrap();
    assert!(register.faults().unwrap().is_empty());
    work.is_signed_once(&register);
    assert!(run(path, &["audit", "verify"]).1.starts_with("the chain is whole"));
}

/// What browsers asked for and what they were told.
#[derive(Default)]
struct Work {
    next: AtomicU64,
    told: Mutex<BTreeMap<i64, (String, State)>>,
    /// Cases that wait for an approval, with the number of their person.
    ready: Mutex<Vec<(u64, ApplicationId)>>,
}

impl Work {
    /// Files and accepts until the service is gone; whether it went while something was asked.
    fn go_on(&self, clerk: &Officer, at: std::net::SocketAddr) -> bool {
        loop {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            let first = 22_010_219_000_101_000 + n / 900 % 28 * 1000 + n / 25_200 * 10_000_000 + n % 900;
            let number = IdentityNumber::from_first_17(first).unwrap().expose();
            let Some(case) = clerk.enter(at, &number, "王小明") else { return true };
            let id: i64 = case.rsplit('/').next().unwrap().parse().unwrap();
            let before = self.told.lock().unwrap().insert(id, (number, State::Submitted));
            assert!(before.is_none(), "case {id} was told of twice");
            if n.is_multiple_of(3) {
                let Some((status, answer)) = clerk.post(at, &format!("{case}/steps/accept"), &[]) else {
                    return true;
                };
                assert_eq!(status, 303, "{answer}");
                self.told.lock().unwrap().get_mut(&id).unwrap().1 = State::Accepted;
            }
        }
    }

    /// Approves a few cases; whether the service went while one was asked for.
    fn approve(&self, approver: &Program, at: std::net::SocketAddr) -> bool {
        for _ in 0..APPROVALS_A_ROUND {
            let Some((n, id)) = self.ready.lock().unwrap().pop() else { return false };
            let path = format!("/api/v1/applications/{id}/steps");
            let Some((status, answer)) = approver.post(at, &path, r#"{"verb":"approve"}"#) else {
                return true;
            };
            assert_eq!(status, 200, "{answer}");
            let number = case(n).applicant.identity.expose();
            self.told.lock().unwrap().insert(id.get(), (number, State::Approved));
        }
        false
    }

    fn told(&self, wanted: State) -> usize {
        self.told.lock().unwrap().values().filter(|(_, state)| *state == wanted).count()
    }

    /// Everything that was approved, told of or not, has one certificate with its two signed codes, on indices of its own.
    fn is_signed_once(&self, register: &SqliteRegister) {
        let told = self.told.lock().unwrap();
        let mut indices = HashSet::new();
        for (id, (_, state)) in told.iter().filter(|(_, (_, state))| *state == State::Approved) {
            let filed = register.application(ApplicationId::from_stored(*id)).unwrap().unwrap();
            assert_eq!(filed.application.state(), State::Issued, "case {id} was {state:?}");
            let certificates = register.certificates_of(filed.person).unwrap();
            assert_eq!(certificates.len(), 1, "case {id}");
            let credentials = register.credentials(certificates[0].id).unwrap();
            assert_eq!(credentials.len(), 2, "case {id}");
            assert!(credentials.iter().all(|one| indices.insert(one.index)), "an index is used twice");
        }
    }

    /// The newest of what was told each time, all of it at the end.
    fn is_all_there(&self, register: &SqliteRegister, round: u64) {
        let told = self.told.lock().unwrap();
        let newest = if round + 1 == ROUNDS { usize::MAX } else { 40 };
        let mut people = HashSet::new();
        for (id, (number, state)) in told.iter().rev().take(newest) {
            let filed = register.application(ApplicationId::from_stored(*id)).unwrap();
            let filed = filed.unwrap_or_else(|| panic!("round {round}: case {id} is lost"));
            let person = register.person(filed.person).unwrap().unwrap();
            assert_eq!(person.identity.expose(), *number, "case {id} is somebody else's");
            assert!(people.insert(person.id), "{id}: two open cases");
            // A step that nobody was told of may have been taken all the same; what is approved is signed.
            let now = filed.application.state();
            let went_on = matches!((state, now), (State::Submitted, _) | (State::Approved, State::Issued));
            assert!(now == *state || went_on, "case {id} went back");
        }
    }
}

const ROUNDS: u64 = 200;
const APPROVALS_A_ROUND: u64 = 2;
