//! The bundle for verifiers, who need no token: whole with an ETag, or a delta from the version that they have.
//! Addresses and answers are those that `bundle-store` asks for: a folder of files on any web server would do as well.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::shelf::Shelf;
use super::url::{Bundle, BundleDelta};
use super::view;
use crate::web::app::App;
use crate::web::guard::Anyone;
use crate::web::refused::Refused;
use crate::web::routes::Routes;
use crate::web::url::At;

pub(super) fn routes() -> Routes {
    Routes::default().get::<Bundle, _, _>(whole).get::<BundleDelta, _, _>(delta)
}

/// The newest bundle: trust list, status lists and policies under one signed snapshot.
#[utoipa::path(
    get, path = "/api/v1/bundle", tag = "verifiers", operation_id = "read_bundle",
    params(("If-None-Match" = Option<String>, Header, description = "The ETag of the bundle that was taken last.")),
    responses(
        (status = 200, description = "The bundle.", content_type = "application/octet-stream", body = view::Octets),
        (status = 304, description = "Nothing newer."),
    )
)]
pub(super) async fn whole(
    _: Anyone,
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    let newest = look(&app, |shelf| shelf.newest()).await?.ok_or(Refused::NotFound)?;
    let etag = HeaderValue::from_str(&newest.etag).map_err(|_| Refused::Failed)?;
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
    // If-None-Match compares weakly (RFC 9110, 13.1.2).
    let mut known = known.flat_map(|line| line.split(',')).map(|tag| tag.trim().trim_start_matches("W/"));
    let is_known = known.any(|tag| tag == "*" || tag == newest.etag);
    let head = [(header::ETAG, etag), (header::CACHE_CONTROL, HeaderValue::from_static(ASK_AGAIN))];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, [(header::CONTENT_TYPE, OCTETS)], newest.bytes.clone()).into_response())
}

/// What leads from a version to the newest. 404 where there is none, or nothing is newer: then ask for the whole one.
#[utoipa::path(
    get, path = "/api/v1/bundle.from-{base}", tag = "verifiers", operation_id = "read_bundle_delta",
    params(("base" = u32, Path, description = "The version in force.")),
    responses((status = 200, description = "The delta.", content_type = "application/octet-stream", body = view::Octets))
)]
pub(super) async fn delta(
    _: Anyone,
    State(app): State<App>,
    At(url): At<BundleDelta>,
) -> Result<Response, Refused> {
    let delta = look(&app, move |shelf| shelf.delta(url.base)).await?.ok_or(Refused::NotFound)?;
    let head = [(header::CACHE_CONTROL, ASK_AGAIN), (header::CONTENT_TYPE, OCTETS)];
    Ok((head, delta.as_ref().clone()).into_response())
}

/// Files are read where waiting is allowed.
async fn look<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Shelf) -> std::io::Result<T> + Send + 'static,
) -> Result<T, Refused> {
    let shelf = Arc::clone(app.shelf.get().ok_or(Refused::NotFound)?);
    let found = tokio::task::spawn_blocking(move || work(&shelf)).await.map_err(|_| Refused::Failed)?;
    found.map_err(|error| {
        tracing::error!(kind = ?error.kind(), "bundles");
        Refused::Failed
    })
}

const OCTETS: &str = "application/octet-stream";
/// A cache may keep it and asks before it uses it: a revocation must not wait for a clock.
const ASK_AGAIN: &str = "public, no-cache";
