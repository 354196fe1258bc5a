//! Text that looks like markup: kept in every field that takes free text, and handed back by every form. It stays text.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use issuance::officer::Role;
use issuance_server::web::guard::Who;
use issuance_server::web::issuing::issue_all;
use serde_json::json;

use crate::browser::{Browser, CAST, Service, hidden};
use crate::cards::{order, switch_on};
use crate::casework::{decide, identity, press, publish};
use crate::foreign_pages::{table, trials};
use crate::program::Program;

/// What closes an attribute and opens an element, with a number to know the field by.
fn evil(number: usize) -> String {
    format!("\"'><i on{number}=x>")
}

/// As a page may show it.
fn harmless(number: usize) -> String {
    format!("&#34;&#39;&#62;&#60;i on{number}=x&#62;")
}

/// The free texts of a person's application, and those of an administrator.
const OF_A_CASE: [&str; 5] = ["name", "ethnic_group", "address", "guardian_name", "guardian_relation"];
const OF_AN_OFFICE: [&str; 3] = ["/offices", "/officers", "/clients"];

/// A case with its certificate and card, an office, an officer and a program, with such a text in each field.
async fn furnished() -> Service {
    let service = Service::new();
    let press = press(&service).await;
    let mut form = json!({ "identity_number": identity(2), "county": "220102" });
    for (number, field) in OF_A_CASE.into_iter().enumerate() {
        form[field] = evil(number).into();
    }
    let clerk = Program::of(&service, "clerk").await;
    clerk.post("/api/v1/applications", &form).await.json(StatusCode::CREATED);
    let mut chief = service.signed_in("chief").await;
    for (path, number) in OF_AN_OFFICE.into_iter().zip(OF_A_CASE.len()..) {
        let name = evil(number);
        let others: &[(&str, &str)] = match path {
            "/offices" => &[("kind", "township"), ("region", "220102")],
            "/officers" => &[("login", "new-clerk"), ("office", "2"), ("roles", "clerk")],
            _ => &[("officer", "2"), ("scopes", "read_cases"), ("days", "30")],
        };
        chief.get(path).await;
        let answer = chief.post(path, &[&[("name", name.as_str())], others].concat()).await;
        assert!(answer.status.is_success() || answer.status.is_redirection(), "{path}: {}", answer.body);
        assert!(!answer.body.contains("aria-invalid"), "{path}: {}", answer.body);
        assert!(!answer.body.contains("<i on"), "{path}");
    }
    let case = "/applications/1";
    publish(&service, case).await;
    service.wait(9 * 86_400);
    decide(&service, case).await;
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);
    switch_on(&service).await;
    order(&service, 1).await;
    service
}

/// The names of every field that a page has.
fn names(page: &str) -> impl Iterator<Item = &str> {
    page.split(" name=\"").skip(1).filter_map(|rest| rest.split('"').next())
}

/// A browser for each of the cast; those who were appointed here have not signed in yet.
async fn cast(service: &Service) -> Vec<(Role, Browser)> {
    let mut browsers = Vec::new();
    for (login, role, region) in CAST {
        if "220102".starts_with(region) {
            browsers.push((role, service.signed_in(login).await));
        }
    }
    browsers
}

#[tokio::test]
async fn what_was_entered_stays_text_on_every_page_and_what_a_form_hands_back_too() {
    let service = furnished().await;
    let (mut shown, mut fields) = (BTreeSet::new(), BTreeSet::new());
    let mut cast = cast(&service).await;
    for route in table().iter().filter(|route| route.method == "GET") {
        let Who::Officer(roles) = route.who else { continue };
        let mut paths: Vec<_> = trials(route).into_iter().map(|trial| trial.path).collect();
        if route.path == "/officers/{id}" {
            // The one who was appointed last.
            paths.push(format!("/officers/{}", CAST.len() + 1));
        }
        for path in paths {
            for (_, browser) in cast.iter_mut().filter(|(role, _)| roles.is_empty() || roles.contains(role)) {
                service.wait(1);
                let page = browser.get(&path).await.body;
                assert!(!page.contains("<i on"), "{path}");
                shown.extend((0..KEPT).filter(|number| page.contains(&harmless(*number))));
                fields.extend(names(&page).map(str::to_owned));
            }
        }
    }
    assert_eq!(shown, (0..KEPT).collect(), "each is shown somewhere");

    // All of them filled in at every form and behind every address.
    fields.remove("form_token");
    assert!(fields.len() > 40, "{fields:?}");
    let (mut tried, mut handed_back) = (0, 0);
    for route in table() {
        let Who::Officer(roles) = route.who else { continue };
        for trial in trials(&route) {
            for (_, browser) in cast.iter_mut().filter(|(role, _)| roles.is_empty() || roles.contains(role)) {
                service.wait(1);
                let filled = fields.iter().map(|name| (name.clone(), evil(KEPT)));
                let answer = if route.method == "GET" {
                    let query = serde_urlencoded::to_string(filled.collect::<Vec<_>>()).unwrap();
                    browser.get(&format!("{}?{query}", trial.path)).await
                } else {
                    let form: Vec<_> = hidden(&browser.page, "/sign-out").into_iter().chain(filled).collect();
                    let body = serde_urlencoded::to_string(form).unwrap();
                    browser.post_raw(&trial.path, &body, Some("http://issuer.example")).await
                };
                assert!(!answer.status.is_server_error(), "{} {}", trial.path, answer.status);
                assert!(!answer.body.contains("<i on"), "{} {}", route.method, trial.path);
                tried += 1;
                handed_back += usize::from(answer.body.contains(&harmless(KEPT)));
                if !answer.body.contains("action=\"/sign-out\"") {
                    browser.get("/").await;
                }
            }
        }
    }
    assert!(tried > 200 && handed_back > 10, "{handed_back} of {tried}");
}

/// How many fields keep such a text.
const KEPT: usize = OF_A_CASE.len() + OF_AN_OFFICE.len();
