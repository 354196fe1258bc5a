//! Language, colour, help, completions and wrong usage.

use crate::scene::Scene;

#[test]
fn it_speaks_the_language_of_the_locale_or_the_one_that_is_asked_for() {
    let scene = Scene::new();
    let help = |locale: &str, args: &[&str]| {
        let output = scene.command().env("LC_ALL", locale).args(args).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(help("zh_CN.UTF-8", &["--help"]).contains("用法："));
    assert!(help("en_US.UTF-8", &["--help"]).contains("Usage:"));
    assert!(help("C", &["--help"]).contains("Usage:"));
    assert!(help("en_US.UTF-8", &["--lang", "zh", "verify", "--help"]).contains("退出码"));
    assert!(help("zh_CN.UTF-8", &["verify", "--lang=en", "--help"]).contains("Exit codes"));
}

#[test]
fn every_command_has_help_and_those_that_do_something_have_examples() {
    let scene = Scene::new();
    let commands = "verify,inspect,keys,keys generate,keys show,keys encrypt,trust,trust roots,trust make,trust sign,\
                    trust combine,trust check,trust show,trust snapshot,\
                    policy,policy check,policy sign,policy explain";
    for command in commands.split(',') {
        let command: Vec<&str> = command.split(' ').collect();
        let ran = scene.run(&[&command[..], &["--help"]].concat());
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("Examples") && ran.out.contains(&format!("zhengka {}", command[0])));
    }
}

#[test]
fn wrong_usage_ends_with_2_and_nothing_on_standard_output() {
    let scene = Scene::new();
    for args in [
        &["no-such-command"][..],
        &["verify"],
        &["verify", "--purpose", "no-such-purpose", "DC1:0"],
        &["verify", "--place", "1", "DC1:0"],
        &["verify", "--at", "today", "DC1:0"],
        &["verify", "--accept-stale", "7", "DC1:0"],
        &["--lang", "fr", "verify", "DC1:0"],
    ] {
        let ran = scene.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn colour_is_for_terminals_or_on_request_and_no_word_depends_on_it() {
    let scene = Scene::new();
    let plain = scene.run(&["verify", "hello"]).out;
    assert!(plain.contains("✘ REFUSED") && !plain.contains('\x1b'));
    let coloured = scene.run(&["--color", "always", "verify", "hello"]).out;
    assert!(coloured.contains("\x1b[1;31m✘ REFUSED\x1b[0m"));
    assert!(!scene.run(&["--color", "never", "verify", "hello"]).out.contains('\x1b'));
}

#[test]
fn completions_know_the_commands() {
    let scene = Scene::new();
    for shell in ["bash", "zsh", "fish"] {
        let ran = scene.run(&["completions", shell]);
        assert_eq!(ran.code, 0);
        assert!(ran.out.contains("verify"), "{shell}");
    }
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let scene = Scene::new();
    let mut child =
        scene.command().args(["completions", "bash"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
