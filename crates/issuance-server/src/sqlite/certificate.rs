//! Certificates, their credentials, the issuer keys with their lists, and the bundles that were published.

use credential::Kind;
use credential::key::Kid;
use credential::number::Reissue;
use credential::region::Region;
use credential::sign1::{Content, Unsigned};
use credential::status_list::StatusIndex;
use credential::time::UnixTime;
use issuance::certificate::{Certificate, SignedCredential};
use issuance::id::{ApplicationId, CertificateId, PersonId};
use issuance::issuing::{Facts, Prepared, Signed};
use issuance::register::{
    CertificateQuery, Digest, EndingQuery, IssuerKey, LATEST, PreparedCredential, PreparedRow, StoreError,
    Stored,
};
use issuance::status_change::Standing;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::case;
use super::error::{Cells, stored};
use super::office::{next_id, number};
use super::pass;
use crate::personal::{Cell, Personal};

pub(super) fn prepare(
    connection: &Connection,
    personal: &Personal,
    batch: &[Prepared],
) -> Stored<Vec<CertificateId>> {
    let mut insert = stored(connection.prepare_cached(
        "INSERT INTO certificate (id, person_id, application_id, components, reissue, county, issued, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    ))?;
    let mut credential = stored(connection.prepare_cached(
        "INSERT INTO credential (certificate_id, kind, kid, status_index, protected, payload)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    ))?;
    let mut ids = Vec::with_capacity(batch.len());
    for prepared in batch {
        let Facts { application, person, components, reissue, county, issued, expires } = prepared.facts();
        let id = next_id(connection, "certificate")?;
        stored(insert.insert(params![
            id,
            person.get(),
            application.get(),
            personal.seal_components(Cell::new(COMPONENTS, id), components),
            reissue.code().map(|code| code as i64),
            county.code(),
            issued.as_seconds() as i64,
            expires.as_seconds() as i64,
        ]))?;
        for PreparedCredential { kind, kid, index, unsigned } in prepared.credentials() {
            stored(credential.execute(params![
                id,
                kind.number(),
                kid.as_bytes(),
                index.as_u32(),
                unsigned.protected(),
                personal.seal(payload_cell(id, *kind), unsigned.payload()),
            ]))?;
        }
        ids.push(CertificateId::from_stored(id));
    }
    Ok(ids)
}

/// The signature beside the bytes it signs; the finished COSE_Sign1 follows from the two.
pub(super) fn sign(connection: &Connection, personal: &Personal, signed: &Signed) -> Stored<()> {
    let id = signed.certificate().get();
    let mut credential = stored(connection.prepare_cached(
        "UPDATE credential SET signature = ?4
         WHERE certificate_id = ?1 AND kid = ?2 AND status_index = ?3 AND signature IS NULL",
    ))?;
    for SignedCredential { kind, kid, index, bytes } in signed.credentials() {
        // A COSE_Sign1 ends with its signature (RFC 9052, section 4.2).
        let signature = bytes.last_chunk::<64>().ok_or(StoreError::Rule("credential.signature"))?;
        let masked = personal.mask(signature_cell(id, *kind), signature);
        if stored(credential.execute(params![id, kid.as_bytes(), index.as_u32(), masked]))? != 1 {
            return Err(StoreError::Conflict);
        }
    }
    let mut certificate =
        stored(connection.prepare_cached("UPDATE certificate SET signed = 1 WHERE id = ?1 AND signed = 0"))?;
    if stored(certificate.execute([id]))? != 1 {
        return Err(StoreError::Conflict);
    }
    Ok(())
}

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

/// Whether so few rows lie within a range of counties that they are best put in order after they were found.
pub(super) fn are_few(
    connection: &Connection,
    table: &'static str,
    columns: &[&'static str],
    (low, high): (i64, i64),
) -> Stored<bool> {
    let mut found = 0;
    for column in columns {
        let sql =
            format!("SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {column} BETWEEN ?1 AND ?2 LIMIT ?3)");
        found += number(connection, &sql, [low, high, FEW])?.unwrap_or(0);
    }
    Ok(found < FEW)
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

pub(super) fn prepared(
    connection: &Connection,
    personal: &Personal,
    after: Option<CertificateId>,
    limit: usize,
) -> Stored<Vec<PreparedRow>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let clause = "WHERE signed = 0 AND id > ?1 ORDER BY id LIMIT ?2";
    let waiting = select(connection, personal, clause, [after.map_or(0, CertificateId::get), limit])?;
    let row = |certificate: Certificate| {
        let broken =
            StoreError::Broken { table: "certificate", column: "application_id", row: certificate.id.get() };
        let filed = case::find(connection, personal, certificate.application)?.ok_or(broken)?;
        let (filed, person) = case::with_person(connection, personal, filed)?;
        let credentials = halves(connection, personal, certificate.id)?;
        let credentials = credentials.into_iter().map(|(credential, _)| credential).collect();
        Ok(PreparedRow { certificate, filed, person, credentials })
    };
    waiting.into_iter().map(row).collect()
}

pub(super) fn credentials(
    connection: &Connection,
    personal: &Personal,
    certificate: CertificateId,
) -> Stored<Vec<SignedCredential>> {
    let mut halves = halves(connection, personal, certificate)?;
    halves.extend(pass::of(connection, personal, certificate)?);
    let signed = halves.into_iter().filter_map(|(prepared, signature)| {
        let PreparedCredential { kind, kid, index, unsigned } = prepared;
        let bytes = unsigned.with_signature(&signature?);
        Some(SignedCredential { kind, kid, index, bytes })
    });
    let mut live = Vec::new();
    for one in signed {
        if !pass::is_withdrawn(connection, one.kid, one.index)? {
            live.push(one);
        }
    }
    Ok(live)
}

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

pub(super) fn counts(connection: &Connection) -> Stored<Vec<(Standing, u64)>> {
    let sql = "SELECT count(*) FROM certificate WHERE signed = 1 AND standing = ?1";
    let mut counts = Vec::new();
    for standing in Standing::ALL {
        counts.push((*standing, number(connection, sql, [standing.as_str()])?.unwrap_or(0) as u64));
    }
    counts.retain(|(_, count)| *count > 0);
    Ok(counts)
}

pub(super) fn count_signed(connection: &Connection) -> Stored<u64> {
    let sql = "SELECT (SELECT count(*) FROM credential WHERE signature IS NOT NULL)
                    + (SELECT count(*) FROM pass WHERE signature IS NOT NULL)";
    Ok(number(connection, sql, [])?.unwrap_or(0) as u64)
}

/// The county codes inside a region, as a range: `22` is 220000 to 229999.
pub(super) fn county_range(region: Region) -> (i64, i64) {
    let (mut low, mut high) = (i64::from(region.code()), i64::from(region.code()));
    while low != 0 && low < 100_000 {
        (low, high) = (low * 100, high * 100 + 99);
    }
    if low == 0 { (0, 999_999) } else { (low, high) }
}

/// Both halves of each credential: what is signed, and the signature if there is one.
fn halves(
    connection: &Connection,
    personal: &Personal,
    certificate: CertificateId,
) -> Stored<Vec<pass::Halves>> {
    let mut statement = stored(connection.prepare_cached(
        "SELECT kind, kid, status_index, protected, payload, signature
         FROM credential WHERE certificate_id = ?1 ORDER BY kind",
    ))?;
    let mut rows = stored(statement.query([certificate.get()]))?;
    let mut list = Vec::new();
    while let Some(row) = stored(rows.next())? {
        let cells = Cells { table: "credential", id: certificate.get(), row };
        let protected = cells.get("protected", |bytes: Vec<u8>| Some(bytes))?;
        let (id, kind) =
            (certificate.get(), cells.unsigned("kind", |number| Kind::from_number(number).ok())?);
        let payload = cells.get("payload", |column| personal.open(payload_cell(id, kind), column))?;
        let broken =
            |_| StoreError::Broken { table: "credential", column: "protected", row: certificate.get() };
        let prepared = PreparedCredential {
            kind,
            kid: cells.get("kid", kid)?,
            index: cells.unsigned("status_index", index)?,
            unsigned: Unsigned::from_stored(protected, payload, Content::Credential).map_err(broken)?,
        };
        let signature = |bytes: Option<Vec<u8>>| match bytes {
            None => Some(None),
            Some(bytes) => {
                let masked = <[u8; 64]>::try_from(bytes).ok()?;
                Some(Some(personal.mask(signature_cell(id, kind), &masked)))
            }
        };
        list.push((prepared, cells.get("signature", signature)?));
    }
    Ok(list)
}

fn select(
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

fn standing(text: String) -> Option<Standing> {
    Standing::parse(&text)
}

pub(super) fn index(number: u64) -> Option<StatusIndex> {
    u32::try_from(number).ok().map(StatusIndex::new)
}

pub(super) fn kid(bytes: Vec<u8>) -> Option<Kid> {
    bytes.try_into().ok().map(Kid::new)
}

fn payload_cell(certificate: i64, kind: Kind) -> Cell {
    Cell::numbered("credential.payload", certificate, kind.number() as i64)
}

fn signature_cell(certificate: i64, kind: Kind) -> Cell {
    Cell::numbered("credential.signature", certificate, kind.number() as i64)
}

const COMPONENTS: &str = "certificate.components";
/// Among a million rows a region with more of them has its next one within some hundreds.
const FEW: i64 = 2000;
