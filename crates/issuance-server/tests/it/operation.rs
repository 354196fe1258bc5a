//! What an operator meets: a chain somebody worked on with SQL, a check-up, a drill, and the day when something is
//! missing, full, locked or behind. Each time a clear word, and nothing lost.

use std::fs;
use std::path::Path;
use std::process::Command;

use issuance::audit::link;
use issuance::register::AuditStore;
use issuance_server::sqlite::SqliteRegister;
use rusqlite::Connection;
use serde_json::Value;

use super::commands::issued;
use super::office::{personal, program, run};

fn json(folder: &Path, args: &[&str]) -> Value {
    let (code, out, err) = run(folder, &[args, &["--json"]].concat());
    assert_eq!(code, 0, "{out}{err}");
    serde_json::from_str(out.lines().next().unwrap()).unwrap()
}

/// Somebody with the file, SQL and no keys.
fn by_hand(folder: &Path, sql: &str) {
    let shell = Connection::open(folder.join("issuer/issuer.sqlite")).unwrap();
    let guards = "DROP TRIGGER IF EXISTS audit_stays; DROP TRIGGER IF EXISTS audit_is_kept; \
                  DROP TRIGGER IF EXISTS audit_follows;";
    shell.execute_batch(&format!("{guards} {sql}")).unwrap();
}

#[test]
fn every_kind_of_tampering_with_the_audit_is_found_and_where() {
    let original = issued(2);
    let rows = json(original.path(), &["audit", "verify"])["rows"].as_i64().unwrap();
    let copy = || {
        let folder = tempfile::tempdir().unwrap();
        assert!(
            Command::new("cp")
                .arg("-r")
                .arg(original.path().join("issuer"))
                .arg(folder.path())
                .status()
                .unwrap()
                .success()
        );
        folder
    };
    let swap = "UPDATE audit SET number = -1 WHERE number = 5; UPDATE audit SET number = 5 WHERE number = 6;
                UPDATE audit SET number = 6 WHERE number = -1";
    let insert =
        "INSERT INTO audit SELECT number + 1, at, officer_id, origin, deed, subject, subject_id, reason, hash
                  FROM audit ORDER BY number DESC LIMIT 1";
    let last = format!("DELETE FROM audit WHERE number = {rows}");
    let tail = format!("DELETE FROM audit WHERE number > {}", rows - 7);
    for (sql, at) in [
        ("UPDATE audit SET officer_id = 3 WHERE number = 4", 4),
        ("UPDATE audit SET reason = 'x' WHERE number = 4", 4),
        ("UPDATE audit SET deed = 'no such deed' WHERE number = 4", 4),
        ("DELETE FROM audit WHERE number = 4", 4),
        ("DELETE FROM audit WHERE number = 1", 1),
        (swap, 5),
        (insert, rows + 1),
        (&last, rows),
        (&tail, rows - 6),
        ("DELETE FROM audit", 1),
        ("DELETE FROM audit_head", rows + 1),
    ] {
        let folder = copy();
        by_hand(folder.path(), sql);
        let (code, _, err) = run(folder.path(), &["audit", "verify"]);
        assert!(code == 2 && err.contains(&format!("breaks at row {at}:")), "{sql}: {err}");
    }
    assert_eq!(run(copy().path(), &["audit", "verify"]).0, 0);
}

#[test]
fn a_chain_made_up_anew_is_whole_to_the_eye_and_not_to_the_seal_nor_to_a_noted_head() {
    let folder = issued(1);
    let path = folder.path();
    let head = json(path, &["audit", "verify"])["head"].as_str().unwrap().to_owned();
    run(path, &["--as", "clerk", "status", "suspend", "1", "--reason", "data_conflict"]);
    assert_eq!(run(path, &["audit", "verify", "--head", &head]).0, 0, "a head of earlier is in the chain");

    let database = path.join("issuer/issuer.sqlite");
    let register = SqliteRegister::open(&database, personal()).unwrap();
    let mut rows = register.audit_rows(0, usize::MAX).unwrap();
    drop(register);
    let (mut previous, mut sql) = ([0; 32], String::new());
    for row in &mut rows {
        row.entry.at = row.entry.at.plus_seconds(u64::from(row.number > 3));
        previous = link(&previous, row.number, &row.entry);
        let (at, hash) = (row.entry.at.as_seconds(), hex::encode(previous));
        sql += &format!("UPDATE audit SET at = {at}, hash = x'{hash}' WHERE number = {};", row.number);
    }
    by_hand(path, &sql);
    let (code, _, err) = run(path, &["audit", "verify"]);
    assert!(code == 2 && err.contains("the audit chain breaks"), "the end is sealed: {err}");
    let (code, _, err) = run(path, &["--as", "clerk", "status", "lift", "1", "--reason", "cleared"]);
    assert!(code == 2 && err.contains("audit.number"), "nothing is added to such a chain: {err}");

    // With the keys as well, the seal is made up too; the note on paper is not.
    let number = rows.last().unwrap().number;
    let seal = personal().tag("audit_head.seal", &[&number.to_be_bytes()[..], &previous].concat());
    by_hand(path, &format!("UPDATE audit_head SET seal = x'{}'", hex::encode(seal)));
    assert_eq!(run(path, &["audit", "verify"]).0, 0);
    let (code, _, err) = run(path, &["audit", "verify", "--head", &head]);
    assert!(code == 2 && err.contains("the audit chain breaks"), "{err}");
}

#[test]
fn the_doctor_finds_each_illness_and_names_the_cure() {
    use std::os::unix::fs::PermissionsExt;
    let folder = issued(1);
    let path = folder.path();
    let doctor = |more: &[&str]| {
        let (code, out, err) = run(path, &[more, &["doctor", "--json", "--open-keys"]].concat());
        let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(!lines.is_empty(), "{err}");
        (code, lines)
    };
    let says = |lines: &[Value], area: &str, level: &str, words: &str| {
        lines.iter().any(|line| {
            line["area"] == area && line["level"] == level && line["text"].as_str().unwrap().contains(words)
        })
    };
    let (code, lines) = doctor(&[]);
    assert_eq!(code, 0, "{lines:?}");
    for area in ["keys", "disk", "calendar", "database", "audit", "clock"] {
        assert!(
            lines.iter().any(|line| line["area"] == area && line["level"] == "well"),
            "{area}: {lines:?}"
        );
    }
    assert!(says(&lines, "backup", "look", "never backed up"));
    assert_eq!(run(path, &["backup", "b"]).0, 0);
    assert!(says(&doctor(&[]).1, "backup", "well", "0 days"));

    let (code, lines) = doctor(&["--at", "2025-03-01T09:00:00+08:00"]);
    assert!(code == 1 && says(&lines, "clock", "bad", "set it right"), "{lines:?}");
    let (code, lines) = doctor(&["--at", "2040-03-01T09:00:00+08:00"]);
    assert!(
        code == 1 && says(&lines, "calendar", "bad", "2040") && says(&lines, "keys", "bad", "rotate"),
        "{lines:?}"
    );

    let key = path.join("issuer/keys/status.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, lines) = doctor(&[]);
    assert!(code == 1 && says(&lines, "keys", "bad", "chmod 600"), "{lines:?}");
    fs::remove_file(&key).unwrap();
    assert!(says(&doctor(&[]).1, "keys", "bad", "is missing"));
    fs::remove_file(path.join("issuer/trust-list.dct")).unwrap();
    assert!(says(&doctor(&[]).1, "keys", "bad", "trust list"));

    by_hand(path, "DELETE FROM audit WHERE number = 9");
    let (code, lines) = doctor(&[]);
    assert!(code == 1 && says(&lines, "audit", "bad", "row 9"), "{lines:?}");
    assert!(says(&lines, "database", "bad", "audit_stays"), "{lines:?}");
    fs::remove_file(path.join("issuer/keys/personal.keys")).unwrap();
    assert!(says(&doctor(&[]).1, "database", "bad", "personal.keys is missing"));
}

#[test]
fn the_doctor_names_example_keys_at_work_and_a_folder_that_cannot_be_written() {
    let folder = issued(1);
    let settings = folder.path().join("issuer/settings.toml");
    let text = fs::read_to_string(&settings).unwrap();
    assert!(text.contains("demo = true"), "{text}");
    fs::write(&settings, text.replace("demo = true", "demo = false")).unwrap();
    fs::create_dir(folder.path().join("issuer/.doctor")).unwrap();
    let doctor = Command::new(env!("CARGO_BIN_EXE_zhengka-issuer"))
        .args(["--lang", "en", "--dir"])
        .arg(folder.path().join("issuer"))
        .args(["doctor", "--json"])
        .output()
        .unwrap();
    let told = String::from_utf8(doctor.stdout).unwrap();
    let says = |area: &str, words: &str| {
        let bad = format!("\"area\":\"{area}\",\"level\":\"bad\"");
        told.lines().any(|line| line.contains(&bad) && line.contains(words))
    };
    assert_eq!(doctor.status.code(), Some(1), "{told}");
    assert!(says("keys", "issuer is an example key") && says("disk", ".doctor"), "{told}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what lies ahead is counted from the clock of the commands")]
fn the_doctor_tells_beforehand_of_keys_that_end_of_one_nobody_trusts_and_of_an_old_backup() {
    use credential::time::{Date, UnixTime};
    let folder = issued(1);
    let path = folder.path();
    assert_eq!(run(path, &["backup", "b"]).0, 0);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = UnixTime::from_seconds(since.as_secs());
    let doctor = |at: UnixTime| run(path, &["--at", &at.to_string(), "doctor", "--json"]).1;
    let days_later = |days: u64| doctor(now.plus_seconds(days * 86_400));
    let says = |told: &str, level: &str, words: &str| {
        told.lines().any(|line| line.contains(&format!("\"level\":\"{level}\"")) && line.contains(words))
    };
    let told = days_later(7);
    assert!(says(&told, "well", "backed up 7 days ago"), "{told}");
    assert!(says(&days_later(8), "look", "backed up 8 days ago"));
    let until = told.split(" good until ").nth(1).unwrap().split('"').next().unwrap();
    let end = Date::parse(until).unwrap().to_days();
    let before = |days: u64| doctor(Date::from_days(end - days).start_in_china());
    let (early, late) = (before(92), before(89));
    assert!(says(&early, "well", "status") && !early.contains(" ends on "), "{early}");
    assert!(says(&late, "look", &format!("status ends on {until}")), "{late}");

    let other = keystore::SigningKey::from_seed(zeroize::Zeroizing::new([5; 32])).public().to_string();
    fs::write(path.join("issuer/keys/status.pub"), other).unwrap();
    assert!(says(&doctor(now), "bad", "status is not in the trust list"));
    fs::write(path.join("issuer/keys/status.pub"), "torn").unwrap();
    assert!(says(&doctor(now), "bad", "status.pub"));
    fs::remove_file(path.join("issuer/keys/card.keys")).unwrap();
    assert!(says(&doctor(now), "look", "cards cannot be written"));
    // A log that only grows: somebody has been reading for hours.
    let log = fs::File::create(path.join("issuer/issuer.sqlite-wal")).unwrap();
    log.set_len(300 << 20).unwrap();
    assert!(says(&doctor(now), "look", "the write-ahead log has 300 MiB"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "sessions are opened at the time of the service's own clock")]
fn a_copy_restored_on_an_empty_machine_answers_byte_for_byte() {
    use super::serving::{Program, Served, free_address, signed_in};
    let folder = issued(3);
    let path = folder.path();
    run(path, &["--as", "clerk", "status", "suspend", "2", "--reason", "data_conflict"]);
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let clerk = signed_in(path, "clerk", credential::UnixTime::from_seconds(since.as_secs()));
    let reader = Program::with_token(path, "clerk", "read_cases,read_certificates,read_credentials");
    let shown = json(path, &["--as", "clerk", "show", "1", "--expose"]);
    let number = shown["number"].as_str().unwrap().get(..18).unwrap().to_owned();
    let told = json(path, &["backup", "copy.sqlite"]);
    let text = |key: &str| told[key].as_str().unwrap().to_owned();
    let (sha256, answers) = (text("sha256"), text("answers"));
    let drilled =
        json(path, &["drill", "copy.sqlite", "--expect", &sha256, "--answers", &answers, "--place", "."]);
    assert_eq!(drilled["answers"], told["answers"]);
    assert!(
        !fs::read_dir(path).unwrap().any(|entry| entry
            .unwrap()
            .file_name()
            .to_str()
            .unwrap()
            .contains("drill"))
    );
    assert_eq!(run(path, &["drill", "copy.sqlite", "--expect", "00"]).0, 2);
    assert_eq!(run(path, &["drill", "copy.sqlite", "--answers", "00"]).0, 2);

    // Another machine: the copy, the keys from the safe, the settings; no register.
    let machine = tempfile::tempdir().unwrap();
    let there = machine.path();
    fs::create_dir_all(there.join("issuer")).unwrap();
    let copied = Command::new("cp")
        .arg("-r")
        .arg(path.join("issuer/keys"))
        .arg(path.join("issuer/settings.toml"))
        .arg(there.join("issuer"))
        .status()
        .unwrap();
    assert!(copied.success());
    fs::copy(path.join("copy.sqlite"), there.join("copy.sqlite")).unwrap();
    let restored = json(there, &["restore", "copy.sqlite", "--expect", &sha256]);
    assert_eq!(restored["answers"], told["answers"]);
    for question in [
        &["list", "--json"][..],
        &["list", "applications", "--json"],
        &["show", "1", "--json"],
        &["show", "2", "--json"],
        &["officer", "list", "--json"],
    ] {
        let (here, there) = (run(path, question), run(there, question));
        assert_eq!(here.1, there.1, "{question:?}");
        assert!(here.0 == 0 && !here.1.is_empty());
    }
    let qr = |folder: &Path| {
        assert_eq!(run(folder, &["qr", "--out", "p"]).0, 0);
        let mut pictures: Vec<_> =
            fs::read_dir(folder.join("p")).unwrap().map(|entry| entry.unwrap().path()).collect();
        pictures.sort();
        pictures.iter().map(|picture| fs::read(picture).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(qr(path), qr(there));
    // What a service tells browsers and programs, under the sessions and tokens of before.
    let told = |folder: &Path| {
        let served = Served::start(folder, free_address(), std::process::Stdio::null(), &[]);
        let body = |(status, answer): (u16, String)| {
            assert_eq!(status, 200, "{answer}");
            answer.split_once("\r\n\r\n").unwrap().1.to_owned()
        };
        let pages =
            ["/", "/applications", "/certificates", "/applications/1", "/people/1", "/certificates/2"];
        let mut told = pages.map(|page| body(clerk.get(served.at, page).unwrap())).to_vec();
        for path in
            ["applications", "applications/1", "certificates", "certificates/1/credentials", "people/2"]
        {
            told.push(body(reader.get(served.at, &format!("/api/v1/{path}")).unwrap()));
        }
        told.push(body(clerk.post(served.at, "/search", &[("query", &number)]).unwrap()));
        served.kill();
        told
    };
    let (here, there_too) = (told(path), told(there));
    for (at, (here, there)) in here.iter().zip(&there_too).enumerate() {
        assert!(here == there && here.len() > 100, "answer {at}: {here}\n{there}");
    }

    // A backup of a register with other keys is no backup for this one.
    fs::write(there.join("issuer/keys/personal.keys"), "lookup 00\n").unwrap();
    assert_eq!(run(there, &["drill", "copy.sqlite"]).0, 2);
}

#[test]
fn what_comes_to_its_renewal_is_listed_for_the_letters_that_go_out() {
    use credential::time::Date;
    let folder = issued(2);
    let path = folder.path();
    let end = Date::parse(json(path, &["show", "1"])["expires"].as_str().unwrap()).unwrap().to_days();
    let list = |days_before: i64, more: &[&str]| {
        let at = Date::from_days((end as i64 - days_before) as u64).start_in_china().to_string();
        let (code, out, err) = run(path, &[&["--at", &at, "list", "renewals", "--json"], more].concat());
        assert_eq!(code, 0, "{err}");
        out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(list(91, &[]).len(), 0);
    let due = list(90, &[]);
    assert_eq!(due.len(), 2);
    assert!(due.iter().all(|row| row["renewal"] == "due" && row["number"].as_str().unwrap().contains('*')));
    assert!(list(0, &[]).iter().all(|row| row["renewal"] == "ended"));
    assert_eq!(
        (list(0, &["--state", "due"]).len(), list(0, &["--state", "ended", "--limit", "1"]).len()),
        (0, 1)
    );
    assert_eq!(list(0, &["--region", "11"]).len(), 0);
    assert_eq!(run(path, &["list", "renewals", "--state", "valid"]).0, 2);
    assert_eq!(run(path, &["--as", "clerk", "status", "replace", "1"]).0, 0);
    let left = list(90, &[]);
    assert!(left.len() == 1 && left[0]["certificate"] == 2, "what is lost is revoked: {left:?}");
}

#[test]
fn a_register_that_another_program_holds_is_busy_and_nothing_is_lost() {
    let folder = issued(1);
    let path = folder.path();
    let holder = Connection::open(path.join("issuer/issuer.sqlite")).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let suspend = ["--as", "clerk", "status", "suspend", "1", "--reason", "data_conflict"];
    let (code, _, err) = run(path, &suspend);
    assert!(code == 2 && err.contains("another program holds the register"), "{err}");
    assert_eq!(run(path, &["status"]).0, 0, "reading goes on");
    holder.execute_batch("ROLLBACK").unwrap();
    drop(holder);
    assert_eq!(run(path, &suspend).0, 0);
    assert_eq!(run(path, &["audit", "verify"]).0, 0);
}

#[test]
fn a_disk_without_room_is_named_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run(path, &["init"]).0, 0);
    let applicants = fs::read_to_string(super::commands::applicants(path, 400)).unwrap();
    assert!(applicants.lines().count() > 400);
    // Files stop growing somewhere within the import; the signal for it is ignored, so that the write fails instead.
    let import = program(path, &["--as", "clerk", "import", "a.csv"]);
    let limited = |blocks: u32| {
        let mut shell = Command::new("sh");
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        shell.args(["-c", &script, "sh"]).arg(import.get_program()).args(import.get_args()).current_dir(path);
        let output = shell.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let blocks = fs::metadata(path.join("issuer/issuer.sqlite")).unwrap().len() / 512 + 200;
    let (code, err) = limited(u32::try_from(blocks).unwrap());
    assert!(
        code == Some(2) && (err.contains("look at disk") || err.contains("the disk is full")),
        "{code:?} {err}"
    );
    assert_eq!(run(path, &["audit", "verify"]).0, 0, "what was written before is whole");
    let (code, out, _) = run(path, &["--as", "clerk", "import", "a.csv"]);
    assert_eq!(code, 0, "with room again the import goes on: {out}");
    assert_eq!(
        run(path, &["list", "applications", "--json"]).1.lines().count(),
        400,
        "nothing twice, nothing lost"
    );
}

#[test]
fn a_clock_that_was_set_back_stops_the_work_and_not_the_register() {
    let folder = issued(1);
    let path = folder.path();
    let (_, out, _) = run(path, &["--as", "clerk", "status", "replace", "1", "--json"]);
    let case = serde_json::from_str::<Value>(&out).unwrap()["application"].to_string();
    let back = ["--at", "2026-01-01T09:00:00+08:00", "--as", "reviewer", "review", &case];
    let (code, out, err) = run(path, &back);
    assert!(code != 0 && (out + &err).contains("clock"), "the clock is named");
    assert_eq!(run(path, &["--as", "reviewer", "review", &case]).0, 0);
    assert_eq!(run(path, &["audit", "verify"]).0, 0);
}

#[test]
fn when_every_administrator_is_lost_the_machine_lets_one_in_and_everybody_is_told() {
    let folder = issued(1);
    let path = folder.path();
    let recover = |login: &str, more: &[&str]| {
        run(path, &[&["officer", "recover", login, "--every-administrator-is-lost"], more].concat())
    };
    assert_eq!(run(path, &["officer", "recover", "admin"]).0, 2, "it has to be said that all are lost");
    let (code, _, err) = recover("clerk", &[]);
    assert!(code == 2 && err.contains("power"), "nobody else becomes one: {err}");
    let (code, _, err) = recover("admin-2", &[]);
    assert!(code == 2 && err.contains("no officer `admin-2`"), "{err}");
    let (code, _, err) = recover("Admin 2", &["--name", "新管理员"]);
    assert!(code == 2 && err.contains("LOGIN"), "{err}");
    let issuer_key = path.join("issuer/keys/issuer.key");
    fs::rename(&issuer_key, path.join("aside")).unwrap();
    let (code, _, err) = recover("admin", &[]);
    assert!(code == 2 && err.contains("issuer.key"), "the machine alone is not enough: {err}");
    fs::rename(path.join("aside"), &issuer_key).unwrap();
    let deeds = |deed: &str| {
        let database = path.join("issuer/issuer.sqlite");
        let rows = SqliteRegister::open(&database, personal()).unwrap().audit_rows(0, usize::MAX).unwrap();
        rows.iter().filter(|row| row.entry.deed.to_stored() == deed).count()
    };
    assert_eq!(
        (deeds("administrator_recovered"), deeds("account_reset")),
        (0, 1),
        "a refusal leaves no trace"
    );

    let (code, out, err) = recover("admin", &[]);
    assert!(
        code == 0 && err.contains("Warning") && out.contains("one-time password of admin: "),
        "{out}{err}"
    );
    assert_eq!((deeds("administrator_recovered"), deeds("account_reset")), (1, 2));
    let (code, out, _) = recover("admin-2", &["--name", "新管理员"]);
    assert!(code == 0 && out.contains("one-time password of admin-2: "), "{out}");
    assert_eq!(recover("admin-2", &[]).0, 0, "once more, now that there is one");
    let appoint =
        ["--as", "admin-2", "officer", "add", "new", "--name", "某", "--role", "clerk", "--region", "22"];
    assert_eq!(run(path, &appoint).0, 0, "an administrator as any other");

    let told =
        |at: &str| run(path, &["--at", at, "doctor", "--json"]).1.contains("an administrator was recovered");
    let now = run(path, &["doctor", "--json"]).1;
    assert!(now.contains("an administrator was recovered at the machine"), "{now}");
    assert!(!told("2040-01-01T09:00:00+08:00"), "not for ever");
    let log = fs::File::create(path.join("log")).unwrap();
    let served = super::serving::Served::start(path, super::serving::free_address(), log.into(), &[]);
    served.kill();
    let log = fs::read_to_string(path.join("log")).unwrap();
    assert!(log.contains("Warning: an administrator was recovered at the machine"), "{log}");
    assert_eq!(run(path, &["audit", "verify"]).0, 0);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "sessions are opened at the time of the service's own clock")]
fn a_copy_made_under_load_is_the_register_of_one_instant() {
    use super::serving::{Served, free_address, signed_in};
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    let folder = issued(30);
    let path = folder.path();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = credential::UnixTime::from_seconds(since.as_secs());
    let clerks = ["clerk", "clerk-2"].map(|login| signed_in(path, login, now));
    let served = Served::start(path, free_address(), std::process::Stdio::null(), &[]);
    let (next, told, stop) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let (before, after, copied) = std::thread::scope(|scope| {
        let (next, told, stop, at) = (&next, &told, &stop, served.at);
        for clerk in &clerks {
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let n = 100 + next.fetch_add(1, Ordering::Relaxed);
                    let number = super::office::case(n).applicant.identity.expose();
                    clerk.enter(at, &number, "王小明").unwrap();
                    told.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while told.load(Ordering::Relaxed) < 20 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let before = told.load(Ordering::Relaxed);
        let copied = run(path, &["backup", "copy.sqlite", "--json"]);
        let after = next.load(Ordering::Relaxed);
        while told.load(Ordering::Relaxed) < after + 10 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        stop.store(true, Ordering::Relaxed);
        (before, after, copied)
    });
    served.kill();
    assert_eq!(copied.0, 0, "{}", copied.2);
    let told: Value = serde_json::from_str(copied.1.trim()).unwrap();
    let [sha256, head, answers] = ["sha256", "audit_head", "answers"].map(|key| told[key].as_str().unwrap());

    let drilled =
        json(path, &["drill", "copy.sqlite", "--expect", sha256, "--answers", answers, "--place", "."]);
    assert_eq!(drilled["sha256"].as_str(), Some(sha256));
    // All audit rows of the instant are rows of the register that went on, and each case of then has its row.
    assert_eq!(run(path, &["audit", "verify", "--head", head]).0, 0);
    let cases = |database: &Path| {
        let register = SqliteRegister::open_read_only(database, personal()).unwrap();
        let rows = register.audit_rows(0, usize::MAX).unwrap();
        let filed = rows.iter().filter(|row| row.entry.deed.to_stored() == "step.submit").count() as u64;
        let raw = Connection::open(database).unwrap();
        let kept = raw.query_row("SELECT count(*) FROM application", [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(filed, kept.unsigned_abs());
        filed
    };
    let (copy, whole) = (cases(&path.join("copy.sqlite")), cases(&path.join("issuer/issuer.sqlite")));
    assert!(30 + before <= copy && copy <= 30 + after && copy < whole, "{before} {copy} {after} {whole}");
}
