//! One step of a case: who did what, when. Steps are only ever added, never edited;
//! where a case stands follows from them.

use credential::disability::{Component, Components};
use credential::time::{Date, UnixTime};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::id::{CertificateId, OfficerId};
use crate::transition::Verb;
use crate::words::words;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Who took it.
    pub by: OfficerId,
    /// When it was entered.
    pub at: UnixTime,
    /// What was done.
    pub action: Action,
}

/// What was done, with the facts that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The form was entered.
    Submit,
    /// The county took it.
    Accept,
    /// Something is missing.
    RequestEvidence(Evidence),
    /// It came.
    Supply,
    /// The first doctor's signature.
    Assess(Sheet),
    /// The second doctor's signature over the same components.
    Countersign,
    /// The second doctor does not agree.
    Disagree,
    /// A paper form with the signatures of two doctors.
    Transcribe {
        /// What it says.
        sheet: Sheet,
        /// Who signed it.
        doctors: [OfficerId; 2],
    },
    /// The result is disputed.
    Dispute,
    /// What the committee found.
    Settle(Sheet),
    /// The notice is up.
    PostNotice {
        /// The day it went up.
        posted: Date,
        /// The last of its working days.
        until: Date,
    },
    /// A minor is not published.
    WaiveNotice,
    /// Reviewed and found right.
    Review,
    /// The reviewer wants evidence.
    SendBack(Evidence),
    /// Approved.
    Approve,
    /// The approver wants another review.
    Return,
    /// The certificate was signed.
    Issue(CertificateId),
    /// Refused.
    Refuse(Refusal),
    /// Withdrawn.
    Withdraw,
}

impl Action {
    /// Which verb of the table it is.
    #[must_use]
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Submit => Verb::Submit,
            Self::Accept => Verb::Accept,
            Self::RequestEvidence(_) => Verb::RequestEvidence,
            Self::Supply => Verb::Supply,
            Self::Assess(_) => Verb::Assess,
            Self::Countersign => Verb::Countersign,
            Self::Disagree => Verb::Disagree,
            Self::Transcribe { .. } => Verb::Transcribe,
            Self::Dispute => Verb::Dispute,
            Self::Settle(_) => Verb::Settle,
            Self::PostNotice { .. } => Verb::PostNotice,
            Self::WaiveNotice => Verb::WaiveNotice,
            Self::Review => Verb::Review,
            Self::SendBack(_) => Verb::SendBack,
            Self::Approve => Verb::Approve,
            Self::Return => Verb::Return,
            Self::Issue(_) => Verb::Issue,
            Self::Refuse(_) => Verb::Refuse,
            Self::Withdraw => Verb::Withdraw,
        }
    }
}

/// What doctors found, and the day they signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Categories and levels.
    pub components: Components,
    /// The day of the (last) signature.
    pub signed_on: Date,
}

words! {
    /// What is missing from an application.
    Evidence {
        /// Identity card or household register.
        Identity "identity" "身份证明";
        /// Photo.
        Photo "photo" "照片";
        /// Guardian's papers.
        Guardian "guardian" "监护人证明";
        /// Medical papers.
        Medical "medical" "病历资料";
        /// Where the person lives.
        Residence "residence" "居住证明";
    }
}

words! {
    /// Why an application is refused. The holder gets it in writing.
    Refusal {
        /// 不符合残疾标准
        NotQualified "not_qualified" "不符合残疾标准";
        /// 身份不清
        IdentityUnclear "identity_unclear" "身份不清";
        /// 已持证或已申请
        Duplicate "duplicate" "已持证或已申请";
        /// 材料不全
        EvidenceMissing "evidence_missing" "材料不全";
        /// 公示异议成立
        ObjectionUpheld "objection_upheld" "公示异议成立";
        /// 材料虚假
        FalseStatement "false_statement" "材料虚假";
        /// 户籍不在本辖区
        OtherCounty "other_county" "户籍不在本辖区";
    }
}

/// The facts of an action as a register keeps them: one small JSON object, no text a person wrote.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoredFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refusal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<CertificateId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doctors: Option<[OfficerId; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    posted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

impl Action {
    /// What to keep beside the verb.
    #[must_use]
    pub fn to_stored(&self) -> StoredFacts {
        let none = StoredFacts::default();
        let sheet = |sheet: &Sheet| StoredFacts {
            components: sheet.components.as_slice().iter().map(|c| c.code()).collect(),
            signed_on: Some(sheet.signed_on.to_string()),
            ..StoredFacts::default()
        };
        match self {
            Self::RequestEvidence(evidence) | Self::SendBack(evidence) => {
                StoredFacts { evidence: Some(*evidence), ..none }
            }
            Self::Refuse(refusal) => StoredFacts { refusal: Some(*refusal), ..none },
            Self::Issue(certificate) => StoredFacts { certificate: Some(*certificate), ..none },
            Self::Assess(found) | Self::Settle(found) => sheet(found),
            Self::Transcribe { sheet: found, doctors } => {
                StoredFacts { doctors: Some(*doctors), ..sheet(found) }
            }
            Self::PostNotice { posted, until } => {
                StoredFacts { posted: Some(posted.to_string()), until: Some(until.to_string()), ..none }
            }
            Self::Submit
            | Self::Accept
            | Self::Supply
            | Self::Countersign
            | Self::Disagree
            | Self::Dispute
            | Self::WaiveNotice
            | Self::Review
            | Self::Approve
            | Self::Return
            | Self::Withdraw => none,
        }
    }

    /// Back from a register; `None` where the facts do not belong to the verb.
    #[must_use]
    pub fn from_stored(verb: Verb, facts: StoredFacts) -> Option<Self> {
        let action = Self::assemble(verb, &facts)?;
        // What is left over belongs to another verb.
        (action.to_stored() == facts).then_some(action)
    }

    fn assemble(verb: Verb, facts: &StoredFacts) -> Option<Self> {
        let date = |text: &Option<String>| text.as_deref().and_then(|text| Date::parse(text).ok());
        let sheet = || {
            let codes = facts.components.iter().map(|code| Component::from_code(u64::from(*code)));
            let components = codes.collect::<Result<Vec<_>, _>>().and_then(Components::from_sorted).ok()?;
            Some(Sheet { components, signed_on: date(&facts.signed_on)? })
        };
        Some(match verb {
            Verb::Submit => Self::Submit,
            Verb::Accept => Self::Accept,
            Verb::RequestEvidence => Self::RequestEvidence(facts.evidence?),
            Verb::Supply => Self::Supply,
            Verb::Assess => Self::Assess(sheet()?),
            Verb::Countersign => Self::Countersign,
            Verb::Disagree => Self::Disagree,
            Verb::Transcribe => Self::Transcribe { sheet: sheet()?, doctors: facts.doctors? },
            Verb::Dispute => Self::Dispute,
            Verb::Settle => Self::Settle(sheet()?),
            Verb::PostNotice => Self::PostNotice { posted: date(&facts.posted)?, until: date(&facts.until)? },
            Verb::WaiveNotice => Self::WaiveNotice,
            Verb::Review => Self::Review,
            Verb::SendBack => Self::SendBack(facts.evidence?),
            Verb::Approve => Self::Approve,
            Verb::Return => Self::Return,
            Verb::Issue => Self::Issue(facts.certificate?),
            Verb::Refuse => Self::Refuse(facts.refusal?),
            Verb::Withdraw => Self::Withdraw,
        })
    }
}

impl Step {
    /// Back from a register.
    pub fn from_stored(by: OfficerId, at: UnixTime, verb: Verb, facts: StoredFacts) -> Result<Self, Error> {
        let action = Action::from_stored(verb, facts).ok_or(Error::BrokenStep { verb })?;
        Ok(Self { by, at, action })
    }
}
