//! The brightness of a camera's frame, a byte a pixel: all that reading a code takes.
//! Layouts as V4L2 names them: YUYV (4:2:2, packed) and MJPG (a JPEG picture a frame).

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};

/// How a frame holds its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Brightness in every even byte.
    Yuyv,
    /// A JPEG picture.
    Jpeg,
}

/// None for a frame that is shorter than its size says, or that is no picture of that size.
pub(super) fn luma(frame: &[u8], width: u32, height: u32, layout: Layout) -> Option<Vec<u8>> {
    let pixels = usize::try_from(width).ok()?.checked_mul(usize::try_from(height).ok()?)?;
    match layout {
        Layout::Yuyv => {
            let packed = frame.get(..pixels.checked_mul(2)?)?;
            Some(packed.iter().step_by(2).copied().collect())
        }
        Layout::Jpeg => {
            let mut reader = ImageReader::with_format(Cursor::new(frame), ImageFormat::Jpeg);
            let mut limits = Limits::default();
            (limits.max_image_width, limits.max_image_height) = (Some(width), Some(height));
            reader.limits(limits);
            let picture = reader.decode().ok()?.to_luma8();
            (picture.dimensions() == (width, height)).then(|| picture.into_raw())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuyv_gives_every_even_byte_and_a_short_frame_gives_nothing() {
        let frame = [10, 128, 20, 128, 30, 90, 40, 200];
        assert_eq!(luma(&frame, 2, 2, Layout::Yuyv), Some(vec![10, 20, 30, 40]));
        assert_eq!(luma(&frame[..7], 2, 2, Layout::Yuyv), None);
        let padded = [&frame[..], &[0; 8]].concat();
        assert_eq!(luma(&padded, 2, 2, Layout::Yuyv).unwrap().len(), 4, "drivers pad their buffers");
        assert_eq!(luma(&frame, u32::MAX, u32::MAX, Layout::Yuyv), None);
    }

    #[test]
    fn a_jpeg_frame_gives_its_brightness_if_it_is_of_the_size_that_was_asked_for() {
        let grey = image::GrayImage::from_fn(16, 8, |x, _| image::Luma([if x < 8 { 20 } else { 230 }]));
        let mut jpeg = Cursor::new(vec![]);
        grey.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        let jpeg = jpeg.into_inner();
        let brightness = luma(&jpeg, 16, 8, Layout::Jpeg).unwrap();
        let near = brightness.iter().zip(grey.as_raw()).all(|(a, b)| a.abs_diff(*b) < 12);
        assert!(near, "{brightness:?}");
        assert_eq!(luma(&jpeg, 8, 16, Layout::Jpeg), None);
        assert_eq!(luma(&jpeg[..jpeg.len() / 3], 16, 8, Layout::Jpeg), None);
        assert_eq!(luma(b"no picture", 16, 8, Layout::Jpeg), None);
    }
}
