//! Policy packs in a bundle: who may sign them, and what they decide at a gate and at a counter.

use credential::UnixTime;
use credential::grant::Grant;
use credential::grant_set::GrantSet;
use credential::levels::Levels;
use credential::policy_pack::{
    Ages, Benefit, Citation, Condition, Confirmed, Decision, Effective, PolicyPack, Price, Rule, Section,
    Term, Title,
};
use credential::purpose::Purpose;
use credential::sign1::Content;
use credential::snapshot::{PartName, Version};
use credential::time::Date;
use tests::authority::{
    Authority, DAY, Key, NOW, SIGNED, SignedParts, certificate, check, components, pass, region,
};
use verifier::policy::Unconfirmed;
use verifier::{Accepted, Bundle, Check, Facts, Refusal, verify};

#[test]
fn a_pack_gives_an_old_pass_this_years_fare() {
    let fare = Term { price: Price::Fen(50), quota: None };
    let benefit =
        Benefit { grants: GrantSet::NONE.with(Grant::TransitFree), terms: vec![fare], ..Benefit::default() };
    let authority = with_pack(pack(vec![rule(for_grant(Grant::TransitFree), Decision::Entitled(benefit))]));
    let bytes = authority.issue(pass().encode());
    let bundle = authority.installed();
    let accepted = verify(&bytes, &bundle, &transit()).unwrap();
    let award = accepted.award.as_ref().unwrap();
    assert_eq!(
        (award.pack.as_str(), award.version, &award.benefit.terms[..]),
        ("fares", Version::new(1), &[fare][..])
    );
    let Accepted { facts: Facts::Pass { grants, .. }, .. } = accepted else { panic!("a pass shows grants") };
    assert_eq!(grants, [Grant::TransitFree, Grant::CompanionOne]);
}

#[test]
fn a_pack_refuses_a_grant_that_it_no_longer_honours() {
    let authority = with_pack(pack(vec![rule(for_grant(Grant::TransitReduced), free())]));
    let bytes = authority.issue(pass().encode());
    assert_eq!(authority.refusal(&bytes, &transit()), Some(Refusal::NotEntitled));
    // Elsewhere no pack has rules, and the pass stands on its grants.
    let next_door = Check { place: Some(region(2202)), ..transit() };
    assert_eq!(authority.refusal(&bytes, &next_door), None);
}

#[test]
fn a_certificate_with_a_pack_is_decided_by_its_components() {
    let authority = with_pack(pack(vec![rule(for_component(42), free())]));
    let shown = |codes: &[u64]| {
        let mut certificate = certificate();
        certificate.components = components(codes);
        authority.refusal(&authority.issue(certificate.encode()), &transit())
    };
    assert_eq!(shown(&[42]), None);
    assert_eq!(shown(&[41, 63]), None);
    assert_eq!(shown(&[43]), Some(Refusal::NotEntitled));
    assert_eq!(shown(&[11]), Some(Refusal::NotEntitled));
}

#[test]
fn a_certificate_decided_for_a_purpose_shows_the_name_and_nothing_else() {
    let authority = with_pack(pack(vec![rule(for_component(42), free())]));
    let bytes = authority.issue(certificate().encode());
    let bundle = authority.installed();
    let accepted = verify(&bytes, &bundle, &transit()).unwrap();
    assert!(matches!(accepted.facts, Facts::Holder { name: "欧阳示例" }));
}

#[test]
fn an_age_on_a_pass_cannot_be_decided_and_a_residence_elsewhere_is_another_jurisdiction() {
    let minor = Condition { ages: Some(Ages::new(0, 17).unwrap()), ..for_grant(Grant::TransitFree) };
    let authority = with_pack(pack(vec![rule(minor, free())]));
    let bytes = authority.issue(pass().encode());
    assert_eq!(authority.refusal(&bytes, &transit()), Some(Refusal::CannotDecide));

    let local = Condition { residence: vec![region(220_102)], ..for_component(42) };
    let authority = with_pack(pack(vec![rule(local, free())]));
    let bytes = authority.issue(certificate().encode());
    assert_eq!(authority.refusal(&bytes, &transit()), Some(Refusal::OtherJurisdiction));
}

#[test]
fn an_expired_pass_is_honoured_for_its_days_of_grace_at_that_purpose_only() {
    let grace = Condition { grace_days: 30, ..for_grant(Grant::TransitFree) };
    let authority = with_pack(pack(vec![rule(grace, free())]));
    let at = |days: u64, purpose| {
        let mut pass = pass();
        pass.expires = UnixTime::from_seconds(NOW.as_seconds() - days * DAY + 1);
        authority.refusal(&authority.issue(pass.encode()), &Check { purpose, ..transit() })
    };
    assert_eq!(at(30, Some(Purpose::Transit)), None);
    assert_eq!(at(31, Some(Purpose::Transit)), Some(Refusal::Expired));
    assert_eq!(at(30, Some(Purpose::Park)), Some(Refusal::Expired));
    assert_eq!(at(30, None), Some(Refusal::Expired));
}

#[test]
fn an_unconfirmed_pack_decides_in_a_demo_only() {
    let mut unconfirmed = pack(vec![rule(for_component(42), free())]);
    unconfirmed.confirmed = Confirmed::No;
    let authority = with_pack(unconfirmed);
    let bytes = authority.issue(certificate().encode());
    assert_eq!(authority.refusal(&bytes, &transit()), Some(Refusal::CannotDecide));
    let bundle = authority.installed();
    let demo = Check { unconfirmed: Unconfirmed::Demo, ..transit() };
    let accepted = verify(&bytes, &bundle, &demo).unwrap();
    assert_eq!(accepted.award.unwrap().confirmed, Confirmed::No);
}

#[test]
fn a_pass_that_only_an_unconfirmed_pack_could_judge_stands_on_its_grants() {
    let nation = PolicyPack {
        name: "nation".into(),
        jurisdiction: region(22),
        ..pack(vec![rule(for_grant(Grant::TransitReduced), free())])
    };
    let city = PolicyPack { confirmed: Confirmed::No, ..pack(vec![rule(for_component(42), free())]) };
    let authority = Authority::new().with(|a| a.policies = vec![signed(a, nation), signed(a, city)]);
    let bytes = authority.issue(pass().encode());
    assert_eq!(authority.refusal(&bytes, &transit()), None);
    let demo = Check { unconfirmed: Unconfirmed::Demo, ..transit() };
    assert_eq!(authority.refusal(&bytes, &demo), Some(Refusal::NotEntitled), "in a demo the city judges");
}

#[test]
fn a_pack_that_nobody_might_sign_is_forged() {
    let fares = || pack(vec![rule(for_component(42), free())]);
    let refused = |change: &dyn Fn(&mut Authority)| {
        let mut authority = with_pack(fares());
        change(&mut authority);
        Bundle::install(&authority.bundle(), &mut authority.pinned()).err()
    };
    assert_eq!(refused(&|_| ()), None);
    let forged = Some(Refusal::BundleForged);
    let signed_by = |a: &mut Authority, key: Key| {
        a.policies[0].1 = key.sign1(fares().encode(), Content::Policy);
    };
    assert_eq!(refused(&|a| signed_by(a, a.status_key.clone())), forged, "a key with another role");
    assert_eq!(refused(&|a| signed_by(a, Key::named("stranger"))), forged, "a key nobody trusts");
    let narrow = |a: &mut Authority| a.trusted(a.policy_key.kid()).regions = vec![region(220_104)];
    assert_eq!(refused(&narrow), forged, "a county's key for the prefecture");
    let altered = |a: &mut Authority| *a.policies[0].1.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&altered), forged, "an altered signature");
    let retyped = |a: &mut Authority| {
        a.policies[0].1 = a.policy_key.sign1(fares().encode(), Content::StatusList);
    };
    assert_eq!(refused(&retyped), forged, "signed as something else");
    let malformed = |a: &mut Authority| a.policies[0].1 = a.policy_key.sign1(vec![0xa0], Content::Policy);
    assert_eq!(refused(&malformed), forged, "an empty pack");
    let renamed = |a: &mut Authority| a.policies[0].0 = "parks".into();
    assert_eq!(refused(&renamed), forged, "under another name");
}

#[test]
fn a_pack_is_the_one_that_the_snapshot_names_at_that_version() {
    let authority = with_pack(pack(vec![rule(for_component(42), free())]));
    let refused = |change: &dyn Fn(&mut SignedParts)| {
        let mut parts = authority.parts();
        change(&mut parts);
        Bundle::install(&parts.to_bytes(), &mut authority.pinned()).err()
    };
    let named = |p: &SignedParts| {
        p.snapshot.parts.iter().position(|part| matches!(part.name, PartName::Policy(_))).unwrap()
    };
    let forged = Some(Refusal::BundleForged);
    assert_eq!(
        refused(&|p| {
            let at = named(p);
            p.snapshot.parts[at].sha256 = [0; 32]
        }),
        forged
    );
    assert_eq!(
        refused(&|p| {
            let at = named(p);
            p.snapshot.parts[at].version = Version::new(2)
        }),
        forged
    );
    assert_eq!(refused(&|p| p.policies.clear()), forged);
    let twice = |p: &mut SignedParts| {
        let mut part = p.snapshot.parts[named(p)].clone();
        part.name = PartName::Policy("other".into());
        p.snapshot.parts.push(part);
        p.policies.push(p.policies[0].clone());
    };
    assert_eq!(refused(&twice), forged, "one pack under two names");
}

#[test]
fn last_years_fares_are_a_rollback() {
    let mut authority = with_pack(pack(vec![rule(for_component(42), free())]));
    let mut state = authority.pinned();
    authority.version = 2;
    authority.policies = vec![signed(
        &authority,
        PolicyPack { version: Version::new(2), ..pack(vec![rule(for_component(42), free())]) },
    )];
    assert!(Bundle::install(&authority.bundle(), &mut state).is_ok());
    let older = with_pack(pack(vec![rule(for_component(42), free())])).parts();
    let old_fares = older.with(|p| {
        p.snapshot.version = Version::new(3);
        p.snapshot.parts.iter_mut().filter(|part| matches!(part.name, PartName::Status(_))).for_each(
            |part| {
                part.version = Version::new(3);
            },
        );
    });
    assert_eq!(Bundle::install(&old_fares.to_bytes(), &mut state).err(), Some(Refusal::BundleRolledBack));
}

fn transit() -> Check<'static> {
    Check { purpose: Some(Purpose::Transit), place: Some(region(220_104)), ..check() }
}

fn with_pack(pack: PolicyPack) -> Authority {
    Authority::new().with(|a| a.policies = vec![signed(a, pack)])
}

fn signed(authority: &Authority, pack: PolicyPack) -> (String, Vec<u8>) {
    (pack.name.clone(), authority.policy_key.sign1(pack.encode(), Content::Policy))
}

fn pack(rules: Vec<Rule>) -> PolicyPack {
    PolicyPack {
        name: "fares".into(),
        version: Version::new(1),
        issued: SIGNED,
        jurisdiction: region(2201),
        confirmed: Confirmed::Yes,
        title: Title { zh: "票价".into(), en: "fares".into() },
        effective: Effective::new(Date::new(2026, 1, 1).unwrap(), None).unwrap(),
        sections: vec![Section { purpose: Purpose::Transit, rules }],
        cases: vec![],
    }
}

fn rule(when: Condition, then: Decision) -> Rule {
    let citation = Citation { document: "示例规定".into(), article: "第一条".into() };
    Rule { citation, when, then, effective: None }
}

fn for_grant(grant: Grant) -> Condition {
    Condition { grants: GrantSet::NONE.with(grant), ..Condition::default() }
}

fn for_component(code: u64) -> Condition {
    Condition { levels: Levels::from(&components(&[code])), ..Condition::default() }
}

fn free() -> Decision {
    Decision::Entitled(Benefit { grants: GrantSet::NONE.with(Grant::TransitFree), ..Benefit::default() })
}
