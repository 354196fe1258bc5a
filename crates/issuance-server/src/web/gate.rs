//! The gate for everything that changes something: the form came from a page of ours, in this session, in time and
//! not too large. It stands before all routes, so that no handler can forget it.
//! Three independent checks against forged requests: the cookie is SameSite=Strict, the browser names our origin,
//! the form carries the session's token. A form that fails for an honest reason is kept: the officer signs in again
//! (or confirms) and sends it once more.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::web::app::App;
use crate::web::fields::{FORM_TOKEN, Fields};
use crate::web::kept::Kept;
use crate::web::pages;
use crate::web::refused::Refused;
use crate::web::settings::Settings;
use crate::web::visit::Visit;

/// The layer.
pub async fn gate(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() == Method::GET || request.method() == Method::HEAD {
        return next.run(request).await;
    }
    if is_api(request.uri().path()) {
        return program(&app, request, next).await;
    }
    let Some(visit) = request.extensions().get::<Visit>().cloned() else {
        return Refused::Failed.into_response();
    };
    let (head, body) = request.into_parts();
    if !comes_from_us(&head, &app.settings) {
        return Refused::CrossSite.into_response();
    }
    let limits = &app.settings.limits;
    let limit = if is_upload(&head.headers) { limits.upload_bytes } else { limits.form_bytes };
    let body = match receive(limit, body, &app.settings).await {
        Ok(body) => body,
        Err(refused) => return refused.into_response(),
    };
    let sent = form_token(&head.headers, &body);
    let belongs = visit.token().zip(sent).is_some_and(|(token, sent)| token.form_token().is(&sent));
    let fields = if is_upload(&head.headers) { None } else { Fields::parse(&body).ok() };
    let kept = Kept::new(&visit, fields.as_ref());
    if !belongs {
        // Without a cookie there is nobody to confirm it as.
        let refused = if visit.token().is_some() { Refused::FormExpired } else { Refused::SignInFirst };
        return pages::kept::show(&app, &visit, refused, kept);
    }
    let response = next.run(Request::from_parts(head, Body::from(body))).await;
    match response.extensions().get::<Refused>() {
        Some(refused @ Refused::SignInFirst) => pages::kept::show(&app, &visit, refused.clone(), kept),
        _ => response,
    }
}

/// Programs bring a token in a header, never a cookie; no browser sends that unasked. Size and time are limited alike.
async fn program(app: &App, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let limits = &app.settings.limits;
    let path = head.uri.path();
    let limit = match (path.starts_with(DESKS), path.starts_with(CASES) && path.ends_with(PAPERS)) {
        (true, _) => limits.form_bytes.max(DESK_BYTES),
        (_, true) => limits.upload_bytes,
        _ => limits.form_bytes,
    };
    match receive(limit, body, &app.settings).await {
        Ok(body) => next.run(Request::from_parts(head, Body::from(body))).await,
        Err(refused) => refused.into_response(),
    }
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/")
}

/// Browsers say where a form came from (Fetch, 3.2); one that says nothing is refused.
fn comes_from_us(head: &Parts, settings: &Settings) -> bool {
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else {
        return text(header::HeaderName::from_static("sec-fetch-site")) == Some("same-origin");
    };
    if !settings.public_origin.is_empty() {
        return origin == settings.public_origin;
    }
    let scheme = if settings.is_secure() { "https" } else { "http" };
    let host = text(header::HOST).or_else(|| head.uri.authority().map(|authority| authority.as_str()));
    host.is_some_and(|host| origin.split_once("://") == Some((scheme, host)))
}

/// The whole body, within its limits of size and time.
async fn receive(limit: usize, body: Body, settings: &Settings) -> Result<Bytes, Refused> {
    let received = tokio::time::timeout(
        Duration::from_secs(settings.limits.receive_seconds),
        Limited::new(body, limit).collect(),
    );
    match received.await {
        Err(_) => Err(Refused::TooSlow),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Refused::TooLarge),
        Ok(Err(_)) => Err(Refused::Unreadable),
    }
}

fn is_upload(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("multipart/form-data"))
}

/// The token's field; in an upload it is the first part, before any file.
fn form_token(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    if !is_upload(headers) {
        return Fields::parse(body).ok()?.find(FORM_TOKEN).map(str::to_owned);
    }
    let head = body.get(..body.len().min(1024))?;
    let head = head.split(|b| *b == b'\n').map(|line| line.trim_ascii_end());
    let lines: Vec<&[u8]> = head.take(4).collect();
    let [_boundary, disposition, [], value] = lines.as_slice() else { return None };
    let wanted = format!("form-data; name=\"{FORM_TOKEN}\"");
    let is_token = str::from_utf8(disposition).is_ok_and(|line| line.to_ascii_lowercase().ends_with(&wanted));
    is_token.then(|| String::from_utf8_lossy(value).into_owned())
}

/// Where card desks speak.
const DESKS: &str = "/api/v1/desks/";
/// Where papers of a case are sent.
const CASES: &str = "/api/v1/applications/";
const PAPERS: &str = "/documents";
/// The answers of a card with its photograph read back, in hexadecimal.
const DESK_BYTES: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn head(headers: &[(&'static str, &'static str)]) -> Parts {
        let mut request = Request::builder().uri("/x").body(()).unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        request.into_parts().0
    }

    #[test]
    fn only_our_own_origin_may_send_forms() {
        let (open, fixed) = (
            Settings::default(),
            Settings { public_origin: "https://a.example".into(), ..Settings::default() },
        );
        let host = ("host", "localhost:8443");
        assert!(comes_from_us(&head(&[host, ("origin", "http://localhost:8443")]), &open));
        assert!(comes_from_us(&head(&[host, ("sec-fetch-site", "same-origin")]), &open));
        assert!(comes_from_us(&head(&[host, ("origin", "https://a.example")]), &fixed));
        for origin in
            ["http://localhost:9", "https://localhost:8443", "null", "http://localhost:8443.evil.example"]
        {
            let header = HeaderValue::from_static(origin);
            let mut head = head(&[host]);
            head.headers.insert(header::ORIGIN, header);
            assert!(!comes_from_us(&head, &open), "{origin}");
            assert!(!comes_from_us(&head, &fixed), "{origin}");
        }
        assert!(!comes_from_us(&head(&[host]), &open), "a browser that says nothing");
        assert!(!comes_from_us(&head(&[host, ("sec-fetch-site", "cross-site")]), &open));
    }

    #[test]
    fn an_upload_carries_the_token_in_its_first_part() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=b"));
        let part = |name: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\nabc\r\n--b--\r\n")
        };
        assert_eq!(form_token(&headers, part("form_token").as_bytes()).as_deref(), Some("abc"));
        assert_eq!(form_token(&headers, part("photo").as_bytes()), None);
        assert_eq!(form_token(&headers, b""), None);
    }
}
