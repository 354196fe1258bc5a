//! The table of contents of the command line: one line a command.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use credential::UnixTime;
use issuance::actor::Actor;
use issuance::id::OfficerId;
use issuance::officer::{Login, Officer};
use issuance::register::Register;
use issuance::text::{Line, Text};

use crate::commands::{
    approve, audit, backup, bundle, card_job, client, completions, doctor, drill, import, init, issue, keys,
    list, officer, pilot, policy, qr, serve, show, status,
};
use crate::edge;
use crate::error::Error;
use crate::folder::Folder;
use crate::keys::Ask;
use crate::output::Output;
use bilingual::Language;
use bilingual::help::in_one_language;

/// 证卡签发服务：登记申请，审核批准，签发证件，发布核验包。 ¦ The issuing service of Zhengka: applications, approvals, certificates, bundles.
#[derive(Parser)]
#[command(name = "zhengka-issuer", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Issuer {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    context: Context,
}

/// What every command is told.
#[derive(Args)]
pub(crate) struct Context {
    /// 数据目录。 ¦ The data folder.
    #[arg(long, global = true, value_name = "DIR", default_value = "issuer", env = "ZHENGKA_DIR")]
    pub(crate) dir: PathBuf,
    /// 以谁的身份办理（登录名）。 ¦ Who acts, by login.
    #[arg(long = "as", global = true, value_name = "LOGIN")]
    acting: Option<String>,
    /// 演示：允许示例密钥和未核实的规则。 ¦ A demonstration: example keys and unconfirmed rules are allowed.
    #[arg(long, global = true)]
    pub(crate) demo: bool,
    /// 演示用的时间，如 2026-11-24T09:00:00+08:00。 ¦ The time, in a demonstration: 2026-11-24T09:00:00+08:00.
    #[arg(long, global = true, value_name = "RFC3339")]
    at: Option<jiff::Timestamp>,
    /// 从文件第一行读取密钥口令。 ¦ Reads the passphrase of the keys from the first line of a file.
    #[arg(long, global = true, value_name = "FILE", env = "ZHENGKA_PASSPHRASE_FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// 每行输出一个 JSON 对象。 ¦ Prints one JSON object a line.
    #[arg(long, global = true)]
    json: bool,
    /// 语言：zh 或 en；默认按系统。 ¦ Language: zh or en; as the system is set.
    #[arg(long, global = true, value_enum, value_name = "LANG")]
    lang: Option<Language>,
}

#[derive(Subcommand)]
enum Command {
    /// 建立登记库和密钥。 ¦ Makes the register and its keys.
    Init(init::Init),
    /// 工作人员。 ¦ Officers.
    #[command(subcommand)]
    Officer(officer::Officers),
    /// 接口客户端及其令牌。 ¦ Programs that use the API, and their tokens.
    #[command(subcommand)]
    Client(client::Clients),
    /// 录入申请人文件（CSV）。 ¦ Takes in an applicants' file (CSV).
    Import(import::Import),
    /// 审核申请。 ¦ Reviews applications.
    Review(approve::Review),
    /// 批准申请。 ¦ Approves applications.
    Approve(approve::Approve),
    /// 签发已批准的证件；中断后再次运行即续办。 ¦ Signs what was approved; run again after a break, it goes on.
    Issue(issue::Issue),
    /// 概况；冻结、解冻、注销、补领、换领。 ¦ Counts; suspend, lift, revoke, replace, renew.
    Status(status::Status),
    /// 制卡：登记、清单、挂失补卡、密钥；relay 供读卡端调用。 ¦ Cards: order, list, replace, keys; relay serves a desk.
    #[command(subcommand, name = "card-job")]
    CardJob(card_job::CardJobs),
    /// 试点：各地区开通的功能。 ¦ Pilots: which features are on in which regions.
    #[command(subcommand)]
    Pilot(pilot::PilotVerbs),
    /// 政策包：采用、试算、换发通行凭证。 ¦ Policy packs: adopt, try, exchange passes.
    #[command(subcommand)]
    Policy(policy::PolicyVerbs),
    /// 导出二维码图片。 ¦ Writes QR pictures.
    Qr(qr::Qr),
    /// 核验包与信任名单。 ¦ The verification bundle and the trust list.
    #[command(subcommand)]
    Bundle(bundle::Bundles),
    /// 申请或证件清单（脱敏）。 ¦ Lists applications or certificates, masked.
    List(list::List),
    /// 查看一证（脱敏；--expose 记入审计）。 ¦ Shows a certificate, masked; --expose is audited.
    Show(show::Show),
    /// 启动网上工作台。 ¦ Serves the console.
    Serve(serve::Serve),
    /// 在线备份并核对。 ¦ Copies the register while in use, and compares.
    Backup(backup::Backup),
    /// 从备份恢复并核对。 ¦ Restores a copy, and compares.
    Restore(backup::Restore),
    /// 恢复演练：在空目录恢复副本，证明作答一致。 ¦ A drill: restores a copy into an empty folder and proves that it answers alike.
    Drill(drill::Drill),
    /// 体检：密钥、时钟、磁盘、数据库、工作日历、备份。 ¦ Checks keys, clock, disk, database, calendar and backups.
    Doctor(doctor::Doctor),
    /// 个人信息密钥。 ¦ The keys of people's facts.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// 审计链。 ¦ The chain of the audit.
    #[command(subcommand)]
    Audit(audit::Audits),
    /// 生成命令行补全脚本。 ¦ Writes completions for a shell.
    Completions(completions::Completions),
}

/// What the caller of the program learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All is well.
    Good = 0,
    /// Something was refused; the rest is done.
    Refused = 1,
    /// The command was used wrongly, or something is missing.
    Failed = 2,
}

/// Runs one command line. Never panics on bad input.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let language = Language::asked_for(&args);
    let command = in_one_language(Issuer::command(), language);
    let parsed = command.try_get_matches_from(&args).and_then(|matches| Issuer::from_arg_matches(&matches));
    let Issuer { command, mut context } = match parsed {
        Ok(issuer) => issuer,
        Err(error) => {
            let _ = error.print();
            let helped = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return ExitCode::from(if helped { Exit::Good } else { Exit::Failed } as u8);
        }
    };
    let language = *context.lang.get_or_insert(language);
    let mut output = Output::new(language, context.json);
    let done = command.run(&context, &mut output).and_then(|exit| output.flush().map(|()| exit));
    match done {
        Ok(exit) => ExitCode::from(exit as u8),
        // Whoever read our output has seen enough.
        Err(Error::OutputClosed) => ExitCode::SUCCESS,
        Err(error) => {
            let text = error.say(output.language());
            output.note(format_args!("zhengka-issuer: {text}"));
            ExitCode::from(Exit::Failed as u8)
        }
    }
}

impl Command {
    fn run(self, context: &Context, output: &mut Output) -> Result<Exit, Error> {
        match self {
            Self::Init(init) => init.run(context, output),
            Self::Officer(officers) => officers.run(context, output),
            Self::Client(clients) => clients.run(context, output),
            Self::Import(import) => import.run(context, output),
            Self::Review(review) => review.run(context, output),
            Self::Approve(approve) => approve.run(context, output),
            Self::Issue(issue) => issue.run(context, output),
            Self::Status(status) => status.run(context, output),
            Self::CardJob(jobs) => jobs.run(context, output),
            Self::Pilot(pilots) => pilots.run(context, output),
            Self::Policy(policy) => policy.run(context, output),
            Self::Qr(qr) => qr.run(context, output),
            Self::Bundle(bundles) => bundles.run(context, output),
            Self::List(list) => list.run(context, output),
            Self::Show(show) => show.run(context, output),
            Self::Serve(serve) => serve.run(context, output),
            Self::Backup(backup) => backup.run(context, output),
            Self::Restore(restore) => restore.run(context, output),
            Self::Drill(drill) => drill.run(context, output),
            Self::Doctor(doctor) => doctor.run(context, output),
            Self::Keys(keys) => keys.run(context, output),
            Self::Audit(audits) => audits.run(context, output),
            Self::Completions(completions) => completions.run(output),
        }
    }
}

impl Context {
    /// The data folder, as it was made.
    pub(crate) fn folder(&self) -> Result<Folder, Error> {
        // A clock set by hand is refused before anybody is asked for a passphrase.
        self.now()?;
        Folder::open(&self.dir, self.demo, self.ask())
    }

    /// The clock; in a demonstration it may be set by hand.
    pub(crate) fn now(&self) -> Result<UnixTime, Error> {
        match self.at {
            None => Ok(edge::now()),
            Some(at) if self.demo => {
                let seconds = u64::try_from(at.as_second()).map_err(|_| Error::Argument { name: "--at" })?;
                Ok(UnixTime::from_seconds(seconds))
            }
            Some(_) => Err(Error::ClockOverride),
        }
    }

    /// Where passphrases come from.
    pub(crate) fn ask(&self) -> Ask {
        match &self.passphrase_file {
            Some(file) => Ask::File(file.clone()),
            None => Ask::Terminal(self.lang.unwrap_or(Language::Zh)),
        }
    }

    /// The officer of `--as`, at work at this command line.
    pub(crate) fn desk(&self, register: &dyn Register) -> Result<Desk, Error> {
        let text = self.acting.as_deref().ok_or(Error::Argument { name: "--as" })?;
        let login = Login::parse(text).ok_or(Error::Argument { name: "--as" })?;
        let officer = issuance::staff::officer(register, &login)?;
        let officer = officer.ok_or_else(|| Error::NoOfficer { login: text.to_owned() })?;
        Desk::new(officer, self.now()?)
    }

    /// The service itself, for what no officer does by hand.
    pub(crate) fn service(&self, register: &dyn Register) -> Result<Desk, Error> {
        let officer = register.officer(OfficerId::SERVICE)?;
        let missing = Error::NoOfficer { login: "service".into() };
        Desk::new(officer.ok_or(missing)?, self.now()?)
    }
}

/// An officer, the time, and this command line as the place.
pub(crate) struct Desk {
    pub(crate) officer: Officer,
    pub(crate) now: UnixTime,
    pub(crate) origin: Line,
}

impl Desk {
    fn new(officer: Officer, now: UnixTime) -> Result<Self, Error> {
        let origin = Text::parse("command").map_err(|_| Error::Argument { name: "origin" })?;
        Ok(Self { officer, now, origin })
    }

    /// As use cases want it.
    pub(crate) fn actor(&self) -> Actor<'_> {
        Actor { officer: &self.officer, now: self.now, origin: &self.origin }
    }
}

const EXAMPLES: &str = "\
例：\n  \
  zhengka-issuer --demo --dir 演示 init\n  \
  zhengka-issuer --demo --dir 演示 --as clerk import 申请人.csv\n  \
  zhengka-issuer --demo --dir 演示 --as reviewer review --all\n  \
  zhengka-issuer --demo --dir 演示 --as approver approve --all\n  \
  zhengka-issuer --demo --dir 演示 issue\n  \
  zhengka-issuer --demo --dir 演示 qr --out 图片\n  \
  zhengka-issuer --demo --dir 演示 bundle export 核验包.dcb\n  \
  zhengka-issuer --demo --dir 演示 policy adopt 长春公交.cbor\n  \
  zhengka-issuer --demo --dir 演示 policy reissue --dry-run\n  \
  zhengka-issuer --demo --dir 演示 serve --config 设置.toml\n  \
  zhengka-issuer --demo --dir 演示 --as admin client add clerk --name 受理窗口 --scope read_cases,write_cases\n  \
  zhengka-issuer --demo --dir 演示 --as admin pilot switch smart_card 220102 on\n  \
  zhengka-issuer --demo --dir 演示 --as clerk status suspend 12 --reason suspected_death\
 ¦ \
Examples:\n  \
  zhengka-issuer --demo --dir demo init\n  \
  zhengka-issuer --demo --dir demo --as clerk import applicants.csv\n  \
  zhengka-issuer --demo --dir demo --as reviewer review --all\n  \
  zhengka-issuer --demo --dir demo --as approver approve --all\n  \
  zhengka-issuer --demo --dir demo issue\n  \
  zhengka-issuer --demo --dir demo qr --out pictures\n  \
  zhengka-issuer --demo --dir demo bundle export bundle.dcb\n  \
  zhengka-issuer --demo --dir demo policy adopt changchun.cbor\n  \
  zhengka-issuer --demo --dir demo policy reissue --dry-run\n  \
  zhengka-issuer --demo --dir demo serve --config serve.toml\n  \
  zhengka-issuer --demo --dir demo --as admin client add clerk --name counter --scope read_cases,write_cases\n  \
  zhengka-issuer --demo --dir demo --as admin pilot switch smart_card 220102 on\n  \
  zhengka-issuer --demo --dir demo --as clerk status suspend 12 --reason suspected_death";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        for language in [Language::Zh, Language::En] {
            in_one_language(Issuer::command(), language).debug_assert();
        }
    }

    #[test]
    fn every_help_text_is_written_in_both_languages() {
        assert_eq!(bilingual::help::untranslated(&Issuer::command()), Vec::<String>::new());
    }
}
