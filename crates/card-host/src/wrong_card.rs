//! The wrong cards a clerk may put on the reader, each told apart and named.

use card_protocol::Serial;
use std::fmt;

/// Why this card cannot be the one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongCard {
    /// It does not carry our application, and neither is it a bank card.
    Unknown,
    /// It pays: it answers to the payment environment of EMV.
    BankCard,
    /// It is another holder's: begun or finished under another job.
    OtherHolders {
        /// The card.
        serial: Serial,
    },
    /// It is not the card this job began with.
    NotTheCardBegun {
        /// The card the job is bound to.
        expected: Serial,
        /// The card on the reader.
        found: Serial,
    },
    /// It was personalised already.
    AlreadyPersonalised {
        /// The card.
        serial: Serial,
    },
    /// The issuer has blocked it.
    Blocked {
        /// The card.
        serial: Serial,
    },
    /// It was ended for ever.
    Terminated,
    /// It is blank, where an issued one is wanted.
    Blank {
        /// The card.
        serial: Serial,
    },
    /// Its keys are not this issuer's: another province's card, or a maker's batch whose transport keys are unknown.
    OtherIssuer {
        /// The card.
        serial: Serial,
    },
}

impl WrongCard {
    /// The stable name, without the card's number.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown_card",
            Self::BankCard => "bank_card",
            Self::OtherHolders { .. } => "other_holders",
            Self::NotTheCardBegun { .. } => "not_the_card_begun",
            Self::AlreadyPersonalised { .. } => "already_personalised",
            Self::Blocked { .. } => "blocked",
            Self::Terminated => "terminated",
            Self::Blank { .. } => "blank",
            Self::OtherIssuer { .. } => "other_issuer",
        }
    }

    /// What the clerk reads, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Unknown => "这不是残疾人证卡。请换一张空白证卡。".into(),
            Self::BankCard => "这是银行卡。请取回，换一张空白证卡。".into(),
            Self::OtherHolders { serial } => format!("这张卡（{serial}）属于另一位持证人。请换卡。"),
            Self::NotTheCardBegun { expected, found } => {
                format!("本次办理已使用卡 {expected}，现在放的是 {found}。请放回原来的卡。")
            }
            Self::AlreadyPersonalised { serial } => format!("这张卡（{serial}）已经发证。请换一张空白卡。"),
            Self::Blocked { serial } => format!("这张卡（{serial}）已被冻结。请到窗口查询原因。"),
            Self::Terminated => "这张卡已注销，不能再用。请剪角回收。".into(),
            Self::Blank { serial } => format!("这是空白卡（{serial}），尚未发证。"),
            Self::OtherIssuer { serial } => format!("这张卡（{serial}）不是本机构的卡，密钥不符。请换卡。"),
        }
    }
}

impl fmt::Display for WrongCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("this is not a certificate card: take a blank one"),
            Self::BankCard => f.write_str("this is a bank card: give it back and take a blank card"),
            Self::OtherHolders { serial } => {
                write!(f, "this card ({serial}) is another holder's: take another")
            }
            Self::NotTheCardBegun { expected, found } => {
                write!(f, "this job began with card {expected}, this one is {found}: put the first one back")
            }
            Self::AlreadyPersonalised { serial } => {
                write!(f, "this card ({serial}) is issued already: take a blank one")
            }
            Self::Blocked { serial } => write!(f, "this card ({serial}) is blocked: ask why at the office"),
            Self::Terminated => f.write_str("this card was ended and cannot be used again: cut it"),
            Self::Blank { serial } => write!(f, "this card ({serial}) is blank and was never issued"),
            Self::OtherIssuer { serial } => {
                write!(f, "this card ({serial}) is not this issuer's, its keys differ: take another")
            }
        }
    }
}
