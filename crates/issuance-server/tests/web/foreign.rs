//! The API towards programs of other offices: every route of the table, for each role and each scope, with the numbers
//! of rows that are there. A route that is not named here fails the test.

use std::sync::Arc;

use axum::http::StatusCode;
use credential::region::Region;
use credential::time::UnixTime;
use image::ImageFormat;
use issuance::office::OfficeKind;
use issuance::officer::Role;
use issuance::register::{NewOffice, OfficeStore};
use issuance::text::Line;
use issuance_server::web::guard::Who;
use issuance_server::web::issuing::{Press, issue_all};
use issuance_server::web::routes::Route;
use issuance_server::web::scope::Scope;
use serde_json::{Value, json};

use crate::browser::{CAST, START, Service, by_hand, hire};
use crate::cards::{order, switch_on};
use crate::casework::{approve, decide, identity, noticed, press};
use crate::documents::file;
use crate::program::Program;

pub(crate) const HOLDER: &str = "上官云霞";
/// An office of each kind that does not serve the county of the rows, and a county that it does serve.
const ELSEWHERE: [(OfficeKind, &str, &str); 5] = [
    (OfficeKind::Province, "21", "210102"),
    (OfficeKind::Prefecture, "2202", "220202"),
    (OfficeKind::County, "220203", "220203"),
    (OfficeKind::Township, "220103", "220103"),
    (OfficeKind::Hospital, "2203", "220302"),
];

/// An officer who has nothing to do with the county of the rows.
pub(crate) struct Stranger {
    pub(crate) role: Role,
    pub(crate) login: String,
    county: &'static str,
}

/// One of each role in each of the offices; administrators are given no token.
pub(crate) fn strangers() -> impl Iterator<Item = Stranger> {
    let of_office = |(kind, _, county): &(OfficeKind, _, &'static str)| {
        let (kind, county) = (kind.as_str(), *county);
        Role::ALL.iter().map(move |role| {
            let login = format!("{kind}-{}", role.as_str().replace('_', "-"));
            Stranger { role: *role, login, county }
        })
    };
    ELSEWHERE.iter().flat_map(of_office)
}

/// What is sent to a route, and what a stranger with every power and scope for it is answered.
struct Trial {
    path: String,
    body: Value,
    answer: StatusCode,
}

/// The routes without a token: signed lists and the contract, which name nobody.
const OPEN: [&str; 3] = ["/api/v1/openapi.json", "/api/v1/bundle", "/api/v1/bundle.from-{base}"];

fn trial(route: &Route, county: &str) -> Trial {
    let day = "2026-12-03";
    let (body, answer) = match (route.method, route.path.trim_start_matches("/api/v1")) {
        ("POST", "/people/search") => (json!({ "number": identity(2) }), StatusCode::OK),
        ("GET", "/applications" | "/certificates" | "/changes" | "/cards") => (Value::Null, StatusCode::OK),
        (
            "GET",
            "/people/{id}"
            | "/applications/{id}"
            | "/certificates/{id}"
            | "/certificates/{id}/credentials"
            | "/applications/{id}/documents"
            | "/documents/{id}"
            | "/cards/{id}",
        ) => (Value::Null, StatusCode::NOT_FOUND),
        ("POST", "/people/{id}/number") => (json!({}), StatusCode::NOT_FOUND),
        // Their own county, in which the person may not be entered again.
        ("POST", "/applications") => (
            json!({ "identity_number": identity(2), "name": "赵四", "county": county, "address": "x" }),
            StatusCode::CONFLICT,
        ),
        ("POST", "/applications/{id}/steps") => (json!({ "verb": "withdraw" }), StatusCode::NOT_FOUND),
        ("POST", "/applications/{id}/documents") => (Value::Null, StatusCode::NOT_FOUND),
        ("POST", "/applications/{id}/photo") => {
            (json!({ "x": 500, "y": 450, "zoom": 100 }), StatusCode::NOT_FOUND)
        }
        ("POST", "/documents/{id}/removal") => (json!({ "reason": "superseded" }), StatusCode::NOT_FOUND),
        ("POST", "/certificates/{id}/changes") => {
            (json!({ "reason": "death", "effective": day }), StatusCode::NOT_FOUND)
        }
        ("POST", "/changes/{id}/decision") => (json!({ "word": "confirm" }), StatusCode::NOT_FOUND),
        (
            "POST",
            "/certificates/{id}/loss" | "/certificates/{id}/cards" | "/certificates/{id}/cards/replacement",
        ) => (json!({}), StatusCode::NOT_FOUND),
        ("POST", "/certificates/{id}/applications") => (
            json!({ "kind": "renewal", "county": county, "name": "赵四", "address": "x" }),
            StatusCode::NOT_FOUND,
        ),
        // Served without the keys of cards; conversations are of one program and name no row.
        ("POST", "/desks/{desk}/messages") => (json!({ "say": "begin" }), StatusCode::SERVICE_UNAVAILABLE),
        other => panic!("{other:?} has no expectation"),
    };
    let path = route.path.replace("{id}", "1").replace("{desk}", &"ab".repeat(16));
    Trial { path, body, answer }
}

async fn ask(program: &Program, route: &Route, trial: &Trial) -> crate::browser::Answer {
    program.service.wait(2);
    let is_picture = route.path.ends_with("/documents");
    match route.method {
        "GET" => program.get(&trial.path).await,
        _ if is_picture => {
            let path = format!("{}?kind=identity_card", trial.path);
            program.send_picture(&path, "image/jpeg", &file(ImageFormat::Jpeg)).await
        }
        _ => program.post(&trial.path, &trial.body).await,
    }
}

/// A case, its certificate, a portrait, a card and a change that waits, each of number 1; and officers of each role
/// in offices of each kind elsewhere.
pub(crate) async fn furnished() -> (Service, Arc<Press>) {
    let service = Service::new();
    let press = press(&service).await;
    let case = noticed(&service, &identity(2), HOLDER).await;
    let portrait = file(ImageFormat::Jpeg);
    let clerk = Program::of(&service, "clerk").await;
    let papers = "/api/v1/applications/1/documents?kind=portrait";
    clerk.send_picture(papers, "image/jpeg", &portrait).await.json(StatusCode::CREATED);
    service.wait(9 * 86_400);
    decide(&service, &case).await;
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);
    switch_on(&service).await;
    order(&service, 1).await;
    let death = json!({ "reason": "death", "effective": "2026-12-03" });
    let clerk = Program::of(&service, "clerk").await;
    clerk.post("/api/v1/certificates/1/changes", &death).await.json(StatusCode::CREATED);
    let random = service.app.random.clone();
    let hired = service.app.desk.run(move |desk| {
        let mut strangers = strangers();
        for (kind, region, _) in ELSEWHERE {
            let (region, name) = (Region::parse(region).unwrap(), Line::parse("某残联").unwrap());
            let entry = by_hand(UnixTime::from_seconds(START));
            let office = desk.register.add_office(&NewOffice { kind, region, name }, &entry)?;
            for Stranger { role, login, .. } in strangers.by_ref().take(Role::ALL.len()) {
                hire(desk, &random, &login, &[role], office);
            }
        }
        Ok(())
    });
    hired.await.unwrap();
    (service, press)
}

#[tokio::test]
async fn a_program_of_another_office_learns_and_changes_nothing_at_any_route() {
    let (service, _) = furnished().await;
    let rows = "SELECT (SELECT count(*) FROM step) + (SELECT count(*) FROM status_change)
                     + (SELECT count(*) FROM card_job) + (SELECT count(*) FROM application)
                     + (SELECT count(*) FROM document) + 100 * (SELECT count(*) FROM removed_document)";
    let before = service.count(rows).await;
    let table = issuance_server::web::api::routes().table().to_vec();
    let (mut wrong, mut went_beyond) = (Vec::new(), 0);
    for Stranger { role, login, county } in strangers().filter(|who| who.role != Role::Administrator) {
        for scope in Scope::ALL {
            let program = Program::with(&service, &login, &[*scope]).await;
            for route in &table {
                let Who::Client(scopes, roles) = route.who else {
                    assert!(OPEN.contains(&route.path), "{} takes no token", route.path);
                    continue;
                };
                let trial = trial(route, county);
                let answer = ask(&program, route, &trial).await;
                let may = scopes.contains(scope) && (roles.is_empty() || roles.contains(&role));
                // A step that needs the other of its two scopes is refused before the case is looked for.
                let is_other_step = scopes.len() == 2 && *scope == Scope::Decide;
                let expected = if may && !is_other_step { trial.answer } else { StatusCode::FORBIDDEN };
                let said = format!("{:?} {}", answer.headers, answer.body);
                went_beyond += usize::from(expected != StatusCode::FORBIDDEN);
                let number = identity(2);
                let leaks =
                    [HOLDER, &number, "220102********", "220102"].iter().any(|word| said.contains(word));
                let is_list = answer.status == StatusCode::OK;
                let is_empty = !is_list || answer.json(StatusCode::OK)["items"] == json!([]);
                if answer.status != expected || leaks || !is_empty {
                    wrong.push((
                        login.clone(),
                        scope.as_str(),
                        route.method,
                        route.path,
                        answer.status,
                        answer.body,
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(went_beyond > table.len(), "{went_beyond} requests had scope and power");
    assert_eq!(service.count(rows).await, before);
}

/// Without this the strangers' 404 could be that of a row which nobody has.
#[tokio::test]
async fn the_same_requests_find_their_rows_in_their_own_county() {
    let (service, _) = furnished().await;
    let table = issuance_server::web::api::routes().table().to_vec();
    for route in &table {
        let Who::Client(_, roles) = route.who else { continue };
        let of_county = CAST.iter().filter(|(.., region)| *region == "220102");
        let (login, ..) = of_county.clone().find(|(_, role, _)| roles.contains(role)).unwrap();
        let program = Program::of(&service, login).await;
        let trial = trial(route, "220102");
        let answer = ask(&program, route, &trial).await;
        let may_be = match route.method {
            "GET" => answer.status == StatusCode::OK,
            _ => ![StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&answer.status),
        };
        assert!(may_be, "{login} {} {}: {} {}", route.method, trial.path, answer.status, answer.body);
        if route.method == "GET" && !route.path.contains('{') {
            assert_ne!(answer.json(StatusCode::OK)["items"], json!([]), "{}", trial.path);
        }
    }
}

#[tokio::test]
async fn that_a_case_is_open_elsewhere_is_said_without_its_number() {
    let service = Service::new();
    let entered = |county: &str| json!({ "identity_number": identity(2), "name": HOLDER, "county": county, "address": "x" });
    let (ours, theirs) = (Program::of(&service, "clerk").await, Program::of(&service, "foreign").await);
    ours.post("/api/v1/applications", &entered("220102")).await.json(StatusCode::CREATED);
    for (program, county, names_it) in [(ours, "220102", true), (theirs, "220202", false)] {
        let answer = program.post("/api/v1/applications", &entered(county)).await;
        assert_eq!(answer.code(), "application_open");
        assert_eq!(answer.body.contains("#1"), names_it, "{}", answer.body);
    }
}

#[tokio::test]
async fn a_page_of_cards_is_full_of_the_countys_own() {
    let (service, press) = furnished().await;
    approve(&service, &identity(4), "李秀英").await;
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);
    order(&service, 2).await;
    let moved = service.app.desk.run(|desk| {
        let sql = "DROP TRIGGER certificate_stays; UPDATE certificate SET county = 220203 WHERE id = 1";
        Ok(desk.connection().execute_batch(sql)?)
    });
    moved.await.unwrap();
    let ours = Program::of(&service, "desk").await;
    let page = ours.get("/api/v1/cards?limit=1").await.json(StatusCode::OK);
    assert_eq!(page["items"][0]["id"], 2, "{page}");
    let theirs = Program::of(&service, "county-card-operator").await;
    let page = theirs.get("/api/v1/cards?limit=5").await.json(StatusCode::OK);
    assert_eq!((page["items"][0]["id"].as_i64(), page["items"].as_array().unwrap().len()), (Some(1), 1));
    let rest = theirs.get("/api/v1/cards?after=1").await.json(StatusCode::OK);
    assert_eq!(rest["items"], json!([]));
}
