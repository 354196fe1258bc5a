//! The console and the API over HTTP: one router behind one envelope and one gate.
//! A request goes envelope (number, log, limits, headers) -> gate (origin, form token, size) -> guard (who may) ->
//! handler (load, check the form, one use case, show). Rules live in `issuance`, never here.
//!
//! To add a page: an address in `url`, a file in `pages` with a template, its words under `words`, one line in
//! `pages::routes`. The compiler asks for the guard, for each word in both languages and for each field of the
//! template; the tests of `it::web` find the new route by themselves.

// The machine's edge.
pub mod app;
pub mod clock;
pub mod desk;
pub mod figures;
pub mod issuing;
pub mod patience;
pub mod serve;
pub mod settings;
pub mod start;
pub mod tls;

// Who it is.
pub mod account;
pub mod client;
pub mod one_time_code;
pub mod password;
pub mod scope;
pub mod session;
pub mod token;

// What stands before a handler.
pub mod envelope;
pub mod gate;
pub mod guard;
pub mod kept;
pub mod rate;
pub mod refused;
pub mod routes;
pub mod url;
pub mod visit;

// For programs.
pub mod api;

// What a page is made of.
pub mod assets;
pub mod audit_lines;
pub mod fields;
pub mod frame;
pub mod lang;
pub mod pages;
pub mod words;
pub mod work_list;

#[cfg(test)]
pub(crate) mod testing;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use tower_http::catch_panic::CatchPanicLayer;

use crate::web::app::App;
use crate::web::refused::Refused;
use crate::web::routes::Routes;

/// Every route of the service.
#[must_use]
pub fn routes() -> Routes {
    assets::routes().and(pages::routes()).and(api::routes())
}

/// The service, ready to be called.
pub fn router(app: &App) -> Router {
    let panicked = |_| Refused::Failed.into_response();
    routes()
        .into_router()
        .fallback(|| async { Refused::NotFound })
        .method_not_allowed_fallback(|| async { Refused::MethodMissing })
        .layer(from_fn_with_state(app.clone(), gate::gate))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), envelope::envelope))
        .with_state(app.clone())
}
