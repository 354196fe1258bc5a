//! What a whole case leaves in the log of the service: numbers of requests, officers and cases, and nobody's facts.

use std::process::Stdio;

use credential::number::IdentityNumber;
use credential::time::UnixTime;

use super::office::run;
use super::serving::{ADDRESS, PASSWORD, PHONE, Served, free_address, signed_in};

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
    let log = std::fs::File::create(path.join("log")).unwrap();
    let served = Served::start(path, free_address(), Stdio::from(log), &["--sign"]);
    let at = served.at;

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
    served.kill();

    let log = std::fs::read_to_string(path.join("log")).unwrap();
    let lines: Vec<serde_json::Value> =
        log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let told = |route: &str| lines.iter().any(|line| line["route"] == route);
    assert!(
        told("/applications/{id}/steps/{verb}") && told("/people/{id}/number") && told("/search"),
        "{log}"
    );
    assert!(lines.iter().any(|line| line["case"] == 1 && line["officer"].is_number()));
    let born = "1980-01-01";
    for word in
        [name, &number, &number[6..14], born, ADDRESS, PHONE, PASSWORD, &one_time, "clerk", "kept_next"]
    {
        assert!(!log.contains(word), "{word}");
    }
}
