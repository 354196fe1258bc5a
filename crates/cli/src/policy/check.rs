//! The whole check of an authored pack: form, format, reach, cases.

use credential::policy_pack::PolicyPack;
use verifier::policy::{Policies, Question, Unconfirmed};

use super::fault::{Fault, What};
use super::fields::Faults;
use super::source::{self, Source};
use super::{reach, show};

/// The pack, if nothing is wrong with it; else everything that is.
pub(crate) fn check(toml: &str) -> Result<PolicyPack, Vec<Fault>> {
    let mut faults = Faults::default();
    let source = source::read(toml, &mut faults);
    if let Some(source) = source.as_ref().filter(|_| faults.is_empty()) {
        check_format(source, &mut faults);
    }
    // Only a pack within its limits is small enough to be asked about everybody.
    if let Some(source) = source.as_ref().filter(|_| faults.is_empty()) {
        reach::check(source, |at| show::line_and_column(toml, at).0, &mut faults);
        check_cases(source, &mut faults);
    }
    match source {
        Some(source) if faults.is_empty() => Ok(source.pack),
        _ => Err(faults.into_sorted()),
    }
}

/// What a verifier would refuse is refused here: limits on sizes, lengths and values.
fn check_format(source: &Source, faults: &mut Faults) {
    let decoded = PolicyPack::decode(&source.pack.encode());
    faults.allowed(0..0, decoded);
}

/// Each case comes out as expected, and each rule decides one.
fn check_cases(source: &Source, faults: &mut Faults) {
    let policies = Policies::new(vec![source.pack.clone()]);
    let mut tested: Vec<&credential::policy_pack::Rule> = vec![];
    for (case, at) in source.pack.cases.iter().zip(&source.cases) {
        let question = Question {
            purpose: case.purpose,
            place: source.pack.jurisdiction,
            on: case.on,
            unconfirmed: Unconfirmed::Demo,
        };
        let outcome = policies.decide(&case.subject, &question);
        tested.extend(outcome.ground().map(|ground| ground.rule));
        if !outcome.is(&case.expected) {
            let (zh, en) = (outcome.zh().to_string(), outcome.en().to_string());
            faults.note::<()>(at.clone(), What::CaseFails { zh, en });
        }
    }
    let sections = policies.packs().iter().flat_map(|pack| &pack.sections).zip(&source.rules);
    for (section, places) in sections {
        for (rule, place) in section.rules.iter().zip(places) {
            if !tested.iter().any(|tested| std::ptr::eq(*tested, rule)) {
                faults.note::<()>(place.at.clone(), What::Untested);
            }
        }
    }
}
