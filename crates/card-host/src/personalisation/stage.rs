//! Where a run stands.

/// What the batch on its way is for, as a clerk is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Batch 1.
    Identify,
    /// Batch 2.
    ReplaceKeys,
    /// Batch 3.
    MakeKeyPair,
    /// Batch 4.
    Write,
    /// Batch 5.
    Activate,
    /// Nothing is on its way.
    Idle,
}

impl Stage {
    /// In Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Identify => "识别卡片",
            Self::ReplaceKeys => "更换密钥",
            Self::MakeKeyPair => "生成卡内密钥",
            Self::Write => "写入并回读",
            Self::Activate => "启用并验证",
            Self::Idle => "等待",
        }
    }

    /// In English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Identify => "identify the card",
            Self::ReplaceKeys => "replace its keys",
            Self::MakeKeyPair => "make its key pair",
            Self::Write => "write and read back",
            Self::Activate => "activate and check",
            Self::Idle => "wait",
        }
    }
}
