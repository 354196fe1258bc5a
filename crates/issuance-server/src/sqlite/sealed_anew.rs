//! An exchange of the keys of people's facts: cell by cell, each opened and sealed anew under the newest key, so many in a
//! transaction; then the earlier keys are retired. Begins where the cells themselves say that it was cut off.
//! That no program with the earlier keys alone writes meanwhile is the caller's affair; see `folder`.

use credential::time::UnixTime;
use issuance::audit::Entry;
use issuance::register::{StoreError, Stored};
use rusqlite::types::Value;
use rusqlite::{Connection, params};

use super::SqliteRegister;
use super::answer::key_number;
use super::error::stored;
use super::office::number;
use crate::personal::{Cell, Personal};

/// How far the work has come: everything before this cell is sealed with the newest key.
#[derive(Debug, Default)]
pub struct Place {
    column: usize,
    after: Option<(i64, Value)>,
}

impl SqliteRegister {
    /// How many cells each key seals, by the keys' numbers.
    pub fn cells_by_key(&self) -> Stored<Vec<(u8, u64)>> {
        let mut counts = std::collections::BTreeMap::<u8, u64>::new();
        for column in COLUMNS {
            let Column { table, column: name, .. } = column;
            let sql =
                format!("SELECT {}, count(*) FROM {table} WHERE {name} IS NOT NULL GROUP BY 1", column.key());
            let mut statement = stored(self.connection.prepare(&sql))?;
            let mut rows = stored(statement.query([]))?;
            while let Some(row) = stored(rows.next())? {
                let (key, cells): (String, i64) = (stored(row.get(0))?, stored(row.get(1))?);
                let broken = StoreError::Broken { table: column.table, column: column.column, row: 0 };
                *counts.entry(u8::from_str_radix(&key, 16).map_err(|_| broken)?).or_default() +=
                    cells.unsigned_abs();
            }
        }
        Ok(counts.into_iter().collect())
    }

    /// Seals so many cells anew, in one transaction; how many, and whether that was the end.
    pub fn seal_anew(&mut self, place: &mut Place, count: usize) -> Stored<(u64, bool)> {
        let Some(column) = COLUMNS.get(place.column) else { return Ok((0, true)) };
        let after = place.after.clone();
        let (done, last) = self.write(&[], |connection, personal| {
            Ok((column.seal_anew(connection, personal, after, count)?, None))
        })?;
        *place = match last {
            Some(last) => Place { column: place.column, after: Some(last) },
            None => Place { column: place.column + 1, after: None },
        };
        Ok((done, place.column == COLUMNS.len()))
    }

    /// Retires every key but the newest. The register refuses while a cell is sealed with one of them.
    pub fn retire_keys(&mut self, now: UnixTime, audit: &Entry) -> Stored<()> {
        self.write(std::slice::from_ref(audit), |connection, personal| {
            let sql = "INSERT INTO retired_key (number, at) SELECT number, ?2 FROM personal_key
                       WHERE number < ?1 AND number NOT IN (SELECT number FROM retired_key)";
            stored(connection.execute(sql, params![personal.current_key(), now.as_seconds() as i64]))?;
            Ok(((), None))
        })
    }

    /// Whether any key but the newest is not retired yet.
    pub fn has_earlier_keys(&self) -> Stored<bool> {
        let sql = "SELECT 1 FROM personal_key
                   WHERE number < ?1 AND number NOT IN (SELECT number FROM retired_key) LIMIT 1";
        Ok(number(&self.connection, sql, [self.personal.current_key()])?.is_some())
    }
}

/// A column of sealed cells: its table, what numbers a row, and how a cell is written down.
struct Column {
    table: &'static str,
    column: &'static str,
    name: &'static str,
    row: &'static str,
    /// The second number, where a row has two.
    number: Option<&'static str>,
    form: Form,
}

#[derive(PartialEq, Eq)]
enum Form {
    Bytes,
    Hex,
}

impl Column {
    const fn new(table: &'static str, column: &'static str, name: &'static str, row: &'static str) -> Self {
        Self { table, column, name, row, number: None, form: Form::Bytes }
    }

    const fn and(self, number: &'static str) -> Self {
        Self { number: Some(number), ..self }
    }

    /// The number of the cell's key, in two hexadecimal digits.
    fn key(&self) -> String {
        match self.form {
            Form::Bytes => format!("hex(substr({}, 1, 1))", self.column),
            Form::Hex => format!("upper(substr({}, 1, 2))", self.column),
        }
    }

    fn seal_anew(
        &self,
        connection: &Connection,
        personal: &Personal,
        after: Option<(i64, Value)>,
        count: usize,
    ) -> Stored<(u64, Option<(i64, Value)>)> {
        let Self { table, column, row: first, number, .. } = self;
        let newest = format!("{:02X}", personal.current_key());
        let (numbers, further, same) = match number {
            Some(number) => (
                format!("{first}, {number}"),
                format!("({first}, {number}) > (?1, ?2)"),
                format!("{first} = ?1 AND {number} = ?2"),
            ),
            None => (
                format!("{first}, 0"),
                format!("{first} > ?1 AND ?2 = ?2"),
                format!("{first} = ?1 AND ?2 = ?2"),
            ),
        };
        let order = number.map_or((*first).to_owned(), |_| numbers.clone());
        let mut found = stored(connection.prepare_cached(&format!(
            "SELECT {numbers}, {column} FROM {table} WHERE {further} AND {column} IS NOT NULL AND {} <> ?3
             ORDER BY {order} LIMIT ?4",
            self.key()
        )))?;
        let update = format!("UPDATE {table} SET {column} = ?3 WHERE {same}");
        let mut update = stored(connection.prepare_cached(&update))?;
        let (row, number) = after.unwrap_or((i64::MIN, Value::Integer(0)));
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        let mut rows = stored(found.query(params![row, number, newest, limit]))?;
        let (mut done, mut last) = (0, None);
        // What is read is changed only behind the row that is read.
        while let Some(row) = stored(rows.next())? {
            let (id, second): (i64, Value) = (stored(row.get(0))?, stored(row.get(1))?);
            let cell = self.cell(id, &second);
            let anew = self.anew(personal, cell, stored(row.get(2))?);
            let anew = anew.ok_or(StoreError::Broken { table: self.table, column: self.column, row: id })?;
            stored(update.execute(params![id, second, anew]))?;
            done += 1;
            last = Some((id, second));
        }
        Ok((done, last))
    }

    fn cell(&self, row: i64, second: &Value) -> Cell {
        match second {
            Value::Integer(number) => Cell::numbered(self.name, row, *number),
            Value::Text(key) => Cell::numbered(self.name, row, key_number(key)),
            Value::Null | Value::Real(_) | Value::Blob(_) => Cell::new(self.name, row),
        }
    }

    fn anew(&self, personal: &Personal, cell: Cell, sealed: Value) -> Option<Value> {
        let seal = |bytes| Some(personal.seal(cell, &zeroize::Zeroizing::new(personal.open(cell, bytes)?)));
        match sealed {
            Value::Blob(bytes) => seal(bytes).map(Value::Blob),
            Value::Text(digits) => {
                seal(hex::decode(digits).ok()?).map(|bytes| Value::Text(hex::encode(bytes)))
            }
            Value::Null | Value::Integer(_) | Value::Real(_) => None,
        }
    }
}

/// Every column that passes through `personal.rs`; a test looks for one that is not here. Proofs of keys stay as they are.
const COLUMNS: &[Column] = &[
    Column::new("person", "identity", "person.identity", "id"),
    Column::new("person", "particulars", "person.particulars", "id"),
    Column { form: Form::Hex, ..Column::new("application", "born", "application.born", "id") },
    Column::new("application", "particulars", "application.particulars", "id"),
    Column::new("step", "facts", "step.facts", "application_id").and("number"),
    Column::new("document", "picture", "document.picture", "id"),
    Column::new("certificate", "components", "certificate.components", "id"),
    Column::new("credential", "payload", "credential.payload", "certificate_id").and("kind"),
    Column::new("pass", "payload", "pass.payload", "id"),
    Column::new("card_job", "payload", "card_job.payload", "id"),
    Column::new("account", "second_factor", "account.second_factor", "officer"),
    Column::new("api_answer", "answer", "api_answer.answer", "client").and("idempotency"),
];
