//! A picture of a QR code, straight or photographed, becomes its text.
//! First as it is; then enlarged, reduced, smoothed and with other ideas of black and white, as long as the budget lasts.
//! Knows nothing of credentials but the look of their text, to choose among several codes in one picture.

use std::io::Cursor;
use std::panic::catch_unwind;

use credential::qr_text::QrText;
use image::imageops;
use image::{DynamicImage, GrayImage, ImageReader, Limits, Rgba, RgbaImage};
use rxing::common::{BitMatrix, DetectorRXingResult, GlobalHistogramBinarizer, HybridBinarizer};
use rxing::qrcode::cpp_port::{decoder, detector};
use rxing::qrcode::decoder::qrcode_decoder;
use rxing::qrcode::detector::Detector;
use rxing::{Binarizer, DecodeHints, Luma8LuminanceSource};

use crate::unreadable::Unreadable;

/// A code that was read.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Code {
    /// What it says.
    pub(crate) text: String,
    /// Modules along a side, 21 to 177.
    pub(crate) modules: u32,
}

/// Whether bytes begin like a picture that can be read.
pub(crate) fn is_picture(start: &[u8]) -> bool {
    let webp = start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP");
    start.starts_with(b"\x89PNG\r\n\x1a\n") || start.starts_with(&[0xff, 0xd8, 0xff]) || webp
}

/// Reads the code of a credential, or any other code when there is none.
pub(crate) fn read_code(picture: &[u8]) -> Result<Code, Unreadable> {
    let luma = decode(picture)?;
    let mut other = None;
    let mut budget = PIXEL_BUDGET;
    for attempt in attempts(&luma) {
        let frame = attempt.frame(&luma);
        let pixels = u64::from(frame.width()) * u64::from(frame.height());
        for code in codes(frame, attempt.black) {
            if QrText::parse(&code.text).is_ok() {
                return Ok(code);
            }
            other = other.or(Some(code));
        }
        budget = budget.saturating_sub(pixels);
        if budget == 0 || other.is_some() {
            break;
        }
    }
    other.ok_or(Unreadable::NoCode)
}

/// The header decides whether the pixels are unpacked at all.
fn decode(picture: &[u8]) -> Result<GrayImage, Unreadable> {
    let reader =
        || ImageReader::new(Cursor::new(picture)).with_guessed_format().map_err(|_| Unreadable::NotAPicture);
    let mut header = reader()?;
    header.no_limits();
    let (width, height) = header.into_dimensions().map_err(|_| Unreadable::BrokenPicture)?;
    let megapixels = u64::from(width) * u64::from(height) / 1_000_000;
    if megapixels > MAX_MEGAPIXELS {
        return Err(Unreadable::TooManyPixels { megapixels });
    }
    let mut reader = reader()?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    reader.limits(limits);
    let unpacked = catch_unwind(|| reader.decode()).map_err(|_| Unreadable::BrokenPicture)?;
    unpacked.map(on_white).map_err(|_| Unreadable::BrokenPicture)
}

/// Transparent paper is white.
fn on_white(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let mut paper = RgbaImage::from_pixel(picture.width(), picture.height(), Rgba([255; 4]));
    imageops::overlay(&mut paper, &picture.into_rgba8(), 0, 0);
    DynamicImage::ImageRgba8(paper).into_luma8()
}

/// One way to look at the picture.
#[derive(Clone, Copy)]
struct Attempt {
    /// Length of the longer side.
    longest: u32,
    /// Standard deviation of a blur against noise, in pixels.
    smooth: f32,
    black: Black,
}

/// What counts as black.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Black {
    /// Darker than the neighbourhood: uneven light.
    Local,
    /// Darker than one level for all: faint print in even light.
    Global,
    /// Lighter than the neighbourhood: a screen in its dark mode.
    Inverse,
}

impl Attempt {
    fn frame(self, luma: &GrayImage) -> GrayImage {
        let now = luma.width().max(luma.height());
        let scaled =
            |length: u32| ((u64::from(length) * u64::from(self.longest)).div_ceil(now.into()) as u32).max(1);
        let frame = if self.longest == now {
            luma.clone()
        } else {
            resized(luma, scaled(luma.width()), scaled(luma.height()))
        };
        let mut frame = if self.smooth > 0.0 { imageops::fast_blur(&frame, self.smooth) } else { frame };
        if self.black == Black::Inverse {
            imageops::invert(&mut frame);
        }
        frame
    }
}

/// Smaller by averaging, larger by interpolating; `imageops::resize` takes ten times as long.
fn resized(luma: &GrayImage, width: u32, height: u32) -> GrayImage {
    if width < luma.width() {
        return imageops::thumbnail(luma, width, height);
    }
    // In 1/256 of a pixel of the original; sizes are far below 2^23.
    let places = |from: u32, to: u32| -> Vec<(u32, u32, u32)> {
        let place = |at: u32| {
            let at = u64::from(at * 256 + 128) * u64::from(from) / u64::from(to);
            let at = (at as u32).saturating_sub(128);
            (at / 256, (at / 256 + 1).min(from - 1), at % 256)
        };
        (0..to).map(place).collect()
    };
    let (columns, rows) = (places(luma.width(), width), places(luma.height(), height));
    let pixels = luma.as_raw();
    let mut larger = Vec::with_capacity(columns.len() * rows.len());
    for (above, below, down) in rows {
        let row = |y: u32| &pixels[(y * luma.width()) as usize..][..luma.width() as usize];
        let (above, below) = (row(above), row(below));
        larger.extend(columns.iter().map(|(left, right, across)| {
            let mix = |row: &[u8]| {
                u32::from(row[*left as usize]) * (256 - across) + u32::from(row[*right as usize]) * across
            };
            ((mix(above) * (256 - down) + mix(below) * down) >> 16) as u8
        }));
    }
    GrayImage::from_raw(width, height, larger).unwrap_or_else(|| luma.clone())
}

/// From the most promising to the least; measured on the demo's photographs.
fn attempts(luma: &GrayImage) -> impl Iterator<Item = Attempt> {
    let now = luma.width().max(luma.height());
    let first = now.min(COMFORTABLE_SIDE);
    let larger = (first * 3 / 2).min(COMFORTABLE_SIDE * 3 / 2);
    let attempt = |longest, smooth, black| Attempt { longest, smooth, black };
    [
        attempt(first, 0.0, Black::Local),
        attempt(larger, 0.0, Black::Local),
        attempt((first * 2).min(COMFORTABLE_SIDE * 8 / 5), 1.5, Black::Local),
        attempt(first, 1.0, Black::Local),
        attempt(first / 2, 0.0, Black::Local),
        attempt(first, 0.0, Black::Global),
        attempt(first, 0.0, Black::Inverse),
        attempt(now, 0.0, Black::Local),
    ]
    .into_iter()
    .filter(|attempt| attempt.longest >= SMALLEST_SIDE)
}

/// All codes in a frame. Two finders, for each sees what the other misses.
/// They index into the frame after what they believe to be a code, so a picture may make them panic;
/// a folder of pictures must survive that.
fn codes(frame: GrayImage, black: Black) -> Vec<Code> {
    let (width, height) = frame.dimensions();
    let found = catch_unwind(move || {
        let Ok(source) = Luma8LuminanceSource::new(frame.into_raw(), width, height) else {
            return Vec::new();
        };
        match black {
            Black::Local | Black::Inverse => codes_in(HybridBinarizer::new(source).get_black_matrix().ok()),
            Black::Global => codes_in(GlobalHistogramBinarizer::new(source).get_black_matrix().ok()),
        }
    });
    found.unwrap_or_default()
}

fn codes_in(matrix: Option<&BitMatrix>) -> Vec<Code> {
    let Some(matrix) = matrix else { return Vec::new() };
    let mut finders = detector::FindFinderPatterns(matrix, true, 0);
    let mut codes = Vec::new();
    for finder in detector::GenerateFinderPatternSets(&mut finders).iter().take(MAX_CANDIDATES) {
        let Ok(sampled) = detector::SampleQR(matrix, finder) else { continue };
        let Ok(read) = decoder::Decode(sampled.getBits()) else { continue };
        if read.isValid() {
            codes.push(Code { text: read.text(), modules: sampled.getBits().width() });
        }
    }
    if codes.is_empty() {
        codes.extend(code_by_the_other_finder(matrix));
    }
    codes
}

fn code_by_the_other_finder(matrix: &BitMatrix) -> Option<Code> {
    let hints = DecodeHints { TryHarder: Some(true), ..DecodeHints::default() };
    let sampled = Detector::new(matrix).detect_with_hints(&hints).ok()?;
    let read = qrcode_decoder::decode_bitmatrix_with_hints(sampled.getBits(), &hints).ok()?;
    Some(Code { text: read.getText().to_owned(), modules: sampled.getBits().width() })
}

/// Phones deliver 12 or 50; a picture of a code that is larger than this was made to fill the memory.
const MAX_MEGAPIXELS: u64 = 64;
/// 64 megapixels of 16-bit colour.
const MAX_DECODED_BYTES: u64 = 512 << 20;
/// A code of 53 modules that fills a third of the frame has 10 pixels a module here.
const COMFORTABLE_SIDE: u32 = 1600;
/// A version-1 code with a pixel a module.
const SMALLEST_SIDE: u32 = 21;
/// Frames looked at, added up: about a second on a slow machine.
const PIXEL_BUDGET: u64 = 16_000_000;
/// A page of newsprint has thousands of places that look like finder patterns.
const MAX_CANDIDATES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn png(picture: &GrayImage) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    /// Modules of four pixels, black or white by chance, sometimes with what looks like finder patterns.
    fn noise(side: u32, seed: u32) -> GrayImage {
        let chance = |x: u32, y: u32| {
            let mixed = (x / 4).wrapping_mul(0x9e37_79b9)
                ^ (y / 4).wrapping_mul(0x85eb_ca6b)
                ^ seed.wrapping_mul(0xc2b2_ae35);
            (mixed ^ mixed >> 15).wrapping_mul(0x2c1b_3c6d) >> 31
        };
        let finder = |x: u32, y: u32| {
            let ring = (x % 96 / 4).abs_diff(11).max((y % 96 / 4).abs_diff(11));
            (ring < 5).then_some(u32::from(matches!(ring, 0 | 1 | 3)))
        };
        GrayImage::from_fn(side, side, |x, y| {
            let dark = finder(x, y).filter(|_| seed.is_multiple_of(2)).unwrap_or_else(|| chance(x, y));
            image::Luma([if dark == 1 { 0 } else { 255 }])
        })
    }

    #[test]
    fn noise_is_no_code_and_ends_nothing() {
        for seed in 0..24 {
            assert!(read_code(&png(&noise(60 + seed * 20, seed))).is_err());
        }
    }

    #[test]
    fn a_picture_that_breaks_off_anywhere_is_broken() {
        let whole = png(&noise(64, 1));
        for cut in (8..whole.len()).step_by(7) {
            assert!(read_code(&whole[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn enlarging_keeps_corners_and_greys() {
        let small = GrayImage::from_fn(3, 2, |x, y| image::Luma([(x * 100 + y * 10) as u8]));
        let large = resized(&small, 9, 6);
        assert_eq!((large.get_pixel(0, 0).0, large.get_pixel(8, 5).0), ([0], [210]));
        assert_eq!(large.get_pixel(4, 1).0, [100]);
    }
}
