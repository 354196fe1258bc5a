//! A fare rule's way from an author's file to a signed pack, and what a clerk is told.

use credential::policy_pack::PolicyPack;
use credential::sign1::{Content, Sign1};
use keystore::{SigningKey, seal};
use zeroize::Zeroizing;

use crate::scene::Scene;

const CHANGCHUN: &str = include_str!("../../policies/changchun-transit.toml");

#[test]
fn a_pack_is_checked_compiled_and_signed_to_what_a_verifier_reads() {
    let scene = Scene::new();
    let key = SigningKey::from_seed(Zeroizing::new([7; 32]));
    let passphrase = keystore::Passphrase::new("correct horse battery".into()).unwrap();
    scene
        .write("fares.toml", CHANGCHUN)
        .write("policy.key", seal(&key, &passphrase).unwrap())
        .write("passphrase", "correct horse battery\n");

    let checked = scene.run(&["policy", "check", "fares.toml"]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    assert!(checked.out.contains("changchun-transit version 1: 2 rules, 6 cases, good"), "{}", checked.out);
    assert!(checked.out.contains("not confirmed, for demonstration only"));

    assert_eq!(scene.run(&["policy", "compile", "fares.toml"]).code, 0);
    let compiled = scene.read("fares.cbor");
    let pack = PolicyPack::decode(&compiled).unwrap();
    assert_eq!(pack.name, "changchun-transit");

    let signed = scene.run(&[
        "policy",
        "sign",
        "fares.toml",
        "--key",
        "policy.key",
        "--passphrase-file",
        "passphrase",
    ]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    let bytes = scene.read("fares.dcp");
    let parsed = Sign1::parse(&bytes, Content::Policy).unwrap();
    assert_eq!((parsed.payload(), parsed.kid()), (&compiled[..], key.public().kid));
    assert_eq!(*parsed.signature(), key.sign(&parsed.to_be_signed()));
}

#[test]
fn a_faulty_pack_is_neither_compiled_nor_signed_and_each_fault_names_its_place() {
    let scene = Scene::new();
    scene.write(
        "fares.toml",
        CHANGCHUN.replacen("720/year", "720/week", 1).replacen("confirmed = false\n", "", 1),
    );
    let checked = scene.run(&["policy", "check", "--json", "fares.toml"]);
    assert_eq!(checked.code, 1);
    let faults = checked.json();
    let codes: Vec<_> = faults.iter().map(|fault| fault["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["missing-key", "unreadable-value"]);
    assert_eq!((faults[1]["line"].as_u64(), faults[1]["column"].as_u64()), (Some(20), Some(76)));

    for command in
        [&["policy", "compile", "fares.toml"][..], &["policy", "sign", "fares.toml", "--key", "none.key"]]
    {
        let ran = scene.run(command);
        assert_eq!(ran.code, 1);
        assert!(ran.out.contains("error[unreadable-value]: should be a quota"), "{}", ran.out);
        assert!(ran.out.contains("fares.toml:20:76"), "{}", ran.out);
    }
    assert!(!scene.path("fares.cbor").exists() && !scene.path("fares.dcp").exists());
}

#[test]
fn text_that_is_no_text_and_files_that_are_too_large_are_unreadable() {
    let scene = Scene::new();
    scene.write("latin.toml", [0xff, 0xfe]).write("large.toml", vec![b'#'; (512 << 10) + 1]);
    for file in ["latin.toml", "large.toml", "missing.toml"] {
        let ran = scene.run(&["policy", "check", file]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{file}");
        assert!(ran.err.contains(file), "{}", ran.err);
    }
}

#[test]
fn a_clerk_is_told_in_one_sentence_why() {
    let scene = Scene::new();
    let explain = |more: &[&str]| {
        let ran = scene
            .run(&[&["policy", "explain", "--purpose", "transit", "--on", "2026-11-24"][..], more].concat());
        assert_eq!(ran.out.lines().count(), 1, "{}", ran.err);
        (ran.code, ran.out)
    };
    let (code, law) = explain(&["--components", "visual 2", "--place", "220104"]);
    assert_eq!(code, 0);
    assert!(
        law.contains("残疾人保障法") && law.contains("第五十条") && !law.contains("not confirmed"),
        "{law}"
    );

    let (code, open) = explain(&["--components", "hearing 1", "--place", "220104"]);
    assert_eq!(code, 1);
    assert!(open.contains("nobody has held this place's rules against the published text"), "{open}");

    let (code, demo) = explain(&["--components", "hearing 1", "--place", "220104", "--demo"]);
    assert_eq!(code, 0);
    assert!(demo.contains("720 times a year at 1 yuan") && demo.contains("not confirmed"), "{demo}");

    let (code, no) = explain(&["--components", "hearing 1", "--place", "110105"]);
    assert_eq!((code, no.as_str()), (1, "Not entitled: no rule of this place and day applies.\n"));
}

#[test]
fn an_explanation_for_programs_carries_number_pack_and_both_languages() {
    let scene = Scene::new();
    let living =
        ["policy", "explain", "--purpose", "subsidy.living", "--components", "limb 1", "--demo", "--json"];
    let answer = scene.run(&living).json().remove(0);
    assert_eq!((answer["outcome"].as_u64(), answer["pack"].as_str()), (Some(52), Some("subsidies")));
    assert_eq!(answer["confirmed"], false);
    assert!(answer["zh"].as_str().unwrap().contains("离线无法判断"));
    assert!(answer["en"].as_str().unwrap().contains("Cannot be decided offline"));
}
