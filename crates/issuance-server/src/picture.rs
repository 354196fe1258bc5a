//! Pictures that strangers send, made anew: what is stored and shown is our own JPEG of the pixels and nothing else.
//! The format is told by the bytes, never by a name or a header; sizes are read and limited before anything is
//! decoded; EXIF, comments, colour profiles and whatever hides behind the picture stay behind, its orientation is
//! applied. PDF and SVG are refused: both carry scripts, and neither can be made anew without drawing it.

mod crop;
mod fault;

pub use crop::Crop;
pub use fault::PictureFault;

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::imageops::FilterType;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, Limits, RgbImage};

/// The pixels of a picture, upright, without anything else.
pub struct Picture(RgbImage);

impl Picture {
    /// Reads a file that a stranger sent.
    pub fn read(bytes: &[u8]) -> Result<Self, PictureFault> {
        let source = Cursor::new(bytes);
        match bytes {
            [] => Err(PictureFault::Empty),
            [0xff, 0xd8, 0xff, ..] => Self::decode(JpegDecoder::new(source).map_err(PictureFault::of)?),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => {
                let decoder = PngDecoder::with_limits(source, limits()).map_err(PictureFault::of)?;
                if decoder.is_apng().map_err(PictureFault::of)? {
                    return Err(PictureFault::Animated);
                }
                Self::decode(decoder)
            }
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
                let decoder = WebPDecoder::new(source).map_err(PictureFault::of)?;
                if decoder.has_animation() {
                    return Err(PictureFault::Animated);
                }
                Self::decode(decoder)
            }
            _ => Err(PictureFault::NotAPicture),
        }
    }

    /// A paper, small enough to be stored and large enough to be read.
    pub fn scan(&self) -> Result<Vec<u8>, PictureFault> {
        let Self(pixels) = self;
        let (width, height) = pixels.dimensions();
        if width.max(height) <= SCAN_SIDE {
            return jpeg(pixels, SCAN_QUALITY);
        }
        let scaled = DynamicImage::from(pixels.clone()).resize(SCAN_SIDE, SCAN_SIDE, FilterType::CatmullRom);
        jpeg(&scaled.into_rgb8(), SCAN_QUALITY)
    }

    /// The photo for certificate and card: the part that was chosen, upright 3:4, at most 12 kB.
    pub fn photo(&self, crop: Crop) -> Result<Vec<u8>, PictureFault> {
        let Self(pixels) = self;
        let (width, height) = pixels.dimensions();
        if width < PHOTO_SIZES[1].0 || height < PHOTO_SIZES[1].1 {
            return Err(PictureFault::TooSmall);
        }
        let (x, y, w, h) = crop.within(width, height);
        let part = image::imageops::crop_imm(pixels, x, y, w, h).to_image();
        for (width, height) in PHOTO_SIZES {
            let scaled = image::imageops::resize(&part, width, height, FilterType::CatmullRom);
            for quality in PHOTO_QUALITIES {
                let photo = jpeg(&scaled, quality)?;
                if photo.len() <= PHOTO_BYTES {
                    return Ok(photo);
                }
            }
        }
        Err(PictureFault::DoesNotFit)
    }

    fn decode(mut decoder: impl ImageDecoder) -> Result<Self, PictureFault> {
        let (width, height) = decoder.dimensions();
        if u64::from(width) * u64::from(height) > MOST_PIXELS {
            return Err(PictureFault::TooManyPixels);
        }
        if width.min(height) < LEAST_SIDE {
            return Err(PictureFault::TooSmall);
        }
        decoder.set_limits(limits()).map_err(PictureFault::of)?;
        let orientation = decoder.orientation().map_err(PictureFault::of)?;
        let mut picture = DynamicImage::from_decoder(decoder).map_err(PictureFault::of)?;
        picture.apply_orientation(orientation);
        Ok(Self(on_white(picture)))
    }
}

/// What shines through becomes paper.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let pixels = picture.into_rgba8();
    let mut white = RgbImage::from_pixel(pixels.width(), pixels.height(), image::Rgb([255; 3]));
    for (to, from) in white.pixels_mut().zip(pixels.pixels()) {
        let [red, green, blue, alpha] = from.0;
        let over = |colour: u8| {
            let mixed = u32::from(colour) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(mixed / 255).unwrap_or(u8::MAX)
        };
        to.0 = [over(red), over(green), over(blue)];
    }
    white
}

fn jpeg(pixels: &RgbImage, quality: u8) -> Result<Vec<u8>, PictureFault> {
    let (mut bytes, (width, height)) = (Vec::new(), pixels.dimensions());
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
    encoder.encode(pixels.as_raw(), width, height, ExtendedColorType::Rgb8).map_err(PictureFault::of)?;
    Ok(bytes)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}

/// A telephone's photo has 12 million, a page at 600 dots an inch 35 at most; 16 bits a colour fit `MOST_MEMORY`.
const MOST_PIXELS: u64 = 32_000_000;
const LONGEST_SIDE: u32 = 20_000;
/// What a decoder may take for itself.
const MOST_MEMORY: u64 = 256 << 20;
/// Less shows nothing.
const LEAST_SIDE: u32 = 32;
/// A4 at 200 dots an inch is 2339 high; a clerk reads it at 180.
const SCAN_SIDE: u32 = 2100;
const SCAN_QUALITY: u8 = 72;
/// EF.PHOTO of a card (card profile, files).
const PHOTO_BYTES: usize = 12 * 1024;
const PHOTO_SIZES: [(u32, u32); 2] = [(300, 400), (240, 320)];
const PHOTO_QUALITIES: [u8; 7] = [90, 82, 74, 66, 58, 50, 42];

#[cfg(test)]
mod tests {
    use super::*;

    /// Left half dark, right half light, so that turning and cutting can be seen.
    fn halves(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, _| image::Rgb(if x < width / 2 { [20; 3] } else { [230; 3] }))
    }

    fn noise(width: u32, height: u32) -> RgbImage {
        let mut state = 1_u32;
        RgbImage::from_fn(width, height, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            image::Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
        })
    }

    fn file(pixels: &RgbImage, format: image::ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        pixels.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn read_back(bytes: &[u8]) -> RgbImage {
        image::load_from_memory(bytes).unwrap().into_rgb8()
    }

    /// A JPEG with EXIF that says "turn a quarter to the right" and names a place.
    fn turned() -> Vec<u8> {
        let plain = file(&halves(64, 128), image::ImageFormat::Jpeg);
        let mut tiff = b"II*\0\x08\0\0\0\x01\0".to_vec();
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
        tiff.extend(b"SECRET-PLACE");
        let mut segment = vec![0xff, 0xe1];
        segment.extend((tiff.len() as u16 + 8).to_be_bytes());
        segment.extend(b"Exif\0\0");
        segment.extend(tiff);
        [&plain[..2], &segment, &plain[2..]].concat()
    }

    #[test]
    fn each_format_is_told_by_its_bytes_and_becomes_our_own_jpeg() {
        use image::ImageFormat::{Jpeg, Png, WebP};
        for format in [Jpeg, Png, WebP] {
            let scan = Picture::read(&file(&halves(100, 60), format)).unwrap().scan().unwrap();
            assert_eq!(scan[..3], [0xff, 0xd8, 0xff], "{format:?}");
            assert_eq!(read_back(&scan).dimensions(), (100, 60), "{format:?}");
        }
    }

    #[test]
    fn exif_is_dropped_and_its_orientation_applied() {
        let sent = turned();
        assert!(sent.windows(12).any(|part| part == b"SECRET-PLACE"));
        let scan = Picture::read(&sent).unwrap().scan().unwrap();
        assert!(!scan.windows(6).any(|part| part == b"SECRET" || part == b"Exif\0\0"));
        let pixels = read_back(&scan);
        assert_eq!(pixels.dimensions(), (128, 64));
        assert!(pixels.get_pixel(64, 4).0[0] < 60 && pixels.get_pixel(64, 60).0[0] > 200, "dark is above");
    }

    #[test]
    fn what_hides_behind_or_inside_a_picture_stays_behind() {
        let mut sent = file(&halves(80, 80), image::ImageFormat::Png);
        sent.extend(b"<script>alert(1)</script>PK\x03\x04");
        let scan = Picture::read(&sent).unwrap().scan().unwrap();
        assert!(!scan.windows(7).any(|part| part == b"<script"));
    }

    #[test]
    fn what_is_no_picture_is_refused_whatever_it_is_called() {
        for sent in [
            &b"%PDF-1.7\n1 0 obj"[..],
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>",
            b"<!doctype html><script>",
            b"GIF89a\x01\0\x01\0",
            b"BM\x46\0\0\0",
            b"RIFF\0\0\0\0WAVE",
            b"PK\x03\x04",
        ] {
            assert_eq!(Picture::read(sent).err(), Some(PictureFault::NotAPicture));
        }
        assert_eq!(Picture::read(b"").err(), Some(PictureFault::Empty));
    }

    #[test]
    fn a_bomb_is_refused_by_its_head_before_anything_is_decoded() {
        // 100 megapixels in a head, and hardly a byte behind it.
        for (width, height) in [(100_000_u32, 1000_u32), (10_000, 10_000), (5700, 5700)] {
            let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
            let mut body = b"IHDR".to_vec();
            body.extend(width.to_be_bytes());
            body.extend(height.to_be_bytes());
            body.extend([8, 2, 0, 0, 0]);
            png.extend(13_u32.to_be_bytes());
            png.extend(&body);
            png.extend(crc(&body).to_be_bytes());
            png.extend([0, 0, 0, 0]);
            png.extend(b"IDAT");
            png.extend(crc(b"IDAT").to_be_bytes());
            assert_eq!(Picture::read(&png).err(), Some(PictureFault::TooManyPixels), "{width}x{height}");
        }
        // The same as a JPEG: the size in its frame header is changed.
        let mut jpeg = file(&halves(64, 64), image::ImageFormat::Jpeg);
        let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
        assert_eq!(Picture::read(&jpeg).err(), Some(PictureFault::TooManyPixels));
    }

    #[test]
    fn a_picture_torn_at_any_place_does_not_get_through_as_a_panic() {
        for format in [image::ImageFormat::Jpeg, image::ImageFormat::Png, image::ImageFormat::WebP] {
            let whole = file(&halves(48, 48), format);
            for length in 0..whole.len() {
                // A JPEG without its last lines is still a picture; the rest is a fault.
                let _ = Picture::read(&whole[..length]).map(|picture| picture.scan().unwrap());
            }
            let early = Picture::read(&whole[..whole.len() / 4]);
            assert!(early.is_err(), "{format:?}");
        }
    }

    #[test]
    fn an_animated_picture_is_refused() {
        let mut png = file(&halves(40, 40), image::ImageFormat::Png);
        let mut chunk = b"acTL".to_vec();
        chunk.extend([0, 0, 0, 2, 0, 0, 0, 0]);
        let whole = [&8_u32.to_be_bytes()[..], &chunk, &crc(&chunk).to_be_bytes()].concat();
        // Right after IHDR: 8 bytes of signature, 25 of the chunk.
        png.splice(33..33, whole);
        assert_eq!(Picture::read(&png).err(), Some(PictureFault::Animated));
    }

    #[test]
    fn a_photo_is_upright_three_to_four_and_fits_a_card_even_if_it_is_noise() {
        for pixels in [halves(3000, 2000), halves(640, 2000), noise(900, 1200)] {
            let picture = Picture::read(&file(&pixels, image::ImageFormat::Png)).unwrap();
            for crop in [Crop::FIRST, Crop::new(0, 0, 400), Crop::new(1000, 1000, 250)] {
                match picture.photo(crop) {
                    Ok(photo) => {
                        assert!(photo.len() <= PHOTO_BYTES, "{}", photo.len());
                        let (width, height) = read_back(&photo).dimensions();
                        assert_eq!(width * 4, height * 3);
                    }
                    Err(fault) => assert_eq!(fault, PictureFault::DoesNotFit, "noise only"),
                }
            }
        }
        let small = Picture::read(&file(&halves(239, 400), image::ImageFormat::Png)).unwrap();
        assert_eq!(small.photo(Crop::FIRST).err(), Some(PictureFault::TooSmall));
    }

    #[test]
    fn the_part_that_was_chosen_is_the_part_that_is_cut() {
        let picture = Picture::read(&file(&halves(1200, 800), image::ImageFormat::Png)).unwrap();
        let colour = |crop| read_back(&picture.photo(crop).unwrap()).get_pixel(150, 200).0[0];
        assert!(colour(Crop::new(0, 500, 100)) < 60, "left is dark");
        assert!(colour(Crop::new(1000, 500, 100)) > 200, "right is light");
        assert_eq!(Crop::new(5000, 5000, 0).parts(), (1000, 1000, 100));
        assert_eq!(Crop::new(500, 500, 100).within(1200, 800), (300, 0, 600, 800));
    }

    #[test]
    fn what_shines_through_becomes_white() {
        let clear = image::RgbaImage::from_pixel(40, 40, image::Rgba([0, 0, 0, 0]));
        let mut png = Cursor::new(Vec::new());
        clear.write_to(&mut png, image::ImageFormat::Png).unwrap();
        let scan = Picture::read(png.get_ref()).unwrap().scan().unwrap();
        assert!(read_back(&scan).pixels().all(|pixel| pixel.0[0] > 250));
    }

    /// PNG, annex D.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 }
            })
        })
    }
}
