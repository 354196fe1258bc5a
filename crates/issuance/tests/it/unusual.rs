//! What stands out in an officer's day, and what does not.

use issuance::audit::{Deed, Other, Row, Subject};
use issuance::id::CertificateId;
use issuance::reading;
use issuance::register::{AuditStore, CertificateStore};
use issuance::unusual::{self, Unusual};

use super::issuing::issue_all;
use super::office::{World, case, clerk, day};

/// What stands out in the clerk's rows of the day.
fn of(world: &World, on: &str) -> Vec<Unusual> {
    let from = day(on).start_in_china();
    let is_mine = |row: &Row| {
        let seconds = row.entry.at.as_seconds();
        row.entry.who == clerk().id && (from.as_seconds()..from.as_seconds() + 86_400).contains(&seconds)
    };
    let mut rows = world.register.audit_rows(0, 10_000).unwrap();
    rows.retain(is_mine);
    unusual::of(&world.register, &rows, day(on), &world.calendar).unwrap()
}

/// Ten people with a certificate and no open case.
fn ten_holders(world: &mut World) -> Vec<CertificateId> {
    let cases: Vec<_> = (0..10).map(|n| case(19_800_101 + n)).collect();
    issue_all(world, &cases, &[42])
}

fn look_at(world: &mut World, ids: &[CertificateId]) {
    for id in ids {
        world.act(&clerk(), |register, actor| reading::certificate(register, *id, actor)).unwrap();
    }
}

#[test]
fn looking_at_ten_people_without_a_case_stands_out_and_at_nine_does_not() {
    let mut world = World::new();
    let ids = ten_holders(&mut world);
    world.on("2026-11-18");
    look_at(&mut world, &ids[..9]);
    look_at(&mut world, &ids[..9]);
    assert_eq!(of(&world, "2026-11-18"), []);
    look_at(&mut world, &ids[9..]);
    assert_eq!(of(&world, "2026-11-18"), [Unusual::WithoutCase { people: 10 }]);
}

#[test]
fn people_whose_case_is_open_are_work() {
    let mut world = World::new();
    for n in 0..12 {
        let id = world.submit(&case(19_700_101 + n)).unwrap().id;
        world.act(&clerk(), |register, actor| reading::case(register, id, actor)).unwrap();
    }
    assert_eq!(of(&world, "2026-11-02"), []);
}

#[test]
fn numbers_in_clear_nights_days_off_and_guessed_passwords_stand_out() {
    let mut world = World::new();
    let ids = ten_holders(&mut world);
    let person = world.register.certificate(ids[0]).unwrap().unwrap().person;
    world.on("2026-11-18");
    for shown in 1..=5 {
        world.act(&clerk(), |register, actor| reading::expose(register, person, actor)).unwrap();
        let unusual = of(&world, "2026-11-18");
        let wanted = if shown < 5 { vec![] } else { vec![Unusual::NumbersShown { times: 5 }] };
        assert_eq!(unusual, wanted);
    }
    let night = day("2026-11-19").start_in_china().plus_seconds(23 * 3600);
    let sunday = day("2026-11-22").start_in_china().plus_seconds(10 * 3600);
    for at in [night, sunday] {
        world.now = at;
        look_at(&mut world, &ids[..1]);
    }
    assert_eq!(of(&world, "2026-11-19"), [Unusual::OutsideHours { rows: 1 }]);
    assert_eq!(of(&world, "2026-11-22"), [Unusual::OutsideHours { rows: 1 }]);
    world.on("2026-11-20");
    for _ in 0..3 {
        refuse_sign_in(&mut world);
    }
    assert_eq!(of(&world, "2026-11-20"), [Unusual::SignInsRefused { times: 3 }]);
}

fn refuse_sign_in(world: &mut World) {
    let refused = Deed::Other(Other::SignInRefused);
    let noted = world.act(&clerk(), |register, actor| {
        register.note(&actor.entry(refused, Subject::Officer(actor.officer.id)))
    });
    noted.unwrap();
}
