//! Rules that differ by place, as data (`local.toml`): which levels may be found at which age.
//! Asked when a finding is entered, not when it is read back: a local rule changes, a signed finding does not.

use credential::disability::{Category, Components};
use credential::time::Date;
use serde::Deserialize;

use crate::Error;

/// The rules of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalRules(Vec<AgeRule>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct AgeRule {
    category: Category,
    under_years: u16,
    lightest_level: u8,
}

impl LocalRules {
    /// The rules that the program ships with.
    pub fn shipped() -> Result<Self, Error> {
        Self::parse(include_str!("../local.toml"))
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
        file.age.into_iter().map(rule).collect::<Result<_, _>>().map(Self)
    }

    /// Refuses a level that is not found at the age on the day of the finding.
    pub fn check_age(&self, found: &Components, born: Date, on: Date) -> Result<(), Error> {
        let age = born.full_years_until(on);
        for component in found.as_slice() {
            let of = |rule: &&AgeRule| rule.category == component.category && age < rule.under_years;
            let Some(rule) = self.0.iter().filter(of).min_by_key(|rule| rule.under_years) else { continue };
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
    age: Vec<AgeRow>,
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
        let rule = |rest: &str| LocalRules::parse(&format!("[[age]]\ncategory = 2\nunder_years = 2\n{rest}"));
        assert!(rule("lightest_level = 2\ncitation = \"x\"\nconfirmed = false").is_ok());
        assert_eq!(rule("lightest_level = 2\nconfirmed = false"), Err(Error::LocalFormat));
        assert_eq!(rule("lightest_level = 5\ncitation = \"x\"\nconfirmed = true"), Err(Error::LocalFormat));
    }
}
