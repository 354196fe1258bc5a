//! `gate-soak [--minutes N] [--rate R] [--seed S]`: drives a gate and prints what the oracle says.
//! `gate-soak gate ...` is that gate, so that the soak needs no other program.

use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use tests::gate_soak::{Plan, Tally, run};
use tests::running_gate::wall_clock;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.first().is_some_and(|word| word == "gate") {
        return gate::command::main(arguments);
    }
    let number = |name: &str, otherwise: f64| {
        let value = arguments.iter().skip_while(|word| *word != name).nth(1);
        value.map_or(Some(otherwise), |value| value.parse().ok())
    };
    let (Some(minutes), Some(rate), Some(seed)) = (
        number("--minutes", 5.0),
        number("--rate", 20.0),
        number("--seed", wall_clock().as_seconds() as f64),
    ) else {
        eprintln!("gate-soak [--minutes N] [--rate R] [--seed S]");
        return ExitCode::from(2);
    };
    let folder = env::temp_dir().join(format!("gate-soak-{}", std::process::id()));
    let Ok(program) = fs::create_dir(&folder).and_then(|()| env::current_exe()) else {
        eprintln!("{}: cannot be made", folder.display());
        return ExitCode::FAILURE;
    };
    let lasts = Duration::from_secs_f64(minutes * 60.0);
    println!("{minutes} min, {rate}/s, seed {seed}");
    let tally = run(&Plan { program, folder: folder.clone(), lasts, rate, seed: seed as u64 });
    let _ = fs::remove_dir_all(folder);
    print(tally)
}

fn print(mut tally: Tally) -> ExitCode {
    let mut shown: Vec<_> = tally.shown.iter().collect();
    shown.sort();
    shown.iter().for_each(|(what, count)| println!("{count:>8}  {what}"));
    println!("{:>8}  bundles came into force, {} bad ones refused", tally.bundles, tally.refused_updates);
    tally.latencies.sort();
    let at =
        |share: usize| tally.latencies.get(tally.latencies.len() * share / 1000).copied().unwrap_or_default();
    println!("          line to decision: median {:?}, p99 {:?}", at(500), at(990));
    tally.disagreements.iter().for_each(|line| println!("DISAGREES {line}"));
    println!("{:>8}  disagreements of {} decisions", tally.disagreements.len(), tally.latencies.len());
    if tally.disagreements.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
