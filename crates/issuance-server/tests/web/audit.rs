//! The auditor's pages: what was decided stands out, reading is folded, values are said old before new, and whoever
//! reads without a case is noticed.

use axum::http::StatusCode;
use issuance_server::web::issuing::issue_all;

use crate::browser::Service;
use crate::casework::{approve, enter, identity, press, take};
use crate::home::with_cases;

#[tokio::test]
async fn repeated_reading_is_one_line_and_a_decision_its_own() {
    let service = Service::new();
    with_cases(&service).await;
    let mut clerk = service.signed_in("clerk").await;
    for _ in 0..5 {
        service.wait(60);
        clerk.get("/applications/1").await;
    }
    take(&mut clerk, "/applications/1", "accept", &[]).await;
    clerk.get("/applications/1").await;
    let mut auditor = service.signed_in("auditor").await;
    let page = auditor.get("/audit/applications/1").await.body;
    assert_eq!(
        page.matches("<li class=\"read\">").count(),
        3,
        "read, read again after the decision, audited: {page}"
    );
    // Five times, and once more for the form of the step and for its button.
    assert!(page.contains("7 次") && page.contains("08:01 至 08:05"), "{page}");
    assert_eq!(page.matches("<li class=\"done\">").count(), 2, "submitted and accepted: {page}");
    let deeds = auditor.get("/audit/applications/1?only=deeds").await.body;
    assert!(!deeds.contains("class=\"read\"") && deeds.contains("class=\"done\""), "{deeds}");
    let reads = auditor.get("/audit/applications/1?only=reads").await.body;
    assert!(reads.contains("class=\"read\"") && !reads.contains("class=\"done\""), "{reads}");
    let of_auditor = auditor.get("/audit/applications/1?officer=7").await.body;
    let story = of_auditor.split("id=\"story\"").nth(1).unwrap();
    assert!(story.contains("李auditor") && !story.contains("李clerk"), "{story}");
}

#[tokio::test]
async fn a_change_says_old_and_new_by_name_even_after_it_was_issued() {
    let service = Service::new();
    let press = press(&service).await;
    approve(&service, &identity(2), "王秀兰").await;
    issue_all(&service.app, &press).await.unwrap();
    let mut clerk = service.signed_in("clerk").await;
    let url = "/certificates/1/follow/guardian_change";
    clerk.get(url).await;
    let fields = [
        ("name", "王秀兰"),
        ("county", "220102"),
        ("address", "南关区人民大街 1 号"),
        ("guardian_name", "王铁军"),
        ("guardian_relation", "兄弟"),
    ];
    let answer = clerk.post(url, &fields).await;
    assert!(answer.location().starts_with("/applications/2"), "{}", answer.body);
    let done = StatusCode::SEE_OTHER;
    assert_eq!(take(&mut clerk, "/applications/2", "accept", &[]).await, done);
    let mut reviewer = service.signed_in("reviewer").await;
    assert_eq!(take(&mut reviewer, "/applications/2", "review", &[]).await, done);
    let mut approver = service.signed_in("approver").await;
    let page = approver.get("/applications/2").await.body;
    let is_beside =
        |page: &str| page.contains("<div class=\"changed\"><dt>监护人</dt><dd>王铁军（兄弟）</dd></div>");
    assert!(is_beside(&page) && page.contains("新旧对照"), "old and new before it is decided: {page}");
    assert_eq!(take(&mut approver, "/applications/2", "approve", &[]).await, done);
    issue_all(&service.app, &press).await.unwrap();
    assert!(is_beside(&approver.get("/applications/2").await.body), "and after it was issued");
    let story = service.signed_in("auditor").await.get("/audit/applications/2").await.body;
    assert!(story.contains("<del>—</del> → <ins>王铁军（兄弟）</ins>"), "{story}");
    assert!(!story.contains("<dt>住址</dt>"), "what did not change is left out: {story}");
}

#[tokio::test]
async fn a_day_is_told_by_the_hour_and_says_what_to_ask_about() {
    let service = Service::new();
    with_cases(&service).await;
    let mut clerk = service.signed_in("clerk").await;
    clerk.get("/people/1").await;
    for _ in 0..5 {
        clerk.post("/people/1/number", &[]).await;
        clerk.get("/people/1").await;
    }
    service.wait(2 * 3600);
    let mut clerk = service.signed_in("clerk").await;
    clerk.get("/applications/2").await;
    let mut auditor = service.signed_in("auditor").await;
    let page = auditor.get("/audit/officers/2?day=2026-11-24").await.body;
    assert!(
        page.contains(">08:00</h2>") && page.contains(">10:00</h2>") && !page.contains(">09:00</h2>"),
        "{page}"
    );
    assert!(page.contains("显示完整号码的次数：5"), "{page}");
    assert_eq!(page.matches("<li class=\"warned\">").count(), 5, "each number in clear on its own: {page}");
    assert!(page.contains("王秀兰") && page.contains("220102-00002"), "by name: {page}");
    assert!(page.contains("<dt>查看过的人数</dt><dd>2</dd>"), "a person and the person of a case: {page}");
    let other = auditor.get("/audit/officers/2?day=2026-11-23").await.body;
    assert!(other.contains("2026-11-23 08:00") && !other.contains("2026-11-24 "), "{other}");
    let quiet = auditor.get("/audit/officers/4?day=2026-11-24").await.body;
    assert!(quiet.contains("未发现异常"), "{quiet}");
}

#[tokio::test]
async fn an_auditor_of_another_region_sees_no_story_and_no_day() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    enter(&mut clerk, &identity(2), "王秀兰").await;
    for login in ["clerk", "chief", "reviewer"] {
        let mut other = service.signed_in(login).await;
        for path in ["/audit/applications/1", "/audit/officers/2"] {
            assert_eq!(other.get(path).await.status, StatusCode::FORBIDDEN, "{login} {path}");
        }
    }
    let mut auditor = service.signed_in("auditor").await;
    assert_eq!(auditor.get("/audit/applications/999999").await.status, StatusCode::NOT_FOUND);
}
