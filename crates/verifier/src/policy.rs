//! Who is entitled to what: policy packs, evaluated (PROFILE.md, section 7).
//! The first rule that matches decides, in the pack of the narrowest jurisdiction that has one.
//! Shared by issuing, which asks for a person, and by checking, which asks for a certificate or a pass.
//! Evaluation allocates nothing. Knows nothing of signatures; see `bundle`.

use alloc::vec::Vec;

use credential::policy_pack::{Benefit, Case, Condition, Confirmed, Decision, PolicyPack, Rule, Subject};
use credential::purpose::Purpose;
use credential::region::Region;
use credential::time::Date;

use crate::refusal::Refusal;

mod sentence;
#[cfg(test)]
mod tests;

/// The packs a verifier or an issuer carries.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    /// The narrowest jurisdiction first, then by name: the order in which they are asked.
    packs: Vec<PolicyPack>,
}

/// What is asked of the packs. Nothing here has a default.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// What for.
    pub purpose: Purpose,
    /// Where.
    pub place: Region,
    /// On which day.
    pub on: Date,
    /// What a pack may do whose sources nobody confirmed.
    pub unconfirmed: Unconfirmed,
}

/// What a pack may do whose sources nobody confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unconfirmed {
    /// Nothing: where only such packs speak, nothing can be decided.
    Refuse,
    /// Decide, in a demo; the ground of the decision says so.
    Demo,
}

/// What the packs answer.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'p> {
    /// Entitled, to this, on this ground.
    Entitled(Ground<'p>, &'p Benefit),
    /// By a rule that excepts, or because no rule is for the subject.
    NotEntitled(Option<Ground<'p>>),
    /// A rule is for people like the subject, of another place.
    OtherJurisdiction(Ground<'p>),
    /// The answer is not known offline.
    CannotDecide(Doubt<'p>),
}

/// Which rule decided, and from which pack.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'p> {
    /// The pack: its name and version go into the verdict.
    pub pack: &'p PolicyPack,
    /// The rule: its citation says why.
    pub rule: &'p Rule,
}

/// Why nothing can be decided.
#[derive(Clone, Copy, Debug)]
pub enum Doubt<'p> {
    /// The rule says that it cannot be known offline.
    Rule(Ground<'p>),
    /// The rule asks for an age, and what was shown does not tell it.
    Age(Ground<'p>),
    /// The rule asks for a residence, and what was shown does not tell it.
    Residence(Ground<'p>),
    /// Only packs speak that nobody confirmed; this is the first.
    Unconfirmed(&'p PolicyPack),
    /// No pack has rules for this purpose, place and day.
    NoRules,
}

impl Policies {
    /// From decoded packs, in any order.
    #[must_use]
    pub fn new(mut packs: Vec<PolicyPack>) -> Self {
        // A narrower jurisdiction has a longer code, and a longer code is a larger number.
        packs.sort_by(|a, b| b.jurisdiction.cmp(&a.jurisdiction).then_with(|| a.name.cmp(&b.name)));
        Self { packs }
    }

    /// All of them, in the order in which they are asked.
    #[must_use]
    pub fn packs(&self) -> &[PolicyPack] {
        &self.packs
    }

    /// Asks one pack after another. A pack with no rule for the subject leaves the decision to the next.
    #[must_use]
    pub fn decide(&self, subject: &Subject, question: &Question) -> Outcome<'_> {
        let (mut silent, mut unconfirmed, mut elsewhere) = (true, None, None);
        for pack in self.packs.iter().filter(|pack| applies(pack, question)) {
            if pack.confirmed == Confirmed::No && question.unconfirmed == Unconfirmed::Refuse {
                unconfirmed = unconfirmed.or(Some(pack));
                continue;
            }
            silent = false;
            if let Some(outcome) = first_match(pack, subject, question, &mut elsewhere) {
                return outcome;
            }
        }
        match (unconfirmed, elsewhere) {
            (Some(pack), _) => Outcome::CannotDecide(Doubt::Unconfirmed(pack)),
            (None, _) if silent => Outcome::CannotDecide(Doubt::NoRules),
            (None, Some(ground)) => Outcome::OtherJurisdiction(ground),
            (None, None) => Outcome::NotEntitled(None),
        }
    }

    /// Whether the one pack decides its case as its author expects.
    #[must_use]
    pub fn fulfil(&self, case: &Case, place: Region) -> bool {
        let question = Question { purpose: case.purpose, place, on: case.on, unconfirmed: Unconfirmed::Demo };
        self.decide(&case.subject, &question).is(&case.expected)
    }
}

impl<'p> Outcome<'p> {
    /// The refusal it amounts to: none, 50, 51 or 52.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Entitled(..) => None,
            Self::NotEntitled(_) => Some(Refusal::NotEntitled),
            Self::OtherJurisdiction(_) => Some(Refusal::OtherJurisdiction),
            Self::CannotDecide(_) => Some(Refusal::CannotDecide),
        }
    }

    /// The rule that decided, if one did.
    #[must_use]
    pub fn ground(&self) -> Option<Ground<'p>> {
        match self {
            Self::Entitled(ground, _) | Self::OtherJurisdiction(ground) => Some(*ground),
            Self::NotEntitled(ground) => *ground,
            Self::CannotDecide(Doubt::Rule(ground) | Doubt::Age(ground) | Doubt::Residence(ground)) => {
                Some(*ground)
            }
            Self::CannotDecide(Doubt::Unconfirmed(_) | Doubt::NoRules) => None,
        }
    }

    /// What the subject is entitled to.
    #[must_use]
    pub fn benefit(&self) -> Option<&'p Benefit> {
        match self {
            Self::Entitled(_, benefit) => Some(benefit),
            _ => None,
        }
    }

    /// Whether it is what a case expects.
    #[must_use]
    pub fn is(&self, expected: &Decision) -> bool {
        match (self, expected) {
            (Self::Entitled(_, benefit), Decision::Entitled(expected)) => *benefit == expected,
            (Self::NotEntitled(_), Decision::NotEntitled)
            | (Self::OtherJurisdiction(_), Decision::OtherJurisdiction)
            | (Self::CannotDecide(_), Decision::CannotDecide) => true,
            _ => false,
        }
    }
}

fn applies(pack: &PolicyPack, question: &Question) -> bool {
    pack.jurisdiction.contains(question.place)
        && pack.effective.covers(question.on)
        && !pack.rules(question.purpose).is_empty()
}

/// The first rule that matches, or that would if more were known. A rule for another place is remembered.
fn first_match<'p>(
    pack: &'p PolicyPack,
    subject: &Subject,
    question: &Question,
    elsewhere: &mut Option<Ground<'p>>,
) -> Option<Outcome<'p>> {
    for rule in pack.rules(question.purpose) {
        if rule.effective.is_some_and(|effective| !effective.covers(question.on)) {
            continue;
        }
        let ground = Ground { pack, rule };
        match matches(&rule.when, subject) {
            Match::No => {}
            Match::Elsewhere => *elsewhere = elsewhere.or(Some(ground)),
            Match::AgeUnknown => return Some(Outcome::CannotDecide(Doubt::Age(ground))),
            Match::ResidenceUnknown => return Some(Outcome::CannotDecide(Doubt::Residence(ground))),
            Match::Yes => return Some(ground.outcome()),
        }
    }
    None
}

impl<'p> Ground<'p> {
    fn outcome(self) -> Outcome<'p> {
        match &self.rule.then {
            Decision::Entitled(benefit) => Outcome::Entitled(self, benefit),
            Decision::NotEntitled => Outcome::NotEntitled(Some(self)),
            Decision::OtherJurisdiction => Outcome::OtherJurisdiction(self),
            Decision::CannotDecide => Outcome::CannotDecide(Doubt::Rule(self)),
        }
    }
}

/// Whether a condition holds of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It would, of somebody from the right place.
    Elsewhere,
    /// It does, if the age is right.
    AgeUnknown,
    /// It does, if the residence is right.
    ResidenceUnknown,
}

/// What is known to fail goes before what is not known: a doubt is only a doubt where everything else holds.
#[must_use]
pub fn matches(when: &Condition, subject: &Subject) -> Match {
    let for_everybody = when.levels.is_empty() && when.grants.is_empty();
    let for_subject = for_everybody
        || when.levels.are_reached_by(&subject.levels)
        || when.grants.intersects(subject.grants);
    if !for_subject || subject.days_expired > when.grace_days {
        return Match::No;
    }
    let age = when.ages.map_or(Some(true), |ages| subject.age.map(|age| ages.contains(age)));
    let at_home = match subject.residence {
        _ if when.residence.is_empty() => Some(true),
        Some(home) => Some(when.residence.iter().any(|region| region.contains(home))),
        None => None,
    };
    match (age, at_home) {
        (Some(false), _) => Match::No,
        (_, Some(false)) => Match::Elsewhere,
        (None, _) => Match::AgeUnknown,
        (_, None) => Match::ResidenceUnknown,
        (Some(true), Some(true)) => Match::Yes,
    }
}
