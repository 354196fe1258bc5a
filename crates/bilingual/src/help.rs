//! Help in one language. Every help text is written `中文 ¦ English`; this picks the half.

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};

use crate::Language;

/// The command with all its texts, and those of its subcommands, in one language.
#[must_use]
pub fn in_one_language(command: Command, language: Language) -> Command {
    let about = command.get_about().map(|text| half(text, language));
    let long_about = command.get_long_about().map(|text| half(text, language));
    let after_help = command.get_after_help().map(|text| half(text, language));
    let mut command = command
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .help_template(TEMPLATE.replace("Usage:", language.pick("用法：", "Usage:")))
        .subcommand_help_heading(language.pick("命令", "Commands"))
        .mut_args(|arg| translated(arg, language))
        .mut_subcommands(|command| in_one_language(command, language));
    let help =
        Arg::new("help").short('h').long("help").action(ArgAction::Help).help(HELP).display_order(1000);
    command = command.arg(translated(help, language));
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(long_about) = long_about {
        command = command.long_about(long_about);
    }
    match after_help {
        Some(after_help) => command.after_help(after_help),
        None => command,
    }
}

fn translated(arg: Arg, language: Language) -> Arg {
    let heading = if arg.is_positional() {
        language.pick("参数", "Arguments")
    } else {
        language.pick("选项", "Options")
    };
    let help = arg.get_help().map(|text| half(text, language));
    let long_help = arg.get_long_help().map(|text| half(text, language));
    let mut arg = arg.help_heading(heading);
    if let Some(help) = help {
        arg = arg.help(help);
    }
    match long_help {
        Some(long_help) => arg.long_help(long_help),
        None => arg,
    }
}

fn half(text: &StyledStr, language: Language) -> String {
    let text = text.to_string();
    match text.split_once(SEPARATOR) {
        Some((zh, en)) => language.pick(zh, en).trim().to_owned(),
        None => text,
    }
}

/// What is not written in both languages, or has no text at all: a program's test wants none.
#[must_use]
pub fn untranslated(command: &Command) -> Vec<String> {
    let own = |arg: &&Arg| !matches!(arg.get_id().as_str(), "help" | "version");
    let both = |text: &StyledStr| text.to_string().matches(SEPARATOR).count() == 1;
    let texts = [command.get_about(), command.get_after_help()].into_iter().flatten();
    let mut faults: Vec<String> =
        texts.filter(|text| !both(text)).map(|text| format!("{}: {text}", command.get_name())).collect();
    for arg in command.get_arguments().filter(own) {
        if !arg.get_help().is_some_and(both) {
            faults.push(format!("{} {}", command.get_name(), arg.get_id()));
        }
    }
    faults.extend(command.get_subcommands().flat_map(untranslated));
    faults
}

const SEPARATOR: &str = "¦";
const TEMPLATE: &str = "{about-with-newline}\nUsage: {usage}\n\n{all-args}{after-help}";
const HELP: &str = "显示帮助。 ¦ Prints help.";

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Command {
        Command::new("program")
            .about("程序。 ¦ A program.")
            .arg(Arg::new("file").help("文件。 ¦ A file."))
            .arg(Arg::new("all").long("all").action(ArgAction::SetTrue).help("全部。 ¦ All."))
    }

    #[test]
    fn help_in_one_language_shows_nothing_of_the_other() {
        let help = |language| in_one_language(program(), language).render_long_help().to_string();
        assert!(help(Language::Zh).contains("用法：") && !help(Language::Zh).contains("Usage:"));
        assert!(help(Language::En).contains("Options:") && !help(Language::En).contains("选项"));
        assert!(!help(Language::Zh).contains(SEPARATOR) && !help(Language::En).contains(SEPARATOR));
    }

    #[test]
    fn a_text_in_one_language_only_is_found() {
        assert_eq!(untranslated(&program()), Vec::<String>::new());
        assert_eq!(untranslated(&program().arg(Arg::new("bare"))), ["program bare"]);
        assert_eq!(untranslated(&program().arg(Arg::new("zh").help("只有中文"))), ["program zh"]);
    }
}
