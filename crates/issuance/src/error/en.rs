//! What each refusal says in English.

use super::Error;
use crate::document::Need;
use crate::kind::Kind;

impl Error {
    /// The same in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::PowerMissing { role, .. } => {
                format!("you do not have the power `{}`; ask an administrator", role.as_str())
            }
            Self::OtherRegion { region, .. } => {
                format!("the case belongs to {region}, which your office does not serve")
            }
            Self::HigherOfficeNeeded { .. } => {
                "a dispute is settled by the prefecture or the province".into()
            }
            Self::OwnPowers { .. } => "nobody changes their own powers; another administrator has to".into(),
            Self::DutiesNotSeparated { held, wanted, .. } => format!(
                "you act in this case as `{}` and cannot also be `{}`; somebody else has to",
                held.as_str(),
                wanted.as_str()
            ),
            Self::OneDoctor { .. } => "two doctors sign an assessment; both signatures are of one".into(),
            Self::NotNow { state, verb } => {
                format!("the case is `{}`; `{}` is not due now", state.as_str(), verb.as_str())
            }
            Self::WrongRoute { kind, route } => {
                format!("`{}` does not take the route `{}`", kind.as_str(), route.as_str())
            }
            Self::EarlierCertificate { kind } => {
                format!("`{}`: a new certificate follows none, a change follows one", kind.as_str())
            }
            Self::BornLater => "born after the application; check the identity number".into(),
            Self::GuardianRequired => {
                "minors, intellectual and mental disability need a guardian; supply one first".into()
            }
            Self::MinorNotPublished => "minors are not published; waive the notice".into(),
            Self::NoticeRequired => "adults are published; the notice cannot be waived".into(),
            Self::NoticeDates => {
                "a notice goes up after the assessment, not later than today, for 5 working days".into()
            }
            Self::NoticeRuns { until } => format!("the notice runs until {until}; review after that day"),
            Self::SignedLater => "the assessment is signed on a day after today".into(),
            Self::NotAssessed => "nothing was assessed yet".into(),
            Self::ClockBehind { now, last } => {
                format!("the clock says {now}, the step before {last}; set the clock")
            }
            Self::SuffixesUsedUp => "there is no suffix after B99; ask the province".into(),
            Self::BrokenStep { verb } => {
                format!("a stored step `{}` is broken; restore a backup and report it", verb.as_str())
            }
            Self::CalendarFormat => "calendar.toml has a fault".into(),
            Self::CalendarYearUnknown { year } => {
                format!(
                    "the public holidays of {year} are unknown; add the State Council's notice to calendar.toml"
                )
            }
            Self::GrantsFormat => "grants.toml has a fault".into(),
            Self::ApplicationOpen { application: Some(application) } => {
                format!("the person has an open application #{application}; close or withdraw it first")
            }
            Self::ApplicationOpen { application: None } => {
                "the person has an open application in another region; it is closed or withdrawn there first"
                    .into()
            }
            Self::CertificateHeld { certificate: None } => {
                "the person holds a certificate of another region; ask for a transfer, or for a change there"
                    .into()
            }
            Self::CertificateHeld { certificate: Some(certificate) } => {
                format!(
                    "the person holds certificate #{certificate}; ask for a renewal, replacement or change"
                )
            }
            Self::WaitUntil { day } => format!("a year must pass after the revocation: apply from {day} on"),
            Self::NoApplication { application } => {
                format!("no application #{application}; `list` shows the numbers")
            }
            Self::NoCertificate { certificate } => {
                format!("no certificate #{certificate}; `list` shows the numbers")
            }
            Self::NoPerson { person } => format!("no person #{person}"),
            Self::NoOfficer { .. } => "no such officer; `officer list` shows them".into(),
            Self::NoChange { change } => format!("no change of status #{change}"),
            Self::WrongStanding { standing, change } => {
                format!("the certificate is `{}`; `{}` is not possible", standing.as_str(), change.as_str())
            }
            Self::WrongReason { change, reason } => {
                format!("`{}` is no reason to {}", reason.as_str(), change.as_str())
            }
            Self::EffectiveLater => "the effective date is after today".into(),
            Self::SecondOfficerNeeded { .. } => {
                "what cannot be undone is confirmed by a second officer".into()
            }
            Self::ChangeClosed { change } => format!("change of status #{change} is closed"),
            Self::StatusListFull => "the status list is nearly full; take a new issuer key into use".into(),
            Self::TrustListUnreadable => {
                "the trust list cannot be read; sign it anew with `zhengka trust`".into()
            }
            Self::BundleRefused { refusal } => {
                format!("our own verifier refuses the bundle ({refusal}); check the keys in the trust list")
            }
            Self::PreparedChanged { certificate } => format!(
                "what is stored for certificate #{certificate} is not what was approved; nothing was signed, an auditor should look"
            ),
            Self::EarlierExpired { certificate } => {
                format!("certificate #{certificate} has expired; ask for its renewal")
            }
            Self::OtherHolder => "the earlier certificate belongs to somebody else".into(),
            Self::FiledBefore { application } => {
                format!("the line was filed before, as application #{application}")
            }
            Self::TrialRefused { refusal } => {
                format!("our own verifier refuses the trial copy ({refusal}); nothing was signed")
            }
            Self::SignatureRefused { refusal } => {
                format!("our own verifier refuses the signature ({refusal}); it was not handed out")
            }
            Self::CardOrdered { job } => {
                format!("the certificate has a card, or job #{job} makes one; if it is lost, replace it")
            }
            Self::NoCardJob { job } => format!("no open card job #{job}; `card-job list` shows them"),
            Self::NoCard { certificate } => {
                format!("certificate #{certificate} has no card; order one first")
            }
            Self::OtherCard { job } => {
                format!("card job #{job} was begun with another card; put that one back, or replace it")
            }
            Self::CardTaken { job } => format!("this card belongs to card job #{job}; take a blank one"),
            Self::NotInForce { certificate } => {
                format!("certificate #{certificate} is revoked, suspended or expired; no card for it")
            }
            Self::NothingForACard { certificate } => {
                format!("no confirmed rule gives certificate #{certificate} a grant; confirm the rules first")
            }
            Self::LocalFormat => "local.toml has a fault".into(),
            Self::TooYoung { category, under_years, lightest_level } => format!(
                "under {under_years} years, {} disability is found at levels 1 to {lightest_level} only (a local rule); assess again later",
                category.en()
            ),
            Self::DisputeFinal => "the province has settled the dispute; its word is final".into(),
            Self::CountyOfEarlier { kind: Kind::Transfer, county } => {
                format!("the certificate was issued by {county}; a transfer names another home county")
            }
            Self::CountyOfEarlier { kind, county } => format!(
                "the certificate was issued by {county}, another county; transfer it before `{}`",
                kind.as_str()
            ),
            Self::GuardianUnchanged => "the guardian is the one in the register; name the new one".into(),
            Self::NotOverdue { from } => {
                format!("the certificate is not overdue for a year; possible from {from} on")
            }
            Self::NoDocument { document } => format!("no document #{document}"),
            Self::DocumentsClosed { state } => format!(
                "the case is `{}`; papers are added until the review, send it back for more",
                state.as_str()
            ),
            Self::DocumentsMissing { needs } => {
                let one =
                    |need: &Need| need.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" or ");
                let list = needs.iter().map(one).collect::<Vec<_>>().join(", ");
                format!("papers are missing: {list}; add them, or request them from the applicant")
            }
            Self::DocumentSize { kind, size: 0, .. } => {
                format!("`{}` is an empty file; choose another", kind.as_str())
            }
            Self::DocumentSize { kind, size, max } => {
                format!("`{}` has {size} bytes, at most {max} are possible; make it smaller", kind.as_str())
            }
            Self::TooManyDocuments { max } => format!("a case has at most {max} documents"),
            Self::FeatureOff { feature, region } => format!(
                "`{}` is not switched on in {region}; an administrator switches it on under pilots",
                feature.as_str()
            ),
            Self::OtherKey => "what waits to be signed belongs to another key; continue with that key".into(),
            Self::Signer(error) => error.en().into(),
            Self::Store(error) => error.en(),
        }
    }
}
