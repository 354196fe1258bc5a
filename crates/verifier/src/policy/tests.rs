use super::*;
use alloc::string::ToString;
use alloc::{vec, vec::Vec};
use credential::UnixTime;
use credential::disability::Component;
use credential::grant::Grant;
use credential::grant_set::GrantSet;
use credential::levels::Levels;
use credential::policy_pack::{
    Ages, Attention, Citation, Companions, Effective, Period, Price, Quota, Section, Term, Title,
};
use credential::snapshot::Version;

fn region(code: u64) -> Region {
    Region::from_code(code).unwrap()
}

fn day(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

fn levels(codes: &[u64]) -> Levels {
    codes.iter().map(|code| Component::from_code(*code).unwrap()).fold(Levels::NONE, Levels::with)
}

fn gives(grant: Grant) -> Decision {
    Decision::Entitled(Benefit { grants: GrantSet::NONE.with(grant), ..Benefit::default() })
}

fn rule(when: Condition, then: Decision) -> Rule {
    let citation = Citation { document: "某法".into(), article: "第五十条".into() };
    Rule { citation, when, then, effective: None }
}

fn for_levels(codes: &[u64], then: Decision) -> Rule {
    rule(Condition { levels: levels(codes), ..Condition::default() }, then)
}

fn pack(jurisdiction: u64, confirmed: Confirmed, rules: Vec<Rule>) -> PolicyPack {
    PolicyPack {
        name: "test".into(),
        version: Version::new(1),
        issued: UnixTime::from_seconds(0),
        jurisdiction: region(jurisdiction),
        confirmed,
        title: Title { zh: "试".into(), en: "test".into() },
        effective: Effective::new(day(2016, 1, 1), Some(day(2030, 12, 31))).unwrap(),
        sections: vec![Section { purpose: Purpose::Transit, rules }],
        cases: vec![],
    }
}

fn one(rules: Vec<Rule>) -> Policies {
    Policies::new(vec![pack(2201, Confirmed::Yes, rules)])
}

fn question() -> Question {
    Question {
        purpose: Purpose::Transit,
        place: region(220_104),
        on: day(2026, 11, 24),
        unconfirmed: Unconfirmed::Refuse,
    }
}

fn holder(codes: &[u64]) -> Subject {
    Subject { levels: levels(codes), age: Some(40), residence: Some(region(220_104)), ..Subject::default() }
}

fn refused(policies: &Policies, subject: &Subject, question: &Question) -> Option<u8> {
    policies.decide(subject, question).refusal().map(Refusal::number)
}

fn granted(policies: &Policies, subject: &Subject, question: &Question) -> Option<Grant> {
    match policies.decide(subject, question) {
        Outcome::Entitled(_, benefit) => benefit.grants.iter().next(),
        _ => None,
    }
}

#[test]
fn the_first_rule_that_matches_decides() {
    let policies = one(vec![
        for_levels(&[12], gives(Grant::TransitFree)),
        for_levels(&[62], Decision::NotEntitled),
        for_levels(&[14, 24, 34, 44, 54, 64], gives(Grant::TransitReduced)),
    ]);
    assert_eq!(granted(&policies, &holder(&[11]), &question()), Some(Grant::TransitFree));
    assert_eq!(granted(&policies, &holder(&[12, 61]), &question()), Some(Grant::TransitFree));
    assert_eq!(granted(&policies, &holder(&[13]), &question()), Some(Grant::TransitReduced));
    assert_eq!(refused(&policies, &holder(&[62]), &question()), Some(50));
}

#[test]
fn nobody_is_entitled_where_no_rule_matches() {
    let policies = one(vec![for_levels(&[12], gives(Grant::TransitFree))]);
    assert_eq!(refused(&policies, &holder(&[13]), &question()), Some(50));
    assert_eq!(refused(&policies, &Subject::default(), &question()), Some(50));
}

#[test]
fn a_pass_matches_by_its_grants_and_a_certificate_by_its_levels() {
    let when = Condition {
        levels: levels(&[12]),
        grants: GrantSet::NONE.with(Grant::TransitFree),
        ..Condition::default()
    };
    let policies = one(vec![rule(when, gives(Grant::TransitFree))]);
    let pass = |grant| Subject { grants: GrantSet::NONE.with(grant), ..Subject::default() };
    assert_eq!(refused(&policies, &pass(Grant::TransitFree), &question()), None);
    assert_eq!(refused(&policies, &pass(Grant::TransitReduced), &question()), Some(50));
    assert_eq!(refused(&policies, &holder(&[12]), &question()), None);
    assert_eq!(refused(&policies, &holder(&[13]), &question()), Some(50));
}

#[test]
fn an_age_counts_at_both_ends_and_an_unknown_one_cannot_be_decided() {
    let when = Condition { ages: Some(Ages::new(6, 17).unwrap()), ..Condition::default() };
    let policies = one(vec![rule(when, gives(Grant::TransitFree))]);
    for (age, refusal) in
        [(Some(5), Some(50)), (Some(6), None), (Some(17), None), (Some(18), Some(50)), (None, Some(52))]
    {
        assert_eq!(refused(&policies, &Subject { age, ..holder(&[44]) }, &question()), refusal, "{age:?}");
    }
}

#[test]
fn a_resident_of_another_place_is_told_so_and_an_unknown_residence_cannot_be_decided() {
    let when = Condition { residence: vec![region(2201), region(2202)], ..Condition::default() };
    let policies = one(vec![rule(when, gives(Grant::TransitFree))]);
    let of = |residence| Subject { residence, ..holder(&[44]) };
    assert_eq!(refused(&policies, &of(Some(region(220_211))), &question()), None);
    assert_eq!(refused(&policies, &of(Some(region(210_102))), &question()), Some(51));
    assert_eq!(refused(&policies, &of(None), &question()), Some(52));
}

#[test]
fn what_is_known_to_fail_goes_before_what_is_not_known() {
    let ages = Some(Ages::new(0, 17).unwrap());
    let when = Condition { ages, residence: vec![region(2201)], ..Condition::default() };
    let subject = |age, residence| Subject { age, residence, ..Subject::default() };
    assert_eq!(matches(&when, &subject(Some(18), None)), Match::No);
    assert_eq!(matches(&when, &subject(None, Some(region(2202)))), Match::Elsewhere);
    assert_eq!(matches(&when, &subject(None, Some(region(2201)))), Match::AgeUnknown);
    assert_eq!(matches(&when, &subject(Some(17), None)), Match::ResidenceUnknown);
    assert_eq!(matches(&when, &subject(Some(17), Some(region(2201)))), Match::Yes);
}

#[test]
fn a_rule_holds_for_its_days_of_grace_and_no_longer() {
    let when = Condition { grace_days: 30, ..Condition::default() };
    let policies = one(vec![rule(when, gives(Grant::TransitFree))]);
    for (days_expired, refusal) in [(0, None), (30, None), (31, Some(50))] {
        let subject = Subject { days_expired, ..holder(&[44]) };
        assert_eq!(refused(&policies, &subject, &question()), refusal, "{days_expired}");
    }
    let strict = one(vec![rule(Condition::default(), gives(Grant::TransitFree))]);
    assert_eq!(refused(&strict, &Subject { days_expired: 1, ..holder(&[44]) }, &question()), Some(50));
}

#[test]
fn rules_and_packs_hold_on_their_days_only() {
    let mut dated = for_levels(&[14], gives(Grant::TransitFree));
    dated.effective = Some(Effective::new(day(2026, 7, 1), Some(day(2026, 7, 31))).unwrap());
    let policies = one(vec![dated, for_levels(&[14], gives(Grant::TransitReduced))]);
    let on = |on| granted(&policies, &holder(&[11]), &Question { on, ..question() });
    assert_eq!(on(day(2026, 6, 30)), Some(Grant::TransitReduced));
    assert_eq!(on(day(2026, 7, 1)), Some(Grant::TransitFree));
    assert_eq!(on(day(2026, 7, 31)), Some(Grant::TransitFree));
    assert_eq!(on(day(2026, 8, 1)), Some(Grant::TransitReduced));
    for outside in [day(2015, 12, 31), day(2031, 1, 1)] {
        assert_eq!(
            refused(&policies, &holder(&[11]), &Question { on: outside, ..question() }),
            Some(52),
            "no pack speaks"
        );
    }
}

#[test]
fn a_narrower_jurisdiction_is_asked_first_and_leaves_the_rest_to_the_wider() {
    let nation = pack(0, Confirmed::Yes, vec![for_levels(&[12], gives(Grant::TransitFree))]);
    let city = pack(
        2201,
        Confirmed::Yes,
        vec![for_levels(&[11], gives(Grant::RailSeat)), for_levels(&[44], gives(Grant::TransitReduced))],
    );
    let policies = Policies::new(vec![nation, city]);
    assert_eq!(granted(&policies, &holder(&[11]), &question()), Some(Grant::RailSeat));
    assert_eq!(granted(&policies, &holder(&[12]), &question()), Some(Grant::TransitFree));
    assert_eq!(granted(&policies, &holder(&[44]), &question()), Some(Grant::TransitReduced));
    let abroad = Question { place: region(2301), ..question() };
    assert_eq!(granted(&policies, &holder(&[11]), &abroad), Some(Grant::TransitFree));
    assert_eq!(refused(&policies, &holder(&[44]), &abroad), Some(50));
}

#[test]
fn an_unconfirmed_pack_decides_in_a_demo_only_and_says_so() {
    let nation = pack(0, Confirmed::Yes, vec![for_levels(&[12], gives(Grant::TransitFree))]);
    let city = pack(2201, Confirmed::No, vec![for_levels(&[14], gives(Grant::TransitReduced))]);
    let policies = Policies::new(vec![nation, city]);
    let demo = Question { unconfirmed: Unconfirmed::Demo, ..question() };
    assert_eq!(granted(&policies, &holder(&[11]), &demo), Some(Grant::TransitReduced));
    assert!(policies.decide(&holder(&[11]), &demo).zh().to_string().contains("未核对原文"));
    assert!(policies.decide(&holder(&[11]), &demo).en().to_string().contains("not confirmed"));
    assert_eq!(granted(&policies, &holder(&[11]), &question()), Some(Grant::TransitFree));
    assert!(!policies.decide(&holder(&[11]), &question()).zh().to_string().contains("未核对"));
    // What only the unconfirmed pack could answer stays open: it must not even say no.
    assert_eq!(refused(&policies, &holder(&[13]), &question()), Some(52));
}

#[test]
fn a_purpose_without_rules_cannot_be_decided() {
    let policies = one(vec![for_levels(&[14], gives(Grant::TransitFree))]);
    let park = Question { purpose: Purpose::Park, ..question() };
    assert_eq!(refused(&policies, &holder(&[11]), &park), Some(52));
    assert_eq!(refused(&Policies::default(), &holder(&[11]), &question()), Some(52));
}

#[test]
fn a_case_is_fulfilled_by_the_same_decision_with_the_same_benefit() {
    let policies = one(vec![for_levels(&[12], gives(Grant::TransitFree))]);
    let case = |codes: &[u64], expected| {
        let case = Case { purpose: Purpose::Transit, on: day(2026, 1, 1), subject: holder(codes), expected };
        policies.fulfil(&case, region(2201))
    };
    assert!(case(&[11], gives(Grant::TransitFree)));
    assert!(!case(&[11], gives(Grant::TransitReduced)));
    assert!(!case(&[11], Decision::NotEntitled));
    assert!(case(&[13], Decision::NotEntitled));
    assert!(!case(&[13], Decision::CannotDecide));
    assert!(!case(&[13], Decision::OtherJurisdiction));
}

#[test]
fn a_sentence_tells_what_why_and_on_whose_word() {
    let benefit = Benefit {
        grants: GrantSet::NONE.with(Grant::TransitReduced),
        terms: vec![
            Term { price: Price::Fen(100), quota: Some(Quota { count: 720, per: Period::Year }) },
            Term { price: Price::Fen(250), quota: Some(Quota { count: 360, per: Period::Year }) },
        ],
        companions: Some(Companions { count: 1, price: Price::Percent(100) }),
        attention: vec![Attention::FaceCheck],
    };
    let policies = one(vec![for_levels(&[14, 24, 34, 44, 54, 64], Decision::Entitled(benefit))]);
    let outcome = policies.decide(&holder(&[43]), &question());
    assert_eq!(
        outcome.zh().to_string(),
        "符合：优惠乘坐公共交通，每年720次，每次1元，或每年360次，每次2.50元，陪护1人，每人全价，核对本人；\
         适用于各类四级及更重；依据：某法，第五十条。"
    );
    assert_eq!(
        outcome.en().to_string(),
        "Entitled: rides public transport at a reduced fare, 720 times a year at 1 yuan, or 360 times a year \
         at 2.50 yuan, 1 companion(s) at the full price, compare the face; the rule is for any category at \
         level 4 or heavier; source: 某法, 第五十条."
    );
}

#[test]
fn every_outcome_is_one_sentence_in_both_languages() {
    let everything = Condition {
        levels: levels(&[11, 42]),
        grants: GrantSet::NONE.with(Grant::Priority),
        ages: Some(Ages::new(6, 17).unwrap()),
        residence: vec![region(2201)],
        grace_days: 30,
    };
    let packs = one(vec![rule(everything, Decision::CannotDecide)]);
    let ground = Ground { pack: &packs.packs()[0], rule: &packs.packs()[0].rules(Purpose::Transit)[0] };
    let outcomes = [
        Outcome::NotEntitled(None),
        Outcome::NotEntitled(Some(ground)),
        Outcome::OtherJurisdiction(ground),
        Outcome::CannotDecide(Doubt::Rule(ground)),
        Outcome::CannotDecide(Doubt::Age(ground)),
        Outcome::CannotDecide(Doubt::Residence(ground)),
        Outcome::CannotDecide(Doubt::Unconfirmed(ground.pack)),
        Outcome::CannotDecide(Doubt::NoRules),
    ];
    for outcome in outcomes {
        let (zh, en) = (outcome.zh().to_string(), outcome.en().to_string());
        assert!(zh.ends_with('。') && zh.matches('。').count() == 1, "{zh}");
        assert!(en.ends_with('.') && !en.contains('。'), "{en}");
        assert_eq!(
            outcome.ground().is_some(),
            zh.contains("6至17周岁") && en.contains("source"),
            "{zh} {en}"
        );
    }
}
