//! Every route of the table: against every role, a visitor and an officer of another county; and its headers.

use axum::http::StatusCode;
use issuance_server::web::guard::Who;
use issuance_server::web::routes::Route;

use crate::browser::{CAST, Service};

fn table() -> Vec<Route> {
    issuance_server::web::routes().table().to_vec()
}

/// The pattern with a number that no row has.
fn filled(path: &str) -> String {
    path.split('/')
        .map(|part| if part.starts_with('{') { "999999" } else { part })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn every_route_answers_each_role_as_the_table_says() {
    for (login, role, _) in CAST {
        let service = Service::new();
        let signed_in = service.signed_in(login).await;
        let mut wrong = Vec::new();
        for route in table().iter().filter(|route| matches!(route.who, Who::Officer(_))) {
            let Who::Officer(roles) = route.who else { continue };
            service.wait(60);
            let mut browser = signed_in.clone();
            let status = match route.method {
                "GET" => browser.get(&filled(route.path)).await.status,
                _ => {
                    let token = crate::browser::hidden(&browser.page, "/sign-out");
                    let body = serde_urlencoded::to_string(token).unwrap();
                    browser.post_raw(&filled(route.path), &body, Some("http://issuer.example")).await.status
                }
            };
            let may = roles.is_empty() || roles.contains(&role);
            let expected = if may {
                status != StatusCode::FORBIDDEN && !status.is_server_error()
            } else {
                status == StatusCode::FORBIDDEN
            };
            if !expected {
                wrong.push((route.method, route.path, status));
            }
        }
        assert!(wrong.is_empty(), "{login}: {wrong:?}");
    }
}

#[tokio::test]
async fn a_visitor_sees_nothing_but_the_sign_in() {
    let service = Service::new();
    for route in table().iter().filter(|route| route.who != Who::Anyone && route.method == "GET") {
        service.wait(60);
        let answer = service.browser().get(&filled(route.path)).await;
        if matches!(route.who, Who::Client(..)) {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", route.path);
        } else {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", route.path);
            assert!(answer.location().starts_with("/sign-in"), "{}", route.path);
        }
    }
}

#[tokio::test]
async fn an_office_outside_the_region_does_not_exist() {
    let service = Service::new();
    // `chief` administers the county; officer 1 sits in the province, officer 9 in another county.
    let mut chief = service.signed_in("chief").await;
    let list = chief.get("/officers").await.body;
    assert!(list.contains("李clerk") && !list.contains("李foreign") && !list.contains("李root"));
    assert_eq!(chief.get("/officers/2").await.status, StatusCode::OK);
    for stranger in ["/officers/1", "/officers/9", "/officers/999999"] {
        let answer = chief.get(stranger).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{stranger}");
        assert!(!answer.body.contains("李foreign") && !answer.body.contains("李root"), "{stranger}");
    }
    chief.get("/officers/2").await;
    let token = crate::browser::hidden(&chief.page, "/officers/2/reset");
    let body = serde_urlencoded::to_string(token).unwrap();
    let answer = chief.post_raw("/officers/9/reset", &body, Some("http://issuer.example")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(!service.deeds().await.contains(&"account_reset".to_owned()));
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let service = Service::new();
    let root = service.signed_in("root").await;
    let mut paths: Vec<String> =
        table().iter().filter(|route| route.method == "GET").map(|route| filled(route.path)).collect();
    paths.extend(["/no-such-page".into(), issuance_server::web::assets::STYLE.to_string()]);
    for path in paths {
        service.wait(60);
        let answer = root.clone().get(&path).await;
        let policy = answer.header("content-security-policy");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        // A picture's own policy is stricter still.
        let directives = match policy.contains("sandbox") {
            true => &["default-src 'none'"][..],
            false => &[
                "default-src 'none'",
                "style-src 'self'",
                "script-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
            ],
        };
        for directive in directives {
            assert!(policy.contains(directive), "{path}: {directive} is not in {policy}");
        }
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(answer.header("permissions-policy").contains("geolocation=()"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
        let cache = answer.header("cache-control");
        assert_eq!(cache == "no-store", !path.starts_with("/assets/console-"), "{path}: {cache}");
    }
}

#[tokio::test]
async fn a_method_that_no_form_sends_is_refused() {
    let service = Service::new();
    let mut root = service.signed_in("root").await;
    let request = axum::http::Request::put("/offices")
        .header("origin", "http://issuer.example")
        .body(axum::body::Body::from(
            serde_urlencoded::to_string(crate::browser::hidden(&root.page, "/sign-out")).unwrap(),
        ))
        .unwrap();
    assert_eq!(root.send(request).await.status, StatusCode::METHOD_NOT_ALLOWED);
}
