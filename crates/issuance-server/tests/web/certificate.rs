//! Certificates after they are issued: suspended, lifted, revoked by two, lost, renewed; and the auditor's pages.

use axum::http::StatusCode;
use credential::time::Date;
use issuance::audit::first_broken;
use issuance::register::AuditStore;
use issuance_server::web::issuing::issue_all;

use crate::browser::{Browser, Service, hidden};
use crate::casework::{approve, identity, press, take};

async fn issued() -> (Service, String) {
    let service = Service::new();
    let press = press(&service).await;
    let case = approve(&service, &identity(2), "王秀兰").await;
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);
    (service, case)
}

async fn change(clerk: &mut Browser, reason: &str, effective: &str) -> StatusCode {
    clerk.get("/certificates/1").await;
    let fields = [("reason", reason)];
    // The form begins with today; what is sent is what was typed.
    let mut all = hidden(&clerk.page, "/certificates/1/changes");
    all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    all.push(("effective".into(), effective.into()));
    let body = serde_urlencoded::to_string(all).unwrap();
    clerk.post_raw("/certificates/1/changes", &body, Some("http://issuer.example")).await.status
}

const STANDING: &str =
    "SELECT CASE standing WHEN 'valid' THEN 0 WHEN 'suspended' THEN 1 ELSE 2 END FROM certificate";

#[tokio::test]
async fn a_suspension_takes_one_officer_and_can_be_lifted() {
    let (service, _) = issued().await;
    let mut clerk = service.signed_in("clerk").await;
    assert_eq!(change(&mut clerk, "suspected_death", "2026-12-01").await, StatusCode::SEE_OTHER);
    assert_eq!(service.count(STANDING).await, 1);
    let page = clerk.get("/certificates/1").await.body;
    assert!(page.contains("冻结 · 疑似死亡") && page.contains("2026-12-01"), "{page}");
    assert_eq!(change(&mut clerk, "cleared", "2026-12-01").await, StatusCode::SEE_OTHER);
    assert_eq!(service.count(STANDING).await, 0);
}

#[tokio::test]
async fn a_revocation_waits_for_another_officer_and_stands_after_their_word() {
    let (service, _) = issued().await;
    let mut clerk = service.signed_in("clerk").await;
    assert_eq!(change(&mut clerk, "death", "2026-11-30").await, StatusCode::SEE_OTHER);
    assert_eq!(service.count(STANDING).await, 0, "one officer is not enough");
    clerk.get("/certificates/1").await;
    let token = serde_urlencoded::to_string(hidden(&clerk.page, "/sign-out")).unwrap();
    let own =
        clerk.post_raw("/changes/1", &format!("{token}&word=confirm"), Some("http://issuer.example")).await;
    assert_eq!(own.status, StatusCode::FORBIDDEN);
    let mut approver = service.signed_in("approver").await;
    assert!(approver.get("/certificates").await.body.contains("注销 · 死亡"));
    approver.get("/certificates/1").await;
    assert_eq!(approver.post("/changes/1", &[("word", "confirm")]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(service.count(STANDING).await, 2);
    assert_eq!(approver.post("/changes/1", &[("word", "drop")]).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_dropped_revocation_changes_nothing_and_a_date_to_come_is_refused() {
    let (service, _) = issued().await;
    let mut clerk = service.signed_in("clerk").await;
    assert_eq!(change(&mut clerk, "voluntary", "2027-01-01").await, StatusCode::CONFLICT);
    assert!(clerk.page.contains("生效日期晚于今天"));
    assert_eq!(change(&mut clerk, "voluntary", "soon").await, StatusCode::OK);
    assert!(clerk.page.contains("<a href=\"#effective\">"));
    change(&mut clerk, "voluntary", "2026-12-01").await;
    let mut approver = service.signed_in("approver").await;
    approver.get("/certificates/1").await;
    approver.post("/changes/1", &[("word", "drop")]).await;
    assert_eq!(service.count(STANDING).await, 0);
}

#[tokio::test]
async fn a_loss_revokes_at_the_report_and_leads_to_a_new_suffix() {
    let (service, _) = issued().await;
    let press = press(&service).await;
    let mut clerk = service.signed_in("clerk").await;
    clerk.get("/certificates/1").await;
    let answer = clerk.post("/certificates/1/loss", &[]).await;
    assert_eq!(answer.location(), "/applications/2");
    assert_eq!(service.count(STANDING).await, 2);
    let mut reviewer = service.signed_in("reviewer").await;
    assert_eq!(take(&mut reviewer, "/applications/2", "review", &[]).await, StatusCode::SEE_OTHER);
    let mut approver = service.signed_in("approver").await;
    assert!(approver.get("/applications/2").await.body.contains("新旧对照"));
    assert_eq!(take(&mut approver, "/applications/2", "approve", &[]).await, StatusCode::SEE_OTHER);
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);
    assert!(clerk.get("/certificates/2").await.body.contains("B1"));
}

#[tokio::test]
async fn a_follow_up_stands_beside_the_old_and_marks_what_changed() {
    let (service, _) = issued().await;
    let mut clerk = service.signed_in("clerk").await;
    let url = "/certificates/1/follow/guardian_change";
    clerk.get(url).await;
    let fields = [
        ("name", "王秀兰"),
        ("county", "220102"),
        ("address", "南关区人民大街 1 号"),
        ("guardian_name", "王小明"),
        ("guardian_relation", "儿子"),
    ];
    let answer = clerk.post(url, &fields).await;
    assert_eq!(answer.location(), "/applications/2?done=submit", "{}", answer.body);
    let page = clerk.get("/applications/2").await.body;
    let changed: Vec<&str> =
        page.split("class=\"changed\"><dt>").skip(1).map(|rest| &rest[..rest.find('<').unwrap()]).collect();
    assert_eq!(changed, ["监护人", "监护人"]);
    // While a case is open there is no second one.
    let again = clerk.post("/certificates/1/follow/renewal", &fields).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "the form of another page carries no token here");
    clerk.get("/certificates/1/follow/renewal").await;
    assert_eq!(clerk.post("/certificates/1/follow/renewal", &fields).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_qr_codes_are_shown_and_looking_is_audited() {
    let (service, _) = issued().await;
    let page = service.signed_in("desk").await.get("/certificates/1").await.body;
    assert_eq!(page.matches("<svg").count(), 2, "certificate and pass");
    assert_eq!(
        service.count("SELECT count(*) FROM audit WHERE deed = 'viewed' AND subject = 'certificate'").await,
        1
    );
}

#[tokio::test]
async fn the_auditor_reads_a_case_a_day_and_the_chain() {
    let (service, case) = issued().await;
    let mut auditor = service.signed_in("auditor").await;
    let story = auditor.get(&format!("/audit{case}")).await.body;
    for deed in ["受理", "评定", "复签评定", "公示", "审核", "批准", "制证", "签发"] {
        assert!(story.contains(deed), "{deed}");
    }
    let day = auditor.get("/audit/officers/2?day=2026-11-24").await.body;
    assert!(day.contains("李clerk") && day.contains("受理") && !day.contains("批准"));
    auditor.get("/audit").await;
    assert_eq!(auditor.post("/audit", &[("case", "220102-00001")]).await.location(), "/audit/applications/1");
    auditor.get("/audit").await;
    assert!(auditor.post("/audit/chain", &[]).await.body.contains("审计链完整"));
    let rows = service.app.desk.run(|desk| Ok(desk.register.audit_rows(0, 10_000)?)).await.unwrap();
    assert_eq!(first_broken(rows), None);
    assert_eq!(service.signed_in("clerk").await.get("/audit").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_certificate_says_from_which_day_it_is_renewed_and_when_it_has_ended() {
    let (service, _) = issued().await;
    let says = async |word: &str| {
        let mut clerk = service.signed_in("clerk").await;
        let pages = [clerk.get("/certificates").await.body, clerk.get("/certificates/1").await.body];
        pages.map(|page| page.contains(&format!(">{word}</span>")))
    };
    // Ten years from 3 December 2026, with three leap days; 90 days before that is 4 September.
    let page = service.signed_in("clerk").await.get("/certificates/1").await.body;
    assert!(page.contains("<dt>可换领起始日</dt><dd class=\"number\">2036-09-04</dd>"), "{page}");
    service.wait(3562 * 86_400);
    assert_eq!(says("换领期内").await, [false; 2]);
    service.wait(86_400);
    assert_eq!(says("换领期内").await, [true; 2]);
    service.wait(90 * 86_400);
    assert_eq!((says("已到期").await, says("换领期内").await), ([true; 2], [false; 2]));
}

#[tokio::test]
async fn what_comes_to_its_renewal_is_listed_by_county_until_it_is_renewed() {
    let (service, _) = issued().await;
    let url = "/certificates/renewals?county=220102&term=";
    let shown = async |login: &str| {
        let mut officer = service.signed_in(login).await;
        let mut lists = Vec::new();
        for term in ["due", "ended"] {
            lists.push(officer.get(&format!("{url}{term}")).await.body.contains("王秀兰"));
        }
        lists
    };
    service.wait(3562 * 86_400);
    assert_eq!(shown("clerk").await, [false; 2], "the day before the window opens");
    service.wait(86_400);
    assert_eq!(shown("clerk").await, [true, false]);

    // The clerk's first page says so; whoever takes no applications has other work.
    let panel = "<dt>换领期内</dt><dd>1</dd>";
    let page = service.signed_in("clerk").await.page;
    assert!(page.contains(panel) && page.contains("<dt>已到期未换领</dt><dd>0</dd>"), "{page}");
    for login in ["foreign", "approver"] {
        assert!(!service.signed_in(login).await.page.contains(panel), "{login}");
    }

    // A county sees its own list at once, a province how many each county has; nobody another county's.
    let mut clerk = service.signed_in("clerk").await;
    let page = clerk.get("/certificates/renewals").await.body;
    assert!(
        page.contains("王秀兰") && page.contains("220102********") && page.contains("2036-12-03"),
        "{page}"
    );
    assert!(page.contains("aria-current=\"true\">换领期内 1</a>") && page.contains(">已到期未换领 0</a>"));
    assert!(clerk.get("/certificates").await.body.contains("href=\"/certificates/renewals\""));
    let mut auditor = service.signed_in("auditor").await;
    let page = auditor.get("/certificates/renewals").await.body;
    let due = "?county=220102&#38;term=due\" aria-label=\"吉林省长春市南关区（220102） 换领期内 1\">1</a>";
    assert!(page.contains(due) && !page.contains("王秀兰"), "{page}");
    assert!(auditor.get(&format!("{url}due")).await.body.contains("href=\"/certificates/renewals\">全部县"));
    let foreign = service.signed_in("foreign").await.get(&format!("{url}due")).await;
    assert!(!foreign.status.is_success() && !foreign.body.contains("王秀兰"), "{}", foreign.status);
    assert!(service.deeds().await.contains(&"searched".to_owned()));
    clerk.get("/language?lang=en&back=/").await;
    let page = clerk.get("/certificates/renewals").await.body;
    assert!(page.contains("Ended, not renewed 0") && !page.contains("换领"), "{page}");

    // A list goes on behind the end and the number of its last one.
    let end = Date::parse("2036-12-03").unwrap().start_in_china().as_seconds();
    for (after, shows) in
        [(format!("{end}-0"), true), (format!("{end}-1"), false), (format!("{}-9", end - 1), true)]
    {
        let page = clerk.get(&format!("{url}due&after={after}")).await.body;
        assert_eq!(page.contains("王秀兰"), shows, "{after}");
    }

    // The clerk goes from the list to the form, and while the case is open to the case.
    let renew = "/certificates/1/follow/renewal";
    assert!(page.contains(&format!("href=\"{renew}\" aria-label=\"Renew 王秀兰\"")), "{page}");
    assert!(!auditor.get(&format!("{url}due")).await.body.contains(renew), "an auditor enters nothing");
    service.wait(90 * 86_400);
    assert_eq!(shown("clerk").await, [false, true]);
    let mut clerk = service.signed_in("clerk").await;
    clerk.get(renew).await;
    let fields =
        [("name", "王秀兰"), ("county", "220102"), ("address", "南关区人民大街 1 号"), ("route", "direct")];
    let case = clerk.post(renew, &fields).await.location().split('?').next().unwrap().to_owned();
    let page = clerk.get(&format!("{url}ended")).await.body;
    assert!(page.contains(&format!("href=\"{case}\" aria-label=\"在办案卷 王秀兰\"")), "{case}: {page}");
    assert!(!page.contains(renew), "not twice");
}
