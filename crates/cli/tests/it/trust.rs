//! What `zhengka trust` refuses, each with its reason, and that nothing is written then.

use crate::scene::{Ran, Scene};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../keys-example");

/// The example keys, a description and the root file in one folder.
fn scene() -> Scene {
    let scene = Scene::new();
    for entry in std::fs::read_dir(EXAMPLES).unwrap() {
        let entry = entry.unwrap();
        scene.write(entry.file_name().to_str().unwrap(), std::fs::read(entry.path()).unwrap());
    }
    let roots = ["EXAMPLE-root-1.pub", "EXAMPLE-root-2.pub", "EXAMPLE-root-3.pub"];
    let ran = scene
        .run(&[&["trust", "roots", "--demo", "--threshold", "2", "--out", "root.dcr"], &roots[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    scene
}

fn make(scene: &Scene, change: impl Fn(&str) -> String, out: &str, more: &[&str]) -> Ran {
    let text = String::from_utf8(scene.read("EXAMPLE-trust.toml")).unwrap();
    scene.write("trust.toml", change(&text));
    let ran = scene.run(&[&["trust", "make", "trust.toml", "--demo", "--out", out], more].concat());
    assert_eq!(ran.code == 0, scene.path(out).exists(), "a refused list is not written");
    ran
}

fn sign(scene: &Scene, list: &str, root: &str, out: &str) -> Ran {
    let key = format!("EXAMPLE-{root}.key");
    scene.run(&["trust", "sign", list, "--demo", "--yes", "--key", &key, "--out", out])
}

fn combine(scene: &Scene, list: &str, signatures: &[&str], out: &str) -> Ran {
    let ran =
        scene.run(&[&["trust", "combine", list, "--root", "root.dcr", "--out", out], signatures].concat());
    assert_eq!(ran.code == 0, scene.path(out).exists(), "a refused list is not written");
    ran
}

fn refused(ran: &Ran, code: i32, why: &str) {
    assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
    assert!(ran.err.contains(why), "{}", ran.err);
}

fn unchanged(text: &str) -> String {
    text.to_owned()
}

#[test]
fn example_keys_are_refused_without_demo() {
    let scene = scene();
    let made = scene.run(&["trust", "make", "EXAMPLE-trust.toml", "--out", "list.dct"]);
    refused(&made, 2, "public example key");
    let roots = scene.run(&["trust", "roots", "EXAMPLE-root-1.pub", "--threshold", "1", "--out", "r.dcr"]);
    refused(&roots, 2, "public example key");
    assert_eq!(make(&scene, unchanged, "list.dct", &[]).code, 0);
    let signed =
        scene.run(&["trust", "sign", "list.dct", "--yes", "--key", "EXAMPLE-root-1.key", "--out", "s"]);
    refused(&signed, 2, "public example key");
}

#[test]
fn a_description_is_held_to_its_words_with_the_line() {
    let scene = scene();
    for (from, to, why) in [
        ("roles = [\"issuer\"]", "roles = [\"isuer\"]", "line 12"),
        ("regions = [\"22\"]", "regions = [\"220\"]", "region"),
        ("threshold = 2", "treshold = 2", "treshold"),
        ("expires = 2036", "expires = \"2036\" #", "expires"),
        ("version = 1", "version = -1", "version"),
    ] {
        refused(&make(&scene, |text| text.replacen(from, to, 1), "list.dct", &[]), 2, why);
    }
}

#[test]
fn a_key_that_could_sign_nothing_or_stands_twice_is_refused() {
    let scene = scene();
    let change = |from: &'static str, to: &'static str| move |text: &str| text.replacen(from, to, 1);
    let cases: [(&'static str, &'static str, &str); 5] = [
        ("kinds = [\"certificate\", \"pass\"]", "", "lacks kinds or regions"),
        ("regions = [\"22\"]", "", "lacks kinds or regions"),
        ("EXAMPLE-status.pub", "EXAMPLE-issuer.pub", "stands there twice"),
        ("EXAMPLE-status.pub", "EXAMPLE-root-2.pub", "stands there twice"),
        ("EXAMPLE-root-2.pub", "EXAMPLE-root-1.pub", "stands there twice"),
    ];
    for (from, to, why) in cases {
        refused(&make(&scene, change(from, to), "list.dct", &[]), 1, why);
    }
    let both = |text: &str| {
        let states = "\nretired = 2026-02-01T00:00:00Z\ncompromised = 2026-02-01T00:00:00Z\n\n[[keys]]\npublic = \"EXAMPLE-status.pub\"";
        text.replacen("\n[[keys]]\npublic = \"EXAMPLE-status.pub\"", states, 1)
    };
    refused(&make(&scene, both, "list.dct", &[]), 1, "both retired and compromised");
    let weak = format!("DCP1:{}", "0".repeat(8));
    refused(&make(&scene, |text| text.replacen("EXAMPLE-status.pub", &weak, 1), "list.dct", &[]), 2, "DCP1");
}

#[test]
fn versions_grow_one_after_the_other_and_an_expired_list_is_not_made() {
    let scene = scene();
    let version = |number: &'static str| {
        move |text: &str| text.replacen("version = 1", &format!("version = {number}"), 1)
    };
    assert_eq!(make(&scene, unchanged, "one.dct", &[]).code, 0);
    assert_eq!(make(&scene, version("2"), "two.dct", &["--previous", "one.dct"]).code, 0);
    refused(&make(&scene, version("2"), "x.dct", &[]), 1, "name the list before");
    refused(&make(&scene, version("1"), "x.dct", &["--previous", "one.dct"]), 1, "not higher");
    refused(&make(&scene, version("1"), "x.dct", &["--previous", "two.dct"]), 1, "not higher");
    refused(&make(&scene, version("4294967295"), "x.dct", &["--previous", "two.dct"]), 1, "jump");
    let over = |text: &str| {
        text.replacen("issued = 2026", "issued = 2024", 1).replacen("expires = 2036", "expires = 2025", 1)
    };
    refused(&make(&scene, over, "x.dct", &[]), 1, "expired");
}

#[test]
fn one_short_twice_the_same_a_stranger_or_another_list_do_not_make_a_threshold() {
    let scene = scene();
    assert_eq!(make(&scene, unchanged, "list.dct", &[]).code, 0);
    let other = |text: &str| text.replacen("regions = [\"22\"]", "regions = [\"23\"]", 1);
    assert_eq!(make(&scene, other, "other.dct", &[]).code, 0);
    for root in ["root-1", "root-2"] {
        assert_eq!(sign(&scene, "list.dct", root, root).code, 0);
    }
    assert_eq!(sign(&scene, "other.dct", "root-2", "other").code, 0);
    refused(&sign(&scene, "list.dct", "issuer", "stranger"), 1, "is a root neither");
    refused(
        &combine(&scene, "list.dct", &["root-1"], "t.dct"),
        1,
        "2 of the roots in force must sign, 1 did",
    );
    refused(&combine(&scene, "list.dct", &["root-1", "root-1"], "t.dct"), 1, "signed twice");
    refused(&combine(&scene, "list.dct", &["root-1", "other"], "t.dct"), 1, "about another list");
    let line = String::from_utf8(scene.read("root-2")).unwrap();
    let (start, last) = line.trim().split_at(line.trim().len() - 1);
    scene.write("bad", format!("{start}{}", if last == "0" { "1" } else { "0" }));
    refused(&combine(&scene, "list.dct", &["root-1", "bad"], "t.dct"), 1, "does not verify");
    scene.write("no-signature", "hello");
    refused(&combine(&scene, "list.dct", &["root-1", "no-signature"], "t.dct"), 2, "no signature file");
    assert_eq!(combine(&scene, "list.dct", &["root-1", "root-2"], "t.dct").code, 0);
    assert_eq!(scene.run(&["trust", "check", "t.dct", "--root", "root.dcr"]).code, 0);
    refused(&scene.run(&["trust", "check", "list.dct", "--root", "root.dcr"]), 1, "must sign, 0 did");
    let mut altered = scene.read("t.dct");
    *altered.last_mut().unwrap() ^= 1;
    scene.write("altered.dct", altered);
    refused(&scene.run(&["trust", "check", "altered.dct", "--root", "root.dcr"]), 1, "71 BundleForged");
    refused(
        &scene.run(&["trust", "check", "t.dct", "--root", "root.dcr", "--previous", "t.dct"]),
        1,
        "not higher",
    );
}

#[test]
fn a_holder_who_does_not_agree_signs_nothing() {
    let scene = scene();
    assert_eq!(make(&scene, unchanged, "list.dct", &[]).code, 0);
    let args = ["trust", "sign", "list.dct", "--demo", "--key", "EXAMPLE-root-1.key", "--out", "s"];
    for answer in ["no\n", "", "y\n"] {
        refused(&scene.run_with(&args, answer.as_bytes()), 1, "nothing was signed");
        assert!(!scene.path("s").exists());
    }
    assert_eq!(scene.run_with(&args, b"yes\n").code, 0);
    refused(&scene.run_with(&args, b"yes\n"), 2, "is not overwritten");
}

#[test]
fn a_key_left_out_of_the_next_list_is_pointed_out() {
    let scene = scene();
    assert_eq!(make(&scene, unchanged, "one.dct", &[]).code, 0);
    let without_policy = |text: &str| {
        let text = text.replacen("version = 1", "version = 2", 1);
        text[..text.find("[[keys]]\npublic = \"EXAMPLE-policy").unwrap()].to_owned()
    };
    let ran = make(&scene, without_policy, "two.dct", &["--previous", "one.dct"]);
    assert_eq!(ran.code, 0);
    assert!(ran.err.contains("3c81c2ce is no longer listed"), "{}", ran.err);
}

#[test]
fn lists_roots_bundles_and_snapshots_are_shown() {
    let scene = scene();
    let authority = tests::authority::Authority::new();
    scene.write("bundle.dcb", authority.bundle());
    let list = scene.run(&["trust", "show", "bundle.dcb"]).out;
    assert!(list.contains("Trust list version 1") && list.contains(&authority.issuer.kid().to_string()));
    assert!(scene.run(&["trust", "show", "root.dcr"]).out.contains("2 of 3 must sign"));
    let snapshot = scene.run(&["trust", "snapshot", "show", "bundle.dcb"]).out;
    assert!(
        snapshot.contains(&format!("status/{}", authority.issuer.kid()))
            && snapshot.contains("trust  version 1")
    );
    refused(&scene.run(&["trust", "show", "EXAMPLE-root-1.pub"]), 2, "is no trust list");
    refused(&scene.run(&["trust", "snapshot", "show", "root.dcr"]), 2, "is no bundle");
}
