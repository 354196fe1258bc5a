//! What is wrong with an authored pack, where, and what to do about it.

use std::ops::Range;

use credential::Malformed;

use bilingual::{Language, say};

/// One thing that is wrong, at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Bytes of the source.
    pub(crate) at: Range<usize>,
    pub(crate) what: What,
}

/// What is wrong. One cause a variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Not TOML; the parser's own words.
    Syntax { said: String },
    /// A key that means nothing here.
    UnknownKey { key: String, known: Vec<&'static str> },
    /// A key that must be there.
    MissingKey { key: &'static str },
    /// A value of another type.
    WrongType { wanted: Wanted },
    /// A word that is not in its table.
    UnknownWord { word: String, known: Vec<&'static str> },
    /// A value that does not read as what it should be.
    Unreadable { wanted: Wanted },
    /// The format allows no such value or no such size.
    NotAllowed { reason: Malformed },
    /// `entitled` without anything.
    GivesNothing,
    /// A pass tells neither age nor residence.
    PassTellsLess,
    /// Every subject of the rule is taken by the rule of this line, or nobody can be one.
    Unreachable { by_line: Option<usize> },
    /// Some match both rules, some only this, some only the other, and the answers differ.
    Overlap { line: usize },
    /// The rules tell so many ages, places and dates apart that nobody can oversee them.
    TooIntricate,
    /// No case is decided by the rule.
    Untested,
    /// The case comes out otherwise.
    CaseFails { zh: String, en: String },
}

/// What a value should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Text,
    Truth,
    Integer,
    Date,
    List,
    Table,
    Region,
    Components,
    ExactComponent,
    Ages,
    Price,
    Quota,
    Decision,
}

impl What {
    /// A stable name, for other programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Syntax { .. } => "syntax",
            Self::UnknownKey { .. } => "unknown-key",
            Self::MissingKey { .. } => "missing-key",
            Self::WrongType { .. } => "wrong-type",
            Self::UnknownWord { .. } => "unknown-word",
            Self::Unreadable { .. } => "unreadable-value",
            Self::NotAllowed { .. } => "not-allowed",
            Self::GivesNothing => "gives-nothing",
            Self::PassTellsLess => "pass-tells-less",
            Self::Unreachable { .. } => "unreachable-rule",
            Self::Overlap { .. } => "overlap",
            Self::TooIntricate => "too-intricate",
            Self::Untested => "untested-rule",
            Self::CaseFails { .. } => "case-fails",
        }
    }

    /// What happened.
    pub(crate) fn say(&self, language: Language) -> String {
        match self {
            Self::Syntax { said } => say!(language, "不是合法的 TOML：{said}", "not valid TOML: {said}"),
            Self::UnknownKey { key, .. } => say!(language, "不认识的键 {key}", "unknown key {key}"),
            Self::MissingKey { key } => say!(language, "缺少 {key}", "{key} is missing"),
            Self::WrongType { wanted } | Self::Unreadable { wanted } => {
                say!(language, "应为{}", "should be {}", wanted.say(language))
            }
            Self::UnknownWord { word, .. } => {
                say!(language, "表中没有“{word}”", "{word:?} is not in the table")
            }
            Self::NotAllowed { reason } => {
                say!(language, "格式不允许：{reason}", "the format does not allow it: {reason}")
            }
            Self::GivesNothing => say!(language, "“符合”却什么也不给", "entitled, but to nothing"),
            Self::PassTellsLess => say!(
                language,
                "凭证不载明年龄和户籍地，此规则对凭证永远无法判断",
                "a pass tells neither age nor residence: the rule can never decide one"
            ),
            Self::Unreachable { by_line: Some(line) } => say!(
                language,
                "此规则永远轮不到：第 {line} 行的规则先匹配",
                "no one ever reaches this rule: the rule at line {line} matches first"
            ),
            Self::Unreachable { by_line: None } => {
                say!(language, "没有人、没有一天符合此规则", "nobody and no day matches this rule")
            }
            Self::Overlap { line } => say!(
                language,
                "与第 {line} 行的规则部分重叠，而结果不同",
                "overlaps in part with the rule at line {line}, and the answers differ"
            ),
            Self::TooIntricate => say!(
                language,
                "此用途的规则区分的年龄、地区、日期太多，无法逐一检查",
                "the rules for this purpose tell too many ages, places and dates apart to be checked"
            ),
            Self::Untested => say!(language, "没有一个案例检验此规则", "no case tests this rule"),
            Self::CaseFails { zh, en } => {
                say!(language, "案例结果不同：{zh}", "the case comes out otherwise: {en}")
            }
        }
    }

    /// What to do, where it is not obvious.
    pub(crate) fn help(&self, language: Language) -> Option<String> {
        match self {
            Self::UnknownKey { key: word, known } | Self::UnknownWord { word, known } => {
                Some(match nearest(word, known) {
                    Some(near) => say!(language, "是否为 {near}？", "did you mean {near}?"),
                    None => say!(language, "可用：{}", "known: {}", known.join(language.pick("、", ", "))),
                })
            }
            Self::PassTellsLess => Some(say!(
                language,
                "把凭证（grants）与年龄、户籍地分成两条规则",
                "write one rule for passes (grants) and another for certificates"
            )),
            Self::Unreachable { .. } => Some(say!(
                language,
                "把较窄的规则移到前面，或删去它",
                "move the narrower rule up, or remove it"
            )),
            Self::Overlap { .. } => Some(say!(
                language,
                "确认先后正确后，在此规则写 overlap = \"meant\"",
                "if the order is right, write overlap = \"meant\" in this rule"
            )),
            _ => None,
        }
    }
}

impl Wanted {
    fn say(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Self::Text => ("文字", "text"),
            Self::Truth => ("true 或 false", "true or false"),
            Self::Integer => ("范围内的整数", "an integer within range"),
            Self::Date => ("日期，如 2026-01-31", "a date, such as 2026-01-31"),
            Self::List => ("列表 [ … ]", "a list [ ... ]"),
            Self::Table => ("表 { … }", "a table { ... }"),
            Self::Region => ("行政区划代码：0，或 2、4、6 位数字", "a region: 0, or 2, 4 or 6 digits"),
            Self::Components => (
                "类别和等级，从 1 起，如 \"视力 1-2\"、\"any 1-4\"",
                "a category with levels from 1, such as \"visual 1-2\" or \"any 1-4\"",
            ),
            Self::ExactComponent => {
                ("类别和一个等级，如 \"视力 2\"", "a category with one level, such as \"visual 2\"")
            }
            Self::Ages => ("年龄段，如 \"0-6\"、\"60-\"", "ages, such as \"0-6\" or \"60-\""),
            Self::Price => (
                "价格：\"free\"、\"full\"、\"50%\"、\"1 yuan\"、\"0.50 yuan\"",
                "a price: \"free\", \"full\", \"50%\", \"1 yuan\", \"0.50 yuan\"",
            ),
            Self::Quota => ("次数，如 \"720/year\"", "a quota, such as \"720/year\""),
            Self::Decision => (
                "{ gives = [ … ] }，或 \"not entitled\"、\"other jurisdiction\"、\"cannot decide\"",
                "{ gives = [ ... ] }, or \"not entitled\", \"other jurisdiction\", \"cannot decide\"",
            ),
        };
        language.pick(zh, en)
    }
}

/// The known word that differs by the fewest letters, if it differs by no more than two.
fn nearest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let distances = known.iter().map(|k| (distance(word, k), *k));
    distances.min().filter(|(distance, _)| *distance <= 2).map(|(_, k)| k)
}

/// Letters to add, remove or exchange (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let exchanged = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = exchanged.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_two_letters_finds_its_word_and_a_stranger_does_not() {
        let known = ["purpose", "when", "then"];
        assert_eq!(nearest("prupose", &known), Some("purpose"));
        assert_eq!(nearest("whn", &known), Some("when"));
        assert_eq!(nearest("discount", &known), None);
    }
}
