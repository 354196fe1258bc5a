//! Why a request is not answered as asked. A handler returns it with `?`; what a person or a program then reads is
//! made in one place (`pages::error` for the console, problem+json for the API).
//! Rich inside, plain outside: a stranger learns a status and a number to quote.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use issuance::Error;
use issuance::fault::Fault;
use issuance::register::StoreError;

use crate::picture::PictureFault;
use crate::web::session::Stage;

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No session, or it has ended. The browser can sign in and go on.
    SignInFirst,
    /// The sign-in is not complete.
    Unfinished(Stage),
    /// The form belongs to another session of this browser: nothing is lost, but nothing is done.
    FormExpired,
    /// Another site sent it.
    CrossSite,
    /// The officer lacks the power.
    PowerMissing,
    /// No token, or one that does not count: unknown, ended, revoked, or its officer is locked or gone.
    TokenRefused,
    /// The token is for something else.
    ScopeMissing,
    /// No such thing, or one of another office: both look the same.
    NotFound,
    /// The address takes no such method.
    MethodMissing,
    /// What was sent cannot be read. A page with the form shows faults instead; this is for what no form sends.
    Unreadable,
    /// Not the media type that the address takes.
    MediaType,
    /// JSON that is not of the form the address takes. What stands there is not repeated.
    Shape {
        /// Where.
        line: usize,
        /// Where in it.
        column: usize,
    },
    /// A write without an idempotency key, or with one that is too long.
    KeyMissing,
    /// The idempotency key was used for another request.
    KeyReused,
    /// The service runs without what this needs: the issuer's key, the cards' keys.
    NotOffered,
    /// Larger than the limit.
    TooLarge,
    /// It came too slowly.
    TooSlow,
    /// Too often; come back after so many seconds.
    TooMany {
        /// Seconds to wait.
        wait_seconds: u64,
    },
    /// More work waits than will be done in time.
    Busy,
    /// The disk has no room for what was asked; nothing was written.
    Full,
    /// A form breaks rules of its fields; the API lists them, a page shows them at the fields.
    Faults(Vec<Fault>),
    /// What was sent is no picture that is taken; a page shows it at the field.
    Picture(PictureFault),
    /// A rule of casework.
    Rule(Error),
    /// A fault of ours; the log knows more.
    Failed,
}

/// One line a cause: its stable name and its status.
macro_rules! causes {
    ($($cause:pat => $code:literal $status:ident;)*) => {
        impl Refused {
            /// Every stable name of its own; those of rules are [`Error::CODES`].
            pub const CODES: &[(&'static str, StatusCode)] = &[$(($code, StatusCode::$status)),*];

            /// The stable name that programs act on, and the status.
            fn cause(&self) -> (&'static str, StatusCode) {
                match self {
                    $($cause => ($code, StatusCode::$status),)*
                    Self::Rule(error) => (error.code(), StatusCode::CONFLICT),
                }
            }
        }
    };
}

causes! {
    Self::SignInFirst => "sign_in_first" UNAUTHORIZED;
    Self::Unfinished(_) => "sign_in_unfinished" UNAUTHORIZED;
    Self::TokenRefused => "token_refused" UNAUTHORIZED;
    Self::FormExpired => "form_expired" FORBIDDEN;
    Self::CrossSite => "cross_site" FORBIDDEN;
    Self::PowerMissing => "power_missing" FORBIDDEN;
    Self::ScopeMissing => "scope_missing" FORBIDDEN;
    Self::NotFound => "not_found" NOT_FOUND;
    Self::MethodMissing => "method_missing" METHOD_NOT_ALLOWED;
    Self::Unreadable => "unreadable" BAD_REQUEST;
    Self::Shape { .. } => "shape" BAD_REQUEST;
    Self::KeyMissing => "key_missing" BAD_REQUEST;
    Self::MediaType => "media_type" UNSUPPORTED_MEDIA_TYPE;
    Self::KeyReused => "key_reused" UNPROCESSABLE_ENTITY;
    Self::Faults(_) => "faults" UNPROCESSABLE_ENTITY;
    Self::Picture(_) => "picture" UNPROCESSABLE_ENTITY;
    Self::TooLarge => "too_large" PAYLOAD_TOO_LARGE;
    Self::TooSlow => "too_slow" REQUEST_TIMEOUT;
    Self::TooMany { .. } => "too_many" TOO_MANY_REQUESTS;
    Self::Busy => "busy" SERVICE_UNAVAILABLE;
    Self::Full => "full" INSUFFICIENT_STORAGE;
    Self::NotOffered => "not_offered" SERVICE_UNAVAILABLE;
    Self::Failed => "failed" INTERNAL_SERVER_ERROR;
}

impl Refused {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.cause().1
    }

    /// The stable name that programs act on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.cause().0
    }
}

/// Carried beside the bare status, so that the outer layers can say it in the reader's form and language.
impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A case of another office looks like one that does not exist; a lacking power says so.
impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        match error {
            Error::PowerMissing { .. } => Self::PowerMissing,
            Error::OtherRegion { .. }
            | Error::NoApplication { .. }
            | Error::NoCertificate { .. }
            | Error::NoDocument { .. }
            | Error::NoPerson { .. }
            | Error::NoOfficer { .. }
            | Error::NoCardJob { .. }
            | Error::NoChange { .. } => Self::NotFound,
            Error::Store(error) => error.into(),
            rule => Self::Rule(rule),
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict | StoreError::Rule(_) => Self::Rule(Error::Store(error)),
            StoreError::Busy => Self::Busy,
            StoreError::Full => {
                tracing::error!(error = %error.en(), "register");
                Self::Full
            }
            StoreError::Broken { .. }
            | StoreError::WrongKey
            | StoreError::Newer { .. }
            | StoreError::Engine { .. } => {
                tracing::error!(error = %error.en(), "register");
                Self::Failed
            }
        }
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        match crate::sqlite::said(error) {
            passing @ (StoreError::Busy | StoreError::Full) => passing.into(),
            fault => {
                tracing::error!(error = %fault.en(), "database");
                Self::Failed
            }
        }
    }
}

impl From<askama::Error> for Refused {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "template");
        Self::Failed
    }
}
