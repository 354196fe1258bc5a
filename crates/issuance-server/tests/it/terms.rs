//! Cases whose legal term runs: found in the order in which they end, the same by both registers, after an upgrade as
//! before it, and not to be hidden by SQL.

use credential::region::Region;
use credential::time::Date;
use issuance::application::Application;
use issuance::calendar::Calendar;
use issuance::casework;
use issuance::id::ApplicationId;
use issuance::register::{CaseStore, Register, TermQuery};
use issuance::step::{Action, Evidence};
use issuance::transition::State;
use issuance_server::sqlite::SqliteRegister;

use super::office::{act, as_of_release, case, officer, on_both, personal, sheet, sqlite, step};

#[test]
fn a_term_that_began_first_comes_first_whoever_was_entered_first() {
    on_both(|register| {
        let cases = with_terms(register);
        let [late, early, sent_back, disputed] = cases;
        assert_eq!(found(register, noticed()), [early, late, sent_back]);
        assert_eq!(found(register, TermQuery { state: State::Disputed, ..noticed() }), [disputed]);
        assert_eq!(found(register, TermQuery { state: State::Accepted, ..noticed() }), []);

        let starts = [early, late, sent_back].map(|id| starts(register, id));
        // Five working days of notice from the 2nd and the 5th; the third was sent back and supplied later than that.
        assert_eq!(starts.map(|(day, _)| day), ["2026-11-09", "2026-11-12", "2026-11-20"].map(day));
        assert_eq!(found(register, TermQuery { from: starts[1].0, ..noticed() }), [late, sent_back]);
        assert_eq!(found(register, TermQuery { until: starts[1].0, ..noticed() }), [early, late]);
        assert_eq!(found(register, TermQuery { limit: 2, ..noticed() }), [early, late]);
        let behind = |at| TermQuery { after: Some(starts[at]), ..noticed() };
        assert_eq!(found(register, behind(0)), [late, sent_back]);
        assert_eq!(found(register, TermQuery { limit: 1, ..behind(1) }), [sent_back]);
        assert_eq!(found(register, behind(2)), []);
        let of = |code| TermQuery { region: Region::from_code(code).unwrap(), ..noticed() };
        assert_eq!(found(register, of(2202)), []);
        assert_eq!(found(register, of(220_104)), [early, late, sent_back]);

        step(register, "reviewer", "2026-11-20", early, Action::Review);
        assert_eq!(found(register, noticed()), [late, sent_back], "a term ends with its state");
    });
}

#[test]
fn a_register_of_an_earlier_release_learns_its_terms() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    let [late, early, sent_back, disputed] = with_terms(&mut register);
    drop(register);
    let raw = rusqlite::Connection::open(&path).unwrap();
    as_of_release(&raw, 17);
    drop(raw);
    let mut register = SqliteRegister::open(&path, personal()).unwrap();
    assert_eq!(found(&register, noticed()), [early, late, sent_back]);
    assert_eq!(found(&register, TermQuery { state: State::Disputed, ..noticed() }), [disputed]);
    assert_eq!(register.faults(), Ok(Vec::new()));
    step(&mut register, "reviewer", "2026-11-20", early, Action::Review);
}

#[test]
fn sql_does_not_take_a_late_case_out_of_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    let [late, _, _, withdrawn] = with_terms(&mut register);
    step(&mut register, "clerk", "2026-11-20", withdrawn, Action::Withdraw);
    let raw = rusqlite::Connection::open(&path).unwrap();
    let id = late.get();
    for forgery in [
        format!("UPDATE application SET term_from = term_from + 30 WHERE id = {id}"),
        format!("UPDATE application SET term_from = NULL WHERE id = {id}"),
        format!("UPDATE application SET term_from = NULL, steps = steps + 1 WHERE id = {id}"),
        format!("UPDATE application SET state = 'reviewed', steps = steps + 1 WHERE id = {id}"),
        format!(
            "INSERT INTO application (id, person_id, kind, route, born, home, desk, particulars, state, steps)
             SELECT 99, person_id, kind, 'direct', born, home, desk, particulars, 'accepted', steps
             FROM application WHERE id = {}",
            withdrawn.get(),
        ),
    ] {
        let refused = raw.execute(&forgery, []).unwrap_err().to_string();
        assert!(refused.contains("application.term_from"), "{forgery}: {refused}");
    }
    // Whoever takes the guards away first is found when the case is read.
    raw.execute_batch("DROP TRIGGER term_moves_with_the_case").unwrap();
    raw.execute(&format!("UPDATE application SET term_from = term_from + 1 WHERE id = {id}"), []).unwrap();
    let broken = format!("{:?}", register.application(late).unwrap_err());
    assert!(broken.contains("term_from"), "{broken}");
    assert_eq!(register.faults().unwrap(), ["schema: term_moves_with_the_case"]);
}

/// One noticed on the 5th, one on the 2nd, one on the 2nd and sent back, one whose notice met an objection.
fn with_terms(register: &mut dyn Register) -> [ApplicationId; 4] {
    let cases = [(1, "2026-11-05"), (2, "2026-11-02"), (3, "2026-11-02"), (4, "2026-11-02")];
    let cases = cases.map(|(n, posted)| on_notice(register, n, posted));
    let [_, _, sent_back, disputed] = cases;
    step(register, "reviewer", "2026-11-18", sent_back, Action::SendBack(Evidence::Photo));
    step(register, "clerk", "2026-11-20", sent_back, Action::Supply);
    step(register, "clerk", "2026-11-06", disputed, Action::Dispute);
    cases
}

fn on_notice(register: &mut dyn Register, n: u64, posted: &str) -> ApplicationId {
    let id = act(register, "clerk", "2026-11-02", |r, a| casework::submit(r, &case(n), a)).unwrap().id;
    let doctors = ["doctor-1", "doctor-2"].map(|login| officer(register, login).id);
    step(register, "clerk", "2026-11-02", id, Action::Accept);
    step(register, "clerk", "2026-11-02", id, Action::Transcribe { sheet: sheet(), doctors });
    let (calendar, from) = (Calendar::shipped().unwrap(), Date::parse(posted).ok());
    act(register, "clerk", posted, |r, a| casework::post_or_waive_notice(r, id, from, &calendar, a)).unwrap();
    id
}

fn noticed() -> TermQuery {
    let (from, until) = (Date::EPOCH, day("2026-12-31"));
    TermQuery { state: State::Noticed, region: Region::NATION, from, until, after: None, limit: 100 }
}

fn found(register: &dyn Register, query: TermQuery) -> Vec<ApplicationId> {
    register.by_term(&query).unwrap().iter().map(|filed| filed.id).collect()
}

fn starts(register: &dyn Register, id: ApplicationId) -> (Date, ApplicationId) {
    let filed = register.application(id).unwrap().unwrap();
    (Application::term_from(&filed.application).unwrap(), id)
}

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}
