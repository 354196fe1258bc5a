use super::*;
use crate::disability::Component;
use crate::grant::Grant;
use crate::grant_set::GrantSet;
use crate::levels::Levels;
use alloc::{string::String, vec};
use proptest::prelude::*;

/// What is wrong, and how to make it so.
type Change = (&'static str, fn(&mut PolicyPack));

fn day(year: u16) -> Date {
    Date::new(year, 1, 1).unwrap()
}

fn benefit() -> Benefit {
    Benefit {
        grants: [Grant::TransitReduced, Grant::CompanionOne].into_iter().collect(),
        terms: vec![
            Term { price: Price::Fen(100), quota: Some(Quota { count: 720, per: Period::Year }) },
            Term { price: Price::Percent(50), quota: None },
            Term { price: Price::Free, quota: Some(Quota { count: 1, per: Period::Day }) },
        ],
        companions: Some(Companions { count: 1, price: Price::Percent(100) }),
        attention: vec![Attention::Escort, Attention::FaceCheck],
    }
}

/// Every optional field is there in the first rule and absent in the second.
fn pack() -> PolicyPack {
    let levels = [12, 42].map(|code| Component::from_code(code).unwrap()).into_iter();
    let citation = Citation { document: "某办法".into(), article: "第一条".into() };
    let full = Rule {
        citation: citation.clone(),
        when: Condition {
            levels: levels.fold(Levels::NONE, Levels::with),
            grants: GrantSet::NONE.with(Grant::TransitFree),
            ages: Some(Ages::new(6, 60).unwrap()),
            residence: vec![Region::from_code(2201).unwrap(), Region::from_code(2202).unwrap()],
            grace_days: 30,
        },
        then: Decision::Entitled(benefit()),
        effective: Some(Effective::new(day(2016), Some(day(2030))).unwrap()),
    };
    let bare = |then| Rule { citation: citation.clone(), when: Condition::default(), then, effective: None };
    let subject = Subject {
        levels: Levels::NONE.with(Component::from_code(11).unwrap()),
        grants: GrantSet::NONE.with(Grant::Priority),
        age: Some(8),
        residence: Some(Region::from_code(220_104).unwrap()),
        days_expired: 3,
    };
    let case = |subject, expected| Case { purpose: Purpose::Transit, on: day(2026), subject, expected };
    PolicyPack {
        name: "some-city".into(),
        version: Version::new(3),
        issued: UnixTime::from_seconds(1_795_000_000),
        jurisdiction: Region::from_code(2201).unwrap(),
        confirmed: Confirmed::No,
        title: Title { zh: "某市".into(), en: "Some city".into() },
        effective: Effective::new(day(2016), None).unwrap(),
        sections: vec![
            Section { purpose: Purpose::Park, rules: vec![bare(Decision::CannotDecide)] },
            Section { purpose: Purpose::Transit, rules: vec![full, bare(Decision::NotEntitled)] },
        ],
        cases: vec![
            case(subject, Decision::Entitled(benefit())),
            case(Subject::default(), Decision::OtherJurisdiction),
        ],
    }
}

#[test]
fn a_pack_with_every_field_reads_back_and_no_shorter_one_does() {
    let bytes = pack().encode();
    assert_eq!(PolicyPack::decode(&bytes), Ok(pack()));
    assert!((0..bytes.len()).all(|cut| PolicyPack::decode(&bytes[..cut]).is_err()));
}

#[test]
fn ten_thousand_rules_are_refused() {
    let with = |count: usize| {
        let mut pack = pack();
        let rule = pack.sections[0].rules[0].clone();
        pack.sections[0].rules = vec![rule; count];
        PolicyPack::decode(&pack.encode())
    };
    assert!(with(64).is_ok());
    for count in [0, 65, 10_000] {
        assert_eq!(with(count), Err(Malformed::WrongLength), "{count}");
    }
}

#[test]
fn an_oversized_pack_is_refused_before_it_is_read() {
    let filled = |length: usize| {
        let mut bytes = pack().encode();
        bytes.resize(length, 0);
        PolicyPack::decode(&bytes)
    };
    assert_eq!(filled(MAX_PACK_BYTES + 1), Err(Malformed::WrongLength));
    assert_eq!(filled(MAX_PACK_BYTES), Err(Malformed::TrailingBytes));
}

#[test]
fn oversized_lists_and_texts_are_refused() {
    let changes: [Change; 8] = [
        ("cases", |p| p.cases = vec![p.cases[1].clone(); 257]),
        ("title", |p| p.title.zh = String::from("字").repeat(65)),
        ("empty title", |p| p.title.en = String::new()),
        ("name", |p| p.name = String::from("a").repeat(41)),
        ("name in capitals", |p| p.name = "Some/../city".into()),
        ("citation", |p| p.sections[0].rules[0].citation.article = String::new()),
        ("residence", |p| {
            p.sections[0].rules[0].when.residence = (11..44).map(|c| Region::from_code(c).unwrap()).collect();
        }),
        ("terms", |p| {
            let term = Term { price: Price::Free, quota: None };
            p.sections[0].rules[0].then = Decision::Entitled(Benefit { terms: vec![term; 5], ..benefit() });
        }),
    ];
    for (what, change) in changes {
        let mut pack = pack();
        change(&mut pack);
        assert!(PolicyPack::decode(&pack.encode()).is_err(), "{what}");
    }
}

#[test]
fn values_out_of_their_range_are_refused() {
    let changes: [Change; 7] = [
        ("grace of two years", |p| p.sections[1].rules[0].when.grace_days = 731),
        ("age 151", |p| p.cases[0].subject.age = Some(151)),
        ("free of charge as fen", |p| yields(p).terms[0].price = Price::Fen(0)),
        ("more than the ordinary price", |p| yields(p).terms[0].price = Price::Percent(101)),
        ("a quota of none", |p| yields(p).terms[0].quota = Some(Quota { count: 0, per: Period::Day })),
        ("no companion", |p| yields(p).companions = Some(Companions { count: 0, price: Price::Free })),
        ("attention twice", |p| yields(p).attention = vec![Attention::Voice; 2]),
    ];
    for (what, change) in changes {
        let mut pack = pack();
        change(&mut pack);
        assert!(PolicyPack::decode(&pack.encode()).is_err(), "{what}");
    }
    assert!(Effective::new(day(2026), Some(day(2025))).is_err());
    assert!(Ages::new(7, 6).is_err());
}

fn yields(pack: &mut PolicyPack) -> &mut Benefit {
    let Decision::Entitled(benefit) = &mut pack.sections[1].rules[0].then else { unreachable!() };
    benefit
}

#[test]
fn another_format_is_refused() {
    let mut bytes = pack().encode();
    assert_eq!(bytes[..3], [0xaa, 1, 1]);
    bytes[2] = 2;
    assert_eq!(PolicyPack::decode(&bytes), Err(Malformed::OutOfRange("policy format")));
}

#[test]
fn a_purpose_twice_or_unknown_is_refused() {
    let mut twice = pack();
    twice.sections[1].purpose = Purpose::Park;
    assert_eq!(PolicyPack::decode(&twice.encode()), Err(Malformed::NotCanonical("purposes")));
    let mut bytes = pack().encode();
    let at = bytes.windows(4).position(|w| w == b"park").unwrap();
    bytes[at] = b'q';
    assert_eq!(PolicyPack::decode(&bytes), Err(Malformed::OutOfRange("purpose")));
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    let nested = [&pack().encode()[..1], &[1], &[0x81; 60_000]].concat();
    assert!(matches!(PolicyPack::decode(&nested), Err(Malformed::WrongType { .. })));
    let text = pack().encode();
    let sections = text.windows(2).position(|w| w == [9, 0x82]).unwrap();
    let nested = [&text[..=sections], &[0x81; 60_000][..]].concat();
    assert!(PolicyPack::decode(&nested).is_err());
}

#[test]
fn an_age_counts_full_years_and_expiry_begins_at_its_second() {
    let (born, today) = (Date::new(2010, 11, 25).unwrap(), Date::new(2026, 11, 24).unwrap());
    let person = Subject::of_person(Levels::NONE, Some(born), Region::from_code(220_104).unwrap(), today);
    assert_eq!(person.age, Some(15));
    let pass = crate::pass::Pass {
        expires: UnixTime::from_seconds(1_000_000),
        holder_key: None,
        jurisdiction: Region::NATION,
        grants: vec![Grant::Priority],
        status: crate::status_list::StatusIndex::new(1),
    };
    for (now, days) in [(999_999, 0), (1_000_000, 1), (1_086_399, 1), (1_086_400, 2), (u64::MAX, u16::MAX)] {
        assert_eq!(Subject::of_pass(&pass, UnixTime::from_seconds(now)).days_expired, days, "{now}");
    }
}

proptest! {
    #[test]
    fn what_decodes_encodes_to_the_same_bytes(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = pack().encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(pack) = PolicyPack::decode(&bytes) {
            prop_assert_eq!(pack.encode(), bytes);
        }
    }

    #[test]
    fn arbitrary_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(PolicyPack::decode(&bytes).is_err());
    }
}
