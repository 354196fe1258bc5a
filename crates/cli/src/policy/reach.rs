//! Which rules can ever decide, and which overlap: asked of witnesses.
//! Rules only compare levels, grants, ages, places, days of grace and dates with constants of their own,
//! so one witness between each two constants stands for everybody.

use credential::disability::{Category, Component, Level};
use credential::grant::Grant;
use credential::grant_set::GrantSet;
use credential::levels::Levels;
use credential::policy_pack::{MAX_AGE, PolicyPack, Rule, Section, Subject};
use credential::region::Region;
use credential::time::Date;
use verifier::policy::{Match, matches};

use super::fault::What;
use super::fields::Faults;
use super::source::{RulePlace, Source};

/// Notes each rule that never decides, and each that overlaps in part with one before it.
pub(crate) fn check(source: &Source, line_of: impl Fn(usize) -> usize, faults: &mut Faults) {
    for (section, places) in source.pack.sections.iter().zip(&source.rules) {
        let (days, subjects) = (days(&source.pack, &section.rules), subjects(&section.rules));
        if days.len().saturating_mul(subjects.len()) > MAX_WITNESSES {
            let first = places.first().map_or(0..0, |place| place.at.clone());
            faults.note::<()>(first, What::TooIntricate);
            continue;
        }
        let found = survey(section, &days, &subjects);
        for (later, place) in places.iter().enumerate() {
            let line = |rule: usize| places.get(rule).map_or(0, |p: &RulePlace| line_of(p.at.start));
            if !found.decides[later] {
                let by_line = found.taken_by[later].map(line);
                faults.note::<()>(place.at.clone(), What::Unreachable { by_line });
                continue;
            }
            let differs = |earlier: &usize| section.rules[*earlier].then != section.rules[later].then;
            let overlapped = (0..later)
                .filter(differs)
                .find(|earlier| found.seen[*earlier][later].iter().any(|seen| seen.in_part()));
            if let Some(earlier) = overlapped.filter(|_| !place.overlap_is_meant) {
                faults.note::<()>(place.at.clone(), What::Overlap { line: line(earlier) });
            }
        }
    }
}

/// What the witnesses of a section showed.
struct Survey {
    /// Whether a rule is the first match of anybody.
    decides: Vec<bool>,
    /// Which rule went before it with somebody who would match.
    taken_by: Vec<Option<usize>>,
    /// For an earlier and a later rule, who matched which, among certificates and among passes.
    seen: Vec<Vec<[Seen; 2]>>,
}

/// Who matched two rules.
#[derive(Clone, Copy, Default)]
struct Seen {
    both: bool,
    earlier_only: bool,
    later_only: bool,
}

impl Seen {
    /// Neither rule holds the other: not the pattern of an exception before its general rule.
    fn in_part(self) -> bool {
        self.both && self.earlier_only && self.later_only
    }
}

fn survey(section: &Section, days: &[Date], subjects: &[Subject]) -> Survey {
    let rules = &section.rules;
    let mut found = Survey {
        decides: vec![false; rules.len()],
        taken_by: vec![None; rules.len()],
        seen: vec![vec![[Seen::default(); 2]; rules.len()]; rules.len()],
    };
    for day in days {
        for subject in subjects {
            let matched: Vec<bool> = rules.iter().map(|rule| holds(rule, subject, *day)).collect();
            let Some(first) = matched.iter().position(|matched| *matched) else { continue };
            found.decides[first] = true;
            for later in (first + 1..rules.len()).filter(|later| matched[*later]) {
                found.taken_by[later] = found.taken_by[later].or(Some(first));
            }
            let side = usize::from(!subject.grants.is_empty());
            for (earlier, row) in found.seen.iter_mut().enumerate() {
                for (later, seen) in row.iter_mut().enumerate().skip(earlier + 1) {
                    let seen = &mut seen[side];
                    seen.both |= matched[earlier] && matched[later];
                    seen.earlier_only |= matched[earlier] && !matched[later];
                    seen.later_only |= !matched[earlier] && matched[later];
                }
            }
        }
    }
    found
}

fn holds(rule: &Rule, subject: &Subject, day: Date) -> bool {
    rule.effective.is_none_or(|effective| effective.covers(day)) && matches(&rule.when, subject) == Match::Yes
}

/// The first day, each on which a rule begins, and each after one ends.
fn days(pack: &PolicyPack, rules: &[Rule]) -> Vec<Date> {
    let after = |last: Date| Date::from_days(last.to_days() + 1);
    let own = rules.iter().filter_map(|rule| rule.effective);
    let edges = own.flat_map(|effective| [Some(effective.from()), effective.until().map(after)]).flatten();
    let mut days: Vec<Date> = edges.chain([pack.effective.from()]).collect();
    days.retain(|day| pack.effective.covers(*day));
    days.sort_unstable();
    days.dedup();
    days
}

/// Holders of certificates of every age and place that matters, and holders of passes, who tell neither.
fn subjects(rules: &[Rule]) -> Vec<Subject> {
    let mut expired: Vec<u16> = rules.iter().map(|rule| rule.when.grace_days).chain([0]).collect();
    expired.sort_unstable();
    expired.dedup();
    let certificates = certificates(rules);
    let passes =
        Grant::ALL.iter().map(|grant| Subject { grants: GrantSet::NONE.with(*grant), ..Subject::default() });
    let all: Vec<Subject> = certificates.into_iter().chain(passes).collect();
    let late = |subject: &Subject| {
        let subject = *subject;
        expired
            .iter()
            .map(move |days_expired| Subject { days_expired: *days_expired, ..subject })
            .collect::<Vec<_>>()
    };
    all.iter().flat_map(late).collect()
}

fn certificates(rules: &[Rule]) -> Vec<Subject> {
    let bounds = rules.iter().filter_map(|rule| rule.when.ages);
    let mut ages: Vec<u8> =
        bounds.flat_map(|ages| [ages.min(), ages.max().saturating_add(1)]).chain([0]).collect();
    ages.retain(|age| *age <= MAX_AGE);
    ages.sort_unstable();
    ages.dedup();
    // Nobody lives in the nation as a whole: it stands for a place that no rule names.
    let named = rules.iter().flat_map(|rule| &rule.when.residence).copied();
    let mut places: Vec<Region> = named.chain([Region::NATION]).collect();
    places.sort_unstable();
    places.dedup();
    let mut all = vec![];
    for component in single_components() {
        for age in &ages {
            for place in &places {
                all.push(Subject {
                    levels: Levels::NONE.with(component),
                    age: Some(*age),
                    residence: Some(*place),
                    ..Subject::default()
                });
            }
        }
    }
    all
}

/// Asked of 64 rules, so many take some ten seconds; a pack of ours has a few hundred.
const MAX_WITNESSES: usize = 1_000_000;

/// One component each: whoever has several is matched by more rules, not by others.
fn single_components() -> impl Iterator<Item = Component> {
    let levels = || (1..=4).filter_map(|digit| Level::from_digit(digit).ok());
    Category::ALL
        .into_iter()
        .flat_map(move |category| levels().map(move |level| Component { category, level }))
}
