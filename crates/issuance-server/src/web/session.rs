//! Sessions: which browser speaks for which officer, and how far the sign-in has come.
//! Rows in the database, so that an officer can be signed out everywhere and a restart signs nobody out.
//! Each step of a sign-in changes the token: whoever planted or saw an earlier one has nothing.

use credential::time::UnixTime;
use issuance::id::OfficerId;
use rusqlite::{Connection, OptionalExtension, named_params};

use crate::web::account::{Account, SecondFactor};
use crate::web::settings::Sessions;
use crate::web::token::Token;

/// One session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub officer: OfficerId,
    /// How far the sign-in has come.
    pub stage: Stage,
    /// When the password was typed.
    pub opened_at: UnixTime,
    /// The last request, to the minute.
    pub seen_at: UnixTime,
}

/// What is still to be done before the console opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The code of the authenticator.
    Code,
    /// An authenticator has to be taken into use.
    Enrol,
    /// The one-time password has to be replaced.
    NewPassword,
    /// Nothing: signed in.
    Full,
}

impl Stage {
    /// What an account has to do first, after its password was right.
    #[must_use]
    pub fn after_password(account: &Account) -> Self {
        match account.second_factor {
            SecondFactor::Set { .. } => Self::Code,
            SecondFactor::None | SecondFactor::Pending(_) => Self::Enrol,
        }
    }

    /// What is left after the code was right.
    #[must_use]
    pub fn after_code(account: &Account) -> Self {
        if account.must_change { Self::NewPassword } else { Self::Full }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Enrol => "enrol",
            Self::NewPassword => "password",
            Self::Full => "full",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Code, Self::Enrol, Self::NewPassword, Self::Full]
            .into_iter()
            .find(|stage| stage.as_str() == text)
    }
}

impl Session {
    /// Opens a session.
    pub fn open(
        connection: &Connection,
        token: &Token,
        officer: OfficerId,
        stage: Stage,
        now: UnixTime,
    ) -> rusqlite::Result<()> {
        connection.execute(
            "INSERT INTO session (token_sha256, officer, stage, opened_at, seen_at)
             VALUES (:token, :officer, :stage, :now, :now)",
            named_params! {
                ":token": token.digest(), ":officer": officer.get(), ":stage": stage.as_str(),
                ":now": now.as_seconds() as i64,
            },
        )?;
        Ok(())
    }

    /// The session of a token, if it has not ended; takes note that it was used.
    pub fn resume(
        connection: &Connection,
        token: &Token,
        life: Sessions,
        now: UnixTime,
    ) -> rusqlite::Result<Option<Self>> {
        let Some(session) = Self::find(connection, token, life, now)? else { return Ok(None) };
        if now.seconds_since(session.seen_at) >= NOTED_EVERY_SECONDS {
            connection.execute(
                "UPDATE session SET seen_at = :now WHERE token_sha256 = :token",
                named_params! { ":token": token.digest(), ":now": now.as_seconds() as i64 },
            )?;
        }
        Ok(Some(session))
    }

    /// The session of a token, if it has not ended; leaves its clock as it is.
    pub fn find(
        connection: &Connection,
        token: &Token,
        life: Sessions,
        now: UnixTime,
    ) -> rusqlite::Result<Option<Self>> {
        let mut find = connection.prepare_cached(
            "SELECT officer, stage, opened_at, seen_at FROM session WHERE token_sha256 = :token",
        )?;
        let found = find.query_row(named_params! { ":token": token.digest() }, |row| {
            let stage: String = row.get("stage")?;
            let seconds =
                |column| row.get::<_, i64>(column).map(|s| UnixTime::from_seconds(s.unsigned_abs()));
            let officer = OfficerId::from_stored(row.get("officer")?);
            // A stage that is not one of ours ends the session.
            Ok(Stage::parse(&stage).map(|stage| (officer, stage, seconds("opened_at"), seconds("seen_at"))))
        });
        let Some((officer, stage, opened_at, seen_at)) = found.optional()?.flatten() else { return Ok(None) };
        let session = Self { officer, stage, opened_at: opened_at?, seen_at: seen_at? };
        if session.has_ended(life, now) {
            Self::close(connection, token)?;
            return Ok(None);
        }
        Ok(Some(session))
    }

    /// Ends one.
    pub fn close(connection: &Connection, token: &Token) -> rusqlite::Result<()> {
        connection.execute(
            "DELETE FROM session WHERE token_sha256 = :token",
            named_params! { ":token": token.digest() },
        )?;
        Ok(())
    }

    /// Ends every session of an officer.
    pub fn close_all(connection: &Connection, officer: OfficerId) -> rusqlite::Result<()> {
        connection.execute(
            "DELETE FROM session WHERE officer = :officer",
            named_params! { ":officer": officer.get() },
        )?;
        Ok(())
    }

    /// How many are open.
    pub fn count(connection: &Connection, officer: OfficerId) -> rusqlite::Result<u32> {
        connection.query_row(
            "SELECT count(*) FROM session WHERE officer = :officer AND stage = 'full'",
            named_params! { ":officer": officer.get() },
            |row| row.get(0),
        )
    }

    /// Forgets those that ended.
    pub fn sweep(connection: &Connection, life: Sessions, now: UnixTime) -> rusqlite::Result<usize> {
        let earliest = |seconds: u64| now.as_seconds().saturating_sub(seconds) as i64;
        connection.execute(
            "DELETE FROM session WHERE seen_at < :idle OR opened_at < :longest",
            named_params! {
                ":idle": earliest(life.idle_minutes * 60), ":longest": earliest(life.longest_hours * 3600),
            },
        )
    }

    fn has_ended(&self, life: Sessions, now: UnixTime) -> bool {
        let idle = match self.stage {
            Stage::Full => life.idle_minutes * 60,
            Stage::Code | Stage::Enrol | Stage::NewPassword => UNFINISHED_SECONDS,
        };
        // A clock that was set back ends sessions rather than lengthen them.
        now < self.opened_at
            || now.seconds_since(self.seen_at) > idle
            || now.seconds_since(self.opened_at) > life.longest_hours * 3600
    }
}

/// One write a minute and session.
const NOTED_EVERY_SECONDS: u64 = 60;
/// Time to find the telephone.
const UNFINISHED_SECONDS: u64 = 600;
