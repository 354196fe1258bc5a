//! Addresses as types: the pattern a route is registered under and the address a page links to are one line here,
//! so that a link cannot lead nowhere. Numbers of rows only: no personal data ever stands in an address.

use std::fmt;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use issuance::id::{
    ApplicationId, CertificateId, ChangeId, ClientId, DocumentId, OfficeId, OfficerId, PersonId,
};
use issuance::kind::Kind;
use issuance::transition::Verb;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::web::refused::Refused;

/// An address of the service.
pub trait Url: fmt::Display {
    /// The pattern it is routed by.
    const PATTERN: &'static str;
}

/// One line an address: name, pattern, the numbers in it.
macro_rules! urls {
    ($($(#[$doc:meta])* $name:ident $pattern:literal { $($field:ident: $type:ty),* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
        pub struct $name { $(#[doc = "Which one."] pub $field: $type),* }

        impl $crate::web::url::Url for $name {
            const PATTERN: &'static str = $pattern;
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let Self { $($field),* } = self;
                write!(f, $pattern)
            }
        }
    )*};
}

pub(crate) use urls;

urls! {
    /// Login and password.
    SignIn "/sign-in" {}
    /// The code of the authenticator.
    SecondFactor "/sign-in/code" {}
    /// Taking an authenticator into use.
    Enrol "/sign-in/authenticator" {}
    /// A new password, while signing in or later.
    NewPassword "/account/password" {}
    /// The officer's own sessions and factors.
    Account "/account" {}
    /// Ends this session.
    SignOut "/sign-out" {}
    /// Ends every session of the officer.
    SignOutEverywhere "/sign-out/everywhere" {}
    /// Chinese or English.
    Language "/language" {}
    /// The first page.
    Home "/" {}
    /// Finds people, certificates and cards; a form, so that no name stands in an address.
    Search "/search" {}
    /// A new application.
    NewApplication "/applications/new" {}
    /// One case.
    CaseUrl "/applications/{id}" { id: ApplicationId }
    /// One step of a case: its form, and taking it.
    StepUrl "/applications/{id}/steps/{verb}" { id: ApplicationId, verb: VerbWord }
    /// The sheet that hangs in the village.
    NoticeSheet "/applications/{id}/notice" { id: ApplicationId }
    /// The papers of a case.
    Documents "/applications/{id}/documents" { id: ApplicationId }
    /// Cutting the photo out of a portrait.
    PhotoUrl "/applications/{id}/photo" { id: ApplicationId }
    /// The photo as it would be cut; numbers stand behind the `?`.
    PhotoPreview "/applications/{id}/photo/preview" { id: ApplicationId }
    /// One paper or photo.
    DocumentUrl "/documents/{id}" { id: DocumentId }
    /// Taking it out of its case.
    RemoveDocument "/documents/{id}/removal" { id: DocumentId }
    /// The case that waits longest for this officer.
    NextCase "/next" {}
    /// One person.
    PersonUrl "/people/{id}" { id: PersonId }
    /// The number in clear, this once.
    ExposeNumber "/people/{id}/number" { id: PersonId }
    /// One certificate.
    CertificateUrl "/certificates/{id}" { id: CertificateId }
    /// A change of its status.
    ChangeStatus "/certificates/{id}/changes" { id: CertificateId }
    /// It is lost.
    ReportLoss "/certificates/{id}/loss" { id: CertificateId }
    /// An application that follows it.
    Follow "/certificates/{id}/follow/{kind}" { id: CertificateId, kind: KindWord }
    /// The second officer's word on a change.
    DecideChange "/changes/{id}" { id: ChangeId }
    /// One case as the audit tells it.
    CaseStory "/audit/applications/{id}" { id: ApplicationId }
    /// What one officer did on one day.
    OfficersDay "/audit/officers/{id}" { id: OfficerId }
    /// Walks the chain.
    VerifyAudit "/audit/chain" {}
    /// The cases of the office.
    Cases "/applications" {}
    /// Certificates and cards.
    Certificates "/certificates" {}
    /// What comes to its renewal.
    Renewals "/certificates/renewals" {}
    /// Public notices.
    Notices "/notices" {}
    /// The audit.
    Audit "/audit" {}
    /// The card desk.
    CardDesk "/cards" {}
    /// What happens at the card desk, as it happens.
    LiveCards "/cards/live" {}
    /// A card for a certificate.
    OrderCard "/certificates/{id}/card" { id: CertificateId }
    /// Another card for one that is lost or broken.
    ReplaceCard "/certificates/{id}/card/replace" { id: CertificateId }
    /// Offices.
    Offices "/offices" {}
    /// One office.
    OfficePage "/offices/{id}" { id: OfficeId }
    /// Officers.
    Officers "/officers" {}
    /// One officer.
    OfficerPage "/officers/{id}" { id: OfficerId }
    /// A new one-time password, and the authenticator forgotten.
    ResetAccount "/officers/{id}/reset" { id: OfficerId }
    /// Programs that use the API.
    Clients "/clients" {}
    /// Takes a program's token back.
    RevokeClient "/clients/{id}/revoke" { id: ClientId }
    /// What is switched on where.
    Pilots "/pilots" {}
    /// What the service was started with.
    SettingsPage "/settings" {}
    /// Every style on one page; with `--demo` only.
    StyleGuide "/style-guide" {}
    /// For a supervisor: the process answers.
    Livez "/livez" {}
    /// For a balancer: it can work.
    Readyz "/readyz" {}
}

/// A verb in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct VerbWord(pub Verb);

impl fmt::Display for VerbWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// A kind of application in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct KindWord(pub Kind);

impl fmt::Display for KindWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

/// The address of a request; one whose words or numbers do not read is no address of ours.
#[derive(Clone, Copy, Debug)]
pub struct At<U>(pub U);

impl<S: Send + Sync, U: DeserializeOwned + Send> FromRequestParts<S> for At<U> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Path(url) = Path::from_request_parts(parts, state).await.map_err(|_| Refused::NotFound)?;
        Ok(Self(url))
    }
}

/// A path on this host to go back to, as it came from a form. Never another host's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// `None` unless it is a plain path of this host.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // `//host`, `/\host` and control characters are how a path becomes another host's address.
        let is_plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        (is_plain && text.len() <= 512 && text.starts_with('/') && !text.starts_with("//"))
            .then(|| Self(text.to_owned()))
    }

    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_its_pattern_with_the_numbers_filled_in() {
        assert_eq!(OfficerPage { id: OfficerId::from_stored(7) }.to_string(), "/officers/7");
        assert_eq!(OfficerPage::PATTERN, "/officers/{id}");
    }

    #[test]
    fn one_goes_back_to_this_host_only() {
        assert!(LocalPath::parse("/applications/12?page=2").is_some());
        for text in
            ["", "https://other.example/", "//other.example", "/\\other.example", "/a\r\nb", "x", "/证"]
        {
            assert_eq!(LocalPath::parse(text), None, "{text}");
        }
    }
}
