//! `cargo xtask bench`: runs the workspace's bench targets, each of which prints its own table of ratios, measures the
//! card's firmware, and weighs the console's pages in a real browser.

use anyhow::{Result, bail};
use cargo_metadata::{MetadataCommand, TargetKind};

use crate::firmware;
use crate::need::Job;
use crate::run::{command, root, run as run_command};
use crate::setup;

/// Runs the named benches, or all that end within minutes.
pub fn run(names: &[String]) -> Result<()> {
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec()?;
    let mut known = vec![FIRMWARE.to_owned(), PAGES.to_owned()];
    for target in metadata.packages.into_iter().flat_map(|package| package.targets) {
        if target.kind.contains(&TargetKind::Bench) {
            known.push(target.name);
        }
    }
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        bail!("没有名为 {unknown} 的测量 no such bench; known: {}", known.join(" "));
    }
    let is_asked = |name: &String| if names.is_empty() { name != LONG } else { names.contains(name) };
    for name in known.iter().filter(|name| is_asked(name)) {
        println!("── {name}");
        match name.as_str() {
            FIRMWARE => firmware::bench()?,
            PAGES => pages()?,
            name => {
                run_command(&mut command("cargo", &["bench", "--quiet", "--workspace", "--bench", name]))?
            }
        }
    }
    if names.is_empty() {
        println!(
            "── {LONG}: cargo xtask bench {LONG} · 先建立一省的登记库，约需 2 GB、半小时以上 first makes the register of a province: 2 GB, half an hour or more"
        );
    }
    Ok(())
}

/// What a page weighs and when it is first painted, nothing cached: the browser's own story of every page tells it.
fn pages() -> Result<()> {
    setup::install(Some(Job::Test))?;
    let story =
        ["test", "--quiet", "--release", "--workspace", "--test", "web", "--", "--ignored", "--nocapture"];
    run_command(&mut command("cargo", &[&story[..], &["every_page_is_accessible"]].concat()))
}

/// The one that is run by name only.
const LONG: &str = "load";
/// The one that is a size and needs no run.
const FIRMWARE: &str = "firmware";
/// The one that needs a browser.
const PAGES: &str = "pages";
