//! Certificates as rows: found by number, person, place, standing and end.

use credential::number::Reissue;
use credential::region::Region;
use credential::time::UnixTime;
use issuance::certificate::Certificate;
use issuance::id::{ApplicationId, CertificateId, PersonId};
use issuance::register::{CertificateQuery, EndingQuery, LATEST, StoreError, Stored};
use issuance::status_change::Standing;
use rusqlite::{Connection, Params, Row, params};

use super::error::{Cells, stored};
use super::office::number;
use super::place::{are_few, county_range};
use crate::personal::{Cell, Personal};

pub(super) fn find(
    connection: &Connection,
    personal: &Personal,
    id: CertificateId,
) -> Stored<Option<Certificate>> {
    Ok(select(connection, personal, "WHERE id = ?1", [id.get()])?.pop())
}

pub(super) fn of_person(
    connection: &Connection,
    personal: &Personal,
    person: PersonId,
) -> Stored<Vec<Certificate>> {
    select(connection, personal, "WHERE person_id = ?1 ORDER BY id", [person.get()])
}

pub(super) fn list(
    connection: &Connection,
    personal: &Personal,
    query: &CertificateQuery,
) -> Stored<Vec<Certificate>> {
    let CertificateQuery { standing, region, after, limit } = query;
    let (low, high) = county_range(*region);
    let limit = i64::try_from(*limit).unwrap_or(i64::MAX);
    let standing = standing.map(Standing::as_str);
    // What is not valid has an index of its own; one county, and a region with few certificates, go by the place; in a
    // wider region the next certificate is never far. With a sign before it, SQLite goes by no order or index of a column.
    let either = "(?4 IS NULL OR standing = ?4)";
    let (id, county, standing_is) = match standing {
        Some(not_valid) if not_valid != Standing::Valid.as_str() => {
            ("+id", "+county BETWEEN ?2 AND ?3", "standing <> 'valid' AND standing = ?4")
        }
        _ if low == high => ("id", "county = ?2 AND ?2 = ?3", either),
        _ if are_few(connection, "certificate", &["county"], (low, high))? => {
            ("+id", "county BETWEEN ?2 AND ?3", either)
        }
        _ => ("id", "+county BETWEEN ?2 AND ?3", either),
    };
    let clause =
        format!("WHERE signed = 1 AND {id} > ?1 AND {county} AND {standing_is} ORDER BY {id} LIMIT ?5");
    let after = after.map_or(0, CertificateId::get);
    select(connection, personal, &clause, params![after, low, high, standing, limit])
}

pub(super) fn counties(connection: &Connection, region: Region) -> Stored<Vec<Region>> {
    let (low, high) = county_range(region);
    // From one county to the next, past all of its certificates.
    let next = "SELECT min(county) FROM certificate
                WHERE signed = 1 AND standing <> 'revoked' AND county BETWEEN ?1 AND ?2";
    let mut statement = stored(connection.prepare_cached(next))?;
    let (mut list, mut from) = (Vec::new(), low);
    while let Some(code) = stored(statement.query_row([from, high], |row| row.get::<_, Option<i64>>(0)))? {
        let broken = StoreError::Broken { table: "certificate", column: "county", row: code };
        list.push(Region::county(code.unsigned_abs()).map_err(|_| broken)?);
        from = code + 1;
    }
    Ok(list)
}

pub(super) fn ending(
    connection: &Connection,
    personal: &Personal,
    query: &EndingQuery,
) -> Stored<Vec<Certificate>> {
    let EndingQuery { county, from, until, after, limit } = query;
    let (end, id) = after.map_or((*from, 0), |(end, id)| (end, id.get()));
    select(
        connection,
        personal,
        "WHERE signed = 1 AND standing <> 'revoked' AND county = ?1 AND expires < ?2
         AND (expires, id) > (?3, ?4) ORDER BY expires, id LIMIT ?5",
        params![
            county.code(),
            until.as_seconds() as i64,
            end.max(*from).as_seconds() as i64,
            id,
            i64::try_from(*limit).unwrap_or(i64::MAX),
        ],
    )
}

pub(super) fn count_ending(
    connection: &Connection,
    county: Region,
    from: UnixTime,
    until: UnixTime,
) -> Stored<u64> {
    let sql = "SELECT count(*) FROM certificate
               WHERE signed = 1 AND standing <> 'revoked' AND county = ?1 AND expires >= ?2 AND expires < ?3";
    let span = params![county.code(), from.as_seconds() as i64, until.as_seconds() as i64];
    Ok(number(connection, sql, span)?.unwrap_or(0) as u64)
}

pub(super) fn without_card(
    connection: &Connection,
    personal: &Personal,
    region: Region,
    now: UnixTime,
    limit: usize,
) -> Stored<Vec<Certificate>> {
    let (low, high) = county_range(region);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let clause = "WHERE id > (SELECT max(id) FROM certificate) - ?1
                  AND signed = 1 AND standing = 'valid' AND expires > ?2 AND county BETWEEN ?3 AND ?4
                  AND NOT EXISTS (SELECT 1 FROM card_job
                                  WHERE certificate_id = certificate.id AND stage <> 'withdrawn')
                  ORDER BY id DESC LIMIT ?5";
    select(connection, personal, clause, params![LATEST, now.as_seconds() as i64, low, high, limit])
}

pub(super) fn counts(connection: &Connection) -> Stored<Vec<(Standing, u64)>> {
    let sql = "SELECT count(*) FROM certificate WHERE signed = 1 AND standing = ?1";
    let mut counts = Vec::new();
    for standing in Standing::ALL {
        counts.push((*standing, number(connection, sql, [standing.as_str()])?.unwrap_or(0) as u64));
    }
    counts.retain(|(_, count)| *count > 0);
    Ok(counts)
}

pub(super) fn select(
    connection: &Connection,
    personal: &Personal,
    clause: &str,
    values: impl Params,
) -> Stored<Vec<Certificate>> {
    let sql = format!(
        "SELECT id, person_id, application_id, components, reissue, county, issued, expires, standing, signed
         FROM certificate {clause}"
    );
    let mut statement = stored(connection.prepare_cached(&sql))?;
    let mut rows = stored(statement.query(values))?;
    let mut list = Vec::new();
    while let Some(row) = stored(rows.next())? {
        list.push(read(personal, row)?);
    }
    Ok(list)
}

fn read(personal: &Personal, row: &Row<'_>) -> Stored<Certificate> {
    let id: i64 = stored(row.get("id"))?;
    let cells = Cells { table: "certificate", id, row };
    let time = |seconds| Some(UnixTime::from_seconds(seconds));
    Ok(Certificate {
        id: CertificateId::from_stored(id),
        person: PersonId::from_stored(cells.get("person_id", Some)?),
        application: ApplicationId::from_stored(cells.get("application_id", Some)?),
        components: cells
            .get("components", |column| personal.open_components(Cell::new(COMPONENTS, id), column))?,
        reissue: cells.get("reissue", |code: Option<i64>| Reissue::from_code(code.map(|c| c as u64)).ok())?,
        county: cells.unsigned("county", |code| Region::county(code).ok())?,
        issued: cells.unsigned("issued", time)?,
        expires: cells.unsigned("expires", time)?,
        standing: cells.get("standing", standing)?,
        signed: cells.get("signed", |flag: i64| Some(flag == 1))?,
    })
}

pub(super) fn standing(text: String) -> Option<Standing> {
    Standing::parse(&text)
}

pub(super) const COMPONENTS: &str = "certificate.components";
