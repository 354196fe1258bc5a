//! `zhengka-gate`: the command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bundle_store::{Opened, Store};
use clap::{Args, Parser, Subcommand};
use credential::trust_list::RootSet;
use serde_json::json;

use crate::daemon;
use crate::edge::Clock;
use crate::entry::Entry;
use crate::error::Error;
use crate::journal;
use crate::settings::Settings;

/// 残疾人证通行闸机：离线核验，开门之前先记账。 The gate for disability passes: verifies offline, accounts before it opens.
#[derive(Parser)]
#[command(name = "zhengka-gate", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// 初始化：以人工交付的根密钥文件建立状态。 Make the state, from the file of roots that came by hand.
    Init {
        #[command(flatten)]
        config: Config,
        /// 根密钥文件。 The file of roots.
        #[arg(long, value_name = "FILE")]
        roots: PathBuf,
    },
    /// 运行闸机，每次判定输出一行 JSON。 Run the gate; one line of JSON a decision.
    Run(Config),
    /// 检查设置文件。 Check the settings file.
    CheckConfig(Config),
    /// 导入核验包或差分包（闸机停止时）。 Take a bundle or a delta, while the gate does not run.
    Update {
        #[command(flatten)]
        config: Config,
        /// 核验包或差分包。 The bundle or delta.
        file: PathBuf,
    },
    /// 显示日志。 Show the journal.
    Journal {
        #[command(flatten)]
        config: Config,
        /// 每行一个 JSON。 One JSON object a line.
        #[arg(long)]
        json: bool,
        /// 另一日志文件，如 journal.old。 Another file, such as journal.old.
        file: Option<PathBuf>,
    },
}

#[derive(Args)]
struct Config {
    /// 设置文件。 The settings file.
    #[arg(long, value_name = "FILE", default_value = "/etc/zhengka/gate.toml")]
    config: PathBuf,
}

/// Runs the command line; 0 when all is well, 1 when not, 2 when the command line is wrong.
pub fn main(arguments: impl IntoIterator<Item = String>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(help) => {
            let _ = help.print();
            return ExitCode::from(u8::try_from(help.exit_code()).unwrap_or(2));
        }
    };
    match perform(arguments.verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn perform(verb: Verb) -> Result<(), Error> {
    match verb {
        Verb::Init { config, roots } => init(&config.settings()?, &roots),
        Verb::Run(config) => daemon::run(config.settings()?),
        Verb::CheckConfig(config) => {
            println!("{:#?}", config.settings()?);
            Ok(())
        }
        Verb::Update { config, file } => update(&config.settings()?, &file),
        Verb::Journal { config, json, file } => {
            let path =
                file.map_or_else(|| Ok(config.settings()?.folder.join(journal::CURRENT)), Ok::<_, Error>)?;
            journal::read(&path)?.iter().for_each(|entry| println!("{}", line(entry, json)));
            Ok(())
        }
    }
}

fn init(settings: &Settings, roots: &Path) -> Result<(), Error> {
    let bytes = fs::read(roots).map_err(|source| Error::io(roots, source))?;
    let unreadable = |cause| Error::Settings { problem: format!("{}: {cause}", roots.display()) };
    let roots = RootSet::from_slice(&bytes).map_err(unreadable)?;
    println!("门限 threshold {} / {}", roots.threshold(), roots.keys().len());
    roots.keys().iter().for_each(|key| println!("  {}", key.kid()));
    Store::init(&settings.folder, roots)?;
    Ok(())
}

fn update(settings: &Settings, file: &Path) -> Result<(), Error> {
    let bytes = fs::read(file).map_err(|source| Error::io(file, source))?;
    let Opened { mut store, .. } = Store::open(&settings.folder)?;
    let bundle = store.update(&bytes, Clock::start().now().clock)?;
    let snapshot = bundle.snapshot();
    println!("核验包 bundle {}, {} - {}", snapshot.version, snapshot.issued, snapshot.expires);
    Ok(())
}

fn line(Entry { time, pass, verdict }: &Entry, json: bool) -> String {
    let (kid, index) = (pass.kid.to_string(), pass.index.as_u32());
    if json {
        let verdict = verdict.to_string();
        return json!({ "time": time.to_string(), "kid": kid, "index": index, "verdict": verdict })
            .to_string();
    }
    format!("{time}  {kid}  {index:>10}  {verdict}")
}

impl Config {
    fn settings(&self) -> Result<Settings, Error> {
        let text = fs::read_to_string(&self.config).map_err(|source| Error::io(&self.config, source))?;
        Settings::parse(&text)
    }
}

const EXAMPLES: &str = "\
示例 Examples:
  zhengka-gate check-config --config gate.toml            检查设置 check the settings
  zhengka-gate init --config gate.toml --roots roots.dcr  初始化 make the state
  zhengka-gate update --config gate.toml bundle.dcb       导入核验包 take a bundle
  zhengka-gate run --config gate.toml                     运行 run
  zhengka-gate journal --config gate.toml --json          查看日志 show the journal

说明 Notes:
  crates/gate/gate.toml 列出全部设置。 lists every setting.
  退出码 exit code: 0 正常 well, 1 出错 failed, 2 参数有误 wrong arguments";
