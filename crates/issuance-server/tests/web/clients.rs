//! The page of API clients: a token is shown once, counts until it is taken back, and stays within the region.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use issuance_server::web::scope::Scope;

use crate::browser::{Browser, Service};

const FIELDS: [(&str, &str); 4] =
    [("name", "街道窗口程序"), ("officer", "2"), ("scopes", "read_cases"), ("days", "30")];

/// Adds a client for the clerk; its token.
pub(crate) async fn add(browser: &mut Browser) -> String {
    browser.get("/clients").await;
    let answer = browser.post("/clients", &FIELDS).await;
    let token =
        answer.body.split("<code class=\"long\">").nth(1).expect("a token").split('<').next().unwrap();
    token.to_owned()
}

/// What the API says to a token.
async fn ask(service: &Service, token: &str) -> StatusCode {
    let request =
        Request::get("/api/v1/people/999999").header(header::AUTHORIZATION, format!("Bearer {token}"));
    service.browser().send(request.body(Body::empty()).unwrap()).await.status
}

#[tokio::test]
async fn a_token_is_shown_once_counts_at_once_and_its_use_is_seen() {
    let service = Service::new();
    let mut chief = service.signed_in("chief").await;
    let token = add(&mut chief).await;
    assert!(chief.page.contains("离开本页后不再显示") && chief.page.contains("从未"), "{}", chief.page);
    assert_eq!(ask(&service, &token).await, StatusCode::NOT_FOUND, "it opens the API");
    let page = chief.get("/clients").await.body;
    assert!(!page.contains(&token) && page.contains("街道窗口程序"), "{page}");
    assert!(
        page.contains("查询人员和案卷") && !page.contains("从未") && page.contains("2026-12-24"),
        "{page}"
    );
    assert!(service.deeds().await.contains(&"client_added".to_owned()));
}

#[tokio::test]
async fn a_token_is_taken_back_with_a_reason_and_stops_at_once() {
    let service = Service::new();
    let mut chief = service.signed_in("chief").await;
    let token = add(&mut chief).await;
    chief.get("/clients").await;
    let answer = chief.post("/clients/1/revoke", &[]).await;
    assert!(answer.body.contains("请选择停用理由"), "{}", answer.body);
    assert_eq!(ask(&service, &token).await, StatusCode::NOT_FOUND, "it still counts");
    chief.get("/clients").await;
    let answer = chief.post("/clients/1/revoke", &[("reason", "leaked")]).await;
    assert_eq!(answer.location(), "/clients?done=revoked");
    assert_eq!(ask(&service, &token).await, StatusCode::UNAUTHORIZED);
    let page = chief.get("/clients?done=revoked").await.body;
    assert!(page.contains("已停用") && !page.contains("/clients/1/revoke"), "{page}");
    let audited = "SELECT count(*) FROM audit WHERE deed = 'client_revoked' AND reason = 'leaked'";
    assert_eq!(service.count(audited).await, 1);
}

#[tokio::test]
async fn the_use_of_a_token_is_noted_every_few_minutes_and_not_with_each_request() {
    let service = Service::new();
    let mut chief = service.signed_in("chief").await;
    let token = add(&mut chief).await;
    let used = "SELECT used_at FROM api_client WHERE id = 1";
    ask(&service, &token).await;
    let first = service.count(used).await;
    service.wait(299);
    ask(&service, &token).await;
    assert_eq!(service.count(used).await, first);
    service.wait(1);
    ask(&service, &token).await;
    assert_eq!(service.count(used).await, first + 300);
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_nothing_is_added() {
    let service = Service::new();
    let mut chief = service.signed_in("chief").await;
    // The foreign clerk works in another county; the chief is an administrator.
    for (field, value) in
        [("name", ""), ("officer", "9"), ("officer", "8"), ("scopes", "all"), ("days", "367")]
    {
        let fields = FIELDS.map(|(name, usual)| (name, if name == field { value } else { usual }));
        chief.get("/clients").await;
        let answer = chief.post("/clients", &fields).await;
        assert!(answer.body.contains(&format!("<a href=\"#{field}\">")), "{field}: {}", answer.body);
        assert!(!answer.body.contains("class=\"long\""), "{field}");
    }
    assert_eq!(service.count("SELECT count(*) FROM api_client").await, 0);
    assert!(Scope::parse("all").is_none());
}

#[tokio::test]
async fn a_client_of_another_region_is_neither_seen_nor_taken_back() {
    let service = Service::new();
    let mut root = service.signed_in("root").await;
    root.get("/clients").await;
    let fields = FIELDS.map(|(name, usual)| (name, if name == "officer" { "9" } else { usual }));
    assert!(root.post("/clients", &fields).await.body.contains("class=\"long\""), "{}", root.page);
    let mut chief = service.signed_in("chief").await;
    let page = chief.get("/clients").await.body;
    assert!(!page.contains("街道窗口程序") && !page.contains("李foreign"), "{page}");
    let mut fields = crate::browser::hidden(&chief.page, "/clients");
    fields.push(("reason".into(), "leaked".into()));
    let body = serde_urlencoded::to_string(fields).unwrap();
    let answer = chief.post_raw("/clients/1/revoke", &body, Some("http://issuer.example")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(service.count("SELECT count(*) FROM api_client WHERE revoked_at IS NULL").await, 1);
}
