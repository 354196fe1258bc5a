//! What whole cases, of pages and of programs, leave in the log of the service: numbers of requests, officers and cases, and nobody's facts.

use std::process::Stdio;
use std::time::Duration;

use credential::number::IdentityNumber;
use credential::time::UnixTime;

use issuance_server::sqlite::SqliteRegister;
use serde_json::json;

use super::office::{personal, program, reviewed, run};
use super::serving::{ADDRESS, PASSWORD, PHONE, Program, Served, config, free_address, signed_in};

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "sessions are opened at the time that the service's own clock shows"
)]
fn a_case_from_application_to_certificate_names_nobody_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let (_, told, _) = run(path, &["init"]);
    let one_time = told.split_whitespace().find(|word| word.matches('-').count() == 3).unwrap().to_owned();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let now = UnixTime::from_seconds(since.as_secs());
    let [clerk, doctor, second, reviewer, auditor] =
        ["clerk", "doctor-1", "doctor-2", "reviewer", "auditor"].map(|login| signed_in(path, login, now));
    let waits = {
        let mut register = SqliteRegister::open(&path.join("issuer/issuer.sqlite"), personal()).unwrap();
        reviewed(&mut register, 0)
    };
    let counter = Program::with_token(path, "clerk", "read_cases,write_cases,expose_numbers");
    let decider = Program::with_token(path, "approver", "decide,read_certificates,read_credentials");
    let (log, at) = (std::fs::File::create(path.join("log")).unwrap(), free_address());
    // The most that can be had.
    let config = config(path, at);
    let text = format!("log_level = \"trace\"\n{}", std::fs::read_to_string(&config).unwrap());
    std::fs::write(&config, text).unwrap();
    let serve = program(path, &["serve", "--sign", "--config", &config]);
    let served = Served::of(serve, at, Stdio::from(log));

    let (name, today) = ("欧阳若曦", now.date_in_china().to_string());
    let number = IdentityNumber::from_first_17(22_010_219_800_101_002).unwrap().expose();
    let case = clerk.enter(at, &number, name).unwrap();
    let step = |who: &super::serving::Officer, verb: &str, fields: &[(&str, &str)]| {
        let (status, page) = who.post(at, &format!("{case}/steps/{verb}"), fields).unwrap();
        assert_eq!(status, 303, "{verb}: {page}");
    };
    step(&clerk, "accept", &[]);
    step(&doctor, "assess", &[("level_4", "2"), ("assessed_on", &today)]);
    step(&second, "countersign", &[]);
    step(&clerk, "post_notice", &[("notice_posted", &today)]);
    // Too early: a rule refuses, with the page that says so.
    assert_eq!(reviewer.post(at, &format!("{case}/steps/review"), &[]).unwrap().0, 409);
    let found = clerk.post(at, "/search", &[("query", name)]).unwrap();
    assert!(found.0 == 200 && found.1.contains(name));
    assert_eq!(clerk.post(at, "/people/1/number", &[]).unwrap().0, 200);
    assert_eq!(auditor.get(at, &format!("/audit{case}")).unwrap().0, 200);
    assert_eq!(clerk.get(at, &format!("/nowhere/{number}?name={PHONE}")).unwrap().0, 404);
    let wrong = [("login", "clerk"), ("secret_password", PASSWORD), ("kept_next", "/people/1")];
    let _ = clerk.post(at, "/sign-in", &wrong).unwrap();

    // Programs: filed, found, a number in clear, approved; then signed by the service, and its codes read.
    let other = IdentityNumber::from_first_17(22_010_219_810_202_003).unwrap().expose();
    let form = json!({ "identity_number": other, "name": name, "county": "220102", "phone": PHONE });
    assert_eq!(counter.post(at, "/api/v1/applications", &form.to_string()).unwrap().0, 201);
    let question = json!({ "number": other }).to_string();
    assert_eq!(counter.post(at, "/api/v1/people/search", &question).unwrap().0, 200);
    let shown = counter.post(at, "/api/v1/people/1/number", "{}").unwrap();
    assert_eq!(shown.0, 200, "{}", shown.1);
    let bad = json!({ "identity_number": other, "name": name, "county": "x", "colour": PHONE });
    assert!(counter.post(at, "/api/v1/applications", &bad.to_string()).unwrap().0 >= 400);
    let steps = format!("/api/v1/applications/{waits}/steps");
    assert_eq!(decider.post(at, &steps, r#"{"verb":"approve"}"#).unwrap().0, 200);
    let mut codes = (404, String::new());
    for _ in 0..400 {
        codes = decider.get(at, "/api/v1/certificates/1/credentials").unwrap();
        if codes.0 == 200 {
            break;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    assert_eq!(codes.0, 200, "{}", codes.1);
    let codes: serde_json::Value = serde_json::from_str(codes.1.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    served.kill();

    let log = std::fs::read_to_string(path.join("log")).unwrap();
    let lines: Vec<serde_json::Value> =
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    assert!(lines.iter().any(|line| line["level"] == "DEBUG"), "it tells no more than ever");
    let told = |route: &str| lines.iter().any(|line| line["route"] == route);
    assert!(
        told("/applications/{id}/steps/{verb}") && told("/people/{id}/number") && told("/search"),
        "{log}"
    );
    assert!(lines.iter().any(|line| line["case"] == 1 && line["officer"].is_number()));
    let born = "1980-01-01";
    assert!(told("/api/v1/applications") && log.contains("certificates signed"), "{log}");
    let holder = super::office::case(0).applicant;
    let (holder_number, holder_name) =
        (holder.identity.expose(), holder.particulars.name.expose().to_owned());
    let [counter, decider] = [&counter, &decider].map(|program| program.token().to_owned());
    let texts: Vec<String> = texts(&codes);
    assert_eq!(texts.len(), 2, "{codes}");
    let words =
        [name, &number, &number[6..14], born, ADDRESS, PHONE, PASSWORD, &one_time, "clerk", "kept_next"];
    let more = [&other, &holder_number, &holder_name, &counter, &decider].map(String::as_str);
    for word in words.into_iter().chain(more).chain(texts.iter().map(String::as_str)) {
        assert!(!log.contains(word), "{word}");
    }
}

/// Every text of a QR code in an answer, wherever it stands.
fn texts(answer: &serde_json::Value) -> Vec<String> {
    match answer {
        serde_json::Value::String(text) if text.len() > 100 => vec![text.clone()],
        serde_json::Value::Array(list) => list.iter().flat_map(texts).collect(),
        serde_json::Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
