//! People in their table.

use credential::number::IdentityNumber;
use credential::region::Region;
use credential::time::Date;
use issuance::application::Filed;
use issuance::id::PersonId;
use issuance::person::{Applicant, Person};
use issuance::register::{PersonQuery, StoreError, Stored};
use rusqlite::types::Value;
use rusqlite::{Connection, Params, params, params_from_iter};

use super::error::{Cells, stored};
use super::office::{next_id, number};
use crate::personal::{Cell, Personal};

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

/// Whether these keys open what is known of the first person; of nobody, any do.
pub(super) fn opens_with(connection: &Connection, personal: &Personal) -> Stored<bool> {
    let mut statement = stored(connection.prepare("SELECT id, lookup, identity FROM person LIMIT 1"))?;
    let mut rows = stored(statement.query([]))?;
    let Some(row) = stored(rows.next())? else { return Ok(true) };
    let (id, lookup, identity): (i64, Vec<u8>, _) =
        (stored(row.get(0))?, stored(row.get(1))?, stored(row.get(2))?);
    let identity = personal.open_identity(Cell::new(IDENTITY, id), identity);
    Ok(identity.is_some_and(|identity| personal.lookup(identity) == lookup))
}

/// By tags of name and birth date; what a tag cannot tell apart is compared in clear.
pub(super) fn search(
    connection: &Connection,
    personal: &Personal,
    query: &PersonQuery<'_>,
) -> Stored<Vec<Person>> {
    let PersonQuery { name, born, region, limit } = *query;
    let (low, high) = super::place::county_range(region);
    let mut clause = String::from("WHERE home BETWEEN ?1 AND ?2");
    let mut values = vec![Value::from(low), Value::from(high)];
    let tags = [
        ("name_tag", name.map(|name| name_tag(personal, name.expose()))),
        ("born_tag", born.map(|born| born_tag(personal, born))),
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
        "INSERT INTO person (id, lookup, identity, home, particulars, name_tag, born_tag)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    ))?;
    let id = next_id(connection, "person")?;
    stored(insert.insert(params![
        id,
        lookup,
        personal.seal_identity(Cell::new(IDENTITY, id), *identity),
        home.code(),
        personal.seal_particulars(Cell::new(PARTICULARS, id), particulars).ok_or(UNSEALED)?,
        name_tag(personal, particulars.name.expose()),
        born_tag(personal, identity.birth_date()),
    ]))?;
    Ok(PersonId::from_stored(id))
}

/// What the certificate says is now what is known of the person.
pub(super) fn update(connection: &Connection, personal: &Personal, filed: &Filed) -> Stored<()> {
    let request = filed.application.request();
    let at = Cell::new(PARTICULARS, filed.person.get());
    let particulars = personal.seal_particulars(at, &request.particulars).ok_or(UNSEALED)?;
    let mut update = stored(
        connection
            .prepare_cached("UPDATE person SET particulars = ?2, home = ?3, name_tag = ?4 WHERE id = ?1"),
    )?;
    stored(update.execute(params![
        filed.person.get(),
        particulars,
        request.home.code(),
        name_tag(personal, request.particulars.name.expose()),
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
            identity: cells
                .get("identity", |column| personal.open_identity(Cell::new(IDENTITY, id), column))?,
            home: cells.unsigned("home", |code| Region::county(code).ok())?,
            particulars: cells
                .get("particulars", |column| personal.open_particulars(Cell::new(PARTICULARS, id), column))?,
        });
    }
    Ok(people)
}

fn name_tag(personal: &Personal, name: &str) -> Vec<u8> {
    personal.tag("person.name_tag", name.as_bytes())
}

fn born_tag(personal: &Personal, born: Date) -> Vec<u8> {
    personal.tag("person.born_tag", born.to_string().as_bytes())
}

const IDENTITY: &str = "person.identity";
const PARTICULARS: &str = "person.particulars";
/// A text that JSON cannot hold does not exist; the type says it could.
pub(super) const UNSEALED: StoreError = StoreError::Rule("particulars");
