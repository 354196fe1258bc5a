//! What the demo's camera delivers can be read, and gets harder as it says.

use image::{GrayImage, Luma};
use qrcode::{Color, EcLevel, QrCode};
use rxing::helpers::detect_in_luma;
use xtask::photo::{Camera, Difficulty};

#[test]
fn photographs_of_a_pass_are_read_and_the_harder_ones_less_often() {
    let read = |difficulty| (0..SHOTS).filter(|seed| reads_back(difficulty, *seed)).count();
    let (mild, medium, hard) = (read(Difficulty::Mild), read(Difficulty::Medium), read(Difficulty::Hard));
    println!("read of {SHOTS}: mild {mild}, medium {medium}, hard {hard}");
    assert_eq!(mild, SHOTS as usize);
    assert!(medium >= 18);
    assert!((1..medium).contains(&hard));
}

fn reads_back(difficulty: Difficulty, seed: u64) -> bool {
    let jpeg = Camera::new(difficulty, seed).jpeg(&code()).unwrap();
    let frame = image::load_from_memory(&jpeg).unwrap().to_luma8();
    let (width, height) = frame.dimensions();
    assert_eq!((width, height), (1280, 720));
    detect_in_luma(frame.into_raw(), width, height, None).is_ok_and(|read| read.getText() == text())
}

/// As long as a pass: `DC1:` and the digits of 105 bytes.
fn text() -> String {
    format!("DC1:{}", "0123456789".repeat(26) + "01234")
}

/// Five pixels a module, quiet zone of four modules.
fn code() -> GrayImage {
    let code = QrCode::with_error_correction_level(text(), EcLevel::M).unwrap();
    let modules = code.width() as u32;
    assert_eq!(modules, 45);
    GrayImage::from_fn((modules + 8) * 5, (modules + 8) * 5, |x, y| {
        let (column, row) = ((x / 5).wrapping_sub(4), (y / 5).wrapping_sub(4));
        let inside = column < modules && row < modules;
        let dark = inside && code[(column as usize, row as usize)] == Color::Dark;
        Luma([if dark { 0 } else { 255 }])
    })
}

const SHOTS: u64 = 20;
