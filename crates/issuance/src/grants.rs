//! What a holder is entitled to: the passes that an issuer signs.
//! Signed policy packs decide once any is adopted; until then a table of rules with citations does (`grants.toml`).
//! What is not confirmed by its source counts in demonstrations only.

use credential::disability::{Category, Components, Level};
use credential::grant::Grant;
use credential::grant_set::GrantSet;
use credential::region::Region;
use credential::time::Date;
use serde::Deserialize;
use verifier::policy::Policies;

use crate::Error;
use crate::entitlement::{Entitlement, Holder, Rules};

/// What decides.
#[derive(Clone, Debug)]
pub struct Grants(Source);

#[derive(Clone, Debug)]
enum Source {
    /// In the file's order.
    Table(Vec<Rule>),
    /// And where the issuer's key is trusted.
    Packs { policies: Policies, unconfirmed: Unconfirmed, widest: Region },
}

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
        let rules = file.rule.into_iter().filter(counts).map(Rule::from_row).collect::<Result<_, _>>();
        Ok(Self(Source::Table(rules?)))
    }

    /// What packs say whose signatures were verified. No pass holds outside `widest`, where the issuer's key is trusted.
    #[must_use]
    pub fn from_packs(policies: Policies, unconfirmed: Unconfirmed, widest: Region) -> Self {
        Self(Source::Packs { policies, unconfirmed, widest })
    }

    /// Whether a pack of a prefecture or a county is among them, so that somebody may have more than one pass.
    pub(crate) fn have_narrower(&self) -> bool {
        match &self.0 {
            Source::Table(_) => false,
            Source::Packs { policies, widest, .. } => {
                policies.packs().iter().any(|pack| !pack.jurisdiction.contains(*widest))
            }
        }
    }

    /// The passes for a holder on a day, the widest first; possibly none.
    #[must_use]
    pub fn passes(&self, holder: &Holder<'_>, on: Date) -> Vec<Entitlement> {
        match &self.0 {
            Source::Table(rules) => {
                let grants = of(rules, holder.components);
                let jurisdiction = province_of(holder.county);
                if grants.is_empty() { vec![] } else { vec![Entitlement { jurisdiction, grants }] }
            }
            Source::Packs { policies, unconfirmed, widest } => {
                let unconfirmed = match unconfirmed {
                    Unconfirmed::Count => verifier::policy::Unconfirmed::Demo,
                    Unconfirmed::DoNotCount => verifier::policy::Unconfirmed::Refuse,
                };
                Rules { policies, unconfirmed, on, widest: *widest }.entitlements(holder)
            }
        }
    }
}

/// What a table entitles these components to.
fn of(rules: &[Rule], components: &Components) -> GrantSet {
    let matching = rules.iter().filter(|rule| rule.matches(components));
    let grants: GrantSet = matching.flat_map(|rule| rule.grants.iter().copied()).collect();
    // Who rides free has no use for a reduced fare.
    let superseded = if grants.contains(Grant::TransitFree) {
        GrantSet::NONE.with(Grant::TransitReduced)
    } else {
        GrantSet::NONE
    };
    grants.without(superseded)
}

/// A rule of the table holds in the province of the county that issues.
fn province_of(county: Region) -> Region {
    Region::from_code(u64::from(county.code() / 10_000)).unwrap_or(county)
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

    fn grants(table: &Grants, components: &Components) -> GrantSet {
        let county = Region::from_code(220_104).unwrap();
        let passes = table.passes(&Holder { components, born: None, county }, Date::EPOCH);
        assert!(passes.iter().all(|pass| pass.jurisdiction == Region::from_code(22).unwrap()));
        passes.iter().fold(GrantSet::NONE, |all, pass| all.union(pass.grants))
    }

    #[test]
    fn the_blind_ride_free_and_unconfirmed_rules_count_in_demonstrations_only() {
        let real = Grants::shipped(Unconfirmed::DoNotCount).unwrap();
        let demo = Grants::shipped(Unconfirmed::Count).unwrap();
        let rides_free = |table, code| grants(table, &components(code)).contains(Grant::TransitFree);
        assert!(rides_free(&real, 12) && !rides_free(&real, 13) && !rides_free(&real, 42));
        assert!(rides_free(&demo, 42) && !rides_free(&demo, 44));
        assert!(!grants(&demo, &components(42)).contains(Grant::TransitReduced));
        assert!(grants(&real, &components(42)).is_empty(), "and there is no pass without a grant");
    }

    #[test]
    fn no_holder_has_more_than_five_grants() {
        let demo = Grants::shipped(Unconfirmed::Count).unwrap();
        let levels = |category: u64| (1..=4).map(move |level| category * 10 + level);
        for first in (1..=6).flat_map(levels) {
            for second in (1..=6).flat_map(levels).filter(|second| second / 10 != first / 10) {
                let list = [first, second].map(|code| Component::from_code(code).unwrap()).to_vec();
                assert!(grants(&demo, &Components::new(list).unwrap()).iter().count() <= 5);
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
