//! The two languages of the console, Chinese first.

use credential::disability::{Component, Components};
use credential::region::Region;
use issuance::office::OfficeKind;
use issuance::officer::Role;

use crate::region_name;
use crate::web::words::{EN, Words, ZH};

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// 中文
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// From the cookie or the switch; anything unknown is Chinese.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == "en" { Self::En } else { Self::Zh }
    }

    /// As the cookie keeps it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// For the `lang` attribute: screen readers choose the voice by it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// The table of words.
    #[must_use]
    pub const fn words(self) -> &'static Words {
        match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        }
    }

    /// One of two: for what the domain says in both languages.
    #[must_use]
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// A word of the domain: its Chinese, or its stored form as an English phrase begins.
    #[must_use]
    pub fn word(self, zh: &str, stored: &str) -> String {
        self.pick(zh.to_owned(), sentence(stored))
    }

    /// What was assessed: `肢体二级`.
    #[must_use]
    pub fn components(self, components: &Components) -> String {
        let one = |component: &Component| {
            let (category, level) = (component.category, component.level);
            self.pick(
                format!("{}{}", category.zh(), level.zh()),
                format!("{}, level {}", sentence(category.en()), level.digit()),
            )
        };
        let all: Vec<_> = components.as_slice().iter().map(one).collect();
        all.join(self.pick("、", "; "))
    }

    /// A region by name, its code beside it: `吉林省长春市南关区（220102）`. A code without a name stays a code.
    #[must_use]
    pub fn region(self, region: Region) -> String {
        if region == Region::NATION {
            return self.pick("全国", "The whole nation").to_owned();
        }
        let (open, close) = self.pick(("（", "）"), (" (", ")"));
        match region_name::whole(region) {
            Some(name) => format!("{name}{open}{region}{close}"),
            None => region.to_string(),
        }
    }

    /// A power.
    #[must_use]
    pub fn role(self, role: Role) -> &'static str {
        let en = match role {
            Role::Clerk => "Clerk",
            Role::Assessor => "Assessor",
            Role::Reviewer => "Reviewer",
            Role::Approver => "Approver",
            Role::CardOperator => "Card operator",
            Role::Auditor => "Auditor",
            Role::Administrator => "Administrator",
        };
        self.pick(role.zh(), en)
    }

    /// A kind of office.
    #[must_use]
    pub fn office_kind(self, kind: OfficeKind) -> &'static str {
        match kind {
            OfficeKind::Province => self.pick("省残联", "Province"),
            OfficeKind::Prefecture => self.pick("市（州）残联", "Prefecture"),
            OfficeKind::County => self.pick("县（市、区）残联", "County"),
            OfficeKind::Township => self.pick("乡镇（街道）残联", "Township"),
            OfficeKind::Hospital => self.pick("定点评定医院", "Hospital"),
        }
    }
}

fn sentence(stored: &str) -> String {
    let mut letters = stored.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).map(|letter| if letter == '_' { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_the_domain_begins_as_an_english_phrase_does() {
        assert_eq!(Lang::En.word("通知补正", "request_evidence"), "Request evidence");
        assert_eq!((Lang::Zh.word("批准", "approve"), Lang::En.word("", "")), ("批准".into(), String::new()));
    }

    #[test]
    fn a_region_is_said_by_name_with_its_code_and_an_unknown_one_by_its_code() {
        let region = |code| Region::from_code(code).unwrap();
        assert_eq!(Lang::Zh.region(region(220_102)), "吉林省长春市南关区（220102）");
        assert_eq!(Lang::En.region(region(22)), "吉林省 (22)");
        assert_eq!(
            (Lang::Zh.region(region(229_999)), Lang::Zh.region(Region::NATION)),
            ("229999".into(), "全国".into())
        );
    }
}
