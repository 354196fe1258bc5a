//! How many photographs `zhengka verify` reads, and how long one takes.

use std::process::{Command, Stdio};
use std::time::Instant;

use credential::qr_text::QrText;
use image::{GrayImage, Luma};
use qrcode::{Color, EcLevel, QrCode};
use xtask::photo::{Camera, Difficulty};

fn main() {
    println!("{:10} {:>6} {:>6} {:>10} {:>12}", "photograph", "taken", "read", "ms each", "ms worst");
    for difficulty in [Difficulty::Mild, Difficulty::Medium, Difficulty::Hard] {
        let folder = tempfile::tempdir().unwrap();
        let code = printed(&QrText::new((0..106).collect()).to_link("zk.example"));
        for seed in 0..SHOTS {
            let jpeg = Camera::new(difficulty, 1000 + seed).jpeg(&code).unwrap();
            std::fs::write(folder.path().join(format!("{seed:03}.jpg")), jpeg).unwrap();
        }
        let shots: Vec<_> = (0..SHOTS).map(|seed| folder.path().join(format!("{seed:03}.jpg"))).collect();
        let timed: Vec<(bool, u128)> = shots.iter().map(|shot| read(shot)).collect();
        let read = timed.iter().filter(|(read, _)| *read).count();
        let total: u128 = timed.iter().map(|(_, took)| took).sum();
        let worst = timed.iter().map(|(_, took)| took).max().unwrap();
        println!(
            "{:10} {SHOTS:>6} {read:>6} {:>10} {worst:>12}",
            format!("{difficulty:?}"),
            total / u128::from(SHOTS)
        );
    }
}

/// Whether it was read, and the milliseconds from start to end of the program.
fn read(shot: &std::path::Path) -> (bool, u128) {
    #[expect(clippy::disallowed_methods, reason = "a bench measures time")]
    let start = Instant::now();
    let mut zhengka = Command::new(env!("CARGO_BIN_EXE_zhengka"));
    let zhengka = zhengka.args(["verify", "--json"]).arg(shot).env_clear().env("HOME", "/nonexistent");
    let output = zhengka.stdin(Stdio::null()).output().unwrap();
    let read = String::from_utf8_lossy(&output.stdout).contains("\"refused\"");
    (read, start.elapsed().as_millis())
}

fn printed(text: &str) -> GrayImage {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
    let modules = code.width() as u32;
    GrayImage::from_fn((modules + 8) * 5, (modules + 8) * 5, |x, y| {
        let (column, row) = ((x / 5).wrapping_sub(4), (y / 5).wrapping_sub(4));
        let inside = column < modules && row < modules;
        Luma([if inside && code[(column as usize, row as usize)] == Color::Dark { 0 } else { 255 }])
    })
}

const SHOTS: u64 = 60;
