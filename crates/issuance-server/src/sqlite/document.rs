//! Documents of cases in their table: what is known of each, and its picture, sealed; and what is left of those that
//! were removed.

use credential::time::UnixTime;
use issuance::document::{Document, DocumentKind, NewDocument, digest};
use issuance::id::{ApplicationId, DocumentId, OfficerId};
use issuance::register::{StoreError, Stored};
use issuance::removal::{Removal, RemovalReason};
use rusqlite::{Connection, OptionalExtension, Params, params};

use super::error::{Cells, stored};
use super::office::number;
use crate::personal::{Cell, Personal};

pub(super) fn add(connection: &Connection, personal: &Personal, new: &NewDocument) -> Stored<Document> {
    let NewDocument { application, kind, digest, picture, added_by, added_at } = new;
    let sql = "INSERT INTO document (id, application_id, kind, digest, size, picture, added_by, added_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    // Nothing that was removed gives its number to another.
    let next = "SELECT 1 + max(coalesce((SELECT max(id) FROM document), 0),
                               coalesce((SELECT max(document_id) FROM removed_document), 0))";
    let id = number(connection, next, [])?.unwrap_or(1);
    let mut insert = stored(connection.prepare_cached(sql))?;
    stored(insert.execute(params![
        id,
        application.get(),
        kind.as_str(),
        digest,
        picture.len() as i64,
        personal.seal(Cell::new(PICTURE, id), picture),
        added_by.get(),
        added_at.as_seconds() as i64,
    ]))?;
    Ok(Document {
        id: DocumentId::from_stored(id),
        application: *application,
        kind: *kind,
        digest: *digest,
        size: picture.len(),
        added_by: *added_by,
        added_at: *added_at,
    })
}

pub(super) fn remove(connection: &Connection, removal: &Removal) -> Stored<()> {
    let Removal { document, reason, removed_by, removed_at } = removal;
    let Document { id, application, kind, digest, size, added_by, added_at } = document;
    let sql = "INSERT INTO removed_document
                   (document_id, application_id, kind, digest, size, added_by, added_at, reason, removed_by, removed_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    stored(connection.execute(
        sql,
        params![
            id.get(),
            application.get(),
            kind.as_str(),
            digest,
            *size as i64,
            added_by.get(),
            added_at.as_seconds() as i64,
            reason.as_str(),
            removed_by.get(),
            removed_at.as_seconds() as i64,
        ],
    ))?;
    stored(connection.execute("DELETE FROM document WHERE id = ?1", [id.get()]))?;
    Ok(())
}

pub(super) fn removed_from(connection: &Connection, application: ApplicationId) -> Stored<Vec<Removal>> {
    let sql =
        "SELECT number, document_id AS id, application_id, kind, digest, size, added_by, added_at, reason,
                      removed_by, removed_at
               FROM removed_document WHERE application_id = ?1 ORDER BY number";
    let mut statement = stored(connection.prepare_cached(sql))?;
    let mut rows = stored(statement.query([application.get()]))?;
    let mut removals = Vec::new();
    while let Some(row) = stored(rows.next())? {
        let cells = Cells { table: "removed_document", id: stored(row.get("number"))?, row };
        removals.push(Removal {
            document: read(&cells)?,
            reason: cells.get("reason", |text: String| RemovalReason::parse(&text))?,
            removed_by: OfficerId::from_stored(cells.get("removed_by", Some)?),
            removed_at: cells.unsigned("removed_at", |seconds| Some(UnixTime::from_seconds(seconds)))?,
        });
    }
    Ok(removals)
}

pub(super) fn of(connection: &Connection, application: ApplicationId) -> Stored<Vec<Document>> {
    select(connection, "WHERE application_id = ?1 ORDER BY id", [application.get()])
}

pub(super) fn find(connection: &Connection, id: DocumentId) -> Stored<Option<Document>> {
    Ok(select(connection, "WHERE id = ?1", [id.get()])?.pop())
}

pub(super) fn picture(
    connection: &Connection,
    personal: &Personal,
    id: DocumentId,
) -> Stored<Option<Vec<u8>>> {
    let Some(document) = find(connection, id)? else { return Ok(None) };
    let sql = "SELECT picture FROM document WHERE id = ?1";
    let mut statement = stored(connection.prepare_cached(sql))?;
    let column: Option<Vec<u8>> = stored(statement.query_row([id.get()], |row| row.get(0)).optional())?;
    let Some(column) = column else { return Ok(None) };
    let picture = personal
        .open(Cell::new(PICTURE, id.get()), column)
        .filter(|picture| digest(picture) == document.digest);
    let broken = StoreError::Broken { table: "document", column: "picture", row: id.get() };
    picture.map(Some).ok_or(broken)
}

fn select(connection: &Connection, clause: &str, values: impl Params) -> Stored<Vec<Document>> {
    let sql =
        format!("SELECT id, application_id, kind, digest, size, added_by, added_at FROM document {clause}");
    let mut statement = stored(connection.prepare_cached(&sql))?;
    let mut rows = stored(statement.query(values))?;
    let mut documents = Vec::new();
    while let Some(row) = stored(rows.next())? {
        documents.push(read(&Cells { table: "document", id: stored(row.get("id"))?, row })?);
    }
    Ok(documents)
}

fn read(cells: &Cells<'_>) -> Stored<Document> {
    Ok(Document {
        id: DocumentId::from_stored(cells.get("id", Some)?),
        application: ApplicationId::from_stored(cells.get("application_id", Some)?),
        kind: cells.get("kind", |text: String| DocumentKind::parse(&text))?,
        digest: cells.get("digest", |bytes: Vec<u8>| bytes.try_into().ok())?,
        size: cells.unsigned("size", |size| usize::try_from(size).ok())?,
        added_by: OfficerId::from_stored(cells.get("added_by", Some)?),
        added_at: cells.unsigned("added_at", |seconds| Some(UnixTime::from_seconds(seconds)))?,
    })
}

/// The sealed column.
const PICTURE: &str = "document.picture";
