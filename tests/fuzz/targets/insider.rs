//! A hostile insider: the engine makes up the payload, and the right key signs it. The first byte says which.
//! Whatever comes of it, a refused bundle changes nothing, and an installed one answers every question.
#![no_main]

use std::sync::LazyLock;

use authority::{Authority, Key, NOW, SignedParts, certificate, check, pass};
use credential::purpose::Purpose;
use credential::sign::{Signature, assemble, to_be_signed};
use credential::sign1::Content;
use credential::snapshot::{Part, PartName, Unpacked, Version, sha256};
use credential::status_token::StatusToken;
use verifier::{Bundle, Check, Staleness, State, verify};

#[path = "../../src/authority.rs"]
#[allow(dead_code, unreachable_pub, reason = "the invented authority of the tests")]
mod authority;

static HONEST: LazyLock<(Authority, SignedParts, Bundle)> = LazyLock::new(|| {
    let authority = Authority::new();
    (authority.clone(), authority.parts(), authority.installed())
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&which, payload)) = bytes.split_first() else { return };
    let (authority, parts, installed) = &*HONEST;
    let parts = parts.clone();
    let spoilt = match which % 5 {
        0 => return shown(installed, &authority.issue(payload.to_vec())),
        1 => with_trust_list(authority, parts, payload).to_bytes(),
        2 => with_status_list(authority, parts, payload).to_bytes(),
        3 => with_policy(authority, parts, payload).to_bytes(),
        _ => with_snapshot(&parts, payload),
    };
    offered(authority, &spoilt);
});

fn offered(authority: &Authority, bytes: &[u8]) {
    let pinned = authority.pinned();
    let mut state = pinned.clone();
    match Bundle::install(bytes, &mut state) {
        Err(_) => assert!(state == pinned),
        Ok(bundle) => {
            assert!(State::from_slice(&state.to_bytes()) == Ok(state));
            shown(&bundle, &authority.issue(certificate().encode()));
            shown(&bundle, &authority.issue(pass().encode()));
        }
    }
}

fn shown(bundle: &Bundle, bytes: &[u8]) {
    for purpose in [None, Some(Purpose::Office), Some(Purpose::Transit)] {
        for staleness in [Staleness::RefuseStale, Staleness::AcceptStale { at_most_seconds: u64::MAX }] {
            let question = Check { purpose, staleness, now: NOW, ..check() };
            let first = verify(bytes, bundle, &question).map(|accepted| accepted.status).err();
            assert_eq!(first, verify(bytes, bundle, &question).map(|accepted| accepted.status).err());
        }
    }
}

fn with_trust_list(authority: &Authority, parts: SignedParts, payload: &[u8]) -> SignedParts {
    let sign = |root: &Key| {
        let kid = root.kid();
        Signature { kid, bytes: root.sign(&to_be_signed(kid, payload)) }
    };
    let bytes = assemble(payload, authority.signing_roots.iter().map(sign).collect());
    parts.with(|parts| {
        parts.snapshot.parts[0].sha256 = sha256(&bytes);
        parts.trust_list = bytes;
    })
}

fn with_status_list(authority: &Authority, parts: SignedParts, payload: &[u8]) -> SignedParts {
    let bytes = authority.status_key.sign1(payload.to_vec(), Content::StatusList);
    parts.with(|parts| {
        parts.snapshot.parts[1].sha256 = sha256(&bytes);
        if let Ok(token) = StatusToken::decode(payload, 1 << 16) {
            parts.snapshot.parts[1].unpacked = Some(Unpacked::of(token.list.packed()));
        }
        parts.status_lists = vec![bytes];
    })
}

fn with_policy(authority: &Authority, parts: SignedParts, payload: &[u8]) -> SignedParts {
    let bytes = authority.policy_key.sign1(payload.to_vec(), Content::Policy);
    parts.with(|parts| {
        let name = PartName::Policy("fares".into());
        let (version, sha256) = (Version::new(1), sha256(&bytes));
        parts.snapshot.parts.push(Part { name, version, sha256, unpacked: None });
        parts.policies.push(bytes);
    })
}

fn with_snapshot(parts: &SignedParts, payload: &[u8]) -> Vec<u8> {
    let snapshot = parts.snapshot_key.sign1(payload.to_vec(), Content::Snapshot);
    credential::bundle::Bundle {
        snapshot: &snapshot,
        trust_list: &parts.trust_list,
        status_lists: parts.status_lists.iter().map(Vec::as_slice).collect(),
        policies: vec![],
    }
    .to_bytes()
}
