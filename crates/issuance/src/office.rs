//! Offices and the region each one serves.
//! A hospital that is designated for a prefecture carries the prefecture's code.

use credential::region::Region;

use crate::id::OfficeId;
use crate::text::Line;

/// What kind of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OfficeKind {
    /// 省残联
    Province,
    /// 市残联
    Prefecture,
    /// 县残联
    County,
    /// 乡镇、街道残联
    Township,
    /// 定点医院
    Hospital,
}

impl OfficeKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Province, Self::Prefecture, Self::County, Self::Township, Self::Hospital];

    /// As stored, and as commands take it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Prefecture => "prefecture",
            Self::County => "county",
            Self::Township => "township",
            Self::Hospital => "hospital",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Which one.
    pub id: OfficeId,
    /// What kind of place.
    pub kind: OfficeKind,
    /// The region it serves.
    pub region: Region,
    /// Its name; not personal.
    pub name: Line,
}
