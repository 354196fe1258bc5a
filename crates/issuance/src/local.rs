//! Rules that differ by place, as data (`local.toml`): which levels may be found at which age, and from which day a
//! certificate is renewed. The first is asked when a finding is entered, not when it is read back: a local rule changes, a signed finding does not.

use std::sync::LazyLock;

use credential::disability::{Category, Components};
use credential::region::Region;
use credential::time::Date;
use serde::Deserialize;

use crate::Error;

/// The rules of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalRules {
    ages: Vec<AgeRule>,
    renewals: Vec<RenewalRule>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AgeRule {
    category: Category,
    under_years: u16,
    lightest_level: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RenewalRule {
    region: Region,
    days_before_end: u16,
}

impl LocalRules {
    /// The rules that the program ships with, read once.
    pub fn shipped() -> Result<&'static Self, Error> {
        static SHIPPED: LazyLock<Result<LocalRules, Error>> =
            LazyLock::new(|| LocalRules::parse(include_str!("../local.toml")));
        SHIPPED.as_ref().map_err(Clone::clone)
    }

    /// Reads the file's format.
    pub fn parse(toml: &str) -> Result<Self, Error> {
        let file: File = toml::from_str(toml).map_err(|_| Error::LocalFormat)?;
        let rule = |row: AgeRow| {
            let category = Category::from_digit(row.category).map_err(|_| Error::LocalFormat)?;
            if !(1..=4).contains(&row.lightest_level) || row.under_years == 0 {
                return Err(Error::LocalFormat);
            }
            let AgeRow { under_years, lightest_level, .. } = row;
            Ok(AgeRule { category, under_years, lightest_level })
        };
        let renewal = |row: RenewalRow| {
            let region = Region::from_code(row.region).map_err(|_| Error::LocalFormat)?;
            Ok(RenewalRule { region, days_before_end: row.days_before_end })
        };
        let renewals: Vec<_> = file.renewal.into_iter().map(renewal).collect::<Result<_, Error>>()?;
        // Every county has a rule, if not of its own.
        if !renewals.iter().any(|rule| rule.region == Region::NATION) {
            return Err(Error::LocalFormat);
        }
        Ok(Self { ages: file.age.into_iter().map(rule).collect::<Result<_, Error>>()?, renewals })
    }

    /// The first day on which a certificate of a county that ends on a day is renewed.
    #[must_use]
    pub fn renewed_from(&self, ends: Date, county: Region) -> Date {
        Date::from_days(ends.to_days().saturating_sub(self.days_before_end(county)))
    }

    /// The last end of a certificate of a county that is renewed on a day already.
    #[must_use]
    pub fn renewed_until(&self, today: Date, county: Region) -> Date {
        Date::from_days(today.to_days().saturating_add(self.days_before_end(county)))
    }

    fn days_before_end(&self, county: Region) -> u64 {
        let rules = self.renewals.iter().filter(|rule| rule.region.contains(county));
        // Within one chain of regions the smaller one has the longer code.
        rules.max_by_key(|rule| rule.region.code()).map_or(0, |rule| u64::from(rule.days_before_end))
    }

    /// Refuses a level that is not found at the age on the day of the finding.
    pub fn check_age(&self, found: &Components, born: Date, on: Date) -> Result<(), Error> {
        let age = born.full_years_until(on);
        for component in found.as_slice() {
            let of = |rule: &&AgeRule| rule.category == component.category && age < rule.under_years;
            let Some(rule) = self.ages.iter().filter(of).min_by_key(|rule| rule.under_years) else {
                continue;
            };
            if component.level.digit() > rule.lightest_level {
                let AgeRule { category, under_years, lightest_level } = *rule;
                return Err(Error::TooYoung { category, under_years, lightest_level });
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    renewal: Vec<RenewalRow>,
    age: Vec<AgeRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenewalRow {
    region: u64,
    days_before_end: u16,
    #[serde(rename = "citation")]
    _citation: String,
    #[serde(rename = "confirmed")]
    _confirmed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgeRow {
    category: u8,
    under_years: u16,
    lightest_level: u8,
    #[serde(rename = "citation")]
    _citation: String,
    #[serde(rename = "confirmed")]
    _confirmed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use credential::disability::Component;

    #[test]
    fn a_child_is_found_deaf_at_the_levels_of_its_age_only() {
        let rules = LocalRules::shipped().unwrap();
        let on = Date::parse("2026-11-02").unwrap();
        let check = |born: &str, code: u64| {
            let found = Components::new(vec![Component::from_code(code).unwrap()]).unwrap();
            rules.check_age(&found, Date::parse(born).unwrap(), on)
        };
        for (born, code, is_found) in [
            ("2025-06-01", 22, true),
            ("2025-06-01", 23, false),
            ("2024-11-03", 23, false),
            ("2024-11-02", 23, true),
            ("2024-11-02", 24, false),
            ("2022-11-03", 24, false),
            ("2022-11-02", 24, true),
            ("2025-06-01", 44, true),
        ] {
            assert_eq!(check(born, code).is_ok(), is_found, "{born} {code}");
        }
        let refused = Error::TooYoung { category: Category::Hearing, under_years: 2, lightest_level: 2 };
        assert_eq!(check("2025-06-01", 24), Err(refused));
    }

    #[test]
    fn a_rule_without_its_source_or_with_unknown_words_is_refused() {
        let age = "[[age]]\ncategory = 2\nunder_years = 2";
        let rule = |rest: &str| LocalRules::parse(&format!("{}{age}\n{rest}", renewal(0, 90)));
        assert!(rule("lightest_level = 2\ncitation = \"x\"\nconfirmed = false").is_ok());
        assert_eq!(rule("lightest_level = 2\nconfirmed = false"), Err(Error::LocalFormat));
        assert_eq!(rule("lightest_level = 5\ncitation = \"x\"\nconfirmed = true"), Err(Error::LocalFormat));
    }

    fn renewal(region: u64, days: u16) -> String {
        format!(
            "[[renewal]]\nregion = {region}\ndays_before_end = {days}\ncitation = \"x\"\nconfirmed = false\n"
        )
    }

    #[test]
    fn the_day_of_renewal_is_that_of_the_smallest_region_with_a_rule() {
        let age = "[[age]]\ncategory = 2\nunder_years = 2\nlightest_level = 2\ncitation = \"x\"\nconfirmed = true\n";
        let parse = |renewals: &[String]| LocalRules::parse(&format!("{}{age}", renewals.concat()));
        assert_eq!(parse(&[renewal(22, 30)]), Err(Error::LocalFormat), "the other provinces have none");
        let rules = parse(&[renewal(0, 90), renewal(2201, 60), renewal(22, 30)]).unwrap();
        let from = |county: u64| {
            let ends = Date::parse("2036-12-31").unwrap();
            rules.renewed_from(ends, Region::from_code(county).unwrap()).to_string()
        };
        assert_eq!(from(220_102), "2036-11-01", "the prefecture's 60 days");
        assert_eq!(from(220_202), "2036-12-01", "the province's 30");
        assert_eq!(from(110_105), "2036-10-02", "90 everywhere else");
        for county in [220_102, 220_202, 110_105] {
            let county = Region::from_code(county).unwrap();
            let first = rules.renewed_from(Date::parse("2036-12-31").unwrap(), county);
            assert_eq!(rules.renewed_until(first, county).to_string(), "2036-12-31", "{county}: the inverse");
        }
    }
}
