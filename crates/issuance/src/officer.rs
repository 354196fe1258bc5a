//! Officers: who acts, in which office, with which powers.
//! A power says what an officer may do at all; what they may do in one case follows from their duty in it,
//! see `duty`. Passwords and sessions belong to the service.

use std::fmt;

use credential::region::Region;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::id::OfficerId;
use crate::office::Office;
use crate::text::Name;

/// One officer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// Which one.
    pub id: OfficerId,
    /// The name they sign in with.
    pub login: Login,
    /// The name that a page shows to colleagues.
    pub name: Name,
    /// Where they work: the region of this office bounds everything they see.
    pub office: Office,
    /// What they may do.
    pub roles: Roles,
    /// False once they have left; kept, because old steps name them.
    pub active: bool,
}

impl Officer {
    /// Refuses an officer without the power.
    pub fn must_hold(&self, role: Role) -> Result<(), Error> {
        if self.active && self.roles.has(role) {
            Ok(())
        } else {
            Err(Error::PowerMissing { officer: self.id, role })
        }
    }

    /// Refuses an officer of another region.
    pub fn must_serve(&self, region: Region) -> Result<(), Error> {
        if self.office.region.contains(region) {
            Ok(())
        } else {
            Err(Error::OtherRegion { officer: self.id, region })
        }
    }
}

/// One power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 受理: takes applications, keeps the papers.
    Clerk,
    /// 评定: a doctor of a designated hospital.
    Assessor,
    /// 审核
    Reviewer,
    /// 批准
    Approver,
    /// 制证: writes cards, hands certificates out.
    CardOperator,
    /// 审计: reads everything, changes nothing.
    Auditor,
    /// 管理: offices, officers, settings; no casework.
    Administrator,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Clerk,
        Self::Assessor,
        Self::Reviewer,
        Self::Approver,
        Self::CardOperator,
        Self::Auditor,
        Self::Administrator,
    ];

    /// As stored, and as commands take it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Assessor => "assessor",
            Self::Reviewer => "reviewer",
            Self::Approver => "approver",
            Self::CardOperator => "card_operator",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// As a page names it.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Clerk => "受理员",
            Self::Assessor => "评定医师",
            Self::Reviewer => "审核员",
            Self::Approver => "批准人",
            Self::CardOperator => "制证员",
            Self::Auditor => "审计员",
            Self::Administrator => "管理员",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// A set of powers. Prints as `clerk,reviewer`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    /// From a list.
    #[must_use]
    pub fn new(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |bits, role| bits | Self::bit(*role)))
    }

    /// From `clerk,reviewer`; `None` where a word is no role.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(Role::parse).collect::<Option<Vec<_>>>().map(|roles| Self::new(&roles))
    }

    /// Whether the power is among them.
    #[must_use]
    pub fn has(self, role: Role) -> bool {
        self.0 & Self::bit(role) != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.has(*role))
    }

    const fn bit(role: Role) -> u8 {
        1 << role as u8
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter()
            .enumerate()
            .try_for_each(|(i, role)| write!(f, "{}{}", if i > 0 { "," } else { "" }, role.as_str()))
    }
}

/// What an officer signs in with: 2 to 32 of `a-z 0-9 . _ -`, beginning with a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Login(String);

impl Login {
    /// `None` where it has another form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
        let fits = (2..=32).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(allowed);
        fits.then(|| Self(text.to_owned()))
    }

    /// As typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_a_set_that_reads_back() {
        let roles = Roles::parse("reviewer, clerk").unwrap();
        assert_eq!(roles.to_string(), "clerk,reviewer");
        assert!(roles.has(Role::Clerk) && !roles.has(Role::Approver));
        assert_eq!(Roles::parse("clerk,king"), None);
    }

    #[test]
    fn logins_have_one_form() {
        assert!(Login::parse("li.na-2").is_some());
        for text in ["a", "2a", "Li", "李娜", "a b", "-ab", &"a".repeat(33)] {
            assert!(Login::parse(text).is_none(), "{text}");
        }
    }
}
