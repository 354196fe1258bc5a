//! Everything that can go wrong with a card on a desk, sorted by who can act.

use crate::WrongCard;
use card_protocol::{Ef, Error, LinkError, StatusWord};
use std::fmt;

/// Why a dialogue with a card did not come to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostError {
    /// The way to the card broke. The clerk puts the card back; see [`HostError::may_retry`].
    Link(LinkError),
    /// It is the wrong card. The clerk takes another.
    WrongCard(WrongCard),
    /// The card refused a command.
    Refused {
        /// The instruction.
        ins: u8,
        /// What it answered.
        status: StatusWord,
    },
    /// The PIN is wrong. The holder tries again, or has it unblocked at the desk.
    WrongPin {
        /// Tries left; 0 is blocked.
        tries_left: u8,
    },
    /// The chosen PIN is one that a finder tries first. The holder chooses another.
    PinEasilyGuessed,
    /// The card's bytes are not of this profile. The operator looks at the card's version.
    Protocol(Error),
    /// What was read back is not what was written: the card is faulty and must not be handed out.
    ReadBackDiffers {
        /// The file.
        ef: Ef,
    },
    /// The card's key did not sign what it was asked to: the card must not be handed out.
    KeyDoesNotSign,
    /// A file is larger than its place on the card. Whoever made the file can act.
    FileTooLong {
        /// The file.
        ef: Ef,
        /// Its bytes.
        length: usize,
    },
    /// The relay brought answers to another batch than the one it was given.
    AnswersOutOfStep {
        /// Answers expected.
        expected: usize,
        /// Answers that came.
        came: usize,
    },
    /// The reader service of the machine does not run. The operator starts it.
    NoService,
    /// No reader is plugged in, or none of that name.
    NoReader,
    /// Another program holds the card.
    InUse,
    /// Nobody put a card in within the time given.
    TimedOut,
}

impl HostError {
    /// Whether putting the card back, or beginning again, may help.
    #[must_use]
    pub const fn may_retry(&self) -> bool {
        matches!(
            self,
            Self::Link(LinkError::CardRemoved | LinkError::CardReset | LinkError::CardMute)
                | Self::InUse
                | Self::TimedOut
        )
    }

    /// The stable name of the cause, without any card's number: for tallies and programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Link(LinkError::CardRemoved) => "card_removed",
            Self::Link(LinkError::CardReset) => "card_reset",
            Self::Link(LinkError::CardMute) => "card_mute",
            Self::Link(LinkError::ReaderGone) => "reader_gone",
            Self::Link(LinkError::BadResponse | LinkError::Failed { .. }) => "link_failed",
            Self::WrongCard(wrong) => wrong.name(),
            Self::Refused { .. } => "command_refused",
            Self::WrongPin { tries_left: 0 } => "pin_blocked",
            Self::WrongPin { .. } => "wrong_pin",
            Self::PinEasilyGuessed => "pin_easily_guessed",
            Self::Protocol(_) => "not_of_the_profile",
            Self::ReadBackDiffers { .. } => "read_back_differs",
            Self::KeyDoesNotSign => "key_does_not_sign",
            Self::FileTooLong { .. } => "file_too_long",
            Self::AnswersOutOfStep { .. } => "out_of_step",
            Self::NoService => "no_reader_service",
            Self::NoReader => "no_reader",
            Self::InUse => "in_use",
            Self::TimedOut => "timed_out",
        }
    }

    /// What a clerk is told, in Chinese: what happened, and what to do next.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::Link(LinkError::CardRemoved) => "卡片被取出。请放回原卡，系统会接着办理。".into(),
            Self::Link(LinkError::CardReset) => "卡片被其他程序复位。请取下卡片再放回。".into(),
            Self::Link(LinkError::CardMute) => "卡片没有应答。请翻面或擦净芯片后再放。".into(),
            Self::Link(LinkError::ReaderGone) => "读卡器已断开。请检查连接线。".into(),
            Self::Link(LinkError::BadResponse) => "卡片应答不完整。请重新放卡。".into(),
            Self::Link(LinkError::Failed { code }) => format!("读卡器故障（{code:08X}）。请重新插拔读卡器。"),
            Self::WrongCard(wrong) => wrong.zh(),
            Self::Refused { ins, status } => {
                format!("卡片拒绝命令 {ins:02X}：{:04X}。请换卡，并告知管理员。", status.as_u16())
            }
            Self::WrongPin { tries_left: 0 } => "密码已锁定。请在窗口解锁。".into(),
            Self::WrongPin { tries_left } => format!("密码不正确，还可以试 {tries_left} 次。"),
            Self::PinEasilyGuessed => {
                "密码太容易猜到：不能是重复或连续的数字，也不能取自生日或身份证号。请另选一个。".into()
            }
            Self::Protocol(_) => "卡片数据不符合本规范。请告知管理员。".into(),
            Self::ReadBackDiffers { .. } | Self::KeyDoesNotSign => {
                "写入后核对不一致，此卡作废。请换一张新卡。".into()
            }
            Self::FileTooLong { ef, length } => {
                format!("{}为 {length} 字节，超过卡片容量 {} 字节。", file_zh(*ef), ef.capacity())
            }
            Self::AnswersOutOfStep { .. } => "读卡端与发证服务不同步。请重新放卡。".into(),
            Self::NoService => "读卡服务没有运行。请启动 pcscd（Windows：Smart Card 服务）。".into(),
            Self::NoReader => "没有找到读卡器。请插好读卡器。".into(),
            Self::InUse => "卡片正被其他程序使用。请关闭该程序。".into(),
            Self::TimedOut => "等待放卡超时。请放卡后重试。".into(),
        }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(error) => write!(f, "{error}: put the card back and the work goes on"),
            Self::WrongCard(wrong) => wrong.fmt(f),
            Self::Refused { ins, status } => {
                write!(f, "the card refused command {ins:02X} with {status}: take another card")
            }
            Self::WrongPin { tries_left: 0 } => f.write_str("the PIN is blocked: unblock it at the desk"),
            Self::WrongPin { tries_left } => write!(f, "the PIN is wrong, {tries_left} tries are left"),
            Self::PinEasilyGuessed => f.write_str(
                "the PIN is easily guessed: choose one that neither repeats nor counts, and is no part of the birth date or \
                 identity number",
            ),
            Self::Protocol(error) => write!(f, "the card does not follow the profile: {error}"),
            Self::ReadBackDiffers { ef } => {
                write!(f, "{} was not read back as it was written: discard the card", file_en(*ef))
            }
            Self::KeyDoesNotSign => f.write_str("the card's key does not sign: discard the card"),
            Self::FileTooLong { ef, length } => {
                write!(f, "{} has {length} bytes, the card takes {}", file_en(*ef), ef.capacity())
            }
            Self::AnswersOutOfStep { expected, came } => {
                write!(f, "the relay brought {came} answers to {expected} commands: put the card back")
            }
            Self::NoService => f.write_str("the reader service does not run: start pcscd"),
            Self::NoReader => f.write_str("no reader was found: plug it in"),
            Self::InUse => f.write_str("another program uses the card: close it"),
            Self::TimedOut => f.write_str("no card was put in: put it in and try again"),
        }
    }
}

impl std::error::Error for HostError {}

impl From<LinkError> for HostError {
    fn from(error: LinkError) -> Self {
        Self::Link(error)
    }
}

impl From<Error> for HostError {
    fn from(error: Error) -> Self {
        Self::Protocol(error)
    }
}

impl From<WrongCard> for HostError {
    fn from(wrong: WrongCard) -> Self {
        Self::WrongCard(wrong)
    }
}

const fn file_zh(ef: Ef) -> &'static str {
    match ef {
        Ef::Pass => "通行凭证",
        Ef::Certificate => "残疾人证",
        Ef::Photo => "照片",
        Ef::Needs => "服务需求",
        Ef::Rides => "乘车次数",
        Ef::Status => "卡片状态",
    }
}

const fn file_en(ef: Ef) -> &'static str {
    match ef {
        Ef::Pass => "the pass",
        Ef::Certificate => "the certificate",
        Ef::Photo => "the photo",
        Ef::Needs => "the service needs",
        Ef::Rides => "the ride counter",
        Ef::Status => "the card's status",
    }
}
