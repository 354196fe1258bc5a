//! The pages of the work itself: a person from the search to the certificate, and who may not do what.

use std::sync::Arc;

use axum::http::StatusCode;
use credential::region::Region;
use issuance::audit::{Deed, Entry, Other, Subject};
use issuance::grants::{Grants, Unconfirmed};
use issuance::id::OfficerId;
use issuance::officer::Role;
use issuance::register::{IssuerKey, IssuingStore, OfficeStore};
use issuance::signer::{KeyInMemory, Signer};
use issuance::text::Line;
use issuance_server::web::issuing::{Press, issue_all};

use crate::browser::{Browser, Service, hidden, hire};
use crate::home::with_cases;

const DAY: u64 = 86_400;

/// A well-formed number of the county for each serial.
pub(crate) fn identity(serial: u64) -> String {
    credential::number::IdentityNumber::from_first_17(22_010_219_800_101_000 + serial).unwrap().expose()
}

/// The service with a key to sign with.
pub(crate) async fn press(service: &Service) -> Arc<Press> {
    let signer = KeyInMemory::from_seed(&[7; 32]);
    let key = IssuerKey { kid: signer.public_key().kid(), list_size: 4096 };
    let at = service.now();
    let added = service.app.desk.run(move |desk| {
        let entry = Entry {
            at,
            who: OfficerId::SERVICE,
            origin: Line::parse("command").unwrap(),
            deed: Deed::Other(Other::Initialised),
            subject: Subject::Register,
            reason: None,
        };
        Ok(desk.register.add_issuer_key(&key, &entry)?)
    });
    added.await.unwrap();
    let region = Region::parse("22").unwrap();
    let grants = Grants::shipped(Unconfirmed::Count).unwrap();
    Arc::new(Press { signer: Box::new(signer), key, region, grants })
}

/// Enters an application on its four screens; where the case is.
pub(crate) async fn enter(clerk: &mut Browser, number: &str, name: &str) -> String {
    clerk.get("/applications/new").await;
    let steps: [&[(&str, &str)]; 4] = [
        &[("identity_number", number), ("name", name), ("go", "on")],
        &[("county", "220102"), ("address", "南关区人民大街 1 号"), ("go", "on")],
        &[("guardian_name", ""), ("go", "on")],
        &[("go", "on")],
    ];
    let mut location = String::new();
    for fields in steps {
        let answer = clerk.post("/applications/new", fields).await;
        location = answer.location().to_owned();
    }
    location.split('?').next().unwrap().to_owned()
}

/// Takes one step of a case; where the browser is sent.
pub(crate) async fn take(
    browser: &mut Browser,
    case: &str,
    verb: &str,
    fields: &[(&str, &str)],
) -> StatusCode {
    let url = format!("{case}/steps/{verb}");
    browser.get(&url).await;
    browser.post(&url, fields).await.status
}

/// From the form to the notice.
pub(crate) async fn noticed(service: &Service, number: &str, name: &str) -> String {
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, number, name).await;
    assert!(case.starts_with("/applications/"), "{case}: {}", clerk.page);
    publish(service, &case).await;
    case
}

/// From the desk to the notice, of a case that was entered.
pub(crate) async fn publish(service: &Service, case: &str) {
    let mut clerk = service.signed_in("clerk").await;
    let (done, today) = (StatusCode::SEE_OTHER, service.now().date_in_china().to_string());
    assert_eq!(take(&mut clerk, case, "accept", &[]).await, done);
    let mut doctor = service.signed_in("doctor").await;
    let finding = [("level_4", "2"), ("assessed_on", today.as_str())];
    assert_eq!(take(&mut doctor, case, "assess", &finding).await, done);
    let mut second = service.signed_in("doctor2").await;
    assert_eq!(take(&mut second, case, "countersign", &[]).await, done);
    assert_eq!(take(&mut clerk, case, "post_notice", &[("notice_posted", &today)]).await, done);
}

/// What follows the notice.
pub(crate) async fn decide(service: &Service, case: &str) {
    for (login, verb) in [("reviewer", "review"), ("approver", "approve")] {
        let mut officer = service.signed_in(login).await;
        assert_eq!(take(&mut officer, case, verb, &[]).await, StatusCode::SEE_OTHER);
    }
}

/// From the form to the approval; the service's clock goes on by nine days.
pub(crate) async fn approve(service: &Service, number: &str, name: &str) -> String {
    let case = noticed(service, number, name).await;
    service.wait(9 * DAY);
    decide(service, &case).await;
    case
}

#[tokio::test]
async fn a_person_goes_from_the_search_to_an_issued_certificate() {
    let service = Service::new();
    let press = press(&service).await;
    let case = approve(&service, &identity(2), "王秀兰").await;
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);
    let mut clerk = service.signed_in("clerk").await;
    let page = clerk.get(&case).await.body;
    assert!(page.contains("已制证") && page.contains("肢体二级"), "{page}");
    clerk.get("/search").await;
    let found = clerk.post("/search", &[("query", "王秀兰 1980-01-01")]).await.body;
    assert!(found.contains("220102********002") && found.contains("有效"), "{found}");
    assert!(!found.contains("19800101"), "masked");
}

#[tokio::test]
async fn a_duplicate_is_shown_before_anything_is_entered_and_refused_at_the_end() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    enter(&mut clerk, &identity(2), "王秀兰").await;
    clerk.get("/applications/new").await;
    let number = identity(2);
    let answer = clerk
        .post("/applications/new", &[("identity_number", &number), ("name", "王秀兰"), ("go", "on")])
        .await;
    assert!(answer.body.contains("此人已在登记库中") && answer.body.contains("/people/1"));
    let other = identity(4);
    clerk.get("/applications/new").await;
    let answer = clerk
        .post("/applications/new", &[("identity_number", &other), ("name", "王秀兰"), ("go", "on")])
        .await;
    assert!(answer.body.contains("姓名和出生日期相同的人") && answer.body.contains("/people/1"));
    enter(&mut clerk, &number, "王秀兰").await;
    assert!(clerk.page.contains("此人已有未办结的申请 #1"), "{}", clerk.page);
}

#[tokio::test]
async fn a_fault_keeps_what_was_typed_and_leads_to_its_field() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    clerk.get("/applications/new").await;
    let typed = [("identity_number", "220102198001010021"), ("name", "王秀兰"), ("go", "on")];
    let page = clerk.post("/applications/new", &typed).await.body;
    assert!(page.contains("<a href=\"#identity_number\">") && page.contains("第 18 位应为"), "{page}");
    assert!(page.contains("value=\"220102198001010021\"") && page.contains("value=\"王秀兰\""));
}

#[tokio::test]
async fn a_minor_needs_a_guardian_on_the_third_screen() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let number = credential::number::IdentityNumber::from_first_17(22_010_220_150_305_002).unwrap().expose();
    enter(&mut clerk, &number, "契玥·阿依古丽").await;
    assert!(
        clerk.page.contains("3 / 4") && clerk.page.contains("id=\"guardian_name-fault\""),
        "{}",
        clerk.page
    );
}

#[tokio::test]
async fn nobody_approves_what_they_entered_even_with_every_power() {
    let service = Service::new();
    let random = service.app.random.clone();
    let hired = service.app.desk.run(move |desk| {
        let office = desk.register.officer(OfficerId::from_stored(2))?.unwrap().office.id;
        hire(desk, &random, "both", &[Role::Clerk, Role::Reviewer, Role::Approver], office);
        Ok(())
    });
    hired.await.unwrap();
    let mut both = service.signed_in("both").await;
    let case = enter(&mut both, &identity(2), "王秀兰").await;
    let done = StatusCode::SEE_OTHER;
    assert_eq!(take(&mut both, &case, "accept", &[]).await, done);
    let mut doctor = service.signed_in("doctor").await;
    take(&mut doctor, &case, "assess", &[("level_4", "2"), ("assessed_on", "2026-11-24")]).await;
    let mut second = service.signed_in("doctor2").await;
    take(&mut second, &case, "countersign", &[]).await;
    take(&mut both, &case, "post_notice", &[("notice_posted", "2026-11-24")]).await;
    service.wait(9 * DAY);
    let mut both = service.signed_in("both").await;
    assert!(both.get(&case).await.body.contains("您在此件中已担任受理，不能再审核"));
    assert_eq!(take(&mut both, &case, "review", &[]).await, StatusCode::CONFLICT);
    let mut reviewer = service.signed_in("reviewer").await;
    assert_eq!(take(&mut reviewer, &case, "review", &[]).await, done);
    assert_eq!(take(&mut both, &case, "approve", &[]).await, StatusCode::CONFLICT);
    assert!(both.page.contains("您在此件中已担任受理，不能再批准"), "{}", both.page);
    assert_eq!(service.count("SELECT count(*) FROM step WHERE verb = 'approve'").await, 0);
}

#[tokio::test]
async fn of_two_approvers_at_the_same_instant_one_is_told_that_the_other_was_quicker() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    take(&mut clerk, &case, "accept", &[]).await;
    let mut doctor = service.signed_in("doctor").await;
    take(&mut doctor, &case, "assess", &[("level_4", "2"), ("assessed_on", "2026-11-24")]).await;
    let mut second = service.signed_in("doctor2").await;
    take(&mut second, &case, "countersign", &[]).await;
    take(&mut clerk, &case, "post_notice", &[("notice_posted", "2026-11-24")]).await;
    service.wait(9 * DAY);
    let mut reviewer = service.signed_in("reviewer").await;
    take(&mut reviewer, &case, "review", &[]).await;
    let (mut one, mut two) = (service.signed_in("approver").await, service.signed_in("approver2").await);
    let url = format!("{case}/steps/approve");
    one.get(&url).await;
    two.get(&url).await;
    let (first, other) = tokio::join!(one.post(&url, &[]), two.post(&url, &[]));
    let mut statuses = [first.status, other.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    assert_eq!(service.count("SELECT count(*) FROM step WHERE verb = 'approve'").await, 1);
    // The same form once more does nothing more.
    let again = one.post(&url, &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_form_sent_twice_files_one_case() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    enter(&mut clerk, &identity(2), "王秀兰").await;
    let mut again = clerk.clone();
    let location = enter(&mut again, &identity(2), "王秀兰").await;
    assert_eq!(location, "");
    assert_eq!(service.count("SELECT count(*) FROM application").await, 1);
}

#[tokio::test]
async fn reading_leaves_a_row_before_anything_is_shown_and_the_full_number_its_own() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    let count = "SELECT count(*) FROM audit WHERE deed = 'viewed'";
    let before = service.count(count).await;
    clerk.get(&case).await;
    let page = clerk.get("/people/1").await.body;
    assert_eq!(service.count(count).await, before + 2);
    assert!(!page.contains(&identity(2)) && page.contains("李clerk"), "who looked is shown");
    assert_eq!(service.count("SELECT count(*) FROM audit WHERE deed = 'exposed'").await, 0);
    let page = clerk.post("/people/1/number", &[]).await.body;
    assert!(page.contains(&identity(2)));
    assert_eq!(service.count("SELECT count(*) FROM audit WHERE deed = 'exposed'").await, 1);
}

#[tokio::test]
async fn the_notice_sheet_says_no_number_no_name_in_full_and_no_diagnosis() {
    let service = Service::new();
    with_cases(&service).await;
    let page = service.signed_in("clerk").await.get("/applications/3/notice").await.body;
    let sheet = page.split("<article").nth(1).unwrap();
    assert!(
        sheet.contains("欧***") && sheet.contains("220104********") && sheet.contains("2026-10-22"),
        "{sheet}"
    );
    for secret in ["欧阳建国", "19510712", "肢体", "人民大街"] {
        assert!(!page.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_case_of_another_county_does_not_exist() {
    let service = Service::new();
    with_cases(&service).await;
    let mut clerk = service.signed_in("clerk").await;
    let mut foreign = service.signed_in("foreign").await;
    let names = ["王秀兰", "契玥", "欧阳建国"];
    for path in [
        "/applications/1",
        "/applications/3/notice",
        "/applications/1/steps/accept",
        "/people/1",
        "/people/3",
    ] {
        assert_eq!(clerk.get(path).await.status, StatusCode::OK, "{path}");
        let answer = foreign.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(!names.iter().any(|name| answer.body.contains(name)), "{path}");
    }
    for path in ["/", "/applications", "/notices"] {
        let page = foreign.get(path).await.body;
        assert!(!names.iter().any(|name| page.contains(name)), "{path}");
    }
    for query in names.iter().copied().chain(["2015-03-05"]) {
        foreign.get("/search").await;
        let page = foreign.post("/search", &[("query", query)]).await.body;
        assert!(page.contains("没有找到"), "{query}");
    }
    foreign.get("/").await;
    let token = serde_urlencoded::to_string(hidden(&foreign.page, "/sign-out")).unwrap();
    for path in ["/applications/1/steps/accept", "/people/1/number"] {
        let answer = foreign.post_raw(path, &token, Some("http://issuer.example")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(service.count("SELECT count(*) FROM step WHERE application_id = 1").await, 1);
}

#[tokio::test]
async fn a_doctor_sees_the_cases_that_wait_for_a_doctor_and_their_own() {
    let service = Service::new();
    with_cases(&service).await;
    let mut doctor = service.signed_in("doctor").await;
    assert_eq!(doctor.get("/applications/1").await.status, StatusCode::NOT_FOUND, "not accepted yet");
    let mut other = service.signed_in("doctor2").await;
    assert_eq!(other.get("/applications/3").await.status, StatusCode::OK, "signed on paper");
    let mut clerk = service.signed_in("clerk").await;
    take(&mut clerk, "/applications/1", "accept", &[]).await;
    assert_eq!(doctor.get("/applications/1").await.status, StatusCode::OK);
    take(&mut doctor, "/applications/1", "assess", &[("level_4", "2"), ("assessed_on", "2026-11-24")]).await;
    take(&mut other, "/applications/1", "disagree", &[]).await;
    assert_eq!(doctor.get("/applications/1").await.status, StatusCode::OK, "their own");
}

#[tokio::test]
async fn what_lies_in_the_way_is_said_on_the_form_itself() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    assert_eq!(take(&mut clerk, &case, "refuse", &[]).await, StatusCode::OK, "no reason given");
    assert!(clerk.page.contains("<a href=\"#refusal\">请选择理由。</a>"), "{}", clerk.page);
    assert_eq!(
        take(&mut clerk, &case, "post_notice", &[("notice_posted", "2026-11-24")]).await,
        StatusCode::CONFLICT
    );
    assert!(clerk.page.contains("此件状态为“已申请”"));
    let mut doctor = service.signed_in("doctor").await;
    take(&mut clerk, &case, "accept", &[]).await;
    assert_eq!(take(&mut doctor, &case, "assess", &[("assessed_on", "2026-11-24")]).await, StatusCode::OK);
    assert!(doctor.page.contains("<a href=\"#components\">"), "{}", doctor.page);
}

#[tokio::test]
async fn after_a_decision_the_next_case_comes() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let first = enter(&mut clerk, &identity(2), "王秀兰").await;
    let second = enter(&mut clerk, &identity(4), "赵铁柱").await;
    let url = format!("{first}/steps/accept");
    clerk.get(&first).await;
    let answer = clerk.post(&url, &[("then", "next")]).await;
    assert_eq!(answer.location(), format!("{second}?done=accept"));
    let page = clerk.get(answer.location()).await.body;
    assert!(page.contains("已办理 · 受理") && page.contains("autofocus"));
}

#[tokio::test]
async fn while_the_clock_is_set_back_no_step_is_taken_and_none_is_lost() {
    let service = Service::new();
    let mut clerk = service.signed_in("clerk").await;
    let program = crate::program::Program::of(&service, "clerk").await;
    service.wait(600);
    let case = enter(&mut clerk, &identity(2), "王秀兰").await;
    // The clock of tests wraps: five minutes back, before the case was entered.
    service.wait(300_u64.wrapping_neg());
    assert_eq!(clerk.get("/").await.status, StatusCode::TOO_MANY_REQUESTS, "nobody gains requests by it");
    service.wait(10);
    assert_eq!(take(&mut clerk, &case, "accept", &[]).await, StatusCode::CONFLICT);
    assert!(clerk.page.contains("请先校准时钟"), "{}", clerk.page);
    let steps = format!("/api/v1{case}/steps");
    let refused = program.post(&steps, &serde_json::json!({ "verb": "accept" })).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "clock_behind".into()));
    service.wait(290);
    assert_eq!(take(&mut clerk, &case, "accept", &[]).await, StatusCode::SEE_OTHER);
}
