//! People in their table.

use credential::number::IdentityNumber;
use credential::region::Region;
use issuance::application::Filed;
use issuance::id::PersonId;
use issuance::person::{Applicant, Person};
use issuance::register::{StoreError, Stored};
use rusqlite::{Connection, Params, params};

use super::error::{Cells, stored};
use super::office::number;
use crate::personal::Personal;

pub(super) fn find(connection: &Connection, personal: &Personal, id: PersonId) -> Stored<Option<Person>> {
    select(connection, personal, "WHERE id = ?1", [id.get()])
}

pub(super) fn find_by_identity(
    connection: &Connection,
    personal: &Personal,
    identity: IdentityNumber,
) -> Stored<Option<Person>> {
    select(connection, personal, "WHERE lookup = ?1", [personal.lookup(identity)])
}

/// The person's row; a new one if the number is new. Particulars change when a certificate is signed, not before.
pub(super) fn find_or_add(
    connection: &Connection,
    personal: &Personal,
    applicant: &Applicant,
) -> Stored<PersonId> {
    let Applicant { identity, home, particulars } = applicant;
    let lookup = personal.lookup(*identity);
    if let Some(id) = number(connection, "SELECT id FROM person WHERE lookup = ?1", [&lookup])? {
        return Ok(PersonId::from_stored(id));
    }
    let mut insert =
        stored(connection.prepare_cached(
            "INSERT INTO person (lookup, identity, home, particulars) VALUES (?1, ?2, ?3, ?4)",
        ))?;
    let particulars = personal.seal_particulars(particulars).ok_or(UNSEALED)?;
    let values = params![lookup, personal.seal_identity(*identity), home.code(), particulars];
    stored(insert.insert(values)).map(PersonId::from_stored)
}

/// What the certificate says is now what is known of the person.
pub(super) fn update(connection: &Connection, personal: &Personal, filed: &Filed) -> Stored<()> {
    let request = filed.application.request();
    let particulars = personal.seal_particulars(&request.particulars).ok_or(UNSEALED)?;
    let mut update =
        stored(connection.prepare_cached("UPDATE person SET particulars = ?2, home = ?3 WHERE id = ?1"))?;
    stored(update.execute(params![filed.person.get(), particulars, request.home.code()]))?;
    Ok(())
}

fn select(
    connection: &Connection,
    personal: &Personal,
    clause: &str,
    values: impl Params,
) -> Stored<Option<Person>> {
    let sql = format!("SELECT id, identity, home, particulars FROM person {clause}");
    let mut statement = stored(connection.prepare_cached(&sql))?;
    let mut rows = stored(statement.query(values))?;
    let Some(row) = stored(rows.next())? else { return Ok(None) };
    let id: i64 = stored(row.get("id"))?;
    let cells = Cells { table: "person", id, row };
    Ok(Some(Person {
        id: PersonId::from_stored(id),
        identity: cells.get("identity", |column| personal.open_identity(column))?,
        home: cells.unsigned("home", |code| Region::county(code).ok())?,
        particulars: cells.get("particulars", |column| personal.open_particulars(column))?,
    }))
}

/// A text that JSON cannot hold does not exist; the type says it could.
pub(super) const UNSEALED: StoreError = StoreError::Rule("particulars");
