//! `cargo xtask setup`: tells what is missing and why, then installs it.
//! Touches no network when nothing is missing.

use std::fs;
use std::io::{IsTerminal, stdin};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::need::{Job, NEEDS, Need, Source};
use crate::run::{command, root, run, succeeds};

/// Prints the table; an error if anything is missing.
pub fn check(job: Option<Job>) -> Result<()> {
    let missing = survey(job);
    if missing.is_empty() {
        return Ok(());
    }
    bail!("缺少 {} 项，请运行 missing; run: cargo xtask setup", missing.len());
}

/// Prints the table and installs what is missing.
pub fn install(job: Option<Job>) -> Result<()> {
    let missing = survey(job);
    if missing.is_empty() {
        return Ok(());
    }
    debian(&missing)?;
    for need in &missing {
        match need.source {
            Source::Debian(_) => {}
            Source::RustComponent(name) => run(&mut command("rustup", &["component", "add", name]))?,
            Source::RustTarget(name) => run(&mut command("rustup", &["target", "add", name]))?,
            Source::Python => python()?,
            Source::Node => node()?,
        }
    }
    for need in missing {
        if !succeeds(need.present) {
            bail!("{} 安装后仍未找到 was installed but is still not found: {}", need.name, need.present);
        }
    }
    println!("准备完毕 ready");
    Ok(())
}

fn survey(job: Option<Job>) -> Vec<&'static Need> {
    let wanted = |need: &&Need| job.is_none_or(|job| need.jobs.contains(&job));
    let mut missing = Vec::new();
    for need in NEEDS.iter().filter(wanted) {
        let there = succeeds(need.present);
        println!("{}  {:<24}{}", if there { "有 ok     " } else { "缺 missing" }, need.name, need.why);
        if !there {
            missing.push(need);
        }
    }
    missing
}

fn debian(missing: &[&Need]) -> Result<()> {
    let mut packages: Vec<&str> = Vec::new();
    for need in missing {
        if let Source::Debian(names) = need.source {
            packages.extend(names);
        }
    }
    if packages.is_empty() {
        return Ok(());
    }
    if !succeeds("command -v apt-get") {
        bail!("本机没有 apt-get，请自行安装 no apt-get here; please install: {}", packages.join(" "));
    }
    println!("安装软件包 installing: {}", packages.join(" "));
    run(as_root(&["apt-get", "update", "-qq"]).env("LC_ALL", "C.UTF-8"))?;
    // Another installation may hold the lock; what each package prints is of no use here.
    let install =
        ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300", "install"];
    let quietly = ["--yes", "-qq", "--no-install-recommends"];
    run(as_root(&install).args(quietly).args(packages).stdout(Stdio::null()))
}

/// Root needs no sudo; without a terminal, sudo must not ask for a password.
fn as_root(words: &[&str]) -> Command {
    if succeeds("test $(id -u) = 0") {
        return command(words[0], &words[1..]);
    }
    let mut sudo = Command::new("sudo");
    if !stdin().is_terminal() {
        sudo.arg("-n");
    }
    sudo.args(words);
    sudo
}

/// The copy of the list is written last: it says that the installation ended well.
fn python() -> Result<()> {
    run(&mut command("python3", &["-m", "venv", "--clear", "target/python"]))?;
    let list = "crates/xtask/setup/requirements.txt";
    let quiet = ["install", "--quiet", "--disable-pip-version-check", "--requirement", list];
    run(&mut command("target/python/bin/pip", &quiet))?;
    mark(list, "target/python/requirements.txt")
}

fn node() -> Result<()> {
    let list = "crates/xtask/setup/package.json";
    fs::create_dir_all(root().join("target/node"))?;
    mark(list, "target/node/package.json")?;
    run(&mut command(
        "npm",
        &["install", "--prefix", "target/node", "--no-audit", "--no-fund", "--loglevel=error"],
    ))?;
    mark(list, "target/node/installed.json")
}

fn mark(list: &str, installed: &str) -> Result<()> {
    fs::copy(root().join(list), root().join(installed))
        .with_context(|| format!("写入 writing {installed}"))?;
    Ok(())
}
