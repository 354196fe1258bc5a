//! Stories of cases: who may not do what, and which clocks hold.

use credential::time::UnixTime;
use issuance::Error;
use issuance::application::Application;
use issuance::casework::{self, NewCase};
use issuance::duty::Duty;
use issuance::register::{AuditStore, CaseStore, StoreError};
use issuance::step::{Action, Evidence, Step};
use issuance::transition::{State, Verb};

use super::office::{
    World, approver, case, clerk, committee, day, doctor, guardian, officer, one_for_all, reviewer, sheet,
};

#[test]
fn an_application_goes_from_the_form_to_the_approval() {
    let mut world = World::new();
    let id = world.approved(&case(19_800_101), &[13, 42]);
    let filed = world.register.application(id).unwrap().unwrap();
    let approved = filed.application.approved().unwrap();
    assert_eq!(approved.approver(), approver().id);
    assert_eq!(approved.components().face_category().digit(), 7);
    let duties: Vec<Duty> = filed.application.duties().iter().map(|(_, duty)| duty).collect();
    assert_eq!(duties, [Duty::Entry, Duty::Assessment, Duty::Assessment, Duty::Review, Duty::Approval]);
    let rows = world.register.audit_rows(0, 100).unwrap();
    assert_eq!(rows.len(), 7, "one audit row a step");
    assert_eq!(issuance::audit::first_broken(rows), None);
}

#[test]
fn nobody_assesses_reviews_or_approves_what_they_touched_before() {
    let mut world = World::new();
    let boss = one_for_all();
    let id = world.act(&boss, |register, actor| casework::submit(register, &case(19_800_101), actor));
    let id = id.unwrap().id;
    world.step(id, &boss, Action::Accept).unwrap();
    let held = |held, wanted| Error::DutiesNotSeparated { officer: boss.id, held, wanted };
    let refused = world.step(id, &boss, Action::Assess(sheet(&[42])));
    assert_eq!(refused.unwrap_err(), held(Duty::Entry, Duty::Assessment));
    let on_paper = Action::Transcribe { sheet: sheet(&[42]), doctors: [boss.id, doctor(1).id] };
    assert_eq!(
        world.step(id, &clerk(), on_paper).unwrap_err(),
        held(Duty::Entry, Duty::Assessment),
        "a paper form does not hide the doctor"
    );
    world.step(id, &doctor(1), Action::Assess(sheet(&[42]))).unwrap();
    assert_eq!(
        world.step(id, &doctor(1), Action::Countersign).unwrap_err(),
        Error::OneDoctor { officer: doctor(1).id }
    );
    world.step(id, &doctor(2), Action::Countersign).unwrap();
    world.notice(id, &boss, Some(day("2026-11-02"))).unwrap();
    world.on("2026-11-10");
    let refused = world.step(id, &boss, Action::Review);
    assert_eq!(refused.unwrap_err(), held(Duty::Entry, Duty::Review));
    let mut doctor_with_powers = doctor(1);
    doctor_with_powers.roles = one_for_all().roles;
    let refused = world.step(id, &doctor_with_powers, Action::Review);
    assert!(matches!(refused, Err(Error::DutiesNotSeparated { held: Duty::Assessment, .. })));
    let reviewer_with_powers =
        officer(2, "both", issuance::office::OfficeKind::County, 220_104, &issuance::officer::Role::ALL);
    world.step(id, &reviewer_with_powers, Action::Review).unwrap();
    for cannot in [&boss, &doctor_with_powers, &reviewer_with_powers] {
        let refused = world.step(id, cannot, Action::Approve);
        assert!(matches!(refused, Err(Error::DutiesNotSeparated { wanted: Duty::Approval, .. })));
    }
    world.step(id, &approver(), Action::Approve).unwrap();
}

#[test]
fn the_notice_runs_five_working_days_before_the_review() {
    let mut world = World::new();
    world.on("2026-09-28");
    let id = world.submit(&case(19_800_101)).unwrap().id;
    world.step(id, &clerk(), Action::Accept).unwrap();
    let mut found = sheet(&[42]);
    found.signed_on = day("2026-09-28");
    let on_paper = Action::Transcribe { sheet: found, doctors: [doctor(1).id, doctor(2).id] };
    world.step(id, &clerk(), on_paper).unwrap();
    for wrong in ["2026-09-27", "2026-09-29"] {
        let refused = world.notice(id, &clerk(), Some(day(wrong)));
        assert_eq!(refused.unwrap_err(), Error::NoticeDates, "before the assessment, or tomorrow");
    }
    assert_eq!(world.notice(id, &clerk(), None).unwrap_err(), Error::NoticeRequired);
    world.notice(id, &clerk(), Some(day("2026-09-28"))).unwrap();
    // The national holiday lies between; Saturday 10 October is worked.
    let until = day("2026-10-10");
    world.on("2026-10-10");
    assert_eq!(world.step(id, &reviewer(), Action::Review).unwrap_err(), Error::NoticeRuns { until });
    world.on("2026-10-11");
    let filed = world.register.application(id).unwrap().unwrap();
    assert_eq!(filed.application.due(&world.calendar), Ok(Some(day("2026-10-23"))));
    world.step(id, &reviewer(), Action::Review).unwrap();
}

#[test]
fn a_dispute_starts_a_new_notice() {
    let mut world = World::new();
    let id = world.submit(&case(19_800_101)).unwrap().id;
    world.step(id, &clerk(), Action::Accept).unwrap();
    world.step(id, &doctor(1), Action::Assess(sheet(&[44]))).unwrap();
    world.step(id, &doctor(2), Action::Countersign).unwrap();
    world.notice(id, &clerk(), Some(day("2026-11-02"))).unwrap();
    world.on("2026-11-10").step(id, &clerk(), Action::Dispute).unwrap();
    let mut found = sheet(&[42]);
    found.signed_on = day("2026-11-10");
    let settled = world.step(id, &committee(), Action::Settle(found)).unwrap();
    assert_eq!(settled.application.components().unwrap().level().digit(), 2);
    assert!(world.step(id, &reviewer(), Action::Review).is_err(), "the old notice does not count");
    world.notice(id, &clerk(), Some(day("2026-11-10"))).unwrap();
    let until = day("2026-11-17");
    assert_eq!(world.step(id, &reviewer(), Action::Review).unwrap_err(), Error::NoticeRuns { until });
    let mut same = committee();
    same.roles = one_for_all().roles;
    world.on("2026-11-18");
    let refused = world.step(id, &same, Action::Review);
    assert!(matches!(refused, Err(Error::DutiesNotSeparated { held: Duty::Settlement, .. })));
    world.step(id, &reviewer(), Action::Review).unwrap();
}

#[test]
fn minors_need_a_guardian_and_are_not_published() {
    let mut world = World::new();
    assert_eq!(world.submit(&case(20_150_101)).unwrap_err(), Error::GuardianRequired);
    let mut child = case(20_150_101);
    child.applicant.particulars.guardian = Some(guardian());
    let id = world.submit(&child).unwrap().id;
    world.step(id, &clerk(), Action::Accept).unwrap();
    let on_paper = Action::Transcribe { sheet: sheet(&[52]), doctors: [doctor(1).id, doctor(2).id] };
    world.step(id, &clerk(), on_paper).unwrap();
    let refused = world.notice(id, &clerk(), Some(day("2026-11-02")));
    assert_eq!(refused.unwrap_err(), Error::MinorNotPublished);
    world.notice(id, &clerk(), None).unwrap();
    world.step(id, &reviewer(), Action::Review).unwrap();
}

#[test]
fn intellectual_and_mental_disability_need_a_guardian_at_any_age() {
    let mut world = World::new();
    let adult = case(19_800_101);
    let id = world.submit(&adult).unwrap().id;
    world.step(id, &clerk(), Action::Accept).unwrap();
    for code in [52, 62] {
        let refused = world.step(id, &doctor(1), Action::Assess(sheet(&[code])));
        assert_eq!(refused.unwrap_err(), Error::GuardianRequired);
    }
    world.step(id, &clerk(), Action::RequestEvidence(Evidence::Guardian)).unwrap();
    let mut particulars = adult.applicant.particulars;
    particulars.guardian = Some(guardian());
    let supplied =
        world.act(&clerk(), |register, actor| casework::supply(register, id, particulars.clone(), actor));
    assert_eq!(supplied.unwrap().application.state(), State::Accepted);
    world.step(id, &doctor(1), Action::Assess(sheet(&[52]))).unwrap();
}

#[test]
fn one_person_has_one_open_case() {
    let mut world = World::new();
    let first = world.submit(&case(19_800_101)).unwrap().id;
    let again = world.submit(&case(19_800_101));
    assert_eq!(again.unwrap_err(), Error::ApplicationOpen { application: Some(first) });
    world.step(first, &clerk(), Action::Withdraw).unwrap();
    world.submit(&case(19_800_101)).unwrap();
}

#[test]
fn of_two_officers_at_the_same_instant_the_second_is_told() {
    let mut world = World::new();
    let id = world.submit(&case(19_800_101)).unwrap().id;
    let seen_by_both = world.register.application(id).unwrap().unwrap();
    world.step(id, &clerk(), Action::Accept).unwrap();
    let mut second = seen_by_both.clone();
    second.application.take(&clerk(), Action::Withdraw, world.now).unwrap();
    assert_eq!(world.register.add_steps(&second, 1, &[]), Err(StoreError::Conflict));
    let stands = world.register.application(id).unwrap().unwrap().application.state();
    assert_eq!(stands, State::Accepted);
}

#[test]
fn a_clock_that_was_set_back_is_noticed() {
    let mut world = World::new();
    let id = world.submit(&case(19_800_101)).unwrap().id;
    world.on("2026-11-01");
    let refused = world.step(id, &clerk(), Action::Accept);
    assert!(matches!(refused, Err(Error::ClockBehind { .. })));
}

#[test]
fn stored_steps_that_skipped_a_rule_do_not_come_back_to_life() {
    let mut world = World::new();
    let id = world.approved(&case(19_800_101), &[42]);
    let good = world.register.application(id).unwrap().unwrap().application;
    let tamper = |change: &dyn Fn(&mut Vec<Step>)| {
        let mut steps = good.steps().to_vec();
        change(&mut steps);
        Application::from_stored(good.request().clone(), steps)
    };
    assert_eq!(tamper(&|_| {}).as_ref(), Ok(&good));
    let approver_is_reviewer = tamper(&|steps| steps[6].by = steps[5].by);
    assert!(matches!(approver_is_reviewer, Err(Error::DutiesNotSeparated { .. })));
    let reviewer_is_clerk = tamper(&|steps| steps[5].by = steps[0].by);
    assert!(matches!(reviewer_is_clerk, Err(Error::DutiesNotSeparated { .. })));
    let no_review = tamper(&|steps| drop(steps.remove(5)));
    assert_eq!(no_review, Err(Error::NotNow { state: State::Noticed, verb: Verb::Approve }));
    let no_second_doctor = tamper(&|steps| steps[3].by = steps[2].by);
    assert!(matches!(no_second_doctor, Err(Error::OneDoctor { .. })));
    let short_notice = tamper(&|steps| {
        steps[4].action = Action::PostNotice { posted: day("2026-11-02"), until: day("2026-11-03") };
    });
    assert_eq!(short_notice, Err(Error::NoticeDates));
    let early_review = tamper(&|steps| steps[5].at = super::office::at("2026-11-09"));
    assert!(matches!(early_review, Err(Error::NoticeRuns { .. })));
    let backwards = tamper(&|steps| steps[6].at = UnixTime::from_seconds(1));
    assert!(matches!(backwards, Err(Error::ClockBehind { .. })));
}

#[test]
fn a_case_of_another_county_is_taken_here_and_decided_there() {
    let mut world = World::new();
    let desk =
        officer(1, "desk", issuance::office::OfficeKind::County, 220_203, &[issuance::officer::Role::Clerk]);
    let id = world.act(&desk, |register, actor| casework::submit(register, &case(19_800_101), actor));
    let id = id.unwrap().id;
    assert!(matches!(world.step(id, &clerk(), Action::Accept), Err(Error::OtherRegion { .. })));
    world.step(id, &desk, Action::Accept).unwrap();
    let on_paper = Action::Transcribe { sheet: sheet(&[42]), doctors: [doctor(1).id, doctor(2).id] };
    world.step(id, &desk, on_paper).unwrap();
    world.notice(id, &desk, Some(day("2026-11-02"))).unwrap();
    world.on("2026-11-10");
    let there =
        officer(8, "there", issuance::office::OfficeKind::County, 220_203, &issuance::officer::Role::ALL);
    assert!(matches!(world.step(id, &there, Action::Review), Err(Error::OtherRegion { .. })));
    world.step(id, &reviewer(), Action::Review).unwrap();
}

#[test]
fn the_debug_of_a_case_shows_nothing_personal() {
    let case: NewCase = case(19_800_101);
    let shown = format!("{case:?}");
    assert!(!shown.contains("王") && !shown.contains("19800101"), "{shown}");
}

#[test]
fn the_second_dispute_is_the_provinces_and_there_is_no_third() {
    let mut world = World::new();
    let id = world.submit(&case(19_800_101)).unwrap().id;
    world.step(id, &clerk(), Action::Accept).unwrap();
    world.step(id, &doctor(1), Action::Assess(sheet(&[44]))).unwrap();
    world.step(id, &doctor(2), Action::Countersign).unwrap();
    world.step(id, &clerk(), Action::Dispute).unwrap();
    world.step(id, &committee(), Action::Settle(sheet(&[43]))).unwrap();
    world.step(id, &clerk(), Action::Dispute).unwrap();
    let again = world.step(id, &committee(), Action::Settle(sheet(&[43])));
    assert_eq!(again.unwrap_err(), Error::HigherOfficeNeeded { officer: committee().id });
    let mut province = committee();
    province.id = issuance::id::OfficerId::from_stored(77);
    province.office.kind = issuance::office::OfficeKind::Province;
    province.office.region = credential::region::Region::from_code(22).unwrap();
    world.step(id, &province, Action::Settle(sheet(&[42]))).unwrap();
    assert_eq!(world.step(id, &clerk(), Action::Dispute).unwrap_err(), Error::DisputeFinal);
}

#[test]
fn a_finding_that_an_age_does_not_allow_is_refused_when_it_is_entered() {
    let mut world = World::new();
    let mut child = case(20_250_601);
    child.applicant.particulars.guardian = Some(guardian());
    let id = world.submit(&child).unwrap().id;
    world.step(id, &clerk(), Action::Accept).unwrap();
    let refused = world.step(id, &doctor(1), Action::Assess(sheet(&[24])));
    assert!(matches!(refused, Err(Error::TooYoung { under_years: 2, lightest_level: 2, .. })), "{refused:?}");
    world.step(id, &doctor(1), Action::Assess(sheet(&[22]))).unwrap();
}
