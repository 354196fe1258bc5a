//! `zhengka keys`: what is on disk, what is refused, what is told.

use crate::scene::Scene;

const PASSPHRASE: &str = "correct horse battery\n";

#[test]
fn a_new_key_is_encrypted_private_and_shown_by_its_public_half() {
    let scene = Scene::new();
    let made =
        scene.run_with(&["keys", "generate", "issuer"], format!("{PASSPHRASE}{PASSPHRASE}").as_bytes());
    assert_eq!(made.code, 0, "{}", made.err);
    let secret = String::from_utf8(scene.read("issuer.key")).unwrap();
    assert!(secret.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(scene.path("issuer.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let public = String::from_utf8(scene.read("issuer.pub")).unwrap();
    assert_eq!(made.out, public);
    assert!(public.starts_with("DCP1:"));
    assert_eq!(scene.run(&["keys", "show", "issuer.pub"]).out, public);
    assert_eq!(scene.run_with(&["keys", "show", "issuer.key"], PASSPHRASE.as_bytes()).out, public);
    let wrong = scene.run_with(&["keys", "show", "issuer.key"], b"another passphrase\n");
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("issuer.key: The passphrase is wrong"), "{}", wrong.err);
}

#[test]
fn nothing_is_overwritten() {
    let scene = Scene::new();
    scene.write("pass", PASSPHRASE).write("a.pub", "precious").write("b.key", "precious");
    for name in ["a", "b"] {
        let ran = scene.run(&["keys", "generate", name, "--passphrase-file", "pass"]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains("is not overwritten"), "{}", ran.err);
    }
    assert_eq!((scene.read("a.pub"), scene.read("b.key")), (b"precious".to_vec(), b"precious".to_vec()));
    assert!(!scene.path("a.key").exists() && !scene.path("b.pub").exists());
}

#[test]
fn short_missing_and_differing_passphrases_are_refused() {
    let scene = Scene::new();
    for (typed, why) in [
        ("short\nshort\n", "at least 12"),
        ("", "No passphrase"),
        ("correct horse battery\ncorrect horse buttery\n", "different"),
    ] {
        let ran = scene.run_with(&["keys", "generate", "k"], typed.as_bytes());
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(why), "{}", ran.err);
        assert!(!scene.path("k.key").exists());
    }
}

#[test]
fn a_key_in_clear_becomes_an_encrypted_one_with_the_same_public_half() {
    let scene = Scene::new();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../keys-example/EXAMPLE-root-1.key");
    scene.write("pass", PASSPHRASE);
    let ran = scene.run(&["keys", "encrypt", example, "sealed", "--passphrase-file", "pass"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("EXAMPLE") && ran.err.contains("destroy it"));
    let shown = scene.run(&["keys", "show", "sealed.key", "--passphrase-file", "pass"]);
    assert_eq!(shown.out, ran.out);
    let not_a_key = scene.run(&["keys", "show", "pass"]);
    assert_eq!(not_a_key.code, 2);
    assert!(not_a_key.err.contains("not a key file"), "{}", not_a_key.err);
}
