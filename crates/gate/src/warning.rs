//! What those who run the gate should know: said once when it begins, and with each decision while it lasts.

use serde::Serialize;
use verifier::{Bundle, CLOCK_TOLERANCE_SECONDS};

use crate::gate::Rules;
use crate::moment::Moment;

/// One thing to see to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "warning", rename_all = "kebab-case")]
pub enum Warning {
    /// There is no bundle, so nobody gets in.
    NoBundle,
    /// The bundle is older than it should be; it still counts.
    BundleAging {
        /// Since it was signed.
        hours: u64,
    },
    /// The bundle is too old to rely on, so nobody gets in.
    BundleTooOld {
        /// Since it was signed.
        hours: u64,
    },
    /// The clock is behind what was signed, so nobody gets in.
    ClockBehind,
    /// The clock was set, or lost its time.
    ClockJumped {
        /// Forward, or back if negative.
        seconds: i64,
    },
    /// The journal cannot be written, so nobody gets in.
    JournalFailed,
}

impl Warning {
    /// One sentence in Chinese and English.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::NoBundle => "没有核验包，请更新。 no bundle: update it".to_owned(),
            Self::BundleAging { hours } => format!("核验包已 {hours} 小时未更新。 the bundle is {hours} hours old"),
            Self::BundleTooOld { hours } => {
                format!("核验包已 {hours} 小时未更新，停止放行。 the bundle is {hours} hours old: nobody gets in")
            }
            Self::ClockBehind => "本机时钟落后，停止放行，请校准。 the clock is behind: nobody gets in, set it".to_owned(),
            Self::ClockJumped { seconds } => format!("时钟跳变 {seconds} 秒。 the clock jumped by {seconds} s"),
            Self::JournalFailed => "日志无法写入，停止放行，请检查磁盘。 the journal cannot be written: nobody gets in, see to the disk".to_owned(),
        }
    }
}

/// Watches clock and bundle.
#[derive(Default)]
pub(crate) struct Watch {
    last: Option<Moment>,
    standing: Option<Warning>,
}

impl Watch {
    /// What is new since the last look.
    pub(crate) fn look(&mut self, rules: &Rules, bundle: Option<&Bundle>, now: Moment) -> Vec<Warning> {
        let jump = self.last.replace(now).map_or(0, |last| now.clock_jump_since(last));
        let jumped = jump.unsigned_abs() > CLOCK_TOLERANCE_SECONDS;
        let mut news: Vec<_> = jumped.then_some(Warning::ClockJumped { seconds: jump }).into_iter().collect();
        let before = std::mem::replace(&mut self.standing, standing(rules, bundle, now));
        let kind = |warning: &Warning| std::mem::discriminant(warning);
        if self.standing.as_ref().map(kind) != before.as_ref().map(kind) {
            news.extend(self.standing);
        }
        news
    }

    /// What lasts.
    pub(crate) fn standing(&self) -> Option<Warning> {
        self.standing
    }
}

fn standing(rules: &Rules, bundle: Option<&Bundle>, now: Moment) -> Option<Warning> {
    let Some(bundle) = bundle else { return Some(Warning::NoBundle) };
    if now.clock.plus_seconds(CLOCK_TOLERANCE_SECONDS) < bundle.newest_signed() {
        return Some(Warning::ClockBehind);
    }
    let age = bundle.age_seconds(now.clock);
    let hours = age / 3600;
    if age > rules.refuse_after_seconds {
        return Some(Warning::BundleTooOld { hours });
    }
    (age > rules.warn_after_seconds).then_some(Warning::BundleAging { hours })
}
