//! The terms of the law: five working days of notice, and how long whoever decides may take.

use credential::time::Date;

use super::Application;
use crate::Error;
use crate::calendar::Calendar;
use crate::kind::Route;
use crate::step::Action;
use crate::transition::State;

impl Application {
    /// Where a case may stand while a term runs.
    pub const WITH_A_TERM: [State; 3] = [State::Accepted, State::Noticed, State::Disputed];

    /// How many working days the term of such a state has.
    #[must_use]
    pub const fn term_days(state: State) -> u16 {
        if matches!(state, State::Disputed) { DISPUTE_WORKING_DAYS } else { REVIEW_WORKING_DAYS }
    }

    /// The day that the legal term counts from, if one runs; see `WITH_A_TERM`.
    #[must_use]
    pub fn term_from(&self) -> Option<Date> {
        let entered = self.now_known();
        match self.state {
            State::Disputed => Some(entered),
            // 审核: from the end of the notice.
            State::Noticed => Some(self.notice_until().map_or(entered, |until| until.max(entered))),
            State::Accepted if self.request.route == Route::Direct => Some(entered),
            _ => None,
        }
    }

    /// The last day of the legal term, if one runs.
    pub fn due(&self, calendar: &Calendar) -> Result<Option<Date>, Error> {
        self.term_from().map(|from| calendar.last_of(Self::term_days(self.state), from)).transpose()
    }

    /// The last working day of the notice: `None` before it was posted, and for minors.
    #[must_use]
    pub fn notice_until(&self) -> Option<Date> {
        self.steps.iter().rev().find_map(|step| match step.action {
            Action::PostNotice { until, .. } => Some(until),
            _ => None,
        })
    }

    /// The notice that belongs to the present assessment; an earlier one, before a dispute, does not count.
    pub(super) fn running_notice(&self) -> Option<Date> {
        self.steps.iter().rev().find_map(|step| match step.action {
            Action::PostNotice { until, .. } => Some(Some(until)),
            Action::WaiveNotice => Some(None),
            _ => None,
        })?
    }

    /// The day of the latest step.
    pub(super) fn now_known(&self) -> Date {
        self.steps.last().map_or(Date::EPOCH, |step| step.at.date_in_china())
    }
}

/// A notice that goes up on a day: with the last of its working days by the calendar.
pub fn post_notice(posted: Date, calendar: &Calendar) -> Result<Action, Error> {
    Ok(Action::PostNotice { posted, until: calendar.last_of(NOTICE_WORKING_DAYS, posted)? })
}

/// 公示, 残疾人证管理办法.
pub const NOTICE_WORKING_DAYS: u16 = 5;
/// 审核.
pub const REVIEW_WORKING_DAYS: u16 = 10;
/// 异议.
pub const DISPUTE_WORKING_DAYS: u16 = 10;
