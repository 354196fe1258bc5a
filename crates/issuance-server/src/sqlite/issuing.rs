//! Credentials: the exact bytes before they are signed, the signature beside them, and both as one.

use credential::Kind;
use credential::key::Kid;
use credential::sign1::{Content, Unsigned};
use credential::status_list::StatusIndex;
use issuance::certificate::{Certificate, SignedCredential};
use issuance::id::CertificateId;
use issuance::issuing::{Facts, Prepared, Signed};
use issuance::register::{PreparedCredential, PreparedRow, StoreError, Stored};
use rusqlite::{Connection, params};

use super::error::{Cells, stored};
use super::office::{next_id, number};
use super::{case, certificate, pass};
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
            personal.seal_components(Cell::new(certificate::COMPONENTS, id), components),
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

pub(super) fn prepared(
    connection: &Connection,
    personal: &Personal,
    after: Option<CertificateId>,
    limit: usize,
) -> Stored<Vec<PreparedRow>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let clause = "WHERE signed = 0 AND id > ?1 ORDER BY id LIMIT ?2";
    let waiting =
        certificate::select(connection, personal, clause, [after.map_or(0, CertificateId::get), limit])?;
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

pub(super) fn count_signed(connection: &Connection) -> Stored<u64> {
    let sql = "SELECT (SELECT count(*) FROM credential WHERE signature IS NOT NULL)
                    + (SELECT count(*) FROM pass WHERE signature IS NOT NULL)";
    Ok(number(connection, sql, [])?.unwrap_or(0) as u64)
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
