//! The same credentials and bundles in another language: tests/peer, in Python.
//! Its packages come with `cargo xtask setup`; without them these tests fail, they are never skipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use credential::PublicKey;
use serde_json::{Value, json};
use tests::authority::{Authority, certificate, pass};
use tests::vectors::folder;

#[test]
fn a_second_implementation_written_from_the_profile_agrees_on_every_vector() {
    let output = python("vectors.py", &[vectors().to_str().unwrap()]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let checked: usize = said.split(' ').next().unwrap().trim().parse().unwrap();
    assert!(checked >= 300, "{said}");
}

#[test]
fn the_second_implementation_notices_a_vector_that_is_not_so() {
    let copy = tempfile::tempdir().unwrap();
    let credential = copy.path().join("credential");
    for (kind, file) in [("refuse", "40_revoked.txt"), ("bundle", "revoked.hex"), ("bundle", "standard.hex")]
    {
        fs::create_dir_all(credential.join(kind)).unwrap();
        fs::copy(folder().join(kind).join(file), credential.join(kind).join(file)).unwrap();
    }
    let story = credential.join("refuse/40_revoked.txt");
    let lie = fs::read_to_string(&story).unwrap().replace("bundle/revoked.hex", "bundle/standard.hex");
    fs::write(&story, lie).unwrap();
    let output = python("vectors.py", &[copy.path().to_str().unwrap()]);
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("1 vectors, 1 differ"));
}

#[test]
fn a_foreign_cose_tool_verifies_a_pass_and_a_certificate() {
    let authority = Authority::new();
    let shown = |payload| foreign(&authority, &authority.issue(payload)).expect("the signature holds");
    let exp = pass().expires.as_seconds();
    assert_eq!(shown(pass().encode()), json!({"4": exp, "-65538": [22, [1, 3], 1234]}));
    let (exp, iat) = (certificate().expires.as_seconds(), certificate().issued.as_seconds());
    assert_eq!(
        shown(certificate().encode()),
        json!({
            "4": exp,
            "6": iat,
            "169": {"4": "欧阳示例"},
            "-65537": [11_010_519_491_231_002_u64, [42], 220_104, 1234],
        })
    );
}

#[test]
fn a_foreign_cose_tool_refuses_an_altered_one() {
    let authority = Authority::new();
    let mut altered = authority.issue(pass().encode());
    let grant = altered.len() - 66 - 4;
    assert_eq!(altered[grant], 3);
    altered[grant] = 4;
    assert_eq!(foreign(&authority, &altered), None);
}

/// The claims, if the foreign tool finds the signature right.
fn foreign(authority: &Authority, credential: &[u8]) -> Option<Value> {
    let PublicKey::Ed25519(key) = authority.issuer.public() else { panic!("an Ed25519 key") };
    let output = python("cose.py", &[&hex::encode(key), &hex::encode(credential)]);
    output.status.success().then(|| serde_json::from_slice(&output.stdout).unwrap())
}

fn python(script: &str, arguments: &[&str]) -> Output {
    let interpreter = root().join("target/python/bin/python");
    assert!(interpreter.exists(), "{} is missing; install it with: cargo xtask setup", interpreter.display());
    let mut command = Command::new(interpreter);
    command.arg("-B").arg(root().join("tests/peer").join(script)).args(arguments);
    command.env("PYTHONIOENCODING", "utf-8").output().unwrap()
}

fn vectors() -> &'static Path {
    folder().parent().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}
