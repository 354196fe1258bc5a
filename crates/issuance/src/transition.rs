//! Every state of an application and every way from one to the next, as one table.
//! `Application` moves by this table and by nothing else; TRANSITIONS.md is printed from it, and a test
//! tries every verb in every state.

use crate::Error;
use crate::duty::Duty;
use crate::kind::Route;
use crate::officer::Role;
use crate::words::words;

/// One way from a state to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Where the case stands.
    pub from: State,
    /// What is done.
    pub verb: Verb,
    /// On which route; `None` on both.
    pub route: Option<Route>,
    /// The power it takes; `None` for the service itself.
    pub role: Option<Role>,
    /// What the officer becomes in this case.
    pub duty: Duty,
    /// Whose region it is: that of the desk that took the application, or the home county's.
    pub place: Place,
    /// Where the case stands then.
    pub to: To,
}

/// Whose step it is where the holder lives elsewhere than at home (跨省通办).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The county that took the application, or one above it.
    Desk,
    /// The home county, or one above it.
    Home,
    /// The prefecture or the province of the home county.
    AboveHome,
}

/// Where a transition leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// To this state.
    State(State),
    /// To the state from which more evidence was asked for.
    Back,
}

/// The whole life of an application.
#[rustfmt::skip]
pub const TABLE: &[Transition] = {
    use {Duty as D, Place::*, Role::*, State::*, Verb::*};
    const ASSESSED: Option<Route> = Some(Route::Assessed);
    const DIRECT: Option<Route> = Some(Route::Direct);
    const ANY: Option<Route> = None;
    &[
        //   from            verb             route     role             duty           place      to
        // 受理 acceptance
        row(Submitted,      Accept,          ANY,      Some(Clerk),     D::Entry,      Desk,      Accepted),
        row(Submitted,      RequestEvidence, ANY,      Some(Clerk),     D::Entry,      Desk,      EvidenceWanted),
        row(Submitted,      Refuse,          ANY,      Some(Clerk),     D::Entry,      Desk,      Refused),
        row(Accepted,       RequestEvidence, ANY,      Some(Clerk),     D::Entry,      Desk,      EvidenceWanted),
        back(EvidenceWanted, Supply,         ANY,      Some(Clerk),     D::Entry,      Desk),
        // 评定 assessment: two doctors, each with their own signature, or their paper form transcribed
        row(Accepted,       Assess,          ASSESSED, Some(Assessor),  D::Assessment, Desk,      HalfAssessed),
        row(HalfAssessed,   Countersign,     ASSESSED, Some(Assessor),  D::Assessment, Desk,      Assessed),
        row(HalfAssessed,   Disagree,        ASSESSED, Some(Assessor),  D::Assessment, Desk,      Accepted),
        row(Accepted,       Transcribe,      ASSESSED, Some(Clerk),     D::Entry,      Desk,      Assessed),
        // 异议 dispute: by the applicant, or by someone who read the notice
        row(Assessed,       Dispute,         ASSESSED, Some(Clerk),     D::Entry,      Desk,      Disputed),
        row(Noticed,        Dispute,         ASSESSED, Some(Clerk),     D::Entry,      Desk,      Disputed),
        row(Disputed,       Settle,          ASSESSED, Some(Reviewer),  D::Settlement, AboveHome, Assessed),
        // 公示 public notice
        row(Assessed,       PostNotice,      ASSESSED, Some(Clerk),     D::Entry,      Desk,      Noticed),
        row(Assessed,       WaiveNotice,     ASSESSED, Some(Clerk),     D::Entry,      Desk,      Noticed),
        // 审核 review
        row(Noticed,        Review,          ASSESSED, Some(Reviewer),  D::Review,     Home,      Reviewed),
        row(Noticed,        SendBack,        ASSESSED, Some(Reviewer),  D::Review,     Home,      EvidenceWanted),
        row(Noticed,        Refuse,          ASSESSED, Some(Reviewer),  D::Review,     Home,      Refused),
        row(Accepted,       Review,          DIRECT,   Some(Reviewer),  D::Review,     Home,      Reviewed),
        row(Accepted,       SendBack,        DIRECT,   Some(Reviewer),  D::Review,     Home,      EvidenceWanted),
        row(Accepted,       Refuse,          DIRECT,   Some(Reviewer),  D::Review,     Home,      Refused),
        // 批准 approval
        row(Reviewed,       Approve,         ANY,      Some(Approver),  D::Approval,   Home,      Approved),
        row(Reviewed,       Return,          ASSESSED, Some(Approver),  D::Approval,   Home,      Noticed),
        row(Reviewed,       Return,          DIRECT,   Some(Approver),  D::Approval,   Home,      Accepted),
        row(Reviewed,       Refuse,          ANY,      Some(Approver),  D::Approval,   Home,      Refused),
        // 制证 the certificate is signed, by the service
        row(Approved,       Issue,           ANY,      None,            D::Signing,    Home,      Issued),
        // 撤回 the applicant may withdraw until the approval
        row(Submitted,      Withdraw,        ANY,      Some(Clerk),     D::Entry,      Desk,      Withdrawn),
        row(EvidenceWanted, Withdraw,        ANY,      Some(Clerk),     D::Entry,      Desk,      Withdrawn),
        row(Accepted,       Withdraw,        ANY,      Some(Clerk),     D::Entry,      Desk,      Withdrawn),
        row(HalfAssessed,   Withdraw,        ASSESSED, Some(Clerk),     D::Entry,      Desk,      Withdrawn),
        row(Assessed,       Withdraw,        ASSESSED, Some(Clerk),     D::Entry,      Desk,      Withdrawn),
        row(Disputed,       Withdraw,        ASSESSED, Some(Clerk),     D::Entry,      Desk,      Withdrawn),
        row(Noticed,        Withdraw,        ASSESSED, Some(Clerk),     D::Entry,      Desk,      Withdrawn),
        row(Reviewed,       Withdraw,        ANY,      Some(Clerk),     D::Entry,      Desk,      Withdrawn),
    ]
};

/// The row for a verb in a state on a route.
pub fn find(from: State, verb: Verb, route: Route) -> Result<&'static Transition, Error> {
    TABLE
        .iter()
        .find(|row| row.from == from && row.verb == verb && row.route.is_none_or(|only| only == route))
        .ok_or(Error::NotNow { state: from, verb })
}

const fn row(
    from: State,
    verb: Verb,
    route: Option<Route>,
    role: Option<Role>,
    duty: Duty,
    place: Place,
    to: State,
) -> Transition {
    Transition { from, verb, route, role, duty, place, to: To::State(to) }
}

const fn back(
    from: State,
    verb: Verb,
    route: Option<Route>,
    role: Option<Role>,
    duty: Duty,
    place: Place,
) -> Transition {
    Transition { from, verb, route, role, duty, place, to: To::Back }
}

words! {
    /// Where an application stands.
    State {
        /// Entered; not yet looked at by the county.
        Submitted "submitted" "已申请";
        /// Papers or facts are missing.
        EvidenceWanted "evidence_wanted" "待补正";
        /// The county took it.
        Accepted "accepted" "已受理";
        /// One of the two doctors has signed.
        HalfAssessed "half_assessed" "待第二名医师签字";
        /// Both doctors have signed.
        Assessed "assessed" "已评定";
        /// The result is disputed.
        Disputed "disputed" "异议处理中";
        /// The public notice is up, or waived for a minor.
        Noticed "noticed" "公示";
        /// Reviewed.
        Reviewed "reviewed" "已审核";
        /// Approved; the service may sign.
        Approved "approved" "已批准";
        /// The certificate is signed.
        Issued "issued" "已制证";
        /// Refused, in writing and with a reason.
        Refused "refused" "不予办理";
        /// Withdrawn by the applicant.
        Withdrawn "withdrawn" "已撤回";
    }
}

impl State {
    /// Whether nothing more can happen to the case.
    #[must_use]
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Issued | Self::Refused | Self::Withdrawn)
    }
}

words! {
    /// What is done to an application.
    Verb {
        /// 申请
        Submit "submit" "申请";
        /// 受理
        Accept "accept" "受理";
        /// 通知补正
        RequestEvidence "request_evidence" "通知补正";
        /// 补正
        Supply "supply" "补正";
        /// 评定
        Assess "assess" "评定";
        /// 第二名医师签字
        Countersign "countersign" "复签评定";
        /// The second doctor disagrees; the assessment begins anew.
        Disagree "disagree" "评定不一致";
        /// 录入纸质评定表
        Transcribe "transcribe" "录入评定表";
        /// 提出异议
        Dispute "dispute" "提出异议";
        /// 异议裁定
        Settle "settle" "异议裁定";
        /// 公示
        PostNotice "post_notice" "公示";
        /// 免公示
        WaiveNotice "waive_notice" "免予公示";
        /// 审核
        Review "review" "审核";
        /// 审核退回补正
        SendBack "send_back" "退回补正";
        /// 批准
        Approve "approve" "批准";
        /// 退回审核
        Return "return" "退回审核";
        /// 制证
        Issue "issue" "制证";
        /// 不予办理
        Refuse "refuse" "不予办理";
        /// 撤回
        Withdraw "withdraw" "撤回";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::fmt::Write;

    #[test]
    fn no_state_has_two_ways_for_one_verb_and_route() {
        let mut seen = HashSet::new();
        for row in TABLE {
            for route in [Route::Assessed, Route::Direct] {
                if row.route.is_none_or(|only| only == route) {
                    assert!(seen.insert((row.from, row.verb, route)), "{row:?}");
                }
            }
        }
    }

    #[test]
    fn every_open_state_is_reached_and_leads_on_and_closed_ones_do_not() {
        for state in State::ALL {
            let leads_on = TABLE.iter().any(|row| row.from == *state);
            assert_eq!(leads_on, !state.is_closed(), "{state:?}");
            let reached = TABLE.iter().any(|row| row.to == To::State(*state));
            assert!(reached || *state == State::Submitted, "{state:?}");
        }
    }

    #[test]
    fn the_printed_table_is_this_table() {
        let mut page = String::from(
            "# 申请的状态与步骤 · States and transitions of an application\n\n\
             Printed from `src/transition.rs`; a test holds the two together.\n\
             In one case each officer acts in one duty only. `assessed`: by way of the doctors and the notice; \
             `direct`: straight to review.\n\n\
             Beyond the table, of disputes: the first is settled by the prefecture or the province, a second one by \
             the province alone; after that no dispute is taken (提出异议 is refused, whatever the state).\n\n\
             | from | verb | route | role | duty | place | to |\n|---|---|---|---|---|---|---|\n",
        );
        for row in TABLE {
            let route = row.route.map_or("", Route::as_str);
            let role = row.role.map_or("(service)", Role::as_str);
            let place = match row.place {
                Place::Desk => "desk county",
                Place::Home => "home county",
                Place::AboveHome => "prefecture, province",
            };
            let to = match row.to {
                To::State(state) => format!("{} {}", state.zh(), state.as_str()),
                To::Back => "(back to where it was asked)".into(),
            };
            let (from, verb, duty) = (row.from, row.verb, row.duty.as_str());
            writeln!(
                page,
                "| {} {} | {} {} | {route} | {role} | {duty} | {place} | {to} |",
                from.zh(),
                from.as_str(),
                verb.zh(),
                verb.as_str()
            )
            .unwrap();
        }
        let file = include_str!("../TRANSITIONS.md");
        assert_eq!(file, page, "print it again: the assertion shows the right text");
    }
}
