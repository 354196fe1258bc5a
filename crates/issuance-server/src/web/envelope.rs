//! Around every request: a number, the log line, the figures, the limits, the headers every answer carries, and the
//! page or problem a refusal is shown as. The log says route pattern, status, time, officer and case by number;
//! never an address with its query, a name, a form or a token.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::web::app::App;
use crate::web::clock::Stopwatch;
use crate::web::pages;
use crate::web::refused::Refused;
use crate::web::visit::Visit;

/// The outermost layer.
pub async fn envelope(State(app): State<App>, request: Request, next: Next) -> Response {
    let (watch, method) = (Stopwatch::start(), method_name(request.method()));
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let (mut head, body) = request.into_parts();
    let visit = Visit::new(new_id(&app), &head, &app.settings, app.clock.now());
    head.extensions.insert(visit.clone());
    let answer = answer(&app, &visit, Request::from_parts(head, body), next).await;
    let mut response = pages::error::dress(&app, &visit, answer);
    if let Some(cookie) = visit.cookie() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    seal(response.headers_mut(), &visit, app.settings.is_secure());
    let (status, took) = (response.status().as_u16(), watch.elapsed());
    app.figures.answered(method, &route, status, took);
    tracing::info!(
        request = visit.id(),
        method,
        route,
        status,
        ms = took.as_millis() as u64,
        officer = visit.officer().map(|officer| officer.get()),
        case = visit.case().map(|case| case.get()),
        "request"
    );
    response
}

async fn answer(app: &App, visit: &Visit, request: Request, next: Next) -> Response {
    if let Err(wait_seconds) = app.requests.take(visit.address(), visit.now()) {
        return Refused::TooMany { wait_seconds }.into_response();
    }
    // A stream begins within this time; how long it then flows is its own affair.
    let limit = Duration::from_secs(app.settings.limits.answer_seconds);
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| Refused::Busy.into_response())
}

/// The headers that every answer carries.
fn seal(headers: &mut HeaderMap, visit: &Visit, is_secure: bool) {
    // A picture brings a stricter policy along.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(POLICY));
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if is_secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    }
    // Whatever does not say that it may be kept is personal.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(visit.id()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
}

/// Only known names become labels: anybody can send any word as a method.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}

fn new_id(app: &App) -> String {
    let mut bytes = [0; 8];
    app.random.with(|rng| rng.fill_bytes(&mut bytes));
    hex::encode(bytes)
}

/// Styles and scripts from our own files only; nothing inline, nothing foreign, no frames.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob:; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'";
const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // With `no-referrer` browsers send `Origin: null` with our own forms.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "geolocation=(), microphone=(), payment=(), usb=(), camera=(self)"),
];
