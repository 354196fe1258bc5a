//! What a decision at a gate costs beside the bare signature check, what a running gate takes in time and memory,
//! and what a day's changes cost as a bundle and as a delta.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use credential::PublicKey;
use credential::delta::Delta;
use credential::sign1::{Content, Sign1};
use credential::status_list::{Bits, Status, StatusIndex, StatusList};
use ed25519_dalek::{Signature, VerifyingKey};
use gate::entry::{Entry, PassId, Verdict};
use gate::gate::{Action, Event, Gate, Journaled, Rules};
use gate::journal::{CURRENT, Journal};
use gate::moment::{Moment, Uptime};
use gate::settings::Settings;
use tests::authority::{Authority, NOW};
use tests::running_gate::{RunningGate, Site, authority_of_today, code, pass_of_today};
use verifier::Bundle;

/// It becomes a gate when its first word is `gate`.
const PROGRAM: &str = env!("CARGO_BIN_EXE_gate-soak");

fn main() {
    let folder = std::env::temp_dir().join(format!("gate-bench-{}", std::process::id()));
    fs::create_dir(&folder).expect("a folder of our own");
    decisions(&folder);
    processes(&folder);
    bundles();
    fs::remove_dir_all(folder).expect("it is ours");
}

fn decisions(folder: &Path) {
    let authority = Authority::new();
    let codes: Vec<String> = (0..4000).map(|index| code(&authority, &pass_of_today(index))).collect();
    let bare = bare_check(&authority);
    println!("{:<44} {:>10} {:>10} {:>7}", "line to action 一次判定", "median us", "p99 us", "ratio");
    row("bare signature check 仅验签", &bare, &bare);
    row("state machine 状态机", &in_memory(&authority, &codes), &bare);
    let (mut journal, _) = Journal::open(folder, 1 << 30).expect("an empty folder");
    let durable = |journal: &mut Journal| on_disk(&authority, &codes[..1000], journal);
    row("with the journal on disk 先落盘", &durable(&mut journal), &bare);

    let (folder, authority) = (folder.join("process"), authority_of_today());
    fs::create_dir(&folder).expect("a folder of our own");
    let site = Site::new(&folder, &authority, "[rules]\nreplay_seconds = 0\n[input]\nstdin = true");
    let mut gate = site.start(PROGRAM);
    gate.next("started").expect("it starts");
    let through = (0..1000).map(|index| {
        let text = code(&authority, &pass_of_today(index));
        let start = Instant::now();
        gate.scan(&text);
        gate.next("decision").expect("a decision");
        start.elapsed()
    });
    row("through a process and two pipes 经进程", &through.collect::<Vec<_>>(), &bare);
}

fn bare_check(authority: &Authority) -> Vec<Duration> {
    let bytes = authority.issue(pass_of_today(1).encode());
    let envelope = Sign1::parse(&bytes, Content::Credential).expect("our own");
    let (message, signature) = (envelope.to_be_signed(), Signature::from_bytes(envelope.signature()));
    let PublicKey::Ed25519(key) = authority.issuer.public() else { unreachable!("an Ed25519 key") };
    let key = VerifyingKey::from_bytes(&key).expect("a point");
    let check = || black_box(key.verify_strict(black_box(&message), &signature).is_ok());
    (0..4000).map(|_| timed(check)).collect()
}

fn rules() -> Rules {
    let rules = Settings::parse("purpose = \"transit\"").expect("a purpose is enough").rules;
    Rules { replay_seconds: 0, ..rules }
}

fn in_memory(authority: &Authority, codes: &[String]) -> Vec<Duration> {
    let now = Moment::new(NOW, Uptime::from_millis(0));
    let mut gate = Gate::new(rules(), Some(authority.installed()), &[], now);
    let mut decide = |text: &str| {
        gate.on(Event::Scan(text), now);
        let opened = gate.on(Event::Journaled(Journaled::Durably), now);
        assert!(opened.contains(&Action::Open));
    };
    codes.iter().map(|text| timed(|| decide(text))).collect()
}

fn on_disk(authority: &Authority, codes: &[String], journal: &mut Journal) -> Vec<Duration> {
    let now = Moment::new(NOW, Uptime::from_millis(0));
    let mut gate = Gate::new(rules(), Some(authority.installed()), &[], now);
    let mut decide = |text: &str| {
        let actions = gate.on(Event::Scan(text), now);
        let Some(Action::Journal(entry)) = actions.last() else { unreachable!("a good pass") };
        journal.append(entry).expect("the disk has room");
        let opened = gate.on(Event::Journaled(Journaled::Durably), now);
        assert!(opened.contains(&Action::Open));
    };
    codes.iter().map(|text| timed(|| decide(text))).collect()
}

fn processes(folder: &Path) {
    println!("\n{:<26} {:>10} {:>12} {:>12}", "running gate 运行中", "start ms", "memory MB", "peak MB");
    for entries in [4096, 1_000_000, 38_000_000] {
        let authority = authority_of_today().with(|a| a.status[0].list = revoked(entries, entries / 100, 1));
        let folder = folder.join(entries.to_string());
        fs::create_dir(&folder).expect("a folder of our own");
        let site = Site::new(&folder, &authority, "[input]\nstdin = true");
        let start = Instant::now();
        let mut gate = site.start(PROGRAM);
        gate.next("started").expect("it starts");
        let started = start.elapsed().as_secs_f64() * 1e3;
        gate.scan(&code(&authority, &pass_of_today(1)));
        gate.next("decision").expect("a decision");
        let (memory, peak) = (memory_mb(&gate, "VmRSS"), memory_mb(&gate, "VmHWM"));
        println!("{:<26} {started:>10.1} {memory:>12.1} {peak:>12.1}", format!("{entries} entries, 1 %"));
    }
    full_journal(folder);
}

/// The largest journal that the settings allow, full of rides that quotas count.
fn full_journal(folder: &Path) {
    let (folder, authority) = (folder.join("full"), authority_of_today());
    fs::create_dir(&folder).expect("a folder of our own");
    let site = Site::new(&folder, &authority, "[input]\nstdin = true\n[journal]\nmax_kib = 16384");
    let mut text = String::new();
    for index in 0.. {
        let pass = PassId { kid: authority.issuer.kid(), index: StatusIndex::new(index) };
        text += &Entry { time: NOW, pass, verdict: Verdict::Counted }.to_line();
        if text.len() > 16384 * 1024 {
            break;
        }
    }
    fs::write(site.folder().join(CURRENT), text).expect("the disk has room");
    let start = Instant::now();
    let gate = site.start(PROGRAM);
    gate.next("started").expect("it starts");
    let started = start.elapsed().as_secs_f64() * 1e3;
    let (memory, peak) = (memory_mb(&gate, "VmRSS"), memory_mb(&gate, "VmHWM"));
    println!("{:<26} {started:>10.1} {memory:>12.1} {peak:>12.1}", "journal of 16 MiB");
}

/// From Linux's own account of the process.
fn memory_mb(gate: &RunningGate, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{}/status", gate.id())).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
    let kilobytes = line.split_whitespace().nth(1).and_then(|number| number.parse::<f64>().ok());
    kilobytes.unwrap_or_default() / 1024.0
}

fn bundles() {
    println!(
        "\n{:<22} {:>12} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "a day's changes 一日变更", "bundle B", "changes", "delta B", "share", "apply ms", "install ms"
    );
    for entries in [800_000, 1_000_000, 38_000_000u32] {
        for (share, revoked_entries) in
            [("0.1 %", entries / 1000), ("1 %", entries / 100), ("5 %", entries / 20)]
        {
            let authority =
                Authority::new().with(|a| a.status[0].list = revoked(entries, revoked_entries, 1));
            // 250,000 events a year for 0.8 M holders.
            let changes = (u64::from(entries) * 250_000 / 365 / 800_000) as u32;
            let tomorrow = authority.clone().with(|a| {
                a.version = 2;
                let mut places = Places(7);
                for change in 0..changes {
                    let status = if change % 4 == 0 { Status::Suspended } else { Status::Invalid };
                    a.set_status(StatusIndex::new(places.below(entries)), status);
                }
            });
            let (base, new) = (authority.bundle(), tomorrow.bundle());
            let delta = Delta::between(&base, &new).expect("both are ours");
            let (apply, rebuilt) = timed_value(|| Delta::parse(&delta).and_then(|delta| delta.apply(&base)));
            assert!(rebuilt == Ok(new.clone()));
            let mut state = authority.pinned();
            let (install, installed) = timed_value(|| Bundle::install(&new, &mut state));
            assert!(installed.is_ok());
            let ratio = delta.len() as f64 / new.len() as f64;
            let millis = |time: Duration| time.as_secs_f64() * 1e3;
            println!(
                "{:<22} {:>12} {changes:>10} {:>10} {ratio:>10.3} {:>10.1} {:>10.1}",
                format!("{entries}, {share}"),
                new.len(),
                delta.len(),
                millis(apply),
                millis(install)
            );
        }
    }
}

fn revoked(entries: u32, count: u32, seed: u64) -> StatusList {
    let (mut list, mut places) = (StatusList::new(Bits::Two, entries), Places(seed));
    for _ in 0..count {
        assert!(list.set(StatusIndex::new(places.below(entries)), Status::Invalid));
    }
    list
}

/// Scattered places, the same in every run: Knuth's linear congruential generator.
struct Places(u64);

impl Places {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(limit)) as u32
    }
}

fn timed<T>(what: impl FnOnce() -> T) -> Duration {
    timed_value(what).0
}

fn timed_value<T>(what: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let value = what();
    (start.elapsed(), value)
}

fn row(name: &str, times: &[Duration], bare: &[Duration]) {
    let at = |times: &[Duration], share: usize| {
        let mut sorted = times.to_vec();
        sorted.sort();
        sorted[(sorted.len() - 1) * share / 100].as_secs_f64() * 1e6
    };
    let (median, p99) = (at(times, 50), at(times, 99));
    println!("{name:<44} {median:>10.1} {p99:>10.1} {:>7.2}", median / at(bare, 50));
}
