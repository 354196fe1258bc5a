//! The commands, as an operator types them.

use std::fs;
use std::path::{Path, PathBuf};

use super::office::run;

const APPLICANTS: &str = "identity_number,name,county,components,assessed_on,doctor_1,doctor_2,notice_posted,guardian_name,guardian_relation\n";

fn line(n: u32) -> String {
    let born = 19_600_101 + (n / 28) * 10_000 + n % 28;
    let first = 220_104_u64 * 100_000_000_000 + u64::from(born) * 1000 + 991;
    let number = credential::number::IdentityNumber::from_first_17(first).unwrap().expose();
    format!("{number},样例{n},220104,42,2026-09-10,doctor-1,doctor-2,2026-09-14,,\n")
}

pub(crate) fn applicants(folder: &Path, count: u32) -> PathBuf {
    let text: String = (0..count).map(line).collect();
    let file = folder.join("a.csv");
    fs::write(&file, format!("{APPLICANTS}{text}")).unwrap();
    file
}

pub(crate) fn issued(count: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    applicants(path, count);
    assert_eq!(run(path, &["init"]).0, 0);
    assert_eq!(run(path, &["--as", "clerk", "import", "a.csv"]).0, 0);
    assert_eq!(run(path, &["--as", "reviewer", "review", "--all"]).0, 0);
    assert_eq!(run(path, &["--as", "approver", "approve", "--all"]).0, 0);
    let (code, out, err) = run(path, &["issue"]);
    assert_eq!(code, 0, "{out}{err}");
    folder
}

#[test]
fn a_file_becomes_certificates_by_way_of_three_officers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    applicants(path, 3);
    run(path, &["init"]);
    let (code, out, _) = run(path, &["--as", "clerk", "import", "a.csv"]);
    assert_eq!((code, out.as_str()), (0, "filed 3, unchanged 0, bad 0\n"));
    let again = run(path, &["--as", "clerk", "import", "a.csv"]);
    assert_eq!((again.0, again.1.as_str()), (0, "filed 0, unchanged 3, bad 0\n"));
    let (code, _, err) = run(path, &["--as", "clerk", "approve", "1"]);
    assert_eq!(code, 1, "{err}");
    let (code, out, _) = run(path, &["--as", "reviewer", "review", "--all"]);
    assert_eq!(code, 0);
    assert!(out.ends_with("done 3, refused 0\n"), "{out}");
    assert_eq!(run(path, &["--as", "reviewer", "approve", "1"]).0, 1, "the reviewer has no such power");
    assert!(run(path, &["issue"]).1.contains("issued 0"), "nothing is approved yet");
    assert_eq!(run(path, &["--as", "approver", "approve", "1", "2"]).0, 0);
    let (_, out, _) = run(path, &["issue", "--json"]);
    let rows: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["credentials"][0]["kind"], "certificate");
    assert!(rows[0]["credentials"][1]["bytes"].as_u64().unwrap() <= 106);
    assert!(run(path, &["audit", "verify"]).1.starts_with("the chain is whole"));
}

#[test]
fn bad_lines_are_named_and_the_good_ones_kept_in_either_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    run(path, &["init"]);
    let good = line(1);
    let bad = [
        good.replace("42", "45"),
        line(2).replace("doctor-2", "doctor-9"),
        line(3).replace("2026-09-14", "2026-09-01"),
        line(4).replace("220104,42", "110101,42"),
        format!("{},too,many\n", line(5).trim()),
        line(6).replace("样例", "样\u{202e}例"),
    ];
    let text = format!("{APPLICANTS}{good}{}{}", bad.concat(), line(1).replace("样例", "另例"));
    let gb18030 = encoding_rs::GB18030.encode(&text).0.into_owned();
    fs::write(path.join("a.csv"), gb18030).unwrap();
    let (code, out, _) = run(path, &["--as", "clerk", "import", "a.csv", "--json"]);
    assert_eq!(code, 1);
    let rows: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let places: Vec<(u64, Option<&str>)> =
        rows[..7].iter().map(|row| (row["line"].as_u64().unwrap(), row["field"].as_str())).collect();
    assert_eq!(
        places,
        [
            (3, Some("components")),
            (4, Some("doctor_2")),
            (5, Some("notice_posted")),
            (6, Some("county")),
            (7, None),
            (8, Some("name")),
            (9, Some("identity_number")),
        ]
    );
    assert_eq!(rows[7]["filed"], 1);
    let mut with_bom = vec![0xef, 0xbb, 0xbf];
    with_bom.extend(text.as_bytes());
    fs::write(path.join("a.csv"), with_bom).unwrap();
    let (_, out, _) = run(path, &["--as", "clerk", "import", "a.csv"]);
    assert!(out.ends_with("filed 0, unchanged 1, bad 7\n"), "the encoding does not change the line: {out}");
}

#[test]
fn files_that_are_too_large_or_no_text_are_refused_before_anything_is_filed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    run(path, &["init"]);
    let huge = fs::File::create(path.join("huge.csv")).unwrap();
    huge.set_len(2 << 30).unwrap();
    let (code, _, err) = run(path, &["--as", "clerk", "import", "huge.csv"]);
    assert_eq!(code, 2);
    assert!(err.contains("larger than 64 MiB"), "{err}");
    let quote = format!("{APPLICANTS}\"{}", "x".repeat(100_000));
    fs::write(path.join("quote.csv"), quote).unwrap();
    assert!(run(path, &["--as", "clerk", "import", "quote.csv"]).2.contains("unclosed quote"));
    fs::write(path.join("utf16.csv"), [0xff, 0xfe, b'a', 0]).unwrap();
    assert!(run(path, &["--as", "clerk", "import", "utf16.csv"]).2.contains("neither UTF-8 nor GB 18030"));
    for (header, word) in [("name,naem\n", "naem"), ("name,姓名\n", "twice"), ("name\n", "missing")] {
        fs::write(path.join("h.csv"), header).unwrap();
        let (code, _, err) = run(path, &["--as", "clerk", "import", "h.csv"]);
        assert!(code == 2 && err.contains(word), "{err}");
    }
    assert_eq!(run(path, &["--as", "nobody", "import", "h.csv"]).0, 2);
}

#[test]
fn pictures_have_no_personal_data_in_their_names_and_are_drawn_small() {
    let folder = issued(2);
    let path = folder.path();
    let (code, out, _) = run(path, &["qr", "--out", "p", "--json"]);
    assert_eq!(code, 0);
    let mut names: Vec<String> = fs::read_dir(path.join("p"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names.len(), 8);
    assert_eq!(names[0], "000001-certificate.png");
    let rows: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(rows.iter().all(|row| row["modules"].as_u64().unwrap() <= 49), "{out}");
    let pass = rows.iter().find(|row| row["kind"] == "pass").unwrap();
    assert_eq!(pass["modules"], 45);
    let (code, _, _) =
        run(path, &["qr", "1", "--out", "p", "--link", "check.example.org", "--format", "png"]);
    assert_eq!(code, 0);
    assert_eq!(run(path, &["qr", "--out", "p", "--link", "check.example.org/x"]).0, 2);
}

#[test]
fn a_bundle_tells_of_every_change_of_status() {
    use credential::trust_list::RootSet;
    let folder = issued(4);
    let path = folder.path();
    run(path, &["--as", "clerk", "status", "suspend", "1", "--reason", "data_conflict"]);
    let (_, out, _) = run(path, &["--as", "clerk", "status", "revoke", "2", "--reason", "death", "--json"]);
    let change = serde_json::from_str::<serde_json::Value>(&out).unwrap()["change"].to_string();
    assert_eq!(run(path, &["--as", "clerk", "status", "confirm", &change]).0, 2, "one officer alone");
    assert_eq!(run(path, &["--as", "approver", "status", "confirm", &change]).0, 0);
    let (code, out, _) = run(path, &["--as", "clerk", "status", "replace", "3", "--json"]);
    assert_eq!(code, 0);
    let case = serde_json::from_str::<serde_json::Value>(&out).unwrap()["application"].to_string();
    for (who, what) in [("reviewer", "review"), ("approver", "approve")] {
        assert_eq!(run(path, &["--as", who, what, &case]).0, 0);
    }
    assert!(run(path, &["issue"]).1.contains("issued 1"));
    assert_eq!(run(path, &["bundle", "export", "b.dcb"]).0, 0);
    let roots = RootSet::from_slice(&fs::read(path.join("issuer/root.dcr")).unwrap()).unwrap();
    let mut state = verifier::State::pinned(roots);
    verifier::Bundle::install(&fs::read(path.join("b.dcb")).unwrap(), &mut state).unwrap();
    let (_, out, _) = run(path, &["list", "--json"]);
    let standings: Vec<String> = out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["standing"].to_string())
        .collect();
    assert_eq!(standings, ["\"suspended\"", "\"revoked\"", "\"revoked\"", "\"valid\"", "\"valid\""]);
    let (_, out, _) = run(path, &["show", "5"]);
    assert!(out.contains("**B1"), "masked, with its suffix: {out}");
}

#[test]
fn what_is_shown_in_clear_takes_an_officer_and_is_audited() {
    let folder = issued(1);
    let path = folder.path();
    let (_, masked, _) = run(path, &["show", "1"]);
    assert!(masked.contains("********") && !masked.contains("样例0"), "{masked}");
    assert_eq!(run(path, &["show", "1", "--expose"]).0, 2, "nobody named");
    let rows = |path: &Path| run(path, &["audit", "verify", "--json"]).1;
    let before = rows(path);
    let (_, clear, _) = run(path, &["--as", "auditor", "show", "1", "--expose", "--json"]);
    let clear: serde_json::Value = serde_json::from_str(&clear).unwrap();
    assert_eq!(clear["name"], "样例0");
    assert_ne!(rows(path), before);
    let number = clear["number"].as_str().unwrap();
    assert!(run(path, &["show", number]).1.contains("certificate #1"));
}

#[test]
fn a_copy_is_equal_and_comes_back_equal() {
    let folder = issued(3);
    let path = folder.path();
    let (code, digest, _) = run(path, &["backup", "copy.sqlite", "--json"]);
    assert_eq!(code, 0);
    let digest = serde_json::from_str::<serde_json::Value>(&digest).unwrap()["sha256"].to_string();
    let digest = digest.trim_matches('"');
    assert_eq!(run(path, &["backup", "copy.sqlite"]).0, 2, "no copy is overwritten");
    assert_eq!(run(path, &["restore", "copy.sqlite"]).0, 2, "no register is overwritten");
    run(path, &["--as", "clerk", "status", "suspend", "1", "--reason", "data_conflict"]);
    assert_eq!(run(path, &["restore", "copy.sqlite", "--replace", "--expect", "00"]).0, 2);
    let (code, out, _) = run(path, &["restore", "copy.sqlite", "--replace", "--expect", digest]);
    assert_eq!(code, 0);
    assert!(out.contains(digest));
    assert!(run(path, &["status"]).1.contains("certificates valid 3"), "as it was when copied");
    let mut damaged = fs::read(path.join("copy.sqlite")).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 4096].fill(0x55);
    fs::write(path.join("damaged.sqlite"), damaged).unwrap();
    assert_eq!(run(path, &["restore", "damaged.sqlite", "--replace"]).0, 2);
    assert!(run(path, &["status"]).1.contains("certificates valid 3"), "the register in use stayed");
}

#[test]
fn example_keys_and_a_clock_set_by_hand_are_for_demonstrations() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    run(path, &["init"]);
    let real = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_zhengka-issuer"));
        let output = command.args(["--lang", "en"]).args(args).current_dir(path).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, err) = real(&["--dir", "issuer", "issue"]);
    assert!(code == 2 && err.contains("add --demo"), "{err}");
    // Whoever edits the settings still meets the list of kids.
    let settings = fs::read_to_string(path.join("issuer/settings.toml")).unwrap();
    fs::write(path.join("issuer/settings.toml"), settings.replace("demo = true", "demo = false")).unwrap();
    let (code, err) = real(&["--dir", "issuer", "issue"]);
    assert!(code == 2 && err.contains("example key"), "{err}");
    fs::write(path.join("secret"), "correct horse battery\n").unwrap();
    let (code, err) = real(&["--dir", "real", "--passphrase-file", "secret", "init"]);
    assert_eq!(code, 0, "{err}");
    let key = fs::read_to_string(path.join("real/keys/issuer.key")).unwrap();
    assert!(key.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    let (code, err) = real(&["--dir", "real", "--at", "2026-01-01T00:00:00Z", "issue"]);
    assert!(code == 2 && err.contains("--at"), "{err}");
    let (code, err) = real(&["--dir", "real", "--passphrase-file", "secret", "bundle", "export", "b"]);
    assert!(code == 2 && err.contains("no trust list yet"), "{err}");
    assert_eq!(real(&["--dir", "real", "--passphrase-file", "secret", "init"]).0, 2, "not twice");
    assert_eq!(real(&["--dir", "nowhere", "issue"]).0, 2);
}

#[test]
fn a_real_register_issues_once_the_roots_have_signed_its_keys() {
    use credential::region::Region;
    use credential::snapshot::Version;
    use credential::trust_list::{KeyState, Role, RootSet, TrustList, TrustedKey};
    use issuance::signer::{KeyInMemory, Signer};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("secret"), "correct horse battery\n").unwrap();
    let with = |secret: &str, args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_zhengka-issuer"));
        command.args(["--lang", "en", "--dir", "real", "--passphrase-file", secret]).args(args);
        let output = command.current_dir(path).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let real = |args: &[&str]| with("secret", args);
    assert_eq!(real(&["init"]).0, 0);
    let ours = |name: &str| {
        let line = fs::read_to_string(path.join(format!("real/keys/{name}.pub"))).unwrap();
        keystore::PublicKeyLine::parse(&line).unwrap().key
    };
    let root = KeyInMemory::from_seed(&[1; 32]);
    let roots = RootSet::new(1, vec![root.public_key()]).unwrap();
    let trusted = |name, role| TrustedKey {
        key: ours(name),
        roles: vec![role],
        kinds: vec![credential::Kind::Certificate, credential::Kind::Pass],
        regions: vec![Region::from_code(22).unwrap()],
        not_before: credential::UnixTime::from_seconds(1),
        not_after: credential::UnixTime::from_seconds(1 << 33),
        state: KeyState::Active,
    };
    let list = |keys| TrustList {
        version: Version::new(1),
        issued: credential::UnixTime::from_seconds(1),
        expires: credential::UnixTime::from_seconds(1 << 33),
        roots: roots.clone(),
        keys,
    };
    let all = vec![
        trusted("issuer", Role::Issuer),
        trusted("status", Role::Status),
        trusted("snapshot", Role::Snapshot),
    ];
    let write = |list: &TrustList, signers: &[&dyn Signer]| {
        fs::write(path.join("t"), issuance::publication::sign_trust_list(list, signers).unwrap()).unwrap();
    };
    fs::write(path.join("r"), roots.to_bytes()).unwrap();
    write(&list(all[..1].to_vec()), &[&root]);
    assert!(real(&["bundle", "trust", "t", "--root", "r"]).2.contains("does not name our keys"));
    write(&list(all.clone()), &[]);
    assert_eq!(real(&["bundle", "trust", "t", "--root", "r"]).0, 0);
    let (code, _, err) = real(&["bundle", "export", "b"]);
    assert!(code == 2 && err.contains("71 BundleForged"), "no root signed it: {err}");
    write(&list(all), &[&root]);
    assert_eq!(real(&["bundle", "trust", "t", "--root", "r"]).0, 0);
    for (login, role) in [
        ("clerk", "clerk"),
        ("li", "reviewer"),
        ("wang", "approver"),
        ("doctor-1", "assessor"),
        ("doctor-2", "assessor"),
    ] {
        let add =
            ["--as", "admin", "officer", "add", login, "--name", "某", "--role", role, "--region", "22"];
        assert_eq!(real(&[&add[..], &["--kind", "province"]].concat()).0, 0);
    }
    assert_eq!(
        real(&["--as", "clerk", "officer", "add", "x1", "--name", "某", "--role", "clerk", "--region", "22"])
            .0,
        2
    );
    let blind = line(1).replace(",42,", ",12,");
    fs::write(path.join("a.csv"), format!("{APPLICANTS}{}{blind}", line(0))).unwrap();
    assert_eq!(real(&["--as", "clerk", "import", "a.csv"]).0, 0);
    assert_eq!(real(&["--as", "li", "review", "--all"]).0, 0);
    assert_eq!(real(&["--as", "wang", "approve", "--all"]).0, 0);
    fs::write(path.join("wrong"), "another passphrase\n").unwrap();
    let (code, _, err) = with("wrong", &["issue"]);
    assert!(code == 2 && err.contains("The passphrase is wrong"), "{err}");
    let (code, out, err) = real(&["issue", "--json"]);
    assert_eq!(code, 0, "{err}");
    let kinds: Vec<usize> = out
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["credentials"].as_array().unwrap().len()
        })
        .collect();
    assert_eq!(kinds, [1, 2], "unconfirmed rules grant nothing here; the blind ride free by law");
    assert_eq!(real(&["bundle", "export", "b"]).0, 0);
}

#[test]
fn a_pilot_is_switched_by_an_administrator_within_their_region() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    run(path, &["init"]);
    let switch = |who: &str, rest: &[&str]| {
        let (code, _, err) = run(path, &[&["--as", who, "pilot", "switch"], rest].concat());
        (code, err)
    };
    let before = run(path, &["pilot", "list"]).1;
    assert!(before.contains("smart_card  off") && !before.contains("220102"), "{before}");
    assert_eq!(switch("admin", &["smart_card", "220102", "on"]).0, 0);
    assert_ne!(switch("clerk", &["smart_card", "220102", "off"]).0, 0, "no administrator");
    assert_ne!(switch("admin", &["smart_card", "110105", "on"]).0, 0, "another province");
    for wrong in [["card", "220102", "on"], ["smart_card", "2201021", "on"], ["smart_card", "220102", "yes"]]
    {
        let (code, err) = switch("admin", &wrong);
        assert!(code == 2 && !err.is_empty(), "{wrong:?}: {err}");
    }
    let after = run(path, &["pilot", "list"]).1;
    assert!(after.contains("220102 吉林省长春市南关区  smart_card  on"), "{after}");
    let (_, rows, _) = run(path, &["pilot", "list", "--json"]);
    let rows: Vec<serde_json::Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    assert_eq!(rows.last().unwrap()["on"], true);
}

#[test]
fn a_programs_token_is_made_listed_and_taken_back_by_an_administrator() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    run(path, &["init"]);
    let add = ["client", "add", "clerk", "--name", "counter", "--scope", "read_cases,write_cases", "--json"];
    let (code, out, err) = run(path, &[&["--as", "admin"][..], &add].concat());
    assert_eq!(code, 0, "{err}");
    let added: serde_json::Value = serde_json::from_str(&out).unwrap();
    let token = added["token"].as_str().unwrap();
    assert!(token.starts_with("zhengka_"), "{out}");
    let list = || {
        let (code, out, err) = run(path, &["--as", "admin", "client", "list", "--json"]);
        assert_eq!(code, 0, "{err}");
        assert!(!out.contains(token), "shown once");
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
    };
    let rows = list();
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["login"], &rows[0]["in_force"]), (&"clerk".into(), &true.into()));
    assert_eq!(rows[0]["scopes"], "read_cases,write_cases");
    for by in ["clerk", "approver"] {
        for asked in [&["client", "list"][..], &["client", "revoke", "1"]] {
            let (code, out, err) = run(path, &[&["--as", by], asked].concat());
            assert!(code == 2 && out.is_empty() && err.contains("administrator"), "{by}: {out}{err}");
        }
    }
    assert_eq!(list()[0]["in_force"], true, "still");
    assert_ne!(run(path, &["--as", "admin", "client", "revoke", "2"]).0, 0, "no such client");
    assert_eq!(run(path, &["--as", "admin", "client", "revoke", "1"]).0, 0);
    assert_eq!(list()[0]["in_force"], false);
    let audit = run(path, &["--as", "admin", "client", "revoke", "1"]);
    assert_eq!(audit.0, 0, "taken back twice is taken back");
    assert!(run(path, &["audit", "verify"]).1.starts_with("the chain is whole"));
}
