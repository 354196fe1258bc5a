//! Papers and photos in both registers, and on a card.

use issuance::Error;
use issuance::casework;
use issuance::document::{self, Document, DocumentKind};
use issuance::duty::Duty;
use issuance::id::{ApplicationId, DocumentId};
use issuance::officer::{Role, Roles};
use issuance::pilot::Feature;
use issuance::register::{Register, StoreError};
use issuance::removal::{self, RemovalReason};
use issuance::step::{Action, Evidence};
use issuance::transition::State;

use super::office::{act, approved, case, issue, key, on_both, reviewed, step, switch};

const DAY: &str = "2026-11-02";

fn attach(
    register: &mut dyn Register,
    login: &str,
    id: ApplicationId,
    kind: DocumentKind,
    picture: &[u8],
) -> Result<Document, Error> {
    act(register, login, DAY, |r, a| document::attach(r, id, kind, picture.to_vec(), a))
}

fn submitted(register: &mut dyn Register, n: u64) -> ApplicationId {
    act(register, "clerk", DAY, |r, a| casework::submit(r, &case(n), a)).unwrap().id
}

#[test]
fn a_document_comes_back_as_it_was_added_and_the_same_one_counts_once() {
    on_both(|register| {
        let id = submitted(register, 0);
        let added = attach(register, "clerk", id, DocumentKind::IdentityCard, b"front").unwrap();
        assert_eq!(attach(register, "clerk", id, DocumentKind::IdentityCard, b"front"), Ok(added.clone()));
        attach(register, "clerk", id, DocumentKind::IdentityCard, b"back").unwrap();
        attach(register, "clerk", id, DocumentKind::HouseholdRegister, b"front").unwrap();
        assert_eq!(register.documents_of(id).unwrap().len(), 3);
        assert_eq!(register.document(added.id), Ok(Some(added.clone())));
        assert_eq!(register.picture(added.id), Ok(Some(b"front".to_vec())));
        assert_eq!(register.document(DocumentId::from_stored(99)), Ok(None));
        assert_eq!(register.picture(DocumentId::from_stored(99)), Ok(None));
        let (seen, picture) = act(register, "reviewer", DAY, |r, a| document::open(r, added.id, a)).unwrap();
        assert_eq!((seen, picture.as_slice()), (added, &b"front"[..]));
        let rows = register.audit_rows(0, usize::MAX).unwrap();
        let last = &rows.last().unwrap().entry;
        assert_eq!(last.deed.to_stored(), "document_viewed");
        assert_eq!(last.reason.as_ref().unwrap().expose(), "identity_card");
    });
}

#[test]
fn sizes_powers_and_stages_are_kept() {
    on_both(|register| {
        let id = submitted(register, 0);
        let large = vec![1; 12 * 1024 + 1];
        let kind = DocumentKind::Photo;
        let refused = attach(register, "clerk", id, kind, &large);
        assert_eq!(refused, Err(Error::DocumentSize { kind, size: large.len(), max: 12 * 1024 }));
        assert!(attach(register, "clerk", id, kind, b"").is_err());
        let refused = attach(register, "reviewer", id, kind, b"x");
        assert!(matches!(refused, Err(Error::PowerMissing { role: Role::Clerk, .. })));
        for n in 0..document::MAX_DOCUMENTS {
            attach(register, "clerk", id, DocumentKind::MedicalRecord, &[n as u8]).unwrap();
        }
        let many = attach(register, "clerk", id, DocumentKind::MedicalRecord, b"one more");
        assert_eq!(many, Err(Error::TooManyDocuments { max: document::MAX_DOCUMENTS }));
        let reviewed = reviewed(register, 1);
        let late = attach(register, "clerk", reviewed, kind, b"another face");
        assert_eq!(late, Err(Error::DocumentsClosed { state: State::Reviewed }));
        // And by the register itself, from somebody who saw it still open.
        let by = super::office::officer(register, "clerk").id;
        let new = document::NewDocument {
            application: reviewed,
            kind,
            digest: document::digest(b"another face"),
            picture: b"another face".to_vec(),
            added_by: by,
            added_at: super::office::at(DAY),
        };
        let entry = super::office::entry(issuance::audit::Subject::Application(reviewed));
        let rule = StoreError::Rule("documents come before the review");
        assert_eq!(register.add_document(&new, &entry), Err(rule));
    });
}

#[test]
fn a_paper_that_is_taken_out_leaves_who_and_why_and_no_picture() {
    on_both(|register| {
        let id = submitted(register, 0);
        let first = attach(register, "clerk", id, DocumentKind::IdentityCard, b"front").unwrap();
        let other = attach(register, "clerk", id, DocumentKind::IdentityCard, b"somebody else's").unwrap();
        let remove = |register: &mut dyn Register, login: &str, document: DocumentId| {
            act(register, login, DAY, |r, a| removal::remove(r, document, RemovalReason::OtherPerson, a))
        };
        let refused = remove(register, "reviewer", other.id);
        assert!(matches!(refused, Err(Error::PowerMissing { role: Role::Clerk, .. })));
        let gone = remove(register, "clerk", other.id).unwrap();
        assert_eq!(gone.document, other);
        assert_eq!(register.removals_of(id), Ok(vec![gone.clone()]));
        assert_eq!(register.documents_of(id), Ok(vec![first.clone()]));
        assert_eq!((register.document(other.id), register.picture(other.id)), (Ok(None), Ok(None)));
        assert_eq!(remove(register, "clerk", other.id), Err(Error::NoDocument { document: other.id }));
        let rows = register.audit_rows(0, usize::MAX).unwrap();
        let last = &rows.last().unwrap().entry;
        assert_eq!(last.deed.to_stored(), "document_removed");
        assert_eq!(last.reason.as_ref().unwrap().expose(), "other_person");
        // Its number is nobody else's, and it may be brought again.
        let again = attach(register, "clerk", id, DocumentKind::IdentityCard, b"somebody else's").unwrap();
        assert!(again.id > other.id, "{again:?}");
        // By the register itself: twice, and from somebody who saw it still open.
        let entry = super::office::entry(issuance::audit::Subject::Application(id));
        let twice = register.remove_document(&gone, &entry);
        assert_eq!(twice, Err(StoreError::Rule("documents stay")));
        finish(register, id);
        let late = removal::Removal { document: first.clone(), ..gone };
        let rule = StoreError::Rule("documents come before the review");
        assert_eq!(register.remove_document(&late, &entry), Err(rule));
        let closed = Err(Error::DocumentsClosed { state: State::Approved });
        assert_eq!(remove(register, "clerk", first.id), closed);
        assert_eq!(register.picture(first.id), Ok(Some(b"front".to_vec())));
    });
}

#[test]
fn whoever_took_papers_out_does_nothing_else_in_the_case() {
    on_both(|register| {
        let both = Roles::new(&[Role::Clerk, Role::Reviewer, Role::Approver]);
        let entry = super::office::entry(issuance::audit::Subject::Register);
        for login in ["reviewer", "approver"] {
            let officer = super::office::officer(register, login);
            register.change_officer(officer.id, both, true, &entry).unwrap();
        }
        // The reviewer took one out, the approver brought one that was taken out.
        let id = submitted(register, 0);
        let by_clerk = attach(register, "clerk", id, DocumentKind::IdentityCard, b"x").unwrap();
        let by_approver = attach(register, "approver", id, DocumentKind::MedicalRecord, b"y").unwrap();
        for (login, document) in [("reviewer", by_clerk), ("clerk", by_approver)] {
            act(register, login, DAY, |r, a| {
                removal::remove(r, document.id, RemovalReason::Superseded, a).map(drop)
            })
            .unwrap();
        }
        assert_eq!(register.documents_of(id), Ok(vec![]));
        step(register, "clerk", DAY, id, Action::Accept);
        let doctors = ["doctor-1", "doctor-2"].map(|login| super::office::officer(register, login).id);
        step(register, "clerk", DAY, id, Action::Transcribe { sheet: super::office::sheet(), doctors });
        let calendar = issuance::calendar::Calendar::shipped().unwrap();
        let posted = credential::time::Date::parse(DAY).ok();
        act(register, "clerk", DAY, |r, a| casework::post_or_waive_notice(r, id, posted, &calendar, a))
            .unwrap();
        for login in ["reviewer", "approver"] {
            let officer = super::office::officer(register, login);
            let refused = act(register, login, "2026-11-10", |r, a| {
                casework::take_step(r, id, Action::Review, a).map(drop)
            });
            let wanted = Duty::Review;
            let held = Duty::Entry;
            assert_eq!(
                refused,
                Err(Error::DutiesNotSeparated { officer: officer.id, held, wanted }),
                "{login}"
            );
            // And by the register itself.
            let mut filed = register.application(id).unwrap().unwrap();
            let known = filed.application.steps().len();
            filed.application.take(&officer, Action::Review, super::office::at("2026-11-10")).unwrap();
            let rule = StoreError::Rule("one duty an officer a case");
            assert_eq!(register.add_steps(&filed, known, &[]), Err(rule), "{login}");
        }
    });
}

#[test]
fn whoever_adds_papers_does_nothing_else_in_the_case() {
    on_both(|register| {
        let both = Roles::new(&[Role::Clerk, Role::Reviewer, Role::Approver, Role::Assessor]);
        let reviewer = super::office::officer(register, "reviewer");
        let entry = super::office::entry(issuance::audit::Subject::Register);
        register.change_officer(reviewer.id, both, true, &entry).unwrap();
        let id = submitted(register, 0);
        attach(register, "reviewer", id, DocumentKind::IdentityCard, b"x").unwrap();
        step(register, "clerk", DAY, id, Action::Accept);
        let doctors = ["doctor-1", "doctor-2"].map(|login| super::office::officer(register, login).id);
        step(register, "clerk", DAY, id, Action::Transcribe { sheet: super::office::sheet(), doctors });
        let calendar = issuance::calendar::Calendar::shipped().unwrap();
        let posted = credential::time::Date::parse(DAY).ok();
        act(register, "clerk", DAY, |r, a| casework::post_or_waive_notice(r, id, posted, &calendar, a))
            .unwrap();
        let review = |register: &mut dyn Register, action: Action| {
            act(register, "reviewer", "2026-11-10", |r, a| casework::take_step(r, id, action, a).map(drop))
        };
        for action in [Action::Review, Action::SendBack(Evidence::Photo)] {
            let wanted = Duty::Review;
            let refused = Error::DutiesNotSeparated { officer: reviewer.id, held: Duty::Entry, wanted };
            assert_eq!(review(register, action), Err(refused));
        }
        // And by the register itself.
        let mut filed = register.application(id).unwrap().unwrap();
        let known = filed.application.steps().len();
        let officer = super::office::officer(register, "reviewer");
        filed.application.take(&officer, Action::Review, super::office::at("2026-11-10")).unwrap();
        let rule = StoreError::Rule("one duty an officer a case");
        assert_eq!(register.add_steps(&filed, known, &[]), Err(rule));
        // The other way round: who reviewed adds no papers afterwards.
        act(register, "approver", "2026-11-10", |r, _| {
            r.change_officer(super::office::officer(r, "approver").id, both, true, &entry)
        })
        .unwrap();
        act(register, "approver", "2026-11-10", |r, a| {
            casework::take_step(r, id, Action::SendBack(Evidence::Photo), a)
        })
        .unwrap();
        let refused = attach(register, "approver", id, DocumentKind::Portrait, b"x");
        assert!(matches!(refused, Err(Error::DutiesNotSeparated { held: Duty::Review, .. })), "{refused:?}");
    });
}

#[test]
fn a_case_waits_for_the_papers_its_county_asks_for() {
    on_both(|register| {
        let accept = |register: &mut dyn Register, id| {
            act(register, "clerk", DAY, |r, a| casework::take_step(r, id, Action::Accept, a)).map(drop)
        };
        let id = submitted(register, 0);
        switch(register, Feature::Documents, 220_104, true);
        let needs = |register: &mut dyn Register, id| match accept(register, id) {
            Err(Error::DocumentsMissing { needs }) => needs.concat(),
            other => panic!("{other:?}"),
        };
        use DocumentKind::{AssessmentForm, GuardianProof, HouseholdRegister, IdentityCard, Photo};
        assert_eq!(needs(register, id), [IdentityCard, HouseholdRegister, Photo]);
        switch(register, Feature::SmartCard, 220_104, false);
        assert_eq!(needs(register, id), [IdentityCard, HouseholdRegister], "no card, no face");
        attach(register, "clerk", id, HouseholdRegister, b"x").unwrap();
        accept(register, id).unwrap();
        // A minor's guardian proves it; the household register proves both.
        let mut child = case(1);
        child.applicant.identity =
            credential::number::IdentityNumber::from_first_17(22_010_420_150_305_002).unwrap();
        child.applicant.particulars.guardian = Some(issuance::person::Guardian {
            name: issuance::text::Text::parse("王母").unwrap(),
            relation: issuance::text::Text::parse("母亲").unwrap(),
            phone: None,
        });
        let child = act(register, "clerk", DAY, |r, a| casework::submit(r, &child, a)).unwrap().id;
        let wanted = [IdentityCard, HouseholdRegister, GuardianProof, HouseholdRegister];
        assert_eq!(needs(register, child), wanted);
        attach(register, "clerk", child, IdentityCard, b"x").unwrap();
        assert_eq!(needs(register, child), [GuardianProof, HouseholdRegister]);
        attach(register, "clerk", child, GuardianProof, b"y").unwrap();
        accept(register, child).unwrap();
        // Once something was found, the hospital's form is asked for before the review.
        let doctors = ["doctor-1", "doctor-2"].map(|login| super::office::officer(register, login).id);
        step(register, "clerk", DAY, id, Action::Transcribe { sheet: super::office::sheet(), doctors });
        let calendar = issuance::calendar::Calendar::shipped().unwrap();
        let posted = credential::time::Date::parse(DAY).ok();
        act(register, "clerk", DAY, |r, a| casework::post_or_waive_notice(r, id, posted, &calendar, a))
            .unwrap();
        let review = |register: &mut dyn Register| {
            act(register, "reviewer", "2026-11-10", |r, a| casework::take_step(r, id, Action::Review, a))
                .map(drop)
        };
        assert_eq!(review(register), Err(Error::DocumentsMissing { needs: vec![&[AssessmentForm]] }));
        attach(register, "clerk", id, AssessmentForm, b"form").unwrap();
        review(register).unwrap();
    });
}

#[test]
fn the_photo_follows_the_person_from_case_to_case() {
    on_both(|register| {
        let id = submitted(register, 0);
        let face = attach(register, "clerk", id, DocumentKind::Photo, b"first face").unwrap();
        let retake = attach(register, "clerk", id, DocumentKind::Photo, b"second face").unwrap();
        assert_ne!(face, retake);
        finish(register, id);
        let certificate = issue(register, &key()).unwrap().issued[0].certificate;
        let row = register.certificate(certificate).unwrap().unwrap();
        assert_eq!(document::photo_of(register, &row), Ok(Some(retake)), "the latest");
        assert_eq!(document::photo_for_card(register, &row), Ok(b"second face".to_vec()));
        // A loss asks for no new photo: the replacement has the same.
        let day = credential::time::Date::parse("2026-11-10").unwrap();
        let lost = act(register, "clerk", "2026-11-10", |r, a| casework::report_loss(r, certificate, day, a));
        let filed = lost.unwrap();
        step(register, "reviewer", "2026-11-10", filed.id, Action::Review);
        step(register, "approver", "2026-11-10", filed.id, Action::Approve);
        let new = issue(register, &key()).unwrap().issued[0].certificate;
        let row = register.certificate(new).unwrap().unwrap();
        assert_eq!(document::photo_for_card(register, &row), Ok(b"second face".to_vec()));
        // Nobody brought one here.
        approved(register, 5);
        let bare = issue(register, &key()).unwrap().issued[0].certificate;
        let row = register.certificate(bare).unwrap().unwrap();
        assert_eq!(document::photo_for_card(register, &row), Ok(Vec::new()));
    });
}

/// From the entry to the approval.
pub(super) fn finish(register: &mut dyn Register, id: ApplicationId) {
    let doctors = ["doctor-1", "doctor-2"].map(|login| super::office::officer(register, login).id);
    step(register, "clerk", DAY, id, Action::Accept);
    step(register, "clerk", DAY, id, Action::Transcribe { sheet: super::office::sheet(), doctors });
    let calendar = issuance::calendar::Calendar::shipped().unwrap();
    let posted = credential::time::Date::parse(DAY).ok();
    act(register, "clerk", DAY, |r, a| casework::post_or_waive_notice(r, id, posted, &calendar, a)).unwrap();
    step(register, "reviewer", "2026-11-10", id, Action::Review);
    step(register, "approver", "2026-11-10", id, Action::Approve);
}

/// With the longest photo a card takes.
pub(super) fn certificate_with_photo(
    register: &mut dyn Register,
    photo: &[u8],
) -> issuance::id::CertificateId {
    let id = submitted(register, 77);
    attach(register, "clerk", id, DocumentKind::Photo, photo).unwrap();
    finish(register, id);
    issue(register, &key()).unwrap().issued[0].certificate
}
