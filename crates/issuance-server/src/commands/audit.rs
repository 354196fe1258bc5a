//! `audit verify`: walks the chain from the first row to the sealed end, and holds a head that was noted elsewhere
//! against it.
//!
//! Who has the database alone can neither change a row nor cut rows off the end unseen: the end is sealed under a key
//! outside it. Who has the keys too can make up a whole chain; only a head noted where they do not reach (on paper, in
//! another office, with each backup) shows that. So `backup` and `audit verify` print it.

use std::str::FromStr;

use clap::{Args, Subcommand};
use issuance::audit::{BEFORE_THE_FIRST, link};
use issuance::register::{AuditStore, Digest, StoreError};
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::error::Error;
use crate::output::Output;
use crate::sqlite::SqliteRegister;
use bilingual::say;

/// Subcommands of `audit`.
#[derive(Subcommand)]
pub(crate) enum Audits {
    /// 核对审计链：改动、删除、插入、移位、截尾的行都会发现。 ¦ Walks the chain; finds a row that was changed, removed, inserted, moved or cut off the end.
    Verify(Verify),
}

/// Arguments of `audit verify`.
#[derive(Args)]
pub(crate) struct Verify {
    /// 以前记下的链头（行号:摘要）；可写多个。 ¦ A head noted earlier, NUMBER:SHA256; may be given several times.
    #[arg(long, value_name = "HEAD")]
    head: Vec<Head>,
}

/// Number and hash of a row that was the last one when somebody noted it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) number: i64,
    pub(crate) hash: Digest,
}

impl FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let head = || {
            let (number, hash) = text.trim().split_once(':')?;
            Some(Self { number: number.parse().ok()?, hash: hex::decode(hash).ok()?.try_into().ok()? })
        };
        head().ok_or("NUMBER:SHA256, as `audit verify` and `backup` print it")
    }
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.number, hex::encode(self.hash))
    }
}

impl Audits {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let Self::Verify(Verify { head: noted }) = self;
        let register = context.folder()?.register()?;
        let head = whole(&register, &noted)?;
        let text = say!(
            output.language(),
            "审计链完整，共 {} 行。请把链头记在别处：{}",
            "the chain is whole, {} rows. Note its head elsewhere: {}",
            head.number,
            head
        );
        output.either(&Row { rows: head.number, head: head.to_string() }, text)?;
        Ok(Exit::Good)
    }
}

/// The head of the chain, page by page from the first row; an error that names the first row which is not what was
/// written.
pub(crate) fn whole(register: &SqliteRegister, noted: &[Head]) -> Result<Head, Error> {
    let mut head = Head { number: 0, hash: BEFORE_THE_FIRST };
    loop {
        let broken = |row| Err(Error::AuditBroken { row });
        let page = match register.audit_rows(head.number, PAGE) {
            // A row that does not even read was not written by us.
            Err(StoreError::Broken { table: "audit", row, .. }) => return broken(row),
            page => page?,
        };
        if page.is_empty() {
            break;
        }
        for row in page {
            let next = Head { number: head.number + 1, hash: link(&head.hash, head.number + 1, &row.entry) };
            if row.number != next.number || row.hash != next.hash {
                return broken(next.number);
            }
            if noted.iter().any(|noted| noted.number == next.number && noted.hash != next.hash) {
                return broken(next.number);
            }
            head = next;
        }
    }
    match register.audit_end() {
        Err(StoreError::Broken { row, .. }) => return Err(Error::AuditBroken { row }),
        end => end?,
    };
    match noted.iter().find(|noted| noted.number > head.number) {
        Some(_) => Err(Error::AuditBroken { row: head.number + 1 }),
        None => Ok(head),
    }
}

#[derive(Serialize)]
struct Row {
    rows: i64,
    head: String,
}

const PAGE: usize = 10_000;
