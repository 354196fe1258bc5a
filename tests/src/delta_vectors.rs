//! The vectors of tests/vectors/delta: a base, a delta, and the bundle that must come of it or the reason why none does.
//! The README beside them describes the format.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use credential::cbor::Writer;
use credential::delta::Delta;
use credential::sign1::Content;
use credential::snapshot::sha256;
use credential::status_list::{Bits, Status, StatusIndex, StatusList};

use crate::authority::{Authority, Key, SignedParts};

/// Every file of the folder with its content, by its path inside the folder.
#[must_use]
pub fn files() -> BTreeMap<PathBuf, String> {
    [accepted(), refused_by_form(), refused_by_signature()].into_iter().flatten().collect()
}

/// Where the files are.
#[must_use]
pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/delta"))
}

type File = (PathBuf, String);

fn accepted() -> Vec<File> {
    let story = |name: &str, about: &str, new: &Authority| {
        let (base, new) = (today().bundle(), new.bundle());
        let delta = Delta::between(&base, &new).expect("two bundles");
        let gives = Some(sha256(&new));
        file(&format!("accept/{name}.txt"), "accept delta", about, &delta, gives)
    };
    let grown = tomorrow().with(|a| {
        let longer = a.status[0].list.clone().resized(2048).expect("within the limit");
        a.status[0].list = longer;
        a.set_status(StatusIndex::new(8000), Status::Invalid);
    });
    let issuer = Key::named("second issuer");
    let second_list = tomorrow().with(|a| {
        let mut list = a.status[0].clone();
        list.issuer = issuer.kid();
        list.list = StatusList::new(Bits::Two, 64);
        a.status.push(list);
        a.trust.keys.push(issuer.trusted_for(credential::trust_list::Role::Issuer));
    });
    vec![
        story("day", "Three statuses change.", &tomorrow()),
        story(
            "nothing_changed",
            "Only the snapshot and the list's times are new.",
            &today().with(next_version),
        ),
        story("list_grew", "The list is twice as long and its new half has a revocation.", &grown),
        story(
            "second_list",
            "A second issuer: a new trust list and a new status list, both whole.",
            &second_list,
        ),
    ]
}

/// What makes no bundle at all.
fn refused_by_form() -> Vec<File> {
    let delta = day();
    let mut other_base = delta.clone();
    // ["DCD1", 1, h'...]: array head, text, version, head of the byte string.
    other_base[1 + 5 + 1 + 2] ^= 1;
    let trust_list = |writer: Writer| writer.uint(0u64);
    let patched = |patch: fn(Writer) -> Writer| by_hand(trust_list, move |writer| patch(writer.array(1)));
    let story = |name: &str, error: &str, about: &str, delta: &[u8]| {
        file(&format!("refuse/{name}.txt"), &format!("refuse {error}"), about, delta, None)
    };
    vec![
        story("wrong_base", "WrongBase", "The digest names another base.", &other_base),
        story("truncated", "Malformed", "The last byte is missing.", &delta[..delta.len() - 1]),
        story("trailing_byte", "Malformed", "A byte follows.", &[&delta[..], &[0]].concat()),
        story(
            "trust_list_from_nowhere",
            "Malformed",
            "It keeps a trust list at a place where the base has none.",
            &by_hand(|writer| writer.uint(1u64), |writer| writer.array(1).uint(0u64)),
        ),
        story(
            "change_past_the_end",
            "Malformed",
            "A status changes at an index that the list does not have.",
            &patched(|writer| patch(writer, 1024, &[0x82, 0x80, 0x01])),
        ),
        story(
            "change_without_end",
            "Malformed",
            "The last LEB128 says that it goes on.",
            &patched(|writer| patch(writer, 1024, &[0x82])),
        ),
        story(
            "larger_than_any_list",
            "Malformed",
            "A small delta asks for a list of 4 GB.",
            &patched(|writer| patch(writer, u32::MAX, &[])),
        ),
    ]
}

/// What makes a bundle that does not verify.
fn refused_by_signature() -> Vec<File> {
    let story = |name: &str, about: &str, delta: &[u8]| {
        file(&format!("refuse/71_{name}.txt"), "refuse 71 BundleForged", about, delta, None)
    };
    let mut signature = day();
    // The last byte of the patched list's signature; the empty list of policies follows.
    let at = signature.len() - 2;
    signature[at] ^= 1;
    let revived = by_hand(|writer| writer.uint(0u64), |writer| patch(writer.array(1), 1024, &[]));
    let kept = by_hand(|writer| writer.uint(0u64), |writer| writer.array(1).uint(0u64));
    vec![
        story("signature_altered", "One bit of the new list's signature.", &signature),
        story(
            "changes_left_out",
            "New times and signature, but none of the changes: nobody is revoked.",
            &revived,
        ),
        story("old_list_kept", "The new snapshot with the list of the base.", &kept),
    ]
}

fn today() -> Authority {
    Authority::new().with(|a| a.set_status(StatusIndex::new(700), Status::Invalid))
}

fn tomorrow() -> Authority {
    today().with(|a| {
        next_version(a);
        a.set_status(StatusIndex::new(7), Status::Suspended);
        a.set_status(StatusIndex::new(700), Status::Valid);
        a.set_status(StatusIndex::new(4095), Status::Invalid);
    })
}

fn next_version(authority: &mut Authority) {
    let later = crate::authority::NOW;
    authority.version = 2;
    authority.issued = later;
    authority.status[0].issued = later;
}

fn day() -> Vec<u8> {
    Delta::between(&today().bundle(), &tomorrow().bundle()).expect("two bundles")
}

/// A delta to tomorrow's snapshot whose other parts are as told.
fn by_hand(trust_list: impl FnOnce(Writer) -> Writer, lists: impl FnOnce(Writer) -> Writer) -> Vec<u8> {
    let signed = |parts: &SignedParts| parts.snapshot_key.sign1(parts.snapshot.encode(), Content::Snapshot);
    let (base, new) = (signed(&today().parts()), signed(&tomorrow().parts()));
    let writer = Writer::new().array(7).text("DCD1").uint(1u64).bytes(&sha256(&base)).bytes(&new);
    lists(trust_list(writer)).array(0).finish()
}

/// The patch of the one list, with tomorrow's times and signature.
fn patch(writer: Writer, length: u32, changes: &[u8]) -> Writer {
    let authority = tomorrow();
    let token = &authority.status[0];
    let signed = authority.status_key.sign1(token.encode(), Content::StatusList);
    let writer = writer.array(8).uint(0u64).bytes(authority.status_key.kid().as_bytes());
    let writer = writer.uint(token.issued.as_seconds()).uint(token.expires.as_seconds());
    writer.uint(token.ttl_seconds).uint(length).bytes(changes).bytes(&signed[signed.len() - 64..])
}

fn file(path: &str, outcome: &str, about: &str, delta: &[u8], gives: Option<[u8; 32]>) -> File {
    let (root, base) = (today().trust.roots.to_bytes(), today().bundle());
    let gives = gives.map_or(String::new(), |digest| format!("gives: {}\n", hex::encode(digest)));
    let [root, base, delta] = [&root[..], &base, delta].map(hex::encode);
    let text = format!(
        "{outcome}\n# {about}\n# Invented; made by tests/src/delta_vectors.rs.\nroot: {root}\nbase: {base}\ndelta: {delta}\n{gives}"
    );
    (path.into(), text)
}
