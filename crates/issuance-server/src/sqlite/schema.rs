//! How the file is opened, how its schema moves forward, and whether two files hold the same.

use std::fmt::Write;

use issuance::register::{Digest, StoreError, Stored};
use rusqlite::{Connection, TransactionBehavior, params, types::ValueRef};
use sha2::{Digest as _, Sha256};

use super::error::stored;
use super::{audit, case, neighbours, person};
use crate::personal::{Cell, Personal};

/// WAL for readers beside a writer, FULL so that a commit outlives a power cut.
pub(super) fn configure(connection: &mut Connection) -> Stored<()> {
    stored(connection.busy_handler(Some(wait_for_another)))?;
    for (name, value) in
        [("journal_mode", "WAL"), ("synchronous", "FULL"), ("foreign_keys", "ON"), ("trusted_schema", "OFF")]
    {
        stored(connection.pragma_update(None, name, value))?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Another connection writes. SQLite's own way of waiting sleeps longer each time, up to a tenth of a second, while others
/// come by: a writer who asks often is served within a few writes of others.
fn wait_for_another(asked: i32) -> bool {
    std::thread::sleep(BUSY / ASKED_AGAIN.unsigned_abs());
    asked < ASKED_AGAIN
}

/// Applies what the file has not seen yet, each step in a transaction of its own. Never backwards.
pub(super) fn migrate(connection: &mut Connection, personal: &Personal) -> Stored<()> {
    let seen = known(connection)?;
    for (at, sql) in MIGRATIONS.iter().enumerate().skip(seen) {
        let transaction = stored(connection.transaction_with_behavior(TransactionBehavior::Immediate))?;
        // Another process may have opened the same file at the same instant.
        if known(&transaction)? > at {
            continue;
        }
        stored(transaction.execute_batch(sql))?;
        if *sql == AUDIT_HEAD {
            audit::seal_first_head(&transaction, personal)?;
        }
        for (_, fill) in FILLED_IN.iter().filter(|(step, _)| step == sql) {
            prove_keys(&transaction, personal, false)?;
            fill(&transaction, personal)?;
        }
        stored(transaction.pragma_update(None, "user_version", at as i64 + 1))?;
        stored(transaction.commit())?;
    }
    Ok(())
}

/// How far the file's schema goes. What a newer program asks of each row this one does not know: it would write rows that
/// break those rules.
pub(super) fn known(connection: &Connection) -> Stored<usize> {
    let version: i64 = stored(connection.pragma_query_value(None, "user_version", |row| row.get(0)))?;
    match usize::try_from(version) {
        Ok(schema) if schema > MIGRATIONS.len() => Err(StoreError::Newer { schema, ours: MIGRATIONS.len() }),
        Ok(schema) => Ok(schema),
        Err(_) => Err(NOT_OURS),
    }
}

/// Refuses keys other than those the register was sealed with, before anything is read or written with them. A new key
/// among the right ones leaves its proof.
pub(super) fn prove_keys(connection: &Connection, personal: &Personal, write: bool) -> Stored<()> {
    // A copy that an earlier program made has none.
    if !has_table(connection, "personal_key")? {
        return if person::opens_with(connection, personal)? { Ok(()) } else { Err(StoreError::WrongKey) };
    }
    // A retired key seals nothing any more, and its file may be gone.
    let live = match has_table(connection, "retired_key")? {
        true => "SELECT number, proof FROM personal_key WHERE number NOT IN (SELECT number FROM retired_key)",
        false => "SELECT number, proof FROM personal_key",
    };
    let mut proofs = stored(connection.prepare(live))?;
    let mut rows = stored(proofs.query([]))?;
    let (mut any, mut current) = (false, false);
    while let Some(row) = stored(rows.next())? {
        let (number, proof): (i64, Vec<u8>) = (stored(row.get(0))?, stored(row.get(1))?);
        let opened = personal.open(proof_cell(number), proof).ok_or(StoreError::WrongKey)?;
        if opened != personal.tag("personal_key.proof", b"") {
            return Err(StoreError::WrongKey);
        }
        (any, current) = (true, current || number == i64::from(personal.current_key()));
    }
    if !any && !person::opens_with(connection, personal)? {
        return Err(StoreError::WrongKey);
    }
    if write && !current {
        let number = i64::from(personal.current_key());
        let proof = personal.seal(proof_cell(number), &personal.tag("personal_key.proof", b""));
        // Another process may have been as quick with the same key.
        let sql = "INSERT INTO personal_key (number, proof) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        stored(connection.execute(sql, params![number, proof]))?;
    }
    Ok(())
}

fn has_table(connection: &Connection, name: &str) -> Stored<bool> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    stored(stored(connection.prepare(sql))?.exists([name]))
}

fn proof_cell(number: i64) -> Cell {
    Cell::new("personal_key.proof", number)
}

/// Over every table but SQLite's own, rows in the order of all their columns.
pub(super) fn digest(connection: &Connection) -> Stored<Digest> {
    let mut tables = stored(connection.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    ))?;
    let names = stored(tables.query_map([], |row| row.get::<_, String>(0)))?;
    let mut hash = Sha256::new();
    for name in names {
        let name = stored(name)?;
        hash.update(name.as_bytes());
        let columns = stored(connection.prepare(&format!("SELECT * FROM \"{name}\"")))?.column_count();
        let order: Vec<String> = (1..=columns).map(|column| column.to_string()).collect();
        let sql = format!("SELECT * FROM \"{name}\" ORDER BY {}", order.join(", "));
        let mut statement = stored(connection.prepare(&sql))?;
        let mut rows = stored(statement.query([]))?;
        while let Some(row) = stored(rows.next())? {
            for column in 0..columns {
                hash_value(&mut hash, stored(row.get_ref(column))?);
            }
        }
    }
    Ok(hash.finalize().into())
}

/// The page structure, every reference from table to table, and every guard that the migrations set up.
pub(super) fn faults(connection: &Connection) -> Stored<Vec<String>> {
    let mut faults = Vec::new();
    let mut check = stored(connection.prepare("PRAGMA integrity_check"))?;
    let lines = stored(check.query_map([], |row| row.get::<_, String>(0)))?;
    for line in lines {
        faults.push(stored(line)?);
    }
    faults.retain(|line| line != "ok");
    let mut check = stored(connection.prepare("PRAGMA foreign_key_check"))?;
    let mut rows = stored(check.query([]))?;
    while let Some(row) = stored(rows.next())? {
        let table: String = stored(row.get(0))?;
        let mut line = String::from("foreign key: ");
        // Writing to a String does not fail.
        let _ = write!(line, "{table}");
        faults.push(line);
    }
    let found = objects(connection)?;
    let missing = objects(&as_made(connection)?)?.into_iter().filter(|object| !found.contains(object));
    faults.extend(missing.map(|(name, _)| format!("schema: {name}")));
    Ok(faults)
}

/// An empty register, as the program made one that had the migrations of this file.
fn as_made(file: &Connection) -> Stored<Connection> {
    let version: u32 = stored(file.pragma_query_value(None, "user_version", |row| row.get(0)))?;
    let made = stored(Connection::open_in_memory())?;
    for sql in MIGRATIONS.iter().take(version as usize) {
        stored(made.execute_batch(sql))?;
    }
    Ok(made)
}

/// Tables, indices and triggers by name, each with its text.
fn objects(connection: &Connection) -> Stored<std::collections::BTreeSet<(String, String)>> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL";
    let mut all = stored(connection.prepare(sql))?;
    let rows = stored(all.query_map([], |row| Ok((row.get(0)?, row.get(1)?))))?;
    rows.map(stored).collect()
}

/// Each value with its type and length, so that no two different rows hash the same.
fn hash_value(hash: &mut Sha256, value: ValueRef<'_>) {
    let (kind, bytes): (u8, Vec<u8>) = match value {
        ValueRef::Null => (0, Vec::new()),
        ValueRef::Integer(number) => (1, number.to_be_bytes().to_vec()),
        ValueRef::Real(number) => (2, number.to_be_bytes().to_vec()),
        ValueRef::Text(text) => (3, text.to_vec()),
        ValueRef::Blob(bytes) => (4, bytes.to_vec()),
    };
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// In order; a released one is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001.sql"),
    include_str!("../../migrations/0002.sql"),
    include_str!("../../migrations/0003.sql"),
    include_str!("../../migrations/0004.sql"),
    include_str!("../../migrations/0005.sql"),
    include_str!("../../migrations/0006.sql"),
    include_str!("../../migrations/0007.sql"),
    AUDIT_HEAD,
    include_str!("../../migrations/0009.sql"),
    include_str!("../../migrations/0010.sql"),
    include_str!("../../migrations/0011.sql"),
    include_str!("../../migrations/0012.sql"),
    include_str!("../../migrations/0013.sql"),
    include_str!("../../migrations/0014.sql"),
    include_str!("../../migrations/0015.sql"),
    include_str!("../../migrations/0016.sql"),
    include_str!("../../migrations/0017.sql"),
    TERMS,
    include_str!("../../migrations/0019.sql"),
    DWELLINGS,
    include_str!("../../migrations/0021.sql"),
];
type FillIn = fn(&Connection, &Personal) -> Stored<()>;
/// Columns whose facts lie sealed in others: the program puts them in after the step that adds them.
const FILLED_IN: [(&str, FillIn); 2] = [(TERMS, case::terms_after_notices), (DWELLINGS, neighbours::tag_all)];
const AUDIT_HEAD: &str = include_str!("../../migrations/0008.sql");
const TERMS: &str = include_str!("../../migrations/0018.sql");
const DWELLINGS: &str = include_str!("../../migrations/0020.sql");
const NOT_OURS: StoreError = StoreError::Rule("a register of this program");
/// A writer waits this long for another before it says so, and asks so often meanwhile: every half a millisecond.
const BUSY: std::time::Duration = std::time::Duration::from_secs(5);
const ASKED_AGAIN: i32 = 10_000;
