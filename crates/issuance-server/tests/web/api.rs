//! The API: a case by programs alone, tokens and scopes, writes that are done once, and what no program may do.

use axum::body::Body;
use axum::http::{StatusCode, header};
use issuance::audit::first_broken;
use issuance::fault::{Field, Rule};
use issuance::id::OfficerId;
use issuance::officer::Role;
use issuance::register::{AuditStore, OfficeStore};
use issuance_server::web::guard::Who;
use issuance_server::web::issuing::issue_all;
use issuance_server::web::scope::Scope;
use serde_json::{Value, json};

use crate::browser::{CAST, Service, hire};
use crate::casework::{approve, identity, press};
use crate::program::Program;

const DAY: u64 = 86_400;

fn applicant(serial: u64) -> Value {
    json!({ "identity_number": identity(serial), "name": "王秀兰", "county": "220102", "address": "人民大街 1 号" })
}

/// A case until the approval is due, by programs of the county; its address.
async fn reviewed(service: &Service) -> String {
    let clerk = Program::of(service, "clerk").await;
    let filed = clerk.post("/api/v1/applications", &applicant(2)).await.json(StatusCode::CREATED);
    let case = format!("/api/v1/applications/{}", filed["id"]);
    let steps = format!("{case}/steps");
    let finding = json!({ "verb": "assess", "components": "42", "assessed_on": "2026-11-24" });
    let posted = json!({ "verb": "post_notice", "notice_posted": "2026-11-24" });
    clerk.post(&steps, &json!({ "verb": "accept" })).await.json(StatusCode::OK);
    Program::of(service, "doctor").await.post(&steps, &finding).await.json(StatusCode::OK);
    let second = Program::of(service, "doctor2").await;
    second.post(&steps, &json!({ "verb": "countersign" })).await.json(StatusCode::OK);
    clerk.post(&steps, &posted).await.json(StatusCode::OK);
    service.wait(9 * DAY);
    let reviewer = Program::of(service, "reviewer").await;
    let read = reviewer.post(&steps, &json!({ "verb": "review" })).await.json(StatusCode::OK);
    assert_eq!(read["state"], "reviewed");
    case
}

#[tokio::test]
async fn programs_take_a_case_from_the_application_to_the_texts_of_its_codes() {
    let service = Service::new();
    let press = press(&service).await;
    let case = reviewed(&service).await;
    let approver = Program::of(&service, "approver").await;
    let read = approver.get(&case).await.json(StatusCode::OK);
    assert!(read["open_steps"].as_array().unwrap().contains(&json!("approve")), "{read}");
    approver.post(&format!("{case}/steps"), &json!({ "verb": "approve" })).await.json(StatusCode::OK);
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);
    let read = approver.get(&case).await.json(StatusCode::OK);
    assert_eq!((&read["state"], &read["certificate"]), (&json!("issued"), &json!(1)));
    let certificate = approver.get("/api/v1/certificates/1").await.json(StatusCode::OK);
    assert_eq!(certificate["standing"], "valid");
    assert_eq!(certificate["components"], json!(["42"]));
    let texts = approver.get("/api/v1/certificates/1/credentials").await.json(StatusCode::OK);
    let kinds: Vec<_> = texts["items"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["certificate", "pass"]);
    assert!(service.deeds().await.contains(&"pictured".to_owned()));
}

#[tokio::test]
async fn numbers_are_masked_but_at_their_own_address_and_each_read_is_audited() {
    let service = Service::new();
    reviewed(&service).await;
    let clerk = Program::of(&service, "clerk").await;
    let body = json!({ "name": "王秀兰", "born": "1980-01-01" });
    let found = clerk.post("/api/v1/people/search", &body).await;
    let person = clerk.get("/api/v1/people/1").await;
    for answer in [&found, &person, &clerk.get("/api/v1/applications").await] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(!answer.body.contains("19800101") && answer.body.contains("王秀兰"), "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(found.json(StatusCode::OK)["items"][0]["identity_number"], "220102********0020");
    let number = clerk.post("/api/v1/people/1/number", &json!({})).await.json(StatusCode::OK);
    assert_eq!(number["identity_number"], identity(2));
    let rows = service.app.desk.run(|desk| Ok(desk.register.audit_rows(0, 10_000)?)).await.unwrap();
    assert_eq!(first_broken(rows.clone()), None);
    let by = format!("api {} 0.0.0.0", clerk.id);
    let own = rows.iter().filter(|row| row.entry.origin.expose() == by);
    let deeds: Vec<_> = own.map(|row| row.entry.deed.to_stored()).collect();
    assert_eq!(deeds, ["searched", "viewed", "searched", "exposed"]);
}

#[tokio::test]
async fn a_token_that_does_not_count_opens_nothing() {
    let service = Service::new();
    let mut browser = service.signed_in("clerk").await;
    let program = Program::of(&service, "clerk").await;
    assert_eq!(program.get("/api/v1/applications").await.status, StatusCode::OK);
    assert_eq!(browser.get("/api/v1/applications").await.status, StatusCode::UNAUTHORIZED, "a cookie");
    let unknown = Program { token: format!("zhengka_{}", "0".repeat(64)), ..program.clone() };
    let cookie = Program { token: browser.token().to_owned(), ..program.clone() };
    for stranger in [unknown, cookie] {
        let answer = stranger.get("/api/v1/applications").await;
        assert_eq!((answer.status, answer.code().as_str()), (StatusCode::UNAUTHORIZED, "token_refused"));
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
    }
    let locks = "UPDATE account SET locked_until = 9999999999 WHERE officer = (SELECT id FROM officer WHERE login = 'clerk')";
    let opens = "UPDATE account SET locked_until = 0";
    let leaves = "UPDATE officer SET active = 0 WHERE login = 'clerk'";
    let returns = "UPDATE officer SET active = 1 WHERE login = 'clerk'";
    let id = program.id.get();
    let revokes = format!("UPDATE api_client SET revoked_at = 1 WHERE id = {id}");
    for (shuts, again) in [(locks, Some(opens)), (leaves, Some(returns)), (&revokes, None)] {
        run(&service, shuts).await;
        assert_eq!(program.get("/api/v1/applications").await.status, StatusCode::UNAUTHORIZED, "{shuts}");
        let Some(again) = again else { continue };
        run(&service, again).await;
        assert_eq!(program.get("/api/v1/applications").await.status, StatusCode::OK, "{again}");
    }
    let ends = Program::of(&service, "clerk").await;
    service.wait(30 * DAY);
    assert_eq!(ends.get("/api/v1/applications").await.status, StatusCode::UNAUTHORIZED, "ended");
}

async fn run(service: &Service, sql: &str) {
    let sql = sql.to_owned();
    let done = service.app.desk.run(move |desk| {
        desk.connection().execute_batch(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        Ok(())
    });
    done.await.unwrap();
}

#[tokio::test]
async fn only_the_digest_of_a_token_is_stored() {
    let service = Service::new();
    let program = Program::of(&service, "clerk").await;
    let stored = "SELECT count(*) FROM api_client WHERE length(token_sha256) = 32";
    assert_eq!(service.count(stored).await, 1);
    let digits = program.token.trim_start_matches("zhengka_").to_owned();
    let sql = "SELECT count(*) FROM api_client WHERE hex(token_sha256) = upper(?1)";
    let clear = service
        .app
        .desk
        .run(move |desk| Ok(desk.connection().query_row(sql, [digits], |row| row.get::<_, i64>(0))?));
    assert_eq!(clear.await.unwrap(), 0);
}

#[tokio::test]
async fn a_scope_narrows_an_officer_and_never_widens_one() {
    let service = Service::new();
    let case = reviewed(&service).await;
    let steps = format!("{case}/steps");
    let reader = Program::with(&service, "approver", &[Scope::ReadCases]).await;
    assert_eq!(reader.get(&case).await.status, StatusCode::OK);
    let approves = json!({ "verb": "approve" });
    assert_eq!(reader.post(&steps, &approves).await.code(), "scope_missing");
    let writer = Program::with(&service, "approver", &[Scope::WriteCases]).await;
    assert_eq!(
        writer.post(&steps, &approves).await.code(),
        "scope_missing",
        "deciding is a scope of its own"
    );
    let clerk = Program::of(&service, "clerk").await;
    assert_eq!(clerk.post(&steps, &approves).await.code(), "power_missing");
    let auditor = Program::of(&service, "auditor").await;
    assert_eq!(auditor.post("/api/v1/applications", &applicant(4)).await.code(), "power_missing");
}

#[tokio::test]
async fn nobody_approves_what_they_entered_through_the_api_either() {
    let service = Service::new();
    let both = "UPDATE officer SET roles = 'clerk,approver' WHERE login = 'clerk'";
    run(&service, both).await;
    let case = reviewed(&service).await;
    let clerk = Program::of(&service, "clerk").await;
    let answer = clerk.post(&format!("{case}/steps"), &json!({ "verb": "approve" })).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::CONFLICT, "duties_not_separated"));
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert!(problem["detail"].as_str().unwrap().chars().any(|c| c > '\u{4e00}'));
}

#[tokio::test]
async fn of_two_approvers_at_the_same_instant_one_wins() {
    let service = Service::new();
    let case = reviewed(&service).await;
    let steps = format!("{case}/steps");
    let (one, two) = (Program::of(&service, "approver").await, Program::of(&service, "approver2").await);
    let approves = json!({ "verb": "approve" });
    let (first, second) = tokio::join!(one.post(&steps, &approves), two.post(&steps, &approves));
    let mut statuses = [first.status, second.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT], "{} {}", first.body, second.body);
    assert_eq!(service.count("SELECT count(*) FROM step WHERE verb = 'approve'").await, 1);
}

#[tokio::test]
async fn a_write_sent_again_is_answered_as_before_and_done_once() {
    let service = Service::new();
    let clerk = Program::of(&service, "clerk").await;
    let path = "/api/v1/applications";
    let first = clerk.post_once(path, &applicant(2), "key-1").await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (StatusCode::CREATED, ""));
    let again = clerk.post_once(path, &applicant(2), "key-1").await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(service.count("SELECT count(*) FROM application").await, 1);
    let restarted = Program { service: service.restarted(), ..clerk.clone() };
    assert_eq!(restarted.post_once(path, &applicant(2), "key-1").await.body, first.body, "after a restart");
    let other = clerk.post_once(path, &applicant(4), "key-1").await;
    assert_eq!((other.status, other.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "key_reused"));
    let elsewhere = clerk.post_once("/api/v1/applications/1/steps", &applicant(2), "key-2").await;
    assert_eq!(elsewhere.code(), "shape");
    let colleague = Program::of(&service, "clerk").await;
    let own = colleague.post_once(path, &applicant(2), "key-1").await;
    assert_eq!(own.code(), "application_open", "a key belongs to one client");
    service.wait(DAY + 1);
    assert_eq!(clerk.post_once(path, &applicant(2), "key-1").await.code(), "application_open", "a day later");
}

#[tokio::test]
async fn a_refusal_leaves_no_answer_behind_and_a_write_needs_a_key() {
    let service = Service::new();
    let clerk = Program::of(&service, "clerk").await;
    let mut wrong = applicant(2);
    wrong["name"] = json!("");
    let path = "/api/v1/applications";
    let refused = clerk.post_once(path, &wrong, "key-1").await;
    assert_eq!(refused.code(), "faults");
    let problem: Value = serde_json::from_str(&refused.body).unwrap();
    assert_eq!(problem["faults"][0]["field"], "name");
    assert_eq!(problem["faults"][0]["code"], "required");
    assert_eq!(service.count("SELECT count(*) FROM api_answer").await, 0);
    assert_eq!(clerk.post_once(path, &applicant(2), "key-1").await.status, StatusCode::CREATED);
    for key in ["", "two words", &"x".repeat(65)] {
        assert_eq!(clerk.post_once(path, &applicant(4), key).await.code(), "key_missing", "{key}");
    }
    let sealed = "SELECT count(*) FROM api_answer WHERE instr(answer, CAST('王秀兰' AS BLOB)) > 0";
    assert_eq!(service.count(sealed).await, 0, "answers are sealed");
}

#[tokio::test]
async fn a_problem_speaks_the_language_that_was_asked_for() {
    let service = Service::new();
    let clerk = Program::of(&service, "clerk").await;
    let ask = |lang| clerk.request("GET", "/api/v1/people/999").header(header::ACCEPT_LANGUAGE, lang);
    let english = clerk.send(ask("en").body(Body::empty()).unwrap()).await;
    let chinese = clerk.send(ask("zh-CN,en;q=0.5").body(Body::empty()).unwrap()).await;
    assert!(english.body.contains("Not found") && chinese.body.contains("没有找到"));
}

#[tokio::test]
async fn bodies_that_are_no_json_of_ours_are_refused_before_anything_is_done() {
    let service = Service::new();
    let clerk = Program::of(&service, "clerk").await;
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let many = format!("{{\"name\":\"{}\"}}", "x".repeat(70_000));
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("application/json", b"{\"name\":\"\xff\xfe\"}".to_vec(), "shape"),
        ("application/json", deep.into_bytes(), "shape"),
        ("application/json", b"".to_vec(), "shape"),
        ("application/json", b"{\"nmae\":\"x\"}".to_vec(), "shape"),
        ("application/json", many.into_bytes(), "too_large"),
        ("text/plain", b"{\"name\":\"x\"}".to_vec(), "media_type"),
        ("application/x-www-form-urlencoded", b"name=x".to_vec(), "media_type"),
    ];
    for (kind, body, code) in cases {
        let request = clerk.request("POST", "/api/v1/people/search").header(header::CONTENT_TYPE, kind);
        assert_eq!(clerk.send(request.body(Body::from(body)).unwrap()).await.code(), code, "{kind}");
    }
    assert!(!service.deeds().await.contains(&"searched".to_owned()));
}

#[tokio::test]
async fn a_field_that_an_address_does_not_know_is_refused_rather_than_dropped() {
    let service = Service::new();
    let clerk = Program::of(&service, "clerk").await;
    let mut misspelt = applicant(2);
    misspelt["adress"] = json!("人民大街 1 号");
    let refused = clerk.post("/api/v1/applications", &misspelt).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, "shape"));
    clerk.post("/api/v1/applications", &applicant(2)).await.json(StatusCode::CREATED);
    for step in [
        json!({ "verb": "accept", "refusal": "residence" }),
        json!({ "verb": "supply", "name": "王秀兰", "adress": "x" }),
        json!({ "verb": "assess", "components": "42", "assessed_on": "2026-11-24", "level": 2 }),
    ] {
        let refused = clerk.post("/api/v1/applications/1/steps", &step).await;
        assert_eq!(refused.code(), "shape", "{step}");
        assert!(!refused.body.contains("第 0 行"), "{}", refused.body);
    }
    assert_eq!(service.count("SELECT count(*) FROM step").await, 1);
}

#[tokio::test]
async fn a_search_with_a_birth_date_that_is_none_is_told_at_that_field() {
    let service = Service::new();
    let clerk = Program::of(&service, "clerk").await;
    let asked = json!({ "number": identity(2), "born": "1980-02-30" });
    let problem = clerk.post("/api/v1/people/search", &asked).await.json(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["faults"][0]["field"], "born");
    assert_eq!(problem["faults"][0]["code"], "date");
}

#[tokio::test]
async fn a_paper_form_is_transcribed_only_in_the_name_of_doctors() {
    let service = Service::new();
    let clerk = Program::of(&service, "clerk").await;
    clerk.post("/api/v1/applications", &applicant(2)).await.json(StatusCode::CREATED);
    let steps = "/api/v1/applications/1/steps";
    clerk.post(steps, &json!({ "verb": "accept" })).await.json(StatusCode::OK);
    let finding = json!({ "components": "42", "assessed_on": "2026-11-24" });
    let (doctor, reviewer, doctor2, nobody) = (3, 4, 10, 999);
    for (doctors, field) in
        [([reviewer, doctor], "doctor_1"), ([doctor, reviewer], "doctor_2"), ([nobody, doctor], "doctor_1")]
    {
        let step = json!({ "verb": "transcribe", "finding": finding, "doctors": doctors });
        let problem = clerk.post(steps, &step).await.json(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["faults"][0]["field"], field);
        assert_eq!(problem["faults"][0]["code"], "not_an_assessor");
    }
    // The use case itself refuses as well: a page's form can be written by hand.
    let mut browser = service.signed_in("clerk").await;
    browser.get("/applications/1/steps/transcribe").await;
    let (reviewer, doctor) = (reviewer.to_string(), doctor.to_string());
    let typed =
        [("level_4", "2"), ("assessed_on", "2026-11-24"), ("doctor_1", &reviewer), ("doctor_2", &doctor)];
    let answer = browser.post("/applications/1/steps/transcribe", &typed).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.body);
    assert_eq!(service.count("SELECT count(*) FROM step WHERE verb = 'transcribe'").await, 0);
    let step = json!({ "verb": "transcribe", "finding": finding, "doctors": [3, doctor2] });
    assert_eq!(clerk.post(steps, &step).await.json(StatusCode::OK)["state"], "assessed");
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let service = Service::new();
    let clerk = Program::of(&service, "clerk").await;
    for serial in [2, 4, 6] {
        clerk.post("/api/v1/applications", &applicant(serial)).await.json(StatusCode::CREATED);
    }
    let mut seen = Vec::new();
    let mut path = "/api/v1/applications?limit=2".to_owned();
    loop {
        let page = clerk.get(&path).await.json(StatusCode::OK);
        seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()));
        let Some(next) = page["next"].as_i64() else { break };
        path = format!("/api/v1/applications?limit=2&after={next}");
    }
    assert_eq!(seen, [1, 2, 3]);
    let state = clerk.get("/api/v1/applications?state=issued").await.json(StatusCode::OK);
    assert_eq!(state["items"], json!([]));
    for wrong in ["limit=0", "limit=201", "limit=x", "after=x", "state=nonsense"] {
        let answer = clerk.get(&format!("/api/v1/applications?{wrong}")).await;
        assert_eq!(answer.code(), "unreadable", "{wrong}");
    }
}

#[tokio::test]
async fn status_takes_two_programs_where_it_cannot_be_undone() {
    let service = Service::new();
    let press = press(&service).await;
    approve(&service, &identity(2), "王秀兰").await;
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);
    let clerk = Program::of(&service, "clerk").await;
    let change = json!({ "reason": "death", "effective": "2026-11-30" });
    let entered = clerk.post("/api/v1/certificates/1/changes", &change).await.json(StatusCode::CREATED);
    assert_eq!(entered["outcome"], "waiting");
    let word = json!({ "word": "confirm" });
    assert_eq!(clerk.post("/api/v1/changes/1/decision", &word).await.code(), "power_missing");
    let approver = Program::of(&service, "approver").await;
    let waiting = approver.get("/api/v1/changes").await.json(StatusCode::OK);
    assert_eq!(waiting["items"].as_array().unwrap().len(), 1);
    let decided = approver.post("/api/v1/changes/1/decision", &word).await.json(StatusCode::OK);
    assert_eq!(decided["outcome"], "confirmed");
    assert_eq!(approver.post("/api/v1/changes/1/decision", &word).await.code(), "change_closed");
    let lost = clerk.post("/api/v1/certificates/1/loss", &json!({})).await;
    assert_eq!(lost.code(), "wrong_standing");
    // Another county learns neither that there was a change nor that it is decided.
    let random = service.app.random.clone();
    let hired = service.app.desk.run(move |desk| {
        let office = desk.register.officer(OfficerId::from_stored(9))?.unwrap().office.id;
        hire(desk, &random, "elsewhere", &[Role::Approver], office);
        Ok(())
    });
    hired.await.unwrap();
    let elsewhere = Program::of(&service, "elsewhere").await;
    for change in [1, 999] {
        let refused = elsewhere.post(&format!("/api/v1/changes/{change}/decision"), &word).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (StatusCode::NOT_FOUND, "not_found"),
            "{change}"
        );
    }
}

#[tokio::test]
async fn a_loss_files_its_replacement_and_cards_are_ordered_and_replaced() {
    let service = Service::new();
    let press = press(&service).await;
    approve(&service, &identity(2), "王秀兰").await;
    assert_eq!(issue_all(&service.app, &press).await.unwrap(), 1);
    let desk = Program::of(&service, "desk").await;
    let off = desk.post("/api/v1/certificates/1/cards", &json!({})).await;
    assert_eq!(off.code(), "feature_off");
    run(&service, "INSERT INTO pilot VALUES ('smart_card', 0, 1, 1, 1)").await;
    let job = desk.post("/api/v1/certificates/1/cards", &json!({})).await.json(StatusCode::CREATED);
    assert_eq!(job["stage"], "ordered");
    assert_eq!(desk.post("/api/v1/certificates/1/cards", &json!({})).await.code(), "card_ordered");
    let next = desk.post("/api/v1/certificates/1/cards/replacement", &json!({})).await;
    assert_eq!(next.json(StatusCode::CREATED)["id"], 2);
    let open = desk.get("/api/v1/cards").await.json(StatusCode::OK);
    assert_eq!(open["items"].as_array().unwrap().len(), 1);
    assert_eq!(desk.get("/api/v1/cards/1").await.json(StatusCode::OK)["stage"], "withdrawn");
    let begin = json!({ "say": "begin" });
    let desk_path = format!("/api/v1/desks/{}/messages", "ab".repeat(16));
    let answer = desk.post(&desk_path, &begin).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "not_offered"));
    let clerk = Program::of(&service, "clerk").await;
    let lost = clerk.post("/api/v1/certificates/1/loss", &json!({})).await.json(StatusCode::CREATED);
    assert_eq!(lost["kind"], "replacement");
    let follow = json!({ "kind": "renewal", "county": "220102", "name": "王秀兰" });
    let follow = clerk.post("/api/v1/certificates/1/applications", &follow).await;
    assert_eq!(follow.code(), "application_open");
}

#[tokio::test]
async fn tokens_are_made_within_the_administrators_region_and_for_no_administrator() {
    let service = Service::new();
    let made = service.app.desk.run(|desk| {
        use issuance::actor::Actor;
        use issuance::officer::Login;
        use issuance::text::Line;
        use issuance_server::web::client::{NewClient, add};
        let find = |login: &str, desk: &issuance_server::web::desk::Desk| {
            desk.register.officer_by_login(&Login::parse(login).unwrap()).unwrap().unwrap()
        };
        let (chief, clerk) = (find("chief", desk), find("clerk", desk));
        let mut outcomes = Vec::new();
        for (by, whose) in
            [(&chief, "clerk"), (&chief, "foreign"), (&chief, "root"), (&chief, "chief"), (&clerk, "clerk")]
        {
            let new = NewClient {
                officer: find(whose, desk).id,
                name: Line::parse("x").unwrap(),
                scopes: issuance_server::web::scope::Scopes::parse("read_cases").unwrap(),
                expires_at: credential::time::UnixTime::from_seconds(crate::browser::START + 10),
            };
            let origin = Line::parse("command").unwrap();
            let now = credential::time::UnixTime::from_seconds(crate::browser::START);
            let actor = Actor { officer: by, now, origin: &origin };
            let token =
                issuance_server::web::token::Token::parse(&format!("{:064x}", outcomes.len())).unwrap();
            outcomes
                .push(add(&mut desk.register, &new, &token, &actor).map(drop).map_err(|error| error.code()));
        }
        Ok(outcomes)
    });
    let expected = [Ok(()), Err("other_region"), Err("no_officer"), Err("no_officer"), Err("power_missing")];
    assert_eq!(made.await.unwrap(), expected);
}

#[tokio::test]
async fn a_bundle_is_sent_once_and_again_only_when_a_newer_one_lies_there() {
    let service = Service::new();
    let shelf = tempfile::tempdir().unwrap();
    let publish = |version: u32, bytes: &[u8]| {
        std::fs::write(shelf.path().join(format!("{version}.dcb")), bytes).unwrap();
    };
    let path = shelf.path().to_path_buf();
    service.app.shelf.set(std::sync::Arc::new(issuance_server::web::api::shelf::Shelf::new(path))).unwrap();
    let ask = async |known: &str| {
        let request = axum::http::Request::get("/api/v1/bundle").header(header::IF_NONE_MATCH, known);
        service.browser().send(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(ask("\"x\"").await.status, StatusCode::NOT_FOUND, "nothing is published yet");
    publish(1, b"one");
    let first = ask("\"x\"").await;
    assert_eq!((first.status, first.body.as_str()), (StatusCode::OK, "one"));
    let tag = first.header("etag").to_owned();
    assert_eq!(first.header("cache-control"), "public, no-cache");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let again = ask(&known).await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""), "{known}");
        assert_eq!(again.header("etag"), tag);
    }
    publish(2, b"two");
    let second = ask(&tag).await;
    assert_eq!((second.status, second.body.as_str()), (StatusCode::OK, "two"));
    for base in ["2", "7", "x"] {
        let none = service.browser().get(&format!("/api/v1/bundle.from-{base}")).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND, "{base}");
    }
}

#[tokio::test]
async fn every_stable_code_and_every_scope_is_explained_to_integrators() {
    let page = include_str!("../../API.md");
    let rules = issuance::Error::CODES.iter().copied();
    let own = issuance_server::web::refused::Refused::CODES.iter().map(|(code, _)| *code);
    let scopes = Scope::ALL.iter().map(|scope| scope.as_str());
    // What only a browser meets.
    let pages = ["sign_in_first", "sign_in_unfinished", "form_expired", "cross_site"];
    let pictures = issuance_server::picture::PictureFault::ALL.map(|fault| fault.code());
    for word in rules.chain(own).chain(scopes).chain(pictures).filter(|word| !pages.contains(word)) {
        assert!(page.contains(&format!("`{word}`")), "API.md lacks `{word}`");
    }
    assert!(CAST.iter().any(|(_, role, _)| *role == Role::Auditor));
    let fields = Field::ALL.iter().map(|field| field.key());
    let rules = [
        Rule::Required,
        Rule::TooLong { max: 1 },
        Rule::ControlCharacter,
        Rule::Phone,
        Rule::Date,
        Rule::Future,
        Rule::TooEarly,
        Rule::GuardianRequired,
        Rule::GuardianWithoutName,
        Rule::NotAnAssessor,
        Rule::SameDoctor,
        Rule::MinorNotPublished,
        Rule::Malformed(credential::error::Malformed::IdentityForm),
    ];
    let (_, faults) = page.split_once("## Faults of fields").unwrap();
    for word in fields.chain(rules.map(Rule::code)) {
        assert!(faults.contains(&format!("`{word}`")), "API.md lacks `{word}`");
    }
}

#[test]
fn the_document_is_the_one_that_is_kept_beside_the_code_and_has_every_route() {
    let document = issuance_server::web::api::document::text().unwrap();
    let kept = include_str!("../../openapi.json");
    assert!(
        document == kept,
        "print it anew: cargo run --package issuance-server --example openapi > crates/issuance-server/openapi.json"
    );
    let parsed: Value = serde_json::from_str(kept).unwrap();
    assert!(parsed["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut operations = 0;
    for route in issuance_server::web::api::routes().table() {
        let operation = &parsed["paths"][route.path][route.method.to_lowercase()];
        assert!(operation["operationId"].is_string(), "{} {}", route.method, route.path);
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.contains_key("429") && responses.keys().any(|status| status.starts_with('2')));
        assert!(operation["summary"].is_string(), "{} {} has no summary", route.method, route.path);
        if let Who::Client(scopes, _) = route.who {
            let named = operation["security"].as_array().unwrap().iter().map(|one| &one["token"][0]);
            let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
            assert_eq!(named.collect::<Vec<_>>(), scopes, "{} {}", route.method, route.path);
        }
        operations += 1;
    }
    let listed: usize =
        parsed["paths"].as_object().unwrap().values().map(|item| item.as_object().unwrap().len()).sum();
    assert_eq!(listed, operations, "no operation that is not routed");
}
