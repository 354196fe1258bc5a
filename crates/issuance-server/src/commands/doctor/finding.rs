//! What the doctor found: in which area, how bad, and what to do.

use bilingual::Language;
use serde::Serialize;

pub(super) struct Findings {
    pub(super) language: Language,
    pub(super) list: Vec<Finding>,
}

impl Findings {
    pub(super) fn well(&mut self, area: &'static str, text: String) {
        self.list.push(Finding { area, level: Level::Well, text });
    }

    pub(super) fn look(&mut self, area: &'static str, text: String) {
        self.list.push(Finding { area, level: Level::Look, text });
    }

    pub(super) fn bad(&mut self, area: &'static str, text: String) {
        self.list.push(Finding { area, level: Level::Bad, text });
    }
}

#[derive(Serialize)]
pub(super) struct Finding {
    pub(super) area: &'static str,
    pub(super) level: Level,
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Well,
    Look,
    Bad,
}

impl Level {
    pub(super) const fn sign(self) -> char {
        match self {
            Self::Well => '✓',
            Self::Look => '!',
            Self::Bad => '✕',
        }
    }
}
