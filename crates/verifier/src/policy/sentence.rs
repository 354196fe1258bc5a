//! One sentence for a clerk: what the packs answer, why, and on whose word.

use core::fmt::{self, Display, Formatter};

use credential::disability::Category;
use credential::policy_pack::{
    Attention, Benefit, Citation, Companions, Condition, Confirmed, MAX_AGE, Period, Price, Quota, Term,
};

use super::{Doubt, Ground, Outcome};
use crate::accepted::Award;

impl<'p> Outcome<'p> {
    /// In Chinese.
    #[must_use]
    pub fn zh(self) -> impl Display + 'p {
        Sentence(self, Tongue::Zh)
    }

    /// In English.
    #[must_use]
    pub fn en(self) -> impl Display + 'p {
        Sentence(self, Tongue::En)
    }
}

impl Award {
    /// What is awarded and on whose word, in Chinese.
    #[must_use]
    pub fn zh(&self) -> impl Display + '_ {
        AwardSentence(self, Tongue::Zh)
    }

    /// In English.
    #[must_use]
    pub fn en(&self) -> impl Display + '_ {
        AwardSentence(self, Tongue::En)
    }
}

/// An award in one language.
struct AwardSentence<'a>(&'a Award, Tongue);

impl Display for AwardSentence<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(award, t) = self;
        write_benefit(f, &award.benefit, *t)?;
        write_source(f, &award.citation, award.confirmed, *t)
    }
}

/// An outcome in one language.
struct Sentence<'p>(Outcome<'p>, Tongue);

#[derive(Clone, Copy)]
enum Tongue {
    Zh,
    En,
}

impl Tongue {
    fn say<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

impl Display for Sentence<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(outcome, t) = self;
        let t = *t;
        match outcome {
            Outcome::Entitled(_, benefit) => {
                f.write_str(t.say("符合：", "Entitled: "))?;
                write_benefit(f, benefit, t)?;
            }
            Outcome::NotEntitled(None) => {
                return f.write_str(t.say(
                    "不符合：此地此日的规定中没有一条适用。",
                    "Not entitled: no rule of this place and day applies.",
                ));
            }
            Outcome::NotEntitled(Some(_)) => {
                f.write_str(t.say("不符合：规定明确除外", "Not entitled: a rule excludes it"))?;
            }
            Outcome::OtherJurisdiction(_) => f.write_str(t.say(
                "本地不适用：规定只适用于其他地区的居民",
                "Does not hold here: the rule is for residents of another place",
            ))?,
            Outcome::CannotDecide(doubt) => f.write_str(match doubt {
                Doubt::Rule(_) => t.say(
                    "离线无法判断：此项须由主管部门联网核定",
                    "Cannot be decided offline: the authority has to establish it",
                ),
                Doubt::Age(_) => t.say(
                    "无法判断：规定看年龄，而出示的证件不载明年龄",
                    "Cannot be decided: the rule asks for an age, and what was shown does not tell it",
                ),
                Doubt::Residence(_) => t.say(
                    "无法判断：规定看户籍地，而出示的证件不载明户籍地",
                    "Cannot be decided: the rule asks for a residence, and what was shown does not tell it",
                ),
                Doubt::Unconfirmed(_) => {
                    return f.write_str(t.say(
                        "无法判断：此地的规定尚未与公布的原文核对。",
                        "Cannot be decided: nobody has held this place's rules against the published text yet.",
                    ));
                }
                Doubt::NoRules => {
                    return f.write_str(t.say(
                        "无法判断：没有此地此日关于该事项的规定。",
                        "Cannot be decided: there are no rules on this for this place and day.",
                    ));
                }
            })?,
        }
        match outcome.ground() {
            Some(ground) => write_ground(f, ground, t),
            None => f.write_str(t.say("。", ".")),
        }
    }
}

fn write_ground(f: &mut Formatter<'_>, ground: Ground<'_>, t: Tongue) -> fmt::Result {
    f.write_str(t.say("；适用于", "; the rule is for "))?;
    write_condition(f, &ground.rule.when, t)?;
    write_source(f, &ground.rule.citation, ground.pack.confirmed, t)
}

fn write_source(f: &mut Formatter<'_>, citation: &Citation, confirmed: Confirmed, t: Tongue) -> fmt::Result {
    let Citation { document, article } = citation;
    match t {
        Tongue::Zh => write!(f, "；依据：{document}，{article}")?,
        Tongue::En => write!(f, "; source: {document}, {article}")?,
    }
    if confirmed == Confirmed::No {
        f.write_str(t.say("（未核对原文，仅供演示）", " (not confirmed, for demonstration only)"))?;
    }
    f.write_str(t.say("。", "."))
}

fn write_benefit(f: &mut Formatter<'_>, benefit: &Benefit, t: Tongue) -> fmt::Result {
    let Benefit { grants, terms, companions, attention } = benefit;
    let mut list = Joined::new(f, t.say("，", ", "));
    for grant in grants.iter() {
        list.item(|f| f.write_str(t.say(grant.zh(), grant.en())))?;
    }
    for (number, term) in terms.iter().enumerate() {
        list.item(|f| {
            f.write_str(if number == 0 { "" } else { t.say("或", "or ") })?;
            write_term(f, *term, t)
        })?;
    }
    if let Some(Companions { count, price }) = *companions {
        list.item(|f| {
            match t {
                Tongue::Zh => write!(f, "陪护{count}人，每人")?,
                Tongue::En => write!(f, "{count} companion(s) at ")?,
            }
            write_price(f, price, t)
        })?;
    }
    for attention in attention.iter().map(|a: &Attention| t.say(a.zh(), a.en())) {
        list.item(|f| f.write_str(attention))?;
    }
    Ok(())
}

fn write_term(f: &mut Formatter<'_>, term: Term, t: Tongue) -> fmt::Result {
    let Term { price, quota } = term;
    if let Some(Quota { count, per }) = quota {
        let period = match per {
            Period::Day => t.say("每天", "a day"),
            Period::Month => t.say("每月", "a month"),
            Period::Year => t.say("每年", "a year"),
        };
        match t {
            Tongue::Zh => write!(f, "{period}{count}次，每次")?,
            Tongue::En => write!(f, "{count} times {period} at ")?,
        }
    }
    write_price(f, price, t)
}

fn write_price(f: &mut Formatter<'_>, price: Price, t: Tongue) -> fmt::Result {
    match (price, t) {
        (Price::Free, _) => f.write_str(t.say("免费", "no charge")),
        (Price::Percent(100), _) => f.write_str(t.say("全价", "the full price")),
        (Price::Percent(percent), Tongue::Zh) => write!(f, "原价的{percent}%"),
        (Price::Percent(percent), Tongue::En) => write!(f, "{percent} % of the price"),
        (Price::Fen(fen), _) => {
            let (yuan, rest) = (fen / FEN_IN_A_YUAN, fen % FEN_IN_A_YUAN);
            match rest {
                0 => write!(f, "{yuan}")?,
                _ => write!(f, "{yuan}.{rest:02}")?,
            }
            f.write_str(t.say("元", " yuan"))
        }
    }
}

fn write_condition(f: &mut Formatter<'_>, when: &Condition, t: Tongue) -> fmt::Result {
    let Condition { levels, grants, ages, residence, grace_days } = when;
    let mut list = Joined::new(f, t.say("、", ", "));
    if levels.is_empty() && grants.is_empty() {
        list.item(|f| f.write_str(t.say("所有持证人", "everybody")))?;
    }
    let heaviest = levels.iter().next().map(|component| component.level);
    let every_category = levels.iter().filter(|c| Some(c.level) == heaviest).count() == Category::ALL.len();
    let shown = if every_category { 1 } else { Category::ALL.len() };
    for component in levels.iter().take(shown) {
        let (category, digit) = (component.category, component.level.digit());
        list.item(|f| match t {
            Tongue::Zh => {
                let category = if every_category { "各类" } else { category.zh() };
                write!(f, "{category}{}", component.level.zh())?;
                f.write_str(if digit == 1 { "" } else { "及更重" })
            }
            Tongue::En => {
                let category = if every_category { "any category" } else { category.en() };
                write!(f, "{category} at level {digit}")?;
                f.write_str(if digit == 1 { "" } else { " or heavier" })
            }
        })?;
    }
    for grant in grants.iter() {
        list.item(|f| match t {
            Tongue::Zh => write!(f, "载有“{}”的凭证", grant.zh()),
            Tongue::En => write!(f, "passes with {}", grant.name()),
        })?;
    }
    if let Some(ages) = ages {
        list.item(|f| match (ages.min(), ages.max(), t) {
            (0, max, Tongue::Zh) => write!(f, "{max}周岁及以下"),
            (0, max, Tongue::En) => write!(f, "up to {max} years of age"),
            (min, MAX_AGE, Tongue::Zh) => write!(f, "{min}周岁及以上"),
            (min, MAX_AGE, Tongue::En) => write!(f, "from {min} years of age"),
            (min, max, Tongue::Zh) => write!(f, "{min}至{max}周岁"),
            (min, max, Tongue::En) => write!(f, "{min} to {max} years of age"),
        })?;
    }
    for region in residence {
        list.item(|f| match t {
            Tongue::Zh => write!(f, "户籍地{region}"),
            Tongue::En => write!(f, "residents of {region}"),
        })?;
    }
    if *grace_days > 0 {
        list.item(|f| match t {
            Tongue::Zh => write!(f, "过期{grace_days}日内"),
            Tongue::En => write!(f, "up to {grace_days} days after expiry"),
        })?;
    }
    Ok(())
}

/// Writes items with something between them.
struct Joined<'f, 'a> {
    f: &'f mut Formatter<'a>,
    between: &'static str,
    begun: bool,
}

impl<'f, 'a> Joined<'f, 'a> {
    fn new(f: &'f mut Formatter<'a>, between: &'static str) -> Self {
        Self { f, between, begun: false }
    }

    fn item(&mut self, write: impl FnOnce(&mut Formatter<'a>) -> fmt::Result) -> fmt::Result {
        if self.begun {
            self.f.write_str(self.between)?;
        }
        self.begun = true;
        write(self.f)
    }
}

const FEN_IN_A_YUAN: u32 = 100;
