//! The keys of people's facts exchanged: every sealed cell is sealed anew and opens, kill -9 at any point is gone on from, and
//! no program that knows the earlier keys alone meets a cell it cannot open.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use issuance::casework;
use issuance::document::{self, DocumentKind};
use issuance::register::{CaseStore, CertificateStore, DocumentStore, PersonStore, StoreError};
use issuance_server::personal::{Cell, Personal};
use issuance_server::personal_keys::PersonalKeys;
use issuance_server::sqlite::{Place, SqliteRegister};
use rusqlite::Connection;
use serde_json::Value;

use super::commands::issued;
use super::office::{Seeded, act, approved, at, case, entry, issue, key, personal, program, run, sqlite};
use super::serving::{Program, Served, free_address, signed_in};

/// A row in every table with sealed cells. What no case of a bench has is put there by hand, sealed for its cell.
fn one_of_each(path: &Path) {
    let mut register = sqlite(path);
    approved(&mut register, 0);
    issue(&mut register, &key()).unwrap();
    let day = "2026-11-11";
    let id = act(&mut register, "clerk", day, |r, a| casework::submit(r, &case(1), a)).unwrap().id;
    let kind = DocumentKind::IdentityCard;
    act(&mut register, "clerk", day, |r, a| document::attach(r, id, kind, vec![7; 900], a)).unwrap();
    drop(register);
    let raw = Connection::open(path).unwrap();
    let seal =
        |column, row, number| hex::encode(personal().seal(Cell::numbered(column, row, number), b"fact"));
    let kid = "(SELECT kid FROM issuer_key)";
    raw.execute_batch(&format!(
        "INSERT INTO pass (id, certificate_id, kid, status_index, protected, payload)
           VALUES (1, 1, {kid}, 40001, x'a0', x'{pass}');
         INSERT INTO card_job (id, certificate_id) VALUES (1, 1);
         UPDATE card_job SET stage = 'begun', card = x'0102030405060708';
         UPDATE card_job SET stage = 'prepared', public_key = zeroblob(32), kid = {kid}, status_index = 40002,
           protected = x'a0', payload = x'{card}';
         INSERT INTO account (officer, password, password_set_at, must_change, second_factor)
           VALUES (1, '$argon2id$x', 1, 0, x'{secret}');
         INSERT INTO api_client (officer, name, scopes, token_sha256, added_by, added_at, expires_at)
           VALUES (1, 'x', 'status', zeroblob(32), 1, 1, 2);
         INSERT INTO api_answer (client, idempotency, at, answer) VALUES (1, 'key', 1, x'{answer}');",
        pass = seal("pass.payload", 1, 0),
        card = seal("card_job.payload", 1, 0),
        secret = seal("account.second_factor", 1, 0),
        answer = seal("api_answer.answer", 1, answer_number()),
    ))
    .unwrap();
}

fn answer_number() -> i64 {
    use sha2::{Digest, Sha256};
    let digest: [u8; 32] = Sha256::digest("key").into();
    i64::from_be_bytes(*digest.first_chunk().unwrap())
}

/// For each column that holds sealed cells only: which keys sealed them. A new column is found here by itself.
fn sealed_columns(path: &Path) -> BTreeMap<String, Vec<String>> {
    let raw = Connection::open(path).unwrap();
    let columns = "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
                   WHERE m.type = 'table' AND c.type IN ('BLOB', 'TEXT')";
    let mut columns = raw.prepare(columns).unwrap();
    let names = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let mut sealed = BTreeMap::new();
    for (table, column) in names.map(Result::<(String, String), _>::unwrap) {
        let sql = format!(
            "SELECT CASE typeof({column}) WHEN 'blob' THEN hex({column}) ELSE upper({column}) END FROM {table}
             WHERE {column} IS NOT NULL"
        );
        let mut cells = raw.prepare(&sql).unwrap();
        let cells: Vec<String> = cells.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let is_sealed = |cell: &String| {
            cell.len() > 82 && (cell.starts_with("01") || cell.starts_with("02")) && hex::decode(cell).is_ok()
        };
        if !cells.is_empty() && cells.iter().all(is_sealed) && table != "personal_key" {
            let keys = cells.iter().map(|cell| cell[..2].to_owned()).collect();
            sealed.insert(format!("{table}.{column}"), keys);
        }
    }
    sealed
}

#[test]
fn every_sealed_column_is_sealed_anew_and_opens_and_only_then_is_the_earlier_key_retired() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    one_of_each(&path);
    let before = sealed_columns(&path);
    assert_eq!(before.len(), 12, "{:?}", before.keys());
    let after = PersonalKeys::example().with_next(&mut Seeded(6)).unwrap();
    let both = Personal::new(&after);

    let mut register = SqliteRegister::open(&path, both.clone()).unwrap();
    assert!(register.has_earlier_keys().unwrap());
    let cells = register.cells_by_key().unwrap();
    assert!(cells.len() == 1 && cells[0].0 == 1, "{cells:?}");
    let retire = |register: &mut SqliteRegister| {
        register.retire_keys(at("2026-11-12"), &entry(issuance::audit::Subject::Register))
    };
    let in_use = Err(StoreError::Rule("a key that seals something is not retired"));
    let (mut place, mut sealed) = (Place::default(), 0);
    loop {
        let (done, is_end) = register.seal_anew(&mut place, 2).unwrap();
        sealed += done;
        if is_end {
            break;
        }
        if sealed < cells[0].1 {
            assert_eq!(retire(&mut register), in_use, "after {sealed}");
        }
    }
    assert_eq!((sealed, register.cells_by_key().unwrap()), (cells[0].1, vec![(2, cells[0].1)]));
    for (column, keys) in sealed_columns(&path) {
        assert!(keys.iter().all(|key| key == "02"), "{column}: {keys:?}");
        assert_eq!(before[&column].len(), keys.len());
    }
    retire(&mut register).unwrap();
    assert!(!register.has_earlier_keys().unwrap() && register.faults().unwrap().is_empty());
    drop(register);

    // The newest key alone opens all of it, and the earlier one nothing.
    let newest = Personal::new(&after.newest());
    let register = SqliteRegister::open(&path, newest.clone()).unwrap();
    let person = register.person_by_identity(case(0).applicant.identity).unwrap().unwrap();
    assert_eq!(person.particulars, case(0).applicant.particulars);
    let paper = register.picture(issuance::id::DocumentId::from_stored(1)).unwrap();
    assert_eq!(paper, Some(vec![7; 900]));
    assert!(register.application(issuance::id::ApplicationId::from_stored(1)).unwrap().is_some());
    assert!(register.certificate(issuance::id::CertificateId::from_stored(1)).unwrap().is_some());
    assert_eq!(SqliteRegister::open(&path, personal()).err(), Some(StoreError::WrongKey));
    let raw = Connection::open(&path).unwrap();
    for (sql, column, number) in [
        ("SELECT payload FROM pass", "pass.payload", 0),
        ("SELECT payload FROM card_job", "card_job.payload", 0),
        ("SELECT second_factor FROM account", "account.second_factor", 0),
        ("SELECT answer FROM api_answer", "api_answer.answer", answer_number()),
    ] {
        let cell: Vec<u8> = raw.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(
            newest.open(Cell::numbered(column, 1, number), cell).as_deref(),
            Some(&b"fact"[..]),
            "{column}"
        );
    }
}

#[test]
fn no_hand_with_sql_touches_a_cell_under_the_newest_key_or_retires_a_key_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    one_of_each(&path);
    drop(SqliteRegister::open(&path, personal()).unwrap());
    let raw = Connection::open(&path).unwrap();
    let anew = |column: &str| format!("x'02' || substr({column}, 2)");
    for (table, column, words) in [
        ("step", "facts", "step stays"),
        ("certificate", "components", "certificate stays"),
        ("credential", "payload", "credential stays"),
        ("person", "identity", "person stays"),
        ("document", "picture", "document stays"),
        ("pass", "payload", "pass stays"),
        ("card_job", "payload", "card job stays"),
    ] {
        for value in [anew(column), format!("zeroblob(length({column}))"), "x'02'".to_owned()] {
            let error = raw.execute(&format!("UPDATE {table} SET {column} = CAST({value} AS BLOB)"), []);
            assert!(error.unwrap_err().to_string().contains(words), "{table}.{column} = {value}");
        }
    }
    let born = raw.execute("UPDATE application SET born = '02' || substr(born, 3)", []);
    assert!(born.unwrap_err().to_string().contains("application stays"));
    let particulars =
        "UPDATE application SET particulars = zeroblob(length(particulars)) WHERE state = 'issued'";
    assert!(raw.execute(particulars, []).unwrap_err().to_string().contains("application stays"));
    for (sql, words) in [
        ("INSERT INTO retired_key (number, at) VALUES (1, 1)", "personal key is in use"),
        ("DELETE FROM personal_key", "personal key stays"),
    ] {
        assert!(raw.execute(sql, []).unwrap_err().to_string().contains(words), "{sql}");
    }
    // A key made up by hand opens the cells to its maker, and the register to nobody.
    raw.execute("INSERT INTO personal_key (number, proof) VALUES (2, zeroblob(73))", []).unwrap();
    assert_eq!(SqliteRegister::open(&path, personal()).err(), Some(StoreError::WrongKey));
}

#[test]
fn an_exchange_killed_again_and_again_goes_on_and_no_answer_changes() {
    let folder = issued(25);
    let path = folder.path();
    let keys = path.join("issuer/keys/personal.keys");
    let asked = || {
        let questions: [&[&str]; 3] = [
            &["list", "--json"],
            &["list", "applications", "--json"],
            &["--as", "clerk", "show", "7", "--expose", "--json"],
        ];
        questions.map(|question| {
            let (code, out, err) = run(path, question);
            assert_eq!(code, 0, "{err}");
            out
        })
    };
    let before = asked();
    assert_eq!(run(path, &["backup", "before.sqlite"]).0, 0);
    let seals = || {
        let text = fs::read_to_string(&keys).unwrap();
        text.lines()
            .filter(|line| line.starts_with("seal "))
            .map(|line| line[..6].to_owned())
            .collect::<Vec<_>>()
    };
    let doctor = || run(path, &["doctor", "--json"]).1;
    assert!(doctor().contains("personal key 1 seals everything"));
    let (mut killed, mut halfway) = (0, false);
    for round in 0..40 {
        let mut child = program(path, &["keys", "rotate", "--batch", "1"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(10 + round * 7 % 50));
        let _ = child.kill();
        if child.wait().unwrap().success() {
            break;
        }
        killed += 1;
        if seals() == ["seal 1", "seal 2"] && !halfway {
            halfway = doctor().contains("an exchange of the personal keys was cut off");
            assert_eq!(asked(), before, "round {round}");
            assert!(!halfway || run(path, &["backup", "meanwhile.sqlite"]).0 == 0, "round {round}");
        }
    }
    let (code, out, err) = run(path, &["keys", "rotate", "--json"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(killed > 1 && halfway, "{killed} rounds: it proves little");
    // The last run may have ended by itself; then this one was a second exchange.
    let row: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(seals(), [format!("seal {}", row["key"])]);
    assert!(doctor().contains(&format!("personal key {} seals everything", row["key"])));
    assert_eq!(asked(), before);
    let (code, out, err) = run(path, &["audit", "verify"]);
    assert!(code == 0 && out.starts_with("the chain is whole"), "{err}");
    let register = SqliteRegister::open(&path.join("issuer/issuer.sqlite"), personal());
    assert_eq!(register.err(), Some(StoreError::WrongKey), "the earlier key opens nothing");

    // Backups of before and of meanwhile, on an empty machine, with the keys that were put aside.
    for copy in ["before.sqlite", "meanwhile.sqlite"] {
        let machine = tempfile::tempdir().unwrap();
        let there = machine.path();
        let keys = there.join("issuer/keys");
        fs::create_dir_all(&keys).unwrap();
        for file in fs::read_dir(path.join("issuer/keys")).unwrap().map(Result::unwrap) {
            fs::copy(file.path(), keys.join(file.file_name())).unwrap();
        }
        fs::copy(path.join("issuer/settings.toml"), there.join("issuer/settings.toml")).unwrap();
        fs::copy(path.join(copy), there.join(copy)).unwrap();
        let (code, _, err) = run(there, &["restore", copy]);
        let hint = "a backup of before an exchange: personal.keys.before-N";
        assert!(code == 2 && err.contains(hint), "{copy} does not open with the newest key alone: {err}");
        fs::rename(keys.join("personal.keys.before-2"), keys.join("personal.keys")).unwrap();
        let (code, _, err) = run(there, &["restore", copy]);
        assert_eq!(code, 0, "{copy}: {err}");
        assert_eq!(run(there, &["list", "--json"]).1, before[0], "{copy}");
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "sessions are opened at the time of the service's own clock")]
fn a_service_with_the_earlier_key_holds_the_exchange_up_and_one_with_the_new_key_works_on() {
    let folder = issued(20);
    let path = folder.path();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let clerk = signed_in(path, "clerk", credential::UnixTime::from_seconds(since.as_secs()));
    let counter = Program::with_token(path, "clerk", "write_cases");
    let number = |n| case(n).applicant.identity.expose();

    let served = Served::start(path, free_address(), Stdio::null(), &[]);
    let (code, _, err) = run(path, &["keys", "rotate"]);
    assert!(code == 2 && err.contains("Restart it, then run `keys rotate` again"), "{err}");
    clerk.enter(served.at, &number(100), "王小明").unwrap();
    // A command that knows both keys writes what the service can read: nothing is sealed with the new one yet.
    let (code, out, err) = run(path, &["--as", "clerk", "status", "replace", "3", "--json"]);
    assert_eq!(code, 0, "{err}");
    let case = serde_json::from_str::<Value>(&out).unwrap()["application"].to_string();
    assert_eq!(clerk.get(served.at, &format!("/applications/{case}")).unwrap().0, 200);
    assert!(run(path, &["doctor", "--json"]).1.contains("personal key 2 waits"));
    served.kill();

    let served = Served::start(path, free_address(), Stdio::null(), &[]);
    let at = served.at;
    clerk.enter(at, &number(101), "王小明").unwrap();
    let mut rotate =
        program(path, &["keys", "rotate", "--batch", "3"]).stdout(Stdio::null()).spawn().unwrap();
    let mut entered = 0;
    while rotate.try_wait().unwrap().is_none() {
        let body = serde_json::json!({ "identity_number": number(200 + entered), "name": "王小明", "county": "220102" });
        assert_eq!(counter.post(at, "/api/v1/applications", &body.to_string()).unwrap().0, 201);
        entered += 1;
    }
    assert!(rotate.wait().unwrap().success() && entered > 0);
    assert_eq!(clerk.post(at, "/search", &[("query", &number(100))]).unwrap().0, 200);
    served.kill();
    let (_, listed, _) = run(path, &["list", "applications", "--json"]);
    assert_eq!(listed.lines().count() as u64, 23 + entered);
    assert!(run(path, &["doctor", "--json"]).1.contains("personal key 2 seals everything"));
}

#[test]
fn a_sealed_key_file_stays_sealed_under_its_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("secret"), "correct horse battery\n").unwrap();
    fs::write(path.join("wrong"), "battery horse correct\n").unwrap();
    let real = |secret: &str, args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_zhengka-issuer"));
        command.args(["--lang", "en", "--dir", "real", "--passphrase-file", secret]).args(args);
        let output = command.current_dir(path).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(real("secret", &["init"]).0, 0);
    let file = || fs::read_to_string(path.join("real/keys/personal.keys")).unwrap();
    let before = file();
    let (code, err) = real("wrong", &["keys", "rotate"]);
    assert!(code == 2 && err.contains("personal.keys") && file() == before, "{err}");
    let (code, err) = real("secret", &["keys", "rotate"]);
    assert_eq!(code, 0, "{err}");
    assert!(file() != before && file().starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    assert_eq!(real("secret", &["status"]).0, 0);
    // Put aside, likewise sealed, are both keys: the register opens with them.
    let aside = path.join("real/keys/personal.keys.before-2");
    assert!(fs::read_to_string(&aside).unwrap().starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    fs::rename(aside, path.join("real/keys/personal.keys")).unwrap();
    assert_eq!(real("secret", &["status"]).0, 0);
}
