//! `serve` on the register of a province, 0.8 M certificates: pages that find, list and create, and programs that approve
//! what is then signed, with 1, 16 and 64 clients over sockets of their own. The register takes minutes to make and is kept.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use credential::region::Region;
use credential::time::UnixTime;
use indicatif::{ProgressBar, ProgressStyle};
use issuance::casework::NewCase;
use issuance::register::{IssuingStore, StoreError};
use issuance::text::Text;
use issuance_server::sqlite::SqliteRegister;

#[path = "../tests/it/office.rs"]
#[expect(dead_code, reason = "the office of the tests; a bench needs a part of it")]
mod office;
#[path = "../tests/it/serving.rs"]
#[expect(dead_code, reason = "the service of the tests; a bench needs a part of it")]
mod serving;

use serving::{Program, Served, free_address, signed_in};

fn main() {
    let folder = province();
    let mut register = open(&folder);
    let mut next = people(&folder);
    let waiting = CLIENTS.map(|_| {
        let made = register.together(|register| -> Result<_, StoreError> {
            Ok(office::filed_many(register, (next..next + APPROVALS).map(case), 4))
        });
        next += APPROVALS;
        made.expect("cases can be made ready")
    });
    next = open_cases(&folder, &mut register, next);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
    let now = UnixTime::from_seconds(since.as_secs());
    // An officer of a county that has no case: the longest way through a list.
    let _ = office::run(&folder, &APPOINT_IN_AN_EMPTY_COUNTY);
    forget_sessions(&folder);
    let [clerk, county, approver] =
        ["clerk", "county", "approver"].map(|login| signed_in(&folder, login, now));
    let program = Program::with_token(&folder, "approver", "decide");

    let (at, started) = (free_address(), Instant::now());
    let served = Served::start(&folder, at, Stdio::null(), &["--sign"]);
    println!("{:<44} {:>10.0} ms", "start, until it answers 启动", started.elapsed().as_secs_f64() * 1e3);
    println!("{:<44} {:>10} MB", "memory, resident 内存", resident(served.child.id()) / 1024);
    println!(
        "{:<28} {:>7} {:>9} {:>9} {:>9}",
        "on 0.8 M certificates", "clients", "per s", "p50 ms", "p99 ms"
    );
    let next = AtomicU64::new(next);
    for (clients, waiting) in CLIENTS.into_iter().zip(waiting) {
        measure("find 查找", clients, FINDS, |n| {
            let number = case(n * 7919 % PEOPLE).applicant.identity.expose();
            let (status, page) = clerk.post(at, "/search", &[("query", &number)]).expect("an answer");
            assert!(status == 200 && page.contains("/people/"), "{status}: nobody found");
        });
        for (what, path) in [
            ("work list 首页", "/"),
            ("list of cases 案件", "/applications"),
            ("overdue cases 逾期", "/applications?due=overdue"),
            ("renewals 换领", "/certificates/renewals"),
        ] {
            measure(what, clients, LISTS, |n| {
                let officer = if n % 2 == 0 { &clerk } else { &county };
                assert_eq!(officer.get(at, path).expect("an answer").0, 200);
            });
        }
        measure("approver's queue 待批准", clients, LISTS / 5, |_| {
            assert_eq!(approver.get(at, "/").expect("an answer").0, 200);
        });
        measure("create 受理", clients, CREATES, |_| {
            let number = case(next.fetch_add(1, Ordering::Relaxed)).applicant.identity.expose();
            clerk.enter(at, &number, "王小明").expect("filed");
        });
        let started = Instant::now();
        measure("approve, API 批准", clients, APPROVALS, |n| {
            let path = format!("/api/v1/applications/{}/steps", waiting[n as usize]);
            let (status, answer) = program.post(at, &path, r#"{"verb":"approve"}"#).expect("an answer");
            assert_eq!(status, 200, "{answer}");
        });
        until_signed(&register);
        let per_second = APPROVALS as f64 / started.elapsed().as_secs_f64();
        println!("{:<28} {clients:>7} {per_second:>9.0}", "approved and signed, durable");
    }
    println!("{:<44} {:>10} MB", "memory, resident 内存", resident(served.child.id()) / 1024);
    served.kill();
}

/// The folder of a demonstration whose register holds a province; made once, then kept with the build's own files.
fn province() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("province");
    if folder.join(COMPLETE).exists() {
        return folder;
    }
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    println!("making the register of a province, some minutes 正在建立一省的登记库");
    let started = Instant::now();
    assert_eq!(office::run(&folder, &["init"]).0, 0);
    let mut register = open(&folder);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len}  {per_sec}  {eta}").expect("a template");
    let bar = ProgressBar::new(PEOPLE).with_style(style);
    for first in (0..PEOPLE).step_by(AT_ONCE) {
        let made = register.together(|register| -> Result<_, StoreError> {
            office::approved_many(register, (first..first + AT_ONCE as u64).map(case));
            Ok(())
        });
        made.expect("cases can be filed");
        bar.inc(AT_ONCE as u64);
    }
    bar.finish_and_clear();
    println!("{:<44} {:>10.0} s", "approved, in transactions of 10 000", started.elapsed().as_secs_f64());
    let started = Instant::now();
    let mut issue = office::program(&folder, &["issue", "--batch", "10000"]);
    assert!(issue.stdout(Stdio::null()).status().expect("the program starts").success());
    println!("{:<44} {:>10.0} s", "signed 签发", started.elapsed().as_secs_f64());
    std::fs::write(folder.join(COMPLETE), "").expect("a file can be written");
    folder
}

/// Of somebody in one of a province's sixty counties, three people to a house.
fn case(n: u64) -> NewCase {
    let mut case = office::case(n);
    case.applicant.home = Region::from_code(220_101 + n % 6 * 100 + n / 6 % 10).expect("a county's code");
    case.applicant.particulars.address =
        Some(Text::parse(&format!("样例街 {} 号", n / 180)).expect("a line"));
    case
}

fn open(folder: &Path) -> SqliteRegister {
    SqliteRegister::open(&folder.join(REGISTER), office::personal()).expect("the register opens")
}

/// How many people there are: earlier runs have added some.
fn people(folder: &Path) -> u64 {
    let raw = rusqlite::Connection::open(folder.join(REGISTER)).expect("the register opens");
    let count = raw.query_row("SELECT count(*) FROM person", [], |row| row.get::<_, i64>(0));
    count.expect("people can be counted").unsigned_abs()
}

/// A province's cases whose notice has run out: some three hundred begin on a working day. Made once.
fn open_cases(folder: &Path, register: &mut SqliteRegister, next: u64) -> u64 {
    let raw = rusqlite::Connection::open(folder.join(REGISTER)).expect("the register opens");
    let sql = "SELECT count(*) FROM application WHERE state = 'noticed'";
    let open = raw.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("cases can be counted");
    let end = next + OPEN.saturating_sub(open.unsigned_abs());
    let made = register.together(|register| -> Result<_, StoreError> {
        office::filed_many(register, (next..end).map(case), 3);
        Ok(())
    });
    made.expect("cases can be filed");
    end
}

/// Those of an earlier run: each run signs in with the same tokens.
fn forget_sessions(folder: &Path) {
    let raw = rusqlite::Connection::open(folder.join(REGISTER)).expect("the register opens");
    raw.execute("DELETE FROM session", []).expect("sessions are not kept for ever");
}

/// Shares so many requests among the clients, each on its own thread.
fn measure(what: &str, clients: usize, requests: u64, request: impl Fn(u64) + Sync) {
    let (at, started) = (AtomicU64::new(0), Instant::now());
    let client = || {
        let mut took = Vec::new();
        loop {
            let n = at.fetch_add(1, Ordering::Relaxed);
            if n >= requests {
                return took;
            }
            let asked = Instant::now();
            request(n);
            took.push(asked.elapsed());
        }
    };
    let mut took: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients).map(|_| scope.spawn(client)).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a client that fails says why")).collect()
    });
    let per_second = requests as f64 / started.elapsed().as_secs_f64();
    took.sort_unstable();
    let ms = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what:<28} {clients:>7} {per_second:>9.0} {:>9.1} {:>9.1}", ms(0.5), ms(0.99));
}

/// Waits until nothing that was approved is left unsigned.
fn until_signed(register: &SqliteRegister) {
    let waits = || {
        let approved = register.approved(None, 1).expect("cases can be read");
        let prepared = register.prepared(None, 1).expect("certificates can be read");
        !approved.is_empty() || !prepared.is_empty()
    };
    while waits() {
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Kilobytes of a process in memory, as proc(5) says.
fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

const REGISTER: &str = "issuer/issuer.sqlite";
/// Says that the register is whole: what was cut off is made again.
const COMPLETE: &str = "complete-800000";
const PEOPLE: u64 = 800_000;
/// Twenty working days of them.
const OPEN: u64 = 6000;
const AT_ONCE: usize = 10_000;
const APPOINT_IN_AN_EMPTY_COUNTY: [&str; 11] = [
    "--as",
    "admin",
    "officer",
    "add",
    "county",
    "--name",
    "某某",
    "--role",
    "clerk,reviewer",
    "--region",
    "220699",
];
const CLIENTS: [usize; 3] = [1, 16, 64];
const FINDS: u64 = 2000;
const LISTS: u64 = 500;
const CREATES: u64 = 1000;
const APPROVALS: u64 = 500;
