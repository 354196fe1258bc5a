//! Why a trust list does not pass. Each is found before a key signs, or before a signed list leaves the room.

use credential::snapshot::Version;
use credential::{Kid, UnixTime};

use bilingual::{Language, say};

/// One cause a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrustError {
    /// The version is not higher than that of the list before.
    NotGrowing { before: Version, this: Version },
    /// The version is so much higher that verifiers refuse it.
    TooFar { before: Version, this: Version },
    /// The list is not the first, and nobody said which one came before.
    BeforeNotNamed { this: Version },
    /// Its time is over.
    Expired { expires: UnixTime },
    /// Two keys share a key id, or one key stands in two places.
    RepeatedKid { kid: Kid },
    /// An issuer without kinds, or an issuer or status key without regions, can sign nothing.
    UselessKey { kid: Kid },
    /// Retired and compromised at once.
    TwoStates { kid: Kid },
    /// A public key that no signature verifies under, or under which any does.
    NoPoint { kid: Kid },
    /// The signer is a root neither of this list nor of the one before.
    NotARoot { kid: Kid },
    /// The same root signed twice.
    SignedTwice { kid: Kid },
    /// The signature is about another list.
    OtherList { kid: Kid },
    /// The signature does not verify.
    BadSignature { kid: Kid },
    /// Too few of the roots signed.
    Short { roots: Which, wanted: u8, have: usize },
    /// The holder did not agree to sign.
    NotAgreed,
}

/// Which of two sets of roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// In force until now.
    Old,
    /// Named by the list itself.
    New,
}

impl TrustError {
    /// What is wrong, and what to do.
    pub(crate) fn say(self, language: Language) -> String {
        match self {
            Self::NotGrowing { before, this } => say!(
                language,
                "版本 {this} 不高于上一份的 {before}；请在描述文件中提高 version。",
                "Version {this} is not higher than {before} of the list before; raise `version` in the description."
            ),
            Self::TooFar { before, this } => say!(
                language,
                "版本从 {before} 跳到 {this}，核验者会拒绝；请逐一递增。",
                "From {before} to {this} is a jump that verifiers refuse; count up one by one."
            ),
            Self::BeforeNotNamed { this } => say!(
                language,
                "版本 {this} 不是第一份；请用 --previous 指明上一份。",
                "Version {this} is not the first; name the list before with --previous."
            ),
            Self::Expired { expires } => {
                say!(language, "有效期到 {expires}，已过期。", "It expired at {expires}.")
            }
            Self::RepeatedKid { kid } => say!(
                language,
                "编号 {kid} 出现两次：每把密钥只能有一处、一个角色组。",
                "Key id {kid} stands there twice: each key has one place, and roots sign nothing else."
            ),
            Self::UselessKey { kid } => say!(
                language,
                "密钥 {kid} 缺少 kinds 或 regions，什么也签不了。",
                "Key {kid} lacks kinds or regions and could sign nothing."
            ),
            Self::TwoStates { kid } => say!(
                language,
                "密钥 {kid} 不能既停用（retired）又泄露（compromised）。",
                "Key {kid} cannot be both retired and compromised."
            ),
            Self::NoPoint { kid } => {
                say!(language, "密钥 {kid} 不是有效的 Ed25519 公钥。", "Key {kid} is no sound Ed25519 key.")
            }
            Self::NotARoot { kid } => say!(
                language,
                "密钥 {kid} 既不在新根密钥中，也不在旧根密钥中。",
                "Key {kid} is a root neither of this list nor of the one before."
            ),
            Self::SignedTwice { kid } => {
                say!(
                    language,
                    "根密钥 {kid} 签了两次，只能算一次。",
                    "Root {kid} signed twice; that counts once."
                )
            }
            Self::OtherList { kid } => say!(
                language,
                "{kid} 的签名针对另一份名单；请重新签名。",
                "The signature of {kid} is about another list; sign again."
            ),
            Self::BadSignature { kid } => {
                say!(
                    language,
                    "{kid} 的签名不符；请重新签名。",
                    "The signature of {kid} does not verify; sign again."
                )
            }
            Self::Short { roots: Which::Old, wanted, have } => say!(
                language,
                "现有根密钥须有 {wanted} 把签名，只有 {have} 把。",
                "{wanted} of the roots in force must sign, {have} did."
            ),
            Self::Short { roots: Which::New, wanted, have } => say!(
                language,
                "新根密钥须有 {wanted} 把签名，只有 {have} 把。",
                "{wanted} of the new roots must sign, {have} did."
            ),
            Self::NotAgreed => say!(language, "未确认，没有签名。", "Not agreed to; nothing was signed."),
        }
    }
}
