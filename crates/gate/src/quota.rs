//! How often each pass was used at this gate in the current day, month and year of the calendar in China.
//! Counted per device: gates without a network do not know of each other.

use std::collections::HashMap;

use credential::UnixTime;
use credential::policy_pack::{Period, Quota};

use crate::entry::{Entry, PassId, Verdict};

/// The uses of every pass that has a quota.
#[derive(Default)]
pub struct Uses(HashMap<PassId, Tally>);

/// The uses of one pass, up to and in the periods of its last use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// On the day of the last use.
    pub day: u32,
    /// In its month.
    pub month: u32,
    /// In its year.
    pub year: u32,
    /// When it was.
    pub last: UnixTime,
}

impl Uses {
    /// Whether the quota leaves room for one more.
    #[must_use]
    pub fn allow(&self, pass: PassId, quota: Quota, now: UnixTime) -> bool {
        self.0.get(&pass).is_none_or(|tally| tally.used(quota.per, now) < quota.count)
    }

    /// Counts one more.
    pub fn count(&mut self, pass: PassId, now: UnixTime) {
        let tally = self.0.entry(pass).or_default();
        *tally = tally.with_one_more(now);
    }

    /// Takes up what the journal says, line by line.
    pub fn restore(&mut self, entry: &Entry) {
        match entry.verdict {
            Verdict::Counted => self.count(entry.pass, entry.time),
            Verdict::Carried(tally) => drop(self.0.insert(entry.pass, tally)),
            Verdict::Holder | Verdict::Companion | Verdict::Refused(_) => {}
        }
    }

    /// What a fresh journal must begin with, so that no use is forgotten: those of the current year.
    pub fn carried(&self, now: UnixTime) -> impl Iterator<Item = Entry> {
        let current = move |tally: &Tally| tally.used(Period::Year, now) > 0;
        self.0.iter().filter(move |(_, tally)| current(tally)).map(|(pass, tally)| Entry {
            time: tally.last,
            pass: *pass,
            verdict: Verdict::Carried(*tally),
        })
    }
}

impl Tally {
    /// The uses in the period that holds `now`. A clock set back before the last use does not start a new period.
    #[must_use]
    pub fn used(&self, period: Period, now: UnixTime) -> u32 {
        let count = match period {
            Period::Day => self.day,
            Period::Month => self.month,
            Period::Year => self.year,
        };
        if now <= self.last || begins(period, now) == begins(period, self.last) { count } else { 0 }
    }

    fn with_one_more(self, now: UnixTime) -> Self {
        let one_more = |period| self.used(period, now).saturating_add(1);
        Self {
            day: one_more(Period::Day),
            month: one_more(Period::Month),
            year: one_more(Period::Year),
            last: self.last.max(now),
        }
    }
}

/// Year, month and day on which the period with this time began.
fn begins(period: Period, time: UnixTime) -> (u16, u8, u8) {
    let date = time.date_in_china();
    match period {
        Period::Day => (date.year(), date.month(), date.day()),
        Period::Month => (date.year(), date.month(), 1),
        Period::Year => (date.year(), 1, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use credential::Kid;
    use credential::status_list::StatusIndex;

    const PASS: PassId = PassId { kid: Kid::new([1, 2, 3, 4]), index: StatusIndex::new(7) };
    /// 2026-11-30T23:00:00 in China, and two hours later, in December.
    const NOVEMBER: UnixTime = UnixTime::from_seconds(1_796_050_800);
    const DECEMBER: UnixTime = NOVEMBER.plus_seconds(7200);

    fn quota(count: u32, per: Period) -> Quota {
        Quota { count, per }
    }

    #[test]
    fn a_quota_is_used_up_and_begins_anew_with_its_period() {
        let mut uses = Uses::default();
        let monthly = quota(2, Period::Month);
        for _ in 0..2 {
            assert!(uses.allow(PASS, monthly, NOVEMBER));
            uses.count(PASS, NOVEMBER);
        }
        assert!(!uses.allow(PASS, monthly, NOVEMBER));
        assert!(uses.allow(PASS, monthly, DECEMBER));
        assert!(!uses.allow(PASS, quota(2, Period::Year), DECEMBER));
    }

    #[test]
    fn a_clock_set_back_gives_no_fresh_quota() {
        let mut uses = Uses::default();
        uses.count(PASS, DECEMBER);
        assert!(!uses.allow(PASS, quota(1, Period::Day), NOVEMBER));
        assert!(!uses.allow(PASS, quota(1, Period::Month), UnixTime::from_seconds(0)));
    }

    #[test]
    fn what_is_carried_restores_the_same_counts_and_leaves_last_year_behind() {
        let mut uses = Uses::default();
        (0..3).for_each(|_| uses.count(PASS, NOVEMBER));
        uses.count(PASS, DECEMBER);
        let mut restored = Uses::default();
        uses.carried(DECEMBER).for_each(|entry| restored.restore(&entry));
        assert_eq!(restored.0, uses.0);
        assert_eq!(uses.0[&PASS], Tally { day: 1, month: 1, year: 4, last: DECEMBER });
        assert_eq!(uses.carried(DECEMBER.plus_seconds(40 * 86_400)).count(), 0);
    }
}
