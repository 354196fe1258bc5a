//! The small languages inside a pack: `visual 1-2`, `0-6`, `720/year`, `0.50 yuan`.

use credential::disability::{Category, Component, Level};
use credential::levels::Levels;
use credential::policy_pack::{Ages, MAX_AGE, Period, Price, Quota};

/// `visual 1-2`, `视力 1`, `any 1-4`: levels from 1, because a heavier disability never gets less.
pub(crate) fn reach(text: &str) -> Option<Levels> {
    let (category, levels) = text.split_once(' ')?;
    let lightest = match levels.split_once('-') {
        Some(("1", lightest)) => level(lightest)?,
        None if levels == "1" => level(levels)?,
        _ => return None,
    };
    let categories: Vec<Category> = match category {
        "any" | "各类" => Category::ALL.to_vec(),
        name => vec![category_named(name)?],
    };
    let components = categories.into_iter().map(|category| Component { category, level: lightest });
    Some(components.fold(Levels::NONE, Levels::with))
}

/// `visual 2`: what a person has.
pub(crate) fn component(text: &str) -> Option<Component> {
    let (category, digit) = text.split_once(' ')?;
    Some(Component { category: category_named(category)?, level: level(digit)? })
}

/// `0-6`, `60-`, `-17`.
pub(crate) fn ages(text: &str) -> Option<Ages> {
    let (min, max) = text.split_once('-')?;
    let min = if min.is_empty() { 0 } else { number(min)? };
    let max = if max.is_empty() { MAX_AGE } else { number(max)? };
    Ages::new(min, max).ok().filter(|ages| ages.max() <= MAX_AGE && text != "-")
}

/// `720/year`.
pub(crate) fn quota(text: &str) -> Option<Quota> {
    let (count, period) = text.split_once('/')?;
    let per = match period {
        "day" => Period::Day,
        "month" => Period::Month,
        "year" => Period::Year,
        _ => return None,
    };
    number(count).filter(|count| *count > 0).map(|count| Quota { count, per })
}

/// `free`, `full`, `50%`, `1 yuan`, `0.50 yuan`.
pub(crate) fn price(text: &str) -> Option<Price> {
    match text {
        "free" => return Some(Price::Free),
        "full" => return Some(Price::Percent(100)),
        _ => {}
    }
    if let Some(percent) = text.strip_suffix('%') {
        return number(percent).filter(|percent| (1..=100).contains(percent)).map(Price::Percent);
    }
    let yuan = text.strip_suffix(" yuan")?;
    let (whole, hundredths) = yuan.split_once('.').unwrap_or((yuan, "00"));
    let hundredths: u32 = if hundredths.len() == 2 { number(hundredths)? } else { return None };
    let fen = number::<u32>(whole)?.checked_mul(100)?.checked_add(hundredths)?;
    (fen > 0).then_some(Price::Fen(fen))
}

fn category_named(name: &str) -> Option<Category> {
    Category::ALL.into_iter().find(|category| category.en() == name || category.zh() == name)
}

fn level(digit: &str) -> Option<Level> {
    Level::from_digit(number(digit)?).ok()
}

/// Digits only: no sign, no space.
fn number<T: std::str::FromStr>(digits: &str) -> Option<T> {
    if digits.bytes().all(|b| b.is_ascii_digit()) { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_as_they_are_meant() {
        let codes = |text| reach(text).map(|levels| levels.iter().map(Component::code).collect::<Vec<_>>());
        assert_eq!(codes("visual 1-2"), Some(vec![12]));
        assert_eq!(codes("视力 1"), Some(vec![11]));
        assert_eq!(codes("any 1-4"), Some(vec![14, 24, 34, 44, 54, 64]));
        assert_eq!(component("limb 3").map(Component::code), Some(43));
        assert_eq!(ages("60-").map(|ages| (ages.min(), ages.max())), Some((60, MAX_AGE)));
        assert_eq!(ages("-17").map(|ages| (ages.min(), ages.max())), Some((0, 17)));
        assert_eq!(quota("720/year"), Some(Quota { count: 720, per: Period::Year }));
        assert_eq!(price("0.50 yuan"), Some(Price::Fen(50)));
        assert_eq!(price("2 yuan"), Some(Price::Fen(200)));
        assert_eq!(price("50%"), Some(Price::Percent(50)));
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        for text in ["visual", "visual 2", "visual 2-4", "visual 1-5", "visual 1 - 2", "blind 1", "any 0-1"] {
            assert!(reach(text).is_none(), "{text}");
        }
        for text in ["6-0", "-", "0-151", "six-7", "+1-2"] {
            assert!(ages(text).is_none(), "{text}");
        }
        for text in ["0/day", "1/week", "1", "-1/day", "4294967296/year"] {
            assert!(quota(text).is_none(), "{text}");
        }
        for text in ["0%", "101%", "0 yuan", "0.5 yuan", "1yuan", "-1 yuan", "1.999 yuan", "42949673 yuan"] {
            assert!(price(text).is_none(), "{text}");
        }
    }
}
