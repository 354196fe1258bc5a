//! `zhengka desk`: stands between the reader on the table and the issuing service. Cards are written one after
//! the other; the keys never come here, and what passes through is encrypted for the chip.
//! A card is done when the issuer says so. Whatever breaks before is told, and goes on from where it was left.

mod issuer;
mod news;
mod place;
mod shift;
mod stop;

use std::path::PathBuf;

use card_host::relay::FromDesk;
use clap::{Args, Subcommand};

use crate::command::Exit;
use crate::error::Error;
use crate::output::Output;
use crate::pin::TypedPin;
use issuer::{Access, Issuer};
use news::News;
use shift::{Shift, Work};

/// Which issuer, which reader, which cards.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Desk {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    access: Access,
    /// 读卡器名称或其一部分；默认任意一台。 ¦ The reader's name or a part of it; else any.
    #[arg(long, global = true, value_name = "NAME")]
    reader: Option<String>,
    /// 只办一张卡。 ¦ One card only.
    #[arg(long)]
    once: bool,
    /// 只办这个制卡任务。 ¦ This card job only.
    #[arg(long, value_name = "N")]
    job: Option<i64>,
    /// 持卡人自选密码，从键盘输入且不显示（或标准输入一行）；不写则生成密码信。
    /// ¦ The holder's own PIN, typed without an echo, or a line of standard input; else the issuer writes a PIN letter.
    #[arg(long, global = true)]
    pin: bool,
    /// 每行输出一个 JSON 对象。 ¦ Prints one JSON object a line.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Other {
    /// 解锁密码：放上该证的卡。 ¦ Unblocks a PIN: the certificate's card lies on the reader.
    Unblock {
        /// 证件编号。 ¦ The certificate, by number.
        certificate: i64,
    },
}

impl Desk {
    pub(crate) fn run(self, output: &mut Output) -> Result<Exit, Error> {
        let Self { other, access, reader, once, job, pin, json } = self;
        // A PIN is one holder's: in a stack it would be everybody's.
        if pin && job.is_none() && other.is_none() {
            return Err(Error::PinWithoutJob);
        }
        let pin = if pin { Some(TypedPin::ask(output.language())?) } else { None };
        let work = match other {
            Some(Other::Unblock { certificate }) => Work::Unblock { certificate, pin },
            None => Work::Personalise { job, pin, once: once || job.is_some() },
        };
        let stop = stop::on_signals()?;
        let issuer = Issuer::reach(access, output.language(), &stop)?;
        Shift::new(issuer, reader, stop, News::new(output, json)).work(&work)
    }
}

impl Work {
    /// The first words about a card: the same each time, so that a card put back goes on.
    fn begin(&self) -> Result<FromDesk, Error> {
        match self {
            Self::Personalise { job, pin, .. } => {
                Ok(FromDesk::Begin { job: *job, pin: pin.as_ref().map(TypedPin::digits).transpose()? })
            }
            Self::Unblock { certificate, pin } => Ok(FromDesk::Unblock {
                certificate: *certificate,
                pin: pin.as_ref().map(TypedPin::digits).transpose()?,
            }),
        }
    }
}

/// Where the issuer's program and folder are named in messages.
fn program() -> PathBuf {
    let name = format!("zhengka-issuer{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().ok().and_then(|this| Some(this.parent()?.join(&name)));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| name.into())
}

const EXAMPLES: &str = "\
退出码：0 全部写好；1 至少一张卡或一项请求被拒绝；2 发证服务或用法有误。\n\
按 Ctrl-C 结束；未写完的卡以后放回即可续办。\n\
例：\n  \
  zhengka desk --issuer issuer/ --as card\n  \
  zhengka desk --issuer https://issuer.example --token-file token.txt --reader \"00 00\"\n  \
  zhengka desk --issuer issuer/ --as card --job 7 --pin\n  \
  zhengka desk --issuer issuer/ --as card unblock 42 --pin\
 ¦ \
Exit codes: 0 all written; 1 a card or a request was refused; 2 the issuer fails, or wrong usage.\n\
Ctrl-C ends it; a card that was not finished goes on when it is put back.\n\
Examples:\n  \
  zhengka desk --issuer issuer/ --as card\n  \
  zhengka desk --issuer https://issuer.example --token-file token.txt --reader \"00 00\"\n  \
  zhengka desk --issuer issuer/ --as card --job 7 --pin\n  \
  zhengka desk --issuer issuer/ --as card unblock 42 --pin";
