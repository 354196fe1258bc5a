//! Why a request is not answered as asked. A handler returns it with `?`; what a person or a program then reads is
//! made in one place (`pages::error` for the console, problem+json for the API).
//! Rich inside, plain outside: a stranger learns a status and a number to quote.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use issuance::Error;
use issuance::fault::Fault;
use issuance::register::StoreError;

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
    /// No such thing, or one of another office: both look the same.
    NotFound,
    /// The address takes no such method.
    MethodMissing,
    /// What was sent cannot be read. A page with the form shows faults instead; this is for what no form sends.
    Unreadable,
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
    /// A form breaks rules of its fields; the API lists them, a page shows them at the fields.
    Faults(Vec<Fault>),
    /// A rule of casework.
    Rule(Error),
    /// A fault of ours; the log knows more.
    Failed,
}

impl Refused {
    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignInFirst | Self::Unfinished(_) => StatusCode::UNAUTHORIZED,
            Self::FormExpired | Self::CrossSite | Self::PowerMissing => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodMissing => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Faults(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Rule(_) => StatusCode::CONFLICT,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable name that programs act on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignInFirst => "sign_in_first",
            Self::Unfinished(_) => "sign_in_unfinished",
            Self::FormExpired => "form_expired",
            Self::CrossSite => "cross_site",
            Self::PowerMissing => "power_missing",
            Self::NotFound => "not_found",
            Self::MethodMissing => "method_missing",
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::TooMany { .. } => "too_many",
            Self::Busy => "busy",
            Self::Faults(_) => "faults",
            Self::Rule(_) => "rule",
            Self::Failed => "failed",
        }
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
            StoreError::Broken { .. }
            | StoreError::Full
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
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Self::Busy,
            code => {
                // The engine's text can repeat values; its code cannot.
                tracing::error!(?code, "database");
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
