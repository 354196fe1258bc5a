//! Chinese or English. Asked for by `--lang`, else as the system is set.

use std::ffi::OsString;

use clap::ValueEnum;

/// The language a person is spoken to in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

impl Language {
    /// Needed before the command line is parsed: help and errors speak it too.
    #[must_use]
    pub fn asked_for(args: &[OsString]) -> Self {
        let args: Vec<&str> =
            args.iter().take_while(|arg| *arg != "--").filter_map(|arg| arg.to_str()).collect();
        let after = args.iter().position(|arg| *arg == "--lang").and_then(|at| args.get(at + 1).copied());
        let joined = args.iter().find_map(|arg| arg.strip_prefix("--lang="));
        match after.or(joined) {
            Some("zh") => Self::Zh,
            Some("en") => Self::En,
            _ => Self::of_locale(sys_locale::get_locale().as_deref()),
        }
    }

    /// `zh-CN`, `zh_TW.UTF-8`: Chinese; all else, `C` and nothing at all: English.
    fn of_locale(locale: Option<&str>) -> Self {
        if locale.is_some_and(|locale| locale.to_ascii_lowercase().starts_with("zh")) {
            Self::Zh
        } else {
            Self::En
        }
    }

    /// The one of two that is in this language.
    #[must_use]
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// Formats the one of two texts that is in the language.
#[macro_export]
macro_rules! say {
    ($language:expr, $zh:literal, $en:literal $(, $value:expr)* $(,)?) => {
        match $language {
            $crate::language::Language::Zh => format!($zh $(, $value)*),
            $crate::language::Language::En => format!($en $(, $value)*),
        }
    };
}
pub use say;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_option_wins_over_the_locale() {
        let asked = |args: &[&str]| Language::asked_for(&args.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(asked(&["zhengka", "--lang", "zh", "verify"]), Language::Zh);
        assert_eq!(asked(&["zhengka", "verify", "--lang=en"]), Language::En);
    }

    #[test]
    fn chinese_locales_speak_chinese() {
        for locale in ["zh-CN", "zh_TW.UTF-8", "ZH"] {
            assert_eq!(Language::of_locale(Some(locale)), Language::Zh, "{locale}");
        }
        for locale in [Some("en-US"), Some("C"), None] {
            assert_eq!(Language::of_locale(locale), Language::En);
        }
    }
}
