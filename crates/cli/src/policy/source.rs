//! A pack as people write it: TOML into a pack that knows the place of each rule and case.

use std::ops::Range;

use credential::disability::Component;
use credential::grant::Grant;
use credential::grant_set::GrantSet;
use credential::levels::Levels;
use credential::policy_pack::{
    Attention, Benefit, Case, Citation, Companions, Condition, Confirmed, Decision, Effective, PolicyPack,
    Price, Rule, Section, Subject, Term, Title, check_name,
};
use credential::purpose::Purpose;
use credential::region::Region;
use credential::snapshot::Version;
use toml::de::{DeTable, DeValue};

use super::fault::{Wanted, What};
use super::fields::{Faults, Fields, Value, date, integer, list, short_text, text, truth, word};
use super::words;

/// A pack and where its parts stand.
pub(crate) struct Source {
    pub(crate) pack: PolicyPack,
    /// In the order of the pack's sections and their rules.
    pub(crate) rules: Vec<Vec<RulePlace>>,
    /// In the order of the pack's cases.
    pub(crate) cases: Vec<Range<usize>>,
}

/// Where a rule stands, and what its author says about it.
pub(crate) struct RulePlace {
    pub(crate) at: Range<usize>,
    pub(crate) overlap_is_meant: bool,
}

/// A rule before it finds its section.
struct AuthoredRule {
    purpose: Purpose,
    rule: Rule,
    place: RulePlace,
}

/// Reads the text. `None` when something is wrong; the faults say what.
pub(crate) fn read(toml: &str, faults: &mut Faults) -> Option<Source> {
    let (root, errors) = DeTable::parse_recoverable(toml);
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        faults.note::<()>(at, What::Syntax { said: error.message().to_owned() });
    }
    if !faults.is_empty() {
        return None;
    }
    // A key that the whole file lacks is missed at its first line.
    let first_line = 0..toml.find('\n').unwrap_or(toml.len());
    let mut fields = Fields::of(root.get_ref(), first_line, faults);
    let name = fields.required("name", |v, f| {
        let name = text(v, f)?;
        f.allowed(v.span(), check_name(name).map(str::to_owned))
    });
    let version = fields.required("version", integer).map(Version::new);
    let issued = fields.required("issued", date).map(|date| date.start_in_china());
    let jurisdiction = fields.required("jurisdiction", region);
    let confirmed = fields.required("confirmed", truth).map(Confirmed::from);
    let title = fields.required("title", title);
    let effective = effective(&mut fields, EffectiveKeys::Required);
    let rules = fields.required("rule", |v, f| list(v, f, rule));
    let cases = fields.required("case", |v, f| list(v, f, |v, f| Some((case(v, f)?, v.span()))));
    fields.end();

    let (sections, places) = into_sections(rules?);
    let (cases, case_places): (Vec<Case>, _) = cases?.into_iter().unzip();
    let pack = PolicyPack {
        name: name?,
        version: version?,
        issued: issued?,
        jurisdiction: jurisdiction?,
        confirmed: confirmed?,
        title: title?,
        effective: effective??,
        sections,
        cases,
    };
    Some(Source { pack, rules: places, cases: case_places })
}

/// One section for each purpose, sorted as the format wants it; within it the order of the file.
fn into_sections(rules: Vec<AuthoredRule>) -> (Vec<Section>, Vec<Vec<RulePlace>>) {
    let mut purposes: Vec<Purpose> = rules.iter().map(|rule| rule.purpose).collect();
    purposes.sort_by_key(|purpose| purpose.name());
    purposes.dedup();
    let mut sections: Vec<Section> =
        purposes.into_iter().map(|purpose| Section { purpose, rules: vec![] }).collect();
    let mut places: Vec<Vec<RulePlace>> = sections.iter().map(|_| vec![]).collect();
    for AuthoredRule { purpose, rule, place } in rules {
        let own = sections.iter_mut().zip(&mut places).find(|(section, _)| section.purpose == purpose);
        if let Some((section, places)) = own {
            section.rules.push(rule);
            places.push(place);
        }
    }
    (sections, places)
}

fn rule(value: &Value<'_>, faults: &mut Faults) -> Option<AuthoredRule> {
    let mut fields = Fields::of_value(value, faults)?;
    let purpose = fields.required("purpose", purpose);
    let when = fields.optional("when", condition);
    let then = fields.required("then", decision);
    let citation = fields.required("cite", citation);
    let effective = effective(&mut fields, EffectiveKeys::Optional);
    let overlap =
        fields.optional("overlap", |v, f| word(v, f, |w| (w == "meant").then_some(()), || vec!["meant"]));
    fields.end();
    let rule =
        Rule { citation: citation?, when: when?.unwrap_or_default(), then: then?, effective: effective? };
    let place = RulePlace { at: value.span(), overlap_is_meant: overlap?.is_some() };
    Some(AuthoredRule { purpose: purpose?, rule, place })
}

fn condition(value: &Value<'_>, faults: &mut Faults) -> Option<Condition> {
    let mut fields = Fields::of_value(value, faults)?;
    let levels = fields
        .optional("components", |v, f| list(v, f, |v, f| small(v, f, Wanted::Components, words::reach)));
    let grants = fields.optional("grants", grants);
    let ages = fields.optional("ages", |v, f| small(v, f, Wanted::Ages, words::ages));
    let residence = fields.optional("residence", |v, f| list(v, f, region));
    let grace_days = fields.optional("grace_days", integer);
    fields.end();
    let mut residence = residence?.unwrap_or_default();
    residence.sort_unstable();
    residence.dedup();
    let reached = levels?.unwrap_or_default();
    let condition = Condition {
        // A category named twice keeps the lighter level: the two are alternatives.
        levels: reached.iter().flat_map(Levels::iter).fold(Levels::NONE, lighter),
        grants: grants?.unwrap_or_default(),
        ages: ages?,
        residence,
        grace_days: grace_days?.unwrap_or_default(),
    };
    let tells_less =
        !condition.grants.is_empty() && (condition.ages.is_some() || !condition.residence.is_empty());
    if tells_less { faults.note(value.span(), What::PassTellsLess) } else { Some(condition) }
}

fn lighter(levels: Levels, component: Component) -> Levels {
    let known = levels.iter().find(|other| other.category == component.category);
    if known.is_some_and(|other| other.level > component.level) { levels } else { levels.with(component) }
}

/// `{ gives = [...], ... }`, or one of three words.
fn decision(value: &Value<'_>, faults: &mut Faults) -> Option<Decision> {
    match value.get_ref() {
        DeValue::Table(_) => benefit(value, faults).map(Decision::Entitled),
        DeValue::String(word) => match word.as_ref() {
            "not entitled" => Some(Decision::NotEntitled),
            "other jurisdiction" => Some(Decision::OtherJurisdiction),
            "cannot decide" => Some(Decision::CannotDecide),
            _ => faults.note(value.span(), What::Unreadable { wanted: Wanted::Decision }),
        },
        _ => faults.note(value.span(), What::WrongType { wanted: Wanted::Decision }),
    }
}

fn benefit(value: &Value<'_>, faults: &mut Faults) -> Option<Benefit> {
    let mut fields = Fields::of_value(value, faults)?;
    let grants = fields.optional("gives", grants);
    let terms = fields.optional("terms", |v, f| list(v, f, term));
    let companions = fields.optional("companions", companions);
    let attention = fields.optional("attention", |v, f| list(v, f, attention));
    fields.end();
    let mut attention = attention?.unwrap_or_default();
    attention.sort_unstable();
    attention.dedup();
    let benefit = Benefit {
        grants: grants?.unwrap_or_default(),
        terms: terms?.unwrap_or_default(),
        companions: companions?,
        attention,
    };
    if benefit == Benefit::default() { faults.note(value.span(), What::GivesNothing) } else { Some(benefit) }
}

fn term(value: &Value<'_>, faults: &mut Faults) -> Option<Term> {
    let mut fields = Fields::of_value(value, faults)?;
    let price = fields.required("price", price);
    let quota = fields.optional("quota", |v, f| small(v, f, Wanted::Quota, words::quota));
    fields.end();
    Some(Term { price: price?, quota: quota? })
}

fn companions(value: &Value<'_>, faults: &mut Faults) -> Option<Companions> {
    let mut fields = Fields::of_value(value, faults)?;
    let count = fields.required("count", integer);
    let price = fields.required("price", price);
    fields.end();
    Some(Companions { count: count?, price: price? })
}

fn citation(value: &Value<'_>, faults: &mut Faults) -> Option<Citation> {
    let mut fields = Fields::of_value(value, faults)?;
    let document = fields.required("document", short_text);
    let article = fields.required("article", short_text);
    fields.end();
    Some(Citation { document: document?, article: article? })
}

fn title(value: &Value<'_>, faults: &mut Faults) -> Option<Title> {
    let mut fields = Fields::of_value(value, faults)?;
    let (zh, en) = (fields.required("zh", short_text), fields.required("en", short_text));
    fields.end();
    Some(Title { zh: zh?, en: en? })
}

fn case(value: &Value<'_>, faults: &mut Faults) -> Option<Case> {
    let mut fields = Fields::of_value(value, faults)?;
    let purpose = fields.required("purpose", purpose);
    let on = fields.required("on", date);
    let subject = fields.required("shown", subject);
    let expected = fields.required("then", decision);
    fields.end();
    Some(Case { purpose: purpose?, on: on?, subject: subject?, expected: expected? })
}

fn subject(value: &Value<'_>, faults: &mut Faults) -> Option<Subject> {
    let mut fields = Fields::of_value(value, faults)?;
    let exact = |v: &Value<'_>, f: &mut Faults| small(v, f, Wanted::ExactComponent, words::component);
    let components = fields.optional("components", |v, f| list(v, f, exact));
    let grants = fields.optional("grants", grants);
    let age = fields.optional("age", integer);
    let residence = fields.optional("residence", region);
    let days_expired = fields.optional("days_expired", integer);
    fields.end();
    Some(Subject {
        levels: components?.unwrap_or_default().into_iter().fold(Levels::NONE, Levels::with),
        grants: grants?.unwrap_or_default(),
        age: age?,
        residence: residence?,
        days_expired: days_expired?.unwrap_or_default(),
    })
}

enum EffectiveKeys {
    Required,
    Optional,
}

/// `from` and `until`. `None` when faulty, `Some(None)` when absent.
fn effective(fields: &mut Fields<'_, '_, '_>, keys: EffectiveKeys) -> Option<Option<Effective>> {
    let with_place = |v: &Value<'_>, f: &mut Faults| Some((date(v, f)?, v.span()));
    let until = fields.optional("until", with_place);
    let from = match (keys, &until) {
        // An end without a beginning is half a statement.
        (EffectiveKeys::Required, _) | (EffectiveKeys::Optional, Some(Some(_))) => {
            fields.required("from", with_place).map(Some)
        }
        (EffectiveKeys::Optional, _) => fields.optional("from", with_place),
    };
    match (from?, until?) {
        (None, _) => Some(None),
        (Some((from, _)), None) => Some(Effective::new(from, None).ok()),
        (Some((from, _)), Some((until, at))) => {
            fields.faults.allowed(at, Effective::new(from, Some(until))).map(Some)
        }
    }
}

fn purpose(value: &Value<'_>, faults: &mut Faults) -> Option<Purpose> {
    word(value, faults, Purpose::from_name, || Purpose::ALL.iter().map(|p| p.name()).collect())
}

fn grants(value: &Value<'_>, faults: &mut Faults) -> Option<GrantSet> {
    let grant = |v: &Value<'_>, f: &mut Faults| {
        word(v, f, Grant::from_name, || Grant::ALL.iter().map(|grant| grant.name()).collect())
    };
    list(value, faults, grant).map(|grants| grants.into_iter().collect())
}

fn attention(value: &Value<'_>, faults: &mut Faults) -> Option<Attention> {
    word(value, faults, Attention::from_name, || Attention::ALL.iter().map(|a| a.name()).collect())
}

fn price(value: &Value<'_>, faults: &mut Faults) -> Option<Price> {
    small(value, faults, Wanted::Price, words::price)
}

fn region(value: &Value<'_>, faults: &mut Faults) -> Option<Region> {
    match Region::from_code(integer(value, faults)?) {
        Ok(region) => Some(region),
        Err(_) => faults.note(value.span(), What::Unreadable { wanted: Wanted::Region }),
    }
}

/// A text in one of the small languages.
fn small<T>(
    value: &Value<'_>,
    faults: &mut Faults,
    wanted: Wanted,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    match parse(text(value, faults)?) {
        Some(parsed) => Some(parsed),
        None => faults.note(value.span(), What::Unreadable { wanted }),
    }
}
