//! What each refusal says in Chinese.

use super::Error;
use crate::document::Need;
use crate::kind::Kind;

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
}
