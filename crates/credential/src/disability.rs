//! Categories, levels and components of a disability (GB/T 26341-2010).
//! A person has one component or several; several show as category 7 on the face,
//! with the level of the heaviest. Rules ask for components, so the list is kept.

use alloc::vec::Vec;
use core::fmt;

use crate::error::Malformed;

/// The six categories a person is assessed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// 视力
    Visual = 1,
    /// 听力
    Hearing = 2,
    /// 言语
    Speech = 3,
    /// 肢体
    Limb = 4,
    /// 智力
    Intellectual = 5,
    /// 精神
    Mental = 6,
}

impl Category {
    /// All of them, in the order of the standard.
    pub const ALL: [Self; 6] =
        [Self::Visual, Self::Hearing, Self::Speech, Self::Limb, Self::Intellectual, Self::Mental];

    /// From the digit of the standard, 1 to 6.
    pub fn from_digit(digit: u8) -> Result<Self, Malformed> {
        Self::ALL.into_iter().find(|c| c.digit() == digit).ok_or(Malformed::OutOfRange("category"))
    }

    /// 1 to 6.
    #[must_use]
    pub fn digit(self) -> u8 {
        self as u8
    }

    /// Whether the law wants a guardian for it (domain rules: 智力, 精神).
    #[must_use]
    pub fn needs_guardian(self) -> bool {
        matches!(self, Self::Intellectual | Self::Mental)
    }

    /// `视力`, `听力`, ...
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Visual => "视力",
            Self::Hearing => "听力",
            Self::Speech => "言语",
            Self::Limb => "肢体",
            Self::Intellectual => "智力",
            Self::Mental => "精神",
        }
    }

    /// `visual`, `hearing`, ...
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Visual => "visual",
            Self::Hearing => "hearing",
            Self::Speech => "speech",
            Self::Limb => "limb",
            Self::Intellectual => "intellectual",
            Self::Mental => "mental",
        }
    }
}

/// How heavy: 1 is the heaviest, 4 the lightest. Smaller sorts first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// From 1 to 4.
    pub fn from_digit(digit: u8) -> Result<Self, Malformed> {
        if (1..=4).contains(&digit) { Ok(Self(digit)) } else { Err(Malformed::OutOfRange("level")) }
    }

    /// 1 to 4.
    #[must_use]
    pub fn digit(self) -> u8 {
        self.0
    }

    /// `一级` to `四级`.
    #[must_use]
    pub fn zh(self) -> &'static str {
        ["一级", "二级", "三级"].get(usize::from(self.0.wrapping_sub(1))).copied().unwrap_or("四级")
    }

    /// Whether this is at least as heavy as the other: level 1 is heavier than 2.
    #[must_use]
    pub fn at_least_as_heavy_as(self, other: Self) -> bool {
        self.0 <= other.0
    }
}

impl fmt::Debug for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Level({})", self.0)
    }
}

/// The digit on the face: a category, or 7 for several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaceCategory {
    /// One component.
    Single(Category),
    /// 多重, digit 7.
    Multiple,
}

impl FaceCategory {
    /// From 1 to 7.
    pub fn from_digit(digit: u8) -> Result<Self, Malformed> {
        if digit == 7 { Ok(Self::Multiple) } else { Category::from_digit(digit).map(Self::Single) }
    }

    /// 1 to 7.
    #[must_use]
    pub fn digit(self) -> u8 {
        match self {
            Self::Single(category) => category.digit(),
            Self::Multiple => 7,
        }
    }

    /// As the certificate prints it.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Single(category) => category.zh(),
            Self::Multiple => "多重",
        }
    }

    /// In English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Single(category) => category.en(),
            Self::Multiple => "multiple",
        }
    }
}

/// One category with its level; `42` is limb, level 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Component {
    /// In what.
    pub category: Category,
    /// How heavy.
    pub level: Level,
}

impl Component {
    /// From category * 10 + level.
    pub fn from_code(code: u64) -> Result<Self, Malformed> {
        let code = u8::try_from(code).map_err(|_| Malformed::OutOfRange("component"))?;
        Ok(Self { category: Category::from_digit(code / 10)?, level: Level::from_digit(code % 10)? })
    }

    /// Category * 10 + level.
    #[must_use]
    pub fn code(self) -> u8 {
        self.category.digit().wrapping_mul(10).wrapping_add(self.level.digit())
    }

    fn weight(self) -> (Level, Category) {
        (self.level, self.category)
    }
}

/// One to six components, heaviest first (then by category), no category twice.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Components(Vec<Component>);

impl Components {
    /// Sorts them. Refuses none at all and a category twice.
    pub fn new(mut list: Vec<Component>) -> Result<Self, Malformed> {
        list.sort_by_key(|c| c.weight());
        Self::from_sorted(list)
    }

    /// Takes them as a certificate lists them; refuses another order.
    pub fn from_sorted(list: Vec<Component>) -> Result<Self, Malformed> {
        if list.is_empty() || list.len() > Category::ALL.len() {
            return Err(Malformed::WrongLength);
        }
        let repeated = |c: &Component| list.iter().filter(|other| other.category == c.category).count() > 1;
        if !list.is_sorted_by_key(|c| c.weight()) || list.iter().any(repeated) {
            return Err(Malformed::NotCanonical("components"));
        }
        Ok(Self(list))
    }

    /// All of them, heaviest first.
    #[must_use]
    pub fn as_slice(&self) -> &[Component] {
        &self.0
    }

    /// The level on the face: that of the heaviest.
    #[must_use]
    pub fn level(&self) -> Level {
        self.0.iter().map(|c| c.level).min().unwrap_or(Level(4))
    }

    /// The category on the face.
    #[must_use]
    pub fn face_category(&self) -> FaceCategory {
        match self.0.as_slice() {
            [one] => FaceCategory::Single(one.category),
            _ => FaceCategory::Multiple,
        }
    }

    /// Whether any component is of this category at this level or heavier: what rules ask.
    #[must_use]
    pub fn has(&self, category: Category, at_least: Level) -> bool {
        self.0.iter().any(|c| c.category == category && c.level.at_least_as_heavy_as(at_least))
    }

    /// Whether the law wants a guardian for any of them.
    #[must_use]
    pub fn need_guardian(&self) -> bool {
        self.0.iter().any(|c| c.category.needs_guardian())
    }
}

/// A diagnosis is personal: it prints through the accessors, never by accident.
impl fmt::Debug for Components {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Components(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components(codes: &[u64]) -> Result<Components, Malformed> {
        Components::from_sorted(codes.iter().map(|c| Component::from_code(*c).unwrap()).collect())
    }

    #[test]
    fn several_components_show_as_category_7_with_the_heaviest_level() {
        let several = components(&[42, 13]).unwrap();
        assert_eq!(several.face_category().digit(), 7);
        assert_eq!(several.level().digit(), 2);
        assert!(several.has(Category::Visual, Level::from_digit(3).unwrap()));
        assert!(!several.has(Category::Visual, Level::from_digit(2).unwrap()));
    }

    #[test]
    fn unsorted_repeated_or_missing_components_are_refused() {
        assert!(components(&[13, 42]).is_err());
        assert!(components(&[42, 43]).is_err());
        assert!(components(&[]).is_err());
        for code in [0, 10, 15, 71, 74, 256 + 42] {
            assert!(Component::from_code(code).is_err(), "{code}");
        }
    }
}
