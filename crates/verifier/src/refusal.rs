//! Why a credential is refused: number, name, one plain sentence in Chinese and English (PROFILE.md, section 8).
//! Public interface: numbers and names never change. The tens follow the order of the checks.

use core::fmt;

use credential::Malformed;

macro_rules! refusals {
    ($($number:literal $variant:ident $zh:literal $en:literal),+ $(,)?) => {
        /// The final word when it is no.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Refusal { $(#[doc = $en] $variant = $number),+ }

        impl Refusal {
            /// All of them, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name.
            #[must_use]
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => stringify!($variant)),+ } }

            /// One plain sentence in Chinese.
            #[must_use]
            pub const fn zh(self) -> &'static str { match self { $(Self::$variant => $zh),+ } }

            /// One plain sentence in English.
            #[must_use]
            pub const fn en(self) -> &'static str { match self { $(Self::$variant => $en),+ } }
        }
    };
}

refusals! {
    10 NotACredential "这不是残疾人证的二维码。" "This is not a code of a disability certificate.",
    11 Malformed "编码有损坏或被改动，无法读取。" "The code is damaged or was altered and cannot be read.",
    12 TooLong "内容过长，不是有效的证件编码。" "The content is too long to be a credential.",
    20 UnknownIssuer "签发机构不在信任名单中。" "The issuer is not in the trust list.",
    21 IssuerNotTrusted "签发密钥在签发时已停用或已泄露。" "The issuer's key was retired or compromised when this was signed.",
    22 OutOfScope "该机构无权签发此地区或此类证件。" "The issuer may not sign for this region or this kind of credential.",
    23 BadSignature "签名不符，内容被改动过。" "The signature does not match: the content was altered.",
    30 NotYetInForce "证件尚未生效。" "The credential is not yet in force.",
    31 Expired "证件已过有效期，请办理换领。" "The credential has expired; please apply for renewal.",
    40 Revoked "证件已注销。" "The credential was revoked.",
    41 Suspended "证件已冻结，请联系发证的残联。" "The credential is suspended; please contact the issuing office.",
    42 StatusUnknown "无法查到证件状态。" "The status of the credential is not known.",
    43 StatusTooOld "状态名单过旧，请先更新。" "The status list is too old; update it first.",
    50 NotEntitled "此证件不享受该项待遇。" "This credential does not entitle to that benefit.",
    51 OtherJurisdiction "此证件在本地不适用。" "This credential does not hold in this place.",
    52 CannotDecide "离线无法判断，请联网或到窗口办理。" "This cannot be decided offline; please ask at the counter.",
    53 QuotaUsed "本期次数已用完。" "The quota of this period is used up.",
    60 PossessionRequired "请出示卡片或手机动态码。" "Please present the card or the rotating code.",
    61 PossessionFailed "卡片未能证明是本卡，可能为复制。" "The card did not prove that it is the original.",
    62 PresentationTooOld "动态码已过期，请重新出示。" "The rotating code is too old; please show it again.",
    63 Replayed "此码刚刚用过。" "This code was used just now.",
    70 BundleMissing "没有离线核验包，请先更新。" "There is no verification bundle; update it first.",
    71 BundleForged "核验包未通过检验，请向主管部门重新获取。" "The verification bundle does not check; fetch it again from the authority.",
    72 BundleExpired "核验包已过期，请先更新。" "The verification bundle has expired; update it first.",
    73 BundleRolledBack "核验包比已用过的旧，请先更新。" "The verification bundle is older than one used before; update it first.",
    74 ClockBehind "本机时间不对，请先校准。" "The clock of this device is behind; set it first.",
}

impl Refusal {
    /// The stable number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// From its number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|refusal| refusal.number() == number)
    }
}

/// `31 Expired`.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number(), self.name())
    }
}

impl core::error::Error for Refusal {}

/// A credential that does not parse. A bundle that does not parse is a forged bundle, so it never goes this way.
impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn numbers_rise_and_every_refusal_speaks_both_languages() {
        assert!(Refusal::ALL.is_sorted_by(|a, b| a.number() < b.number()));
        for refusal in Refusal::ALL {
            assert!(refusal.zh().ends_with('。') && refusal.en().ends_with('.'), "{refusal}");
            assert_eq!(Refusal::from_number(refusal.number()), Some(*refusal));
        }
        assert_eq!(Refusal::Expired.to_string(), "31 Expired");
    }
}
