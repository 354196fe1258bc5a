//! The papers of a case: scans of what the applicant brought, and the photo for the certificate and the card.
//! Pictures only, made anew by whoever received them; what they show is never looked at here. They are added until
//! the review and never again, so that a reviewer, an approver and a card see the same photo. A person's photo is
//! that of the case behind their certificate; another one takes a renewal, with its three officers.

use credential::time::UnixTime;

use crate::Error;
use crate::actor::Actor;
use crate::application::{Application, Filed};
use crate::audit::{Deed, Other, Subject};
use crate::certificate::Certificate;
use crate::duty::Duty;
use crate::id::{ApplicationId, DocumentId, OfficerId};
use crate::kind::{Kind, Route};
use crate::officer::Role;
use crate::person::is_minor;
use crate::pilot::{Feature, Pilots};
use crate::register::{Digest, Register};
use crate::transition::{State, Verb};
use crate::words::words;

words! {
    /// What a document is.
    DocumentKind {
        /// Identity card, both sides in one picture or one each.
        IdentityCard "identity_card" "身份证";
        /// 户口簿
        HouseholdRegister "household_register" "户口簿";
        /// Proof of guardianship.
        GuardianProof "guardian_proof" "监护关系证明";
        /// The hospital's form with two signatures.
        AssessmentForm "assessment_form" "残疾评定表";
        /// Medical papers.
        MedicalRecord "medical_record" "病历资料";
        /// Where the person lives.
        ResidenceProof "residence_proof" "居住证明";
        /// A portrait as it was taken; the photo is cut from it.
        Portrait "portrait" "照片原图";
        /// The photo, upright 3:4, small enough for a card.
        Photo "photo" "证件照";
    }
}

impl DocumentKind {
    /// Whether it is received as it was scanned or taken. A photo is not: it is cut from a portrait.
    #[must_use]
    pub const fn is_received(self) -> bool {
        !matches!(self, Self::Photo)
    }

    /// How large one may be. A photo has to fit into EF.PHOTO of a card (card profile, files).
    #[must_use]
    pub const fn max_bytes(self) -> usize {
        match self {
            Self::Photo => 12 * 1024,
            _ => MAX_SCAN_BYTES,
        }
    }
}

/// One document, without its picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Which one.
    pub id: DocumentId,
    /// Of which case.
    pub application: ApplicationId,
    /// What it is.
    pub kind: DocumentKind,
    /// SHA-256 of the picture as it is stored.
    pub digest: Digest,
    /// Bytes of the picture.
    pub size: usize,
    /// Who added it.
    pub added_by: OfficerId,
    /// When.
    pub added_at: UnixTime,
}

/// A document before the register numbers it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// Of which case.
    pub application: ApplicationId,
    /// What it is.
    pub kind: DocumentKind,
    /// SHA-256 of the picture.
    pub digest: Digest,
    /// The picture.
    pub picture: Vec<u8>,
    /// Who adds it.
    pub added_by: OfficerId,
    /// When.
    pub added_at: UnixTime,
}

/// A picture shows a person or their papers, so it does not print.
impl std::fmt::Debug for NewDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewDocument({} {}, {} bytes)", self.application, self.kind.as_str(), self.picture.len())
    }
}

/// What a case needs: any one of these.
pub type Need = &'static [DocumentKind];

/// Adds a picture to a case. The same picture a second time is the one that is there.
pub fn attach(
    register: &mut dyn Register,
    id: ApplicationId,
    kind: DocumentKind,
    picture: Vec<u8>,
    actor: &Actor<'_>,
) -> Result<Document, Error> {
    let filed = register.application(id)?.ok_or(Error::NoApplication { application: id })?;
    must_keep_papers(&filed, actor)?;
    let max = kind.max_bytes();
    if picture.is_empty() || picture.len() > max {
        return Err(Error::DocumentSize { kind, size: picture.len(), max });
    }
    let (added_by, added_at) = (actor.officer.id, actor.now);
    let digest = digest(&picture);
    let known = register.documents_of(id)?;
    if let Some(known) = known.iter().find(|known| known.kind == kind && known.digest == digest) {
        return Ok(known.clone());
    }
    if known.len() >= MAX_DOCUMENTS {
        return Err(Error::TooManyDocuments { max: MAX_DOCUMENTS });
    }
    let document = NewDocument { application: id, kind, digest, picture, added_by, added_at };
    let deed = Deed::Other(Other::DocumentAdded);
    let audit = actor.entry_because(deed, Subject::Application(id), kind.as_str());
    Ok(register.add_document(&document, &audit)?)
}

/// One picture, for whoever may see its case; a photo, for whoever may see its person. Says so in the audit first.
pub fn open(
    register: &mut dyn Register,
    id: DocumentId,
    actor: &Actor<'_>,
) -> Result<(Document, Vec<u8>), Error> {
    let missing = Error::NoDocument { document: id };
    let document = register.document(id)?.ok_or_else(|| missing.clone())?;
    let case = document.application;
    let filed = register.application(case)?.ok_or(Error::NoApplication { application: case })?;
    let sees_case =
        crate::casework::serves(&filed, actor.officer) && crate::reading::is_own_work(&filed, actor.officer);
    let sees_person = || match register.person(filed.person)? {
        Some(person) => crate::reading::may_see(register, &person, actor.officer),
        None => Ok(false),
    };
    if !(sees_case || document.kind == DocumentKind::Photo && sees_person()?) {
        return Err(missing);
    }
    let deed = Deed::Other(Other::DocumentViewed);
    register.note(&actor.entry_because(deed, Subject::Application(case), document.kind.as_str()))?;
    let picture = register.picture(id)?.ok_or(missing)?;
    Ok((document, picture))
}

/// The picture of the latest portrait of a case, from which its photo is cut.
pub fn open_portrait(
    register: &mut dyn Register,
    id: ApplicationId,
    actor: &Actor<'_>,
) -> Result<Vec<u8>, Error> {
    crate::reading::case(register, id, actor)?;
    match latest(register, id, DocumentKind::Portrait)? {
        Some(portrait) => Ok(open(register, portrait.id, actor)?.1),
        None => Err(Error::DocumentsMissing { needs: vec![PORTRAIT] }),
    }
}

/// The latest document of a kind in a case.
pub fn latest(
    register: &dyn Register,
    id: ApplicationId,
    kind: DocumentKind,
) -> Result<Option<Document>, Error> {
    Ok(register.documents_of(id)?.into_iter().rev().find(|document| document.kind == kind))
}

/// The photo of a case: its own, or that of the certificate it follows.
pub fn photo_of_case(register: &dyn Register, filed: &Filed) -> Result<Option<Document>, Error> {
    if let Some(photo) = latest(register, filed.id, DocumentKind::Photo)? {
        return Ok(Some(photo));
    }
    let Some(earlier) = &filed.application.request().earlier else { return Ok(None) };
    match register.certificate(earlier.certificate)? {
        Some(certificate) => photo_of(register, &certificate),
        None => Ok(None),
    }
}

/// The photo that officers saw when they approved a certificate; none where it was imported without.
pub fn photo_of(register: &dyn Register, certificate: &Certificate) -> Result<Option<Document>, Error> {
    match register.application(certificate.application)? {
        Some(filed) => photo_of_case(register, &filed),
        None => Ok(None),
    }
}

/// The same photo as bytes, for EF.PHOTO; empty where there is none.
pub fn photo_for_card(register: &dyn Register, certificate: &Certificate) -> Result<Vec<u8>, Error> {
    let Some(photo) = photo_of(register, certificate)? else { return Ok(Vec::new()) };
    register.picture(photo.id)?.ok_or(Error::NoDocument { document: photo.id })
}

/// What the case still needs where its home county keeps scanned papers; nothing elsewhere. An imported case is no
/// exception: its papers are added after the import and before the review.
pub fn missing(register: &dyn Register, filed: &Filed, actor: &Actor<'_>) -> Result<Vec<Need>, Error> {
    let mut needs = needs(&filed.application, &register.pilots()?, actor.now);
    if needs.is_empty() {
        return Ok(needs);
    }
    let known = register.documents_of(filed.id)?;
    needs.retain(|need| !known.iter().any(|document| need.contains(&document.kind)));
    Ok(needs)
}

/// The rule: who it is; who answers for them; what was found; where they moved; and a face for a card.
fn needs(case: &Application, pilots: &Pilots, now: UnixTime) -> Vec<Need> {
    let request = case.request();
    if !pilots.is_on(Feature::Documents, request.home) {
        return Vec::new();
    }
    let guarded = is_minor(request.born, now.date_in_china())
        || case.components().is_some_and(credential::disability::Components::need_guardian);
    let proves_guardian = match request.kind {
        Kind::New => guarded,
        Kind::GuardianChange => true,
        _ => false,
    };
    let makes_card = pilots.is_on(Feature::SmartCard, request.home);
    let mut needs: Vec<Need> = vec![IDENTITY];
    needs.extend(proves_guardian.then_some(GUARDIAN));
    needs.extend((request.kind == Kind::Transfer).then_some(HOUSEHOLD));
    needs.extend((makes_card && matches!(request.kind, Kind::New | Kind::Renewal)).then_some(PHOTO));
    // The hospital's form exists once something was found.
    needs.extend((request.route == Route::Assessed && case.assessment().is_some()).then_some(ASSESSMENT));
    needs
}

/// Before a step: papers are there when the county takes the case and when it is reviewed, and whoever added or removed
/// papers acts in no other duty.
pub(crate) fn must_allow(
    register: &dyn Register,
    filed: &Filed,
    verb: Verb,
    duty: Duty,
    actor: &Actor<'_>,
) -> Result<(), Error> {
    if duty != Duty::Entry {
        let known = register.documents_of(filed.id)?;
        let handled = known.iter().any(|document| document.added_by == actor.officer.id)
            || register.removals_of(filed.id)?.iter().any(|removal| removal.was_handled_by(actor.officer.id));
        if handled {
            let officer = actor.officer.id;
            return Err(Error::DutiesNotSeparated { officer, held: Duty::Entry, wanted: duty });
        }
    }
    if !matches!(verb, Verb::Accept | Verb::Review) {
        return Ok(());
    }
    match missing(register, filed, actor)? {
        needs if needs.is_empty() => Ok(()),
        needs => Err(Error::DocumentsMissing { needs }),
    }
}

/// Who adds papers and removes them: a clerk of the office that took the case, who is nothing else in it, until the
/// review.
pub(crate) fn must_keep_papers(filed: &Filed, actor: &Actor<'_>) -> Result<(), Error> {
    actor.officer.must_hold(Role::Clerk)?;
    actor.officer.must_serve(filed.application.request().desk)?;
    must_take_documents(&filed.application)?;
    match filed.application.duties().of(actor.officer.id).filter(|held| *held != Duty::Entry) {
        Some(held) => Err(Error::DutiesNotSeparated { officer: actor.officer.id, held, wanted: Duty::Entry }),
        None => Ok(()),
    }
}

/// Whether papers may still be added or removed.
pub fn must_take_documents(case: &Application) -> Result<(), Error> {
    match case.state() {
        State::Submitted
        | State::EvidenceWanted
        | State::Accepted
        | State::HalfAssessed
        | State::Assessed
        | State::Disputed
        | State::Noticed => Ok(()),
        state @ (State::Reviewed | State::Approved | State::Issued | State::Refused | State::Withdrawn) => {
            Err(Error::DocumentsClosed { state })
        }
    }
}

/// SHA-256, by which a picture is known again.
#[must_use]
pub fn digest(picture: &[u8]) -> Digest {
    use sha2::Digest as _;
    sha2::Sha256::digest(picture).into()
}

const IDENTITY: Need = &[DocumentKind::IdentityCard, DocumentKind::HouseholdRegister];
const GUARDIAN: Need = &[DocumentKind::GuardianProof, DocumentKind::HouseholdRegister];
const HOUSEHOLD: Need = &[DocumentKind::HouseholdRegister];
const ASSESSMENT: Need = &[DocumentKind::AssessmentForm];
const PHOTO: Need = &[DocumentKind::Photo];
const PORTRAIT: Need = &[DocumentKind::Portrait];
/// A page at 200 dots an inch in JPEG takes some 300 kB.
pub const MAX_SCAN_BYTES: usize = 2 << 20;
/// A thick case has ten papers; retakes come on top.
pub const MAX_DOCUMENTS: usize = 40;
