//! The issuer's keys with their status lists, and the bundles that were published.

use credential::key::Kid;
use credential::status_list::StatusIndex;
use credential::time::UnixTime;
use issuance::register::{Digest, IssuerKey, Stored};
use issuance::status_change::Standing;
use rusqlite::{Connection, OptionalExtension, params};

use super::certificate::standing;
use super::error::{Cells, stored};
use super::issuing::{index, kid};
use super::office::number;

pub(super) fn add_issuer_key(connection: &Connection, key: &IssuerKey) -> Stored<()> {
    let sql = "INSERT INTO issuer_key (kid, list_size) VALUES (?1, ?2)";
    stored(connection.execute(sql, params![key.kid.as_bytes(), key.list_size]))?;
    Ok(())
}

pub(super) fn issuer_keys(connection: &Connection) -> Stored<Vec<IssuerKey>> {
    let mut statement =
        stored(connection.prepare_cached("SELECT kid, list_size FROM issuer_key ORDER BY kid"))?;
    let mut rows = stored(statement.query([]))?;
    let mut keys = Vec::new();
    while let Some(row) = stored(rows.next())? {
        let cells = Cells { table: "issuer_key", id: 0, row };
        keys.push(IssuerKey {
            kid: cells.get("kid", kid)?,
            list_size: cells.unsigned("list_size", |size| u32::try_from(size).ok())?,
        });
    }
    Ok(keys)
}

pub(super) fn taken_count(connection: &Connection, kid: Kid) -> Stored<u64> {
    let sql = "SELECT taken FROM issuer_key WHERE kid = ?1";
    Ok(number(connection, sql, [kid.as_bytes()])?.unwrap_or(0) as u64)
}

pub(super) fn is_taken(connection: &Connection, kid: Kid, index: StatusIndex) -> Stored<bool> {
    let sql = "SELECT 1 FROM credential WHERE kid = ?1 AND status_index = ?2
               UNION ALL SELECT 1 FROM card_job WHERE kid = ?1 AND status_index = ?2
               UNION ALL SELECT 1 FROM pass WHERE kid = ?1 AND status_index = ?2";
    Ok(number(connection, sql, params![kid.as_bytes(), index.as_u32()])?.is_some())
}

pub(super) fn not_valid(connection: &Connection, of: Kid) -> Stored<Vec<(StatusIndex, Standing)>> {
    let mut statement = stored(connection.prepare_cached(
        "SELECT certificate.id AS id, status_index, standing AS standing
         FROM certificate JOIN credential ON certificate_id = certificate.id
         WHERE standing <> 'valid' AND kid = ?1
         UNION ALL
         SELECT certificate.id, status_index, CASE stage WHEN 'withdrawn' THEN 'revoked' ELSE standing END
         FROM certificate JOIN card_job ON certificate_id = certificate.id
         WHERE (standing <> 'valid' OR stage = 'withdrawn') AND kid = ?1
         UNION ALL
         SELECT certificate.id, status_index, standing
         FROM certificate JOIN pass ON certificate_id = certificate.id
         WHERE standing <> 'valid' AND kid = ?1
         -- Last, for a pass that is withdrawn stays so when a suspension is lifted.
         UNION ALL
         SELECT 0, status_index, 'revoked' FROM withdrawn_pass WHERE kid = ?1",
    ))?;
    let mut rows = stored(statement.query([of.as_bytes()]))?;
    let mut list = Vec::new();
    while let Some(row) = stored(rows.next())? {
        let cells = Cells { table: "certificate", id: stored(row.get("id"))?, row };
        list.push((cells.unsigned("status_index", index)?, cells.get("standing", standing)?));
    }
    Ok(list)
}

pub(super) fn publish(connection: &Connection, version: u32, sha256: &Digest, at: UnixTime) -> Stored<()> {
    let sql = "INSERT INTO bundle (version, sha256, at) VALUES (?1, ?2, ?3)";
    stored(connection.execute(sql, params![version, sha256, at.as_seconds() as i64]))?;
    Ok(())
}

pub(super) fn last_bundle(connection: &Connection) -> Stored<Option<(u32, UnixTime)>> {
    let sql = "SELECT version, at FROM bundle ORDER BY version DESC LIMIT 1";
    let mut statement = stored(connection.prepare_cached(sql))?;
    let last = stored(statement.query_row([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?))).optional())?;
    Ok(last.map(|(version, at)| (version, UnixTime::from_seconds(at as u64))))
}
