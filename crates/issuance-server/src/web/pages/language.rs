//! The switch between Chinese and English.

use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Redirect};

use crate::web::fields::Asked;
use crate::web::guard::Anyone;
use crate::web::lang::Lang;
use crate::web::routes::Routes;
use crate::web::url::{Language, LocalPath};

/// The switch.
#[must_use]
pub fn routes() -> Routes {
    Routes::default().get::<Language, _, _>(switch)
}

async fn switch(guard: Anyone, Asked(asked): Asked) -> impl IntoResponse {
    let back = LocalPath::parse(asked.get("back")).map_or_else(|| "/".to_owned(), |path| path.to_string());
    let cookie = guard.visit.language_cookie(Lang::parse(asked.get("lang")));
    (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(&back))
}
