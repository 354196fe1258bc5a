//! What stands before every handler: origin, form token, size; and what every answer carries.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use issuance_server::web::guard::Who;
use issuance_server::web::settings::{Limits, Settings};

use crate::browser::Service;
use crate::program::Program;

const OURS: Option<&str> = Some("http://issuer.example");

#[tokio::test]
async fn a_form_of_another_site_is_refused_even_with_the_right_token() {
    let service = Service::new();
    let mut root = service.signed_in("root").await;
    root.get("/offices").await;
    let token = crate::browser::hidden(&root.page, "/offices")[0].1.clone();
    let body = format!("form_token={token}&name=x&kind=county&region=220122");
    for origin in [Some("http://evil.example"), Some("null"), None] {
        let answer = root.post_raw("/offices", &body, origin).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin:?}");
    }
    assert_eq!(root.post_raw("/offices", &body, OURS).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_without_the_sessions_token_does_nothing_and_is_kept() {
    let service = Service::new();
    let mut root = service.signed_in("root").await;
    let other = service.signed_in("chief").await;
    let foreign = crate::browser::hidden(&other.page, "/sign-out")[0].1.clone();
    for token in [String::new(), "0".repeat(64), foreign] {
        let body = format!("form_token={token}&name=never&kind=county&region=220122");
        let answer = root.post_raw("/offices", &body, OURS).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.body.contains("再次提交") && answer.body.contains("value=\"never\""));
    }
    assert!(!root.get("/offices").await.body.contains("never"));
}

#[tokio::test]
async fn without_a_cookie_a_form_leads_to_the_sign_in() {
    let service = Service::new();
    let mut browser = service.browser();
    let answer = browser.post_raw("/offices", "name=x", OURS).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("action=\"/sign-in\""));
}

#[tokio::test]
async fn secrets_are_not_kept_in_a_page() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    service.wait(31 * 60);
    let body = "secret_old=hunter-two&secret_new=hunter-three";
    let answer = clerk.post_raw("/account/password", body, OURS).await;
    assert!(!answer.body.contains("hunter"), "{}", answer.body);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let limits = Limits { form_bytes: 1000, upload_bytes: 2000, ..Limits::default() };
    let service = Service::with(Settings { limits, ..Settings::default() });
    let mut root = service.signed_in("root").await;
    let body = format!("name={}", "x".repeat(1000));
    assert_eq!(root.post_raw("/offices", &body, OURS).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let upload = Request::post("/offices")
        .header(header::ORIGIN, "http://issuer.example")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from("x".repeat(2001)))
        .unwrap();
    assert_eq!(root.send(upload).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// Whoever sends it, and whatever stands behind the address: it is told before anybody is asked for or anything is read.
#[tokio::test]
async fn a_body_over_its_limit_is_refused_at_every_route_that_takes_one_and_one_at_the_limit_is_not() {
    let limits =
        Limits { form_bytes: 1000, upload_bytes: 2000, requests_burst: 100_000, ..Limits::default() };
    let service = Service::with(Settings { limits, ..Settings::default() });
    let (clerk, program) = (service.signed_in("clerk").await, Program::of(&service, "clerk").await);
    let rows = "SELECT count(*) FROM audit";
    let before = service.count(rows).await;
    let json = "application/json";
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for route in issuance_server::web::routes().table().iter().filter(|route| route.method == "POST") {
        let path =
            route.path.replace("{id}", "1").replace("{desk}", &"ab".repeat(16)).replace("{verb}", "accept");
        let kinds: &[(&str, usize)] = match route.who {
            Who::Client(..) if path.ends_with("/messages") => &[(json, 1 << 20)],
            Who::Client(..) if path.ends_with("/documents") => &[("image/jpeg", 2000), (json, 2000)],
            Who::Client(..) => {
                &[(json, 1000), ("image/jpeg", 1000), ("multipart/form-data; boundary=b", 1000)]
            }
            _ => &[("application/x-www-form-urlencoded", 1000), ("multipart/form-data; boundary=b", 2000)],
        };
        for (kind, limit) in kinds {
            for (length, is_refused) in [(*limit, false), (limit + 1, true)] {
                let request = program.request("POST", &path).header(header::CONTENT_TYPE, *kind);
                let request = request.header(header::ORIGIN, "http://issuer.example");
                let request = request.body(Body::from(vec![b'x'; length])).unwrap();
                let answer = clerk.clone().send(request).await;
                tried += 1;
                if (answer.status == StatusCode::PAYLOAD_TOO_LARGE) != is_refused {
                    wrong.push((route.path, *kind, length, answer.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 100, "{tried}");
    assert_eq!(service.count(rows).await, before, "nothing was done");
}

#[tokio::test]
async fn requests_of_one_address_are_limited() {
    let limits = Limits { requests_burst: 5, ..Limits::default() };
    let service = Service::with(Settings { limits, ..Settings::default() });
    let mut browser = service.browser();
    for _ in 0..5 {
        assert_eq!(browser.get("/livez").await.status, StatusCode::OK);
    }
    let answer = browser.get("/livez").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "1");
    service.wait(1);
    assert_eq!(browser.get("/livez").await.status, StatusCode::OK);
}

#[tokio::test]
async fn cookies_over_tls_are_bound_to_the_host() {
    let secure = Settings { public_origin: "https://issuer.example".into(), ..Settings::default() };
    let service = Service::with(secure);
    let answer = service.browser().get("/sign-in").await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-zhengka="), "{cookie}");
    for flag in ["; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
        assert!(cookie.contains(flag), "{flag}: {cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert!(answer.header("strict-transport-security").starts_with("max-age="));
}

#[tokio::test]
async fn over_tls_every_answer_asks_for_tls_and_without_it_none_does() {
    let secure = Settings { public_origin: "https://issuer.example".into(), ..Settings::default() };
    for (settings, asks) in [(secure, true), (Settings::default(), false)] {
        let service = Service::with(settings);
        for path in
            ["/sign-in", "/livez", "/no-such-page", "/applications", "/api/v1/applications", "/assets/none"]
        {
            let header = service.browser().get(path).await.header("strict-transport-security").to_owned();
            assert_eq!(header.starts_with("max-age=63072000"), asks, "{path}: {header}");
        }
    }
}

#[tokio::test]
async fn no_cookie_is_for_scripts_or_for_other_sites() {
    let service = Service::new();
    let session = service.browser().get("/sign-in").await.header("set-cookie").to_owned();
    assert!(session.starts_with("zhengka=") && session.contains("; HttpOnly; SameSite=Strict"), "{session}");
    assert!(
        !session.contains("Secure") && !session.contains("Max-Age"),
        "it ends with the browser: {session}"
    );
    let switched = service.browser().get("/language?lang=en&back=/sign-in").await;
    let language = switched.header("set-cookie");
    assert!(language.contains("; HttpOnly") && language.contains("; SameSite=Lax"), "{language}");
    let program = service.browser().get("/api/v1/applications").await;
    assert_eq!(program.header("set-cookie"), "", "a program is given none");
}

#[tokio::test]
async fn programs_are_limited_by_address_like_browsers() {
    let limits = Limits { requests_burst: 3, ..Limits::default() };
    let service = Service::with(Settings { limits, ..Settings::default() });
    let mut program = service.browser();
    for _ in 0..3 {
        assert_eq!(program.get("/api/v1/applications").await.status, StatusCode::UNAUTHORIZED);
    }
    let answer = program.get("/api/v1/applications").await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "1"));
    assert!(answer.body.contains("\"too_many\""), "{}", answer.body);
}

#[tokio::test]
async fn the_log_and_the_figures_know_no_names() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    clerk.get("/sign-in?next=/officers/7").await;
    clerk.get("/no/such/page/李明").await;
    let text = service.app.figures.to_text();
    assert!(text.contains("route=\"unmatched\"") && text.contains("route=\"/sign-in\""));
    assert!(!text.contains("clerk") && !text.contains("next="), "{text}");
}

#[tokio::test]
async fn a_program_reads_a_problem_with_a_stable_code() {
    let service = Service::new();
    let answer = service.browser().get("/api/v1/no-such-thing").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((problem["code"].as_str(), problem["status"].as_u64()), (Some("not_found"), Some(404)));
    assert_eq!(problem["request"].as_str(), Some(answer.header("x-request-id")));
}

#[tokio::test]
async fn the_service_says_that_it_lives_and_that_it_is_ready() {
    let service = Service::new();
    for path in ["/livez", "/readyz"] {
        let answer = service.browser().get(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "ok\n"), "{path}");
    }
    service.app.desk.run(|desk| Ok(desk.connection().execute_batch("DROP TABLE session")?)).await.unwrap();
    assert_eq!(service.browser().get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(service.browser().get("/livez").await.status, StatusCode::OK);
}
