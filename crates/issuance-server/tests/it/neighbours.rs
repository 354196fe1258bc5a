//! What stands beside a case: relatives from one dwelling and the findings of one doctor, counted alike by both registers,
//! after an upgrade as before it, and not to be moved out of sight by SQL.

use credential::region::Region;
use credential::time::UnixTime;
use issuance::casework::{self, NewCase};
use issuance::dwelling::Dwelling;
use issuance::id::{ApplicationId, PersonId};
use issuance::register::{CaseStore, Register};
use issuance::step::{Action, Evidence};
use issuance::text::Text;
use issuance_server::sqlite::SqliteRegister;

use super::office::{
    act, approved, as_of_release, at, case, issue, key, officer, on_both, personal, reviewed, sqlite, step,
};

/// Before every case here.
const LONG_AGO: UnixTime = UnixTime::from_seconds(0);

#[test]
fn relatives_count_while_they_ask_and_for_a_time_after_they_were_granted() {
    on_both(|register| {
        let own = submitted(register, case(0));
        assert_eq!(others(register, own, LONG_AGO), 0, "oneself");
        let granted = approved(register, 1);
        assert_eq!(others(register, own, LONG_AGO), 1);
        issue(register, &key()).unwrap();
        assert_eq!(others(register, own, LONG_AGO), 1, "granted");
        assert_eq!(others(register, own, at("2026-11-02")), 1, "on the day");
        assert_eq!(others(register, own, at("2026-11-03")), 0, "long ago");
        assert_eq!(others(register, granted, at("2026-11-03")), 1, "open, however old");

        let withdrawn = submitted(register, case(2));
        assert_eq!(others(register, own, LONG_AGO), 2);
        step(register, "clerk", "2026-11-02", withdrawn, Action::Withdraw);
        assert_eq!(others(register, own, LONG_AGO), 1, "withdrawn");
        submitted(register, case(2));
        assert_eq!(others(register, own, LONG_AGO), 2, "one person counts once");
    });
}

#[test]
fn an_address_is_the_same_however_it_is_set_and_another_is_not() {
    on_both(|register| {
        let own = submitted(register, case(0));
        for (n, address) in [(1, "样例街1号"), (2, "样例街　１－号"), (3, "样例街·1 号。")] {
            let before = others(register, own, LONG_AGO);
            submitted(register, at_address(n, address));
            assert_eq!(others(register, own, LONG_AGO), before + 1, "{address}");
        }
        for (n, address) in [(4, "样例街 11 号"), (5, "样例街 1 号 2 室"), (6, "－－")] {
            submitted(register, at_address(n, address));
            assert_eq!(others(register, own, LONG_AGO), 3, "{address}");
        }
        let mut elsewhere = case(7);
        elsewhere.applicant.home = Region::county(220_102).unwrap();
        submitted(register, elsewhere);
        assert_eq!(others(register, own, LONG_AGO), 3, "the same street of another county");
    });
}

#[test]
fn an_address_that_is_put_right_counts_where_it_is_now() {
    on_both(|register| {
        let own = submitted(register, case(0));
        let other = submitted(register, at_address(1, "样例街 11 号"));
        let right = case(1).applicant.particulars;
        step(register, "clerk", "2026-11-02", other, Action::RequestEvidence(Evidence::Photo));
        act(register, "clerk", "2026-11-02", |r, a| casework::supply(r, other, right, a)).unwrap();
        assert_eq!(others(register, own, LONG_AGO), 1);
    });
}

#[test]
fn a_whole_village_is_counted_to_a_hundred() {
    on_both(|register| {
        let own = submitted(register, case(0));
        for n in 1..=100 {
            submitted(register, case(n));
        }
        assert_eq!(others(register, own, LONG_AGO), 100);
        submitted(register, case(101));
        assert_eq!(others(register, own, LONG_AGO), 100);
    });
}

#[test]
fn findings_count_for_the_doctors_of_open_cases_in_their_county() {
    on_both(|register| {
        let home = case(0).applicant.home;
        let found = |register: &dyn Register, login: &str, home| {
            register.open_findings(officer(register, login).id, home).unwrap()
        };
        reviewed(register, 0);
        approved(register, 1);
        submitted(register, case(2));
        assert_eq!(["doctor-1", "doctor-2", "clerk"].map(|login| found(register, login, home)), [2, 2, 0]);
        assert_eq!(found(register, "doctor-1", Region::county(220_102).unwrap()), 0);
        issue(register, &key()).unwrap();
        assert_eq!(found(register, "doctor-1", home), 1, "issued");
    });
}

#[test]
fn a_register_of_an_earlier_release_learns_who_lives_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    let own = submitted(&mut register, case(0));
    submitted(&mut register, at_address(1, "样例街1号"));
    drop(register);
    let raw = rusqlite::Connection::open(&path).unwrap();
    as_of_release(&raw, 19);
    drop(raw);
    let register = SqliteRegister::open(&path, personal()).unwrap();
    assert_eq!(others(&register, own, LONG_AGO), 1);
    assert_eq!(register.faults(), Ok(Vec::new()));
}

#[test]
fn sql_does_not_move_a_relative_out_of_sight() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.sqlite");
    let mut register = sqlite(&path);
    let own = submitted(&mut register, case(0));
    let raw = rusqlite::Connection::open(&path).unwrap();
    for dwelling in ["NULL", "randomblob(16)"] {
        let forgery = format!("UPDATE application SET dwelling = {dwelling}");
        let refused = raw.execute(&forgery, []).unwrap_err().to_string();
        assert!(refused.contains("application.dwelling"), "{refused}");
    }
    // Whoever takes the guard away first is found when the case is read.
    raw.execute_batch("DROP TRIGGER dwelling_stays_with_the_particulars").unwrap();
    raw.execute("UPDATE application SET dwelling = randomblob(16)", []).unwrap();
    let broken = format!("{:?}", register.application(own).unwrap_err());
    assert!(broken.contains("dwelling"), "{broken}");
    assert_eq!(register.faults().unwrap(), ["schema: dwelling_stays_with_the_particulars"]);
}

fn submitted(register: &mut dyn Register, case: NewCase) -> ApplicationId {
    act(register, "clerk", "2026-11-02", |r, a| casework::submit(r, &case, a)).unwrap().id
}

fn at_address(n: u64, address: &str) -> NewCase {
    let mut case = case(n);
    case.applicant.particulars.address = Some(Text::parse(address).unwrap());
    case
}

fn others(register: &dyn Register, id: ApplicationId, since: UnixTime) -> u64 {
    let filed = register.application(id).unwrap().unwrap();
    let request = filed.application.request();
    let dwelling = Dwelling::of(request.home, &request.particulars).unwrap();
    let nobody = PersonId::from_stored(9_999);
    let all = register.others_at(&dwelling, nobody, since).unwrap();
    let others = register.others_at(&dwelling, filed.person, since).unwrap();
    assert!(all == others || all == others + 1, "{all} people, {others} others");
    others
}
