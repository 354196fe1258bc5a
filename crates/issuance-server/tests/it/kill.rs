//! `issue` under SIGKILL fifty times: what was acknowledged is there, nothing twice, and the rest follows.

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use issuance::register::IssuingStore;
use issuance_server::sqlite::SqliteRegister;

use super::office::{approved_many, case, personal, program, run};

#[test]
fn issue_killed_fifty_times_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run(path, &["init"]).0, 0);
    let database = path.join("issuer/issuer.sqlite");
    let mut register = SqliteRegister::open(&database, personal()).unwrap();
    approved_many(&mut register, (0..PEOPLE).map(case));
    drop(register);

    let mut acknowledged = BTreeMap::new();
    let mut killed = 0;
    for round in 0..ROUNDS {
        let mut child = program(path, &["issue", "--json", "--batch", "7"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        // From before the first batch to well into the run, a little later each time.
        std::thread::sleep(Duration::from_millis(30 + round * 17 % 150));
        let _ = child.kill();
        killed += u32::from(!child.wait().unwrap().success());
        let mut text = Vec::new();
        out.read_to_end(&mut text).unwrap();
        // The last line may be torn: it was not acknowledged.
        for line in String::from_utf8_lossy(&text).split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            let credentials = row["credentials"].to_string();
            let before = acknowledged.insert(row["certificate"].as_i64().unwrap(), credentials);
            assert_eq!(before, None, "acknowledged twice");
        }
    }
    assert!(killed > 10, "only {killed} runs were cut off: the test proves little");

    let (code, _, err) = run(path, &["issue"]);
    assert_eq!(code, 0, "{err}");
    let (_, listed, _) = run(path, &["list", "--json"]);
    let mut indices = HashSet::new();
    let mut applications = HashSet::new();
    let mut found = BTreeMap::new();
    for line in listed.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(applications.insert(row["application"].as_i64()), "a case has two certificates");
        for credential in row["credentials"].as_array().unwrap() {
            assert!(indices.insert(credential["status_index"].as_u64()), "an index is used twice");
        }
        found.insert(row["certificate"].as_i64().unwrap(), row["credentials"].to_string());
    }
    assert_eq!(found.len() as u64, PEOPLE, "everybody has a certificate in the end");
    for (certificate, credentials) in &acknowledged {
        assert_eq!(
            found.get(certificate),
            Some(credentials),
            "an acknowledged certificate is lost or changed"
        );
    }
    let register = SqliteRegister::open(&database, personal()).unwrap();
    assert!(register.prepared(None, 1).unwrap().is_empty());
    assert!(register.faults().unwrap().is_empty());
    assert!(run(path, &["audit", "verify"]).1.starts_with("the chain is whole"));
}

const ROUNDS: u64 = 50;
const PEOPLE: u64 = 2000;
