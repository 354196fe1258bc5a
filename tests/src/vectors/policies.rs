//! Policy packs: what they decide, and which ones no bundle may carry.

use credential::UnixTime;
use credential::certificate::Certificate;
use credential::disability::Component;
use credential::grant::Grant;
use credential::grant_set::GrantSet;
use credential::levels::Levels;
use credential::policy_pack::{
    Ages, Attention, Benefit, Citation, Companions, Condition, Confirmed, Decision, Effective, Period,
    PolicyPack, Price, Quota, Rule, Section, Term, Title,
};
use credential::purpose::Purpose;
use credential::region::Region;
use credential::sign1::{Content, Unsigned};
use credential::snapshot::{Part, PartName, Version, sha256};
use credential::time::Date;
use verifier::Refusal;

use super::{BundleFile, Expected, Question, Setting, Vector};
use crate::authority::{Authority, DAY, Key, SIGNED, SignedParts, certificate, components, pass, region};

pub(super) fn all() -> Vec<Vector> {
    [decided(), refused(), forged()].into_iter().flatten().collect()
}

fn setting(name: &'static str, packs: &[PolicyPack]) -> Setting {
    Setting::changed(name, |a| {
        for pack in packs {
            let bytes = a.policy_key.sign1(pack.encode(), Content::Policy);
            a.policies.push((pack.name.clone(), bytes));
        }
    })
}

fn pass_in(setting: &Setting) -> Question {
    setting.shown(setting.authority.issue(pass().encode())).asking(Purpose::Transit)
}

fn certificate_in(setting: &Setting, codes: &[u64]) -> Question {
    let shown = Certificate { components: components(codes), ..certificate() };
    setting.shown(setting.authority.issue(shown.encode())).asking(Purpose::Transit)
}

fn decided() -> Vec<Vector> {
    let fares = fares();
    let narrower = setting(
        "policy_narrower",
        &[
            pack("province", 22, vec![rule(everybody(), Decision::NotEntitled)]),
            pack("changchun", 2201, vec![rule(everybody(), free())]),
            pack("jilin-city", 2202, vec![rule(everybody(), Decision::NotEntitled)]),
        ],
    );
    let over = Effective::new(day(2020, 1, 1), Some(day(2026, 11, 23))).expect("in order");
    let past = setting(
        "policy_past",
        &[
            PolicyPack {
                effective: over,
                ..pack("last-year", 22, vec![rule(everybody(), Decision::NotEntitled)])
            },
            pack(
                "this-year",
                22,
                vec![
                    Rule { effective: Some(over), ..rule(everybody(), Decision::NotEntitled) },
                    rule(everybody(), free()),
                ],
            ),
        ],
    );
    let local = Condition { residence: vec![region(2201)], ages: ages(65, 150), ..of_component(44) };
    let elderly = setting("policy_elderly", &[pack("elderly", 22, vec![rule(local, free())])]);
    let unconfirmed = setting("policy_unconfirmed", &[unconfirmed()]);
    vec![
        pass_in(&fares).accept("policy_pass", "A rule on a grant gives an old pass this year's fare."),
        pass_in(&fares)
            .at(pass().expires.plus_seconds(30 * DAY - 1))
            .stale_at_most(4000 * DAY)
            .accept("policy_grace", "The thirtieth day after expiry, of thirty that the rule allows."),
        certificate_in(&fares, &[41, 13])
            .accept("policy_certificate", "Limb level 1 is heavier than level 2."),
        pass_in(&narrower)
            .in_place(region(220_104))
            .accept("policy_narrower_first", "The prefecture's pack is asked before the province's."),
        pass_in(&past).accept("policy_of_the_day", "Pack and rule that ended yesterday are passed over."),
        certificate_in(&elderly, &[43])
            .accept("policy_age_and_residence", "Born in 1949, at home in Changchun."),
        pass_in(&unconfirmed).accept(
            "policy_unconfirmed_pass",
            "Nobody confirmed the pack, so the pass stands on its grants.",
        ),
    ]
}

fn refused() -> Vec<Vector> {
    let fares = fares();
    let exception = setting(
        "policy_exception",
        &[pack(
            "exception",
            22,
            vec![rule(of_grant(Grant::CompanionOne), Decision::NotEntitled), rule(everybody(), free())],
        )],
    );
    let unknown =
        setting("policy_unknown", &[pack("unknown", 22, vec![rule(everybody(), Decision::CannotDecide)])]);
    let minors = setting(
        "policy_minors",
        &[pack("minors", 22, vec![rule(Condition { ages: ages(0, 17), ..everybody() }, free())])],
    );
    let elsewhere = setting(
        "policy_residence",
        &[pack(
            "residence",
            22,
            vec![rule(Condition { residence: vec![region(2202), region(2203)], ..everybody() }, free())],
        )],
    );
    let unconfirmed = setting("policy_unconfirmed", &[unconfirmed()]);
    vec![
        certificate_in(&fares, &[43, 11]).refuse(
            Refusal::NotEntitled,
            "policy_level",
            "Limb level 3 is lighter than level 2.",
        ),
        pass_in(&fares).at(pass().expires.plus_seconds(30 * DAY)).stale_at_most(4000 * DAY).refuse(
            Refusal::Expired,
            "policy_grace_over",
            "The thirty-first day after expiry, of thirty that the rule allows.",
        ),
        pass_in(&exception).refuse(
            Refusal::NotEntitled,
            "policy_exception",
            "The first rule that matches decides.",
        ),
        pass_in(&unknown).refuse(
            Refusal::CannotDecide,
            "policy_unknown",
            "The rule says that it is not known offline.",
        ),
        pass_in(&minors).refuse(Refusal::CannotDecide, "policy_age_unknown", "A pass tells no age."),
        certificate_in(&minors, &[42]).refuse(Refusal::NotEntitled, "policy_age", "Born in 1949."),
        pass_in(&elsewhere).refuse(
            Refusal::CannotDecide,
            "policy_residence_unknown",
            "A pass tells no residence.",
        ),
        certificate_in(&elsewhere, &[42]).refuse(
            Refusal::OtherJurisdiction,
            "policy_residence",
            "The rule is for residents of two other prefectures.",
        ),
        certificate_in(&unconfirmed, &[42]).refuse(
            Refusal::CannotDecide,
            "policy_unconfirmed",
            "Nobody confirmed the only pack that has rules.",
        ),
    ]
}

/// Reduced fare for a grant, with thirty days of grace; free for limb level 2 or heavier.
pub(super) fn fares() -> Setting {
    let generous = Benefit {
        grants: GrantSet::NONE.with(Grant::TransitReduced),
        terms: vec![
            Term { price: Price::Fen(100), quota: Some(Quota { count: 720, per: Period::Year }) },
            Term { price: Price::Percent(50), quota: None },
        ],
        companions: Some(Companions { count: 1, price: Price::Free }),
        attention: vec![Attention::Escort, Attention::FaceCheck],
    };
    setting(
        "policy_fares",
        &[pack(
            "fares",
            22,
            vec![
                rule(
                    Condition { grace_days: 30, ..of_grant(Grant::TransitFree) },
                    Decision::Entitled(generous),
                ),
                rule(of_component(42), free()),
            ],
        )],
    )
}

fn forged() -> Vec<Vector> {
    let honest = || pack("fares", 22, vec![rule(everybody(), free())]);
    let signed = |pack: &PolicyPack, key: &str| Key::named(key).sign1(pack.encode(), Content::Policy);
    let altered = {
        let key = Key::named("policy");
        let signature =
            key.sign(&Unsigned::new(key.kid(), honest().encode(), Content::Policy).to_be_signed());
        let generous = pack("fares", 22, vec![rule(everybody(), Decision::Entitled(Benefit::default()))]);
        Unsigned::new(key.kid(), generous.encode(), Content::Policy).with_signature(&signature)
    };
    let other = PolicyPack { title: title("另一"), ..honest() };
    let format_2 = {
        let mut payload = honest().encode();
        assert_eq!(payload[..3], [0xaa, 1, 1]);
        payload[2] = 2;
        Key::named("policy").sign1(payload, Content::Policy)
    };
    vec![
        offered("policy_altered", altered, |_| {}, "A pack was altered after signing."),
        offered("policy_by_stranger", signed(&honest(), "stranger"), |_| {}, "A key that nobody listed."),
        offered("policy_by_status_key", signed(&honest(), "status"), |_| {}, "A key of another role."),
        offered(
            "policy_wider_than_key",
            signed(&PolicyPack { jurisdiction: Region::NATION, ..honest() }, "policy"),
            |_| {},
            "Jilin's key makes no rules for the nation.",
        ),
        offered(
            "policy_of_another_version",
            signed(&PolicyPack { version: Version::new(2), ..honest() }, "policy"),
            |_| {},
            "Snapshot and pack disagree about its version.",
        ),
        offered(
            "policy_of_another_name",
            signed(&pack("other", 22, vec![rule(everybody(), free())]), "policy"),
            |_| {},
            "Snapshot and pack disagree about its name.",
        ),
        offered(
            "policy_exchanged",
            signed(&honest(), "policy"),
            |p| p.policies = vec![Key::named("policy").sign1(other_pack(), Content::Policy)],
            "A well-signed pack, not the one that the snapshot names.",
        ),
        offered(
            "policy_missing",
            signed(&other, "policy"),
            |p| p.policies.clear(),
            "The snapshot names a pack that is missing.",
        ),
        offered("policy_of_format_2", format_2, |_| {}, "A format that nobody here knows."),
    ]
}

fn other_pack() -> Vec<u8> {
    PolicyPack { title: title("另一"), ..pack("fares", 22, vec![rule(everybody(), free())]) }.encode()
}

fn offered(name: &str, bytes: Vec<u8>, spoil: impl FnOnce(&mut SignedParts), about: &'static str) -> Vector {
    let authority = Authority::new();
    let parts = authority.parts().with(|p| {
        let part = PartName::Policy("fares".into());
        let (version, sha256) = (Version::new(1), sha256(&bytes));
        p.snapshot.parts.push(Part { name: part, version, sha256, unpacked: None });
        p.policies.push(bytes);
        spoil(p);
    });
    let bundle = BundleFile { name: name.into(), bytes: parts.to_bytes() };
    let (root, expected) = (authority.trust.roots, Expected::Refuse(Refusal::BundleForged));
    Vector { name: format!("bundle_{name}"), expected, about, root, before: vec![], bundle, shown: None }
}

fn pack(name: &str, jurisdiction: u64, rules: Vec<Rule>) -> PolicyPack {
    PolicyPack {
        name: name.into(),
        version: Version::new(1),
        issued: UnixTime::from_seconds(SIGNED.as_seconds() - DAY),
        jurisdiction: region(jurisdiction),
        confirmed: Confirmed::Yes,
        title: title("示例"),
        effective: Effective::new(day(2020, 1, 1), None).expect("without end"),
        sections: vec![Section { purpose: Purpose::Transit, rules }],
        cases: vec![],
    }
}

fn unconfirmed() -> PolicyPack {
    let never = vec![rule(everybody(), Decision::NotEntitled)];
    PolicyPack { confirmed: Confirmed::No, ..pack("hearsay", 22, never) }
}

fn rule(when: Condition, then: Decision) -> Rule {
    let citation = Citation { document: "示例文件".into(), article: "第一条".into() };
    Rule { citation, when, then, effective: None }
}

fn free() -> Decision {
    let terms = vec![Term { price: Price::Free, quota: None }];
    Decision::Entitled(Benefit {
        grants: GrantSet::NONE.with(Grant::TransitFree),
        terms,
        ..Benefit::default()
    })
}

fn everybody() -> Condition {
    Condition::default()
}

fn of_grant(grant: Grant) -> Condition {
    Condition { grants: GrantSet::NONE.with(grant), ..everybody() }
}

fn of_component(code: u64) -> Condition {
    let component = Component::from_code(code).expect("category * 10 + level");
    Condition { levels: Levels::NONE.with(component), ..everybody() }
}

fn ages(min: u8, max: u8) -> Option<Ages> {
    Some(Ages::new(min, max).expect("in order"))
}

fn title(zh: &str) -> Title {
    Title { zh: zh.into(), en: "EXAMPLE".into() }
}

fn day(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).expect("a date")
}
