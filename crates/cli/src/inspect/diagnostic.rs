//! CBOR in diagnostic notation (RFC 8949, section 8), with personal values hidden.
//! Reads as strictly as the profile; where it stops, it says at which offset and why.

use credential::Malformed;
use credential::cbor::Reader;

/// What may be shown of an item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// Everything.
    All,
    /// Everything but identity and assessment: the claims of a credential.
    Claims,
    /// An assessment: document number and components are hidden.
    Disability,
    /// The shape only.
    Nothing,
}

/// Where a strict reader stops, counted in bytes from the start, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) offset: usize,
    pub(super) cause: Malformed,
}

/// The notation of one item that must be the whole input.
pub(super) fn notation(bytes: &[u8], show: Show) -> Result<String, Fault> {
    let mut reader = Reader::new(bytes);
    let text = item(&mut reader, show, 0)?;
    if reader.is_empty() {
        Ok(text)
    } else {
        Err(Fault { offset: reader.offset(), cause: Malformed::TrailingBytes })
    }
}

fn item(reader: &mut Reader<'_>, show: Show, depth: usize) -> Result<String, Fault> {
    let offset = reader.offset();
    let fault = |cause| Fault { offset, cause };
    if depth > MAX_DEPTH {
        return Err(fault(Malformed::Unsupported));
    }
    let mut ahead = reader.clone();
    let (major, argument) = ahead.head().map_err(fault)?;
    let hidden = show == Show::Nothing;
    Ok(match major {
        0 | 1 => {
            let value = reader.int().map_err(fault)?;
            if hidden { HIDDEN_NUMBER.into() } else { value.to_string() }
        }
        2 => bytes_notation(reader.bytes().map_err(fault)?, hidden),
        3 => {
            let text = reader.text().map_err(fault)?;
            if hidden {
                format!("\"…\" / {} 字 chars /", text.chars().count())
            } else {
                format!("{text:?}")
            }
        }
        4 => {
            *reader = ahead;
            let of =
                |index: u64| if show == Show::Disability && index < 2 { Show::Nothing } else { inner(show) };
            let items = sequence(argument, |index| item(reader, of(index), depth + 1))?;
            bracketed('[', &items, ']', depth)
        }
        5 => {
            *reader = ahead;
            let pairs = sequence(argument, |_| pair(reader, show, depth + 1))?;
            bracketed('{', &pairs, '}', depth)
        }
        6 => {
            *reader = ahead;
            format!("{argument}({})", item(reader, show, depth + 1)?)
        }
        _ => {
            *reader = ahead;
            match argument {
                20 => "false".into(),
                21 => "true".into(),
                22 => "null".into(),
                other => format!("simple({other})"),
            }
        }
    })
}

fn pair(reader: &mut Reader<'_>, show: Show, depth: usize) -> Result<String, Fault> {
    let mut ahead = reader.clone();
    let number = ahead.int().ok();
    let key = item(reader, Show::All, depth)?;
    let show_value = match (show, number) {
        (Show::Claims, Some(IDENTITY)) => Show::Nothing,
        (Show::Claims, Some(DISABILITY)) => Show::Disability,
        (show, _) => inner(show),
    };
    Ok(format!("{key}: {}", item(reader, show_value, depth)?))
}

/// What holds for the claims holds for their outermost map only; hidden stays hidden.
fn inner(show: Show) -> Show {
    if show == Show::Nothing { Show::Nothing } else { Show::All }
}

/// As many items as the head claims, or as the input has: nothing is reserved from a claim.
fn sequence(claimed: u64, mut one: impl FnMut(u64) -> Result<String, Fault>) -> Result<Vec<String>, Fault> {
    let mut items = Vec::new();
    for index in 0..claimed {
        let text = one(index)?;
        if index < MAX_SHOWN {
            items.push(text);
        }
    }
    if claimed > MAX_SHOWN {
        items.push(format!("/ … 另有 {} 项 more /", claimed - MAX_SHOWN));
    }
    Ok(items)
}

fn bytes_notation(bytes: &[u8], hidden: bool) -> String {
    let length = bytes.len();
    if hidden {
        return format!("h'…' / {length} 字节 bytes /");
    }
    match bytes.get(..MAX_HEX_BYTES) {
        Some(start) if length > MAX_HEX_BYTES => {
            format!("h'{}…' / {length} 字节 bytes /", hex::encode(start))
        }
        _ => format!("h'{}'", hex::encode(bytes)),
    }
}

/// On one line where it fits.
fn bracketed(open: char, items: &[String], close: char, depth: usize) -> String {
    let line = items.join(", ");
    if line.chars().count() <= LINE_CHARS && !line.contains('\n') {
        return format!("{open}{line}{close}");
    }
    let indent = "  ".repeat(depth + 1);
    let lines: Vec<String> = items.iter().map(|item| format!("{indent}{item}")).collect();
    format!("{open}\n{}\n{}{close}", lines.join(",\n"), "  ".repeat(depth))
}

const HIDDEN_NUMBER: &str = "… / 已隐藏 hidden /";
/// Claims of a certificate, PROFILE.md, section 2.
const IDENTITY: i64 = 169;
const DISABILITY: i64 = -65_537;
/// Deeper than anything of the profile.
const MAX_DEPTH: usize = 16;
/// Keys of a large trust list; more is for `trust show`.
const MAX_SHOWN: u64 = 64;
/// A signature fits.
const MAX_HEX_BYTES: usize = 64;
const LINE_CHARS: usize = 72;

#[cfg(test)]
mod tests {
    use credential::cbor::Writer;

    use super::*;

    #[test]
    fn items_of_every_type_are_written_as_the_standard_does() {
        let bytes = Writer::new().array(6).uint(1u8).int(-7).bytes(&[0xab]).text("a\"b").bool(true).map(1);
        let bytes = bytes.int(4).tag(18).array(0).finish();
        assert_eq!(notation(&bytes, Show::All).unwrap(), r#"[1, -7, h'ab', "a\"b", true, {4: 18([])}]"#);
    }

    #[test]
    fn of_a_person_only_the_shape_is_shown() {
        let identity = Writer::new().map(2).int(4).uint(5u8).int(169).map(1).int(4).text("欧阳示例");
        let bytes = identity.finish();
        assert_eq!(notation(&bytes, Show::Claims).unwrap(), "{4: 5, 169: {4: \"…\" / 4 字 chars /}}");
        assert!(notation(&bytes, Show::All).unwrap().contains("欧阳示例"));
        let assessed =
            Writer::new().map(1).int(-65_537).array(3).uint(77u8).array(1).uint(42u8).uint(22u8).finish();
        let shown = notation(&assessed, Show::Claims).unwrap();
        assert!(!shown.contains("77") && !shown.contains("42") && shown.contains("22"), "{shown}");
    }

    #[test]
    fn a_fault_is_shown_with_its_offset() {
        let fault = |bytes: &[u8]| notation(bytes, Show::All).unwrap_err();
        assert_eq!(fault(&[0x82, 1]), Fault { offset: 2, cause: Malformed::Truncated });
        assert_eq!(fault(&[0x82, 1, 0x18, 5]), Fault { offset: 2, cause: Malformed::NotShortest });
        assert_eq!(fault(&[1, 1]), Fault { offset: 1, cause: Malformed::TrailingBytes });
        assert_eq!(fault(&[0x81, 0x9f]), Fault { offset: 1, cause: Malformed::Unsupported });
        assert_eq!(fault(&[0x81; 40]).cause, Malformed::Unsupported);
        assert_eq!(
            fault(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).cause,
            Malformed::Truncated
        );
    }
}
