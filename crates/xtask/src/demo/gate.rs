//! The scene at a gate: two passes, a copied one, a companion, a thaw, and an old bundle on a USB stick.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::mpsc::Receiver;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::demo::process::PATIENCE;
use crate::demo::stage::{Outcome, Stage, refused};
use crate::demo::verdicts::texts;

/// Runs the gate daemon on its standard input; it starts anew, with its memory, for each group of people.
pub(crate) fn people_come_to_a_gate(stage: &mut Stage) -> Result<()> {
    stage.scene("九 · 闸机：七天不联网", "9 · A gate that never phones home");
    fs::write(stage.path("gate.toml"), SETTINGS)?;
    let [accompanied, alone, frozen] = chosen(stage)?;

    stage.show("zhengka-gate", &["init", "--config", "gate.toml", "--roots", "issuer/root.dcr"], 0)?;
    stage.issuer(
        &["--as", "clerk", "status", "suspend", &frozen.to_string(), "--reason", "data_conflict"],
        0,
    )?;
    export(stage, "morning.dcb")?;

    let (first, second, third) = (pass(stage, accompanied)?, pass(stage, alone)?, pass(stage, frozen)?);
    let shown = [&first, &first, &first, &second, &second, &third].map(String::as_str);
    let [holder, companion, copy, other, copied, waits] = decisions(stage, &shown)?;
    stage.enter("闸机：持证人 the holder", Outcome::Accepted, holder);
    stage.enter("闸机：紧随的陪护 the companion directly after", Outcome::Accepted, companion);
    stage.enter("闸机：第三次出示 the same pass a third time", refused(63, "Replayed"), copy);
    stage.enter("闸机：另一人 somebody else", Outcome::Accepted, other);
    stage.enter("闸机：复制的证码 a copied code", refused(63, "Replayed"), copied);
    stage.enter("闸机：冻结的证 a suspended pass", refused(41, "Suspended"), waits);

    stage.issuer(&["--as", "clerk", "status", "lift", &frozen.to_string(), "--reason", "cleared"], 0)?;
    export(stage, "noon.dcb")?;
    let [thawed] = decisions(stage, &[&third])?;
    stage.enter("闸机：解冻之后 after the thaw", Outcome::Accepted, thawed);
    stage.say("有人插上早上的核验包。 Somebody plugs in the morning's bundle.");
    let lines = stage.show("zhengka-gate", &["update", "--config", "gate.toml", "morning.dcb"], 1)?;
    let named = lines.iter().any(|line| line.contains("73"));
    let found = if named { refused(73, "BundleRolledBack") } else { Outcome::Unreadable };
    stage.enter("闸机：早上的核验包 the morning's bundle", refused(73, "BundleRolledBack"), found);
    Ok(())
}

fn export(stage: &Stage, bundle: &str) -> Result<()> {
    stage.issuer(&["bundle", "export", bundle], 0)?;
    update(stage, "gate.toml", bundle)
}

/// Takes a bundle to a gate.
pub(crate) fn update(stage: &Stage, settings: &str, bundle: &str) -> Result<()> {
    stage.show("zhengka-gate", &["update", "--config", settings, bundle], 0)?;
    Ok(())
}

/// Shows codes to the gate, one a line, and reads its decisions.
fn decisions<const N: usize>(stage: &Stage, codes: &[&str]) -> Result<[Outcome; N]> {
    println!("   $ zhengka-gate run --config gate.toml   # {} 次出示 presentations", codes.len());
    let mut gate = Command::new(stage.program_path("zhengka-gate"))
        .args(["run", "--config", "gate.toml"])
        .current_dir(stage.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut scanner = gate.stdin.take().context("a scanner")?;
    codes.iter().try_for_each(|code| writeln!(scanner, "{code}"))?;
    drop(scanner);
    let output = gate.wait_with_output()?;
    let lines = String::from_utf8_lossy(&output.stdout);
    let events = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let outcomes: Vec<Outcome> =
        events.filter(|event| event["event"] == "decision").map(|event| outcome(&event)).collect();
    outcomes.try_into().map_err(|found: Vec<_>| anyhow::anyhow!("{} decisions of {N}: {lines}", found.len()))
}

/// The next decision of a gate that goes on.
pub(crate) fn decision(said: &Receiver<String>) -> Result<Outcome> {
    loop {
        let line = said.recv_timeout(PATIENCE).context("the gate decides nothing")?;
        match serde_json::from_str::<Value>(&line) {
            Ok(event) if event["event"] == "decision" => return Ok(outcome(&event)),
            _ => {}
        }
    }
}

fn outcome(event: &Value) -> Outcome {
    match event["verdict"].as_str() {
        Some("admitted") => Outcome::Accepted,
        _ => {
            refused(event["refusal"].as_u64().unwrap_or_default(), event["name"].as_str().unwrap_or_default())
        }
    }
}

/// Holders whose passes let them ride: one with a companion, one without, one more.
fn chosen(stage: &Stage) -> Result<[u32; 3]> {
    let pictures: Vec<String> = LOOKED_AT.map(|number| format!("pictures/{number:06}-pass.png")).collect();
    let inputs: Vec<&str> = pictures.iter().map(String::as_str).collect();
    let (mut accompanied, mut alone) = (None, Vec::new());
    let options = ["--bundle", "today.dcb", "--purpose", "transit", "--place", "2201"];
    for (number, line) in LOOKED_AT.zip(stage.verify(&inputs, &options)?) {
        let grants = line["grants"].as_array().map(Vec::as_slice).unwrap_or_default();
        let with_companion = grants.iter().any(|grant| grant == "companion.one");
        match Outcome::of(&line) {
            Outcome::Accepted if with_companion => accompanied = accompanied.or(Some(number)),
            Outcome::Accepted => alone.push(number),
            _ => {}
        }
    }
    let [first, second, ..] = alone[..] else { anyhow::bail!("two passes that ride alone") };
    Ok([accompanied.context("a pass with a companion")?, first, second])
}

fn pass(stage: &Stage, number: u32) -> Result<String> {
    let [_, pass] = texts(stage, number)?;
    Ok(pass)
}

/// The first scenes used up numbers 1 and 2.
const LOOKED_AT: std::ops::Range<u32> = 3..60;
const SETTINGS: &str = "\
folder = \"gate\"
purpose = \"transit\"
place = \"2201\"
demo = true

[input]
stdin = true
";
