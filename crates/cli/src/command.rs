//! The table of contents of the command line: one line a command.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::completions::Completions;
use crate::desk::Desk;
use crate::error::Error;
use crate::inspect::Inspect;
use crate::keys::Keys;
use crate::output::{Colour, Output};
use crate::policy::Policy;
use crate::trust::Trust;
use crate::verify::Verify;
use bilingual::Language;
use bilingual::help::in_one_language;

/// 证卡：离线核验残疾人证，查看编码，管理密钥与信任名单。 ¦ Zhengka: verifies disability certificates offline, shows codes, keeps keys and trust lists.
#[derive(Parser)]
#[command(name = "zhengka", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Zhengka {
    #[command(subcommand)]
    command: Command,
    /// 语言：zh 或 en；默认按系统。 ¦ Language: zh or en; as the system is set.
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "LANG",
        hide_possible_values = true,
        display_order = 900
    )]
    lang: Option<Language>,
    /// 颜色：auto、always、never；NO_COLOR 有效。 ¦ Colour: auto, always, never; NO_COLOR is respected.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = Colour::Auto, hide_possible_values = true, display_order = 901)]
    color: Colour,
}

#[derive(Subcommand)]
enum Command {
    /// 离线核验图片、文本或文件夹。 ¦ Verifies pictures, texts or folders, offline.
    Verify(Verify),
    /// 逐层查看编码、核验包、信任名单等，不作核验。 ¦ Shows the layers of a code, bundle, trust list; verifies nothing.
    Inspect(Inspect),
    /// 生成、显示、加密密钥文件。 ¦ Makes, shows and encrypts key files.
    Keys(Keys),
    /// 检查、编译、签名、解释优惠规则。 ¦ Checks, compiles, signs and explains policy packs.
    Policy(Policy),
    /// 根密钥仪式：制作、签署、检验信任名单。 ¦ The root ceremony: makes, signs and checks trust lists.
    Trust(Trust),
    /// 制卡窗口：在读卡器与发证服务之间传话，逐张写卡；解锁密码。 ¦ The card desk: relays between reader and issuer, card after card; unblocks PINs.
    Desk(Box<Desk>),
    /// 生成命令行补全脚本。 ¦ Writes completions for a shell.
    Completions(Completions),
}

/// What the caller of the program learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// All is well.
    Good = 0,
    /// At least one input was refused, and all were read.
    Refused = 1,
    /// At least one input was not readable, or the command was used wrongly.
    Unreadable = 2,
}

/// Runs one command line. Never panics on bad input; 0 all is well, 1 something was refused, 2 not readable or wrong usage.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let language = Language::asked_for(&args);
    let zhengka = match parse(&args, language) {
        Ok(zhengka) => zhengka,
        Err(error) => {
            let _ = error.print();
            let helped = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return ExitCode::from(if helped { Exit::Good } else { Exit::Unreadable } as u8);
        }
    };
    let mut output = Output::new(zhengka.lang.unwrap_or(language), zhengka.color);
    let done = zhengka.command.run(&mut output).and_then(|exit| output.flush().map(|()| exit));
    match done {
        Ok(exit) => ExitCode::from(exit as u8),
        // Whoever read our output has seen enough.
        Err(Error::OutputClosed) => ExitCode::SUCCESS,
        Err(error) => {
            output.complain(&error);
            ExitCode::from(error.exit() as u8)
        }
    }
}

impl Command {
    fn run(self, output: &mut Output) -> Result<Exit, Error> {
        match self {
            Self::Verify(verify) => verify.run(output),
            Self::Inspect(inspect) => inspect.run(output),
            Self::Keys(keys) => keys.run(output),
            Self::Policy(policy) => policy.run(output),
            Self::Trust(trust) => trust.run(output),
            Self::Desk(desk) => desk.run(output),
            Self::Completions(completions) => completions.run(output),
        }
    }
}

fn parse(args: &[OsString], language: Language) -> Result<Zhengka, clap::Error> {
    let command = in_one_language(Zhengka::command(), language);
    Zhengka::from_arg_matches(&command.try_get_matches_from(args)?)
}

const EXAMPLES: &str = "\
例：\n  \
  zhengka verify 照片.jpg\n  \
  zhengka verify --purpose transit --place 2201 --json 文件夹/\n  \
  zhengka inspect DC1:0123…\n  \
  zhengka completions bash > ~/.local/share/bash-completion/completions/zhengka\
 ¦ \
Examples:\n  \
  zhengka verify photo.jpg\n  \
  zhengka verify --purpose transit --place 2201 --json folder/\n  \
  zhengka inspect DC1:0123...\n  \
  zhengka completions bash > ~/.local/share/bash-completion/completions/zhengka";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        for language in [Language::Zh, Language::En] {
            in_one_language(Zhengka::command(), language).debug_assert();
        }
    }

    #[test]
    fn every_help_text_is_written_in_both_languages() {
        assert_eq!(bilingual::help::untranslated(&Zhengka::command()), Vec::<String>::new());
    }
}
