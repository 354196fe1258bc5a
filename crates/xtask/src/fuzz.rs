//! A short run of every fuzz target in tests/fuzz: libFuzzer on the stable toolchain.
//! What a target finds stays in tests/fuzz/artifacts/TARGET and belongs among the vectors.

use std::fs;

use anyhow::{Context, Result, bail};
use cargo_metadata::MetadataCommand;

use crate::run::{command, root, run as run_command};

/// Builds and runs all targets; every one is run even when an earlier one fails.
pub(crate) fn run() -> Result<()> {
    let host = host()?;
    let metadata = MetadataCommand::new().manifest_path(root().join(MANIFEST)).no_deps().exec()?;
    let targets: Vec<String> = metadata
        .packages
        .into_iter()
        .flat_map(|package| package.targets)
        .filter(|target| target.is_bin())
        .map(|target| target.name)
        .collect();
    // Naming the target keeps the instrumentation out of build scripts.
    let build =
        ["build", "--bins", "--manifest-path", MANIFEST, "--target", &host, "--target-dir", "target/fuzz"];
    let profile = ["--config", "profile.dev.opt-level=2", "--config", "profile.dev.debug=1"];
    run_command(command("cargo", &build).args(profile).env("RUSTFLAGS", INSTRUMENTED))?;

    let seconds = (BUDGET_SECONDS / targets.len().max(1)).clamp(1, MOST_SECONDS);
    let failed: Vec<&String> = targets
        .iter()
        .filter(|name| one(name, &host, seconds).inspect_err(|e| println!("{e:#}")).is_err())
        .collect();
    if !failed.is_empty() {
        bail!("发现问题 found something: {failed:?}, see tests/fuzz/artifacts");
    }
    println!("{} targets, {seconds} s each", targets.len());
    Ok(())
}

fn one(name: &str, host: &str, seconds: usize) -> Result<()> {
    println!("fuzz {name}");
    let folder = |kind: &str| format!("tests/fuzz/{kind}/{name}/");
    fs::create_dir_all(root().join(folder("corpus")))?;
    fs::create_dir_all(root().join(folder("artifacts")))?;
    let mut fuzzer = command(&format!("target/fuzz/{host}/debug/{name}"), &["-verbosity=0", "-timeout=10"]);
    fuzzer.arg(format!("-max_total_time={seconds}"));
    fuzzer.arg(format!("-artifact_prefix={}", folder("artifacts")));
    fuzzer.arg(folder("corpus"));
    if root().join(folder("seeds")).is_dir() {
        fuzzer.arg(folder("seeds"));
    }
    run_command(&mut fuzzer)
}

fn host() -> Result<String> {
    let output = command("rustc", &["-vV"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}

const MANIFEST: &str = "tests/fuzz/Cargo.toml";

/// However many targets there are, the step ends within about two minutes.
const BUDGET_SECONDS: usize = 120;
const MOST_SECONDS: usize = 10;

/// What libFuzzer wants from the compiler; `-Zsanitizer` would need a nightly one.
const INSTRUMENTED: &str = "--cfg fuzzing -Cdebug-assertions -Coverflow-checks -Ccodegen-units=1 \
    -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";
