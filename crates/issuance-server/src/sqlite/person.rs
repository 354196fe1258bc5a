//! People in their table.

use credential::number::IdentityNumber;
use credential::region::Region;
use issuance::application::Filed;
use issuance::id::PersonId;
use issuance::person::{Applicant, Person};
use issuance::register::{PersonQuery, StoreError, Stored};
use rusqlite::types::Value;
use rusqlite::{Connection, Params, params, params_from_iter};

use super::error::{Cells, stored};
use super::office::number;
use crate::personal::Personal;

pub(super) fn find(connection: &Connection, personal: &Personal, id: PersonId) -> Stored<Option<Person>> {
    Ok(select(connection, personal, "WHERE id = ?1", [id.get()])?.pop())
}

pub(super) fn find_by_identity(
    connection: &Connection,
    personal: &Personal,
    identity: IdentityNumber,
) -> Stored<Option<Person>> {
    Ok(select(connection, personal, "WHERE lookup = ?1", [personal.lookup(identity)])?.pop())
}

/// By tags of name and birth date; what a tag cannot tell apart is compared in clear.
pub(super) fn search(
    connection: &Connection,
    personal: &Personal,
    query: &PersonQuery<'_>,
) -> Stored<Vec<Person>> {
    let PersonQuery { name, born, region, limit } = *query;
    let (low, high) = super::certificate::county_range(region);
    let mut clause = String::from("WHERE home BETWEEN ?1 AND ?2");
    let mut values = vec![Value::from(low), Value::from(high)];
    let tags = [
        ("name_tag", name.map(|name| personal.tag(name.expose()))),
        ("born_tag", born.map(|born| personal.tag(&born.to_string()))),
    ];
    for (column, tag) in tags {
        let Some(tag) = tag else { continue };
        values.push(Value::from(tag));
        clause += &format!(" AND {column} = ?{}", values.len());
    }
    values.push(Value::from(i64::try_from(limit).unwrap_or(i64::MAX)));
    clause += &format!(" ORDER BY id LIMIT ?{}", values.len());
    let mut found = select(connection, personal, &clause, params_from_iter(values))?;
    found.retain(|person| name.is_none_or(|name| person.particulars.name == *name));
    Ok(found)
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
    let mut insert = stored(connection.prepare_cached(
        "INSERT INTO person (lookup, identity, home, particulars, name_tag, born_tag)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    ))?;
    let name_tag = personal.tag(particulars.name.expose());
    let born_tag = personal.tag(&identity.birth_date().to_string());
    let particulars = personal.seal_particulars(particulars).ok_or(UNSEALED)?;
    let values =
        params![lookup, personal.seal_identity(*identity), home.code(), particulars, name_tag, born_tag];
    stored(insert.insert(values)).map(PersonId::from_stored)
}

/// What the certificate says is now what is known of the person.
pub(super) fn update(connection: &Connection, personal: &Personal, filed: &Filed) -> Stored<()> {
    let request = filed.application.request();
    let particulars = personal.seal_particulars(&request.particulars).ok_or(UNSEALED)?;
    let mut update = stored(
        connection
            .prepare_cached("UPDATE person SET particulars = ?2, home = ?3, name_tag = ?4 WHERE id = ?1"),
    )?;
    stored(update.execute(params![
        filed.person.get(),
        particulars,
        request.home.code(),
        personal.tag(request.particulars.name.expose()),
    ]))?;
    Ok(())
}

fn select(
    connection: &Connection,
    personal: &Personal,
    clause: &str,
    values: impl Params,
) -> Stored<Vec<Person>> {
    let sql = format!("SELECT id, identity, home, particulars FROM person {clause}");
    let mut statement = stored(connection.prepare_cached(&sql))?;
    let mut rows = stored(statement.query(values))?;
    let mut people = Vec::new();
    while let Some(row) = stored(rows.next())? {
        let id: i64 = stored(row.get("id"))?;
        let cells = Cells { table: "person", id, row };
        people.push(Person {
            id: PersonId::from_stored(id),
            identity: cells.get("identity", |column| personal.open_identity(column))?,
            home: cells.unsigned("home", |code| Region::county(code).ok())?,
            particulars: cells.get("particulars", |column| personal.open_particulars(column))?,
        });
    }
    Ok(people)
}

/// A text that JSON cannot hold does not exist; the type says it could.
pub(super) const UNSEALED: StoreError = StoreError::Rule("particulars");
