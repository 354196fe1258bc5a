//! Points in time and ages, as people write and read them.

use credential::UnixTime;
use jiff::Timestamp;

use bilingual::{Language, say};

/// Why a time is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeError {
    /// Not RFC 3339, with an offset or `Z`.
    NotRfc3339,
    /// Before 1970.
    TooEarly,
    /// Not a number and one of s, m, h, d.
    NotAnAge,
}

impl std::fmt::Display for TimeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotRfc3339 => "写作 write 2026-11-24T08:00:00+08:00",
            Self::TooEarly => "早于 1970 年 before 1970",
            Self::NotAnAge => "写作 write 30s, 90m, 24h, 7d",
        })
    }
}

impl std::error::Error for TimeError {}

/// `2026-11-24T08:00:00+08:00`.
pub(crate) fn parse(text: &str) -> Result<UnixTime, TimeError> {
    let time: Timestamp = text.parse().map_err(|_| TimeError::NotRfc3339)?;
    u64::try_from(time.as_second()).map(UnixTime::from_seconds).map_err(|_| TimeError::TooEarly)
}

/// `7d` in seconds.
pub(crate) fn parse_age(text: &str) -> Result<u64, TimeError> {
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or(TimeError::NotAnAge)?;
    let unit = UNITS.iter().find(|(name, ..)| *name == unit).ok_or(TimeError::NotAnAge)?.1;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| digits).ok_or(TimeError::NotAnAge)?;
    number.checked_mul(unit).ok_or(TimeError::NotAnAge)
}

/// `3 小时`, `3 h`: the largest unit that fits.
pub(crate) fn say_age(seconds: u64, language: Language) -> String {
    let (en, unit, zh) = *UNITS.iter().rev().find(|(_, unit, _)| seconds >= *unit).unwrap_or(&UNITS[0]);
    let number = seconds / unit;
    say!(language, "{number} {zh}", "{number} {en}")
}

const UNITS: [(&str, u64, &str); 4] =
    [("s", 1, "秒"), ("m", 60, "分钟"), ("h", 3600, "小时"), ("d", 86_400, "天")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_an_offset() {
        assert_eq!(parse("1970-01-01T08:00:01+08:00"), Ok(UnixTime::from_seconds(1)));
        assert_eq!(parse("2026-11-24T06:00:00Z"), Ok(UnixTime::from_seconds(1_795_500_000)));
        assert_eq!(parse("1969-12-31T23:59:59Z"), Err(TimeError::TooEarly));
        for text in ["2026-11-24", "2026-11-24T06:00:00", "yesterday", ""] {
            assert_eq!(parse(text), Err(TimeError::NotRfc3339), "{text}");
        }
    }

    #[test]
    fn ages_have_a_unit() {
        assert_eq!(["30s", "90m", "24h", "7d"].map(parse_age), [Ok(30), Ok(5400), Ok(86_400), Ok(604_800)]);
        for text in ["", "7", "d", "-7d", "+7d", "7w", "7天", "99999999999999999999d", "9999999999999999999d"]
        {
            assert_eq!(parse_age(text), Err(TimeError::NotAnAge), "{text}");
        }
        assert_eq!(say_age(7300, Language::En), "2 h");
        assert_eq!(say_age(0, Language::Zh), "0 秒");
    }
}
