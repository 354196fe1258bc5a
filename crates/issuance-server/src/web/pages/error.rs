//! What a person or a program reads when a request is refused: for browsers a page that says what, why and what now;
//! for the API problem+json (RFC 9457) with a stable code. Neither tells a stranger more than the status.

use askama::Template;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use issuance::fault::Fault;
use serde_json::{Value, json};

use crate::web::app::App;
use crate::web::frame::{Frame, show};
use crate::web::kept::Onward;
use crate::web::refused::Refused;
use crate::web::session::Stage;
use crate::web::url::{Enrol, LocalPath, NewPassword, SecondFactor, SignIn};
use crate::web::visit::Visit;
use crate::web::words::Words;

/// The page of a refusal.
#[derive(Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Around it.
    pub frame: Frame,
    /// What, and what now.
    pub text: String,
    /// The number to quote.
    pub reference: String,
}

/// Gives a bare refusal the form its reader understands; anything else passes.
pub fn dress(app: &App, visit: &Visit, response: Response) -> Response {
    let Some(refused) = response.extensions().get::<Refused>().cloned() else { return response };
    let is_dressed = response.headers().contains_key(header::CONTENT_TYPE);
    if is_dressed {
        return response;
    }
    let mut dressed = if visit.path().starts_with("/api/") {
        problem(visit, &refused)
    } else if let Some(elsewhere) = elsewhere(visit, &refused) {
        elsewhere
    } else {
        page(app, visit, &refused)
    };
    if let Refused::TooMany { wait_seconds } = refused {
        dressed.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_seconds));
    }
    if let Some(challenge) = challenge(&refused) {
        dressed.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    dressed
}

/// An unfinished sign-in goes on at its own page, and comes back.
fn elsewhere(visit: &Visit, refused: &Refused) -> Option<Response> {
    let onward =
        Onward { next: LocalPath::parse(visit.path()).filter(|path| path.as_str() != "/"), kept: None };
    let address = match refused {
        Refused::SignInFirst => onward.address(&SignIn {}),
        Refused::Unfinished(Stage::Code) => onward.address(&SecondFactor {}),
        Refused::Unfinished(Stage::Enrol) => onward.address(&Enrol {}),
        Refused::Unfinished(Stage::NewPassword) => onward.address(&NewPassword {}),
        Refused::Unfinished(Stage::Full) => "/".to_owned(),
        _ => return None,
    };
    Some(Redirect::to(&address).into_response())
}

fn page(app: &App, visit: &Visit, refused: &Refused) -> Response {
    let w = visit.lang().words();
    let (title, text) = sentences(visit, refused, w);
    let page = ErrorPage { frame: Frame::outside(app, visit, title), text, reference: visit.id().to_owned() };
    let mut response = show(&page).unwrap_or_else(|_| refused.status().into_response());
    *response.status_mut() = refused.status();
    response
}

fn sentences(visit: &Visit, refused: &Refused, w: &'static Words) -> (&'static str, String) {
    let (title, text) = match refused {
        Refused::SignInFirst | Refused::Unfinished(_) | Refused::PowerMissing => {
            (w.forbidden_title, w.forbidden_text)
        }
        Refused::FormExpired => (w.form_expired_title, w.bad_form_text),
        Refused::CrossSite => (w.cross_site_title, w.cross_site_text),
        Refused::TokenRefused => (w.token_title, w.token_text),
        Refused::ScopeMissing => (w.scope_title, w.scope_text),
        Refused::MediaType => (w.media_title, w.media_text),
        Refused::KeyMissing => (w.key_missing_title, w.key_missing_text),
        Refused::KeyReused => (w.key_reused_title, w.key_reused_text),
        Refused::NotOffered => (w.not_offered_title, w.not_offered_text),
        // Where a form is one of several, its place is not known.
        Refused::Shape { line: 0, .. } => (w.shape_title, w.shape_text),
        Refused::Shape { line, column } => {
            let at = visit.lang().pick(
                format!("第 {line} 行第 {column} 列不符合接口约定。"),
                format!("Line {line}, column {column} is not of the form this address takes."),
            );
            return (w.shape_title, at);
        }
        Refused::NotFound => (w.not_found_title, w.not_found_text),
        Refused::MethodMissing => (w.method_title, w.method_text),
        Refused::Unreadable => (w.bad_form_title, w.bad_form_text),
        Refused::TooLarge => (w.too_large_title, w.too_large_text),
        Refused::TooMany { .. } => (w.too_many_title, w.too_many_text),
        Refused::TooSlow | Refused::Busy => (w.busy_title, w.busy_text),
        Refused::Full => (w.full_title, w.full_text),
        Refused::Failed => (w.failed_title, w.failed_text),
        Refused::Rule(error) => return (w.refused_title, visit.lang().pick(error.zh(), error.en())),
        Refused::Picture(fault) => {
            return (w.faults_title, visit.lang().pick(fault.zh(), fault.en()).to_owned());
        }
        Refused::Faults(faults) => {
            let texts: Vec<_> =
                faults.iter().map(|fault| visit.lang().pick(fault.zh(), fault.en())).collect();
            return (w.faults_title, texts.join(visit.lang().pick("；", "; ")));
        }
    };
    (title, text.to_owned())
}

/// A token is asked for where one is needed (RFC 6750, 3).
fn challenge(refused: &Refused) -> Option<&'static str> {
    match refused {
        Refused::TokenRefused => Some("Bearer realm=\"zhengka\""),
        Refused::ScopeMissing => Some("Bearer realm=\"zhengka\", error=\"insufficient_scope\""),
        _ => None,
    }
}

/// What is wrong with each field, where a form or a picture was sent.
fn faults(visit: &Visit, refused: &Refused) -> Option<Vec<Value>> {
    let lang = visit.lang();
    match refused {
        Refused::Faults(faults) => {
            let one = |fault: &Fault| {
                let text = lang.pick(fault.zh(), fault.en());
                json!({ "field": fault.field.key(), "code": fault.rule.code(), "detail": text })
            };
            Some(faults.iter().map(one).collect())
        }
        Refused::Picture(fault) => {
            let text = lang.pick(fault.zh(), fault.en());
            Some(vec![json!({ "field": "picture", "code": fault.code(), "detail": text })])
        }
        _ => None,
    }
}

/// RFC 9457. `code` is stable; `title` and `detail` are for people.
fn problem(visit: &Visit, refused: &Refused) -> Response {
    let (title, detail) = sentences(visit, refused, visit.lang().words());
    let status = refused.status();
    let mut body = json!({
        "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail,
        "code": refused.code(), "request": visit.id(),
    });
    if let (Some(faults), Some(object)) = (faults(visit, refused), body.as_object_mut()) {
        object.insert("faults".into(), faults.into());
    }
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
