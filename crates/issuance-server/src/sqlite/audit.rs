//! Audit rows in their table, each chained to the one before within the transaction that it tells of.

use credential::time::UnixTime;
use issuance::audit::{BEFORE_THE_FIRST, Deed, Entry, Row, Subject, link};
use issuance::id::{ApplicationId, OfficerId};
use issuance::register::{AuditQuery, StoreError, Stored};
use issuance::text::{Line, Text};
use rusqlite::{Connection, OptionalExtension, Params, params};

use super::error::{Cells, stored};
use crate::personal::Personal;

/// Adds rows to the chain. What is said of the register itself is said of the case just filed, if one was.
pub(super) fn append(
    connection: &Connection,
    personal: &Personal,
    entries: &[Entry],
    about: Option<ApplicationId>,
) -> Stored<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let (mut number, mut previous) = end(connection, personal)?;
    let mut insert = stored(connection.prepare_cached(
        "INSERT INTO audit (number, at, officer_id, origin, deed, subject, subject_id, reason, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    ))?;
    for entry in entries {
        let subject = match (entry.subject, about) {
            (Subject::Register, Some(case)) => Subject::Application(case),
            (subject, _) => subject,
        };
        let entry = Entry { subject, ..entry.clone() };
        number += 1;
        previous = link(&previous, number, &entry);
        let (word, id) = entry.subject.to_stored();
        stored(insert.execute(params![
            number,
            entry.at.as_seconds() as i64,
            entry.who.get(),
            entry.origin.expose(),
            entry.deed.to_stored(),
            word,
            id,
            entry.reason.as_ref().map(Line::expose),
            previous,
        ]))?;
    }
    seal_end(connection, personal, number, &previous)
}

/// Number and hash of the last row, if the sealed head knows the same. Nothing is added to a chain that was cut.
pub(super) fn end(connection: &Connection, personal: &Personal) -> Stored<(i64, [u8; 32])> {
    let (number, hash) = last(connection)?;
    let mut statement = stored(connection.prepare_cached("SELECT seal FROM audit_head WHERE id = 1"))?;
    let sealed: Option<Vec<u8>> = stored(statement.query_row([], |row| row.get(0)).optional())?;
    match sealed {
        None if number == 0 => Ok((number, hash)),
        Some(sealed) if sealed == head(personal, number, &hash) => Ok((number, hash)),
        _ => Err(StoreError::Broken { table: "audit", column: "number", row: number + 1 }),
    }
}

/// For a register whose audit had no head until now.
pub(super) fn seal_first_head(connection: &Connection, personal: &Personal) -> Stored<()> {
    match last(connection)? {
        (0, _) => Ok(()),
        (number, hash) => seal_end(connection, personal, number, &hash),
    }
}

fn seal_end(connection: &Connection, personal: &Personal, number: i64, hash: &[u8; 32]) -> Stored<()> {
    let sql = "INSERT INTO audit_head (id, seal) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET seal = ?1";
    stored(stored(connection.prepare_cached(sql))?.execute([head(personal, number, hash)]))?;
    Ok(())
}

fn head(personal: &Personal, number: i64, hash: &[u8; 32]) -> Vec<u8> {
    personal.tag("audit_head.seal", &[&number.to_be_bytes()[..], hash].concat())
}

pub(super) fn rows(connection: &Connection, after: i64, limit: usize) -> Stored<Vec<Row>> {
    select(connection, "number > ?1", params![after, count(limit)])
}

/// Rows about one subject or of one officer's time.
pub(super) fn find(connection: &Connection, query: &AuditQuery, limit: usize) -> Stored<Vec<Row>> {
    match *query {
        AuditQuery::About(subject) => {
            let (word, id) = subject.to_stored();
            select(connection, "subject = ?1 AND subject_id = ?3", params![word, count(limit), id])
        }
        AuditQuery::By(who, from, until) => {
            let (from, until) = (from.as_seconds() as i64, until.as_seconds() as i64);
            let asked = "officer_id = ?1 AND at >= ?3 AND at < ?4";
            select(connection, asked, params![who.get(), count(limit), from, until])
        }
    }
}

/// The second value is how many at the most.
fn select(connection: &Connection, asked: &str, values: impl Params) -> Stored<Vec<Row>> {
    let mut statement = stored(connection.prepare_cached(&format!(
        "SELECT number, at, officer_id, origin, deed, subject, subject_id, reason, hash
         FROM audit WHERE {asked} ORDER BY number LIMIT ?2",
    )))?;
    let mut rows = stored(statement.query(values))?;
    let mut list = Vec::new();
    while let Some(row) = stored(rows.next())? {
        list.push(read(row)?);
    }
    Ok(list)
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn last(connection: &Connection) -> Stored<(i64, [u8; 32])> {
    let sql = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
    let mut statement = stored(connection.prepare_cached(sql))?;
    let last = stored(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional())?;
    Ok(last.unwrap_or((0, BEFORE_THE_FIRST)))
}

fn read(row: &rusqlite::Row<'_>) -> Stored<Row> {
    let number: i64 = stored(row.get("number"))?;
    let cells = Cells { table: "audit", id: number, row };
    let line = |text: String| Text::parse(&text).ok();
    let subject: String = cells.get("subject", Some)?;
    let subject = Subject::from_stored(&subject, cells.get("subject_id", Some)?);
    let entry = Entry {
        at: cells.unsigned("at", |seconds| Some(UnixTime::from_seconds(seconds)))?,
        who: OfficerId::from_stored(cells.get("officer_id", Some)?),
        origin: cells.get("origin", line)?,
        deed: cells.get("deed", |text: String| Deed::from_stored(&text))?,
        subject: subject.ok_or(StoreError::Broken { table: "audit", column: "subject", row: number })?,
        reason: match cells.get("reason", |text: Option<String>| Some(text))? {
            None => None,
            Some(text) => Some(Text::parse(&text).map_err(|_| StoreError::Broken {
                table: "audit",
                column: "reason",
                row: number,
            })?),
        },
    };
    Ok(Row { number, entry, hash: cells.get("hash", Some)? })
}
