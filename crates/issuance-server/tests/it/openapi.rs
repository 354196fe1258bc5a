//! The running service asked by somebody else's tool what its OpenAPI document promises: schemathesis draws requests from
//! the document, good and bad ones, and holds each answer to it. Every operation is asked with a token for just the
//! scopes that the document names, so that a scope which is not enough shows.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use issuance_server::sqlite::SqliteRegister;
use serde_json::Value;

use super::commands::issued;
use super::office::{personal, run};
use super::serving::{Served, free_address};

#[test]
fn no_request_that_the_document_allows_or_forbids_is_answered_otherwise_than_it_says() {
    let folder = issued(6);
    let path = folder.path();
    let roles = "clerk,assessor,reviewer,approver,card_operator,auditor";
    let everything = ["--name", "样例", "--role", roles, "--kind", "province", "--region", "22"];
    as_admin(path, &[&["officer", "add", "every"][..], &everything].concat());
    for change in [["suspend", "1", "--reason", "data_conflict"], ["revoke", "2", "--reason", "death"]] {
        assert_eq!(run(path, &[&["--as", "clerk", "status"][..], &change].concat()).0, 0, "{change:?}");
    }
    assert_eq!(run(path, &["--as", "card", "card-job", "order", "3"]).0, 0);
    assert_eq!(run(path, &["bundle", "export", "first.dcb"]).0, 0);
    let (at, log) = (free_address(), fs::File::create(path.join("log")).unwrap());
    let served = Served::start(path, at, Stdio::from(log), &["--sign"]);

    let every = Tool { folder: path, at, login: "every" };
    let asked = every.ask(&["--max-examples", "6", "--phases", "examples,coverage,fuzzing"]);
    // Those who may do the least: what they are refused is as described.
    let doctor = Tool { login: "doctor-1", ..every }.ask(&["--phases", "examples,coverage"]);
    served.kill();

    let log = fs::read_to_string(path.join("log")).unwrap();
    let mut statuses: BTreeMap<u64, usize> = BTreeMap::new();
    for line in log.lines().filter(|line| line.starts_with('{')) {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(status) = line["status"].as_u64() {
            *statuses.entry(status).or_default() += 1;
        }
    }
    println!("{asked} and {doctor} requests; answers by status: {statuses:?}");
    assert!(statuses.keys().all(|status| *status < 500), "{statuses:?}");
    for status in [200, 201, 400, 401, 403, 404, 405, 409, 415, 422] {
        assert!(statuses.contains_key(&status), "never answered {status}, so it proves little: {statuses:?}");
    }
    let register = SqliteRegister::open(&path.join("issuer/issuer.sqlite"), personal()).unwrap();
    assert!(register.faults().unwrap().is_empty());
    assert!(run(path, &["audit", "verify"]).1.starts_with("the chain is whole"));
}

fn as_admin(folder: &Path, args: &[&str]) -> String {
    let (code, out, err) = run(folder, &[&["--as", "admin"], args, &["--json"]].concat());
    assert_eq!(code, 0, "{args:?}: {out}{err}");
    out
}

/// Schemathesis, from `target/python`, in the name of one officer.
#[derive(Clone, Copy)]
struct Tool<'a> {
    folder: &'a Path,
    at: SocketAddr,
    login: &'a str,
}

impl Tool<'_> {
    /// Runs it; how many requests it made. What it has to say against the service is the failure.
    fn ask(self, how: &[&str]) -> u64 {
        fs::write(self.folder.join("schemathesis.toml"), self.settings()).unwrap();
        fs::write(self.folder.join("hooks.py"), HOOKS).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let output = Command::new(root.join("target/python/bin/python"))
            .args(["-m", "schemathesis.cli", "--no-color", "run", "--seed", "7", "--continue-on-failure"])
            .args(["--no-shrink", "--report", "json", "--report-json-path", "report.json"])
            .args(how)
            .arg(format!("http://{}/api/v1/openapi.json", self.at))
            .current_dir(self.folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .output()
            .expect("target/python: run `cargo xtask setup`");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        let count = |after: &str| -> u64 {
            let (_, rest) = said.split_once(after).unwrap_or_else(|| panic!("no `{after}`: {said}"));
            let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
            digits.parse().unwrap()
        };
        let routes = issuance_server::web::api::routes().table().len() as u64;
        // The document itself is where it begins.
        assert_eq!(count("Tested:"), routes - 1, "an operation was left out: {said}");
        count("Test cases:")
    }

    /// Each operation with a token of its own scopes.
    fn settings(self) -> String {
        let document: Value =
            serde_json::from_str(&issuance_server::web::api::document::text().unwrap()).unwrap();
        let operations = document["paths"].as_object().unwrap().values();
        let operations = operations.flat_map(|item| item.as_object().unwrap().values());
        let mut by_scopes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for operation in operations {
            let Some(alternatives) = operation["security"].as_array() else { continue };
            let scopes: Vec<_> = alternatives.iter().map(|one| one["token"][0].as_str().unwrap()).collect();
            by_scopes.entry(scopes.join(",")).or_default().push(operation["operationId"].as_str().unwrap());
        }
        let mut text = SETTINGS.to_owned();
        for (scopes, operations) in by_scopes {
            let added =
                as_admin(self.folder, &["client", "add", self.login, "--name", "x", "--scope", &scopes]);
            let added: Value = serde_json::from_str(&added).unwrap();
            let token = added["token"].as_str().unwrap();
            text += &format!(
                "[[operations]]\ninclude-operation-id = {operations:?}\nheaders = {{ Authorization = \"Bearer {token}\" }}\n"
            );
        }
        text
    }
}

/// A form can be as described and still break a rule: a birth date that does not exist, a key used before.
const SETTINGS: &str = r#"
hooks = "hooks.py"
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
"#;
/// `3.0` is a whole number to JSON Schema and none to us.
const HOOKS: &str = r#"
import schemathesis

def whole(body):
    if isinstance(body, dict):
        return all(map(whole, body.values()))
    if isinstance(body, list):
        return all(map(whole, body))
    return not (isinstance(body, float) and body.is_integer())

# A picture is sent as it is.
@schemathesis.serializer("image/jpeg", "image/png", "image/webp")
def picture(context, value):
    return value if isinstance(value, bytes) else bytes(value) if hasattr(value, "__bytes__") else str(value).encode()

@schemathesis.hook
def filter_body(context, body):
    return whole(body)
"#;
