//! The console in a real Chromium, driven by `tests/browser`. What it needs is put there by `cargo xtask setup`;
//! `cargo nextest run -p issuance-server -- --ignored` runs these.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use axum::http::StatusCode;
use axum_server::Handle;
use credential::region::Region;
use image::ImageFormat;
use issuance::id::{CardJobId, OfficerId};
use issuance::office::OfficeKind;
use issuance::officer::Role;
use issuance::register::{CardStore, NewOffice, OfficeStore};
use issuance::text::Line;
use issuance_server::web::guard::Who;
use issuance_server::web::issuing::issue_all;
use issuance_server::web::serve::serve;
use issuance_server::web::settings::{Limits, Settings};

use crate::browser::{CAST, Service, by_hand, hire, secret};
use crate::cards::{Reader, order, switch_on};
use crate::casework::{approve, decide, enter, identity, noticed, press, take};
use crate::clients::add;
use crate::documents::{file, send};
use crate::home::with_cases;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

/// A service on this machine with room for a browser's requests.
async fn service() -> (Service, SocketAddr) {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let limits = Limits { requests_burst: 5000, sign_in_burst: 100, ..Limits::default() };
    let service = Service::with(Settings { listen, limits, demo: true, ..Settings::default() });
    let handle = Handle::new();
    tokio::spawn(serve(service.app.clone(), handle.clone()));
    let at = handle.listening().await.expect("it listens");
    (service, at)
}

/// Runs a script and answers what it asks.
async fn drive(script: &str, service: &Service, at: SocketAddr) {
    let press = press(service).await;
    let mut reader = Reader::new(1);
    let pictures = std::env::temp_dir().join("zhengka-pages");
    std::fs::create_dir_all(&pictures).unwrap();
    let mut node = Command::new("node")
        .arg(root().join("tests/browser").join(script))
        .arg(format!("http://{at}"))
        .arg(root().join("target/node/node_modules"))
        .arg(&pictures)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("node: cargo xtask setup");
    let mut answers = node.stdin.take().unwrap();
    // The service runs on other threads; this one only answers the script.
    for line in BufReader::new(node.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some(question) = line.strip_prefix("? ") else {
            println!("{line}");
            continue;
        };
        let (word, rest) = question.split_once(' ').unwrap_or((question, ""));
        let answer = match word {
            "code" => {
                // A code counts once; the next sign-in of this login waits for the next one.
                service.wait(30);
                secret(rest).code(service.now()).to_string()
            }
            "wait" => {
                service.wait(rest.parse().unwrap());
                "ok".into()
            }
            "identity" => identity(rest.parse().unwrap()),
            "issue" => issue_all(&service.app, &press).await.unwrap().to_string(),
            "reader" => {
                let told;
                (reader, told) = reader.step(service, &press).await;
                told.to_owned()
            }
            "stage" => stage(service, rest.parse().unwrap()).await,
            "pilot" => {
                switch_on(service).await;
                "ok".into()
            }
            "promote" => promote(service, rest).await,
            "assess" => assess(service, rest).await,
            "portrait" => upload(service, rest).await,
            "plan" => plan(),
            other => panic!("the script asks {other}"),
        };
        answers.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Gives an officer the powers of casework, as only a hand in the database can.
async fn promote(service: &Service, login: &str) -> String {
    let place = CAST.iter().position(|(who, ..)| *who == login).unwrap();
    let id = OfficerId::from_stored(place as i64 + 1);
    let changed = service.app.desk.run(move |desk| {
        let sql = "UPDATE officer SET roles = 'clerk,reviewer,approver' WHERE id = ?1";
        Ok(desk.connection().execute(sql, [id.get()])?)
    });
    changed.await.unwrap().to_string()
}

/// How far a card has come, as people say it.
async fn stage(service: &Service, job: i64) -> String {
    let id = CardJobId::from_stored(job);
    let job = service.app.desk.run(move |desk| Ok(desk.register.card_job(id)?.unwrap()));
    job.await.unwrap().stage.zh().to_owned()
}

/// Two doctors sign a finding.
async fn assess(service: &Service, case: &str) -> String {
    let mut doctor = service.signed_in("doctor").await;
    let day = service.now().date_in_china().to_string();
    let finding = [("level_4", "2"), ("assessed_on", day.as_str())];
    assert_eq!(take(&mut doctor, case, "assess", &finding).await, StatusCode::SEE_OTHER);
    let mut second = service.signed_in("doctor2").await;
    assert_eq!(take(&mut second, case, "countersign", &[]).await, StatusCode::SEE_OTHER);
    "ok".into()
}

/// A clerk adds a portrait; no keyboard drives the machine's own chooser of files.
async fn upload(service: &Service, case: &str) -> String {
    let mut clerk = service.signed_in("clerk").await;
    let sent = send(&mut clerk, case, "portrait", "me.jpg", &file(ImageFormat::Jpeg)).await;
    sent.location().to_owned()
}

/// Those beyond the county: another county's, the prefecture's, another province's.
async fn hire_others(service: &Service) {
    let (random, entry) = (service.app.random.clone(), by_hand(service.now()));
    let hired = service.app.desk.run(move |desk| {
        let there = desk.register.officer(OfficerId::from_stored(9))?.unwrap().office.id;
        let mut open = |kind, region: &str, name: &str| {
            let office =
                NewOffice { kind, region: Region::parse(region).unwrap(), name: Line::parse(name).unwrap() };
            desk.register.add_office(&office, &entry).unwrap()
        };
        let prefecture = open(OfficeKind::Prefecture, "2201", "长春市残联");
        let beijing = open(OfficeKind::County, "110105", "北京市朝阳区残联");
        for (login, role, office) in [
            ("reviewer.there", Role::Reviewer, there),
            ("approver.there", Role::Approver, there),
            ("committee", Role::Reviewer, prefecture),
            ("beijing", Role::Reviewer, beijing),
        ] {
            hire(desk, &random, login, &[role], office);
        }
        Ok(())
    });
    hired.await.unwrap();
}

/// Every page by who may open it, with rows that are there.
fn plan() -> String {
    let table = issuance_server::web::routes().table().to_vec();
    let mut plan = serde_json::Map::new();
    for (login, role, _) in CAST.iter().take(8) {
        let mine = table.iter().filter(|route| {
            route.method == "GET"
                && matches!(route.who, Who::Officer(roles) if roles.is_empty() || roles.contains(role))
        });
        let mut paths = Vec::new();
        for route in mine.filter(|route| !matches!(route.path, "/next" | "/language" | "/cards/live")) {
            let verbs: &[&str] = if route.path.contains("{verb}") { VERBS } else { &[""] };
            for verb in verbs {
                let path = route.path.replace("{verb}", verb).replace("{kind}", "renewal");
                // The doctor's one case is the second, the certificate's the fifth; officers begin at two.
                let id = match route.path {
                    "/officers/{id}" | "/audit/officers/{id}" => "2",
                    "/applications/{id}/notice" => "3",
                    path if path.starts_with("/applications") && *login == "doctor" => "2",
                    path if path.starts_with("/applications") || path.starts_with("/audit") => "5",
                    "/people/{id}" if *login == "doctor" => "2",
                    "/people/{id}" => "5",
                    _ => "1",
                };
                let path = path.replace("{id}", id);
                // A day on which something happened.
                let day = if route.path == "/audit/officers/{id}" { "?day=2026-11-24" } else { "" };
                paths.push(serde_json::Value::from(format!("{path}{day}")));
            }
        }
        plan.insert((*login).to_owned(), paths.into());
    }
    serde_json::to_string(&plan).unwrap()
}

/// One of each form.
const VERBS: &[&str] =
    &["accept", "request_evidence", "refuse", "assess", "transcribe", "supply", "post_notice"];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants Chromium and node: cargo xtask setup"]
async fn a_person_goes_from_application_to_card_by_keyboard_alone() {
    let (service, at) = service().await;
    drive("casework.mjs", &service, at).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants Chromium and node: cargo xtask setup"]
async fn changes_disputes_and_cases_of_other_counties_are_worked_by_keyboard_alone() {
    let (service, at) = service().await;
    hire_others(&service).await;
    let press = press(&service).await;
    let first = noticed(&service, &identity(2), "王秀兰").await;
    let second = noticed(&service, &identity(4), "赵铁柱").await;
    service.wait(9 * 86_400);
    for case in [first, second] {
        decide(&service, &case).await;
    }
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 2);
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(8), "周明").await;
    assert_eq!(take(&mut clerk, &case, "accept", &[]).await, StatusCode::SEE_OTHER);
    assess(&service, &case).await;
    switch_on(&service).await;
    drive("changes.mjs", &service, at).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants Chromium and node: cargo xtask setup"]
async fn one_whole_case_is_worked_with_scripts_switched_off() {
    let (service, at) = service().await;
    drive("without_script.mjs", &service, at).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "wants Chromium and node: cargo xtask setup"]
async fn every_page_is_accessible_in_both_themes_and_in_large_text() {
    let (service, at) = service().await;
    with_cases(&service).await;
    let press = press(&service).await;
    approve(&service, &identity(8), "孙小燕").await;
    issue_all(&service.app, &press).await.unwrap();
    switch_on(&service).await;
    order(&service, 1).await;
    add(&mut service.signed_in("chief").await).await;
    // Ten years from now, or by hand: a certificate that comes to its renewal.
    let sql = "DROP TRIGGER certificate_stays; UPDATE certificate SET expires = issued + 30 * 86400";
    service.app.desk.run(move |desk| Ok(desk.connection().execute_batch(sql)?)).await.unwrap();
    drive("pages.mjs", &service, at).await;
}
