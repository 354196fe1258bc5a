//! What writes through the API were answered with, for a day: sealed like every column that tells of people.

use credential::time::UnixTime;
use issuance::id::ClientId;
use issuance::register::{StoreError, Stored};
use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::SqliteRegister;
use super::error::stored;
use crate::personal::Cell;

impl SqliteRegister {
    /// What a client's key was answered with, unless it is too long ago.
    pub(crate) fn answer(&self, client: ClientId, key: &str, since: UnixTime) -> Stored<Option<Vec<u8>>> {
        let sql = "SELECT answer FROM api_answer WHERE client = ?1 AND idempotency = ?2 AND at >= ?3";
        let mut find = stored(self.connection.prepare_cached(sql))?;
        let values = params![client.get(), key, since.as_seconds() as i64];
        let column: Option<Vec<u8>> = stored(find.query_row(values, |row| row.get(0)).optional())?;
        let broken = StoreError::Broken { table: "api_answer", column: "answer", row: client.get() };
        column.map(|column| self.personal.open(cell(client, key), column).ok_or(broken)).transpose()
    }

    /// Keeps an answer.
    pub(crate) fn keep_answer(
        &mut self,
        client: ClientId,
        key: &str,
        answer: &[u8],
        at: UnixTime,
    ) -> Stored<()> {
        let sql =
            "INSERT OR REPLACE INTO api_answer (client, idempotency, at, answer) VALUES (?1, ?2, ?3, ?4)";
        self.write(&[], |connection, personal| {
            let values =
                params![client.get(), key, at.as_seconds() as i64, personal.seal(cell(client, key), answer)];
            stored(connection.execute(sql, values))?;
            Ok(((), None))
        })
    }

    /// Forgets answers from before a time.
    pub(crate) fn forget_answers(&mut self, before: UnixTime) -> Stored<usize> {
        let sql = "DELETE FROM api_answer WHERE at < ?1";
        self.write(&[], |connection, _| {
            Ok((stored(connection.execute(sql, [before.as_seconds() as i64]))?, None))
        })
    }
}

/// A sealed answer opens under the client and key it was kept for.
fn cell(client: ClientId, key: &str) -> Cell {
    Cell::numbered("api_answer.answer", client.get(), key_number(key))
}

/// A key as a number of a cell.
pub(super) fn key_number(key: &str) -> i64 {
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = Sha256::digest(key).into();
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}
