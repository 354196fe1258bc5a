//! Why a use case is refused: one cause a variant, with the facts, in Chinese and English.
//! Faults in the fields of a form are their own list; see `fault`.

mod code;
mod en;
mod zh;

use std::fmt;

use credential::disability::Category;
use credential::region::Region;
use credential::time::{Date, UnixTime};
use verifier::Refusal as VerifierRefusal;

use crate::document::{DocumentKind, Need};
use crate::duty::Duty;
use crate::id::{ApplicationId, CardJobId, CertificateId, ChangeId, DocumentId, OfficerId, PersonId};
use crate::kind::{Kind, Route};
use crate::officer::Role;
use crate::pilot::Feature;
use crate::register::StoreError;
use crate::signer::SignerError;
use crate::status_change::{Change, Reason, Standing};
use crate::transition::{State, Verb};

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The officer has not been given the power. An administrator can.
    PowerMissing {
        /// Who.
        officer: OfficerId,
        /// Which power.
        role: Role,
    },
    /// The case belongs to a region that the officer's office does not serve.
    OtherRegion {
        /// Who.
        officer: OfficerId,
        /// The case's region.
        region: Region,
    },
    /// A dispute is settled by the prefecture or the province.
    HigherOfficeNeeded {
        /// Who.
        officer: OfficerId,
    },
    /// Nobody changes their own powers.
    OwnPowers {
        /// Who.
        officer: OfficerId,
    },
    /// The officer already acted in this case in another duty.
    DutiesNotSeparated {
        /// Who.
        officer: OfficerId,
        /// What they are in it.
        held: Duty,
        /// What they wanted to be.
        wanted: Duty,
    },
    /// Both signatures of an assessment are of one doctor.
    OneDoctor {
        /// Who.
        officer: OfficerId,
    },
    /// The case does not stand where this step begins.
    NotNow {
        /// Where it stands.
        state: State,
        /// What was asked for.
        verb: Verb,
    },
    /// The kind of application does not take this way.
    WrongRoute {
        /// What is asked for.
        kind: Kind,
        /// The way.
        route: Route,
    },
    /// A new certificate follows none; a change follows one.
    EarlierCertificate {
        /// What is asked for.
        kind: Kind,
    },
    /// Born after the application.
    BornLater,
    /// Minors, intellectual and mental disability need a guardian.
    GuardianRequired,
    /// Minors are not published.
    MinorNotPublished,
    /// Adults are published.
    NoticeRequired,
    /// The notice is in the future, before the assessment, or too short.
    NoticeDates,
    /// The five working days of the notice are not over.
    NoticeRuns {
        /// Its last day.
        until: Date,
    },
    /// An assessment is signed on a later day than it was entered.
    SignedLater,
    /// Nothing says what the certificate would certify.
    NotAssessed,
    /// A step would be older than the one before: the clock was set back.
    ClockBehind {
        /// The clock.
        now: UnixTime,
        /// The step before.
        last: UnixTime,
    },
    /// After B99 there is no further suffix.
    SuffixesUsedUp,
    /// A stored step has facts that do not belong to its verb.
    BrokenStep {
        /// The verb.
        verb: Verb,
    },
    /// The calendar file has a fault.
    CalendarFormat,
    /// The public holidays of the year are not in the calendar.
    CalendarYearUnknown {
        /// Which year.
        year: u16,
    },
    /// The grants file has a fault.
    GrantsFormat,
    /// The person has an open application.
    ApplicationOpen {
        /// Which one; `None` where it is another office's.
        application: Option<ApplicationId>,
    },
    /// The person has a certificate that is not revoked: ask for a change of it.
    CertificateHeld {
        /// Which one; `None` where it is another office's.
        certificate: Option<CertificateId>,
    },
    /// After a revocation of this kind a year must pass.
    WaitUntil {
        /// From this day on.
        day: Date,
    },
    /// No such application.
    NoApplication {
        /// Which one.
        application: ApplicationId,
    },
    /// No such certificate.
    NoCertificate {
        /// Which one.
        certificate: CertificateId,
    },
    /// No such person.
    NoPerson {
        /// Which one.
        person: PersonId,
    },
    /// No such officer.
    NoOfficer {
        /// Which one.
        officer: OfficerId,
    },
    /// No such change of status.
    NoChange {
        /// Which one.
        change: ChangeId,
    },
    /// The certificate stands elsewhere than this change begins.
    WrongStanding {
        /// Where it stands.
        standing: Standing,
        /// What was asked for.
        change: Change,
    },
    /// The reason code belongs to another change.
    WrongReason {
        /// What was asked for.
        change: Change,
        /// The code.
        reason: Reason,
    },
    /// An effective date after today.
    EffectiveLater,
    /// What cannot be undone takes a second officer.
    SecondOfficerNeeded {
        /// The one who entered it.
        officer: OfficerId,
    },
    /// The change was carried out or dropped before.
    ChangeClosed {
        /// Which one.
        change: ChangeId,
    },
    /// The status list of the issuer key is too full for another random index: a new key is due.
    StatusListFull,
    /// The trust list is not what roots sign.
    TrustListUnreadable,
    /// Our own verifier refuses the bundle. It was not published.
    BundleRefused {
        /// Why.
        refusal: VerifierRefusal,
    },
    /// What lies stored for signing is not what the approval leads to: a row or the grants were changed since.
    PreparedChanged {
        /// Which one.
        certificate: CertificateId,
    },
    /// The certificate that is to be changed has expired: ask for its renewal.
    EarlierExpired {
        /// Which one.
        certificate: CertificateId,
    },
    /// The certificate belongs to somebody else.
    OtherHolder,
    /// The line of the file was filed before.
    FiledBefore {
        /// As this case.
        application: ApplicationId,
    },
    /// Our own verifier refuses what would be signed. Nothing was signed.
    TrialRefused {
        /// Why.
        refusal: VerifierRefusal,
    },
    /// Our own verifier refuses the signature. It was not handed out.
    SignatureRefused {
        /// Why.
        refusal: VerifierRefusal,
    },
    /// The certificate has a card, or one is being made: report that one lost first.
    CardOrdered {
        /// As this job.
        job: CardJobId,
    },
    /// No such job, or it is closed.
    NoCardJob {
        /// Which one.
        job: CardJobId,
    },
    /// The certificate has no card that this could be done to.
    NoCard {
        /// Which certificate.
        certificate: CertificateId,
    },
    /// The job was begun with another card, or with another key.
    OtherCard {
        /// Which one.
        job: CardJobId,
    },
    /// The card belongs to another job, for good.
    CardTaken {
        /// To this one.
        job: CardJobId,
    },
    /// The certificate is revoked, suspended or expired: no card is made for it.
    NotInForce {
        /// Which one.
        certificate: CertificateId,
    },
    /// No confirmed rule entitles the holder to anything at a gate, and a pass without a grant says nothing.
    NothingForACard {
        /// Which certificate.
        certificate: CertificateId,
    },
    /// No such document.
    NoDocument {
        /// Which one.
        document: DocumentId,
    },
    /// Papers are added until the review; afterwards officers must go on seeing what was reviewed.
    DocumentsClosed {
        /// Where the case stands.
        state: State,
    },
    /// The case lacks papers that its county asks for. The clerk adds them, or asks the applicant.
    DocumentsMissing {
        /// Of each, one suffices.
        needs: Vec<Need>,
    },
    /// A picture is empty or larger than its kind may be.
    DocumentSize {
        /// Which kind.
        kind: DocumentKind,
        /// Bytes.
        size: usize,
        /// Bytes it may have.
        max: usize,
    },
    /// The case has as many documents as one may have.
    TooManyDocuments {
        /// How many.
        max: usize,
    },
    /// The file of local rules has a fault.
    LocalFormat,
    /// At this age the level cannot be told yet (a local rule).
    TooYoung {
        /// Of which category.
        category: Category,
        /// Below this age.
        under_years: u16,
        /// No lighter level than this.
        lightest_level: u8,
    },
    /// The province has settled the dispute: its word is final.
    DisputeFinal,
    /// A transfer leads to another county, everything else stays in its own.
    CountyOfEarlier {
        /// What is asked for.
        kind: Kind,
        /// The county that issued the certificate.
        county: Region,
    },
    /// The guardian is the one that the register has.
    GuardianUnchanged,
    /// The certificate is not overdue for a year.
    NotOverdue {
        /// Overdue enough from this day on.
        from: Date,
    },
    /// The feature is not switched on in the region. An administrator can.
    FeatureOff {
        /// Which feature.
        feature: Feature,
        /// Where.
        region: Region,
    },
    /// What was stored for signing names another key than the one at hand.
    OtherKey,
    /// The signer did not sign.
    Signer(SignerError),
    /// The register did not answer or refused.
    Store(StoreError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} · {}", self.zh(), self.en())
    }
}

impl std::error::Error for Error {}
