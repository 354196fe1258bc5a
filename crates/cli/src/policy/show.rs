//! Faults shown to people, with the line they stand in, and to programs, as one object each.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

use super::fault::Fault;
use bilingual::Language;

/// A fault for other programs. Lines and columns count from 1; a column counts characters.
#[derive(Serialize)]
pub(crate) struct FaultJson<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) code: &'static str,
    pub(crate) zh: String,
    pub(crate) en: String,
}

impl<'a> FaultJson<'a> {
    pub(crate) fn of(fault: &Fault, file: &'a str, toml: &str) -> Self {
        let (line, column) = line_and_column(toml, fault.at.start);
        let say = |language| fault.what.say(language);
        Self { file, line, column, code: fault.what.code(), zh: say(Language::Zh), en: say(Language::En) }
    }
}

/// A fault with the lines it stands in.
pub(crate) fn picture(fault: &Fault, file: &str, toml: &str, language: Language, coloured: bool) -> String {
    let title = fault.what.say(language);
    let help = fault.what.help(language);
    // Of a table of many lines, the first says which it is.
    let end = toml
        .get(fault.at.clone())
        .and_then(|text| text.find('\n'))
        .map_or(fault.at.end, |n| fault.at.start + n);
    let mark = AnnotationKind::Primary.span(fault.at.start..end);
    let error = Level::ERROR.with_name(language.pick("错误", "error"));
    let mut group = error
        .primary_title(title.as_str())
        .id(fault.what.code())
        .element(Snippet::source(toml).path(file).annotation(mark));
    if let Some(help) = &help {
        group = group.element(Level::HELP.with_name(language.pick("提示", "help")).message(help.as_str()));
    }
    let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Unicode).render(&[group])
}

/// Both from 1.
pub(crate) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "一 = 1\n二 = \"三\"\n";
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(line_and_column(text, text.find('"').unwrap()), (2, 5));
        assert_eq!(line_and_column(text, text.len()), (3, 1));
    }
}
