//! Days when `serve` lacks something: room on the disk, the register, a key file. Each time a page and a problem that say
//! so, nothing lost, and work that goes on by itself when what was lacking is back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use credential::time::UnixTime;
use serde_json::{Value, json};

use super::commands::issued;
use super::office::{case, program, run};
use super::serving::{Officer, Program, Served, config, free_address, signed_in};

/// A disk of a few megabytes, mounted where nobody else sees it; where that is not permitted, files that may grow no
/// further.
enum Disk {
    Small { holder: Child, mounted: PathBuf },
    Limited,
}

impl Disk {
    /// With a copy of a demonstration's folder.
    fn with_copy_of(folder: &Path) -> Self {
        let mounted = folder.join("disk");
        fs::create_dir_all(&mounted).unwrap();
        let script =
            "mount -t tmpfs -o size=6m small \"$1\" && cp -r \"$2\" \"$1\" && echo mounted && exec cat";
        let holder = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"])
            .args([&mounted, &folder.join("issuer")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        if let Ok(mut holder) = holder {
            let mut said = [0; 8];
            let out = holder.stdout.as_mut().unwrap();
            if std::io::Read::read_exact(out, &mut said).is_ok() {
                return Self::Small { holder, mounted };
            }
            let _ = holder.wait();
        }
        println!("no file system can be mounted here: files are limited instead");
        Self::Limited
    }

    /// The folder on it, as its own programs see it.
    fn folder<'a>(&'a self, outside: &'a Path) -> &'a Path {
        match self {
            Self::Small { mounted, .. } => mounted,
            Self::Limited => outside,
        }
    }

    /// A program that sees the disk, with a folder on it or elsewhere.
    fn program(&self, folder: &Path, args: &[&str]) -> Command {
        let inner = program(folder, args);
        let mut outer = match self {
            Self::Small { holder, .. } => {
                let mut outer = Command::new("nsenter");
                outer.args(["--user", "--mount", "--preserve-credentials", "--target"]);
                outer.arg(holder.id().to_string()).arg("--");
                outer
            }
            // The signal for a file that may not grow would end it.
            Self::Limited => {
                let mut outer = Command::new("sh");
                outer.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
                outer
            }
        };
        outer.arg(inner.get_program()).args(inner.get_args()).current_dir("/");
        outer
    }

    /// Takes all the room there is from a running service.
    fn fill(&self, served: &Served) {
        match self {
            Self::Small { .. } => {
                let page = [0; 4096];
                let mut ballast = fs::File::create(self.ballast()).unwrap();
                while std::io::Write::write_all(&mut ballast, &page).is_ok() {}
            }
            Self::Limited => limit(served, "0"),
        }
    }

    fn free(&self, served: &Served) {
        match self {
            Self::Small { .. } => fs::remove_file(self.ballast()).unwrap(),
            Self::Limited => limit(served, "unlimited"),
        }
    }

    /// Seen from outside.
    fn ballast(&self) -> PathBuf {
        let Self::Small { holder, mounted } = self else { unreachable!("files are limited") };
        let inside = mounted.strip_prefix("/").unwrap();
        PathBuf::from(format!("/proc/{}/root", holder.id())).join(inside).join("ballast")
    }

    /// The status and the code that say so: a file that may not grow is no full disk to the system.
    fn refusal(&self) -> (u16, &'static str) {
        match self {
            Self::Small { .. } => (507, "full"),
            Self::Limited => (500, "failed"),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Self::Small { holder, .. } = self {
            let _ = holder.kill();
            let _ = holder.wait();
        }
    }
}

fn limit(served: &Served, bytes: &str) {
    let mut set = Command::new("prlimit");
    set.arg(format!("--pid={}", served.child.id())).arg(format!("--fsize={bytes}:unlimited"));
    assert!(set.status().unwrap().success());
}

#[expect(clippy::disallowed_methods, reason = "sessions are opened at the time of the service's own clock")]
fn clerk(folder: &Path) -> Officer {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    signed_in(folder, "clerk", UnixTime::from_seconds(since.as_secs()))
}

fn number(n: u64) -> String {
    case(n).applicant.identity.expose()
}

fn application(n: u64) -> String {
    json!({ "identity_number": number(n), "name": "王小明", "county": "220102" }).to_string()
}

fn code(problem: &str) -> Value {
    let body = problem.split("\r\n\r\n").nth(1).unwrap_or_default();
    serde_json::from_str::<Value>(body).unwrap()["code"].clone()
}

#[test]
fn a_full_disk_is_said_by_page_and_problem_and_command_and_work_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run(path, &["init"]).0, 0);
    let clerk = clerk(path);
    let counter = Program::with_token(path, "clerk", "write_cases");
    let disk = Disk::with_copy_of(path);
    let at = free_address();
    let served = Served::of(
        disk.program(disk.folder(path), &["serve", "--config", &config(path, at)]),
        at,
        Stdio::null(),
    );
    let command = |args: &[&str]| {
        let output = disk.program(disk.folder(path), args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };

    disk.fill(&served);
    // The log has some room left from before.
    let (mut told, mut refused) = (0, None);
    while refused.is_none() {
        match clerk.send_application(at, &number(told), "王小明").unwrap() {
            (303, _) => told += 1,
            other => refused = Some(other),
        }
        assert!(told < 5000, "the disk is not full");
    }
    let (status, page) = refused.unwrap();
    assert_eq!(status, disk.refusal().0, "{page}");
    let (status, problem) = counter.post(at, "/api/v1/applications", &application(told)).unwrap();
    assert_eq!((status, code(&problem)), (disk.refusal().0, disk.refusal().1.into()), "{problem}");
    if let Disk::Small { .. } = disk {
        assert!(page.contains("磁盘已满") && page.contains("腾出磁盘空间"), "{page}");
        let (code, _, err) =
            command(&["--as", "admin", "client", "add", "clerk", "--name", "x", "--scope", "status"]);
        assert!(
            code == Some(2) && err.contains("the disk is full and nothing was written; make room"),
            "{err}"
        );
        // A copy that finds no room leaves no half of itself in the way of the next.
        let copy = disk.folder(path).join("copy.sqlite");
        let output = disk.program(path, &["backup", copy.to_str().unwrap()]).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && err.contains("the disk is full"), "{err}");
    }
    assert_eq!(clerk.get(at, "/livez").unwrap().0, 200);

    disk.free(&served);
    for _ in 0..3 {
        let (status, answer) = clerk.send_application(at, &number(told), "王小明").unwrap();
        assert_eq!(status, 303, "{answer}");
        told += 1;
    }
    assert_eq!(counter.post(at, "/api/v1/applications", &application(told)).unwrap().0, 201);
    served.kill();
    let listed = command(&["list", "applications", "--json"]).1;
    assert_eq!(listed.lines().count() as u64, told + 1, "what was told of is there, and nothing else");
    let (code, out, err) = command(&["audit", "verify"]);
    assert!(code == Some(0) && out.starts_with("the chain is whole"), "{err}");
    let copy = disk.folder(path).join("copy.sqlite");
    let (code, _, err) = command(&["backup", copy.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{err}");
}

#[test]
fn a_register_held_by_another_process_is_busy_for_pages_and_programs_until_it_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run(path, &["init"]).0, 0);
    let clerk = clerk(path);
    let counter = Program::with_token(path, "clerk", "write_cases");
    let served = Served::start(path, free_address(), Stdio::null(), &[]);
    let at = served.at;
    let holder = rusqlite::Connection::open(path.join("issuer/issuer.sqlite")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Each waits its five seconds; both at once.
    let (page, problem) = std::thread::scope(|scope| {
        let page = scope.spawn(|| clerk.send_application(at, &number(1), "王小明").unwrap());
        let problem = scope.spawn(|| counter.post(at, "/api/v1/applications", &application(2)).unwrap());
        std::thread::sleep(Duration::from_millis(200));
        assert_eq!(clerk.get(at, "/readyz").unwrap().0, 200, "reading goes on");
        (page.join().unwrap(), problem.join().unwrap())
    });
    assert!(page.0 == 503 && page.1.contains("系统繁忙") && page.1.contains("未保存任何内容"), "{}", page.1);
    assert_eq!((problem.0, code(&problem.1)), (503, "busy".into()), "{}", problem.1);
    holder.execute_batch("ROLLBACK").unwrap();
    drop(holder);
    assert_eq!(clerk.send_application(at, &number(1), "王小明").unwrap().0, 303);
    assert_eq!(counter.post(at, "/api/v1/applications", &application(2)).unwrap().0, 201);
    served.kill();
    assert_eq!(run(path, &["audit", "verify"]).0, 0);
}

#[test]
fn a_key_file_that_is_missing_or_damaged_stops_the_start_and_not_a_service_that_runs() {
    let folder = issued(1);
    let path = folder.path();
    let keys = path.join("issuer/keys");
    let config = config(path, free_address());
    let start = || run(path, &["serve", "--sign", "--config", &config]);
    for name in ["issuer.key", "personal.keys", "card.keys"] {
        let (file, aside) = (keys.join(name), keys.join("aside"));
        fs::rename(&file, &aside).unwrap();
        if name != "card.keys" {
            let (code, _, err) = start();
            assert!(code == 2 && err.contains(name), "{name} is missing: {err}");
        }
        fs::create_dir(&file).unwrap();
        let (code, _, err) = start();
        assert!(code == 2 && err.contains(name), "{name} cannot be read: {err}");
        fs::remove_dir(&file).unwrap();
        fs::write(&file, "# torn").unwrap();
        let (code, _, err) = start();
        assert!(code == 2 && err.contains(name), "{name} is no key file: {err}");
        fs::rename(&aside, &file).unwrap();
    }

    let approver = Program::with_token(path, "approver", "decide");
    let (_, out, _) = run(path, &["--as", "clerk", "status", "replace", "1", "--json"]);
    let id = serde_json::from_str::<Value>(&out).unwrap()["application"].to_string();
    assert_eq!(run(path, &["--as", "reviewer", "review", &id]).0, 0);
    let served = Served::start(path, free_address(), Stdio::null(), &["--sign"]);
    fs::rename(&keys, path.join("aside")).unwrap();
    let path_of_steps = format!("/api/v1/applications/{id}/steps");
    let (status, answer) = approver.post(served.at, &path_of_steps, r#"{"verb":"approve"}"#).unwrap();
    assert_eq!(status, 200, "{answer}");
    let raw = rusqlite::Connection::open(path.join("issuer/issuer.sqlite")).unwrap();
    let signed = || {
        let sql = "SELECT count(*) FROM certificate WHERE signed = 1";
        raw.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    for _ in 0..400 {
        if signed() == 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    assert_eq!(signed(), 2, "the keys were read at the start");
    served.kill();
    let (code, _, err) = start();
    assert!(code == 2 && err.contains("keys/"), "{err}");
    fs::rename(path.join("aside"), &keys).unwrap();
    assert_eq!(run(path, &["audit", "verify"]).0, 0);
}
