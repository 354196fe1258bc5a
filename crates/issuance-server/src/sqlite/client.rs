//! API clients in their table: one row a token, of which only the digest is kept.

use credential::time::UnixTime;
use issuance::audit::Entry;
use issuance::id::{ClientId, OfficerId};
use issuance::register::{Digest, Stored};
use issuance::text::Line;
use rusqlite::{Connection, Params, Row, params};

use super::SqliteRegister;
use super::error::{Cells, stored};
use crate::web::client::{ApiClient, NewClient};
use crate::web::scope::Scopes;

impl SqliteRegister {
    /// Adds a client.
    pub(crate) fn add_client(&mut self, new: &NewClient, token: &Digest, audit: &Entry) -> Stored<ClientId> {
        let NewClient { officer, name, scopes, expires_at } = new;
        let sql =
            "INSERT INTO api_client (officer, name, scopes, token_sha256, added_by, added_at, expires_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        self.write(std::slice::from_ref(audit), |connection, _| {
            let (at, until) = (seconds(audit.at), seconds(*expires_at));
            let (scopes, by) = (scopes.to_string(), audit.who.get());
            let values = params![officer.get(), name.expose(), scopes, token, by, at, until];
            stored(connection.execute(sql, values))?;
            Ok((ClientId::from_stored(connection.last_insert_rowid()), None))
        })
    }

    /// The client with this token, whether it may still be used or not.
    pub(crate) fn client_by_token(&self, token: &Digest) -> Stored<Option<ApiClient>> {
        Ok(select(&self.connection, "WHERE token_sha256 = ?1", [token])?.pop())
    }

    /// One client.
    pub(crate) fn client(&self, id: ClientId) -> Stored<Option<ApiClient>> {
        Ok(select(&self.connection, "WHERE id = ?1", [id.get()])?.pop())
    }

    /// Every client, the latest first.
    pub(crate) fn clients(&self) -> Stored<Vec<ApiClient>> {
        select(&self.connection, "ORDER BY id DESC", [])
    }

    /// Notes when a client's token was used.
    pub(crate) fn note_client_use(&mut self, id: ClientId, at: UnixTime) -> Stored<()> {
        let sql = "UPDATE api_client SET used_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
        stored(self.connection.execute(sql, params![id.get(), seconds(at)]))?;
        Ok(())
    }

    /// Takes a token back for good.
    pub(crate) fn revoke_client(&mut self, id: ClientId, audit: &Entry) -> Stored<()> {
        let sql = "UPDATE api_client SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL";
        self.write(std::slice::from_ref(audit), |connection, _| {
            stored(connection.execute(sql, params![id.get(), seconds(audit.at)]))?;
            Ok(((), None))
        })
    }
}

fn select(connection: &Connection, clause: &str, values: impl Params) -> Stored<Vec<ApiClient>> {
    let sql = format!(
        "SELECT id, officer, name, scopes, added_at, expires_at, used_at, revoked_at
         FROM api_client {clause}"
    );
    let mut statement = stored(connection.prepare_cached(&sql))?;
    let mut rows = stored(statement.query(values))?;
    let mut clients = Vec::new();
    while let Some(row) = stored(rows.next())? {
        clients.push(read(row)?);
    }
    Ok(clients)
}

fn read(row: &Row<'_>) -> Stored<ApiClient> {
    let id: i64 = stored(row.get("id"))?;
    let cells = Cells { table: "api_client", id, row };
    let time = |seconds: u64| Some(UnixTime::from_seconds(seconds));
    let if_ever = |at: Option<i64>| Some(at.map(|seconds| UnixTime::from_seconds(seconds.unsigned_abs())));
    Ok(ApiClient {
        id: ClientId::from_stored(id),
        officer: OfficerId::from_stored(cells.get("officer", Some)?),
        name: cells.get("name", |text: String| Line::parse(&text).ok())?,
        scopes: cells.get("scopes", |text: String| Scopes::parse(&text))?,
        added_at: cells.unsigned("added_at", time)?,
        expires_at: cells.unsigned("expires_at", time)?,
        used_at: cells.get("used_at", if_ever)?,
        revoked_at: cells.get("revoked_at", if_ever)?,
    })
}

fn seconds(at: UnixTime) -> i64 {
    at.as_seconds() as i64
}
