//! Names and other short texts inside signed claims.
//! A text that prints differently from what it is could put one person's name on another's certificate.

use crate::cbor::Reader;
use crate::error::Malformed;

/// Reads a text of 1 to [`MAX_TEXT_CHARS`] characters that [`check`] lets pass.
pub(crate) fn read<'a>(reader: &mut Reader<'a>, field: &'static str) -> Result<&'a str, Malformed> {
    check(reader.text()?, field)
}

/// Refuses an empty or over-long text, control characters, marks that change the direction of writing,
/// and white space at either end.
pub fn check<'a>(text: &'a str, field: &'static str) -> Result<&'a str, Malformed> {
    let fits = (1..=MAX_TEXT_CHARS).contains(&text.chars().count());
    let deceives = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if fits && text.trim() == text && !text.chars().any(deceives) {
        Ok(text)
    } else {
        Err(Malformed::BadText(field))
    }
}

/// The longest names in the national register, transcribed minority names, stay below 50.
pub const MAX_TEXT_CHARS: usize = 64;
