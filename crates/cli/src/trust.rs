//! `zhengka trust`: the ceremony in which root holders make a trust list, each at a machine without a network.
//! make -> carry -> sign, by each holder -> carry -> combine -> check. CEREMONY.md tells it step by step.

mod check;
mod combine;
mod description;
mod error;
mod list_file;
mod make;
mod roots;
mod show;
mod sign;
mod signature_line;

use clap::{Args, Subcommand};

pub(crate) use error::TrustError;

use crate::command::Exit;
use crate::error::Error;
use crate::output::Output;

/// What to do with a trust list.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Trust {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// 把根公钥写成交付核验者的根密钥文件。 ¦ Makes the root file that verifiers are given.
    Roots(roots::Roots),
    /// 由描述文件生成待签的信任名单。 ¦ Makes an unsigned trust list from its description.
    Make(make::Make),
    /// 用一把根密钥签名，得到签名文件。 ¦ Signs a trust list with one root key, into a signature file.
    Sign(sign::Sign),
    /// 把签名合并进信任名单，须达到门限。 ¦ Puts signatures and trust list together; the threshold must be met.
    Combine(combine::Combine),
    /// 以现有根密钥检验信任名单。 ¦ Checks a trust list against the roots in force.
    Check(check::Check),
    /// 显示信任名单、根密钥文件或核验包。 ¦ Shows a trust list, a root file or a bundle.
    Show(show::Show),
    /// 显示核验包的快照。 ¦ Shows the snapshot of a bundle.
    #[command(subcommand)]
    Snapshot(Snapshot),
}

/// What to do with a snapshot.
#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
enum Snapshot {
    /// 显示版本、时间和各部分。 ¦ Shows version, times and parts.
    Show(show::ShowSnapshot),
}

impl Trust {
    pub(crate) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        match self.action {
            Action::Roots(roots) => roots.run(output),
            Action::Make(make) => make.run(output),
            Action::Sign(sign) => sign.run(output),
            Action::Combine(combine) => combine.run(output),
            Action::Check(check) => check.run(output),
            Action::Show(show) => show.run(output),
            Action::Snapshot(Snapshot::Show(show)) => show.run(output),
        }
    }
}

const EXAMPLES: &str = "\
退出码：0 完成；1 不予通过；2 无法读取，或用法有误。\n\
例（完整步骤见 CEREMONY.md）：\n  \
  zhengka trust make trust.toml --out list.dct\n  \
  zhengka trust sign list.dct --key root-1.key --out root-1.sig\n  \
  zhengka trust combine list.dct root-1.sig root-2.sig --root root.dcr --out trust.dct\n  \
  zhengka trust check trust.dct --root root.dcr\
 ¦ \
Exit codes: 0 done; 1 refused; 2 not readable, or wrong usage.\n\
Examples (CEREMONY.md has all steps):\n  \
  zhengka trust make trust.toml --out list.dct\n  \
  zhengka trust sign list.dct --key root-1.key --out root-1.sig\n  \
  zhengka trust combine list.dct root-1.sig root-2.sig --root root.dcr --out trust.dct\n  \
  zhengka trust check trust.dct --root root.dcr";
