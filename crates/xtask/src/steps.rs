//! `cargo xtask test`: every step that decides whether a change lands.
//! A failing step does not stop the next one; the exit code is 1 if any failed.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::need::Job;
use crate::run::{command, run as run_command, succeeds};
use crate::{firmware, fuzz, power_cuts, setup};

/// Which steps to run.
#[derive(Args)]
pub struct Choice {
    /// 只运行这些步骤。 Only these steps, in the order of the list.
    #[arg(long, value_name = "STEP", value_delimiter = ',', value_parser = names())]
    only: Vec<String>,
    /// 列出步骤后退出。 Name the steps and stop.
    #[arg(long)]
    list: bool,
}

/// Runs the chosen steps, then prints what each took and how many passed.
pub fn run(choice: &Choice) -> ExitCode {
    if choice.list {
        STEPS.iter().for_each(|step| println!("{:<14}{}", step.name, step.about));
        return ExitCode::SUCCESS;
    }
    let chosen = |step: &&Step| choice.only.is_empty() || choice.only.iter().any(|name| name == step.name);
    let rows: Vec<Row> = STEPS.iter().filter(chosen).map(Step::row).collect();
    println!();
    for Row { step, outcome, took } in &rows {
        println!("{:<16}{:<14}{:>6.1} s", outcome.word(), step.name, took.as_secs_f32());
    }
    let count = |wanted| rows.iter().filter(|row| row.outcome == wanted).count();
    let failed = count(Outcome::Failed);
    println!("{} passed, {failed} failed", count(Outcome::Passed));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Step {
    name: &'static str,
    about: &'static str,
    /// Shell command without whose success the step is shown as skipped.
    only_if: Option<&'static str>,
    action: fn() -> Result<()>,
}

struct Row {
    step: &'static Step,
    outcome: Outcome,
    took: Duration,
}

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl Step {
    #[expect(clippy::disallowed_methods, reason = "a stopwatch at a program's edge")]
    fn row(&'static self) -> Row {
        println!("\n── {} · {}", self.name, self.about);
        let start = Instant::now();
        let outcome = self.outcome();
        Row { step: self, outcome, took: start.elapsed() }
    }

    fn outcome(&self) -> Outcome {
        if self.only_if.is_some_and(|condition| !succeeds(condition)) {
            return Outcome::Skipped;
        }
        let Err(error) = (self.action)() else { return Outcome::Passed };
        println!("{error:#}");
        Outcome::Failed
    }
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Passed => "通过 passed",
            Self::Failed => "失败 FAILED",
            Self::Skipped => "跳过 skipped",
        }
    }
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(STEPS.iter().map(|step| step.name))
}

fn cargo(arguments: &[&str]) -> Result<()> {
    run_command(&mut command("cargo", arguments))
}

/// Ordered so that the cheapest answers come first and one set of artifacts serves all.
const STEPS: &[Step] = &[
    Step {
        name: "setup",
        about: "所需工具 what the other steps need",
        only_if: None,
        action: || setup::install(Some(Job::Test)),
    },
    Step {
        name: "format",
        about: "代码格式 rustfmt has nothing to change",
        only_if: None,
        action: || cargo(&["fmt", "--all", "--check"]),
    },
    Step {
        name: "clippy",
        about: "静态检查 no warning anywhere",
        only_if: None,
        action: || cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    },
    Step {
        name: "camera",
        about: "摄像头 the gate with its optional camera: no warning, and its tests",
        only_if: None,
        action: || {
            cargo(&[&["clippy"][..], CAMERA, &["--all-targets", "--", "-D", "warnings"]].concat())?;
            cargo(&[&["test"][..], CAMERA, &["--lib", "--", "input::"]].concat())
        },
    },
    Step {
        name: "architecture",
        about: "依赖方向 who may import whom",
        only_if: None,
        action: || cargo(&["test", "--workspace", "--test", "it", "--", "architecture::"]),
    },
    Step { name: "tests", about: "全部测试 every test", only_if: None, action: tests },
    Step {
        name: "browser",
        about: "真实浏览器 the console by keyboard in Chromium, accessible on every page",
        only_if: None,
        action: || cargo(&["test", "--workspace", "--test", "web", "--", "--ignored", "--show-output"]),
    },
    Step {
        name: "examples",
        about: "文档中的示例 the examples in the documentation run",
        only_if: None,
        action: || cargo(&["test", "--workspace", "--doc"]),
    },
    Step {
        name: "firmware",
        about: "无标准库 builds for a chip without an operating system",
        only_if: None,
        action: || {
            cargo(&[&["build", "--target", "thumbv7em-none-eabi"][..], ON_CHIP].concat())?;
            firmware::link()
        },
    },
    Step {
        name: "wasm",
        about: "浏览器 builds for the browser",
        only_if: None,
        action: || cargo(&["build", "--target", "wasm32-unknown-unknown", "--package", "verifier"]),
    },
    Step {
        name: "documentation",
        about: "文档 every public item, every link",
        only_if: None,
        action: || {
            run_command(
                command("cargo", &["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
            )
        },
    },
    Step {
        name: "licences",
        about: "许可证与来源 licences and sources of dependencies",
        only_if: Some("cargo deny --version"),
        // Advisories are fetched from the net: `cargo deny --config .deny.toml check advisories`.
        action: || cargo(&["deny", "--config", ".deny.toml", "check", "licenses", "bans", "sources"]),
    },
    Step {
        name: "fuzz",
        about: "短时模糊测试 each parser meets hostile bytes for some seconds",
        only_if: Some("test -f tests/fuzz/Cargo.toml"),
        action: fuzz::run,
    },
];

/// Of the whole workspace: for one package alone cargo chooses other features, and builds most dependencies anew.
const CAMERA: &[&str] = &["--workspace", "--features", "gate/camera"];

/// The crates that promise to run without a standard library.
const ON_CHIP: &[&str] = &[
    "--package",
    "credential",
    "--package",
    "verifier",
    "--package",
    "card-protocol",
    "--package",
    "card-applet",
];

/// nextest shows more and runs test binaries side by side; cargo's own runner is always there.
fn tests() -> Result<()> {
    power_cuts::forget()?;
    if succeeds("cargo nextest --version") {
        cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])?;
    } else {
        cargo(&["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])?;
    }
    power_cuts::tell()
}
