//! Working days: Monday to Friday, less the public holidays, plus the make-up workdays (调休).
//! The days are data (`calendar.toml`), one notice of the State Council a year. A year without its notice
//! cannot be counted through: the legal clock is never guessed.

use std::collections::BTreeMap;

use credential::time::Date;
use serde::Deserialize;

use crate::Error;

/// The years whose notices are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar(BTreeMap<u16, Year>);

impl Calendar {
    /// The calendar that the program ships with.
    pub fn shipped() -> Result<Self, Error> {
        Self::parse(include_str!("../calendar.toml"))
    }

    /// Reads the file's format. A later year in the same file, or a file beside the database, adds to it.
    pub fn parse(toml: &str) -> Result<Self, Error> {
        let file: File = toml::from_str(toml).map_err(|_| Error::CalendarFormat)?;
        let mut years = BTreeMap::new();
        for row in file.year {
            let number = row.year;
            if years.insert(number, Year::from_row(row)?).is_some() {
                return Err(Error::CalendarFormat);
            }
        }
        Ok(Self(years))
    }

    /// Whether people work on that day.
    pub fn is_working_day(&self, day: Date) -> Result<bool, Error> {
        let unknown = |day: Date| Error::CalendarYearUnknown { year: day.year() };
        let year = self.0.get(&day.year()).ok_or_else(|| unknown(day))?;
        let is_holiday = year.holidays.iter().any(|(first, last)| (*first..=*last).contains(&day));
        Ok(year.workdays.contains(&day) || (day.weekday() <= 5 && !is_holiday))
    }

    /// The last of so many working days that follow a day: a term of five working days posted on
    /// Monday ends with the Monday after it. The day itself does not count (民法典 article 201).
    pub fn last_of(&self, working_days: u16, after: Date) -> Result<Date, Error> {
        let mut day = after;
        let mut left = working_days;
        while left > 0 {
            day = Date::from_days(day.to_days() + 1);
            left -= u16::from(self.is_working_day(day)?);
        }
        Ok(day)
    }

    /// The latest day after which so many working days fit up to and with another: `last_of`, the other way round.
    pub fn latest_start(&self, working_days: u16, until: Date) -> Result<Date, Error> {
        let mut day = until;
        let mut left = working_days;
        while left > 0 {
            left -= u16::from(self.is_working_day(day)?);
            day = day_before(day);
        }
        Ok(day)
    }

    /// The last day up to and with this one whose year is known; `None` where no such year is.
    #[must_use]
    pub fn last_known(&self, day: Date) -> Option<Date> {
        let year = *self.0.range(..=day.year()).next_back()?.0;
        if year == day.year() { Some(day) } else { Date::new(year, 12, 31) }
    }

    /// Working days after one day up to and with another; 0 where that is earlier.
    pub fn between(&self, after: Date, until: Date) -> Result<u16, Error> {
        let days = (after.to_days() + 1..=until.to_days()).map(Date::from_days);
        days.map(|day| self.is_working_day(day).map(u16::from)).sum()
    }
}

fn day_before(day: Date) -> Date {
    Date::from_days(day.to_days().saturating_sub(1))
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Year {
    holidays: Vec<(Date, Date)>,
    workdays: Vec<Date>,
}

impl Year {
    fn from_row(row: YearRow) -> Result<Self, Error> {
        let in_year = |day: &toml::value::Datetime| {
            date(day).filter(|date| date.year() == row.year).ok_or(Error::CalendarFormat)
        };
        let holidays = row.holidays.iter().map(|range| Ok((in_year(&range.first)?, in_year(&range.last)?)));
        let holidays = holidays.collect::<Result<Vec<_>, Error>>()?;
        let workdays = row.workdays.iter().map(in_year).collect::<Result<Vec<_>, _>>()?;
        if holidays.iter().any(|(first, last)| first > last) {
            return Err(Error::CalendarFormat);
        }
        Ok(Self { holidays, workdays })
    }
}

fn date(value: &toml::value::Datetime) -> Option<Date> {
    let date = value.date.filter(|_| value.time.is_none())?;
    Date::new(date.year, date.month, date.day)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    year: Vec<YearRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearRow {
    year: u16,
    #[serde(rename = "notice")]
    _notice: String,
    #[serde(rename = "confirmed")]
    _confirmed: bool,
    holidays: Vec<Range>,
    workdays: Vec<toml::value::Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    #[serde(rename = "name")]
    _name: String,
    first: toml::value::Datetime,
    last: toml::value::Datetime,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn a_term_skips_weekends_and_holidays_and_counts_make_up_workdays() {
        let calendar = Calendar::shipped().unwrap();
        assert_eq!(calendar.last_of(5, day("2026-11-02")), Ok(day("2026-11-09")));
        // Across the national holiday, with the make-up workday on Saturday 10 October.
        assert_eq!(calendar.last_of(5, day("2026-09-30")), Ok(day("2026-10-13")));
        assert_eq!(calendar.between(day("2026-09-30"), day("2026-10-13")), Ok(5));
        assert_eq!(calendar.is_working_day(day("2026-02-14")), Ok(true));
        assert_eq!(calendar.is_working_day(day("2026-02-16")), Ok(false));
    }

    #[test]
    fn the_latest_start_is_the_last_of_a_term_the_other_way_round() {
        let calendar = Calendar::shipped().unwrap();
        for after in day("2026-01-01").to_days()..day("2026-12-01").to_days() {
            for days in [0, 1, 5, 10] {
                let start = calendar.latest_start(days, Date::from_days(after + 30)).unwrap();
                assert!(calendar.last_of(days, start).unwrap() <= Date::from_days(after + 30));
                let next = Date::from_days(start.to_days() + 1);
                assert!(calendar.last_of(days, next).unwrap() > Date::from_days(after + 30));
            }
        }
    }

    #[test]
    fn a_year_without_its_notice_is_not_guessed() {
        let calendar = Calendar::shipped().unwrap();
        assert_eq!(calendar.last_known(day("2098-12-29")), calendar.last_known(day("2098-01-01")));
        assert_eq!(calendar.last_known(day("2026-03-01")), Some(day("2026-03-01")));
        assert_eq!(calendar.last_known(day("1999-01-01")), None);
        assert_eq!(calendar.last_of(5, day("2098-12-29")), Err(Error::CalendarYearUnknown { year: 2098 }));
    }

    #[test]
    fn days_of_another_year_and_unknown_words_are_refused() {
        let year = |rest: &str| {
            Calendar::parse(&format!("[[year]]\nyear = 2026\nnotice = \"n\"\nconfirmed = true\n{rest}"))
        };
        assert!(year("holidays = []\nworkdays = [2026-01-04]").is_ok());
        assert!(year("holidays = []\nworkdays = [2025-01-04]").is_err());
        assert!(year("holidays = []\nworkdays = []\nextra = 1").is_err());
        assert!(
            year("holidays = [{ name = \"x\", first = 2026-01-03, last = 2026-01-01 }]\nworkdays = []")
                .is_err()
        );
    }
}
