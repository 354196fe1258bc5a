//! Who may import whom: ARCHITECTURE.md as data, held against `cargo metadata` and the sources.
//! A member that is not in the table fails, so a new crate states its place first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// What a member's normal dependencies may be among ours, and which outside crates it must never reach.
struct Place {
    member: &'static str,
    may_import: &'static [&'static str],
    never: &'static [&'static str],
}

const PLACES: &[Place] = &[
    Place { member: "credential", may_import: &[], never: OUTSIDE_WORLD },
    Place { member: "verifier", may_import: &["credential"], never: OUTSIDE_WORLD },
    Place { member: "bilingual", may_import: &[], never: &["rusqlite", "axum", "tokio", "pcsc", "tempfile"] },
    Place {
        member: "keystore",
        may_import: &["credential"],
        never: &["rusqlite", "axum", "tokio", "tempfile"],
    },
    Place { member: "verifier-ffi", may_import: &["credential", "verifier"], never: OUTSIDE_WORLD },
    Place {
        member: "bundle-store",
        may_import: &["credential", "verifier"],
        never: &["rusqlite", "axum", "tokio", "pcsc"],
    },
    Place { member: "card-protocol", may_import: &[], never: OUTSIDE_WORLD },
    Place { member: "card-applet", may_import: &["card-protocol"], never: OUTSIDE_WORLD },
    Place { member: "card-host", may_import: &["card-protocol"], never: &["rusqlite", "axum", "tokio"] },
    Place { member: "issuance", may_import: &["credential", "verifier"], never: OUTSIDE_WORLD },
    Place {
        member: "issuance-server",
        may_import: &[
            "bilingual",
            "credential",
            "verifier",
            "bilingual",
            "keystore",
            "issuance",
            "card-protocol",
            "card-host",
        ],
        never: &[],
    },
    Place {
        member: "cli",
        may_import: &[
            "bilingual",
            "bundle-store",
            "credential",
            "verifier",
            "keystore",
            "card-protocol",
            "card-host",
        ],
        never: &["rusqlite", "axum"],
    },
    Place {
        member: "gate",
        may_import: &["bundle-store", "credential", "verifier", "card-protocol", "card-host"],
        never: &["rusqlite", "axum"],
    },
    Place {
        member: "card-firmware-sim",
        may_import: &["card-applet", "card-protocol"],
        never: &["rusqlite", "axum"],
    },
    Place { member: "xtask", may_import: &["credential"], never: &["rusqlite", "axum", "tokio", "pcsc"] },
    Place { member: "tests", may_import: EVERYTHING, never: &[] },
];

/// Storage, web, runtime, readers and the system's randomness: reached through arguments and ports, if at all.
const OUTSIDE_WORLD: &[&str] =
    &["rusqlite", "axum", "tokio", "pcsc", "ureq", "getrandom", "tempfile", "card-host", "anyhow"];

const EVERYTHING: &[&str] = &[
    "bilingual",
    "bundle-store",
    "credential",
    "verifier",
    "keystore",
    "verifier-ffi",
    "card-protocol",
    "card-applet",
    "card-host",
    "issuance",
    "issuance-server",
    "cli",
    "gate",
    "card-firmware-sim",
    "xtask",
];

/// The members whose sources name no file, socket, clock, environment, process or thread.
const SANS_IO: &[&str] = &["credential", "verifier", "card-protocol", "card-applet", "issuance"];

const AMBIENT: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime",
    "Instant::",
    "thread_local!",
    "static mut",
    "println!",
    "eprintln!",
];

#[test]
fn every_member_has_a_place() {
    let places: BTreeSet<&str> = PLACES.iter().map(|place| place.member).collect();
    assert_eq!(places.len(), PLACES.len(), "a member stands twice in the table");
    for name in members(&metadata()).keys() {
        assert!(places.contains(name.as_str()), "{name} is not in the table: state what it may import");
    }
}

#[test]
fn members_import_only_what_the_table_allows() {
    let metadata = metadata();
    let members = members(&metadata);
    for place in PLACES {
        let Some(package) = members.get(place.member) else { continue };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let ships = dependency.kind != DependencyKind::Development;
            if ships && members.contains_key(name) {
                assert!(place.may_import.contains(&name), "{} must not import {name}", place.member);
            }
            assert!(!ships || name != "tests", "{} imports the tests", place.member);
        }
    }
}

#[test]
fn nothing_reaches_the_outside_world_through_a_dependency() {
    let metadata = metadata();
    for place in PLACES {
        let reached = reached_by(&metadata, place.member);
        for never in place.never {
            assert!(!reached.contains(*never), "{} reaches {never}", place.member);
        }
    }
}

#[test]
fn sans_io_sources_name_nothing_ambient() {
    for name in SANS_IO {
        for file in rust_files(&root().join("crates").join(name).join("src")) {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in shipped_code(&text) {
                for word in AMBIENT {
                    assert!(!line.contains(word), "{}:{number} names {word}", file.display());
                }
            }
        }
    }
}

#[test]
fn no_std_members_say_so() {
    for name in SANS_IO.iter().filter(|name| **name != "issuance") {
        let lib = fs::read_to_string(root().join("crates").join(name).join("src/lib.rs")).unwrap();
        assert!(lib.lines().any(|line| line == "#![no_std]"), "{name} is not no_std");
    }
}

#[test]
fn every_outside_dependency_stands_under_its_reason() {
    let metadata = metadata();
    let members = members(&metadata);
    let mut bare = Vec::new();
    for package in members.values() {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        for name in without_reason(&manifest) {
            if !members.contains_key(name) {
                bare.push(format!("{}: {name}", package.name));
            }
        }
    }
    assert!(bare.is_empty(), "write above it why it is there:\n{}", bare.join("\n"));
}

#[test]
fn every_member_takes_the_workspace_lints_and_stays_unpublished() {
    for package in members(&metadata()).values() {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} sets its own lints", package.name);
        assert_eq!(package.publish.as_deref(), Some(&[][..]), "{} could be published", package.name);
        assert!(package.description.is_some(), "{} has no description", package.name);
    }
}

/// Resolved for this machine and without the net: what was built is what is judged.
fn metadata() -> Metadata {
    let options = ["--offline", "--filter-platform", "host-tuple"].map(str::to_owned);
    MetadataCommand::new().current_dir(root()).other_options(options).exec().unwrap()
}

fn members(metadata: &Metadata) -> BTreeMap<String, &Package> {
    metadata.workspace_packages().into_iter().map(|package| (package.name.to_string(), package)).collect()
}

/// Names of all crates reached over normal dependencies, transitively.
fn reached_by(metadata: &Metadata, member: &str) -> BTreeSet<String> {
    let nodes: BTreeMap<_, _> =
        metadata.resolve.as_ref().unwrap().nodes.iter().map(|node| (&node.id, node)).collect();
    let mut waiting: Vec<_> = members(metadata).get(member).map(|package| &package.id).into_iter().collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        for dependency in &nodes[id].deps {
            let ships = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if ships && reached.insert(metadata[&dependency.pkg].name.to_string()) {
                waiting.push(&dependency.pkg);
            }
        }
    }
    reached
}

/// The lines of a file before its unit tests, without comments.
fn shipped_code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.trim_start().starts_with("#[cfg(test)]"))
        .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Names of the dependencies that stand under no comment; a comment speaks for the lines below it, up to a gap.
fn without_reason(manifest: &str) -> Vec<&str> {
    let mut inside = false;
    let mut reasoned = false;
    let mut bare = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.contains("dependencies");
        }
        if line.is_empty() || line.starts_with('[') {
            reasoned = false;
        } else if line.starts_with('#') {
            reasoned = true;
        } else if inside && !reasoned {
            bare.extend(line.split(['.', ' ', '=']).next());
        }
    }
    bare
}

#[test]
fn a_comment_speaks_for_the_dependencies_below_it_up_to_a_gap() {
    let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\n# Why.\nb = \"1\"\nc = \"1\"\n\nd = \"1\"\n\
                    [target.'cfg(unix)'.dev-dependencies]\ne = { version = \"1\" }\n";
    assert_eq!(without_reason(manifest), ["a", "d", "e"]);
}

#[test]
fn shipped_code_ends_where_the_unit_tests_begin_and_leaves_comments_out() {
    let code: Vec<_> = shipped_code("use a; // std::fs\n#[cfg(test)]\nuse std::fs;").collect();
    assert_eq!(code, [(1, "use a; ")]);
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
