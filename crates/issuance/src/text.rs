//! Short texts from forms: one line, no control characters, not longer than the form allows.
//! They are personal: `Debug` hides them, the way out is called `expose`.

use std::fmt;

use crate::fault::Rule;

/// One line of 1 to `MAX` characters, without spaces at either end.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MAX: usize>(String);

/// A person's name: minority-language names with `·` and characters outside the basic plane included.
pub type Name = Text<50>;
/// A word or two: a relation, an ethnic group, a place in an office.
pub type Word = Text<20>;
/// A line: an address, a remark.
pub type Line = Text<100>;

impl<const MAX: usize> Text<MAX> {
    /// Trims the ends; refuses an empty line, control characters and more than `MAX` characters.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Rule::Required);
        }
        if text.chars().any(|c| c.is_control() || is_invisible(c)) {
            return Err(Rule::ControlCharacter);
        }
        if text.chars().count() > MAX {
            return Err(Rule::TooLong { max: MAX });
        }
        Ok(Self(text.to_owned()))
    }

    /// In clear.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// The first character and a star for each other: `王**`.
impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().enumerate().try_for_each(|(i, c)| write!(f, "{}", if i == 0 { c } else { '*' }))
    }
}

impl<const MAX: usize> fmt::Debug for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(hidden)")
    }
}

/// Digits, `+`, `-` and spaces, at most 20 characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Refuses what could not be dialled.
    pub fn parse(text: &str) -> Result<Self, Rule> {
        let Text::<20>(text) = Text::parse(text)?;
        let dialled = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' '));
        if dialled && text.chars().any(|c| c.is_ascii_digit()) { Ok(Self(text)) } else { Err(Rule::Phone) }
    }

    /// In clear.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(hidden)")
    }
}

/// Characters that reorder or hide their neighbours would let one name look like another (Unicode TR 36);
/// U+FFFD stands where a file's bytes were no text.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_rare_characters_are_kept_as_they_are() {
        for name in ["王小明", "阿依古丽·买买提", "𠮷田", "㛃", "Ба́тор"] {
            assert_eq!(Name::parse(name).unwrap().expose(), name);
        }
        assert_eq!(Name::parse(" 王小明 ").unwrap().to_string(), "王**");
        assert_eq!(format!("{:?}", Name::parse("王小明").unwrap()), "Text(hidden)");
    }

    #[test]
    fn empty_long_or_invisible_text_is_refused() {
        assert_eq!(Name::parse("  "), Err(Rule::Required));
        assert_eq!(Name::parse(&"王".repeat(51)), Err(Rule::TooLong { max: 50 }));
        assert!(Name::parse(&"王".repeat(50)).is_ok());
        for text in ["王\n明", "王\u{202e}明", "王\u{200b}", "王\u{0}"] {
            assert_eq!(Name::parse(text), Err(Rule::ControlCharacter), "{text:?}");
        }
    }

    #[test]
    fn a_phone_can_be_dialled() {
        assert!(Phone::parse("+86 431-8888 0000").is_ok());
        assert_eq!(Phone::parse("拨打"), Err(Rule::Phone));
        assert_eq!(Phone::parse("--"), Err(Rule::Phone));
    }
}
