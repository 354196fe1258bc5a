//! `cargo xtask photo`: the command around [`crate::photo`].

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::photo::{Camera, Difficulty};

/// One photograph.
#[derive(Args)]
pub struct Shot {
    /// 二维码图片。 The QR picture, PNG or JPEG.
    code: PathBuf,
    /// 写到这里（JPEG）。 Where the photograph goes, as JPEG.
    photograph: PathBuf,
    /// 难度。 How hard it is to read.
    #[arg(long, value_enum, default_value_t = Difficulty::Medium)]
    difficulty: Difficulty,
    /// 随机种子，同种子同照片。 The same seed takes the same photograph.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Reads the code, writes the photograph.
pub fn take(shot: &Shot) -> Result<()> {
    let code = image::open(&shot.code).with_context(|| format!("读取 reading {}", shot.code.display()))?;
    let camera = Camera::new(shot.difficulty, shot.seed);
    std::fs::write(&shot.photograph, camera.jpeg(&code.to_luma8())?)
        .with_context(|| format!("写入 writing {}", shot.photograph.display()))
}
