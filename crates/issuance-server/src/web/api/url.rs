//! Addresses of the API. Numbers of rows only, as in those of the pages.

use issuance::id::{ApplicationId, CardJobId, CertificateId, ChangeId, DocumentId, PersonId};

use super::desks::DeskId;
use crate::web::url::urls;

urls! {
    /// The OpenAPI document.
    Document "/api/v1/openapi.json" {}
    /// Finds people; a body, so that no name stands in an address.
    PeopleSearch "/api/v1/people/search" {}
    /// One person.
    ApiPerson "/api/v1/people/{id}" { id: PersonId }
    /// The number in clear.
    ApiNumber "/api/v1/people/{id}/number" { id: PersonId }
    /// Cases.
    Applications "/api/v1/applications" {}
    /// One case.
    ApiApplication "/api/v1/applications/{id}" { id: ApplicationId }
    /// Taking a step of it.
    Steps "/api/v1/applications/{id}/steps" { id: ApplicationId }
    /// The papers of a case.
    Papers "/api/v1/applications/{id}/documents" { id: ApplicationId }
    /// Its photo, cut from a portrait.
    PhotoCut "/api/v1/applications/{id}/photo" { id: ApplicationId }
    /// One paper.
    Paper "/api/v1/documents/{id}" { id: DocumentId }
    /// Taking it out of its case.
    PaperRemoval "/api/v1/documents/{id}/removal" { id: DocumentId }
    /// Certificates.
    ApiCertificates "/api/v1/certificates" {}
    /// One certificate.
    ApiCertificate "/api/v1/certificates/{id}" { id: CertificateId }
    /// Its signed texts.
    Credentials "/api/v1/certificates/{id}/credentials" { id: CertificateId }
    /// A change of its status.
    CertificateChanges "/api/v1/certificates/{id}/changes" { id: CertificateId }
    /// It is lost.
    Loss "/api/v1/certificates/{id}/loss" { id: CertificateId }
    /// An application that follows it.
    Following "/api/v1/certificates/{id}/applications" { id: CertificateId }
    /// Changes that wait for a second officer.
    Changes "/api/v1/changes" {}
    /// The second officer's word.
    Decision "/api/v1/changes/{id}/decision" { id: ChangeId }
    /// Ordering a card.
    CertificateCards "/api/v1/certificates/{id}/cards" { id: CertificateId }
    /// Its card is lost.
    CardReplacement "/api/v1/certificates/{id}/cards/replacement" { id: CertificateId }
    /// Cards that still have to be written.
    Cards "/api/v1/cards" {}
    /// One card job.
    Card "/api/v1/cards/{id}" { id: CardJobId }
    /// What a desk says.
    Desk "/api/v1/desks/{desk}/messages" { desk: DeskId }
    /// The newest bundle.
    Bundle "/api/v1/bundle" {}
    /// What leads to it from an older one.
    BundleDelta "/api/v1/bundle.from-{base}" { base: u32 }
}
