//! `serve` under SIGKILL two hundred times while clerks and an approver work: what a browser was told is there, once, and
//! the audit is whole after each restart.

use std::collections::{BTreeMap, HashSet};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use credential::number::IdentityNumber;
use credential::time::UnixTime;
use issuance::audit::{BEFORE_THE_FIRST, link};
use issuance::id::ApplicationId;
use issuance::register::Register;
use issuance::transition::State;
use issuance_server::sqlite::SqliteRegister;

use super::office::{personal, run};
use super::serving::{Officer, Served, free_address, signed_in};

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

    let work = Arc::new(Work::default());
    let mut chain = (0, BEFORE_THE_FIRST);
    let mut cut_off = 0;
    for round in 0..ROUNDS {
        let served = Served::start(path, at, Stdio::null(), &[]);
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let (work, clerk) = (Arc::clone(&work), clerks[n % 2].clone());
                std::thread::spawn(move || work.go_on(&clerk, at))
            })
            .collect();
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
    let (filed, accepted) = work.told();
    println!(
        "{ROUNDS} rounds, {filed} filed and {accepted} accepted were told of, {cut_off} requests cut off"
    );
    assert!(
        filed as u64 > ROUNDS && accepted > 0 && cut_off > 50,
        "{filed} {accepted} {cut_off}: it proves little"
    );
    let register = SqliteRegister::open(&database, personal()).unwrap();
    assert!(register.faults().unwrap().is_empty());
    assert!(run(path, &["audit", "verify"]).1.starts_with("the chain is whole"));
}

/// What browsers asked for and what they were told.
#[derive(Default)]
struct Work {
    next: AtomicU64,
    told: Mutex<BTreeMap<i64, (String, State)>>,
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

    fn told(&self) -> (usize, usize) {
        let told = self.told.lock().unwrap();
        (told.len(), told.values().filter(|(_, state)| *state == State::Accepted).count())
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
            // A step that nobody was told of may have been taken all the same.
            assert!(filed.application.state() == *state || *state == State::Submitted, "case {id} went back");
        }
    }
}

const ROUNDS: u64 = 200;
