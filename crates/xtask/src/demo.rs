//! `cargo xtask demo`: the main job from beginning to end, with the programs that people will use.
//! Each scene shows the commands it types and compares what comes out with what must; one surprise fails the demo.

mod browser;
mod card;
mod casework;
mod console;
mod forgery;
mod gate;
mod process;
mod stage;
mod verdicts;
mod wire;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::need::Job;
use crate::run::{command, run as run_command};
use crate::setup;
use stage::Stage;

/// Where and how.
#[derive(Args)]
pub struct Demo {
    /// 演示目录（须为空或不存在）；不写则用 target/demo，每次重建。 The folder, empty or not there yet; else target/demo, made
    /// anew each time.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// 演示结束后工作台继续运行，直到 Ctrl-C。 Leaves the console running until Ctrl-C.
    #[arg(long)]
    stay: bool,
}

/// Builds the programs, plays the scenes, prints what came out.
pub fn run(demo: &Demo) -> Result<()> {
    setup::install(Some(Job::Demo))?;
    println!("── 构建程序 building the programs");
    run_command(&mut command("cargo", BUILD))?;

    let mut stage = Stage::new(demo.dir.clone())?;
    casework::applications_become_certificates(&mut stage)?;
    verdicts::photographs_are_read(&mut stage)?;
    verdicts::forgeries_are_refused(&mut stage)?;
    verdicts::status_reaches_the_verifier(&mut stage)?;
    gate::people_come_to_a_gate(&mut stage)?;
    card::cards_are_written(&mut stage)?;
    let console = console::people_in_every_stage(&mut stage)?;
    stage.close().context("演示未按预期进行 the demo did not go as it must")?;
    console.end(demo.stay)
}

const BUILD: &[&str] = &[
    "build",
    "--quiet",
    "--package",
    "issuance-server",
    "--package",
    "cli",
    "--package",
    "gate",
    "--package",
    "card-firmware-sim",
];
