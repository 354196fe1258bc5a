//! A photograph of a QR picture, as a phone or a gate's camera would take it.
//! A pinhole camera looks at the printed code lying tilted on a table, under uneven light,
//! out of focus, with sensor noise; the frame is 1280 x 720 and compressed as JPEG.
//! The same seed takes the same photograph; nothing here reads a clock or a file.

use std::f32::consts::PI;

use clap::ValueEnum;
use image::codecs::jpeg::JpegEncoder;
use image::{GrayImage, ImageResult, Luma, imageops};

/// How hard the photograph is to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Difficulty {
    /// Held square, in focus, in good light.
    Mild,
    /// Held by hand: tilted, a little blurred, uneven light.
    Medium,
    /// In a hurry at dusk.
    Hard,
}

/// Where the camera stands and what it adds of its own.
#[derive(Clone, Debug)]
pub struct Camera {
    /// Rotation in the plane of the table, radians.
    pub roll: f32,
    /// Tilt away from the viewer, radians.
    pub pitch: f32,
    /// Tilt to the side, radians.
    pub yaw: f32,
    /// Side of the code as a share of the frame's height.
    pub share: f32,
    /// Standard deviation of the blur, pixels.
    pub blur: f32,
    /// Standard deviation of the noise, grey levels of 255.
    pub noise: f32,
    /// Share of the light that is lost from the bright corner to the dark one, 0 to 1.
    pub shade: f32,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
    /// Decides the table's texture, the light's direction and every grain of noise.
    pub seed: u64,
}

impl Camera {
    /// A camera drawn at random within what the difficulty allows.
    pub fn new(difficulty: Difficulty, seed: u64) -> Self {
        let (tilt, share, blur, noise, shade, quality) = match difficulty {
            Difficulty::Mild => (0.10, 0.6, 0.6, 2.0, 0.15, 90),
            Difficulty::Medium => (0.35, 0.5, 1.2, 7.0, 0.40, 75),
            Difficulty::Hard => (0.65, 0.4, 1.7, 14.0, 0.65, 50),
        };
        let mut random = Random(seed);
        let mut within = |limit: f32| (random.unit() * 2.0 - 1.0) * limit;
        Self {
            roll: within(PI),
            pitch: within(tilt),
            yaw: within(tilt),
            share: share + within(0.05),
            blur,
            noise,
            shade,
            quality,
            seed,
        }
    }

    /// The photograph as JPEG bytes.
    pub fn jpeg(&self, code: &GrayImage) -> ImageResult<Vec<u8>> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, self.quality).encode_image(&self.frame(code))?;
        Ok(bytes)
    }

    /// The photograph before compression.
    pub fn frame(&self, code: &GrayImage) -> GrayImage {
        let mut random = Random(self.seed ^ 0x9E37_79B9);
        let light = random.unit() * 2.0 * PI;
        let grain: Vec<f32> = (0..GRAIN * GRAIN).map(|_| random.unit()).collect();
        let table = Table::seen_by(self);

        let sharp = GrayImage::from_fn(WIDTH, HEIGHT, |x, y| {
            let (across, down) = centred(x as f32, y as f32);
            let (u, v) = table.hit(across, down);
            let grey = printed(code, u, v).unwrap_or_else(|| wood(&grain, u, v));
            let towards_light = (across * light.cos() + down * light.sin()) / (2.0 * REACH) + 0.5;
            Luma([(grey * (1.0 - self.shade * towards_light.clamp(0.0, 1.0))) as u8])
        });
        let mut frame = imageops::blur(&sharp, self.blur);
        for Luma([grey]) in frame.pixels_mut() {
            *grey = (f32::from(*grey) + random.normal() * self.noise).clamp(0.0, 255.0) as u8;
        }
        frame
    }
}

/// The plane of the code, in units of its own side, with the camera at the origin looking along z.
struct Table {
    /// Unit vectors along the code's width and height.
    along: [[f32; 3]; 2],
    normal: [f32; 3],
    distance: f32,
}

impl Table {
    fn seen_by(camera: &Camera) -> Self {
        let turn = |v: [f32; 3]| turn_y(turn_x(turn_z(v, camera.roll), camera.pitch), camera.yaw);
        Self {
            along: [turn([1.0, 0.0, 0.0]), turn([0.0, 1.0, 0.0])],
            normal: turn([0.0, 0.0, 1.0]),
            distance: FOCAL / (camera.share * HEIGHT as f32),
        }
    }

    /// Where the ray through a point of the frame meets the table: the code lies within -0.5 to 0.5.
    fn hit(&self, across: f32, down: f32) -> (f32, f32) {
        let ray = [across / FOCAL, down / FOCAL, 1.0];
        let reach = self.distance * self.normal[2] / dot(ray, self.normal);
        let from_centre = [ray[0] * reach, ray[1] * reach, ray[2] * reach - self.distance];
        (dot(from_centre, self.along[0]), dot(from_centre, self.along[1]))
    }
}

/// The code's grey value there, interpolated; none beside the paper.
fn printed(code: &GrayImage, u: f32, v: f32) -> Option<f32> {
    let (x, y) = ((u + 0.5) * code.width() as f32 - 0.5, (v + 0.5) * code.height() as f32 - 0.5);
    if x < 0.0 || y < 0.0 {
        return None;
    }
    let at =
        |dx, dy| code.get_pixel_checked(x as u32 + dx, y as u32 + dy).map(|Luma([grey])| f32::from(*grey));
    let (right, low) = (x.fract(), y.fract());
    let above = at(0, 0)? * (1.0 - right) + at(1, 0)? * right;
    let below = at(0, 1)? * (1.0 - right) + at(1, 1)? * right;
    // Ink is not black and paper is not white.
    Some(30.0 + (above * (1.0 - low) + below * low) * 0.8)
}

/// A grained table top, so that the reader has to find the code.
fn wood(grain: &[f32], u: f32, v: f32) -> f32 {
    let cell = |at: f32, stretch: f32| (at * stretch).rem_euclid(GRAIN as f32) as usize % GRAIN;
    let fine = grain[cell(v, 160.0) * GRAIN + cell(u, 25.0)];
    let coarse = grain[cell(v, 20.0) * GRAIN + cell(u, 4.0)];
    95.0 + 50.0 * fine + 40.0 * coarse
}

fn centred(x: f32, y: f32) -> (f32, f32) {
    (x - WIDTH as f32 / 2.0, y - HEIGHT as f32 / 2.0)
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn turn_x([x, y, z]: [f32; 3], angle: f32) -> [f32; 3] {
    let (sin, cos) = angle.sin_cos();
    [x, y * cos - z * sin, y * sin + z * cos]
}

fn turn_y([x, y, z]: [f32; 3], angle: f32) -> [f32; 3] {
    let (sin, cos) = angle.sin_cos();
    [x * cos + z * sin, y, z * cos - x * sin]
}

fn turn_z([x, y, z]: [f32; 3], angle: f32) -> [f32; 3] {
    let (sin, cos) = angle.sin_cos();
    [x * cos - y * sin, x * sin + y * cos, z]
}

/// SplitMix64: small, seeded, good enough for grain.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to 1.
    fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 24) as f32
    }

    /// About normal, variance 1: the sum of four uniform ones.
    fn normal(&mut self) -> f32 {
        ((0..4).map(|_| self.unit()).sum::<f32>() - 2.0) * 3.0_f32.sqrt()
    }
}

/// A 720p frame, the least that phones and gate cameras deliver.
const WIDTH: u32 = 1280;
const HEIGHT: u32 = 720;
/// Half of the frame's diagonal.
const REACH: f32 = 734.0;
/// Focal length in pixels: a field of view of about 60 degrees across the frame.
const FOCAL: f32 = 1100.0;
/// Side of the table's texture.
const GRAIN: usize = 97;

#[cfg(test)]
mod tests {
    use super::*;

    /// Four modules a side; the picture itself is not a QR code.
    fn checks() -> GrayImage {
        GrayImage::from_fn(200, 200, |x, y| Luma([if (x / 50 + y / 50) % 2 == 0 { 255 } else { 0 }]))
    }

    fn square() -> Camera {
        Camera { roll: 0.0, pitch: 0.0, yaw: 0.0, noise: 0.0, shade: 0.0, ..Camera::new(Difficulty::Mild, 7) }
    }

    #[test]
    fn the_same_seed_takes_the_same_photograph() {
        let take = |seed| Camera::new(Difficulty::Hard, seed).jpeg(&checks()).unwrap();
        assert_eq!(take(3), take(3));
        assert_ne!(take(3), take(4));
    }

    #[test]
    fn held_square_the_code_fills_its_share_of_the_frame() {
        let camera = square();
        let table = Table::seen_by(&camera);
        let (u, v) = table.hit(camera.share * HEIGHT as f32 / 2.0, 0.0);
        assert!((u - 0.5).abs() < 1e-3 && v.abs() < 1e-3, "{u} {v}");
    }

    #[test]
    fn a_tilted_code_is_larger_where_it_is_nearer() {
        let table = Table::seen_by(&Camera { pitch: 0.5, ..square() });
        let (above, below) = (table.hit(0.0, -100.0).1.abs(), table.hit(0.0, 100.0).1.abs());
        assert!(above > below * 1.1 || below > above * 1.1, "{above} {below}");
    }

    #[test]
    fn shade_darkens_one_corner_and_noise_grains_the_paper() {
        let white = GrayImage::from_pixel(200, 200, Luma([255]));
        let paper = |camera: Camera| {
            let frame = camera.frame(&white);
            let middle: Vec<u8> = (560..720).map(|x| frame.get_pixel(x, 360).0[0]).collect();
            (*middle.iter().min().unwrap(), *middle.iter().max().unwrap())
        };
        let (dark, bright) = paper(square());
        assert!(bright - dark <= 1);
        let (dark, bright) = paper(Camera { shade: 0.8, ..square() });
        assert!(bright - dark > 3);
        let (dark, bright) = paper(Camera { noise: 10.0, ..square() });
        assert!(bright - dark > 30);
    }
}
