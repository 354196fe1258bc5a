//! What a reviewer and an approver are told to look at twice, and what is ordinary.

use issuance::audit::{Deed, Other, Subject};
use issuance::flag::{Flag, Lookout};
use issuance::id::{ApplicationId, OfficerId};
use issuance::office::OfficeKind;
use issuance::officer::{Login, Role, Roles};
use issuance::register::{CaseStore, NewOffice, NewOfficer, OfficeStore};
use issuance::step::Action;
use issuance::text::{Line, Name};

use super::issuing::issue_all;
use super::office::{World, case, clerk, day, doctor, reviewer, sheet};

/// The officers of the stories, in the register: surname 李, but for one.
fn staffed(namesake: Option<OfficerId>) -> World {
    let mut world = World::new();
    let home = case(19_800_101).applicant.home;
    world.act(&clerk(), |register, actor| {
        let entry = actor.entry(Deed::Other(Other::OfficerAdded), Subject::Register);
        let name = Line::parse("某单位").unwrap();
        let office = NewOffice { kind: OfficeKind::County, region: home, name };
        let office = register.add_office(&office, &entry).unwrap();
        for number in 1..=doctor(2).id.get() {
            let is_namesake = namesake == Some(OfficerId::from_stored(number));
            let officer = NewOfficer {
                login: Login::parse(&format!("officer{number}")).unwrap(),
                name: Name::parse(if is_namesake { "王某" } else { "李某" }).unwrap(),
                office,
                roles: Roles::new(&[Role::Clerk]),
            };
            assert_eq!(register.add_officer(&officer, &entry).unwrap().get(), number);
        }
    });
    world
}

/// A case of an address, assessed by two doctors.
fn assessed(world: &mut World, born: u64, address: Option<&str>) -> ApplicationId {
    let mut case = case(born);
    case.applicant.particulars.address = address.map(|text| Line::parse(text).unwrap());
    let id = world.submit(&case).unwrap().id;
    world.step(id, &clerk(), Action::Accept).unwrap();
    world.step(id, &doctor(1), Action::Assess(sheet(&[42]))).unwrap();
    world.step(id, &doctor(2), Action::Countersign).unwrap();
    id
}

fn flags(world: &World, id: ApplicationId) -> Vec<Flag> {
    let filed = world.register.application(id).unwrap().unwrap();
    Lookout::new(&world.register, world.now).flags(&filed).unwrap()
}

#[test]
fn an_ordinary_case_has_no_flag() {
    let mut world = staffed(None);
    let id = assessed(&mut world, 19_800_101, Some("人民大街 1 号"));
    assessed(&mut world, 19_800_102, Some("人民大街 2 号"));
    assert_eq!(flags(&world, id), []);
}

#[test]
fn an_address_with_other_open_cases_is_flagged_and_a_missing_one_is_not() {
    let mut world = staffed(None);
    let id = assessed(&mut world, 19_800_101, Some("人民大街 1 号"));
    assessed(&mut world, 19_800_102, Some("人民大街 1 号"));
    assessed(&mut world, 19_800_103, Some("人民大街 1 号"));
    assert_eq!(flags(&world, id), [Flag::SameAddress { others: 2 }]);
    let without = assessed(&mut world, 19_800_104, None);
    assessed(&mut world, 19_800_105, None);
    assert_eq!(flags(&world, without), []);
}

#[test]
fn who_was_granted_counts_at_an_address_for_a_year() {
    let mut world = staffed(None);
    let mut granted = case(19_800_102);
    granted.applicant.particulars.address = Line::parse("人民大街 1 号").ok();
    issue_all(&mut world, &[granted], &[42]);
    let id = assessed(&mut world, 19_800_101, Some("人民大街1号"));
    for (day, others) in [("2026-11-11", Some(1)), ("2027-11-01", Some(1)), ("2027-11-03", None)] {
        world.on(day);
        let expected: Vec<_> = others.map(|others| Flag::SameAddress { others }).into_iter().collect();
        assert_eq!(flags(&world, id), expected, "{day}");
    }
}

#[test]
fn an_applicant_with_the_surname_of_an_officer_in_the_case_is_flagged() {
    let mut world = staffed(Some(doctor(1).id));
    let id = assessed(&mut world, 19_800_101, None);
    let found = flags(&world, id);
    assert!(
        matches!(found.as_slice(), [Flag::OfficersSurname { officer }] if officer.id == doctor(1).id),
        "{found:?}"
    );
    let mut world = staffed(Some(reviewer().id));
    let id = assessed(&mut world, 19_800_101, None);
    assert_eq!(flags(&world, id), [], "an officer who has no part in the case");
}

#[test]
fn ten_open_findings_of_one_doctor_are_flagged_and_nine_are_not() {
    let mut world = staffed(None);
    let ids: Vec<_> = (0..9).map(|n| assessed(&mut world, 19_700_101 + n, None)).collect();
    assert_eq!(flags(&world, ids[0]), []);
    assessed(&mut world, 19_700_111, None);
    let found = flags(&world, ids[0]);
    let counted: Vec<_> = found
        .iter()
        .map(|flag| match flag {
            Flag::ManyFromOneDoctor { doctor, cases } => (doctor.id, *cases),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(counted, [(doctor(1).id, 10), (doctor(2).id, 10)]);
}

#[test]
fn a_review_on_the_first_day_after_the_notice_is_flagged_and_a_later_one_is_not() {
    for (on, is_hasty) in [("2026-11-10", true), ("2026-11-11", false)] {
        let mut world = staffed(None);
        let id = assessed(&mut world, 19_800_101, None);
        world.notice(id, &clerk(), Some(day("2026-11-02"))).unwrap();
        world.on(on);
        world.step(id, &reviewer(), Action::Review).unwrap();
        assert_eq!(flags(&world, id) == [Flag::ShortNotice], is_hasty, "{on}");
    }
}
