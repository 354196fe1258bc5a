//! A form that came too late: the sign-in with the form kept, or the form once more to confirm.

use askama::Template;
use axum::response::{IntoResponse, Response};

use crate::web::app::App;
use crate::web::frame::{self, Frame};
use crate::web::kept::{Kept, Onward};
use crate::web::pages::sign_in::SignInPage;
use crate::web::refused::Refused;
use crate::web::visit::Visit;

/// The form once more, hidden, with a button.
#[derive(Debug, Template)]
#[template(path = "send_again.html")]
pub struct SendAgainPage {
    /// Around it.
    pub frame: Frame,
    /// What was entered.
    pub kept: Kept,
    /// Why it is shown.
    pub text: &'static str,
}

/// Answers a form that cannot be taken now. Nothing was done with it.
pub fn show(app: &App, visit: &Visit, refused: Refused, kept: Option<Kept>) -> Response {
    let status = refused.status();
    let Some(kept) = kept else { return refused.into_response() };
    let page = match refused {
        Refused::FormExpired => {
            let w = visit.lang().words();
            frame::show(&SendAgainPage {
                frame: Frame::outside(app, visit, w.form_expired_title),
                kept,
                text: w.form_expired_text,
            })
        }
        _ => frame::show(&SignInPage::new(app, visit, Onward { next: None, kept: Some(kept) })),
    };
    let mut response = page.unwrap_or_else(IntoResponse::into_response);
    *response.status_mut() = status;
    response
}
