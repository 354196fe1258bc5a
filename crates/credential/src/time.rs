//! Points in time and calendar dates, without a clock.
//! Time is seconds since 1970-01-01T00:00:00Z (RFC 8392 NumericDate, integer); dates are Gregorian.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "years stay below 10,000 and days below 2^22, seconds saturate"
)]

use core::fmt;

use crate::error::Malformed;

/// Seconds since 1970-01-01T00:00:00Z. Prints as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// From seconds.
    #[must_use]
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// In seconds.
    #[must_use]
    pub const fn as_seconds(self) -> u64 {
        self.0
    }

    /// So many seconds later; stays at the end of time rather than wrap.
    #[must_use]
    pub const fn plus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Seconds that passed since an earlier time; 0 if it is later.
    #[must_use]
    pub const fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The date in China (UTC+8, no summer time): what the law counts by.
    #[must_use]
    pub const fn date_in_china(self) -> Date {
        Date::from_days(self.plus_seconds(CHINA_OFFSET_SECONDS).0 / DAY_SECONDS)
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, second) = (Date::from_days(self.0 / DAY_SECONDS), self.0 % DAY_SECONDS);
        write!(f, "{date}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
    }
}

/// A calendar date from 0001-01-01 to 9999-12-31. Prints as `2026-11-24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// 1970-01-01.
    pub const EPOCH: Self = Self { year: 1970, month: 1, day: 1 };

    /// `None` where the calendar has no such day.
    #[must_use]
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        if year >= 1 && year <= 9999 && day >= 1 && day <= days_in_month(year, month) {
            Some(Self { year, month, day })
        } else {
            None
        }
    }

    /// From eight digits, `20261124`.
    pub fn parse_compact(text: &str) -> Result<Self, Malformed> {
        let number: u32 = match text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
            true => text.parse().map_err(|_| Malformed::OutOfRange("date"))?,
            false => return Err(Malformed::OutOfRange("date")),
        };
        Self::new((number / 10_000) as u16, (number / 100 % 100) as u8, (number % 100) as u8)
            .ok_or(Malformed::OutOfRange("date"))
    }

    /// From `2026-11-24`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut parts = text.splitn(3, '-');
        let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Malformed::OutOfRange("date"));
        };
        let digits = |text: &str, len| text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
            return Err(Malformed::OutOfRange("date"));
        }
        year.parse()
            .ok()
            .zip(month.parse().ok().zip(day.parse().ok()))
            .and_then(|(year, (month, day))| Self::new(year, month, day))
            .ok_or(Malformed::OutOfRange("date"))
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Days since 1970-01-01; 0 for earlier dates.
    #[must_use]
    pub const fn to_days(self) -> u64 {
        // Days from civil, Howard Hinnant: years start in March so that the leap day is the last.
        let year = if self.month <= 2 { self.year as i64 - 1 } else { self.year as i64 };
        let era = year.div_euclid(400);
        let year_of_era = year - era * 400;
        let day_of_year = (153 * ((self.month as i64 + 9) % 12) + 2) / 5 + self.day as i64 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * 146_097 + day_of_era - 719_468;
        if days < 0 { 0 } else { days as u64 }
    }

    /// The inverse of [`Self::to_days`], up to 9999-12-31.
    #[must_use]
    pub const fn from_days(days: u64) -> Self {
        let days = if days > LAST_DAY { LAST_DAY as i64 } else { days as i64 } + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days - era * 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + (month <= 2) as i64;
        Self { year: year as u16, month: month as u8, day: day as u8 }
    }

    /// 1 is Monday, 7 is Sunday (ISO 8601).
    #[must_use]
    pub const fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        ((self.to_days() + 3) % 7) as u8 + 1
    }

    /// Midnight in China at the start of this date.
    #[must_use]
    pub const fn start_in_china(self) -> UnixTime {
        UnixTime((self.to_days() * DAY_SECONDS).saturating_sub(CHINA_OFFSET_SECONDS))
    }

    /// The same day some years later; 29 February becomes 28 where there is none.
    #[must_use]
    pub const fn plus_years(self, years: u16) -> Self {
        let year = if self.year + years > 9999 { 9999 } else { self.year + years };
        let last = days_in_month(year, self.month);
        Self { year, month: self.month, day: if self.day > last { last } else { self.day } }
    }

    /// Full years from this date (of birth) to another; 0 if it is earlier.
    #[must_use]
    pub const fn full_years_until(self, other: Self) -> u16 {
        let had_birthday =
            (other.month, other.day).0 > self.month || (other.month == self.month && other.day >= self.day);
        other.year.saturating_sub(self.year).saturating_sub(!had_birthday as u16)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

const DAY_SECONDS: u64 = 86_400;
/// Beijing time is UTC+8 all year.
const CHINA_OFFSET_SECONDS: u64 = 8 * 3600;
/// 9999-12-31.
const LAST_DAY: u64 = 2_932_896;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn dates_and_days_agree_over_four_centuries() {
        let mut date = Date::EPOCH;
        for days in 0..146_097 {
            assert_eq!(Date::from_days(days), date);
            assert_eq!(date.to_days(), days);
            date = Date::new(date.year, date.month, date.day + 1)
                .or_else(|| Date::new(date.year, date.month + 1, 1))
                .or_else(|| Date::new(date.year + 1, 1, 1))
                .unwrap();
        }
        assert_eq!(Date::from_days(u64::MAX).to_string(), "9999-12-31");
    }

    #[test]
    fn times_print_as_rfc_3339_and_days_begin_in_china() {
        let time = UnixTime::from_seconds(1_795_500_000);
        assert_eq!(time.to_string(), "2026-11-24T06:00:00Z");
        assert_eq!(time.date_in_china().to_string(), "2026-11-24");
        assert_eq!(time.date_in_china().start_in_china().to_string(), "2026-11-23T16:00:00Z");
        assert_eq!(time.date_in_china().weekday(), 2);
    }

    #[test]
    fn a_birthday_counts_from_its_day() {
        let born = Date::new(2008, 2, 29).unwrap();
        assert_eq!(born.full_years_until(Date::new(2026, 2, 28).unwrap()), 17);
        assert_eq!(born.full_years_until(Date::new(2026, 3, 1).unwrap()), 18);
        assert_eq!(born.plus_years(1).to_string(), "2009-02-28");
    }

    #[test]
    fn texts_that_are_no_dates_are_refused() {
        assert_eq!(Date::parse("2026-11-24"), Date::parse_compact("20261124"));
        for text in ["2026-02-29", "2026-1-01", "+026-01-01", "2026-13-01", "", "2026-11-24 "] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
        for text in ["20260229", "2026112", "202611240", "+0261124"] {
            assert!(Date::parse_compact(text).is_err(), "{text}");
        }
    }
}
