//! What a holder is entitled to, from a table of rules with citations: the grants of a pass.
//! Rules are data (`grants.toml`). One whose citation is not confirmed counts in demonstrations only.

use credential::disability::{Category, Components, Level};
use credential::grant::Grant;
use serde::Deserialize;

use crate::Error;

/// The rules, in the file's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grants(Vec<Rule>);

/// Which rules count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unconfirmed {
    /// In demonstrations.
    Count,
    /// Everywhere else.
    DoNotCount,
}

impl Grants {
    /// The rules that the program ships with.
    pub fn shipped(unconfirmed: Unconfirmed) -> Result<Self, Error> {
        Self::parse(include_str!("../grants.toml"), unconfirmed)
    }

    /// Reads the file's format.
    pub fn parse(toml: &str, unconfirmed: Unconfirmed) -> Result<Self, Error> {
        let file: File = toml::from_str(toml).map_err(|_| Error::GrantsFormat)?;
        let counts = |row: &Row| row.confirmed || unconfirmed == Unconfirmed::Count;
        file.rule.into_iter().filter(counts).map(Rule::from_row).collect::<Result<_, _>>().map(Self)
    }

    /// What these components entitle to: sorted, none twice; possibly nothing.
    #[must_use]
    pub fn of(&self, components: &Components) -> Vec<Grant> {
        let matching = self.0.iter().filter(|rule| rule.matches(components));
        let mut grants: Vec<Grant> = matching.flat_map(|rule| rule.grants.iter().copied()).collect();
        grants.sort_unstable();
        grants.dedup();
        // Who rides free has no use for a reduced fare.
        if grants.contains(&Grant::TransitFree) {
            grants.retain(|grant| *grant != Grant::TransitReduced);
        }
        grants
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    categories: Vec<Category>,
    level: Level,
    grants: Vec<Grant>,
}

impl Rule {
    fn matches(&self, components: &Components) -> bool {
        self.categories.iter().any(|category| components.has(*category, self.level))
    }

    fn from_row(row: Row) -> Result<Self, Error> {
        let categories = row.categories.iter().map(|digit| Category::from_digit(*digit));
        let grants = row.grants.iter().map(|name| Grant::from_name(name).ok_or(Error::GrantsFormat));
        Ok(Self {
            categories: categories.collect::<Result<_, _>>().map_err(|_| Error::GrantsFormat)?,
            level: Level::from_digit(row.level).map_err(|_| Error::GrantsFormat)?,
            grants: grants.collect::<Result<_, _>>()?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rule: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    categories: Vec<u8>,
    level: u8,
    grants: Vec<String>,
    #[serde(rename = "citation")]
    _citation: String,
    confirmed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use credential::disability::Component;

    fn components(code: u64) -> Components {
        Components::new(vec![Component::from_code(code).unwrap()]).unwrap()
    }

    #[test]
    fn the_blind_ride_free_and_unconfirmed_rules_count_in_demonstrations_only() {
        let real = Grants::shipped(Unconfirmed::DoNotCount).unwrap();
        let demo = Grants::shipped(Unconfirmed::Count).unwrap();
        assert!(real.of(&components(12)).contains(&Grant::TransitFree));
        assert!(!real.of(&components(13)).contains(&Grant::TransitFree));
        assert!(!real.of(&components(42)).contains(&Grant::TransitFree));
        assert!(demo.of(&components(42)).contains(&Grant::TransitFree));
        assert!(demo.of(&components(44)).is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn no_holder_has_more_than_five_grants() {
        let demo = Grants::shipped(Unconfirmed::Count).unwrap();
        let levels = |category: u64| (1..=4).map(move |level| category * 10 + level);
        for first in (1..=6).flat_map(levels) {
            for second in (1..=6).flat_map(levels).filter(|second| second / 10 != first / 10) {
                let list = [first, second].map(|code| Component::from_code(code).unwrap()).to_vec();
                assert!(demo.of(&Components::new(list).unwrap()).len() <= 5);
            }
        }
    }

    #[test]
    fn a_rule_without_citation_or_with_an_unknown_grant_is_refused() {
        let rule = |grants, rest| {
            let text = format!("[[rule]]\ncategories = [1]\nlevel = 2\ngrants = [\"{grants}\"]\n{rest}");
            Grants::parse(&text, Unconfirmed::Count)
        };
        assert!(rule("transit.free", "citation = \"c\"\nconfirmed = true").is_ok());
        assert!(rule("transit.free", "confirmed = true").is_err());
        assert!(rule("fly.free", "citation = \"c\"\nconfirmed = true").is_err());
    }
}
