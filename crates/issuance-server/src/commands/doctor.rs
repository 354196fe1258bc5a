//! `doctor`: what an operator looks at before a problem becomes one. One line a finding, the next step beside it; exit
//! code 1 where something is bad, 0 where all is well or only worth a look.

mod finding;
mod keys;
mod machine;
mod register;

use std::path::PathBuf;

use clap::Args;

use crate::command::{Context, Exit};
use crate::error::Error;
use crate::output::Output;
use finding::{Finding, Findings, Level};
pub(crate) use register::recovered;

/// Arguments of `doctor`.
#[derive(Args)]
pub(crate) struct Doctor {
    /// 同时用口令打开签发密钥。 ¦ Opens the signing keys too; asks for their passphrases.
    #[arg(long)]
    open_keys: bool,
    /// 同时检查 serve 的设置文件及其中的 TLS 证书。 ¦ Checks the settings of `serve` too, and the TLS certificate they name.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Doctor {
    pub(crate) fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        let folder = context.folder()?;
        let mut found = Findings { language: output.language(), list: Vec::new() };
        let now = context.now()?;
        keys::check(&folder, now, &mut found);
        if self.open_keys {
            keys::open(&folder, context, &mut found);
        }
        if let Some(config) = &self.config {
            keys::check_tls(config, now, &mut found);
        }
        machine::check_disk(&folder, &context.dir, &mut found);
        machine::check_calendar(now, &mut found)?;
        match folder.register() {
            Err(error) => found.bad("database", error.say(found.language)),
            Ok(register) => {
                register::check(&register, &mut found)?;
                keys::check_personal(&register, &mut found)?;
                register::check_administrators(&register, now, &mut found)?;
                register::check_clock(&register, now, &mut found)?;
                register::check_backup(&register, now, &mut found)?;
            }
        }
        for finding in &found.list {
            let Finding { area, level, text } = finding;
            output.either(finding, format_args!("{} {area:9} {text}", level.sign()))?;
        }
        let worst = found.list.iter().map(|finding| finding.level).max();
        Ok(if worst == Some(Level::Bad) { Exit::Refused } else { Exit::Good })
    }
}

const DAY_SECONDS: u64 = 86_400;
