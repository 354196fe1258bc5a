//! Why a use case is refused: one cause a variant, with the facts, in Chinese and English.
//! Faults in the fields of a form are their own list; see `fault`.

use std::fmt;

use credential::disability::Category;
use credential::region::Region;
use credential::time::{Date, UnixTime};
use verifier::Refusal as VerifierRefusal;

use crate::document::{DocumentKind, Need};
use crate::duty::Duty;
use crate::id::{ApplicationId, CardJobId, CertificateId, ChangeId, DocumentId, OfficerId, PersonId};
use crate::kind::{Kind, Route};
use crate::officer::Role;
use crate::pilot::Feature;
use crate::register::StoreError;
use crate::signer::SignerError;
use crate::status_change::{Change, Reason, Standing};
use crate::transition::{State, Verb};

/// What stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The officer has not been given the power. An administrator can.
    PowerMissing {
        /// Who.
        officer: OfficerId,
        /// Which power.
        role: Role,
    },
    /// The case belongs to a region that the officer's office does not serve.
    OtherRegion {
        /// Who.
        officer: OfficerId,
        /// The case's region.
        region: Region,
    },
    /// A dispute is settled by the prefecture or the province.
    HigherOfficeNeeded {
        /// Who.
        officer: OfficerId,
    },
    /// Nobody changes their own powers.
    OwnPowers {
        /// Who.
        officer: OfficerId,
    },
    /// The officer already acted in this case in another duty.
    DutiesNotSeparated {
        /// Who.
        officer: OfficerId,
        /// What they are in it.
        held: Duty,
        /// What they wanted to be.
        wanted: Duty,
    },
    /// Both signatures of an assessment are of one doctor.
    OneDoctor {
        /// Who.
        officer: OfficerId,
    },
    /// The case does not stand where this step begins.
    NotNow {
        /// Where it stands.
        state: State,
        /// What was asked for.
        verb: Verb,
    },
    /// The kind of application does not take this way.
    WrongRoute {
        /// What is asked for.
        kind: Kind,
        /// The way.
        route: Route,
    },
    /// A new certificate follows none; a change follows one.
    EarlierCertificate {
        /// What is asked for.
        kind: Kind,
    },
    /// Born after the application.
    BornLater,
    /// Minors, intellectual and mental disability need a guardian.
    GuardianRequired,
    /// Minors are not published.
    MinorNotPublished,
    /// Adults are published.
    NoticeRequired,
    /// The notice is in the future, before the assessment, or too short.
    NoticeDates,
    /// The five working days of the notice are not over.
    NoticeRuns {
        /// Its last day.
        until: Date,
    },
    /// An assessment is signed on a later day than it was entered.
    SignedLater,
    /// Nothing says what the certificate would certify.
    NotAssessed,
    /// A step would be older than the one before: the clock was set back.
    ClockBehind {
        /// The clock.
        now: UnixTime,
        /// The step before.
        last: UnixTime,
    },
    /// After B99 there is no further suffix.
    SuffixesUsedUp,
    /// A stored step has facts that do not belong to its verb.
    BrokenStep {
        /// The verb.
        verb: Verb,
    },
    /// The calendar file has a fault.
    CalendarFormat,
    /// The public holidays of the year are not in the calendar.
    CalendarYearUnknown {
        /// Which year.
        year: u16,
    },
    /// The grants file has a fault.
    GrantsFormat,
    /// The person has an open application.
    ApplicationOpen {
        /// Which one; `None` where it is another office's.
        application: Option<ApplicationId>,
    },
    /// The person has a certificate that is not revoked: ask for a change of it.
    CertificateHeld {
        /// Which one; `None` where it is another office's.
        certificate: Option<CertificateId>,
    },
    /// After a revocation of this kind a year must pass.
    WaitUntil {
        /// From this day on.
        day: Date,
    },
    /// No such application.
    NoApplication {
        /// Which one.
        application: ApplicationId,
    },
    /// No such certificate.
    NoCertificate {
        /// Which one.
        certificate: CertificateId,
    },
    /// No such person.
    NoPerson {
        /// Which one.
        person: PersonId,
    },
    /// No such officer.
    NoOfficer {
        /// Which one.
        officer: OfficerId,
    },
    /// No such change of status.
    NoChange {
        /// Which one.
        change: ChangeId,
    },
    /// The certificate stands elsewhere than this change begins.
    WrongStanding {
        /// Where it stands.
        standing: Standing,
        /// What was asked for.
        change: Change,
    },
    /// The reason code belongs to another change.
    WrongReason {
        /// What was asked for.
        change: Change,
        /// The code.
        reason: Reason,
    },
    /// An effective date after today.
    EffectiveLater,
    /// What cannot be undone takes a second officer.
    SecondOfficerNeeded {
        /// The one who entered it.
        officer: OfficerId,
    },
    /// The change was carried out or dropped before.
    ChangeClosed {
        /// Which one.
        change: ChangeId,
    },
    /// The status list of the issuer key is too full for another random index: a new key is due.
    StatusListFull,
    /// The trust list is not what roots sign.
    TrustListUnreadable,
    /// Our own verifier refuses the bundle. It was not published.
    BundleRefused {
        /// Why.
        refusal: VerifierRefusal,
    },
    /// What lies stored for signing is not what the approval leads to: a row or the grants were changed since.
    PreparedChanged {
        /// Which one.
        certificate: CertificateId,
    },
    /// The certificate that is to be changed has expired: ask for its renewal.
    EarlierExpired {
        /// Which one.
        certificate: CertificateId,
    },
    /// The certificate belongs to somebody else.
    OtherHolder,
    /// The line of the file was filed before.
    FiledBefore {
        /// As this case.
        application: ApplicationId,
    },
    /// Our own verifier refuses what would be signed. Nothing was signed.
    TrialRefused {
        /// Why.
        refusal: VerifierRefusal,
    },
    /// Our own verifier refuses the signature. It was not handed out.
    SignatureRefused {
        /// Why.
        refusal: VerifierRefusal,
    },
    /// The certificate has a card, or one is being made: report that one lost first.
    CardOrdered {
        /// As this job.
        job: CardJobId,
    },
    /// No such job, or it is closed.
    NoCardJob {
        /// Which one.
        job: CardJobId,
    },
    /// The certificate has no card that this could be done to.
    NoCard {
        /// Which certificate.
        certificate: CertificateId,
    },
    /// The job was begun with another card, or with another key.
    OtherCard {
        /// Which one.
        job: CardJobId,
    },
    /// The card belongs to another job, for good.
    CardTaken {
        /// To this one.
        job: CardJobId,
    },
    /// The certificate is revoked, suspended or expired: no card is made for it.
    NotInForce {
        /// Which one.
        certificate: CertificateId,
    },
    /// No confirmed rule entitles the holder to anything at a gate, and a pass without a grant says nothing.
    NothingForACard {
        /// Which certificate.
        certificate: CertificateId,
    },
    /// No such document.
    NoDocument {
        /// Which one.
        document: DocumentId,
    },
    /// Papers are added until the review; afterwards officers must go on seeing what was reviewed.
    DocumentsClosed {
        /// Where the case stands.
        state: State,
    },
    /// The case lacks papers that its county asks for. The clerk adds them, or asks the applicant.
    DocumentsMissing {
        /// Of each, one suffices.
        needs: Vec<Need>,
    },
    /// A picture is empty or larger than its kind may be.
    DocumentSize {
        /// Which kind.
        kind: DocumentKind,
        /// Bytes.
        size: usize,
        /// Bytes it may have.
        max: usize,
    },
    /// The case has as many documents as one may have.
    TooManyDocuments {
        /// How many.
        max: usize,
    },
    /// The file of local rules has a fault.
    LocalFormat,
    /// At this age the level cannot be told yet (a local rule).
    TooYoung {
        /// Of which category.
        category: Category,
        /// Below this age.
        under_years: u16,
        /// No lighter level than this.
        lightest_level: u8,
    },
    /// The province has settled the dispute: its word is final.
    DisputeFinal,
    /// A transfer leads to another county, everything else stays in its own.
    CountyOfEarlier {
        /// What is asked for.
        kind: Kind,
        /// The county that issued the certificate.
        county: Region,
    },
    /// The guardian is the one that the register has.
    GuardianUnchanged,
    /// The certificate is not overdue for a year.
    NotOverdue {
        /// Overdue enough from this day on.
        from: Date,
    },
    /// The feature is not switched on in the region. An administrator can.
    FeatureOff {
        /// Which feature.
        feature: Feature,
        /// Where.
        region: Region,
    },
    /// What was stored for signing names another key than the one at hand.
    OtherKey,
    /// The signer did not sign.
    Signer(SignerError),
    /// The register did not answer or refused.
    Store(StoreError),
}

impl Error {
    /// What stands in the way and what to do, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::PowerMissing { role, .. } => format!("您没有“{}”权限，请联系管理员。", role.zh()),
            Self::OtherRegion { region, .. } => format!("此件属于地区 {region}，不在您单位的辖区内。"),
            Self::HigherOfficeNeeded { .. } => "异议由市级或省级裁定。".into(),
            Self::OwnPowers { .. } => "不能变更自己的岗位，须由另一位管理员办理。".into(),
            Self::DutiesNotSeparated { held, wanted, .. } => {
                format!("您在此件中已担任{}，不能再{}。请由他人办理。", held.zh(), wanted.zh())
            }
            Self::OneDoctor { .. } => "评定须由两名医师签字，两次签字为同一人。".into(),
            Self::NotNow { state, verb } => format!("此件状态为“{}”，现在不能{}。", state.zh(), verb.zh()),
            Self::WrongRoute { kind, .. } => format!("{}不走这一流程。", kind.zh()),
            Self::EarlierCertificate { kind: Kind::New } => "新办不应关联原证；请改用换领或变更。".into(),
            Self::EarlierCertificate { kind } => format!("{}须指明原证。", kind.zh()),
            Self::BornLater => "出生日期晚于申请日期，请核对身份证号。".into(),
            Self::GuardianRequired => "未成年人和智力、精神残疾须有监护人，请先补正。".into(),
            Self::MinorNotPublished => "未成年人不公示，请选择免予公示。".into(),
            Self::NoticeRequired => "成年人须公示，不能免予公示。".into(),
            Self::NoticeDates => "公示日期应不早于评定日期、不晚于今天，且满 5 个工作日。".into(),
            Self::NoticeRuns { until } => format!("公示至 {until}（含），期满后才能审核。"),
            Self::SignedLater => "评定签字日期晚于今天，请核对。".into(),
            Self::NotAssessed => "尚无评定结果。".into(),
            Self::ClockBehind { now, last } => {
                format!("系统时间 {now} 早于上一步 {last}，请先校准时钟。")
            }
            Self::SuffixesUsedUp => "补领后缀已到 B99，请报省残联处理。".into(),
            Self::BrokenStep { verb } => {
                format!("登记库中“{}”一步的数据异常，请从备份恢复并报告。", verb.zh())
            }
            Self::CalendarFormat => "节假日文件格式有误，请核对 calendar.toml。".into(),
            Self::CalendarYearUnknown { year } => {
                format!("缺少 {year} 年的放假安排，请在 calendar.toml 中补充国务院办公厅通知。")
            }
            Self::GrantsFormat => "权益文件格式有误，请核对 grants.toml。".into(),
            Self::ApplicationOpen { application: Some(application) } => {
                format!("此人已有未办结的申请 #{application}，请先办结或撤回。")
            }
            Self::ApplicationOpen { application: None } => {
                "此人在其他地区已有未办结的申请，请申请人先在当地办结或撤回。".into()
            }
            Self::CertificateHeld { certificate: None } => {
                "此人已持有其他地区核发的证件，请改办迁移或向发证地申请换领、补领、变更。".into()
            }
            Self::CertificateHeld { certificate: Some(certificate) } => {
                format!("此人已持证（#{certificate}），请改办换领、补领或变更。")
            }
            Self::WaitUntil { day } => format!("注销后一年内不能重新申请，{day} 起可申请。"),
            Self::NoApplication { application } => format!("没有申请 #{application}。用 list 查看编号。"),
            Self::NoCertificate { certificate } => format!("没有证件 #{certificate}。用 list 查看编号。"),
            Self::NoPerson { person } => format!("没有人员 #{person}。"),
            Self::NoOfficer { .. } => "没有这名工作人员。用 officer list 查看。".into(),
            Self::NoChange { change } => format!("没有状态变更 #{change}。"),
            Self::WrongStanding { standing, change } => {
                format!("证件状态为“{}”，不能{}。", standing.zh(), change.zh())
            }
            Self::WrongReason { change, reason } => {
                format!("“{}”不是{}的理由。", reason.zh(), change.zh())
            }
            Self::EffectiveLater => "生效日期晚于今天，请到期再办。".into(),
            Self::SecondOfficerNeeded { .. } => "不可撤销的操作须由另一人确认。".into(),
            Self::ChangeClosed { change } => format!("状态变更 #{change} 已办结。"),
            Self::StatusListFull => "状态列表将满，请启用新的签发密钥。".into(),
            Self::TrustListUnreadable => "信任名单无法读取，请用 zhengka trust 重新签署。".into(),
            Self::BundleRefused { refusal } => {
                format!("核验包未通过自检，未发布（{refusal}：{}）请核对信任名单中的密钥。", refusal.zh())
            }
            Self::PreparedChanged { certificate } => {
                format!("证件 #{certificate} 的待签内容与批准内容不一致，未签发。请审计员核查登记库。")
            }
            Self::EarlierExpired { certificate } => format!("原证 #{certificate} 已过期，请改办换领。"),
            Self::OtherHolder => "原证不属于此人，请核对。".into(),
            Self::FiledBefore { application } => format!("此行已录入，申请 #{application}。"),
            Self::TrialRefused { refusal } => {
                format!("试签未通过核验，未签发（{refusal}：{}）", refusal.zh())
            }
            Self::SignatureRefused { refusal } => {
                format!("签名未通过核验，未发出（{refusal}：{}）", refusal.zh())
            }
            Self::CardOrdered { job } => {
                format!("此证已有卡或正在制卡（制卡任务 #{job}）。遗失请先挂失补卡。")
            }
            Self::NoCardJob { job } => format!("没有未办结的制卡任务 #{job}。用 card-job list 查看。"),
            Self::NoCard { certificate } => format!("证件 #{certificate} 还没有卡片。请先登记制卡。"),
            Self::OtherCard { job } => {
                format!("制卡任务 #{job} 已使用另一张卡。请放回原来的卡，或挂失补卡。")
            }
            Self::CardTaken { job } => format!("这张卡属于制卡任务 #{job}。请换一张空白卡。"),
            Self::NotInForce { certificate } => format!("证件 #{certificate} 已注销、冻结或过期，不能办卡。"),
            Self::NothingForACard { certificate } => {
                format!("证件 #{certificate} 没有已核实的权益可写入卡片。请先核实权益规则。")
            }
            Self::LocalFormat => "地方规则文件格式有误，请核对 local.toml。".into(),
            Self::TooYoung { category, under_years, lightest_level } => format!(
                "未满 {under_years} 周岁，{}残疾只评定 1 至 {lightest_level} 级（地方规则）。请到年龄后再评定。",
                category.zh()
            ),
            Self::DisputeFinal => "省级已裁定，为最终结论，不能再提出异议。".into(),
            Self::CountyOfEarlier { kind: Kind::Transfer, county } => {
                format!("原证由 {county} 签发，迁移须填写新的户籍县区。")
            }
            Self::CountyOfEarlier { kind, county } => {
                format!("原证由 {county} 签发，户籍县区不同。请先办理迁移，再办{}。", kind.zh())
            }
            Self::GuardianUnchanged => "监护人与登记的相同，请填写新的监护人。".into(),
            Self::NotOverdue { from } => format!("尚未逾期一年，{from} 起才能以此理由注销。"),
            Self::NoDocument { document } => format!("没有材料 #{document}。"),
            Self::DocumentsClosed { state } => {
                format!("此件状态为“{}”，审核后不能再上传材料。如需补充，请退回补正。", state.zh())
            }
            Self::DocumentsMissing { needs } => {
                let one = |need: &Need| need.iter().map(|kind| kind.zh()).collect::<Vec<_>>().join("或");
                let list = needs.iter().map(one).collect::<Vec<_>>().join("、");
                format!("缺少材料：{list}。请先上传，或通知补正。")
            }
            Self::DocumentSize { kind, size: 0, .. } => format!("{}是空文件，请重新选择。", kind.zh()),
            Self::DocumentSize { kind, size, max } => {
                format!("{}有 {size} 字节，最多 {max} 字节，请缩小后再上传。", kind.zh())
            }
            Self::TooManyDocuments { max } => format!("一件案卷最多 {max} 份材料。"),
            Self::FeatureOff { feature, region } => {
                format!("地区 {region} 未开通“{}”。如需开通，请管理员在“试点”中设置。", feature.zh())
            }
            Self::OtherKey => "待签内容属于另一密钥，请用原密钥继续。".into(),
            Self::Signer(error) => error.zh().into(),
            Self::Store(error) => error.zh(),
        }
    }

    /// The same in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Self::PowerMissing { role, .. } => {
                format!("you do not have the power `{}`; ask an administrator", role.as_str())
            }
            Self::OtherRegion { region, .. } => {
                format!("the case belongs to {region}, which your office does not serve")
            }
            Self::HigherOfficeNeeded { .. } => {
                "a dispute is settled by the prefecture or the province".into()
            }
            Self::OwnPowers { .. } => "nobody changes their own powers; another administrator has to".into(),
            Self::DutiesNotSeparated { held, wanted, .. } => format!(
                "you act in this case as `{}` and cannot also be `{}`; somebody else has to",
                held.as_str(),
                wanted.as_str()
            ),
            Self::OneDoctor { .. } => "two doctors sign an assessment; both signatures are of one".into(),
            Self::NotNow { state, verb } => {
                format!("the case is `{}`; `{}` is not due now", state.as_str(), verb.as_str())
            }
            Self::WrongRoute { kind, route } => {
                format!("`{}` does not take the route `{}`", kind.as_str(), route.as_str())
            }
            Self::EarlierCertificate { kind } => {
                format!("`{}`: a new certificate follows none, a change follows one", kind.as_str())
            }
            Self::BornLater => "born after the application; check the identity number".into(),
            Self::GuardianRequired => {
                "minors, intellectual and mental disability need a guardian; supply one first".into()
            }
            Self::MinorNotPublished => "minors are not published; waive the notice".into(),
            Self::NoticeRequired => "adults are published; the notice cannot be waived".into(),
            Self::NoticeDates => {
                "a notice goes up after the assessment, not later than today, for 5 working days".into()
            }
            Self::NoticeRuns { until } => format!("the notice runs until {until}; review after that day"),
            Self::SignedLater => "the assessment is signed on a day after today".into(),
            Self::NotAssessed => "nothing was assessed yet".into(),
            Self::ClockBehind { now, last } => {
                format!("the clock says {now}, the step before {last}; set the clock")
            }
            Self::SuffixesUsedUp => "there is no suffix after B99; ask the province".into(),
            Self::BrokenStep { verb } => {
                format!("a stored step `{}` is broken; restore a backup and report it", verb.as_str())
            }
            Self::CalendarFormat => "calendar.toml has a fault".into(),
            Self::CalendarYearUnknown { year } => {
                format!(
                    "the public holidays of {year} are unknown; add the State Council's notice to calendar.toml"
                )
            }
            Self::GrantsFormat => "grants.toml has a fault".into(),
            Self::ApplicationOpen { application: Some(application) } => {
                format!("the person has an open application #{application}; close or withdraw it first")
            }
            Self::ApplicationOpen { application: None } => {
                "the person has an open application in another region; it is closed or withdrawn there first"
                    .into()
            }
            Self::CertificateHeld { certificate: None } => {
                "the person holds a certificate of another region; ask for a transfer, or for a change there"
                    .into()
            }
            Self::CertificateHeld { certificate: Some(certificate) } => {
                format!(
                    "the person holds certificate #{certificate}; ask for a renewal, replacement or change"
                )
            }
            Self::WaitUntil { day } => format!("a year must pass after the revocation: apply from {day} on"),
            Self::NoApplication { application } => {
                format!("no application #{application}; `list` shows the numbers")
            }
            Self::NoCertificate { certificate } => {
                format!("no certificate #{certificate}; `list` shows the numbers")
            }
            Self::NoPerson { person } => format!("no person #{person}"),
            Self::NoOfficer { .. } => "no such officer; `officer list` shows them".into(),
            Self::NoChange { change } => format!("no change of status #{change}"),
            Self::WrongStanding { standing, change } => {
                format!("the certificate is `{}`; `{}` is not possible", standing.as_str(), change.as_str())
            }
            Self::WrongReason { change, reason } => {
                format!("`{}` is no reason to {}", reason.as_str(), change.as_str())
            }
            Self::EffectiveLater => "the effective date is after today".into(),
            Self::SecondOfficerNeeded { .. } => {
                "what cannot be undone is confirmed by a second officer".into()
            }
            Self::ChangeClosed { change } => format!("change of status #{change} is closed"),
            Self::StatusListFull => "the status list is nearly full; take a new issuer key into use".into(),
            Self::TrustListUnreadable => {
                "the trust list cannot be read; sign it anew with `zhengka trust`".into()
            }
            Self::BundleRefused { refusal } => {
                format!("our own verifier refuses the bundle ({refusal}); check the keys in the trust list")
            }
            Self::PreparedChanged { certificate } => format!(
                "what is stored for certificate #{certificate} is not what was approved; nothing was signed, an auditor should look"
            ),
            Self::EarlierExpired { certificate } => {
                format!("certificate #{certificate} has expired; ask for its renewal")
            }
            Self::OtherHolder => "the earlier certificate belongs to somebody else".into(),
            Self::FiledBefore { application } => {
                format!("the line was filed before, as application #{application}")
            }
            Self::TrialRefused { refusal } => {
                format!("our own verifier refuses the trial copy ({refusal}); nothing was signed")
            }
            Self::SignatureRefused { refusal } => {
                format!("our own verifier refuses the signature ({refusal}); it was not handed out")
            }
            Self::CardOrdered { job } => {
                format!("the certificate has a card, or job #{job} makes one; if it is lost, replace it")
            }
            Self::NoCardJob { job } => format!("no open card job #{job}; `card-job list` shows them"),
            Self::NoCard { certificate } => {
                format!("certificate #{certificate} has no card; order one first")
            }
            Self::OtherCard { job } => {
                format!("card job #{job} was begun with another card; put that one back, or replace it")
            }
            Self::CardTaken { job } => format!("this card belongs to card job #{job}; take a blank one"),
            Self::NotInForce { certificate } => {
                format!("certificate #{certificate} is revoked, suspended or expired; no card for it")
            }
            Self::NothingForACard { certificate } => {
                format!("no confirmed rule gives certificate #{certificate} a grant; confirm the rules first")
            }
            Self::LocalFormat => "local.toml has a fault".into(),
            Self::TooYoung { category, under_years, lightest_level } => format!(
                "under {under_years} years, {} disability is found at levels 1 to {lightest_level} only (a local rule); assess again later",
                category.en()
            ),
            Self::DisputeFinal => "the province has settled the dispute; its word is final".into(),
            Self::CountyOfEarlier { kind: Kind::Transfer, county } => {
                format!("the certificate was issued by {county}; a transfer names another home county")
            }
            Self::CountyOfEarlier { kind, county } => format!(
                "the certificate was issued by {county}, another county; transfer it before `{}`",
                kind.as_str()
            ),
            Self::GuardianUnchanged => "the guardian is the one in the register; name the new one".into(),
            Self::NotOverdue { from } => {
                format!("the certificate is not overdue for a year; possible from {from} on")
            }
            Self::NoDocument { document } => format!("no document #{document}"),
            Self::DocumentsClosed { state } => format!(
                "the case is `{}`; papers are added until the review, send it back for more",
                state.as_str()
            ),
            Self::DocumentsMissing { needs } => {
                let one =
                    |need: &Need| need.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" or ");
                let list = needs.iter().map(one).collect::<Vec<_>>().join(", ");
                format!("papers are missing: {list}; add them, or request them from the applicant")
            }
            Self::DocumentSize { kind, size: 0, .. } => {
                format!("`{}` is an empty file; choose another", kind.as_str())
            }
            Self::DocumentSize { kind, size, max } => {
                format!("`{}` has {size} bytes, at most {max} are possible; make it smaller", kind.as_str())
            }
            Self::TooManyDocuments { max } => format!("a case has at most {max} documents"),
            Self::FeatureOff { feature, region } => format!(
                "`{}` is not switched on in {region}; an administrator switches it on under pilots",
                feature.as_str()
            ),
            Self::OtherKey => "what waits to be signed belongs to another key; continue with that key".into(),
            Self::Signer(error) => error.en().into(),
            Self::Store(error) => error.en(),
        }
    }
}

macro_rules! codes {
    ($($cause:pat => $code:literal,)*) => {
        impl Error {
            /// Every stable name.
            pub const CODES: &[&'static str] = &[$($code),*];

            /// The stable name that programs act on: never reused, never renamed.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $($cause => $code),* }
            }
        }
    };
}

codes! {
    Self::PowerMissing { .. } => "power_missing",
    Self::OtherRegion { .. } => "other_region",
    Self::HigherOfficeNeeded { .. } => "higher_office_needed",
    Self::OwnPowers { .. } => "own_powers",
    Self::DutiesNotSeparated { .. } => "duties_not_separated",
    Self::OneDoctor { .. } => "one_doctor",
    Self::NotNow { .. } => "not_now",
    Self::WrongRoute { .. } => "wrong_route",
    Self::EarlierCertificate { .. } => "earlier_certificate",
    Self::BornLater => "born_later",
    Self::GuardianRequired => "guardian_required",
    Self::MinorNotPublished => "minor_not_published",
    Self::NoticeRequired => "notice_required",
    Self::NoticeDates => "notice_dates",
    Self::NoticeRuns { .. } => "notice_runs",
    Self::SignedLater => "signed_later",
    Self::NotAssessed => "not_assessed",
    Self::ClockBehind { .. } => "clock_behind",
    Self::SuffixesUsedUp => "suffixes_used_up",
    Self::BrokenStep { .. } => "broken_step",
    Self::CalendarFormat => "calendar_format",
    Self::CalendarYearUnknown { .. } => "calendar_year_unknown",
    Self::GrantsFormat => "grants_format",
    Self::ApplicationOpen { .. } => "application_open",
    Self::CertificateHeld { .. } => "certificate_held",
    Self::WaitUntil { .. } => "wait_until",
    Self::NoApplication { .. } => "no_application",
    Self::NoCertificate { .. } => "no_certificate",
    Self::NoPerson { .. } => "no_person",
    Self::NoOfficer { .. } => "no_officer",
    Self::NoChange { .. } => "no_change",
    Self::WrongStanding { .. } => "wrong_standing",
    Self::WrongReason { .. } => "wrong_reason",
    Self::EffectiveLater => "effective_later",
    Self::SecondOfficerNeeded { .. } => "second_officer_needed",
    Self::ChangeClosed { .. } => "change_closed",
    Self::StatusListFull => "status_list_full",
    Self::TrustListUnreadable => "trust_list_unreadable",
    Self::BundleRefused { .. } => "bundle_refused",
    Self::PreparedChanged { .. } => "prepared_changed",
    Self::EarlierExpired { .. } => "earlier_expired",
    Self::OtherHolder => "other_holder",
    Self::FiledBefore { .. } => "filed_before",
    Self::TrialRefused { .. } => "trial_refused",
    Self::SignatureRefused { .. } => "signature_refused",
    Self::CardOrdered { .. } => "card_ordered",
    Self::NoCardJob { .. } => "no_card_job",
    Self::NoCard { .. } => "no_card",
    Self::OtherCard { .. } => "other_card",
    Self::CardTaken { .. } => "card_taken",
    Self::NotInForce { .. } => "not_in_force",
    Self::NothingForACard { .. } => "nothing_for_a_card",
    Self::FeatureOff { .. } => "feature_off",
    Self::OtherKey => "other_key",
    Self::Signer(_) => "signer",
    Self::NoDocument { .. } => "no_document",
    Self::DocumentsClosed { .. } => "documents_closed",
    Self::DocumentsMissing { .. } => "documents_missing",
    Self::DocumentSize { .. } => "document_size",
    Self::TooManyDocuments { .. } => "too_many_documents",
    Self::LocalFormat => "local_format",
    Self::TooYoung { .. } => "too_young",
    Self::DisputeFinal => "dispute_final",
    Self::CountyOfEarlier { .. } => "county_of_earlier",
    Self::GuardianUnchanged => "guardian_unchanged",
    Self::NotOverdue { .. } => "not_overdue",
    Self::Store(StoreError::Conflict) => "conflict",
    Self::Store(StoreError::Rule(_)) => "register_rule",
    Self::Store(StoreError::Busy) => "busy",
    Self::Store(StoreError::Full) => "full",
    Self::Store(StoreError::WrongKey) => "wrong_key",
    Self::Store(StoreError::Newer { .. }) => "newer",
    Self::Store(StoreError::Broken { .. } | StoreError::Engine { .. }) => "failed",
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} · {}", self.zh(), self.en())
    }
}

impl std::error::Error for Error {}
