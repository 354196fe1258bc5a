//! `keys rotate`: a new key for people's facts, every cell sealed anew under it, the earlier keys retired. It may be cut off
//! at any point and is then run again: the cells themselves say which key sealed them.
//!
//! Pages and programs go on meanwhile, once they were started with the new key: whoever works with the earlier keys holds
//! a lock that this command asks for before it seals the first cell.

use std::fs::File;

use clap::{Args, Subcommand};
use issuance::audit::{Deed, Other, Subject};
use issuance::register::AuditStore;
use serde::Serialize;

use crate::command::{Context, Exit};
use crate::error::Error;
use crate::folder::{self, Folder};
use crate::keys::{self, Exchange};
use crate::output::Output;
use crate::personal::Personal;
use crate::sqlite::{Place, SqliteRegister};
use bilingual::say;

/// Subcommands of `keys`.
#[derive(Subcommand)]
pub(crate) enum Keys {
    /// 更换个人信息密钥：启用新密钥，逐批重新加密，停用旧密钥；中断后再次运行即续办。 ¦ Exchanges the keys of people's facts: a new key, every cell sealed anew, the old key retired; run again after a break, it goes on.
    Rotate(Rotate),
}

/// Arguments of `keys rotate`.
#[derive(Args)]
pub(crate) struct Rotate {
    /// 每个事务重新加密多少项。 ¦ How many cells a transaction.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    batch: u32,
}

impl Keys {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let Self::Rotate(rotate) = self;
        rotate.run(context, output)
    }
}

impl Rotate {
    fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        if !folder.register_path().exists() {
            return Err(Error::NoRegister { folder: context.dir.clone() });
        }
        // One exchange at a time: two would make two different keys of one number.
        let _turn = alone(&folder, 0, Error::KeysExchanged)?;
        let Exchange { before, after, contents: [all, newest] } =
            keys::exchange_personal(&folder, &context.ask())?;
        let number = after.current().0;
        let aside = folder.earlier_personal_keys(number);
        let is_new = before.seals().len() < after.seals().len();
        if is_new {
            let mut register = SqliteRegister::open(&folder.register_path(), Personal::new(&before))?;
            note(&mut register, Other::PersonalKeyAdded, context)?;
        }
        // Both keys: a backup that is made while cells are sealed anew has cells of both.
        if is_new || !aside.exists() {
            folder::replace(&aside, all.as_bytes())?;
        }
        if is_new {
            folder::replace(&folder.personal_keys(), all.as_bytes())?;
        }
        let earlier = after.seals().iter().map(|(earlier, _)| *earlier).filter(|earlier| *earlier < number);
        let locks = earlier.map(|earlier| alone(&folder, earlier, Error::EarlierKeysInUse));
        let _locks = locks.collect::<Result<Vec<_>, _>>()?;

        let mut register = SqliteRegister::open(&folder.register_path(), Personal::new(&after))?;
        let cells = self.seal_anew(&mut register, number, output)?;
        if register.has_earlier_keys()? {
            let desk = context.service(&register)?;
            let retired = Deed::Other(Other::PersonalKeyRetired);
            register.retire_keys(desk.now, &desk.actor().entry(retired, Subject::Register))?;
        }
        folder::replace(&folder.personal_keys(), newest.as_bytes())?;
        let row = Row { key: number, cells, earlier: aside.display().to_string() };
        let text = say!(
            output.language(),
            "密钥 {} 已启用，重新加密 {} 项，旧密钥已停用。此前及更换期间的备份需要 {}：请妥善异地保存，并从本机移走。",
            "key {} seals everything, {} cells were sealed anew, and the earlier key is retired. Backups of before and of \
             meanwhile need {}: keep it in your safe, and take it off this machine.",
            row.key,
            row.cells,
            row.earlier
        );
        output.either(&row, text)?;
        Ok(Exit::Good)
    }

    fn seal_anew(&self, register: &mut SqliteRegister, number: u8, output: &Output) -> Result<u64, Error> {
        let earlier = register.cells_by_key()?.into_iter().filter(|(key, _)| *key != number);
        let bar = output.progress(earlier.map(|(_, cells)| cells).sum());
        let (mut place, mut sealed) = (Place::default(), 0);
        loop {
            let (done, is_end) = register.seal_anew(&mut place, self.batch as usize)?;
            sealed += done;
            bar.inc(done);
            if is_end {
                break;
            }
        }
        bar.finish_and_clear();
        Ok(sealed)
    }
}

/// The lock of a key, held by nobody else.
fn alone(folder: &Folder, number: u8, otherwise: Error) -> Result<File, Error> {
    let lock = folder.key_lock(number)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(_) => Err(otherwise),
    }
}

fn note(register: &mut SqliteRegister, deed: Other, context: &Context) -> Result<(), Error> {
    let desk = context.service(register)?;
    Ok(register.note(&desk.actor().entry(Deed::Other(deed), Subject::Register))?)
}

#[derive(Serialize)]
struct Row {
    key: u8,
    cells: u64,
    earlier: String,
}
