//! The stable name of each refusal.

use super::Error;
use crate::register::StoreError;

macro_rules! codes {
    ($($cause:pat => $code:literal,)*) => {
        impl Error {
            /// Every stable name.
            pub const CODES: &[&'static str] = &[$($code),*];

            /// The stable name that programs act on: never reused, never renamed.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $($cause => $code),* }
            }
        }
    };
}

codes! {
    Self::PowerMissing { .. } => "power_missing",
    Self::OtherRegion { .. } => "other_region",
    Self::HigherOfficeNeeded { .. } => "higher_office_needed",
    Self::OwnPowers { .. } => "own_powers",
    Self::DutiesNotSeparated { .. } => "duties_not_separated",
    Self::OneDoctor { .. } => "one_doctor",
    Self::NotNow { .. } => "not_now",
    Self::WrongRoute { .. } => "wrong_route",
    Self::EarlierCertificate { .. } => "earlier_certificate",
    Self::BornLater => "born_later",
    Self::GuardianRequired => "guardian_required",
    Self::MinorNotPublished => "minor_not_published",
    Self::NoticeRequired => "notice_required",
    Self::NoticeDates => "notice_dates",
    Self::NoticeRuns { .. } => "notice_runs",
    Self::SignedLater => "signed_later",
    Self::NotAssessed => "not_assessed",
    Self::ClockBehind { .. } => "clock_behind",
    Self::SuffixesUsedUp => "suffixes_used_up",
    Self::BrokenStep { .. } => "broken_step",
    Self::CalendarFormat => "calendar_format",
    Self::CalendarYearUnknown { .. } => "calendar_year_unknown",
    Self::GrantsFormat => "grants_format",
    Self::ApplicationOpen { .. } => "application_open",
    Self::CertificateHeld { .. } => "certificate_held",
    Self::WaitUntil { .. } => "wait_until",
    Self::NoApplication { .. } => "no_application",
    Self::NoCertificate { .. } => "no_certificate",
    Self::NoPerson { .. } => "no_person",
    Self::NoOfficer { .. } => "no_officer",
    Self::NoChange { .. } => "no_change",
    Self::WrongStanding { .. } => "wrong_standing",
    Self::WrongReason { .. } => "wrong_reason",
    Self::EffectiveLater => "effective_later",
    Self::SecondOfficerNeeded { .. } => "second_officer_needed",
    Self::ChangeClosed { .. } => "change_closed",
    Self::StatusListFull => "status_list_full",
    Self::TrustListUnreadable => "trust_list_unreadable",
    Self::BundleRefused { .. } => "bundle_refused",
    Self::PreparedChanged { .. } => "prepared_changed",
    Self::EarlierExpired { .. } => "earlier_expired",
    Self::OtherHolder => "other_holder",
    Self::FiledBefore { .. } => "filed_before",
    Self::TrialRefused { .. } => "trial_refused",
    Self::SignatureRefused { .. } => "signature_refused",
    Self::CardOrdered { .. } => "card_ordered",
    Self::NoCardJob { .. } => "no_card_job",
    Self::NoCard { .. } => "no_card",
    Self::OtherCard { .. } => "other_card",
    Self::CardTaken { .. } => "card_taken",
    Self::NotInForce { .. } => "not_in_force",
    Self::NothingForACard { .. } => "nothing_for_a_card",
    Self::FeatureOff { .. } => "feature_off",
    Self::OtherKey => "other_key",
    Self::Signer(_) => "signer",
    Self::NoDocument { .. } => "no_document",
    Self::DocumentsClosed { .. } => "documents_closed",
    Self::DocumentsMissing { .. } => "documents_missing",
    Self::DocumentSize { .. } => "document_size",
    Self::TooManyDocuments { .. } => "too_many_documents",
    Self::LocalFormat => "local_format",
    Self::TooYoung { .. } => "too_young",
    Self::DisputeFinal => "dispute_final",
    Self::CountyOfEarlier { .. } => "county_of_earlier",
    Self::GuardianUnchanged => "guardian_unchanged",
    Self::NotOverdue { .. } => "not_overdue",
    Self::Store(StoreError::Conflict) => "conflict",
    Self::Store(StoreError::Rule(_)) => "register_rule",
    Self::Store(StoreError::Busy) => "busy",
    Self::Store(StoreError::Full) => "full",
    Self::Store(StoreError::WrongKey) => "wrong_key",
    Self::Store(StoreError::Newer { .. }) => "newer",
    Self::Store(StoreError::Broken { .. } | StoreError::Engine { .. }) => "failed",
}
