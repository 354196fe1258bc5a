//! Changes of status in their table. The certificate's standing moves in the same transaction, and only from
//! where the caller saw it.

use credential::time::{Date, UnixTime};
use issuance::id::{CertificateId, ChangeId, OfficerId};
use issuance::register::{ChangeQuery, StoreError, Stored};
use issuance::status_change::{Outcome, Reason, Standing, StatusChange};
use rusqlite::{Connection, Params, Row, params};

use super::error::{Cells, stored};
use super::place::county_range;

pub(super) fn enter(connection: &Connection, change: &StatusChange, seen: Standing) -> Stored<ChangeId> {
    let (entered_by, entered_at) = change.entered();
    let (outcome, decided_by, decided_at) = columns(change.outcome());
    let mut insert = stored(connection.prepare_cached(
        "INSERT INTO status_change
           (certificate_id, reason, change, effective, entered_by, entered_at, outcome, decided_by, decided_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    ))?;
    let id = stored(insert.insert(params![
        change.certificate().get(),
        change.reason().as_str(),
        change.change().as_str(),
        change.effective().to_string(),
        entered_by.get(),
        entered_at.as_seconds() as i64,
        outcome,
        decided_by,
        decided_at,
    ]))?;
    stand(connection, change, seen)?;
    Ok(ChangeId::from_stored(id))
}

pub(super) fn decide(
    connection: &Connection,
    id: ChangeId,
    change: &StatusChange,
    seen: Standing,
) -> Stored<()> {
    let (outcome, decided_by, decided_at) = columns(change.outcome());
    let mut update = stored(connection.prepare_cached(
        "UPDATE status_change SET outcome = ?2, decided_by = ?3, decided_at = ?4
         WHERE id = ?1 AND outcome = 'waiting'",
    ))?;
    if stored(update.execute(params![id.get(), outcome, decided_by, decided_at]))? != 1 {
        return Err(StoreError::Conflict);
    }
    stand(connection, change, seen)
}

/// Revokes what a new certificate follows, unless it is revoked already.
pub(super) fn supersede(connection: &Connection, change: &StatusChange) -> Stored<()> {
    let sql = "SELECT standing FROM certificate WHERE id = ?1";
    let mut statement = stored(connection.prepare_cached(sql))?;
    let standing: String = stored(statement.query_row([change.certificate().get()], |row| row.get(0)))?;
    match Standing::parse(&standing) {
        Some(Standing::Revoked) => Ok(()),
        Some(seen) => enter(connection, change, seen).map(drop),
        None => {
            let row = change.certificate().get();
            Err(StoreError::Broken { table: "certificate", column: "standing", row })
        }
    }
}

pub(super) fn find(connection: &Connection, id: ChangeId) -> Stored<Option<StatusChange>> {
    Ok(select(connection, "WHERE id = ?1", [id.get()])?.pop().map(|(_, change)| change))
}

pub(super) fn of(
    connection: &Connection,
    certificate: CertificateId,
) -> Stored<Vec<(ChangeId, StatusChange)>> {
    select(connection, "WHERE certificate_id = ?1 ORDER BY id", [certificate.get()])
}

pub(super) fn waiting(connection: &Connection, query: &ChangeQuery) -> Stored<Vec<(ChangeId, StatusChange)>> {
    let ChangeQuery { region, after, limit } = *query;
    let (low, high) = county_range(region);
    let clause = "WHERE outcome = 'waiting' AND id > ?1
                    AND (SELECT county FROM certificate WHERE certificate.id = certificate_id) BETWEEN ?2 AND ?3
                  ORDER BY id LIMIT ?4";
    select(connection, clause, params![after.map_or(0, ChangeId::get), low, high, limit as i64])
}

pub(super) fn count_waiting(connection: &Connection) -> Stored<u64> {
    let sql = "SELECT count(*) FROM status_change WHERE outcome = 'waiting'";
    stored(connection.query_row(sql, [], |row| row.get::<_, i64>(0))).map(i64::unsigned_abs)
}

fn stand(connection: &Connection, change: &StatusChange, seen: Standing) -> Stored<()> {
    let next = if change.is_in_force() { seen.after(change.change()) } else { Ok(seen) };
    let next = next.map_err(|_| StoreError::Conflict)?;
    let mut update = stored(
        connection.prepare_cached("UPDATE certificate SET standing = ?3 WHERE id = ?1 AND standing = ?2"),
    )?;
    let values = params![change.certificate().get(), seen.as_str(), next.as_str()];
    if stored(update.execute(values))? == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

fn columns(outcome: Outcome) -> (&'static str, Option<i64>, Option<i64>) {
    match outcome {
        Outcome::Waiting => ("waiting", None, None),
        Outcome::InForce => ("in_force", None, None),
        Outcome::Confirmed(by, at) => ("confirmed", Some(by.get()), Some(at.as_seconds() as i64)),
        Outcome::Dropped(by, at) => ("dropped", Some(by.get()), Some(at.as_seconds() as i64)),
    }
}

fn select(
    connection: &Connection,
    clause: &str,
    values: impl Params,
) -> Stored<Vec<(ChangeId, StatusChange)>> {
    let sql = format!(
        "SELECT id, certificate_id, reason, effective, entered_by, entered_at, outcome, decided_by, decided_at
         FROM status_change {clause}"
    );
    let mut statement = stored(connection.prepare_cached(&sql))?;
    let mut rows = stored(statement.query(values))?;
    let mut changes = Vec::new();
    while let Some(row) = stored(rows.next())? {
        let id: i64 = stored(row.get("id"))?;
        changes.push((ChangeId::from_stored(id), read(id, row)?));
    }
    Ok(changes)
}

fn read(id: i64, row: &Row<'_>) -> Stored<StatusChange> {
    let cells = Cells { table: "status_change", id, row };
    let time = |seconds| Some(UnixTime::from_seconds(seconds));
    let decided = || -> Stored<(OfficerId, UnixTime)> {
        let by = OfficerId::from_stored(cells.get("decided_by", Some)?);
        Ok((by, cells.unsigned("decided_at", time)?))
    };
    let outcome = match cells.get("outcome", |text: String| Some(text))?.as_str() {
        "waiting" => Outcome::Waiting,
        "in_force" => Outcome::InForce,
        "confirmed" => decided().map(|(by, at)| Outcome::Confirmed(by, at))?,
        "dropped" => decided().map(|(by, at)| Outcome::Dropped(by, at))?,
        _ => return Err(StoreError::Broken { table: "status_change", column: "outcome", row: id }),
    };
    let entered_by = OfficerId::from_stored(cells.get("entered_by", Some)?);
    let change = StatusChange::from_stored(
        CertificateId::from_stored(cells.get("certificate_id", Some)?),
        cells.get("reason", |text: String| Reason::parse(&text))?,
        cells.get("effective", |text: String| Date::parse(&text).ok())?,
        (entered_by, cells.unsigned("entered_at", time)?),
        outcome,
    );
    change.map_err(|_| StoreError::Broken { table: "status_change", column: "outcome", row: id })
}
