//! `zhengka inspect`: layers, hidden persons, faults with their place.

use credential::status_list::Status;
use tests::authority::{Authority, INDEX, NOW, certificate, pass};

use crate::scene::{Scene, printed, text};

#[test]
fn the_layers_of_a_pass_are_shown_down_to_its_claims() {
    let authority = Authority::new();
    let scene = Scene::new();
    let code = text(&authority.issue(pass().encode()));
    printed(&code).save(scene.path("pass.png")).unwrap();
    let ran = scene.run(&["inspect", "pass.png"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let kid = authority.issuer.kid();
    for layer in [
        "QR code",
        "characters",
        "COSE_Sign1, 100 bytes",
        &format!("{{1: -8, 4: h'{kid}'}}"),
        "-65538: [22, [1, 3], 1234]",
        "Signature h'",
        "transit.free companion.one",
        "Nothing above was verified",
    ] {
        assert!(ran.out.contains(layer), "{layer}\n{}", ran.out);
    }
}

#[test]
fn a_person_is_hidden_unless_asked_for() {
    let authority = Authority::new();
    let scene = Scene::new();
    let code = text(&authority.issue(certificate().encode()));
    let hidden = scene.run(&["inspect", &code]);
    assert_eq!(hidden.code, 0);
    for personal in ["欧阳示例", "11010519491231002", "[42]", "limb", &code] {
        assert!(!hidden.out.contains(personal), "{personal}\n{}", hidden.out);
    }
    let exposed = scene.run(&["inspect", "--expose", &code]);
    for personal in ["欧阳示例", "11010519491231002", "[42]", "11010519491231002X42", &code] {
        assert!(exposed.out.contains(personal), "{personal}\n{}", exposed.out);
    }
}

#[test]
fn bundles_roots_and_state_files_are_shown() {
    let authority = Authority::new().with(|a| a.set_status(INDEX, Status::Suspended));
    let scene = Scene::new();
    scene.write("bundle.dcb", authority.bundle()).write("root.dcr", authority.trust.roots.to_bytes());
    let good = text(&authority.issue(pass().encode()));
    let at = NOW.to_string();
    scene.run(&[
        "verify",
        "--bundle",
        "bundle.dcb",
        "--root",
        "root.dcr",
        "--state",
        "state",
        "--at",
        &at,
        &good,
    ]);
    let bundle = scene.run(&["inspect", "bundle.dcb"]);
    assert_eq!(bundle.code, 0, "{}", bundle.out);
    for layer in
        ["application/dc1-snapshot+cbor", "COSE_Sign, a trust list", "Suspended 1, ", "2 bits x 4096"]
    {
        assert!(bundle.out.contains(layer), "{layer}\n{}", bundle.out);
    }
    let root = scene.run(&["inspect", "root.dcr"]);
    assert!(root.code == 0 && root.out.contains("Root file: 2 must sign"), "{}", root.out);
    let state = scene.run(&["inspect", "state/state.dcv"]);
    assert!(
        state.code == 0 && state.out.contains("snapshot version 1") && state.out.contains("\"trust\""),
        "{}",
        state.out
    );
    let list = scene.write("list.dct", authority.trust_list()).run(&["inspect", "list.dct"]);
    assert!(list.code == 0 && list.out.contains("Signature of "), "{}", list.out);
}

#[test]
fn a_fault_is_named_with_its_place() {
    let authority = Authority::new();
    let scene = Scene::new();
    let whole = authority.issue(pass().encode());
    let shortened = text(&whole[..whole.len() - 30]);
    let ran = scene.run(&["inspect", &shortened]);
    assert!(
        ran.code == 1 && ran.out.contains("✘ at byte") && ran.out.contains("ends inside an item"),
        "{}",
        ran.out
    );
    let unsorted = credential::pass::Pass {
        grants: vec![credential::grant::Grant::CompanionOne, credential::grant::Grant::TransitFree],
        ..pass()
    };
    let ran = scene.run(&["inspect", &text(&authority.issue(unsorted.encode()))]);
    assert!(ran.code == 1 && ran.out.contains("✘ grants is unsorted"), "{}", ran.out);
    let ran = scene.run(&["inspect", "DC1:999"]);
    assert!(ran.code == 1 && ran.out.contains("digits that encode no bytes"), "{}", ran.out);
    assert_eq!(scene.run(&["inspect", "hello"]).code, 1);
    assert_eq!(scene.run(&["inspect", "missing.png"]).code, 2);
    let mut bundle = authority.bundle();
    bundle.truncate(200);
    let ran = scene.write("torn.dcb", bundle).run(&["inspect", "torn.dcb"]);
    assert!(ran.code == 1 && ran.out.contains("✘ at byte"), "{}", ran.out);
}
