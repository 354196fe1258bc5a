//! Card jobs in their table: one row a card, its columns filled step by step.

use credential::Kind;
use credential::region::Region;
use credential::sign1::{Content, Unsigned};
use credential::time::UnixTime;
use issuance::card::{CardJob, CardPass, CardSerial, Stage};
use issuance::id::{CardJobId, CertificateId};
use issuance::register::{CardQuery, CardTally, PreparedCredential, StoreError, Stored};
use rusqlite::{Connection, Params, Row, params};

use super::error::{Cells, stored};
use super::issuing::{index, kid};
use super::place::county_range;
use crate::personal::{Cell, Personal};

pub(super) fn add(connection: &Connection, certificate: CertificateId) -> Stored<CardJob> {
    let sql = "INSERT INTO card_job (certificate_id) VALUES (?1)";
    let mut insert = stored(connection.prepare_cached(sql))?;
    let id = stored(insert.insert([certificate.get()]))?;
    Ok(CardJob { id: CardJobId::from_stored(id), certificate, stage: Stage::Ordered })
}

pub(super) fn find(connection: &Connection, personal: &Personal, id: CardJobId) -> Stored<Option<CardJob>> {
    Ok(select(connection, personal, "WHERE id = ?1", [id.get()])?.pop())
}

pub(super) fn by_card(
    connection: &Connection,
    personal: &Personal,
    card: CardSerial,
) -> Stored<Option<CardJob>> {
    Ok(select(connection, personal, "WHERE card = ?1", [card.as_bytes()])?.pop())
}

pub(super) fn of_certificate(
    connection: &Connection,
    personal: &Personal,
    certificate: CertificateId,
) -> Stored<Vec<CardJob>> {
    select(connection, personal, "WHERE certificate_id = ?1 ORDER BY id", [certificate.get()])
}

pub(super) fn list(connection: &Connection, personal: &Personal, query: &CardQuery) -> Stored<Vec<CardJob>> {
    let CardQuery { region, issued_since, after, limit } = *query;
    let (low, high) = county_range(region);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let of_region = "AND (SELECT county FROM certificate WHERE id = certificate_id) BETWEEN ?1 AND ?2";
    match issued_since {
        None => {
            let clause = format!(
                "WHERE stage NOT IN ('issued', 'withdrawn') AND id > ?4 {of_region} ORDER BY id LIMIT ?3"
            );
            let after = after.map_or(0, CardJobId::get);
            select(connection, personal, &clause, params![low, high, limit, after])
        }
        Some(since) => {
            let clause = format!(
                "WHERE issued_at >= ?4 AND stage = 'issued' {of_region} ORDER BY issued_at DESC, id DESC LIMIT ?3"
            );
            select(connection, personal, &clause, params![low, high, limit, since.as_seconds() as i64])
        }
    }
}

pub(super) fn tally(connection: &Connection, region: Region, since: UnixTime) -> Stored<CardTally> {
    let (low, high) = county_range(region);
    let sql = "SELECT coalesce(sum(stage = 'ordered'), 0), coalesce(sum(stage <> 'ordered'), 0) FROM card_job
               WHERE stage NOT IN ('issued', 'withdrawn')
                 AND (SELECT county FROM certificate WHERE id = certificate_id) BETWEEN ?1 AND ?2";
    let count = |row: &Row<'_>, column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    let mut open = stored(connection.prepare_cached(sql))?;
    let open = open.query_row([low, high], |row| Ok((count(row, 0)?, count(row, 1)?)));
    let (waiting, in_work) = stored(open)?;
    let sql = "SELECT count(*) FROM card_job WHERE issued_at >= ?3 AND stage = 'issued'
                 AND (SELECT county FROM certificate WHERE id = certificate_id) BETWEEN ?1 AND ?2";
    let mut done = stored(connection.prepare_cached(sql))?;
    let issued = stored(done.query_row([low, high, since.as_seconds() as i64], |row| count(row, 0)))?;
    Ok(CardTally { waiting, in_work, issued })
}

/// Writes the columns that the step fills; the triggers of the table keep the rest as it is.
pub(super) fn advance(
    connection: &Connection,
    personal: &Personal,
    job: &CardJob,
    seen: &Stage,
) -> Stored<()> {
    let stored_job = find(connection, personal, job.id)?;
    if stored_job.is_none_or(|stored| stored.stage != *seen) {
        return Err(StoreError::Conflict);
    }
    let (id, stage) = (job.id.get(), job.stage.as_str());
    let changed = match &job.stage {
        Stage::Begun(card) => {
            let sql = "UPDATE card_job SET stage = ?2, card = ?3 WHERE id = ?1";
            stored(connection.execute(sql, params![id, stage, card.as_bytes()]))?
        }
        Stage::Prepared(_, CardPass { key, prepared }) => {
            let PreparedCredential { kind: _, kid, index, unsigned } = prepared;
            let sql = "UPDATE card_job SET stage = ?2, public_key = ?3, kid = ?4, status_index = ?5,
                         protected = ?6, payload = ?7 WHERE id = ?1";
            let payload = personal.seal(Cell::new(PAYLOAD, id), unsigned.payload());
            let values =
                params![id, stage, key, kid.as_bytes(), index.as_u32(), unsigned.protected(), payload];
            stored(connection.execute(sql, values))?
        }
        Stage::Signed(.., signature) => {
            let sql = "UPDATE card_job SET stage = ?2, signature = ?3 WHERE id = ?1";
            let masked = personal.mask(Cell::new(SIGNATURE, id), signature);
            stored(connection.execute(sql, params![id, stage, masked]))?
        }
        Stage::Issued(.., at) => {
            let sql = "UPDATE card_job SET stage = ?2, issued_at = ?3 WHERE id = ?1";
            stored(connection.execute(sql, params![id, stage, at.as_seconds() as i64]))?
        }
        Stage::Withdrawn(_, at) => {
            let sql = "UPDATE card_job SET stage = ?2, withdrawn_at = ?3 WHERE id = ?1";
            stored(connection.execute(sql, params![id, stage, at.as_seconds() as i64]))?
        }
        Stage::Ordered => return Err(StoreError::Rule("card job goes step by step")),
    };
    if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

fn select(
    connection: &Connection,
    personal: &Personal,
    clause: &str,
    values: impl Params,
) -> Stored<Vec<CardJob>> {
    let sql = format!(
        "SELECT id, certificate_id, stage, card, public_key, kid, status_index, protected, payload, signature,
                issued_at, withdrawn_at FROM card_job {clause}"
    );
    let mut statement = stored(connection.prepare_cached(&sql))?;
    let mut rows = stored(statement.query(values))?;
    let mut jobs = Vec::new();
    while let Some(row) = stored(rows.next())? {
        jobs.push(read(personal, row)?);
    }
    Ok(jobs)
}

/// A stage re-enters with everything it claims to have passed.
fn read(personal: &Personal, row: &Row<'_>) -> Stored<CardJob> {
    let id: i64 = stored(row.get("id"))?;
    let cells = Cells { table: "card_job", id, row };
    let card = || cells.get("card", |bytes: Vec<u8>| bytes.try_into().ok().map(CardSerial::new));
    let unmasked = |masked: [u8; 64]| personal.mask(Cell::new(SIGNATURE, id), &masked);
    let signature = || cells.get("signature", |bytes: Vec<u8>| bytes.try_into().ok().map(unmasked));
    let time = |seconds| Some(UnixTime::from_seconds(seconds));
    let stage = match cells.get("stage", |stage: String| Some(stage))?.as_str() {
        "ordered" => Stage::Ordered,
        "begun" => Stage::Begun(card()?),
        "prepared" => Stage::Prepared(card()?, pass(personal, &cells)?),
        "signed" => Stage::Signed(card()?, pass(personal, &cells)?, signature()?),
        "issued" => {
            let at = cells.unsigned("issued_at", time)?;
            Stage::Issued(card()?, pass(personal, &cells)?, signature()?, at)
        }
        "withdrawn" => {
            let had = |bytes: Option<Vec<u8>>| match bytes {
                None => Some(None),
                Some(bytes) => bytes.try_into().ok().map(|bytes| Some(CardSerial::new(bytes))),
            };
            Stage::Withdrawn(cells.get("card", had)?, cells.unsigned("withdrawn_at", time)?)
        }
        _ => return Err(StoreError::Broken { table: "card_job", column: "stage", row: id }),
    };
    let certificate = CertificateId::from_stored(cells.get("certificate_id", Some)?);
    Ok(CardJob { id: CardJobId::from_stored(id), certificate, stage })
}

fn pass(personal: &Personal, cells: &Cells<'_>) -> Stored<CardPass> {
    let protected = cells.get("protected", |bytes: Vec<u8>| Some(bytes))?;
    let payload = cells.get("payload", |column| personal.open(Cell::new(PAYLOAD, cells.id), column))?;
    let broken = |_| StoreError::Broken { table: "card_job", column: "protected", row: cells.id };
    let prepared = PreparedCredential {
        kind: Kind::Pass,
        kid: cells.get("kid", kid)?,
        index: cells.unsigned("status_index", index)?,
        unsigned: Unsigned::from_stored(protected, payload, Content::Credential).map_err(broken)?,
    };
    Ok(CardPass { key: cells.get("public_key", |bytes: Vec<u8>| bytes.try_into().ok())?, prepared })
}

const PAYLOAD: &str = "card_job.payload";
const SIGNATURE: &str = "card_job.signature";
