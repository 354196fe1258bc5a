//! What is wrong with a field of a form: the field, the rule and what to do, in Chinese and English.
//! One table for files, pages and the API. A fault never repeats what was written in the field.

use std::fmt;

use credential::error::Malformed;

/// One field that breaks one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub field: Field,
    /// Which rule.
    pub rule: Rule,
}

impl Fault {
    /// The sentence for the person who filled in the form.
    #[must_use]
    pub fn zh(&self) -> String {
        format!("{}{}", self.field.zh(), self.rule.zh())
    }

    /// The same in English.
    #[must_use]
    pub fn en(&self) -> String {
        format!("{} {}", self.field.en(), self.rule.en())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} · {}", self.zh(), self.en())
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident $key:literal $zh:literal;)*) => {
        /// A field of the applicant's form, by the names that files, pages and the API use.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Field { $($(#[$doc])* $variant),* }

        impl Field {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable name: column of a file, key of the API.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),* }
            }

            /// As a form labels it.
            #[must_use]
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),* }
            }
        }
    };
}

fields! {
    /// The 18 characters of the identity card.
    IdentityNumber "identity_number" "身份证号";
    /// Full name.
    Name "name" "姓名";
    /// Ethnic group.
    EthnicGroup "ethnic_group" "民族";
    /// Where the person lives.
    Address "address" "住址";
    /// How to reach them.
    Phone "phone" "电话";
    /// The home county.
    County "county" "县区代码";
    /// Categories and levels.
    Components "components" "残疾类别等级";
    /// The suffix an earlier certificate had.
    Suffix "suffix" "补领后缀";
    /// Guardian's name.
    GuardianName "guardian_name" "监护人姓名";
    /// Guardian's relation to the holder.
    GuardianRelation "guardian_relation" "监护关系";
    /// How to reach the guardian.
    GuardianPhone "guardian_phone" "监护人电话";
    /// The day both doctors had signed.
    AssessedOn "assessed_on" "评定日期";
    /// First doctor.
    Doctor1 "doctor_1" "医师一";
    /// Second doctor.
    Doctor2 "doctor_2" "医师二";
    /// The day the public notice went up.
    NoticePosted "notice_posted" "公示日期";
    /// The day from which a change of status holds.
    Effective "effective" "生效日期";
    /// A birth date to search by.
    Born "born" "出生日期";
}

impl Field {
    /// The key with spaces.
    #[must_use]
    pub fn en(self) -> String {
        self.key().replace('_', " ")
    }

    /// From either label; surrounding spaces are forgiven.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        let label = label.trim();
        Self::ALL.iter().copied().find(|field| label == field.key() || label == field.zh())
    }
}

/// The rule that a field breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Nothing is written.
    Required,
    /// More characters than the form has room for.
    TooLong {
        /// How many are allowed.
        max: usize,
    },
    /// A control or invisible character.
    ControlCharacter,
    /// Not a telephone number.
    Phone,
    /// Not a date of the form 2026-11-24.
    Date,
    /// A date after today.
    Future,
    /// A date before the step it must follow.
    TooEarly,
    /// Minors, intellectual and mental disability need a guardian.
    GuardianRequired,
    /// A relation or a phone without a guardian's name.
    GuardianWithoutName,
    /// No such officer, or one who is no assessor.
    NotAnAssessor,
    /// The same doctor twice.
    SameDoctor,
    /// Minors are not published.
    MinorNotPublished,
    /// The number, code or list is not well-formed.
    Malformed(Malformed),
}

impl Rule {
    /// The stable name that programs act on.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong { .. } => "too_long",
            Self::ControlCharacter => "control_character",
            Self::Phone => "phone",
            Self::Date => "date",
            Self::Future => "future",
            Self::TooEarly => "too_early",
            Self::GuardianRequired => "guardian_required",
            Self::GuardianWithoutName => "guardian_without_name",
            Self::NotAnAssessor => "not_an_assessor",
            Self::SameDoctor => "same_doctor",
            Self::MinorNotPublished => "minor_not_published",
            Self::Malformed(_) => "malformed",
        }
    }

    fn zh(self) -> String {
        match self {
            Self::Required => "未填写，请填写。".into(),
            Self::TooLong { max } => format!("超过 {max} 个字，请缩短。"),
            Self::ControlCharacter => "含有不可见字符，请重新输入。".into(),
            Self::Phone => "只能用数字、+、- 和空格。".into(),
            Self::Date => "应写成 2026-11-24 的形式。".into(),
            Self::Future => "晚于今天，请核对。".into(),
            Self::TooEarly => "早于上一步的日期，请核对。".into(),
            Self::GuardianRequired => "未填写：未成年人和智力、精神残疾须有监护人。".into(),
            Self::GuardianWithoutName => "未填写，但填写了监护人的其他信息。".into(),
            Self::NotAnAssessor => "不是已登记的评定医师，请先由管理员登记。".into(),
            Self::SameDoctor => "与医师一相同：须由两名医师评定。".into(),
            Self::MinorNotPublished => "应为空：未成年人不公示。".into(),
            Self::Malformed(Malformed::CheckCharacter { expected }) => {
                format!("第 18 位应为 {expected}。请核对原件。")
            }
            Self::Malformed(Malformed::IdentityForm) => {
                "应为 18 位：17 位数字和校验码（X 大写）。请核对原件。".into()
            }
            Self::Malformed(Malformed::IdentityBirthDate) => "中的出生日期不存在。请核对原件。".into(),
            Self::Malformed(Malformed::OutOfRange("region" | "county")) => "应为 6 位县区代码。".into(),
            Self::Malformed(Malformed::NotCanonical(_)) => "中同一类别出现两次。".into(),
            Self::Malformed(Malformed::CertificateForm) => "应为空、B 或 B1 至 B99。".into(),
            Self::Malformed(_) => "格式不正确。例：42 或 42;13（类别 1-6，等级 1-4）。".into(),
        }
    }

    fn en(self) -> String {
        match self {
            Self::Required => "is empty; fill it in.".into(),
            Self::TooLong { max } => format!("is longer than {max} characters; shorten it."),
            Self::ControlCharacter => "has an invisible character; type it again.".into(),
            Self::Phone => "may have digits, +, - and spaces only.".into(),
            Self::Date => "should look like 2026-11-24.".into(),
            Self::Future => "is after today; check it.".into(),
            Self::TooEarly => "is before the step it follows; check it.".into(),
            Self::GuardianRequired => {
                "is empty: minors, intellectual and mental disability need a guardian.".into()
            }
            Self::GuardianWithoutName => "is empty, but other facts about a guardian are given.".into(),
            Self::NotAnAssessor => "is no registered assessor; an administrator adds one first.".into(),
            Self::SameDoctor => "is the first doctor again: two doctors assess.".into(),
            Self::MinorNotPublished => "should be empty: minors are not published.".into(),
            Self::Malformed(fault) => format!("is wrong: {fault}. Check it against the document."),
        }
    }
}

impl From<Malformed> for Rule {
    fn from(fault: Malformed) -> Self {
        Self::Malformed(fault)
    }
}
