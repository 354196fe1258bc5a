//! The first page: each officer sees the cases whose next step is theirs, with the legal clock.

use axum::http::StatusCode;
use credential::disability::{Component, Components};
use credential::number::{IdentityNumber, Reissue};
use credential::region::Region;
use credential::time::{Date, UnixTime};
use issuance::actor::Actor;
use issuance::application::post_notice;
use issuance::calendar::Calendar;
use issuance::casework::{NewCase, submit, take_step};
use issuance::id::{ApplicationId, OfficerId};
use issuance::kind::{Kind, Route};
use issuance::person::{Applicant, Guardian, Particulars};
use issuance::register::OfficeStore;
use issuance::step::{Action, Sheet};
use issuance::text::{Line, Name, Word};
use issuance_server::web::desk::Desk;

use crate::browser::{CAST, START, Service};
use crate::casework::{identity, noticed};

const DAY: u64 = 86_400;

/// Three cases of the county: one entered, one assessed, one whose notice ran out long ago; and one of another.
pub(crate) async fn with_cases(service: &Service) {
    let filled = service.app.desk.run(|desk| {
        submit_case(desk, "clerk", 22_010_219_800_101_001, "王秀兰", 0);
        let assessed = submit_case(desk, "clerk", 22_010_220_150_305_002, "契玥·阿依古丽", 1);
        accept_and_assess(desk, assessed, 1);
        let noticed = submit_case(desk, "clerk", 22_010_419_510_712_712, "欧阳建国", 40);
        accept_and_assess(desk, noticed, 40);
        let posted = Date::parse("2026-10-15").unwrap();
        let notice = post_notice(posted, &Calendar::shipped().unwrap()).unwrap();
        act(desk, "clerk", noticed, notice, 39);
        submit_case(desk, "foreign", 22_020_219_800_101_003, "赵铁柱", 0);
        Ok(())
    });
    filled.await.unwrap();
}

fn submit_case(desk: &mut Desk, login: &str, first_17: u64, name: &str, days_ago: u64) -> ApplicationId {
    let identity = IdentityNumber::from_first_17(first_17).unwrap();
    let home =
        Region::county(CAST.iter().find(|(who, ..)| *who == login).unwrap().2.parse().unwrap()).unwrap();
    let guardian = Guardian {
        name: Name::parse("阿依夏木").unwrap(),
        relation: Word::parse("母亲").unwrap(),
        phone: None,
    };
    let particulars = Particulars {
        name: Name::parse(name).unwrap(),
        ethnic_group: None,
        address: Line::parse("南关区人民大街 1 号").ok(),
        phone: None,
        guardian: (identity.birth_date().year() > 2010).then_some(guardian),
    };
    let applicant = Applicant { identity, home, particulars };
    let case =
        NewCase { kind: Kind::New, route: Route::Assessed, applicant, follows: None, suffix: Reissue::Never };
    let officer = desk.register.officer(id(login)).unwrap().unwrap();
    let origin = Line::parse("command").unwrap();
    let actor = Actor { officer: &officer, now: ago(days_ago), origin: &origin };
    submit(&mut desk.register, &case, &actor).unwrap().id
}

fn accept_and_assess(desk: &mut Desk, case: ApplicationId, days_ago: u64) {
    let components = Components::from_sorted(vec![Component::from_code(42).unwrap()]).unwrap();
    let signed_on = ago(days_ago).date_in_china();
    act(desk, "clerk", case, Action::Accept, days_ago);
    let sheet = Sheet { components, signed_on };
    act(desk, "clerk", case, Action::Transcribe { sheet, doctors: [id("doctor"), id("doctor2")] }, days_ago);
}

fn act(desk: &mut Desk, login: &str, case: ApplicationId, action: Action, days_ago: u64) {
    let officer = desk.register.officer(id(login)).unwrap().unwrap();
    let origin = Line::parse("command").unwrap();
    let actor = Actor { officer: &officer, now: ago(days_ago), origin: &origin };
    take_step(&mut desk.register, case, action, &actor).unwrap();
}

fn ago(days: u64) -> UnixTime {
    UnixTime::from_seconds(START - days * DAY)
}

fn id(login: &str) -> OfficerId {
    let place = CAST.iter().position(|(who, ..)| *who == login).unwrap();
    OfficerId::from_stored(place as i64 + 1)
}

#[tokio::test]
async fn each_officer_sees_the_cases_that_wait_for_them_and_no_others() {
    let service = Service::new();
    with_cases(&service).await;
    let shows = async |login: &str| {
        let page = service.signed_in(login).await.page;
        ["王秀兰", "契玥·阿依古丽", "欧阳建国", "赵铁柱"].map(|name| page.contains(name))
    };
    assert_eq!(shows("clerk").await, [true, true, false, false]);
    assert_eq!(shows("reviewer").await, [false, false, true, false]);
    assert_eq!(shows("approver").await, [false; 4]);
    assert_eq!(shows("foreign").await, [false, false, false, true]);
    assert_eq!(shows("root").await, [false; 4]);
}

#[tokio::test]
async fn an_overdue_case_says_by_how_many_working_days() {
    let service = Service::new();
    with_cases(&service).await;
    let page = service.signed_in("reviewer").await.page;
    // Notice until 22 October, ten working days of review until 5 November, today is the 24th.
    assert!(page.contains("<span class=\"badge refused\">逾期 13 个工作日</span>"), "{page}");
    assert!(page.contains("今天到期 0 件，逾期 1 件"));
    assert!(page.contains("220104********712") && !page.contains("19510712"), "numbers are masked");
}

#[tokio::test]
async fn looking_at_the_list_is_audited() {
    let service = Service::new();
    with_cases(&service).await;
    service.signed_in("clerk").await;
    assert!(service.deeds().await.contains(&"searched".to_owned()));
}

#[tokio::test]
async fn a_minor_is_not_published_and_a_running_notice_waits_for_nobody() {
    let service = Service::new();
    with_cases(&service).await;
    let page = service.signed_in("clerk").await.page;
    assert!(page.contains("未成年") && page.contains("免予公示"));
    let running = service.app.desk.run(|desk| {
        let case = submit_case(desk, "clerk", 22_010_219_900_101_005, "孙小燕", 3);
        accept_and_assess(desk, case, 3);
        let posted = Date::parse("2026-11-23").unwrap();
        act(desk, "clerk", case, post_notice(posted, &Calendar::shipped().unwrap()).unwrap(), 1);
        Ok(())
    });
    running.await.unwrap();
    assert!(!service.signed_in("reviewer").await.page.contains("孙小燕"));
}

#[tokio::test]
async fn in_december_a_term_that_reaches_into_an_unknown_year_is_said_to_be_open() {
    let service = Service::new();
    service.wait(17 * DAY);
    let case = noticed(&service, &identity(2), "王秀兰").await;
    // The notice of 11 December ends on the 18th; ten working days later it is another year.
    service.wait(10 * DAY);
    let mut reviewer = service.signed_in("reviewer").await;
    let read = crate::program::Program::of(&service, "reviewer").await;
    let line = read.get("/api/v1/applications").await.json(StatusCode::OK);
    assert!(line["items"][0]["due"].is_null(), "{line}");
    for path in ["/", "/applications", case.as_str()] {
        let answer = reviewer.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains("期限待定：缺 2027 年放假安排"), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn overdue_cases_and_those_nearly_due_are_lists_of_their_own() {
    let service = Service::new();
    with_cases(&service).await;
    // Review of this notice is due ten working days after 1 December, on the 15th.
    let soon = noticed(&service, &identity(2), "孙小燕").await;
    let lists = async |service: &Service| {
        let mut reviewer = service.signed_in("reviewer").await;
        let mut shown = Vec::new();
        for due in ["overdue", "soon"] {
            let page = reviewer.get(&format!("/applications?due={due}")).await.body;
            shown.push(
                ["/applications/1\"", "/applications/3\"", &format!("{soon}\"")]
                    .map(|url| page.contains(url)),
            );
        }
        shown
    };
    assert_eq!(lists(&service).await, [[false, true, false], [false; 3]], "one has waited since October");
    service.wait(16 * DAY);
    assert_eq!(lists(&service).await, [[false, true, false], [false; 3]], "10 December: three days are left");
    service.wait(DAY);
    assert_eq!(lists(&service).await, [[false, true, false], [false, false, true]]);
    service.wait(5 * DAY);
    assert_eq!(lists(&service).await, [[false, true, true], [false; 3]]);
    let page = service.signed_in("foreign").await.get("/applications?due=overdue").await.body;
    assert!(!page.contains("欧阳建国"), "another county's: {page}");
}

#[tokio::test]
async fn behind_cases_that_an_officer_may_not_take_others_wait_and_long_lists_go_on_page_by_page() {
    let service = Service::new();
    let filed = service.app.desk.run(|desk| {
        let sql = "UPDATE officer SET roles = 'clerk,reviewer' WHERE login = 'reviewer'";
        desk.connection().execute(sql, [])?;
        // Whoever entered a case does not review it; the last one is somebody else's.
        for n in 0..52 {
            let (login, name) = if n < 51 { ("reviewer", "孙小燕") } else { ("clerk", "赵铁柱") };
            let case = submit_case(desk, login, 22_010_219_800_101_100 + n, name, 40);
            accept_and_assess(desk, case, 40);
            let posted = Date::parse("2026-10-15").unwrap();
            act(desk, "clerk", case, post_notice(posted, &Calendar::shipped().unwrap()).unwrap(), 39);
        }
        Ok(())
    });
    filed.await.unwrap();
    let mut reviewer = service.signed_in("reviewer").await;
    let home = &reviewer.page;
    assert!(home.contains("赵铁柱") && !home.contains("孙小燕"), "{home}");
    let first = reviewer.get("/applications?due=overdue").await.body;
    assert!(first.contains("/applications/1\"") && !first.contains("/applications/51\""), "fifty a page");
    assert!(first.contains("href=\"/applications?due=overdue&#38;from=50\""), "{first}");
    let second = reviewer.get("/applications?due=overdue&from=50").await.body;
    let shows = |id: u32| second.contains(&format!("/applications/{id}\""));
    assert!(shows(51) && shows(52) && !shows(50) && !second.contains("from="), "{second}");
}

#[tokio::test]
async fn the_most_urgent_case_stands_on_the_first_page_however_late_it_was_entered() {
    let service = Service::new();
    let filed = service.app.desk.run(|desk| {
        for n in 0..26 {
            let (posted, name) =
                if n < 25 { ("2026-11-02", "孙小燕") } else { ("2026-10-15", "赵铁柱") };
            let case = submit_case(desk, "clerk", 22_010_219_800_101_100 + n, name, 40);
            accept_and_assess(desk, case, 40);
            let notice = post_notice(Date::parse(posted).unwrap(), &Calendar::shipped().unwrap()).unwrap();
            act(desk, "clerk", case, notice, 20);
        }
        Ok(())
    });
    filed.await.unwrap();
    let page = service.signed_in("reviewer").await.page;
    let (urgent, other) = (page.find("赵铁柱"), page.find("孙小燕"));
    assert!(urgent.is_some() && urgent < other, "{page}");
}
