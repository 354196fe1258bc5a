//! The console towards officers of other offices: every page and every form of the table, for each role, with the
//! numbers of rows that are there. A route that is not named here fails the test.

use axum::http::StatusCode;
use image::ImageFormat;
use issuance::kind::Kind;
use issuance::officer::Role;
use issuance::transition::Verb;
use issuance_server::web::guard::Who;
use issuance_server::web::routes::Route;

use crate::browser::{Answer, Browser, CAST, Service, hidden};
use crate::casework::identity;
use crate::documents::{file, send_form};
use crate::foreign::{HOLDER, Stranger, furnished, strangers};

/// What is sent, and what a stranger with every power for it is answered.
pub(crate) struct Trial {
    pub(crate) path: String,
    fields: &'static [(&'static str, &'static str)],
    answer: StatusCode,
}

/// The rows that hang from a case or a certificate; each has number 1, officers and programs aside.
pub(crate) fn trials(route: &Route) -> Vec<Trial> {
    const NONE: &[(&str, &str)] = &[];
    let (fields, answer) = match (route.method, route.path) {
        // Their own lists, which are empty, and what belongs to nobody.
        (
            "GET",
            "/"
            | "/account"
            | "/account/password"
            | "/applications"
            | "/applications/new"
            | "/audit"
            | "/cards"
            | "/cards/live"
            | "/certificates"
            | "/certificates/renewals"
            | "/clients"
            | "/notices"
            | "/officers"
            | "/offices"
            | "/pilots"
            | "/search"
            | "/settings"
            | "/style-guide",
        ) => (NONE, StatusCode::OK),
        ("GET", "/next") => (NONE, StatusCode::SEE_OTHER),
        (
            "GET",
            "/applications/{id}"
            | "/applications/{id}/documents"
            | "/applications/{id}/notice"
            | "/applications/{id}/photo"
            | "/applications/{id}/steps/{verb}"
            | "/audit/applications/{id}"
            | "/audit/officers/{id}"
            | "/certificates/{id}"
            | "/certificates/{id}/follow/{kind}"
            | "/documents/{id}"
            | "/officers/{id}"
            | "/people/{id}",
        ) => (NONE, StatusCode::NOT_FOUND),
        ("GET", "/applications/{id}/photo/preview") => {
            (&[("x", "500"), ("y", "450"), ("zoom", "100")][..], StatusCode::NOT_FOUND)
        }
        ("POST", "/clients/{id}/revoke") => (&[("reason", "retired")][..], StatusCode::NOT_FOUND),
        ("POST", "/search" | "/audit") => (NONE, StatusCode::OK),
        ("POST", "/applications/{id}/photo") => {
            (&[("x", "500"), ("y", "450"), ("zoom", "100"), ("then", "take")][..], StatusCode::NOT_FOUND)
        }
        ("POST", "/certificates/{id}/changes") => {
            (&[("reason", "data_conflict"), ("effective", "2026-12-03")][..], StatusCode::NOT_FOUND)
        }
        ("POST", "/changes/{id}") => (&[("word", "confirm")][..], StatusCode::NOT_FOUND),
        ("POST", "/documents/{id}/removal") => (&[("reason", "superseded")][..], StatusCode::NOT_FOUND),
        ("POST", "/officers/{id}") => (&[("role_clerk", "on")][..], StatusCode::NOT_FOUND),
        (
            "POST",
            "/applications/{id}/documents"
            | "/applications/{id}/steps/{verb}"
            | "/certificates/{id}/card"
            | "/certificates/{id}/card/replace"
            | "/certificates/{id}/follow/{kind}"
            | "/certificates/{id}/loss"
            | "/officers/{id}/reset"
            | "/people/{id}/number",
        ) => (NONE, StatusCode::NOT_FOUND),
        other => panic!("{other:?} has no expectation"),
    };
    // Officer 2 is the county's clerk, whose program has number 1.
    let id = if route.path.contains("officers/") { "2" } else { "1" };
    let path = route.path.replace("{id}", id);
    let paths: Vec<String> = match path.as_str() {
        "/applications/1/steps/{verb}" => {
            let words = Verb::ALL.iter().map(|verb| verb.as_str());
            words.map(|word| path.replace("{verb}", word)).collect()
        }
        "/certificates/1/follow/{kind}" => Kind::ALL
            .iter()
            .filter(|kind| **kind != Kind::New)
            .map(|kind| path.replace("{kind}", kind.as_str()))
            .collect(),
        _ => vec![path],
    };
    paths.into_iter().map(|path| Trial { path, fields, answer }).collect()
}

/// Forms that concern nobody but the officer who sends them, or enter something new.
const OWN_AFFAIRS: [&str; 7] = [
    "/account/password",
    "/sign-out",
    "/sign-out/everywhere",
    "/applications/new",
    "/offices",
    "/officers",
    "/clients",
];

pub(crate) fn table() -> Vec<Route> {
    let all = issuance_server::web::routes().table().to_vec();
    let console = |route: &Route| matches!(route.who, Who::Officer(_));
    let other = |route: &Route| {
        route.method == "GET"
            || !(OWN_AFFAIRS.contains(&route.path) || ["/pilots", "/audit/chain"].contains(&route.path))
    };
    all.into_iter().filter(|route| console(route) && other(route)).collect()
}

async fn ask(browser: &mut Browser, service: &Service, route: &Route, trial: &Trial) -> Answer {
    service.wait(1);
    let Trial { path, fields, .. } = trial;
    let mut form = hidden(&browser.page, "/sign-out");
    assert!(route.method == "GET" || !form.is_empty(), "no token on the page before {path}");
    form.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    match (route.method, path.as_str()) {
        ("GET", _) => {
            let query = serde_urlencoded::to_string(fields).unwrap();
            browser.get(&format!("{path}?{query}")).await
        }
        (_, "/applications/1/documents") => {
            form.push(("kind".into(), "identity_card".into()));
            send_form(browser, path, &form, "a.jpg", &file(ImageFormat::Jpeg)).await
        }
        (_, "/search") => {
            form.push(("query".into(), identity(2)));
            let body = serde_urlencoded::to_string(form).unwrap();
            browser.post_raw(path, &body, Some("http://issuer.example")).await
        }
        _ => {
            let body = serde_urlencoded::to_string(form).unwrap();
            browser.post_raw(path, &body, Some("http://issuer.example")).await
        }
    }
}

#[tokio::test]
async fn an_officer_of_another_office_sees_and_changes_nothing_on_any_page() {
    let (service, _) = furnished().await;
    let rows = "SELECT (SELECT count(*) FROM step) + (SELECT count(*) FROM status_change)
                     + (SELECT count(*) FROM card_job) + (SELECT count(*) FROM application)
                     + (SELECT count(*) FROM document) + 100 * (SELECT count(*) FROM removed_document)
                     + 1000 * (SELECT count(*) FROM api_client WHERE revoked_at IS NOT NULL)";
    let before = service.count(rows).await;
    let number = identity(2);
    let masked = format!("{}********{}", &number[..6], &number[14..]);
    let typed = format!("value=\"{number}\"");
    let planted = [HOLDER, number.as_str(), masked.as_str(), "李clerk"];
    let (mut wrong, mut went_beyond) = (Vec::new(), 0);
    for Stranger { role, login, .. } in strangers() {
        let signed_in = service.signed_in(&login).await;
        for route in table() {
            let Who::Officer(roles) = route.who else { continue };
            for trial in trials(&route) {
                let answer = ask(&mut signed_in.clone(), &service, &route, &trial).await;
                let may = roles.is_empty() || roles.contains(&role);
                let expected = if may { trial.answer } else { StatusCode::FORBIDDEN };
                went_beyond += usize::from(may);
                // What was typed into the search stands in its field.
                let said = format!("{:?} {}", answer.headers, answer.body.replace(&typed, ""));
                let leaks = planted.iter().any(|word| said.contains(word));
                if answer.status != expected || leaks {
                    wrong.push((login.clone(), route.method, trial.path, answer.status, leaks));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(went_beyond > 2 * table().len(), "{went_beyond} requests had the power");
    assert_eq!(service.count(rows).await, before);
}

/// Without this the strangers' 404 could be that of a row which nobody has.
#[tokio::test]
async fn the_same_requests_find_their_rows_in_their_own_county() {
    let (service, _) = furnished().await;
    for route in table() {
        let Who::Officer(roles) = route.who else { continue };
        let may = |role: &Role| roles.is_empty() || roles.contains(role);
        let of_county = |region: &str| "220102".starts_with(region);
        let ours: Vec<_> = CAST.iter().filter(|(_, role, region)| may(role) && of_county(region)).collect();
        for trial in trials(&route) {
            let mut said = Vec::new();
            for (login, ..) in &ours {
                let mut browser = service.signed_in(login).await;
                said.push(ask(&mut browser, &service, &route, &trial).await.status);
            }
            let lost = said
                .iter()
                .all(|status| *status == StatusCode::NOT_FOUND || *status == StatusCode::FORBIDDEN);
            assert!(!lost, "{} {}: {said:?}", route.method, trial.path);
        }
    }
}
