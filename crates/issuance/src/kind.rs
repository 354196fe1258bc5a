//! What an application asks for: a new certificate or a change of one, and the way it takes.
//! Suspension, lifting and revocation are no applications; see `status_change`.

use serde::{Deserialize, Serialize};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 新办: no valid certificate yet.
    New,
    /// 换领: expiry, damage or a new photo; same number.
    Renewal,
    /// 补领: after a loss; the suffix grows, the old one was revoked at the report.
    Replacement,
    /// 变更: another category, level or component.
    Change,
    /// 迁移: the home county moved; the new county issues.
    Transfer,
    /// 监护人变更
    GuardianChange,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::New, Self::Renewal, Self::Replacement, Self::Change, Self::Transfer, Self::GuardianChange];

    /// As stored, and as commands take it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Renewal => "renewal",
            Self::Replacement => "replacement",
            Self::Change => "change",
            Self::Transfer => "transfer",
            Self::GuardianChange => "guardian_change",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// As people say it.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::New => "新办",
            Self::Renewal => "换领",
            Self::Replacement => "补领",
            Self::Change => "变更",
            Self::Transfer => "迁移",
            Self::GuardianChange => "监护人变更",
        }
    }

    /// The ways it may take; the first is the usual one. A renewal is assessed again where the
    /// earlier assessment was by sight only.
    #[must_use]
    pub const fn routes(self) -> &'static [Route] {
        match self {
            Self::New | Self::Change => &[Route::Assessed],
            Self::Renewal => &[Route::Direct, Route::Assessed],
            Self::Replacement | Self::Transfer | Self::GuardianChange => &[Route::Direct],
        }
    }

    /// Whether the ten years begin anew. What only replaces paper keeps the earlier end.
    #[must_use]
    pub const fn starts_anew(self) -> bool {
        matches!(self, Self::New | Self::Renewal | Self::Change)
    }
}

/// Which way a case takes through the table of transitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// By way of the doctors and the public notice.
    Assessed,
    /// Straight to review: the disability was assessed before.
    Direct,
}

impl Route {
    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assessed => "assessed",
            Self::Direct => "direct",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Assessed, Self::Direct].into_iter().find(|route| route.as_str() == text)
    }
}
