//! The gate as a process: killed, stopped, fed by file, wire and camera, on a disk that fills up.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use credential::delta::Delta;
use credential::status_list::Status;
use gate::entry::{Entry, Verdict};
use gate::journal;
use image::{GrayImage, Luma};
use qrcode::{Color, EcLevel, QrCode};
use serde_json::Value;
use tempfile::{TempDir, tempdir};
use tests::authority::{Authority, INDEX};
use tests::file_server::FileServer;
use tests::gate_soak::{Plan, run};
use tests::running_gate::{RunningGate, Site, authority_of_today, code, pass_of_today};

/// It becomes a gate when its first word is `gate`.
const PROGRAM: &str = env!("CARGO_BIN_EXE_gate-soak");

fn site(settings: &str) -> (TempDir, Authority, Site) {
    let (folder, authority) = (tempdir().unwrap(), authority_of_today());
    let site = Site::new(folder.path(), &authority, settings);
    (folder, authority, site)
}

fn journal_of(site: &Site) -> Vec<Entry> {
    journal::read(&site.folder().join(journal::CURRENT)).unwrap()
}

fn is_admitted(line: &Value) -> bool {
    line["verdict"] == "admitted"
}

fn signal(gate: &RunningGate, name: &str) {
    assert!(Command::new("kill").args([name, &gate.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_hundred_kills_lose_no_line_that_was_acted_on() {
    let barrier = tempdir().unwrap();
    let commands = barrier.path().join("commands");
    let settings = format!(
        "[rules]\nreplay_seconds = 0\n[input]\nstdin = true\n[barrier]\nto = \"{}\"",
        commands.display()
    );
    let (_folder, authority, site) = site(&settings);
    let codes: Vec<String> = (0..200).map(|index| code(&authority, &pass_of_today(index))).collect();
    let queue = codes.join("\n") + "\n";
    let (mut acted_on, mut rounds_that_acted) = (HashMap::<u64, usize>::new(), 0);
    for round in 0..100u64 {
        let mut gate = site.start(PROGRAM);
        gate.next("started").unwrap();
        gate.send(queue.as_bytes());
        thread::sleep(Duration::from_micros(round * 397 % 20_000));
        let said = gate.kill();
        let admitted = said.iter().filter(|line| is_admitted(line));
        let before = acted_on.values().sum::<usize>();
        admitted.for_each(|line| *acted_on.entry(line["index"].as_u64().unwrap()).or_default() += 1);
        rounds_that_acted += usize::from(acted_on.values().sum::<usize>() > before);

        let mut kept = HashMap::<u64, usize>::new();
        for entry in journal_of(&site) {
            assert_eq!(entry.verdict, Verdict::Holder);
            *kept.entry(entry.pass.index.as_u32().into()).or_default() += 1;
        }
        for (index, count) in &acted_on {
            assert!(kept.get(index) >= Some(count), "round {round}: {index} acted on {count} times");
        }
        let opened = fs::read_to_string(&commands).unwrap().lines().count();
        assert!(opened <= kept.values().sum(), "round {round}: opened {opened} times");
    }
    println!("{} lines acted on in {rounds_that_acted} rounds", acted_on.values().sum::<usize>());
    assert!(rounds_that_acted > 50, "only {rounds_that_acted} rounds were killed at work");
}

#[test]
fn sigterm_ends_the_gate_in_order_and_it_starts_again_within_a_second() {
    let (_folder, authority, site) = site("[input]\nstdin = true");
    let mut gate = site.start(PROGRAM);
    gate.next("started").unwrap();
    gate.scan(&code(&authority, &pass_of_today(1)));
    assert!(is_admitted(&gate.next("decision").unwrap()));
    signal(&gate, "-TERM");
    assert!(gate.next("stopped").is_some());
    assert_eq!(gate.finish().1, Some(0));
    assert_eq!(journal_of(&site).len(), 1);

    #[expect(clippy::disallowed_methods, reason = "a stopwatch")]
    let start = Instant::now();
    let mut gate = site.start(PROGRAM);
    let started = gate.next("started").unwrap();
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!((started["snapshot"].as_u64(), started["journal_lines"].as_u64()), (Some(1), Some(1)));
    gate.scan(&code(&authority, &pass_of_today(1)));
    assert_eq!(gate.next("decision").unwrap()["refusal"], 63, "it remembers who was let in");
}

#[test]
fn a_gate_fed_by_a_pipe_decides_every_line_and_ends_with_it() {
    let (_folder, authority, site) = site("[input]\nstdin = true");
    let mut gate = site.start(PROGRAM);
    gate.send(format!("{}\r\n\nhello\r", code(&authority, &pass_of_today(1))).as_bytes());
    gate.send(code(&authority, &pass_of_today(2)).as_bytes());
    let (said, exit) = gate.finish();
    let decisions: Vec<_> = said.iter().filter(|line| line["event"] == "decision").collect();
    let verdicts: Vec<_> = decisions.iter().map(|line| line["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["admitted", "refused", "admitted"], "the last line had no end");
    assert_eq!(exit, Some(0));
}

#[test]
fn half_a_code_is_refused_after_a_pause_and_the_next_one_is_whole() {
    let (_folder, authority, site) = site("[input]\nstdin = true\npause_millis = 100");
    let mut gate = site.start(PROGRAM);
    gate.next("started").unwrap();
    let whole = code(&authority, &pass_of_today(1));
    gate.send(&whole.as_bytes()[..100]);
    assert_eq!(gate.next("decision").unwrap()["refusal"], 11);
    gate.scan(&whole);
    assert!(is_admitted(&gate.next("decision").unwrap()));
}

#[test]
fn a_controller_gets_an_answer_a_line_over_tcp() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings =
        format!("[input]\ntcp = \"127.0.0.1:{port}\"\n[barrier]\nopen = \"GATE OPEN\"\nstay = \"GATE STAY\"");
    let (_folder, authority, site) = site(&settings);
    let gate = site.start(PROGRAM);
    gate.next("started").unwrap();
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut answers = BufReader::new(&stream).lines().map(Result::unwrap);
    let mut ask = |text: &str| {
        writeln!(&stream, "{text}").unwrap();
        answers.next().unwrap()
    };
    let first = code(&authority, &pass_of_today(1));
    assert_eq!([ask(&first), ask(&first), ask("x")], ["GATE OPEN", "GATE STAY", "GATE STAY"]);
}

#[test]
fn a_fifo_goes_on_after_its_writer_went_and_a_gpio_line_pulses() {
    let wires = tempdir().unwrap();
    let (scanner, line) = (wires.path().join("scanner"), wires.path().join("gpio"));
    assert!(Command::new("mkfifo").arg(&scanner).status().unwrap().success());
    let settings = format!(
        "[input]\nfiles = [\"{}\"]\n[barrier]\ngpio = \"{}\"\npulse_millis = 300",
        scanner.display(),
        line.display()
    );
    let (_folder, authority, site) = site(&settings);
    let gate = site.start(PROGRAM);
    gate.next("started").unwrap();
    for index in 1..=2 {
        fs::write(&scanner, code(&authority, &pass_of_today(index)) + "\n").unwrap();
        assert!(is_admitted(&gate.next("decision").unwrap()));
        assert_eq!(fs::read_to_string(&line).unwrap(), "1");
        thread::sleep(Duration::from_millis(900));
        assert_eq!(fs::read_to_string(&line).unwrap(), "0");
    }
}

#[test]
fn a_picture_that_a_camera_puts_into_the_folder_is_read() {
    let camera = tempdir().unwrap();
    let (_folder, authority, site) = site(&format!("[input]\nframes = \"{}\"", camera.path().display()));
    draw(&camera.path().join("before.png"), &code(&authority, &pass_of_today(1)));
    let gate = site.start(PROGRAM);
    gate.next("started").unwrap();
    thread::sleep(Duration::from_millis(600));
    draw(&camera.path().join("frame-2.png"), &code(&authority, &pass_of_today(2)));
    assert_eq!(gate.next("decision").unwrap()["index"], 2, "what was there before the start is nobody");
}

#[test]
fn a_disk_that_is_full_stops_the_gate_from_opening_and_it_says_so() {
    let (_folder, authority, site) = site("[rules]\nreplay_seconds = 0\n[input]\nstdin = true");
    // Eight blocks of 512 bytes for each file; without the signal, writing past them is an error.
    let gate = site.command(PROGRAM);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"])
        .arg(gate.get_program())
        .args(gate.get_args());
    let mut gate = RunningGate::start(shell);
    gate.next("started").unwrap();
    let (mut admitted, one) = (0, code(&authority, &pass_of_today(1)));
    let refused = loop {
        gate.scan(&one);
        let decision = gate.next("decision").unwrap();
        if !is_admitted(&decision) {
            break decision;
        }
        admitted += 1;
        assert!(admitted < 200, "4096 bytes hold no 200 lines");
    };
    assert_eq!(refused["refusal"], 52);
    drop(gate);
    assert_eq!(journal_of(&site).len(), admitted, "half a line was taken back");
}

#[test]
fn a_damaged_journal_or_a_missing_state_stops_the_start_with_a_reason() {
    let (_folder, authority, site) = site("[input]\nstdin = true");
    let mut gate = site.start(PROGRAM);
    gate.scan(&code(&authority, &pass_of_today(1)));
    gate.scan(&code(&authority, &pass_of_today(2)));
    assert_eq!(gate.finish().1, Some(0));
    let path = site.folder().join(journal::CURRENT);
    let damaged = fs::read_to_string(&path).unwrap().replacen("holder", "hulder", 1);
    fs::write(&path, damaged).unwrap();
    let complaint = |site: &Site| {
        let output = site.command(PROGRAM).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(complaint(&site).contains("line 1 of the journal"));
    fs::remove_file(site.folder().join("state")).unwrap();
    assert!(complaint(&site).contains("init"));
}

#[test]
fn a_bundle_on_a_stick_is_taken_while_the_gate_runs_and_a_rollback_is_not() {
    let stick = tempdir().unwrap();
    let file = stick.path().join("bundle.dcb");
    let settings = format!("[input]\nstdin = true\n[bundle]\nfile = \"{}\"", file.display());
    let (_folder, authority, site) = site(&settings);
    let yesterday = authority.bundle();
    let today = authority.clone().with(|a| {
        a.version = 2;
        a.set_status(INDEX, Status::Suspended);
    });
    let mut gate = site.start(PROGRAM);
    gate.next("started").unwrap();
    fs::write(&file, today.bundle()).unwrap();
    assert_eq!(gate.next("bundle").unwrap()["snapshot"], 2);
    fs::write(&file, yesterday).unwrap();
    assert!(gate.next("trouble").unwrap()["why"].as_str().unwrap().starts_with("73 BundleRolledBack"));
    gate.scan(&code(&authority, &pass_of_today(INDEX.as_u32())));
    assert_eq!(gate.next("decision").unwrap()["refusal"], 41, "the newer one stays in force");
}

/// Today's bundle at a gate whose server has tomorrow's.
fn served(files: impl FnOnce(&[u8], &[u8]) -> Vec<(&'static str, Vec<u8>)>) -> (Value, Vec<String>) {
    let today = authority_of_today();
    let tomorrow = today.clone().with(|a| {
        a.version = 2;
        a.set_status(INDEX, Status::Suspended);
    });
    let server = FileServer::with(files(&today.bundle(), &tomorrow.bundle()));
    let folder = tempdir().unwrap();
    let settings = format!("[input]\nstdin = true\n[bundle]\nurl = \"{}/b.dcb\"", server.address());
    let gate = Site::new(folder.path(), &today, &settings).start(PROGRAM);
    gate.next("started").unwrap();
    let told = gate.any_within(Duration::from_secs(20)).expect("the server was asked");
    (told, server.requests())
}

#[test]
fn a_delta_from_the_version_in_force_is_all_that_the_server_is_asked_for() {
    let (told, requests) = served(|today, tomorrow| {
        vec![("/b.dcb.from-1", Delta::between(today, tomorrow).unwrap()), ("/b.dcb", tomorrow.to_vec())]
    });
    assert_eq!((&told["event"], &told["snapshot"]), (&"bundle".into(), &2.into()));
    assert_eq!(requests, ["200 /b.dcb.from-1"]);
}

#[test]
fn a_delta_that_is_missing_or_does_not_verify_sends_the_gate_to_the_whole_bundle() {
    let (told, requests) = served(|_, tomorrow| vec![("/b.dcb", tomorrow.to_vec())]);
    assert_eq!((&told["event"], &told["snapshot"]), (&"bundle".into(), &2.into()));
    assert_eq!(requests, ["404 /b.dcb.from-1", "200 /b.dcb"]);
    let (told, requests) =
        served(|_, tomorrow| vec![("/b.dcb.from-1", b"DCD1".to_vec()), ("/b.dcb", tomorrow.to_vec())]);
    assert_eq!((&told["event"], &told["snapshot"]), (&"bundle".into(), &2.into()));
    assert_eq!(requests, ["200 /b.dcb.from-1", "200 /b.dcb"]);
}

#[test]
fn a_server_without_a_bundle_or_with_a_forged_one_is_reported_and_the_gate_goes_on() {
    let (told, _) = served(|_, _| vec![]);
    assert_eq!((&told["event"], &told["what"]), (&"trouble".into(), &"update".into()));
    let (told, _) = served(|_, tomorrow| vec![("/b.dcb", tomorrow[1..].to_vec())]);
    assert!(told["why"].as_str().unwrap().starts_with("71 BundleForged"), "{told}");
}

#[test]
fn a_short_soak_ends_without_a_disagreement() {
    let folder = tempdir().unwrap();
    let lasts = Duration::from_secs(20);
    let plan = Plan { program: PROGRAM.into(), folder: folder.path().into(), lasts, rate: 50.0, seed: 2026 };
    let tally = run(&plan);
    assert!(tally.disagreements.is_empty(), "{:#?}", tally.disagreements);
    assert!(tally.latencies.len() > 500 && tally.shown.len() >= 9, "{:?}", tally.shown);
    assert!(tally.bundles >= 3 && tally.refused_updates >= 1, "{} {}", tally.bundles, tally.refused_updates);
}

/// Five pixels a module, quiet zone of four modules.
fn draw(path: &Path, text: &str) {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
    let modules = code.width() as u32;
    let picture = GrayImage::from_fn((modules + 8) * 5, (modules + 8) * 5, |x, y| {
        let (column, row) = ((x / 5).wrapping_sub(4), (y / 5).wrapping_sub(4));
        let inside = column < modules && row < modules;
        let dark = inside && code[(column as usize, row as usize)] == Color::Dark;
        Luma([if dark { 0 } else { 255 }])
    });
    picture.save(path).unwrap();
}
