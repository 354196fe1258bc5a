//! Passes beside a certificate's first, and which passes no longer count.

use credential::Kind;
use credential::key::Kid;
use credential::sign1::{Content, Unsigned};
use credential::status_list::StatusIndex;
use issuance::id::CertificateId;
use issuance::pass_exchange::{Exchange, PreparedPass};
use issuance::register::{PreparedCredential, StoreError, Stored};
use rusqlite::{Connection, Row, params};

use super::certificate;
use super::error::{Cells, stored};
use super::issuing::{index, kid};
use super::office::{next_id, number};
use crate::personal::{Cell, Personal};

/// What is signed, and the signature if there is one.
pub(super) type Halves = (PreparedCredential, Option<[u8; 64]>);

/// Of one certificate, oldest first.
pub(super) fn of(
    connection: &Connection,
    personal: &Personal,
    certificate: CertificateId,
) -> Stored<Vec<Halves>> {
    let mut statement = stored(connection.prepare_cached(
        "SELECT id, kid, status_index, protected, payload, signature FROM pass WHERE certificate_id = ?1 ORDER BY id",
    ))?;
    let mut rows = stored(statement.query([certificate.get()]))?;
    let mut list = Vec::new();
    while let Some(row) = stored(rows.next())? {
        list.push(read(personal, row)?);
    }
    Ok(list)
}

pub(super) fn prepared(
    connection: &Connection,
    personal: &Personal,
    limit: usize,
) -> Stored<Vec<PreparedPass>> {
    let mut statement = stored(connection.prepare_cached(
        "SELECT id, certificate_id, kid, status_index, protected, payload, signature FROM pass
         WHERE signature IS NULL AND NOT EXISTS (
             SELECT 1 FROM withdrawn_pass
             WHERE withdrawn_pass.kid = pass.kid AND withdrawn_pass.status_index = pass.status_index)
         ORDER BY id LIMIT ?1",
    ))?;
    let mut rows = stored(statement.query([i64::try_from(limit).unwrap_or(i64::MAX)]))?;
    let mut list = Vec::new();
    while let Some(row) = stored(rows.next())? {
        let id: i64 = stored(row.get("id"))?;
        let certificate = CertificateId::from_stored(stored(row.get("certificate_id"))?);
        let broken = StoreError::Broken { table: "pass", column: "certificate_id", row: id };
        let certificate = certificate::find(connection, personal, certificate)?.ok_or(broken)?;
        list.push(PreparedPass { certificate, credential: read(personal, row)?.0 });
    }
    Ok(list)
}

pub(super) fn prepare(connection: &Connection, personal: &Personal, batch: &[PreparedPass]) -> Stored<()> {
    let mut insert = stored(connection.prepare_cached(
        "INSERT INTO pass (id, certificate_id, kid, status_index, protected, payload)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    ))?;
    for PreparedPass { certificate, credential } in batch {
        let PreparedCredential { kind: _, kid, index, unsigned } = credential;
        // What is sealed is bound to its row.
        let id = next_id(connection, "pass")?;
        stored(insert.execute(params![
            id,
            certificate.id.get(),
            kid.as_bytes(),
            index.as_u32(),
            unsigned.protected(),
            personal.seal(Cell::new(PAYLOAD, id), unsigned.payload()),
        ]))?;
    }
    Ok(())
}

pub(super) fn exchange(connection: &Connection, personal: &Personal, batch: &[Exchange]) -> Stored<()> {
    let waiting = "SELECT id FROM pass WHERE kid = ?1 AND status_index = ?2 AND signature IS NULL";
    let mut sign = stored(connection.prepare_cached("UPDATE pass SET signature = ?2 WHERE id = ?1"))?;
    let mut withdraw = stored(
        connection.prepare_cached("INSERT INTO withdrawn_pass (kid, status_index, at) VALUES (?1, ?2, ?3)"),
    )?;
    for exchange in batch {
        if let Some(signed) = exchange.signed() {
            // A COSE_Sign1 ends with its signature (RFC 9052, section 4.2).
            let signature =
                signed.bytes.last_chunk::<64>().ok_or(StoreError::Rule("credential.signature"))?;
            let place = params![signed.kid.as_bytes(), signed.index.as_u32()];
            let row = number(connection, waiting, place)?;
            let id = row.ok_or(StoreError::Conflict)?;
            if is_withdrawn(connection, signed.kid, signed.index)? {
                return Err(StoreError::Conflict);
            }
            stored(sign.execute(params![id, personal.mask(Cell::new(SIGNATURE, id), signature)]))?;
        }
        for (kid, index) in exchange.withdrawn() {
            if is_withdrawn(connection, *kid, *index)? {
                return Err(StoreError::Conflict);
            }
            let at = exchange.at().as_seconds() as i64;
            stored(withdraw.execute(params![kid.as_bytes(), index.as_u32(), at]))?;
        }
    }
    Ok(())
}

pub(super) fn is_withdrawn(connection: &Connection, kid: Kid, index: StatusIndex) -> Stored<bool> {
    let sql = "SELECT 1 FROM withdrawn_pass WHERE kid = ?1 AND status_index = ?2";
    Ok(number(connection, sql, params![kid.as_bytes(), index.as_u32()])?.is_some())
}

fn read(personal: &Personal, row: &Row<'_>) -> Stored<Halves> {
    let id: i64 = stored(row.get("id"))?;
    let cells = Cells { table: "pass", id, row };
    let protected = cells.get("protected", |bytes: Vec<u8>| Some(bytes))?;
    let payload = cells.get("payload", |column| personal.open(Cell::new(PAYLOAD, id), column))?;
    let broken = |_| StoreError::Broken { table: "pass", column: "protected", row: id };
    let prepared = PreparedCredential {
        kind: Kind::Pass,
        kid: cells.get("kid", kid)?,
        index: cells.unsigned("status_index", index)?,
        unsigned: Unsigned::from_stored(protected, payload, Content::Credential).map_err(broken)?,
    };
    let signature = |bytes: Option<Vec<u8>>| match bytes {
        None => Some(None),
        Some(masked) => {
            let masked: [u8; 64] = masked.try_into().ok()?;
            Some(Some(personal.mask(Cell::new(SIGNATURE, id), &masked)))
        }
    };
    Ok((prepared, cells.get("signature", signature)?))
}

const PAYLOAD: &str = "pass.payload";
const SIGNATURE: &str = "pass.signature";
