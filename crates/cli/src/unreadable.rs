//! Why an input gave nothing to judge: neither accepted nor refused.

use std::io;

use card_host::HostError;

use crate::error::io_reason;
use bilingual::{Language, say};

/// One cause a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// The system did not give it out.
    NotOpened { kind: io::ErrorKind },
    /// Larger than any picture or text of a code.
    TooLarge { limit_megabytes: u64 },
    /// More pixels than any camera takes.
    TooManyPixels { megapixels: u64 },
    /// Neither PNG, JPEG, WebP nor text.
    NotAPicture,
    /// A picture that breaks off or contradicts itself.
    BrokenPicture,
    /// A picture in which no QR code was found.
    NoCode,
    /// A folder without pictures, or nothing on standard input.
    Empty,
    /// A card that gave nothing to judge: the wrong one, pulled out, or none at all.
    Card { error: HostError },
}

impl Unreadable {
    /// The stable name, for `--json`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NotOpened { kind: io::ErrorKind::NotFound } => "NotFound",
            Self::NotOpened { kind: io::ErrorKind::PermissionDenied } => "PermissionDenied",
            Self::NotOpened { .. } => "NotOpened",
            Self::TooLarge { .. } => "TooLarge",
            Self::TooManyPixels { .. } => "TooManyPixels",
            Self::NotAPicture => "NotAPicture",
            Self::BrokenPicture => "BrokenPicture",
            Self::NoCode => "NoCode",
            Self::Empty => "Empty",
            Self::Card { error } => error.name(),
        }
    }

    /// What happened, and what to do.
    pub(crate) fn say(self, language: Language) -> String {
        match self {
            Self::NotOpened { kind } => {
                say!(language, "无法打开：{}。", "Cannot be opened: {}.", io_reason(kind, language))
            }
            Self::TooLarge { limit_megabytes } => say!(
                language,
                "超过 {limit_megabytes} MB，不会是二维码的图片或文本。",
                "Has more than {limit_megabytes} MB and is no picture or text of a code."
            ),
            Self::TooManyPixels { megapixels } => say!(
                language,
                "图片有 {megapixels} 百万像素，过大；请裁剪或缩小。",
                "The picture has {megapixels} megapixels, too many; crop or reduce it."
            ),
            Self::NotAPicture => say!(
                language,
                "不是可读的图片或文本；请用 PNG、JPEG 或 WebP。",
                "This is no picture or text that can be read; use PNG, JPEG or WebP."
            ),
            Self::BrokenPicture => {
                say!(language, "图片已损坏；请重新拍摄。", "The picture is damaged; take it again.")
            }
            Self::NoCode => say!(
                language,
                "图片中没有找到二维码；请靠近、对准、避免反光后重拍。",
                "No QR code was found in the picture; take it closer, sharper and without glare."
            ),
            Self::Empty => say!(language, "没有可核验的内容。", "There is nothing to verify."),
            Self::Card { error } => language.pick(error.zh(), error.to_string()),
        }
    }
}
