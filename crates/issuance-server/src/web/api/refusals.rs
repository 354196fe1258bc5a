//! How an operation may be refused, as the document lists it: by status for what all operations share, by operation
//! for the rules of casework. Tests hold both to what the service answers.

use axum::http::StatusCode;

use crate::web::refused::Refused;

/// What operations share: name in the document, status, what it says.
pub(super) struct Shared {
    pub(super) name: &'static str,
    pub(super) status: StatusCode,
    pub(super) description: &'static str,
}

impl Shared {
    /// The stable names that this status is answered with.
    pub(super) fn codes(&self) -> impl Iterator<Item = &'static str> {
        let own = Refused::CODES.iter().filter(|(_, status)| *status == self.status).map(|(code, _)| *code);
        own.filter(|code| !ONLY_IN_BROWSERS.contains(code))
    }
}

/// Where no token is asked for.
pub(super) const ANYONE: &[Shared] = &[
    shared("NotFound", StatusCode::NOT_FOUND, "No such thing, or one of another office: both look the same."),
    shared("TooMany", StatusCode::TOO_MANY_REQUESTS, "Come back after `Retry-After` seconds."),
    shared("Failed", StatusCode::INTERNAL_SERVER_ERROR, "A fault of the service; quote `request`."),
    shared(
        "Unavailable",
        StatusCode::SERVICE_UNAVAILABLE,
        "More work waits than is done in time, or a key is missing.",
    ),
];
/// Where one is.
pub(super) const PROGRAM: &[Shared] = &[
    shared("Unreadable", StatusCode::BAD_REQUEST, "What was sent cannot be read."),
    shared("TokenRefused", StatusCode::UNAUTHORIZED, "No token, or one that does not count."),
    shared("Forbidden", StatusCode::FORBIDDEN, "The token lacks the scope, or its officer the role."),
    shared("Full", StatusCode::INSUFFICIENT_STORAGE, "The disk is full and nothing was written."),
];
/// Where something is sent.
pub(super) const WITH_BODY: &[Shared] = &[
    shared("TooSlow", StatusCode::REQUEST_TIMEOUT, "The body came too slowly."),
    shared("TooLarge", StatusCode::PAYLOAD_TOO_LARGE, "The body is over the limit."),
    shared(
        "MediaType",
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "The body is of another type than this address takes.",
    ),
    shared(
        "Faults",
        StatusCode::UNPROCESSABLE_ENTITY,
        "Fields break rules, or a picture is not taken, each named in `faults`; or the key was used for another request.",
    ),
];

const fn shared(name: &'static str, status: StatusCode, description: &'static str) -> Shared {
    Shared { name, status, description }
}

/// The rules of casework that stand in an operation's way, each answered with 409.
pub(super) fn rules(operation: &str) -> Vec<&'static str> {
    let lists: &[&[&str]] = match operation {
        "list_applications" | "read_application" | "read_person" => &[LEGAL_TERMS],
        "read_credentials" => &[&["feature_off"]],
        "enter_application" => &[ENTERING, WRITING],
        "follow_certificate" => &[ENTERING, FOLLOWING, WRITING],
        "add_document" => &[KEEPING, &["document_size", "too_many_documents"], WRITING],
        "cut_photo" => &[KEEPING, &["document_size", "too_many_documents", "documents_missing"], WRITING],
        "remove_document" => &[KEEPING, WRITING],
        "take_step" => &[STEPS, &["documents_missing"], WRITING],
        "report_loss" => &[CHANGING, &["application_open", "earlier_expired", "suffixes_used_up"], WRITING],
        "enter_change" => &[CHANGING, &["wrong_reason", "not_overdue"], WRITING],
        "decide_change" => &[&["change_closed", "second_officer_needed", "wrong_standing"], WRITING],
        "order_card" => &[&["not_in_force", "feature_off", "card_ordered"], WRITING],
        "replace_card" => &[&["not_in_force", "feature_off", "no_card"], WRITING],
        _ => &[],
    };
    let mut codes: Vec<_> = lists.concat();
    codes.sort_unstable();
    codes.dedup();
    codes
}

const LEGAL_TERMS: &[&str] = &["calendar_year_unknown"];
/// The register's own word: somebody was quicker, or a constraint stands against it.
const WRITING: &[&str] = &["conflict", "register_rule", "calendar_year_unknown", "clock_behind"];
const ENTERING: &[&str] = &[
    "application_open",
    "certificate_held",
    "wait_until",
    "wrong_route",
    "earlier_certificate",
    "guardian_required",
];
/// Papers come and go until the review, by clerks who are nothing else in the case.
const KEEPING: &[&str] = &["documents_closed", "duties_not_separated"];
const FOLLOWING: &[&str] =
    &["other_holder", "wrong_standing", "county_of_earlier", "guardian_unchanged", "earlier_expired"];
const CHANGING: &[&str] = &["wrong_standing", "effective_later"];
const STEPS: &[&str] = &[
    "not_now",
    "higher_office_needed",
    "duties_not_separated",
    "one_doctor",
    "too_young",
    "guardian_required",
    "signed_later",
    "dispute_final",
    "minor_not_published",
    "notice_required",
    "notice_dates",
    "notice_runs",
    "not_assessed",
    "suffixes_used_up",
];
/// A program never meets these.
const ONLY_IN_BROWSERS: &[&str] = &["sign_in_first", "sign_in_unfinished", "form_expired", "cross_site"];
