//! Programs that nobody of this project wrote talk to the card through the reader service.

use crate::desk::{SERIAL, blank, issued, keys};
use crate::reader_service::service;
use card_firmware_sim::{EXAMPLE_TRANSPORT_KEY, FIRST_SLOT, Inserted};
use card_protocol::Role;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn opensc_tool_reads_the_pass() {
    let _service = service();
    let (card, issued) = issued(SERIAL);
    let _inserted = Inserted::insert(card, FIRST_SLOT);
    let said = run(
        Command::new("opensc-tool").args(["--wait", "--reader", "0", "--card-driver", "default"]).args([
            "--send-apdu",
            "00:A4:04:00:07:F0:44:43:41:52:44:01:00",
            "--send-apdu",
            "00:B0:81:00:00",
        ]),
        "apt-get install -y opensc",
    );
    assert_eq!(said.matches("SW1=0x90, SW2=0x00").count(), 2, "{said}");
    let hex: String = issued.public_key()[..4].iter().map(|byte| format!("{byte:02X} ")).collect();
    assert!(joined(&said).contains(&hex), "{said}");
}

/// Without a card driver named, opensc-tool tries some fifty applications of others first.
#[test]
fn opensc_tools_probing_finds_no_application_but_ours() {
    let _service = service();
    let _inserted = Inserted::insert(blank(SERIAL), FIRST_SLOT);
    let said = run(
        Command::new("opensc-tool").args(["--wait", "--reader", "0", "--name"]),
        "apt-get install -y opensc",
    );
    assert!(said.contains("Unsupported card") || said.contains("default"), "{said}");
}

#[test]
fn pyscard_sees_a_card_that_keeps_pcsc_manners() {
    let _service = service();
    let _inserted = Inserted::insert(issued(SERIAL).0, FIRST_SLOT);
    let said = run(Command::new(python()).arg(peer("pcsc_manners.py")), SETUP);
    assert!(said.contains("all good"), "{said}");
}

#[test]
fn another_scp03_host_opens_a_channel_with_the_right_keys_and_no_other() {
    let _service = service();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let scp03_host = |version: u8, keys: &[u8; 48]| {
        run(
            Command::new(python()).arg(peer("scp03_host.py")).arg(format!("{version:02x}")).arg(hex(keys)),
            SETUP,
        )
    };
    let inserted = Inserted::insert(blank(SERIAL), FIRST_SLOT);
    let transport = [EXAMPLE_TRANSPORT_KEY; 3].concat().try_into().unwrap();
    let said = scp03_host(Role::Transport.version().as_u8(), &transport);
    assert!(said.contains("opened") && said.contains("refused with wrong keys"), "{said}");
    drop(inserted.remove());

    let _inserted = Inserted::insert(issued(SERIAL).0, FIRST_SLOT);
    for role in [Role::Issue, Role::Update, Role::Read] {
        let keys = keys().of_card(role, SERIAL).unwrap();
        let said = scp03_host(role.version().as_u8(), keys.to_secret().expose());
        assert!(said.contains("opened") && said.contains("certificate read"), "{role:?}: {said}");
        assert!(said.contains("refused with wrong keys"), "{role:?}: {said}");
    }
}

/// The issuer security domain answers as GlobalPlatform has it: a management tool finds its channel and its keys.
#[test]
fn a_globalplatform_tool_finds_its_way() {
    let _service = service();
    let _inserted = Inserted::insert(blank(SERIAL), FIRST_SLOT);
    let said = run(Command::new(python()).arg(peer("security_domain.py")), SETUP);
    assert!(said.contains("all good"), "{said}");
}

/// Runs a program to its success; says how to install it where it is missing.
fn run(command: &mut Command, install: &str) -> String {
    // A card that leads a program in circles fails the test; it does not hang it.
    let mut limited = Command::new("timeout");
    limited.arg("60").arg(command.get_program()).args(command.get_args());
    let output = limited.output().unwrap();
    assert_ne!(output.status.code(), Some(127), "{command:?} is missing: {install}");
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{said}");
    said
}

/// A hex dump's lines, without what stands right of the bytes.
fn joined(dump: &str) -> String {
    dump.lines().filter_map(|line| line.get(..48)).collect()
}

fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python/bin/python");
    assert!(python.exists(), "{} is missing: {SETUP}", python.display());
    python
}

fn peer(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peer").join(name)
}

const SETUP: &str = "cargo xtask setup --for test";
