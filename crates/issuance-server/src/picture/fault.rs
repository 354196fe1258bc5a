//! Why a picture is not taken.

use image::ImageError;

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureFault {
    /// Nothing was chosen.
    Empty,
    /// Neither JPEG nor PNG nor WebP by its bytes.
    NotAPicture,
    /// Several pictures in one.
    Animated,
    /// More pixels than are decoded.
    TooManyPixels,
    /// Fewer pixels than a face or a page needs.
    TooSmall,
    /// Torn or contradictory.
    Damaged,
    /// Even the smallest version is too large for a card.
    DoesNotFit,
}

impl PictureFault {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Empty,
        Self::NotAPicture,
        Self::Animated,
        Self::TooManyPixels,
        Self::TooSmall,
        Self::Damaged,
        Self::DoesNotFit,
    ];

    /// The stable name that programs act on.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotAPicture => "not_a_picture",
            Self::Animated => "animated",
            Self::TooManyPixels => "too_many_pixels",
            Self::TooSmall => "too_small",
            Self::Damaged => "damaged",
            Self::DoesNotFit => "does_not_fit",
        }
    }

    /// What is wrong and what to do, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        self.texts().0
    }

    /// The same in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        self.texts().1
    }

    /// What a decoder or an encoder found.
    pub(super) fn of(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooManyPixels,
            _ => Self::Damaged,
        }
    }

    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Empty => ("请选择文件。", "Choose a file."),
            Self::NotAPicture => (
                "只接受 JPEG、PNG 或 WebP 图片。PDF 请先另存为图片。",
                "Only JPEG, PNG or WebP pictures are taken. Save a PDF as a picture first.",
            ),
            Self::Animated => {
                ("不接受动图，请改用静态图片。", "Animated pictures are not taken; use a still one.")
            }
            Self::TooManyPixels => (
                "图片超过 3200 万像素，请缩小后再上传。",
                "The picture has more than 32 million pixels; make it smaller.",
            ),
            Self::TooSmall => (
                "图片太小，看不清楚，请用更大的图片（照片至少 240×320）。",
                "The picture is too small to be seen well; use a larger one (a photo of at least 240x320).",
            ),
            Self::Damaged => {
                ("图片已损坏，请重新扫描或拍摄。", "The picture is damaged; scan or take it again.")
            }
            Self::DoesNotFit => (
                "照片无法压缩到 12 kB，请换一张背景干净的照片。",
                "The photo does not fit into 12 kB; take one with a plain background.",
            ),
        }
    }
}
