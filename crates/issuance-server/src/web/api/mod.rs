//! The API for programs, one noun a file: JSON in and out under /api/v1, the same use cases as the pages call.
//! A handler's first argument says which scope and which power it takes; its last one is a body that was read into
//! types. Writes carry an idempotency key (`once`), refusals are problem+json (`pages::error`), and every route
//! stands in the OpenAPI document (`document`), which a test holds to the table of routes.

mod common;
mod desk_messages;
pub mod desks;
pub mod document;
pub mod examples;
pub mod once;
pub mod paging;
mod refusals;
pub mod shelf;
pub mod url;
pub mod view;

pub mod applicant;
pub mod applications;
pub mod bundle;
pub mod cards;
pub mod certificates;
pub mod changes;
pub mod papers;
pub mod people;
pub mod steps;

use crate::web::routes::Routes;

/// The routes of the API.
#[must_use]
pub fn routes() -> Routes {
    document::routes()
        .and(people::routes())
        .and(applications::routes())
        .and(steps::routes())
        .and(papers::routes())
        .and(certificates::routes())
        .and(changes::routes())
        .and(cards::routes())
        .and(desks::routes())
        .and(bundle::routes())
}
