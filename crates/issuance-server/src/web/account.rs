//! An officer's account: password, second factor, lock-out.
//! Whether a sign-in counts is decided inside one transaction, so that a hundred guesses sent at once are counted
//! one after the other. A wrong guess locks for longer each time, an hour at most: an attacker can delay an
//! officer, not shut them out for good.

use credential::time::UnixTime;
use issuance::id::OfficerId;
use rusqlite::{Connection, OptionalExtension, Row, named_params};
use zeroize::Zeroizing;

use crate::personal::{Cell, Personal};
use crate::web::one_time_code::OneTimeSecret;
use crate::web::password::Hash;

/// One row.
#[derive(Debug)]
pub struct Account {
    /// Whose.
    pub officer: OfficerId,
    /// The password's hash.
    pub password: Hash,
    /// Whether it is one that somebody else knows.
    pub must_change: bool,
    /// The authenticator.
    pub second_factor: SecondFactor,
    /// Wrong passwords and codes since the last sign-in.
    pub failures: u32,
    /// Until when nothing is accepted.
    pub locked_until: UnixTime,
}

/// Where the second factor stands.
#[derive(Debug)]
pub enum SecondFactor {
    /// None was handed out.
    None,
    /// Shown to the officer, no code typed yet.
    Pending(OneTimeSecret),
    /// In use.
    Set {
        /// What it shares with us.
        secret: OneTimeSecret,
        /// The step of the last code that counted.
        last_step: Option<u64>,
    },
}

/// What became of a password or code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// Right, and not locked.
    Right,
    /// Wrong.
    Wrong,
}

impl Account {
    /// The account of an officer.
    pub fn find(
        connection: &Connection,
        personal: &Personal,
        officer: OfficerId,
    ) -> rusqlite::Result<Option<Self>> {
        let mut find = connection.prepare_cached(
            "SELECT officer, password, must_change, second_factor, second_factor_set, last_step, failures, locked_until
             FROM account WHERE officer = :officer",
        )?;
        find.query_row(named_params! { ":officer": officer.get() }, |row| Self::from_row(row, personal))
            .optional()
    }

    /// Opens an account, or gives it a new one-time password and forgets the authenticator.
    pub fn reset(
        connection: &Connection,
        officer: OfficerId,
        password: &Hash,
        now: UnixTime,
    ) -> rusqlite::Result<()> {
        connection.execute(
            "INSERT INTO account (officer, password, password_set_at, must_change) VALUES (:officer, :password, :now, 1)
             ON CONFLICT (officer) DO UPDATE SET password = :password, password_set_at = :now, must_change = 1,
               second_factor = NULL, second_factor_set = 0, last_step = NULL, failures = 0, locked_until = 0",
            named_params! { ":officer": officer.get(), ":password": password.as_str(), ":now": now.as_seconds() as i64 },
        )?;
        Ok(())
    }

    /// Whether it accepts anything now.
    #[must_use]
    pub fn is_locked(&self, now: UnixTime) -> bool {
        now < self.locked_until
    }

    /// Counts a wrong guess: from the fifth on, each locks twice as long as the one before.
    pub fn count_wrong(connection: &Connection, officer: OfficerId, now: UnixTime) -> rusqlite::Result<()> {
        let failures: u32 = connection.query_row(
            "UPDATE account SET failures = failures + 1 WHERE officer = :officer RETURNING failures",
            named_params! { ":officer": officer.get() },
            |row| row.get(0),
        )?;
        let locked_until = now.plus_seconds(lock_seconds(failures));
        connection.execute(
            "UPDATE account SET locked_until = :until WHERE officer = :officer",
            named_params! { ":officer": officer.get(), ":until": locked_until.as_seconds() as i64 },
        )?;
        Ok(())
    }

    /// Forgets the wrong guesses, after password and code were right.
    pub fn clear_failures(connection: &Connection, officer: OfficerId) -> rusqlite::Result<()> {
        connection.execute(
            "UPDATE account SET failures = 0, locked_until = 0 WHERE officer = :officer",
            named_params! { ":officer": officer.get() },
        )?;
        Ok(())
    }

    /// Hands out an authenticator's secret that no code was typed of yet.
    pub fn offer(
        connection: &Connection,
        personal: &Personal,
        officer: OfficerId,
        secret: &OneTimeSecret,
    ) -> rusqlite::Result<()> {
        connection.execute(
            "UPDATE account SET second_factor = :secret, second_factor_set = 0, last_step = NULL
             WHERE officer = :officer AND second_factor_set = 0",
            named_params! { ":officer": officer.get(), ":secret": personal.seal(second_factor(officer), secret.expose_bytes()) },
        )?;
        Ok(())
    }

    /// Takes note of a code that counted, so that it counts once; false if another request was quicker.
    pub fn use_step(connection: &Connection, officer: OfficerId, step: u64) -> rusqlite::Result<bool> {
        let changed = connection.execute(
            "UPDATE account SET second_factor_set = 1, last_step = :step
             WHERE officer = :officer AND second_factor IS NOT NULL AND (last_step IS NULL OR last_step < :step)",
            named_params! { ":officer": officer.get(), ":step": step as i64 },
        )?;
        Ok(changed == 1)
    }

    /// Stores a password of the officer's own.
    pub fn set_password(
        connection: &Connection,
        officer: OfficerId,
        password: &Hash,
        now: UnixTime,
    ) -> rusqlite::Result<()> {
        connection.execute(
            "UPDATE account SET password = :password, password_set_at = :now, must_change = 0 WHERE officer = :officer",
            named_params! { ":officer": officer.get(), ":password": password.as_str(), ":now": now.as_seconds() as i64 },
        )?;
        Ok(())
    }

    fn from_row(row: &Row<'_>, personal: &Personal) -> rusqlite::Result<Self> {
        let officer = OfficerId::from_stored(row.get("officer")?);
        let secret: Option<Vec<u8>> = row.get("second_factor")?;
        let last_step: Option<i64> = row.get("last_step")?;
        // A secret that does not open is none: the administrator resets the account.
        let secret = secret.and_then(|column| personal.open(second_factor(officer), column));
        let secret = secret.map(Zeroizing::new).and_then(|bytes| OneTimeSecret::from_stored(&bytes));
        let second_factor = match (secret, row.get("second_factor_set")?) {
            (None, _) => SecondFactor::None,
            (Some(secret), false) => SecondFactor::Pending(secret),
            (Some(secret), true) => SecondFactor::Set { secret, last_step: last_step.map(i64::unsigned_abs) },
        };
        Ok(Self {
            officer,
            password: Hash::from_stored(row.get("password")?),
            must_change: row.get("must_change")?,
            second_factor,
            failures: row.get("failures")?,
            locked_until: UnixTime::from_seconds(row.get::<_, i64>("locked_until")?.unsigned_abs()),
        })
    }
}

fn second_factor(officer: OfficerId) -> Cell {
    Cell::new("account.second_factor", officer.get())
}

/// How long the account is locked after so many wrong guesses.
fn lock_seconds(failures: u32) -> u64 {
    match failures.checked_sub(FREE_GUESSES) {
        None => 0,
        Some(beyond) => FIRST_LOCK_SECONDS.saturating_mul(1 << beyond.min(12)).min(LONGEST_LOCK_SECONDS),
    }
}

/// Typing errors happen; NIST SP 800-63B, 5.2.2 allows up to 100.
const FREE_GUESSES: u32 = 5;
const FIRST_LOCK_SECONDS: u64 = 30;
const LONGEST_LOCK_SECONDS: u64 = 3600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_guess_from_the_fifth_on_locks_twice_as_long_to_an_hour() {
        let locks: Vec<u64> = (1..=14).map(lock_seconds).collect();
        assert_eq!(locks, [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        assert_eq!(lock_seconds(u32::MAX), 3600);
    }
}
