//! `audit verify`: walks the chain from the first row.

use clap::Subcommand;
use issuance::audit::{BEFORE_THE_FIRST, link};
use issuance::register::Register;
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::error::Error;
use crate::output::Output;
use bilingual::say;

/// Subcommands of `audit`.
#[derive(Subcommand)]
pub(crate) enum Audits {
    /// 核对审计链：改动、删除、插入、移位的行都会发现。 ¦ Walks the chain; finds a row that was changed, removed, inserted or moved.
    Verify,
}

impl Audits {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let Self::Verify = self;
        let register = context.folder()?.register()?;
        if let Some(row) = first_broken(&register)? {
            return Err(Error::AuditBroken { row });
        }
        let rows = count(&register)?;
        let text = say!(output.language(), "审计链完整，共 {} 行", "the chain is whole, {} rows", rows);
        output.either(&Row { rows }, text)?;
        Ok(Exit::Good)
    }
}

/// The number of the first row that is not what was written, page by page.
pub(crate) fn first_broken(register: &dyn Register) -> Result<Option<i64>, Error> {
    let (mut previous, mut number) = (BEFORE_THE_FIRST, 0);
    loop {
        let page = register.audit_rows(number, PAGE)?;
        if page.is_empty() {
            return Ok(None);
        }
        for row in page {
            number += 1;
            if row.number != number || row.hash != link(&previous, number, &row.entry) {
                return Ok(Some(number));
            }
            previous = row.hash;
        }
    }
}

fn count(register: &dyn Register) -> Result<i64, Error> {
    let mut last = 0;
    loop {
        match register.audit_rows(last, PAGE)?.last() {
            Some(row) => last = row.number,
            None => return Ok(last),
        }
    }
}

#[derive(Serialize)]
struct Row {
    rows: i64,
}

const PAGE: usize = 10_000;
