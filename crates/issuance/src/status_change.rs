//! Suspension (冻结), lifting and revocation (注销) of a certificate.
//! What can be undone takes one officer and a reason code; what cannot takes two. The effective date stands
//! apart from the day of entry: subsidies are reckoned by it.

use credential::status_list::Status;
use credential::time::{Date, UnixTime};

use crate::Error;
use crate::id::{CertificateId, OfficerId};
use crate::officer::{Officer, Role};
use crate::words::words;

words! {
    /// What is done to a certificate.
    Change {
        /// 冻结
        Suspend "suspend" "冻结";
        /// 解除冻结
        Lift "lift" "解除冻结";
        /// 注销
        Revoke "revoke" "注销";
    }
}

words! {
    /// Where a certificate stands.
    Standing {
        /// In force.
        Valid "valid" "有效";
        /// 冻结: can be lifted.
        Suspended "suspended" "冻结";
        /// 注销: for good.
        Revoked "revoked" "注销";
    }
}

impl Standing {
    /// As the status list says it.
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            Self::Valid => Status::Valid,
            Self::Suspended => Status::Suspended,
            Self::Revoked => Status::Invalid,
        }
    }

    /// Where a change leads, if it begins here.
    pub const fn after(self, change: Change) -> Result<Self, Error> {
        match (self, change) {
            (Self::Valid, Change::Suspend) => Ok(Self::Suspended),
            (Self::Suspended, Change::Lift) => Ok(Self::Valid),
            (Self::Valid | Self::Suspended, Change::Revoke) => Ok(Self::Revoked),
            (standing, change) => Err(Error::WrongStanding { standing, change }),
        }
    }
}

words! {
    /// Why.
    Reason {
        /// 死亡
        Death "death" "死亡";
        /// 不再符合残疾标准
        NoLongerQualifies "no_longer_qualifies" "不再符合残疾标准";
        /// 本人申请
        Voluntary "voluntary" "本人申请注销";
        /// 弄虚作假
        Fraud "fraud" "弄虚作假";
        /// 逾期一年以上
        OverdueOneYear "overdue_one_year" "逾期一年以上";
        /// 遗失: at the report, before the replacement is asked for.
        Lost "lost" "遗失";
        /// 已换发新证: by the service, when the next certificate is signed.
        Superseded "superseded" "已换发新证";
        /// 迁移或到期逾期六个月以上
        OverdueSixMonths "overdue_six_months" "迁移或到期逾期六个月以上";
        /// 数据不一致
        DataConflict "data_conflict" "数据不一致";
        /// 疑似死亡
        SuspectedDeath "suspected_death" "疑似死亡";
        /// 疑似弄虚作假
        SuspectedFraud "suspected_fraud" "疑似弄虚作假";
        /// 疑点已排除
        Cleared "cleared" "疑点已排除";
        /// 已补办手续
        MadeGood "made_good" "已补办手续";
    }
}

impl Reason {
    /// The change it is a reason for.
    #[must_use]
    pub const fn of(self) -> Change {
        match self {
            Self::Death
            | Self::NoLongerQualifies
            | Self::Voluntary
            | Self::Fraud
            | Self::OverdueOneYear
            | Self::Lost
            | Self::Superseded => Change::Revoke,
            Self::OverdueSixMonths | Self::DataConflict | Self::SuspectedDeath | Self::SuspectedFraud => {
                Change::Suspend
            }
            Self::Cleared | Self::MadeGood => Change::Lift,
        }
    }

    /// Whether a second officer must confirm it. A lost paper is dead at the report (domain rules, changes):
    /// its holder keeps the entitlement, and three more officers stand before the replacement. A superseded one
    /// was decided by those who approved its successor.
    #[must_use]
    pub const fn takes_two(self) -> bool {
        matches!(self.of(), Change::Revoke) && !matches!(self, Self::Lost | Self::Superseded)
    }

    /// Whether a year must pass before the holder applies again.
    #[must_use]
    pub const fn bars_for_a_year(self) -> bool {
        matches!(self, Self::NoLongerQualifies | Self::Voluntary | Self::Fraud | Self::OverdueOneYear)
    }
}

/// One change: entered by one officer, and where it takes two, confirmed by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    certificate: CertificateId,
    change: Change,
    reason: Reason,
    effective: Date,
    entered: (OfficerId, UnixTime),
    outcome: Outcome,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A second officer has still to decide.
    Waiting,
    /// In force by the word of one officer.
    InForce,
    /// In force since a second officer confirmed it.
    Confirmed(OfficerId, UnixTime),
    /// The second officer did not agree.
    Dropped(OfficerId, UnixTime),
}

impl StatusChange {
    /// Enters a change. It is in force at once where one officer suffices.
    pub fn enter(
        certificate: CertificateId,
        reason: Reason,
        effective: Date,
        clerk: &Officer,
        now: UnixTime,
    ) -> Result<Self, Error> {
        clerk.must_hold(Role::Clerk)?;
        if reason == Reason::Superseded {
            return Err(Error::WrongReason { change: Change::Revoke, reason });
        }
        if effective > now.date_in_china() {
            return Err(Error::EffectiveLater);
        }
        Ok(Self::entered_by(clerk.id, certificate, reason, effective, now))
    }

    /// The revocation of a certificate whose successor is being signed.
    pub(crate) fn superseded(certificate: CertificateId, now: UnixTime) -> Self {
        Self::entered_by(OfficerId::SERVICE, certificate, Reason::Superseded, now.date_in_china(), now)
    }

    /// The second officer's word.
    pub fn decide(&mut self, approver: &Officer, agrees: bool, now: UnixTime) -> Result<(), Error> {
        approver.must_hold(Role::Approver)?;
        if self.outcome != Outcome::Waiting {
            return Err(Error::WrongReason { change: self.change, reason: self.reason });
        }
        if approver.id == self.entered.0 {
            return Err(Error::SecondOfficerNeeded { officer: approver.id });
        }
        self.outcome = match agrees {
            true => Outcome::Confirmed(approver.id, now),
            false => Outcome::Dropped(approver.id, now),
        };
        Ok(())
    }

    /// Back from a register; refuses a change in force that skipped its second officer.
    pub fn from_stored(
        certificate: CertificateId,
        reason: Reason,
        effective: Date,
        entered: (OfficerId, UnixTime),
        outcome: Outcome,
    ) -> Result<Self, Error> {
        let second = match outcome {
            Outcome::Confirmed(officer, _) | Outcome::Dropped(officer, _) => Some(officer),
            Outcome::Waiting | Outcome::InForce => None,
        };
        let skipped = reason.takes_two() == (outcome == Outcome::InForce);
        if skipped || second == Some(entered.0) {
            return Err(Error::SecondOfficerNeeded { officer: entered.0 });
        }
        Ok(Self { certificate, change: reason.of(), reason, effective, entered, outcome })
    }

    /// Of which certificate.
    #[must_use]
    pub fn certificate(&self) -> CertificateId {
        self.certificate
    }

    /// What is done.
    #[must_use]
    pub fn change(&self) -> Change {
        self.change
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// From which day on it holds.
    #[must_use]
    pub fn effective(&self) -> Date {
        self.effective
    }

    /// Who entered it, and when.
    #[must_use]
    pub fn entered(&self) -> (OfficerId, UnixTime) {
        self.entered
    }

    /// What became of it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether it is in force.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        matches!(self.outcome, Outcome::InForce | Outcome::Confirmed(..))
    }

    fn entered_by(
        officer: OfficerId,
        certificate: CertificateId,
        reason: Reason,
        effective: Date,
        now: UnixTime,
    ) -> Self {
        let outcome = if reason.takes_two() { Outcome::Waiting } else { Outcome::InForce };
        Self { certificate, change: reason.of(), reason, effective, entered: (officer, now), outcome }
    }
}
