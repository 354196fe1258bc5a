//! What one policy decision costs, in nanoseconds, against the number of packs and rules asked.
//! Each figure is the median of many rounds; nothing is allocated between the clock's two readings.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use credential::UnixTime;
use credential::disability::Component;
use credential::grant::Grant;
use credential::grant_set::GrantSet;
use credential::levels::Levels;
use credential::policy_pack::{
    Ages, Benefit, Citation, Condition, Confirmed, Decision, Effective, PolicyPack, Rule, Section, Subject,
    Title,
};
use credential::purpose::Purpose;
use credential::region::Region;
use credential::snapshot::Version;
use credential::time::Date;
use verifier::policy::{Policies, Question, Unconfirmed};

fn main() {
    println!("{:<52} {:>10}", "one decision 一次判断", "ns");
    for (packs, rules) in [(1, 1), (1, 4), (1, 64), (10, 4), (100, 4), (100, 64)] {
        let policies = Policies::new((0..packs).map(|n| pack(n, rules)).collect());
        let nanoseconds = median_nanoseconds(&policies);
        println!(
            "{:<52} {nanoseconds:>10.1}",
            format!("{packs} packs here, {rules} rules each, the last decides")
        );
    }
    let bytes = pack(0, 64).encode();
    println!("{:<52} {:>10}", "pack of 64 rules, bytes", bytes.len());
    println!("{:<52} {:>10.0}", "to decode it", rounds(|| PolicyPack::decode(black_box(&bytes)).is_ok()));
}

fn median_nanoseconds(policies: &Policies) -> f64 {
    let place = Region::from_code(220_104).expect("a county");
    let on = Date::new(2026, 11, 24).expect("a date");
    let question = Question { purpose: Purpose::Transit, place, on, unconfirmed: Unconfirmed::Refuse };
    let subject = Subject {
        levels: Levels::NONE.with(Component::from_code(44).expect("limb, level 4")),
        age: Some(40),
        residence: Some(place),
        ..Subject::default()
    };
    assert!(policies.decide(&subject, &question).refusal().is_none(), "the last rule is for everybody");
    rounds(|| policies.decide(black_box(&subject), black_box(&question)).refusal().is_none())
}

/// The last rule of the last pack is for everybody; the rules before it match nearly.
fn pack(number: u64, rules: usize) -> PolicyPack {
    let citation = Citation { document: "document".into(), article: "article".into() };
    let nearly = Rule {
        citation: citation.clone(),
        when: Condition {
            levels: Levels::NONE.with(Component::from_code(44).expect("limb, level 4")),
            grants: GrantSet::NONE.with(Grant::Priority),
            ages: Some(Ages::new(60, 90).expect("a range")),
            residence: vec![Region::from_code(2201).expect("a prefecture")],
            grace_days: 30,
        },
        then: Decision::NotEntitled,
        effective: None,
    };
    let benefit = Benefit { grants: GrantSet::NONE.with(Grant::TransitFree), ..Benefit::default() };
    let everybody =
        Rule { citation, when: Condition::default(), then: Decision::Entitled(benefit), effective: None };
    let mut list = vec![nearly; rules];
    if number == 0 {
        list[rules - 1] = everybody;
    }
    PolicyPack {
        name: format!("pack-{number}"),
        version: Version::new(1),
        issued: UnixTime::default(),
        // The pack that decides is the widest, so it is asked last.
        jurisdiction: Region::from_code(if number == 0 { 22 } else { 2201 }).expect("a region"),
        confirmed: Confirmed::Yes,
        title: Title { zh: "试".into(), en: "test".into() },
        effective: Effective::new(Date::EPOCH, None).expect("no end"),
        sections: vec![Section { purpose: Purpose::Transit, rules: list }],
        cases: vec![],
    }
}

fn rounds(mut once: impl FnMut() -> bool) -> f64 {
    const ROUNDS: usize = 101;
    const CALLS: u32 = 1000;
    let mut taken: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            for _ in 0..CALLS {
                assert!(black_box(once()));
            }
            begun.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS)
        })
        .collect();
    taken.sort_by(f64::total_cmp);
    taken[ROUNDS / 2]
}
