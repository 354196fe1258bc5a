//! The picture of a QR text: PNG for screens and cards, SVG for print.
//! Numeric mode for the digits, quiet zone 4, error correction level M (PROFILE.md, section 3).
//! Says nothing about what is inside; the text went through `QrText` before.

use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// A QR symbol, not yet drawn.
pub struct QrPicture {
    code: QrCode,
}

/// Why there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QrPictureError {
    /// More text than the largest symbol holds at level M.
    TooLong,
    /// The encoder of the picture refused.
    Encoding,
}

impl QrPicture {
    /// Chooses the smallest symbol.
    pub fn new(text: &str) -> Result<Self, QrPictureError> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M);
        code.map(|code| Self { code }).map_err(|_| QrPictureError::TooLong)
    }

    /// Modules along one side, without the quiet zone.
    #[must_use]
    pub fn modules(&self) -> usize {
        self.code.width()
    }

    /// A grey PNG with so many pixels a module; fewer than [`MIN_PIXELS_A_MODULE`] are raised to it.
    pub fn png(&self, pixels_a_module: u32) -> Result<Vec<u8>, QrPictureError> {
        let scale = pixels_a_module.max(MIN_PIXELS_A_MODULE);
        let picture =
            self.code.render::<image::Luma<u8>>().quiet_zone(true).module_dimensions(scale, scale).build();
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes)
            .write_image(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::L8)
            .map_err(|_| QrPictureError::Encoding)?;
        Ok(bytes)
    }

    /// An SVG that a printer scales; a title makes it readable aloud.
    #[must_use]
    pub fn svg(&self, title: &str) -> String {
        let drawn = self.code.render::<svg::Color<'_>>().quiet_zone(true).module_dimensions(10, 10).build();
        let escaped = title.replace('&', "&amp;").replace('<', "&lt;");
        // The title stands first inside the svg element, as assistive technology expects it.
        match drawn.find("<svg").and_then(|svg| drawn[svg..].find('>').map(|end| svg + end + 1)) {
            Some(start) => format!("{}<title>{escaped}</title>{}", &drawn[..start], &drawn[start..]),
            None => drawn,
        }
    }
}

impl std::fmt::Display for QrPictureError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::TooLong => "内容过长，二维码容纳不下。 the text is too long for a QR code",
            Self::Encoding => "图片编码失败。 the picture could not be encoded",
        })
    }
}

impl std::error::Error for QrPictureError {}

/// Below 4 pixels a module a screen photographed by a phone reads badly (measured); 5 is better.
pub const MIN_PIXELS_A_MODULE: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_takes_45_modules_and_a_quiet_zone_of_4() {
        let text = format!("DC1:{}", "7".repeat(255));
        let picture = QrPicture::new(&text).unwrap();
        assert_eq!(picture.modules(), 45);
        let png = image::load_from_memory(&picture.png(5).unwrap()).unwrap();
        assert_eq!(png.width(), (45 + 2 * 4) * 5);
    }

    #[test]
    fn an_svg_carries_its_title_and_too_much_text_is_refused() {
        let svg = QrPicture::new("DC1:003").unwrap().svg("证 <1> & 2");
        assert!(svg.contains("<title>证 &lt;1> &amp; 2</title>"), "{svg}");
        assert_eq!(QrPicture::new(&"9".repeat(6000)).err(), Some(QrPictureError::TooLong));
    }
}
