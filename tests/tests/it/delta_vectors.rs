//! The vectors of tests/vectors/delta: the files are what is made, and each delta meets the fate in its first line.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use credential::Malformed;
use credential::delta::Delta;
use credential::snapshot::sha256;
use credential::trust_list::RootSet;
use tests::delta_vectors::{files, folder};
use verifier::{Bundle, State};

#[test]
fn the_files_are_what_is_made() {
    let there: BTreeMap<PathBuf, String> = ["accept", "refuse"]
        .iter()
        .flat_map(|kind| fs::read_dir(folder().join(kind)).unwrap())
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.strip_prefix(folder()).unwrap().to_owned(), fs::read_to_string(path).unwrap()))
        .collect();
    assert!(
        there == files(),
        "to rewrite: cargo test -p tests --test it -- --ignored rewrite_the_delta_vectors"
    );
}

#[test]
#[ignore = "rewrites the files"]
fn rewrite_the_delta_vectors() {
    for (path, text) in files() {
        let path = folder().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn every_delta_meets_the_fate_in_its_first_line() {
    for (path, text) in files() {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let bytes = |name| hex::decode(field(name).unwrap()).unwrap();
        let (root, base, delta) = (bytes("root"), bytes("base"), bytes("delta"));
        let mut state = State::pinned(RootSet::from_slice(&root).unwrap());
        Bundle::install(&base, &mut state).unwrap();
        let fate = match Delta::parse(&delta).and_then(|delta| delta.apply(&base)) {
            Err(Malformed::WrongBase { .. }) => "refuse WrongBase".to_owned(),
            Err(_) => "refuse Malformed".to_owned(),
            Ok(new) => match Bundle::install(&new, &mut state) {
                Err(refusal) => format!("refuse {refusal}"),
                Ok(_) => {
                    assert_eq!(
                        field("gives"),
                        Some(hex::encode(sha256(&new)).as_str()),
                        "{}",
                        path.display()
                    );
                    "accept delta".to_owned()
                }
            },
        };
        assert_eq!(Some(fate.as_str()), text.lines().next(), "{}", path.display());
    }
}
