//! Offices and officers in their tables.

use credential::region::Region;
use issuance::id::{OfficeId, OfficerId};
use issuance::office::{Office, OfficeKind};
use issuance::officer::{Login, Officer, Roles};
use issuance::register::{NewOffice, NewOfficer, StoreError, Stored};
use issuance::text::Text;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::error::{Cells, stored};

pub(super) fn add_office(connection: &Connection, office: &NewOffice) -> Stored<OfficeId> {
    let NewOffice { kind, region, name } = office;
    let mut insert =
        stored(connection.prepare_cached("INSERT INTO office (kind, region, name) VALUES (?1, ?2, ?3)"))?;
    stored(insert.insert(params![kind.as_str(), region.code(), name.expose()])).map(OfficeId::from_stored)
}

pub(super) fn add_officer(connection: &Connection, officer: &NewOfficer) -> Stored<OfficerId> {
    let NewOfficer { login, name, office, roles } = officer;
    let sql = "INSERT INTO officer (login, name, office_id, roles) VALUES (?1, ?2, ?3, ?4)";
    let values = params![login.as_str(), name.expose(), office.get(), roles.to_string()];
    match stored(stored(connection.prepare_cached(sql))?.insert(values)) {
        Err(StoreError::Rule("foreign key")) => Err(StoreError::Rule("officer.office")),
        result => result.map(OfficerId::from_stored),
    }
}

pub(super) fn change_officer(
    connection: &Connection,
    id: OfficerId,
    roles: Roles,
    active: bool,
) -> Stored<()> {
    let sql = "UPDATE officer SET roles = ?2, active = ?3 WHERE id = ?1 AND id > 0";
    let changed = stored(connection.execute(sql, params![id.get(), roles.to_string(), active]))?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Rule("officer.id")) }
}

pub(super) fn offices(connection: &Connection) -> Stored<Vec<Office>> {
    let sql =
        "SELECT id AS office_id, kind, region, name AS office_name FROM office WHERE id > 0 ORDER BY id";
    let mut statement = stored(connection.prepare_cached(sql))?;
    let mut rows = stored(statement.query([]))?;
    let mut offices = Vec::new();
    while let Some(row) = stored(rows.next())? {
        offices.push(office(row)?);
    }
    Ok(offices)
}

pub(super) fn officers(connection: &Connection) -> Stored<Vec<Officer>> {
    select(connection, "WHERE officer.id > 0 ORDER BY officer.id", [])
}

pub(super) fn officer(connection: &Connection, id: OfficerId) -> Stored<Option<Officer>> {
    Ok(select(connection, "WHERE officer.id = ?1", [id.get()])?.pop())
}

pub(super) fn officer_by_login(connection: &Connection, login: &Login) -> Stored<Option<Officer>> {
    Ok(select(connection, "WHERE officer.id > 0 AND login = ?1", [login.as_str()])?.pop())
}

fn select(connection: &Connection, clause: &str, values: impl Params) -> Stored<Vec<Officer>> {
    let sql = format!(
        "SELECT officer.id, login, officer.name, roles, active,
                office.id AS office_id, kind, region, office.name AS office_name
         FROM officer JOIN office ON office.id = office_id {clause}"
    );
    let mut statement = stored(connection.prepare_cached(&sql))?;
    let mut rows = stored(statement.query(values))?;
    let mut officers = Vec::new();
    while let Some(row) = stored(rows.next())? {
        let id: i64 = stored(row.get("id"))?;
        let cells = Cells { table: "officer", id, row };
        officers.push(Officer {
            id: OfficerId::from_stored(id),
            login: cells.get("login", |text: String| Login::parse(&text))?,
            name: cells.get("name", |text: String| Text::parse(&text).ok())?,
            office: office(row)?,
            roles: cells.get("roles", |text: String| Roles::parse(&text))?,
            active: cells.get("active", |flag: i64| Some(flag == 1))?,
        });
    }
    Ok(officers)
}

fn office(row: &Row<'_>) -> Stored<Office> {
    let id: i64 = stored(row.get("office_id"))?;
    let cells = Cells { table: "office", id, row };
    Ok(Office {
        id: OfficeId::from_stored(id),
        kind: cells.get("kind", |text: String| OfficeKind::parse(&text))?,
        region: cells.unsigned("region", |code| Region::from_code(code).ok())?,
        name: cells.get("office_name", |text: String| Text::parse(&text).ok())?,
    })
}

/// The number of the row to come, within the transaction that writes it: what is sealed in it belongs to it.
pub(super) fn next_id(connection: &Connection, table: &'static str) -> Stored<i64> {
    let sql = format!("SELECT coalesce(max(id), 0) + 1 FROM {table}");
    number(connection, &sql, []).map(|id| id.unwrap_or(1))
}

/// One number, if there is one.
pub(super) fn number(connection: &Connection, sql: &str, values: impl Params) -> Stored<Option<i64>> {
    let mut statement = stored(connection.prepare_cached(sql))?;
    stored(statement.query_row(values, |row| row.get(0)).optional())
}
