//! What `zhengka-issuer` signs, read by somebody else's COSE library in Python (tests/peer/cose.py).
//! The packages come with `cargo xtask setup`; without them this fails, it is never skipped.

use std::path::Path;
use std::process::Command;

use credential::qr_text::QrText;

use super::commands::issued;
use super::office::run;

#[test]
fn a_foreign_cose_tool_verifies_what_the_issuer_signed_and_refuses_it_altered() {
    let folder = issued(1);
    let shown = run(folder.path(), &["--as", "clerk", "--json", "show", "1", "--expose"]).1;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let texts: Vec<&str> =
        shown["clear"]["texts"].as_array().unwrap().iter().filter_map(|text| text.as_str()).collect();
    let [certificate, pass] = [0, 1].map(|at| QrText::parse(texts[at]).ok().unwrap().as_bytes().to_vec());

    let (good, claims) = foreign(&certificate);
    assert!(good && claims["169"]["4"] == "样例0" && claims["-65537"][1][0] == 42, "{claims}");
    let (good, claims) = foreign(&pass);
    assert!(good && claims["-65538"][0] == 22 && claims.get("169").is_none(), "{claims}");
    let mut altered = pass;
    *altered.last_mut().unwrap() ^= 1;
    assert!(!foreign(&altered).0);
}

/// Whether the signature holds under the example issuer's key, and the claims.
fn foreign(credential: &[u8]) -> (bool, serde_json::Value) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let line = std::fs::read_to_string(root.join("keys-example/EXAMPLE-issuer.pub")).unwrap();
    let key = line.trim().rsplit(':').next().unwrap().to_owned();
    let output = Command::new(root.join("target/python/bin/python"))
        .arg(root.join("tests/peer/cose.py"))
        .args([key, hex::encode(credential)])
        .output()
        .expect("target/python: run `cargo xtask setup`");
    (output.status.success(), serde_json::from_slice(&output.stdout).unwrap_or_default())
}
