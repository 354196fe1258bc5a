//! Each fault an author can make, at its line and column. Every text is one good pack with one thing spoiled.

use super::check::check;
use super::fault::What;
use super::show::{FaultJson, line_and_column, picture};
use bilingual::Language;

const GOOD: &str = r#"name = "city"
version = 3
issued = 2026-11-24
jurisdiction = 2201
confirmed = false
title = { zh = "某市", en = "A city" }
from = 2026-01-01

[[rule]]
purpose = "transit"
when = { components = ["visual 1-2"], grants = ["transit.free"] }
then = { gives = ["transit.free"], terms = [{ price = "free" }] }
cite = { document = "某办法", article = "第一条" }

[[rule]]
purpose = "transit"
when = { components = ["any 1-4"] }
then = { gives = ["transit.reduced"], terms = [{ price = "50%", quota = "720/year" }] }
cite = { document = "某办法", article = "第二条" }

[[case]]
purpose = "transit"
on = 2026-06-01
shown = { components = ["visual 2"], age = 30 }
then = { gives = ["transit.free"], terms = [{ price = "free" }] }

[[case]]
purpose = "transit"
on = 2026-06-01
shown = { components = ["visual 3"], age = 30 }
then = { gives = ["transit.reduced"], terms = [{ price = "50%", quota = "720/year" }] }
"#;

/// The good pack with one text in place of another.
fn spoiled(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1)
}

/// Code, line and column of each fault.
fn faults(toml: &str) -> Vec<(&'static str, usize, usize)> {
    let faults = check(toml).err().unwrap_or_default();
    let place = |at| line_and_column(toml, at);
    faults.iter().map(|f| (f.what.code(), place(f.at.start).0, place(f.at.start).1)).collect()
}

fn rule(purpose: &str, rest: &str) -> String {
    format!(
        "\n[[rule]]\npurpose = \"{purpose}\"\n{rest}\ncite = {{ document = \"某办法\", article = \"第三条\" }}\n"
    )
}

#[test]
fn a_good_pack_compiles_to_what_it_says() {
    let pack = check(GOOD).unwrap();
    assert_eq!((pack.name.as_str(), pack.version.as_u32(), pack.jurisdiction.code()), ("city", 3, 2201));
    assert_eq!((pack.sections.len(), pack.sections[0].rules.len(), pack.cases.len()), (1, 2, 2));
    assert_eq!(pack.sections[0].rules[1].citation.article, "第二条");
    assert_eq!(credential::policy_pack::PolicyPack::decode(&pack.encode()), Ok(pack));
}

#[test]
fn text_that_is_no_toml_is_shown_where_it_breaks() {
    assert_eq!(faults(&spoiled("version = 3", "version = = 3")), [("syntax", 2, 11), ("syntax", 2, 13)]);
    let nested = format!("x = {}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(faults(&nested).iter().all(|(code, ..)| *code == "syntax") && check(&nested).is_err());
}

#[test]
fn unknown_keys_are_faults_at_every_level() {
    assert_eq!(faults(&spoiled("version = 3", "version = 3\nauthor = \"x\"")), [("unknown-key", 3, 1)]);
    assert_eq!(faults(&spoiled("cite = {", "city = \"x\"\ncite = {")), [("unknown-key", 13, 1)]);
    assert_eq!(faults(&spoiled("age = 30", "age = 30, sex = \"f\"")), [("unknown-key", 24, 48)]);
    let slip = check(&spoiled("purpose =", "prupose =")).unwrap_err();
    assert!(slip.iter().any(|f| f.what.help(Language::En).as_deref() == Some("did you mean purpose?")));
}

#[test]
fn missing_sources_and_dates_are_faults() {
    assert_eq!(
        faults(&spoiled("cite = { document = \"某办法\", article = \"第一条\" }\n", "")),
        [("missing-key", 9, 1)]
    );
    assert_eq!(faults(&spoiled(", article = \"第一条\"", "")), [("missing-key", 13, 8)]);
    assert_eq!(faults(&spoiled("from = 2026-01-01\n", "")), [("missing-key", 1, 1)]);
    assert_eq!(faults(&spoiled("issued = 2026-11-24\n", "")), [("missing-key", 1, 1)]);
    assert_eq!(faults(&spoiled("confirmed = false\n", "")), [("missing-key", 1, 1)]);
    let half = spoiled("cite = {", "until = 2026-12-31\ncite = {");
    assert_eq!(faults(&half), [("missing-key", 9, 1)], "an end without a beginning");
    assert_eq!(faults(&spoiled("第一条", "")), [("not-allowed", 13, 38)], "an empty source");
}

#[test]
fn dates_in_the_wrong_order_or_of_no_calendar_are_faults() {
    let backwards = spoiled("from = 2026-01-01", "from = 2026-01-01\nuntil = 2025-12-31");
    assert_eq!(faults(&backwards), [("not-allowed", 8, 9)]);
    assert_eq!(faults(&spoiled("from = 2026-01-01", "from = \"2026-01-01\"")), [("wrong-type", 7, 8)]);
    assert_eq!(faults(&spoiled("from = 2026-01-01", "from = 2026-02-30"))[0].0, "syntax");
}

#[test]
fn words_out_of_their_table_are_faults() {
    assert_eq!(
        faults(&spoiled("gives = [\"transit.free\"", "gives = [\"transit.gratis\"")),
        [("unknown-word", 12, 19)]
    );
    assert_eq!(faults(&spoiled("purpose = \"transit\"", "purpose = \"bus\"")), [("unknown-word", 10, 11)]);
    assert_eq!(faults(&spoiled("visual 1-2", "visual 2")), [("unreadable-value", 11, 24)]);
    assert_eq!(faults(&spoiled("\"free\"", "\"gratis\"")), [("unreadable-value", 12, 55)]);
    assert_eq!(faults(&spoiled("720/year", "720/week")), [("unreadable-value", 18, 73)]);
    assert_eq!(faults(&spoiled("jurisdiction = 2201", "jurisdiction = 221")), [("unreadable-value", 4, 16)]);
    assert_eq!(faults(&spoiled("version = 3", "version = -3")), [("wrong-type", 2, 11)]);
    assert_eq!(faults(&spoiled("name = \"city\"", "name = \"City/..\"")), [("not-allowed", 1, 8)]);
}

#[test]
fn all_faults_are_shown_at_once_and_in_order() {
    let three = spoiled("version = 3", "version = \"3\"")
        .replacen("visual 1-2", "blind 1-2", 1)
        .replacen("720/year", "often", 1);
    let places = faults(&three);
    assert_eq!(places.iter().map(|(_, line, _)| *line).collect::<Vec<_>>(), [2, 11, 18]);
}

#[test]
fn a_rule_that_nobody_reaches_is_a_fault() {
    let shadowed =
        GOOD.to_owned() + &rule("transit", "when = { components = [\"limb 1\"] }\nthen = \"not entitled\"");
    assert_eq!(faults(&shadowed), [("unreachable-rule", 33, 1), ("untested-rule", 33, 1)]);
    let what = check(&shadowed).unwrap_err().remove(0).what;
    assert_eq!(what, What::Unreachable { by_line: Some(15) });
    // Taken by two rules together, by neither alone.
    let split = GOOD.to_owned()
        + &rule("park", "when = { ages = \"-59\" }\nthen = \"not entitled\"")
        + &rule("park", "when = { ages = \"60-\" }\nthen = \"cannot decide\"")
        + &rule("park", "when = { components = [\"limb 1-4\"] }\nthen = \"other jurisdiction\"");
    assert!(faults(&split).contains(&("unreachable-rule", 45, 1)));
    let never =
        GOOD.to_owned() + &rule("park", "from = 2020-01-01\nuntil = 2021-12-31\nthen = \"not entitled\"");
    assert_eq!(check(&never).unwrap_err()[0].what, What::Unreachable { by_line: None });
}

#[test]
fn a_rule_that_is_reached_on_some_day_age_place_or_day_of_grace_is_none() {
    for narrower in [
        "from = 2026-03-01\nuntil = 2026-03-31\nthen = \"not entitled\"",
        "when = { ages = \"6-17\" }\nthen = \"not entitled\"",
        "when = { residence = [220104] }\nthen = \"not entitled\"",
        "when = { components = [\"limb 1\"] }\nthen = \"not entitled\"",
    ] {
        let pack = GOOD.to_owned() + &rule("park", narrower) + &rule("park", "then = \"cannot decide\"");
        let codes: Vec<_> = faults(&pack).into_iter().map(|(code, ..)| code).collect();
        assert_eq!(codes, ["untested-rule", "untested-rule"], "{narrower}");
    }
    let later = rule("park", "then = \"not entitled\"")
        + &rule("park", "when = { grace_days = 30 }\nthen = \"cannot decide\"");
    assert!(!faults(&(GOOD.to_owned() + &later)).iter().any(|(code, ..)| *code == "unreachable-rule"));
}

#[test]
fn an_overlap_in_part_is_a_fault_until_it_is_meant() {
    let minors = rule("park", "when = { ages = \"-17\" }\nthen = \"not entitled\"");
    let locals = rule("park", "when = { residence = [220104] }\nthen = \"cannot decide\"");
    let pack = GOOD.to_owned() + &minors + &locals;
    assert_eq!(faults(&pack)[1], ("overlap", 39, 1));
    let meant = GOOD.to_owned() + &minors + &locals.replace("cite =", "overlap = \"meant\"\ncite =");
    assert!(!faults(&meant).iter().any(|(code, ..)| *code == "overlap"));
    // The same answer is no contradiction.
    let agreed = GOOD.to_owned() + &minors + &locals.replace("cannot decide", "not entitled");
    assert!(!faults(&agreed).iter().any(|(code, ..)| *code == "overlap"));
}

#[test]
fn a_case_that_comes_out_otherwise_is_a_fault_that_says_how() {
    let wrong = spoiled("shown = { components = [\"visual 3\"]", "shown = { components = [\"visual 1\"]");
    let faults = check(&wrong).unwrap_err();
    let What::CaseFails { zh, en } = &faults[1].what else { panic!("{:?}", faults[1].what) };
    assert!(zh.contains("免费乘坐公共交通") && en.contains("rides public transport free"), "{zh} {en}");
    assert_eq!(line_and_column(&wrong, faults[1].at.start).0, 27);
    assert_eq!(faults[0].what, What::Untested, "nobody tests the second rule now");
}

#[test]
fn a_rule_without_a_case_is_a_fault() {
    let untested = GOOD
        .split("\n[[case]]\npurpose = \"transit\"\non = 2026-06-01\nshown = { components = [\"visual 3\"]");
    assert_eq!(faults(&(untested.into_iter().next().unwrap().to_owned() + "\n")), [("untested-rule", 15, 1)]);
}

#[test]
fn a_rule_that_asks_a_pass_for_its_age_is_a_fault() {
    let asks = spoiled("grants = [\"transit.free\"] }", "grants = [\"transit.free\"], ages = \"-17\" }");
    assert_eq!(faults(&asks), [("pass-tells-less", 11, 8)]);
}

#[test]
fn an_entitlement_to_nothing_is_a_fault() {
    let nothing =
        spoiled("then = { gives = [\"transit.free\"], terms = [{ price = \"free\" }] }", "then = {}");
    assert_eq!(faults(&nothing), [("gives-nothing", 12, 8)]);
}

#[test]
fn ten_thousand_rules_are_a_fault_and_not_a_long_wait() {
    let many = GOOD.to_owned() + &rule("park", "then = \"not entitled\"").repeat(10_000);
    assert!(faults(&many).iter().any(|(code, ..)| *code == "not-allowed"));
}

#[test]
fn rules_that_nobody_could_oversee_are_a_fault_and_not_a_long_wait() {
    let intricate = |n: u32| {
        let from = format!("from = 20{:02}-01-01\nuntil = 20{:02}-12-31", 26 + n, 27 + n);
        let when =
            format!("ages = \"{n}-{}\", residence = [2201{:02}], grace_days = {}", n + 9, n + 10, n + 1);
        rule("park", &format!("{from}\nwhen = {{ {when} }}\nthen = \"not entitled\""))
    };
    let pack = GOOD.to_owned() + &(0..40).map(intricate).collect::<String>();
    assert!(faults(&pack).iter().any(|(code, ..)| *code == "too-intricate"));
}

#[test]
fn a_fault_is_shown_with_its_line_in_either_language() {
    let toml = spoiled("720/year", "720/week");
    let fault = &check(&toml).unwrap_err()[0];
    let (zh, en) = (
        picture(fault, "city.toml", &toml, Language::Zh, false),
        picture(fault, "city.toml", &toml, Language::En, false),
    );
    assert!(zh.contains("错误") && zh.contains("应为次数") && zh.contains("city.toml:18:73"), "{zh}");
    assert!(en.contains("error") && en.contains("should be a quota") && en.contains("720/week"), "{en}");
    let json = serde_json::to_value(FaultJson::of(fault, "city.toml", &toml)).unwrap();
    assert_eq!((json["line"].as_u64(), json["column"].as_u64()), (Some(18), Some(73)));
    assert_eq!(json["code"], "unreadable-value");
}
