//! The passes a holder is entitled to, computed from the policy packs, and what a change of packs changes.
//! Follows PROFILE.md of `credential`, sections 6 and 7; the evaluator is the verifier's own, so what is issued is what is honoured.
//! Pure: storing, status indices and signing are `issuing`'s.

use credential::disability::Components;
use credential::grant::Grant;
use credential::grant_set::GrantSet;
use credential::levels::Levels;
use credential::policy_pack::Subject;
use credential::purpose::Purpose;
use credential::region::Region;
use credential::time::Date;
use verifier::policy::{Policies, Question, Unconfirmed};

/// What the packs ask of a holder.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// What was assessed.
    pub components: &'a Components,
    /// From the identity number; other documents may not tell it.
    pub born: Option<Date>,
    /// The home county.
    pub county: Region,
}

/// The rules in force for issuing, on one day.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'p> {
    /// The packs.
    pub policies: &'p Policies,
    /// Whether this is a demonstration.
    pub unconfirmed: Unconfirmed,
    /// The day for which they are asked.
    pub on: Date,
    /// Where the issuer's key is trusted: no pass holds outside it, though a wider pack decides there too.
    pub widest: Region,
}

/// What one pass says: where it holds and what it entitles to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// The jurisdiction of the pass.
    pub jurisdiction: Region,
    /// Never none.
    pub grants: GrantSet,
}

/// What a change of packs does to one holder in one jurisdiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<Id> {
    /// Whose.
    pub holder: Id,
    /// Where.
    pub jurisdiction: Region,
    /// Grants that the passes of today lack.
    pub gains: GrantSet,
    /// Grants that the passes of today have and the packs no longer give: their passes are to be revoked.
    pub loses: GrantSet,
}

impl Rules<'_> {
    /// The passes to issue, the widest jurisdiction first. A narrower pass is there only where it gives more than
    /// the wider ones: the blind ride free in the whole nation with one pass, not with one for each city.
    #[must_use]
    pub fn entitlements(&self, holder: &Holder<'_>) -> Vec<Entitlement> {
        let mut list: Vec<Entitlement> = vec![];
        for jurisdiction in self.jurisdictions(holder.county) {
            let grants = self.grants(holder, jurisdiction);
            let wider = list.iter().fold(GrantSet::NONE, |all, entitlement| all.union(entitlement.grants));
            if !grants.without(wider).is_empty() {
                list.push(Entitlement { jurisdiction, grants });
            }
        }
        list
    }

    /// What the packs grant at a place, over all purposes that are decided at a gate or a counter.
    #[must_use]
    pub fn grants(&self, holder: &Holder<'_>, place: Region) -> GrantSet {
        let Holder { components, born, county } = *holder;
        let subject = Subject::of_person(Levels::from(components), born, county, self.on);
        let granted = DECIDED_OFFLINE.iter().filter_map(|purpose| {
            let question = Question { purpose: *purpose, place, on: self.on, unconfirmed: self.unconfirmed };
            self.policies.decide(&subject, &question).benefit().map(|benefit| benefit.grants)
        });
        granted.fold(GrantSet::NONE, GrantSet::union)
    }

    /// Where packs hold that also hold at the holder's home, the widest first.
    fn jurisdictions(&self, home: Region) -> Vec<Region> {
        let all = self.policies.packs().iter().map(|pack| pack.jurisdiction);
        let within = |pack: Region| if pack.contains(self.widest) { self.widest } else { pack };
        let mut list: Vec<Region> = all.map(within).filter(|place| place.contains(home)).collect();
        list.sort_unstable();
        list.dedup();
        list
    }
}

impl<Id: Copy> Change<Id> {
    /// From the passes of today to those that the packs give, place by place; what stays is passed over.
    #[must_use]
    pub fn between(holder: Id, today: &[Entitlement], next: &[Entitlement]) -> Vec<Self> {
        let at = |list: &[Entitlement], place: Region| {
            let there = list.iter().filter(|entitlement| entitlement.jurisdiction == place);
            there.fold(GrantSet::NONE, |all, entitlement| all.union(entitlement.grants))
        };
        let mut places: Vec<Region> = today.iter().chain(next).map(|e| e.jurisdiction).collect();
        places.sort_unstable();
        places.dedup();
        let change = |jurisdiction| {
            let (before, after) = (at(today, jurisdiction), at(next, jurisdiction));
            Self { holder, jurisdiction, gains: after.without(before), loses: before.without(after) }
        };
        places.into_iter().map(change).filter(|one| !one.gains.is_empty() || !one.loses.is_empty()).collect()
    }
}

/// What a change comes to: how many holders gain and lose each grant. For the person who decides on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    rows: Vec<(Grant, u64, u64)>,
}

impl Tally {
    /// Over the changes of a dry run.
    #[must_use]
    pub fn of<Id>(changes: impl IntoIterator<Item = Change<Id>>) -> Self {
        let mut rows: Vec<(Grant, u64, u64)> = Grant::ALL.iter().map(|grant| (*grant, 0, 0)).collect();
        for change in changes {
            for (grant, gains, loses) in &mut rows {
                *gains += u64::from(change.gains.contains(*grant));
                *loses += u64::from(change.loses.contains(*grant));
            }
        }
        rows.retain(|(_, gains, loses)| *gains + *loses > 0);
        Self { rows }
    }

    /// Grant, how many gain it, how many lose it; only grants that somebody gains or loses.
    #[must_use]
    pub fn rows(&self) -> &[(Grant, u64, u64)] {
        &self.rows
    }
}

/// Subsidies, quotas, medical aid and education hang on lists that no gate has: no pass speaks of them (domain rule).
pub const DECIDED_OFFLINE: &[Purpose] = &[
    Purpose::Transit,
    Purpose::Park,
    Purpose::Parking,
    Purpose::Priority,
    Purpose::Pharmacy,
    Purpose::Telecom,
    Purpose::Rail,
];

#[cfg(test)]
mod tests {
    use super::*;
    use credential::UnixTime;
    use credential::disability::Component;
    use credential::policy_pack::{
        Benefit, Citation, Condition, Confirmed, Decision, Effective, PolicyPack, Rule, Section, Title,
    };
    use credential::snapshot::Version;
    use verifier::policy::Outcome;

    fn region(code: u64) -> Region {
        Region::from_code(code).unwrap()
    }

    fn day() -> Date {
        Date::new(2026, 11, 24).unwrap()
    }

    fn components(code: u64) -> Components {
        Components::new(vec![Component::from_code(code).unwrap()]).unwrap()
    }

    fn set(grants: &[Grant]) -> GrantSet {
        grants.iter().copied().collect()
    }

    /// For each purpose, from which component on who gets which grant.
    fn pack(jurisdiction: u64, confirmed: Confirmed, rows: &[(Purpose, u64, Grant)]) -> PolicyPack {
        let rule = |code: u64, grant| Rule {
            citation: Citation { document: "某法".into(), article: "第一条".into() },
            when: Condition { levels: Levels::from(&components(code)), ..Condition::default() },
            then: Decision::Entitled(Benefit { grants: set(&[grant]), ..Benefit::default() }),
            effective: None,
        };
        let section = |(purpose, code, grant): &(Purpose, u64, Grant)| Section {
            purpose: *purpose,
            rules: vec![rule(*code, *grant)],
        };
        PolicyPack {
            name: format!("pack-{jurisdiction}"),
            version: Version::new(1),
            issued: UnixTime::default(),
            jurisdiction: region(jurisdiction),
            confirmed,
            title: Title { zh: "试".into(), en: "test".into() },
            effective: Effective::new(Date::EPOCH, None).unwrap(),
            sections: rows.iter().map(section).collect(),
            cases: vec![],
        }
    }

    fn nation() -> PolicyPack {
        pack(0, Confirmed::Yes, &[(Purpose::Transit, 12, Grant::TransitFree)])
    }

    fn rules(policies: &Policies) -> Rules<'_> {
        Rules { policies, unconfirmed: Unconfirmed::Refuse, on: day(), widest: Region::NATION }
    }

    fn holder(components: &Components) -> Holder<'_> {
        Holder { components, born: Date::new(1980, 1, 1), county: region(220_104) }
    }

    #[test]
    fn one_pass_for_the_widest_place_and_a_narrower_one_only_for_what_it_adds() {
        let city = pack(
            2201,
            Confirmed::Yes,
            &[(Purpose::Park, 14, Grant::ParkFree), (Purpose::Transit, 12, Grant::TransitFree)],
        );
        let elsewhere = pack(2301, Confirmed::Yes, &[(Purpose::Rail, 14, Grant::RailSeat)]);
        let both = Policies::new(vec![city, nation(), elsewhere]);
        let blind = components(11);
        let nation_pass = Entitlement { jurisdiction: region(0), grants: set(&[Grant::TransitFree]) };
        let city_pass =
            Entitlement { jurisdiction: region(2201), grants: set(&[Grant::TransitFree, Grant::ParkFree]) };
        assert_eq!(rules(&both).entitlements(&holder(&blind)), [nation_pass, city_pass]);
        let only_nation = Policies::new(vec![nation()]);
        assert_eq!(rules(&only_nation).entitlements(&holder(&blind)), [nation_pass]);
        assert_eq!(rules(&only_nation).entitlements(&holder(&components(13))), []);
    }

    #[test]
    fn a_province_signs_no_pass_that_holds_outside_it() {
        let policies = Policies::new(vec![nation()]);
        let blind = components(11);
        let province = Rules { widest: region(22), ..rules(&policies) };
        let pass = Entitlement { jurisdiction: region(22), grants: set(&[Grant::TransitFree]) };
        assert_eq!(province.entitlements(&holder(&blind)), [pass]);
        let another = Rules { widest: region(23), ..rules(&policies) };
        assert_eq!(another.entitlements(&holder(&blind)), [], "whose home lies elsewhere gets theirs there");
    }

    #[test]
    fn subsidies_and_quotas_never_stand_on_a_pass() {
        let care = pack(0, Confirmed::Yes, &[(Purpose::SubsidyCare, 14, Grant::SubsidyCare)]);
        let policies = Policies::new(vec![care]);
        assert_eq!(rules(&policies).entitlements(&holder(&components(11))), []);
    }

    #[test]
    fn an_unconfirmed_pack_grants_in_a_demo_only() {
        let policies =
            Policies::new(vec![pack(2201, Confirmed::No, &[(Purpose::Park, 14, Grant::ParkFree)])]);
        assert_eq!(rules(&policies).entitlements(&holder(&components(11))), []);
        let demo = Rules { unconfirmed: Unconfirmed::Demo, ..rules(&policies) };
        assert_eq!(demo.entitlements(&holder(&components(11))).len(), 1);
    }

    #[test]
    fn what_is_issued_is_what_the_same_packs_honour() {
        let policies = Policies::new(vec![nation()]);
        let blind = components(12);
        let issued = rules(&policies).entitlements(&holder(&blind))[0];
        let mut honours = nation();
        honours.sections[0].rules[0].when.grants = issued.grants;
        let checking = Policies::new(vec![honours]);
        let pass = Subject { grants: issued.grants, ..Subject::default() };
        let question = Question {
            purpose: Purpose::Transit,
            place: region(110_105),
            on: day(),
            unconfirmed: Unconfirmed::Refuse,
        };
        assert!(matches!(checking.decide(&pass, &question), Outcome::Entitled(..)));
    }

    #[test]
    fn a_dry_run_names_who_gains_and_who_loses_and_passes_over_the_rest() {
        let before = Policies::new(vec![nation()]);
        let city = pack(2201, Confirmed::Yes, &[(Purpose::Park, 44, Grant::ParkFree)]);
        let stricter = pack(0, Confirmed::Yes, &[(Purpose::Transit, 11, Grant::TransitFree)]);
        let after = Policies::new(vec![stricter, city]);
        let people = [components(11), components(12), components(41), components(21)];
        let today: Vec<Vec<Entitlement>> =
            people.iter().map(|components| rules(&before).entitlements(&holder(components))).collect();
        let changes = |policies: &Policies| -> Vec<Change<usize>> {
            let of = |id: usize| {
                Change::between(id, &today[id], &rules(policies).entitlements(&holder(&people[id])))
            };
            (0..people.len()).flat_map(of).collect()
        };
        let (unchanged, changes) = (changes(&before), changes(&after));
        let change = |holder, place, gains: &[Grant], loses: &[Grant]| Change {
            holder,
            jurisdiction: region(place),
            gains: set(gains),
            loses: set(loses),
        };
        let expected = [change(1, 0, &[], &[Grant::TransitFree]), change(2, 2201, &[Grant::ParkFree], &[])];
        assert_eq!(changes, expected);
        let tally = Tally::of(changes);
        assert_eq!(tally.rows(), [(Grant::TransitFree, 0, 1), (Grant::ParkFree, 1, 0)]);
        assert_eq!(unchanged, [], "nothing changes without a change");
    }
}
