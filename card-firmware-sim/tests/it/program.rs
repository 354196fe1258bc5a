//! The program `zhengka-card-sim`, from its command line: card files, slots, orders, and being killed.

use crate::desk::Job;
use crate::reader_service::service;
use card_host::{CardInReader, Readers, present, read_status};
use card_protocol::{Atr, Interface, Serial};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(10);

fn program(arguments: &[&str], directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhengka-card-sim"));
    command.args(arguments).current_dir(directory).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    command
}

fn fails(arguments: &[&str], directory: &Path) -> String {
    let Output { status, stderr, .. } = program(arguments, directory).output().unwrap();
    assert!(!status.success());
    String::from_utf8(stderr).unwrap()
}

/// Killed, whatever happens to the test.
struct Running(Child);

impl Running {
    fn start(arguments: &[&str], directory: &Path) -> Self {
        Self(program(arguments, directory).spawn().unwrap())
    }

    fn order(&mut self, line: &str) {
        writeln!(self.0.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn wait(readers: &Readers, slot: &str) -> CardInReader {
    readers.wait_for_card(Some(slot), LIMIT, &mut |_| {}).unwrap()
}

#[test]
fn a_card_lives_in_its_file_through_kills_and_torn_writes() {
    let directory = tempfile::tempdir().unwrap();
    let _service = service();
    let readers = Readers::open().unwrap();
    let mut job = Job::default();
    let serial = ["--serial", "DC00000000000007"];
    let torn = Running::start(
        &[&["--state", "a.img", "--create", "--tear-at", "900"], &serial[..]].concat(),
        directory.path(),
    );
    let mut card = wait(&readers, "00 00");
    job.run(&mut card).unwrap_err();
    assert_eq!(job.bound, Some(Serial::parse(serial[1]).unwrap()));
    let reader = card.reader().to_owned();
    drop(card);
    drop(torn);
    std::thread::sleep(Duration::from_millis(500));
    readers.wait_for_removal(&reader, LIMIT).unwrap();

    let mut again = Running::start(&["--state", "a.img"], directory.path());
    let mut card = wait(&readers, "00 00");
    job.run(&mut card).unwrap();
    drop(card);
    again.order("remove");
    readers.wait_for_removal(&reader, LIMIT).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    again.order("insert");
    present(&mut wait(&readers, "00 00"), &[1; 16]).unwrap();
}

#[test]
fn status_tells_how_many_commands_came_and_what_one_takes() {
    let directory = tempfile::tempdir().unwrap();
    let _service = service();
    let readers = Readers::open().unwrap();
    for late in [&[][..], &["--late-ack"]] {
        let state = if late.is_empty() { "a.img" } else { "b.img" };
        let arguments = [&["--state", state, "--create"], late].concat();
        let mut running = Running::start(&arguments, directory.path());
        let mut card = wait(&readers, "00 00");
        let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut told = |running: &mut Running| {
            running.order("status");
            lines.find(|line| line.contains("commands")).unwrap()
        };
        let before = told(&mut running);
        assert!(before.ends_with(": 0 条命令 0 commands"), "{before}");
        // SELECT and READ BINARY.
        read_status(&mut card).unwrap();
        let after = told(&mut running);
        assert!(after.contains(": 2 条命令 2 commands，每条中位数 median "), "{after}");
        let reader = card.reader().to_owned();
        drop(card);
        drop(running);
        readers.wait_for_removal(&reader, LIMIT).unwrap();
        std::thread::sleep(Duration::from_millis(500));
    }
}

#[test]
fn two_files_fill_two_slots_as_contactless_cards() {
    let directory = tempfile::tempdir().unwrap();
    let _service = service();
    let _running = Running::start(
        &["--state", "a.img", "--state", "b.img", "--create", "--interface", "contactless"],
        directory.path(),
    );
    let readers = Readers::open().unwrap();
    for slot in ["00 00", "00 01"] {
        let mut card = wait(&readers, slot);
        assert_eq!(card.atr(), Atr::ours(Interface::Contactless));
        read_status(&mut card).unwrap();
    }
}

#[test]
fn a_missing_foreign_or_held_file_is_refused_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    // Nobody listens there: these cards knock in vain.
    let nowhere = ["--reader", "127.0.0.1:9"];
    assert!(fails(&["--state", "none.img"], path).contains("--create"));
    std::fs::write(path.join("foreign.img"), b"not a card").unwrap();
    assert!(fails(&["--state", "foreign.img"], path).contains("10 bytes instead of"));
    let _holder = Running::start(&[&["--state", "held.img", "--create"], &nowhere[..]].concat(), path);
    while !path.join("held.img").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(fails(&[&["--state", "held.img"], &nowhere[..]].concat(), path).contains("held.img"));
    assert!(fails(&["--state", "a", "--state", "b", "--state", "c"], path).contains("two slots"));
    assert!(fails(&["--state", "a", "--create", "--serial", "12"], path).contains("card serial"));
}
