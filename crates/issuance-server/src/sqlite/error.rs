//! What SQLite says, in the port's words. Messages of SQLite name tables and columns, never what is in them.

use issuance::register::{StoreError, Stored};
use rusqlite::{ErrorCode, Row, ffi, types::FromSql};

/// What was asked of SQLite, with its refusal in the port's words.
pub(super) fn stored<T>(result: rusqlite::Result<T>) -> Stored<T> {
    result.map_err(said)
}

/// The port's word for a refusal of SQLite.
pub(crate) fn said(error: rusqlite::Error) -> StoreError {
    let rusqlite::Error::SqliteFailure(failure, message) = error else {
        return StoreError::Engine { code: 0 };
    };
    match failure.code {
        ErrorCode::ConstraintViolation => StoreError::Rule(rule(message.as_deref().unwrap_or_default())),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DiskFull => StoreError::Full,
        // No room for the index of the write-ahead log.
        _ if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => StoreError::Full,
        _ => StoreError::Engine { code: failure.extended_code },
    }
}

/// The rules by the words that SQLite uses for them.
fn rule(message: &str) -> &'static str {
    RULES.iter().find(|(words, _)| message.contains(words)).map_or("of the register", |(_, name)| name)
}

const RULES: &[(&str, &str)] = &[
    ("application.person_id", "one open application"),
    ("application.source", "application.source"),
    ("officer.login", "officer.login"),
    ("credential.kid, credential.status_index", "credential.status_index"),
    ("one_card_a_certificate", "one card a certificate"),
    ("card_job.certificate_id", "one card a certificate"),
    ("card_job.card", "card_job.card"),
    ("card_job.kid, card_job.status_index", "credential.status_index"),
    ("card job goes step by step", "card job goes step by step"),
    ("card job stays", "card jobs stay"),
    ("withdrawn pass stays", "withdrawn passes stay"),
    ("pass stays", "passes stay"),
    ("certificate.application_id", "certificate.application"),
    ("duty.application_id, duty.officer_id", "one duty an officer a case"),
    ("bundle version grows", "bundle.version"),
    ("certificate needs approval", "certificate needs approval"),
    ("revoked is for good", "revoked is for good"),
    ("standing needs a change", "standing needs a change"),
    ("document.application_id, document.kind", "document.digest"),
    ("document comes before the review", "documents come before the review"),
    ("document stays", "documents stay"),
    ("duty needs its power", "a duty needs its power"),
    ("step needs its duty", "a step needs its duty"),
    ("step follows", "steps follow one another"),
    ("application stays", "applications stay"),
    ("application moves by steps", "applications move by steps"),
    ("officer stays", "officers stay"),
    ("person stays", "people stay"),
    ("certificate follows its application", "a certificate follows its application"),
    ("certificate is signed whole", "a certificate is signed whole"),
    ("issuer key stays", "issuer keys stay"),
    ("status change is entered", "a change of status is entered by a clerk"),
    ("status change is decided", "a change of status is decided by an approver"),
    ("card job is ordered", "a card is ordered for a certificate in force"),
    ("bundle stays", "bundles stay"),
    ("audit row follows", "audit rows follow one another"),
    ("duty stays", "duties stay"),
    ("step stays", "steps stay"),
    ("audit stays", "audit rows stay"),
    ("API client stays", "API clients stay"),
    ("certificate stays", "certificates stay"),
    ("credential stays", "credentials stay"),
    ("personal key is in use", "a key that seals something is not retired"),
    ("personal key stays", "personal keys stay"),
    ("status change stays", "changes of status stay"),
    ("CHECK constraint failed", "check"),
    ("FOREIGN KEY", "foreign key"),
];

/// A row being read: whatever does not parse is a broken row, with its place.
pub(super) struct Cells<'r> {
    pub(super) table: &'static str,
    pub(super) id: i64,
    pub(super) row: &'r Row<'r>,
}

impl Cells<'_> {
    /// One column, parsed.
    pub(super) fn get<S: FromSql, T>(
        &self,
        column: &'static str,
        parse: impl FnOnce(S) -> Option<T>,
    ) -> Stored<T> {
        let value = self.row.get::<_, S>(column).ok().and_then(parse);
        value.ok_or(StoreError::Broken { table: self.table, column, row: self.id })
    }

    /// An integer that must not be negative, parsed.
    pub(super) fn unsigned<T>(
        &self,
        column: &'static str,
        parse: impl FnOnce(u64) -> Option<T>,
    ) -> Stored<T> {
        self.get(column, |number: i64| u64::try_from(number).ok().and_then(parse))
    }
}
