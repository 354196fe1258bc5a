//! Every verb in every state: the code does what the table says, and nothing else.

use issuance::Error;
use issuance::application::{Application, post_notice};
use issuance::id::CertificateId;
use issuance::kind::{Kind, Route};
use issuance::officer::Officer;
use issuance::step::{Action, Evidence, Refusal};
use issuance::transition::{Place, State, TABLE, To, Verb};

use super::office::{World, approver, case, clerk, day, doctor, one_for_all, reviewer, sheet};

#[test]
fn every_verb_in_every_state_does_what_the_table_says() {
    for route in [Route::Assessed, Route::Direct] {
        for state in State::ALL {
            let Some(mut start) = walk_to(*state, route) else { continue };
            assert_eq!(start.state(), *state);
            for verb in Verb::ALL {
                let row = TABLE.iter().find(|row| {
                    row.from == *state && row.verb == *verb && row.route.is_none_or(|only| only == route)
                });
                let refused = Err(Error::NotNow { state: *state, verb: *verb });
                let before = start.clone();
                let result = start.take(&fresh(*verb), action(*verb), super::office::at("2026-11-20"));
                match row.filter(|row| row.role.is_some()) {
                    None => assert_eq!(result, refused, "{state:?} {verb:?}"),
                    // An adult's notice cannot be waived; the matrix walks an adult.
                    Some(_) if *verb == Verb::WaiveNotice => {
                        assert_eq!(result, Err(Error::NoticeRequired));
                    }
                    Some(row) => {
                        assert_eq!(result, Ok(()), "{state:?} {verb:?}");
                        match row.to {
                            To::State(to) => assert_eq!(start.state(), to),
                            To::Back => assert!(matches!(start.state(), State::Submitted | State::Accepted)),
                        }
                        let steps = start.steps().to_vec();
                        let again = Application::from_stored(start.request().clone(), steps);
                        assert_eq!(again.as_ref(), Ok(&start), "a stored case comes back as it was");
                    }
                }
                start = before;
            }
        }
    }
}

#[test]
fn each_step_needs_its_power_and_its_region() {
    for row in TABLE.iter().filter(|row| row.role.is_some()) {
        let route = row.route.unwrap_or(Route::Assessed);
        let Some(mut application) = walk_to(row.from, route) else { panic!("{row:?} is never reached") };
        let now = super::office::at("2026-11-20");
        let mut powerless = fresh(row.verb);
        powerless.roles = issuance::officer::Roles::default();
        let refused = application.take(&powerless, action(row.verb), now);
        assert!(matches!(refused, Err(Error::PowerMissing { .. })), "{row:?}");
        let mut gone = fresh(row.verb);
        gone.active = false;
        let refused = application.take(&gone, action(row.verb), now);
        assert!(matches!(refused, Err(Error::PowerMissing { .. })), "{row:?}");
        let mut foreign = fresh(row.verb);
        foreign.office.region = credential::region::Region::from_code(2202).unwrap();
        let refused = application.take(&foreign, action(row.verb), now);
        assert!(matches!(refused, Err(Error::OtherRegion { .. })), "{row:?}");
        if row.place == Place::AboveHome {
            let mut county = fresh(row.verb);
            county.office.kind = issuance::office::OfficeKind::County;
            let refused = application.take(&county, action(row.verb), now);
            assert!(matches!(refused, Err(Error::HigherOfficeNeeded { .. })), "{row:?}");
        }
    }
}

/// A case that stands there; `None` where the route does not pass through.
fn walk_to(state: State, route: Route) -> Option<Application> {
    let mut world = World::new();
    let id = match route {
        Route::Assessed => world.submit(&case(19_800_101)).unwrap().id,
        Route::Direct => return walk_direct(state),
    };
    let posted = post_notice(day("2026-11-02"), &world.calendar).unwrap();
    let path: &[(Officer, Action)] = &[
        (clerk(), Action::Accept),
        (doctor(1), Action::Assess(sheet(&[42]))),
        (doctor(2), Action::Countersign),
        (clerk(), posted),
        (reviewer(), Action::Review),
        (approver(), Action::Approve),
    ];
    walk(&mut world, id, state, path)
}

/// The replacement of a lost certificate.
fn walk_direct(state: State) -> Option<Application> {
    let mut world = World::new();
    let first = super::issuing::issue_all(&mut world, &[case(19_800_101)], &[42]);
    let lost = world.act(&clerk(), |register, actor| {
        issuance::casework::report_loss(register, first[0], day("2026-11-10"), actor)
    });
    let lost = lost.unwrap();
    if state == State::Submitted {
        let application = &lost.application;
        return Application::from_stored(application.request().clone(), application.steps()[..1].to_vec())
            .ok();
    }
    let path = [(reviewer(), Action::Review), (approver(), Action::Approve)];
    walk(&mut world, lost.id, state, &path)
}

fn walk(
    world: &mut World,
    id: issuance::id::ApplicationId,
    state: State,
    path: &[(Officer, Action)],
) -> Option<Application> {
    use issuance::register::CaseStore;
    for step in 0..=path.len() {
        let here = world.register.application(id).unwrap().unwrap().application;
        if here.state() == state {
            return Some(here);
        }
        let aside = match state {
            State::EvidenceWanted => Some((clerk(), Action::RequestEvidence(Evidence::Photo))),
            State::Disputed if here.state() == State::Assessed => Some((clerk(), Action::Dispute)),
            State::Refused if here.state() == State::Reviewed => {
                Some((approver(), Action::Refuse(Refusal::NotQualified)))
            }
            State::Withdrawn => Some((clerk(), Action::Withdraw)),
            State::Issued if here.state() == State::Approved => {
                super::issuing::issue(world);
                return world.register.application(id).unwrap().map(|filed| filed.application);
            }
            _ => None,
        };
        let (by, action) = aside.or_else(|| path.get(step).cloned())?;
        if action.verb() == Verb::Review {
            world.on("2026-11-10");
        }
        world.step(id, &by, action).unwrap();
    }
    None
}

/// Somebody with every power who has not acted in the case yet.
fn fresh(verb: Verb) -> Officer {
    let mut officer = one_for_all();
    officer.id = issuance::id::OfficerId::from_stored(100 + verb as i64);
    officer
}

fn action(verb: Verb) -> Action {
    let posted = post_notice(day("2026-11-02"), &World::new().calendar).unwrap();
    match verb {
        Verb::Submit => Action::Submit,
        Verb::Accept => Action::Accept,
        Verb::RequestEvidence => Action::RequestEvidence(Evidence::Photo),
        Verb::Supply => Action::Supply,
        Verb::Assess => Action::Assess(sheet(&[42])),
        Verb::Countersign => Action::Countersign,
        Verb::Disagree => Action::Disagree,
        Verb::Transcribe => Action::Transcribe { sheet: sheet(&[42]), doctors: [doctor(7).id, doctor(8).id] },
        Verb::Dispute => Action::Dispute,
        Verb::Settle => Action::Settle(sheet(&[43])),
        Verb::PostNotice => posted,
        Verb::WaiveNotice => Action::WaiveNotice,
        Verb::Review => Action::Review,
        Verb::SendBack => Action::SendBack(Evidence::Medical),
        Verb::Approve => Action::Approve,
        Verb::Return => Action::Return,
        Verb::Issue => Action::Issue(CertificateId::from_stored(1)),
        Verb::Refuse => Action::Refuse(Refusal::NotQualified),
        Verb::Withdraw => Action::Withdraw,
    }
}

#[test]
fn kinds_take_their_routes_and_follow_what_they_must() {
    let mut world = World::new();
    let wrong = issuance::casework::NewCase { route: Route::Direct, ..case(19_800_101) };
    let refused = world.submit(&wrong);
    assert_eq!(refused.unwrap_err(), Error::WrongRoute { kind: Kind::New, route: Route::Direct });
    let follows_nothing =
        issuance::casework::NewCase { kind: Kind::Transfer, route: Route::Direct, ..case(19_800_101) };
    let refused = world.submit(&follows_nothing);
    assert_eq!(refused.unwrap_err(), Error::EarlierCertificate { kind: Kind::Transfer });
}
