//! The register in one SQLite file: WAL, every commit on the disk before it is answered, foreign keys on.
//! Each method of the port is one transaction; the modules below it hold the SQL beside the rows it reads.

mod answer;
mod audit;
mod card;
mod case;
mod certificate;
mod client;
mod document;
mod error;
mod issuer;
mod issuing;
mod neighbours;
mod office;
mod pass;
mod person;
mod pilot;
mod place;
mod port;
mod schema;
mod sealed_anew;
mod status_change;

use std::path::Path;

use credential::time::UnixTime;
use issuance::audit::{Deed, Entry};
use issuance::id::ApplicationId;
use issuance::register::{Digest, Register, StoreError, Stored};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::personal::Personal;
pub(crate) use error::said;
use error::stored;
pub use sealed_anew::Place;

/// The register's file, open.
pub struct SqliteRegister {
    connection: Connection,
    personal: Personal,
}

impl SqliteRegister {
    /// Makes a new file. Refuses one that exists.
    pub fn create(path: &Path, personal: Personal) -> Stored<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        if path.exists() {
            return Err(StoreError::Rule("a new register"));
        }
        Self::start(stored(Connection::open_with_flags(path, flags))?, personal)
    }

    /// Opens a file that `create` made, and brings its schema forward. A missing file is an error.
    pub fn open(path: &Path, personal: Personal) -> Stored<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
        Self::start(stored(Connection::open_with_flags(path, flags))?, personal)
    }

    /// Opens a copy to look at, without writing to it.
    pub fn open_read_only(path: &Path, personal: Personal) -> Stored<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = stored(Connection::open_with_flags(path, flags))?;
        schema::known(&connection)?;
        schema::prove_keys(&connection, &personal, false)?;
        Ok(Self { connection, personal })
    }

    /// Copies the register into a new file while it is in use.
    pub fn back_up(&self, to: &Path) -> Stored<()> {
        let mut target = stored(Connection::open(to))?;
        let backup = stored(rusqlite::backup::Backup::new(&self.connection, &mut target))?;
        stored(backup.run_to_completion(ALL_PAGES, std::time::Duration::ZERO, None))?;
        drop(backup);
        // One file that stands by itself: no write-ahead log beside it.
        stored(target.pragma_update(None, "journal_mode", "DELETE"))
    }

    /// A digest over every row of every table, in order: equal for equal registers, whatever their pages look like.
    pub fn digest(&self) -> Stored<Digest> {
        schema::digest(&self.connection)
    }

    /// What SQLite says about the file's own health; empty when all is well.
    pub fn faults(&self) -> Stored<Vec<String>> {
        schema::faults(&self.connection)
    }

    /// Number and hash of the last audit row. An error where rows were cut off the end.
    pub fn audit_end(&self) -> Stored<(i64, Digest)> {
        audit::end(&self.connection, &self.personal)
    }

    /// The number of the last certificate, if there is one.
    pub fn last_certificate(&self) -> Stored<Option<i64>> {
        office::number(&self.connection, "SELECT id FROM certificate ORDER BY id DESC LIMIT 1", [])
    }

    /// When a deed was last done.
    pub fn last_deed(&self, deed: Deed) -> Stored<Option<UnixTime>> {
        let sql = "SELECT at FROM audit WHERE deed = ?1 ORDER BY number DESC LIMIT 1";
        let at = office::number(&self.connection, sql, [deed.to_stored()])?;
        Ok(at.map(|seconds| UnixTime::from_seconds(seconds.unsigned_abs())))
    }

    /// When an administrator was last recovered at the machine.
    pub fn last_recovery(&self) -> Stored<Option<UnixTime>> {
        // The word stands in the statement, so that the index over these rows alone answers it.
        let sql = "SELECT at FROM audit WHERE deed = 'administrator_recovered' ORDER BY number DESC LIMIT 1";
        let at = office::number(&self.connection, sql, [])?;
        Ok(at.map(|seconds| UnixTime::from_seconds(seconds.unsigned_abs())))
    }

    /// When the newest row of the audit was written, by the clock of then.
    pub fn last_time(&self) -> Stored<Option<UnixTime>> {
        let at =
            office::number(&self.connection, "SELECT max(at) FROM audit HAVING max(at) IS NOT NULL", [])?;
        Ok(at.map(|seconds| UnixTime::from_seconds(seconds.unsigned_abs())))
    }

    /// For reading the console's tables, which stand beside the register's in one file.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// How columns with people's facts are sealed.
    pub(crate) fn personal(&self) -> &Personal {
        &self.personal
    }

    /// A change of the console's tables and the audit rows it asks for: all of it, or none.
    pub(crate) fn change<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &Personal, &mut Vec<Entry>) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = stored(self.connection.transaction_with_behavior(TransactionBehavior::Immediate))?;
        let mut entries = Vec::new();
        let value = work(&transaction, &self.personal, &mut entries)?;
        audit::append(&transaction, &self.personal, &entries, None)?;
        stored(transaction.commit())?;
        Ok(value)
    }

    /// Several uses of the register as one: all of them are on the disk when this returns, or none.
    pub fn together<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        stored(self.connection.execute_batch("BEGIN IMMEDIATE"))?;
        let whole = Whole(self);
        let value = work(whole.0)?;
        stored(whole.0.connection.execute_batch("COMMIT"))?;
        Ok(value)
    }

    fn start(mut connection: Connection, personal: Personal) -> Stored<Self> {
        schema::configure(&mut connection)?;
        schema::migrate(&mut connection, &personal)?;
        schema::prove_keys(&connection, &personal, true)?;
        Ok(Self { connection, personal })
    }

    /// One transaction: all of it is on the disk when this returns, or none. Inside a larger one, a part of that.
    fn write<T>(
        &mut self,
        audit: &[Entry],
        work: impl FnOnce(&Connection, &Personal) -> Stored<(T, Option<ApplicationId>)>,
    ) -> Stored<T> {
        if !self.connection.is_autocommit() {
            let part = stored(self.connection.savepoint())?;
            let (value, about) = work(&part, &self.personal)?;
            audit::append(&part, &self.personal, audit, about)?;
            stored(part.commit())?;
            return Ok(value);
        }
        let transaction = stored(self.connection.transaction_with_behavior(TransactionBehavior::Immediate))?;
        let (value, about) = work(&transaction, &self.personal)?;
        audit::append(&transaction, &self.personal, audit, about)?;
        stored(transaction.commit())?;
        Ok(value)
    }
}

impl Register for SqliteRegister {}

/// A larger transaction: whatever ends it early, a refusal or a panic, undoes it.
struct Whole<'a>(&'a mut SqliteRegister);

impl Drop for Whole<'_> {
    fn drop(&mut self) {
        if !self.0.connection.is_autocommit() {
            // The connection is dropped with its transaction where even this fails.
            let _ = self.0.connection.execute_batch("ROLLBACK");
        }
    }
}

/// In one read, which sees the register as of one instant and holds up no writer. Between two reads a busy register would
/// change, and the copy would begin anew each time.
const ALL_PAGES: std::ffi::c_int = std::ffi::c_int::MAX;
