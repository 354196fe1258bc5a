//! What a token is for. A scope narrows what its officer may do and never widens it: both have to allow a request.

use std::fmt;

/// One line a scope: its variant, its stable name, Chinese, English.
macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident $text:literal $zh:literal $en:literal;)*) => {
        /// What a token may be used for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Scope { $($(#[$doc])* $variant),* }

        impl Scope {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// As stored, and as commands take it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// As people say it, in both languages.
            #[must_use]
            pub const fn said(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($zh, $en)),* }
            }
        }
    };
}

scopes! {
    /// Search people, read people and cases.
    ReadCases "read_cases" "查询人员和案卷" "Search people, read people and cases";
    /// Enter applications and take steps up to the notice.
    WriteCases "write_cases" "录入申请、受理、评定、公示" "Enter applications, accept, assess, publish";
    /// Review, approve, settle, send back, refuse.
    Decide "decide" "审核、批准、裁定" "Review, approve, settle, refuse";
    /// Read certificates, without their codes.
    ReadCertificates "read_certificates" "查询证件" "Read certificates";
    /// Read the signed texts that become QR codes.
    ReadCredentials "read_credentials" "读取二维码内容" "Read the texts of QR codes";
    /// Suspend, lift, revoke, report a loss.
    Status "status" "冻结、解冻、注销、挂失" "Suspend, lift, revoke, report a loss";
    /// Order, list and replace cards; drive a card desk.
    Cards "cards" "制卡" "Order, write and replace cards";
    /// The identity number in clear.
    ExposeNumbers "expose_numbers" "查看完整身份证号" "Identity numbers in clear";
}

impl Scope {
    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text)
    }
}

/// The scopes of a token: at least one. Prints as `read_cases,cards`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// From a list; `None` where it is empty.
    #[must_use]
    pub fn new(scopes: Vec<Scope>) -> Option<Self> {
        (!scopes.is_empty()).then_some(Self(scopes))
    }

    /// From `read_cases,cards`; `None` where a word is no scope, or none stands there.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(Scope::parse).collect::<Option<Vec<_>>>().and_then(Self::new)
    }

    /// Whether a scope is among them.
    #[must_use]
    pub fn has(&self, scope: Scope) -> bool {
        self.0.contains(&scope)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.iter().map(Scope::as_str).collect();
        f.write_str(&words.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_back_and_an_unknown_or_missing_one_is_none() {
        let scopes = Scopes::parse("cards, read_cases").unwrap();
        assert_eq!(Scopes::parse(&scopes.to_string()), Some(scopes.clone()));
        assert!(scopes.has(Scope::Cards) && !scopes.has(Scope::Decide));
        assert_eq!((Scopes::parse("everything"), Scopes::parse(" , ")), (None, None));
    }
}
