//! A desk and its issuer on two machines: `zhengka desk` speaks to `zhengka-issuer serve --sign` with a token of the API,
//! through kills of either side, an issuer that is away, and tokens that do not reach so far.

use std::process::Command;

use card_firmware_sim::Inserted;
use card_host::present;

use crate::card_desk::{RunningDesk, SLOT, blank, in_the_middle, office, put_in, service};

#[test]
fn a_case_approved_through_the_api_becomes_a_card() {
    let (_folder, office) = office(0);
    let _service = service();
    office.import_one_more();
    office.issuer(&["--as", "reviewer", "review", "--all"]);
    let issuer = office.serve();
    let approver = office.token("approver", "decide,read_cases").text;
    let steps = "/api/v1/applications/1/steps";
    let (status, approved) = issuer.post(steps, &approver, r#"{"verb":"approve"}"#);
    assert_eq!(status, 200, "{approved}");
    let token = office.token("card", "cards").text;
    let order = || issuer.post("/api/v1/certificates/1/cards", &token, "{}");
    // What was approved is signed a moment after the answer.
    let mut ordered = order();
    for _ in 0..400 {
        if ordered.0 != 404 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
        ordered = order();
    }
    assert_eq!(ordered.0, 201, "{}", ordered.1);

    let desk = RunningDesk::start(office.desk_by_http(&issuer.url(), &token, SLOT), b"");
    desk.waits_for("card");
    let inserted = put_in(blank(31));
    let issued = desk.next("issued");
    assert_eq!((&issued["job"], &issued["certificate"]), (&1.into(), &1.into()));
    assert!(issued["round_trips"].as_u64() <= Some(5), "{issued}");
    let holder = issued["holder"].as_str().unwrap();
    assert!(holder.contains('*'), "the desk shows a masked name, not {holder}");
    assert_eq!(desk.end().1, Some(0));
    present_itself(inserted);
    assert!(office.open_jobs().is_empty());

    // Every message of the desk went by the issuer's log, and none of it stands there.
    let log = std::fs::read_to_string(office.path("serve.log")).unwrap();
    assert!(log.contains("\"level\":\"DEBUG\"") && log.matches("/api/v1/desk").count() >= 5, "{log}");
    let shown = office.issuer(&["--as", "clerk", "show", "1", "--expose", "--json"]).stdout;
    let shown: serde_json::Value = serde_json::from_slice(&shown).unwrap();
    let (number, name) = (shown["number"].as_str().unwrap(), shown["name"].as_str().unwrap());
    let texts = shown["clear"]["texts"].as_array().unwrap();
    assert_eq!(texts.len(), 2, "{shown}");
    let texts = texts.iter().map(|text| text.as_str().unwrap());
    for word in texts.chain([number, &number[..18], &number[6..14], name, &token, &approver]) {
        assert!(!log.contains(word), "{word}");
    }
}

#[test]
fn a_desk_killed_in_the_middle_of_a_card_is_started_again_and_finishes_it() {
    let (_folder, office) = office(1);
    let _service = service();
    let issuer = office.serve();
    let token = office.token("card", "cards").text;
    let inserted = put_in(blank(32));
    let desk = RunningDesk::start(office.desk_by_http(&issuer.url(), &token, SLOT), b"");
    let held = in_the_middle(&inserted);
    drop(desk);
    drop(held);
    assert_eq!(office.open_jobs()[0]["card"], "DC00000000000120", "begun, and bound to its chip");
    let desk = RunningDesk::start(office.desk_by_http(&issuer.url(), &token, SLOT), b"");
    assert_eq!(desk.next("issued")["card"], "DC00000000000120");
    assert_eq!(desk.end().1, Some(0));
    present_itself(inserted);
}

#[test]
fn an_issuer_killed_in_the_middle_of_a_card_is_waited_for() {
    let (_folder, office) = office(1);
    let _service = service();
    let mut issuer = office.serve();
    let token = office.token("card", "cards").text;
    let desk = RunningDesk::start(office.desk_by_http(&issuer.url(), &token, SLOT), b"");
    desk.waits_for("card");
    let inserted = put_in(blank(33));
    let held = in_the_middle(&inserted);
    issuer.kill();
    drop(held);
    let waiting = desk.next("waiting");
    assert_eq!(waiting["for"], "issuer");
    assert!(waiting["message"]["zh"].as_str().unwrap().contains("自动重试"), "{waiting}");
    issuer.start();
    assert_eq!(desk.next("issued")["card"], "DC00000000000121");
    let (done, exit) = desk.end();
    assert_eq!((&done["written"], &done["refused"], exit), (&1.into(), &serde_json::json!({}), Some(0)));
    present_itself(inserted);
}

/// Behind a proxy the desk does not notice that the issuer was away: the new one knows nothing of the conversation, and
/// the card lies there still.
#[test]
fn an_issuer_started_anew_behind_a_proxy_is_asked_from_the_beginning() {
    let (_folder, office) = office(1);
    let _service = service();
    let mut issuer = office.serve();
    let token = office.token("card", "cards").text;
    let desk = RunningDesk::start(office.desk_by_http(&issuer.behind_a_proxy(), &token, SLOT), b"");
    desk.waits_for("card");
    let inserted = put_in(blank(34));
    let held = in_the_middle(&inserted);
    issuer.kill();
    issuer.start();
    drop(held);
    assert_eq!(desk.next("broken")["reason"], "out_of_step");
    assert_eq!(desk.next("issued")["card"], "DC00000000000122");
    let (done, exit) = desk.end();
    assert_eq!((&done["refused"], exit), (&serde_json::json!({}), Some(0)), "no card was at fault");
    present_itself(inserted);
}

#[test]
fn a_token_that_is_wrong_or_reaches_less_far_or_acts_for_no_card_operator_is_sent_away() {
    let (_folder, office) = office(1);
    let _service = service();
    let issuer = office.serve();
    let _inserted = put_in(blank(35));
    let (narrow, clerk) = (office.token("card", "read_cases"), office.token("clerk", "cards"));
    let unknown = format!("zhengka_{}", "0".repeat(64));
    for (token, status) in [("wrong", "401"), (&unknown, "401"), (&narrow.text, "403"), (&clerk.text, "403")]
    {
        let told = sent_away(office.desk_by_http(&issuer.url(), token, SLOT));
        assert!(told.contains("does not accept this token") && told.contains(status), "{told}");
        assert!(!told.contains(token), "a token is not shown: {told}");
    }
    let reason = sent_away(office.desk_by_http(&issuer.url(), &narrow.text, SLOT));
    assert!(reason.contains("scope"), "which it was is said to its owner, in English: {reason}");
    assert_eq!(office.open_jobs()[0]["stage"], "ordered");
}

#[test]
fn a_token_revoked_during_the_shift_ends_it_with_its_tally() {
    let (_folder, office) = office(2);
    let _service = service();
    let issuer = office.serve();
    let token = office.token("card", "cards");
    let desk = RunningDesk::start(office.desk_by_http(&issuer.url(), &token.text, SLOT), b"");
    desk.waits_for("card");
    let inserted = put_in(blank(36));
    assert_eq!(desk.next("issued")["left"], 1);
    office.revoke(&token);
    drop(inserted.remove());
    desk.waits_for("card");
    let _inserted = put_in(blank(37));
    let (done, exit) = desk.end();
    assert_eq!((&done["written"], exit), (&1.into(), Some(2)));
    assert_eq!(office.open_jobs()[0]["stage"], "ordered", "nothing was begun with the second card");
}

#[test]
fn a_desk_writes_the_cards_of_its_own_office_only() {
    let (_folder, office) = office(2);
    let _service = service();
    let issuer = office.serve();
    // The first two applicants live in two counties.
    for (login, county) in [("card-1", "220622"), ("card-2", "220523"), ("card-3", "220104")] {
        let add = ["--as", "admin", "officer", "add", login, "--name", "某某", "--role", "card_operator"];
        office.issuer(&[&add[..], &["--region", county]].concat());
    }
    let token = |login| office.token(login, "cards").text;
    let jobs = office.open_jobs();
    let (first, second) = (jobs[0]["job"].to_string(), jobs[1]["job"].to_string());
    let inserted = put_in(blank(38));

    let mut command = office.desk_by_http(&issuer.url(), &token("card-1"), SLOT);
    command.args(["--job", &second]);
    let desk = RunningDesk::start(command, b"");
    let refused = desk.next("refused");
    assert_eq!((&refused["blame"], desk.end().1), (&"service".into(), Some(1)));
    let told = refused["message"]["en"].as_str().unwrap();
    assert_eq!(told, format!("no open card job #{second}; `card-job list` shows them"), "as if none");

    let desk = RunningDesk::start(office.desk_by_http(&issuer.url(), &token("card-3"), SLOT), b"");
    desk.next("no_job");
    assert_eq!(desk.end().1, Some(0), "an office without a job has an empty stack");

    let desk = RunningDesk::start(office.desk_by_http(&issuer.url(), &token("card-1"), SLOT), b"");
    let issued = desk.next("issued");
    assert_eq!(
        (issued["job"].to_string(), &issued["left"]),
        (first, &0.into()),
        "the other job is not its stack"
    );
    assert_eq!(desk.end().1, Some(0));
    drop(inserted);
    assert_eq!(office.open_jobs()[0]["stage"], "ordered");
}

#[test]
fn an_issuer_served_without_its_key_is_not_waited_for() {
    let (_folder, office) = office(1);
    let _service = service();
    let issuer = office.serve_with(&[]);
    let token = office.token("card", "cards").text;
    let _inserted = put_in(blank(39));
    let told = sent_away(office.desk_by_http(&issuer.url(), &token, SLOT));
    assert!(told.contains("503"), "{told}");
}

/// Once it is off the reader, the card proves its key.
fn present_itself(inserted: Inserted) {
    let mut card = inserted.remove();
    card.power_on();
    present(&mut card, &[1; 16]).unwrap();
}

/// What a desk says that cannot begin.
fn sent_away(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}
