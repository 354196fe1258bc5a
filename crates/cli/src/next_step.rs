//! What an inspector does after a refusal: one sentence a group.

use verifier::Refusal;

use bilingual::Language;

/// The next step.
pub(crate) fn next_step(refusal: Refusal, language: Language) -> &'static str {
    use Refusal as R;
    let (zh, en) = match refusal {
        R::NotACredential | R::Malformed | R::TooLong => {
            ("请出示残疾人证上的二维码，重新扫描。", "Ask for the code on the certificate and scan it again.")
        }
        R::UnknownIssuer | R::IssuerNotTrusted | R::OutOfScope => (
            "更新核验包后再试；仍不通过，请持证人联系发证残联。",
            "Update the bundle and try again; if it stays so, the holder asks the issuing office.",
        ),
        R::BadSignature => (
            "可能是伪造：不予办理，核对证件原件并报告。",
            "It may be forged: do not serve, compare the original, report it.",
        ),
        R::NotYetInForce | R::ClockBehind => ("先校准本机时间。", "Set the clock of this device first."),
        R::Expired => ("请持证人办理换领。", "The holder applies for renewal."),
        R::Revoked | R::Suspended => ("请持证人联系发证残联。", "The holder asks the issuing office."),
        R::StatusUnknown | R::StatusTooOld => ("更新核验包后再试。", "Update the bundle and try again."),
        R::NotEntitled | R::OtherJurisdiction | R::CannotDecide => {
            ("请到人工窗口办理。", "Please use the staffed counter.")
        }
        R::QuotaUsed => {
            ("请按普通票价办理，或到人工窗口。", "Charge the ordinary fare, or use the staffed counter.")
        }
        R::PossessionRequired | R::PossessionFailed | R::PresentationTooOld | R::Replayed => {
            ("请出示实体卡，或刷新手机动态码。", "Ask for the card itself, or for a fresh rotating code.")
        }
        R::BundleMissing => (
            "把核验包放到 ~/.local/share/zhengka/bundle.dcb，或用 --bundle 指定。",
            "Put the bundle at ~/.local/share/zhengka/bundle.dcb, or name it with --bundle.",
        ),
        R::BundleForged | R::BundleExpired | R::BundleRolledBack => {
            ("向主管部门重新获取最新核验包。", "Fetch the newest bundle from the authority.")
        }
    };
    language.pick(zh, en)
}
