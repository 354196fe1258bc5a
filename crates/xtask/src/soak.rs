//! `cargo xtask soak`: a gate under a realistic mix while bundles change, each decision held against an oracle.

use anyhow::Result;
use clap::Args;

use crate::run::{command, run as run_command};

/// How long and how hard.
#[derive(Args)]
pub struct Soak {
    /// 持续分钟数。 For so many minutes.
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// 每秒出示次数。 Presentations a second.
    #[arg(long, default_value_t = 20.0)]
    rate: f64,
    /// 随机种子，重现一次运行。 Seed of the dice, to repeat a run.
    #[arg(long)]
    seed: Option<u32>,
}

/// Prints what was shown, how fast it was decided, and every disagreement; an error if there is one.
pub fn run(soak: &Soak) -> Result<()> {
    let mut cargo = command("cargo", &["run", "--quiet", "--package", "tests", "--bin", "gate-soak", "--"]);
    cargo.args(["--minutes", &soak.minutes.to_string(), "--rate", &soak.rate.to_string()]);
    if let Some(seed) = soak.seed {
        cargo.args(["--seed", &seed.to_string()]);
    }
    run_command(&mut cargo)
}
