//! The pages of the console, one noun a file. A handler loads, checks the form, calls one use case and shows;
//! rules never live here. Each page is a struct that its template is checked against when the program is built.

pub mod account;
pub mod application;
pub mod audit;
pub mod cards;
pub mod case;
pub mod case_story;
pub mod cases;
pub mod certificate;
pub mod certificates;
pub mod clients;
pub mod code;
pub mod documents;
pub mod error;
pub mod follow;
pub mod health;
pub mod home;
pub mod kept;
pub mod language;
pub mod live_cards;
pub mod new_password;
pub mod notice;
pub mod officers;
pub mod officers_day;
pub mod offices;
pub mod person;
pub mod photo;
pub mod pilots;
pub mod renewals;
pub mod search;
pub mod settings;
pub mod sign_in;
pub mod step;
pub mod style_guide;

use crate::web::routes::Routes;

/// The routes of every page.
#[must_use]
pub fn routes() -> Routes {
    health::routes()
        .and(language::routes())
        .and(sign_in::routes())
        .and(code::routes())
        .and(new_password::routes())
        .and(account::routes())
        .and(home::routes())
        .and(search::routes())
        .and(person::routes())
        .and(application::routes())
        .and(case::routes())
        .and(cases::routes())
        .and(step::routes())
        .and(documents::routes())
        .and(photo::routes())
        .and(notice::routes())
        .and(renewals::routes())
        .and(certificates::routes())
        .and(certificate::routes())
        .and(follow::routes())
        .and(cards::routes())
        .and(live_cards::routes())
        .and(audit::routes())
        .and(case_story::routes())
        .and(officers_day::routes())
        .and(offices::routes())
        .and(officers::routes())
        .and(clients::routes())
        .and(pilots::routes())
        .and(settings::routes())
        .and(style_guide::routes())
}
