//! `cargo xtask`: what a stranger types after cloning.
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::{bench, demo, need::Job, photograph, setup, soak, steps};

/// 准备、检查与测量本项目。 Prepare, check and measure this project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// 从申请到核验，演示全部主要工作。 Show the main job from applications to verdicts.
    Demo(demo::Demo),
    /// 安装所缺的工具。 Install what is missing, and say why.
    Setup {
        /// 只检查，不安装。 Only tell; exit code 1 if anything is missing.
        #[arg(long)]
        check: bool,
        /// 只准备这一项工作。 Only what this job needs; without it, everything.
        #[arg(long = "for", value_name = "JOB")]
        job: Option<Job>,
    },
    /// 运行持续集成的全部步骤。 Run every step that continuous integration runs.
    Test(steps::Choice),
    /// 运行测量程序，打印比率表。 Run the benchmarks; each prints its table of ratios.
    Bench {
        /// 只运行这些。 Only these; without a name, all.
        names: Vec<String>,
    },
    /// 长时间运行闸机，每次判定与独立的预言比对。 Drive a gate for a while, hold each decision against an oracle.
    Soak(soak::Soak),
    /// 把二维码图片做成一张“照片”。 Turn a QR picture into a photograph of one.
    Photo(photograph::Shot),
}

fn main() -> ExitCode {
    match perform(Arguments::parse().verb) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(verb: Verb) -> Result<ExitCode> {
    match verb {
        Verb::Demo(demo) => demo::run(&demo)?,
        Verb::Setup { check: true, job } => setup::check(job)?,
        Verb::Setup { check: false, job } => setup::install(job)?,
        Verb::Test(choice) => return Ok(steps::run(&choice)),
        Verb::Bench { names } => bench::run(&names)?,
        Verb::Soak(soak) => soak::run(&soak)?,
        Verb::Photo(shot) => photograph::take(&shot)?,
    }
    Ok(ExitCode::SUCCESS)
}

const EXAMPLES: &str = "\
示例 Examples:
  cargo xtask demo                     约一分钟的演示 the demo, about a minute
  cargo xtask demo --stay              演示后工作台继续运行 and the console stays, with a login for each role
  cargo xtask setup                    安装全部所需 install everything
  cargo xtask setup --check            只看缺什么 only tell what is missing
  cargo xtask test                     与持续集成完全相同 exactly what CI runs
  cargo xtask test --list              列出步骤 name the steps
  cargo xtask test --only clippy       只跑一步 one step
  cargo xtask soak --minutes 5         闸机长跑 a gate for five minutes
  cargo xtask bench                    所有比率表 all tables of ratios
  cargo xtask bench load               一省规模下的 serve：首次先建登记库 serve on the register of a province, made first
  cargo xtask photo code.png out.jpg   二维码“照片” a photograph of a QR picture";
