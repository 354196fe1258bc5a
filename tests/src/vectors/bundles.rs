//! Bundles: the ones that install, and each way in which one is refused.

use credential::PublicKey;
use credential::cbor::Writer;
use credential::sign::{Signature, assemble, to_be_signed};
use credential::sign1::{Content, Unsigned};
use credential::snapshot::{PartName, Snapshot, Version, sha256};
use credential::status_list::{Status, StatusList};
use credential::status_token::StatusToken;
use credential::trust_list::{KeyState, Role, TrustList};
use verifier::Refusal;

use super::{BundleFile, Expected, Setting, Vector};
use crate::authority::{Authority, DAY, INDEX, Key, SIGNED, SignedParts, region, root_set};

pub(super) fn all() -> Vec<Vector> {
    [installed(), roots(), snapshots(), parts(), status_lists(), versions()].into_iter().flatten().collect()
}

fn offered(name: &str, bytes: Vec<u8>, expected: Expected, about: &'static str) -> Vector {
    let root = Authority::new().trust.roots;
    let bundle = BundleFile { name: name.into(), bytes };
    Vector { name: format!("bundle_{name}"), expected, about, root, before: vec![], bundle, shown: None }
}

fn after(before: &[&Setting], vector: Vector) -> Vector {
    Vector { before: before.iter().map(|setting| setting.bundle()).collect(), ..vector }
}

fn forged(name: &str, bytes: Vec<u8>, about: &'static str) -> Vector {
    offered(name, bytes, Expected::Refuse(Refusal::BundleForged), about)
}

fn forged_with(name: &str, change: impl FnOnce(&mut Authority), about: &'static str) -> Vector {
    forged(name, Authority::new().with(change).bundle(), about)
}

fn forged_parts(name: &str, change: impl FnOnce(&mut SignedParts), about: &'static str) -> Vector {
    forged(name, Authority::new().parts().with(change).to_bytes(), about)
}

fn rotated(signers: &[&str], version: u32) -> Authority {
    Authority::new().with(|a| {
        a.trust.roots = root_set(2, &["root x", "root y"].map(Key::named));
        a.trust.version = Version::new(version);
        a.signing_roots = signers.iter().map(|name| Key::named(name)).collect();
    })
}

fn installed() -> Vec<Vector> {
    let standard = Setting::standard();
    let all_three = Authority::new().with(|a| a.signing_roots.push(Key::named("root c")));
    let rotation = rotated(&["root a", "root b", "root x", "root y"], 2);
    let rotation_setting = Setting { name: "rotation", authority: rotation.clone() };
    let by_the_new = rotated(&["root x", "root y"], 3);
    let accept = Expected::Accept;
    vec![
        offered("standard", standard.authority.bundle(), accept, "Two of three roots, one status list."),
        offered("three_signatures", all_three.bundle(), accept, "More signatures than needed."),
        offered(
            "rotation",
            rotation.bundle(),
            accept,
            "New roots, signed by enough of the old and of the new.",
        ),
        after(
            &[&rotation_setting],
            offered("after_rotation", by_the_new.bundle(), accept, "Once rotated, the new roots suffice."),
        ),
        after(
            &[&standard],
            offered("again", standard.authority.bundle(), accept, "The same bundle once more."),
        ),
    ]
}

fn roots() -> Vec<Vector> {
    let one_root = |a: &mut Authority| a.signing_roots.truncate(1);
    let lower = |a: &mut Authority| {
        a.trust.roots = root_set(1, &["root a", "root b", "root c"].map(Key::named));
        a.signing_roots.truncate(1);
    };
    let rotation =
        Setting { name: "rotation", authority: rotated(&["root a", "root b", "root x", "root y"], 2) };
    let by_the_old = Authority::new().with(|a| a.trust.version = Version::new(3));
    let mut vectors = vec![
        forged_with("threshold_one_short", one_root, "One of two signatures."),
        forged_with("without_signatures", |a| a.signing_roots.clear(), "No signature at all."),
        forged_with(
            "stranger_signs",
            |a| a.signing_roots[1] = Key::named("stranger"),
            "One root and a stranger.",
        ),
        forged("same_root_twice", signed_twice(), "The same root signs twice."),
        forged_with("threshold_lowered", lower, "One root lowers the threshold to one."),
        forged(
            "rotation_new_short",
            rotated(&["root a", "root b", "root x"], 2).bundle(),
            "The new set is one short.",
        ),
        forged(
            "rotation_old_short",
            rotated(&["root a", "root x", "root y"], 2).bundle(),
            "The old set is one short.",
        ),
        forged("rotation_new_alone", rotated(&["root x", "root y"], 2).bundle(), "The new set alone."),
        forged("rotation_old_alone", rotated(&["root a", "root b"], 2).bundle(), "The old set alone."),
        after(
            &[&rotation],
            forged("old_roots_after_rotation", by_the_old.bundle(), "Roots that were rotated away."),
        ),
    ];
    vectors.extend(trust_fields());
    vectors.push(forged("roots_unsorted", unsorted_roots(), "The roots of the list stand in another order."));
    vectors
}

/// Two of three roots trade places in the payload, and then it is signed.
fn unsorted_roots() -> Vec<u8> {
    let authority = Authority::new();
    let [first, second] = [0, 1].map(|n| authority.trust.roots.keys()[n].write(Writer::new()).finish());
    let payload = authority.trust.encode();
    let at = payload.windows(first.len()).position(|window| window == first).expect("the first root");
    let after = at + first.len() + second.len();
    let payload = [&payload[..at], &second, &first, &payload[after..]].concat();
    let sign =
        |root: &Key| Signature { kid: root.kid(), bytes: root.sign(&to_be_signed(root.kid(), &payload)) };
    let bytes = assemble(&payload, authority.signing_roots.iter().map(sign).collect());
    authority.parts().with(|p| exchange_trust_list(p, bytes)).to_bytes()
}

/// Each field of the trust list altered under the honest signatures; the snapshot names the altered bytes.
fn trust_fields() -> Vec<Vector> {
    let altered = |field: &str, change: fn(&mut TrustList)| {
        let honest = Authority::new();
        let payload = honest.trust.encode();
        let sign =
            |root: &Key| Signature { kid: root.kid(), bytes: root.sign(&to_be_signed(root.kid(), &payload)) };
        let signatures = honest.signing_roots.iter().map(sign).collect();
        let mut trust = honest.trust.clone();
        change(&mut trust);
        let bytes = assemble(&trust.encode(), signatures);
        let parts = honest.parts().with(|p| {
            p.snapshot.parts[0].version = trust.version;
            exchange_trust_list(p, bytes);
        });
        let about = "One field of the trust list was altered after the roots had signed.";
        forged(&format!("trust_{field}_altered"), parts.to_bytes(), about)
    };
    vec![
        altered("version", |t| t.version = Version::new(2)),
        altered("issued", |t| t.issued = t.issued.plus_seconds(1)),
        altered("expires", |t| t.expires = t.expires.plus_seconds(365 * DAY)),
        altered("threshold", |t| t.roots = root_set(1, &["root a", "root b", "root c"].map(Key::named))),
        altered("roots", |t| t.roots = root_set(2, &["root a", "root b", "root d"].map(Key::named))),
        altered("key_added", |t| t.keys.push(Key::named("stranger").trusted_for(Role::Issuer))),
        altered("key_removed", |t| drop(t.keys.remove(3))),
        altered("key", |t| t.keys[0].key = Key::named("stranger").public()),
        altered("roles", |t| t.keys[0].roles = vec![Role::Issuer, Role::Policy]),
        altered("kinds", |t| t.keys[0].kinds.clear()),
        altered("regions", |t| t.keys[0].regions = vec![region(0)]),
        altered("not_before", |t| t.keys[0].not_before = t.keys[0].not_before.plus_seconds(1)),
        altered("not_after", |t| t.keys[0].not_after = t.keys[0].not_after.plus_seconds(1)),
        altered("state", |t| t.keys[0].state = KeyState::Retired { since: SIGNED }),
    ]
}

fn exchange_trust_list(parts: &mut SignedParts, bytes: Vec<u8>) {
    parts.snapshot.parts[0].sha256 = sha256(&bytes);
    parts.trust_list = bytes;
}

fn signed_twice() -> Vec<u8> {
    let authority = Authority::new().with(|a| a.signing_roots.truncate(1));
    let mut bytes = authority.trust_list();
    // [{1: -8, 4: kid} in a byte string, {}, 64 bytes in a byte string]
    let start = bytes.len() - (1 + (1 + 9) + 1 + (2 + 64));
    let entry = bytes[start..].to_vec();
    bytes[start - 1] = 0x82;
    bytes.extend(entry);
    authority.parts().with(|p| exchange_trust_list(p, bytes)).to_bytes()
}

fn snapshots() -> Vec<Vector> {
    let altered = |field: &str, change: fn(&mut Snapshot)| {
        let parts = Authority::new().parts();
        let kid = parts.snapshot_key.kid();
        let honest = Unsigned::new(kid, parts.snapshot.encode(), Content::Snapshot);
        let signature = parts.snapshot_key.sign(&honest.to_be_signed());
        let mut snapshot = parts.snapshot.clone();
        change(&mut snapshot);
        let bytes = Unsigned::new(kid, snapshot.encode(), Content::Snapshot).with_signature(&signature);
        let about = "One field of the snapshot was altered after signing.";
        forged(&format!("snapshot_{field}_altered"), with_snapshot(&parts, &bytes), about)
    };
    let version_jump = {
        // The version is a 32-bit number; 2^64 - 1 would leave no room for a next one.
        let parts = Authority::new().parts();
        let payload = parts.snapshot.encode();
        let jump = [&[payload[0], 1, 0x1b], &[0xff; 8][..], &payload[3..]].concat();
        with_snapshot(&parts, &parts.snapshot_key.sign1(jump, Content::Snapshot))
    };
    let snapshot = |a: &Authority| a.snapshot_key.kid();
    vec![
        altered("version", |s| s.version = Version::new(2)),
        altered("issued", |s| s.issued = s.issued.plus_seconds(60)),
        altered("expires", |s| s.expires = s.expires.plus_seconds(DAY)),
        altered("part_version", |s| s.parts[1].version = Version::new(2)),
        altered("part_digest", |s| s.parts[1].sha256[0] ^= 1),
        altered("part_length", |s| s.parts[1].unpacked.as_mut().expect("a status list").length += 1),
        altered("part_removed", |s| drop(s.parts.pop())),
        forged("version_jump", version_jump, "A version of 2^64 - 1."),
        forged_parts(
            "snapshot_by_stranger",
            |p| p.snapshot_key = Key::named("stranger"),
            "A key that nobody listed.",
        ),
        forged_parts(
            "snapshot_by_status_key",
            |p| p.snapshot_key = Key::named("status"),
            "A key of another role.",
        ),
        forged_with(
            "snapshot_key_retired",
            |a| a.trusted(snapshot(a)).state = KeyState::Retired { since: SIGNED },
            "Signed in the second in which its key retired.",
        ),
        forged_with(
            "snapshot_key_compromised",
            |a| a.trusted(snapshot(a)).state = KeyState::Compromised { since: SIGNED.plus_seconds(60) },
            "Signed, as it says, before its key was stolen.",
        ),
    ]
}

fn with_snapshot(parts: &SignedParts, snapshot: &[u8]) -> Vec<u8> {
    credential::bundle::Bundle {
        snapshot,
        trust_list: &parts.trust_list,
        status_lists: parts.status_lists.iter().map(Vec::as_slice).collect(),
        policies: vec![],
    }
    .to_bytes()
}

fn parts() -> Vec<Vector> {
    let other = Authority::new().with(|a| a.status[0].issued = SIGNED.plus_seconds(1)).parts();
    let whole = Authority::new().bundle();
    let added = |p: &mut SignedParts| p.status_lists.push(other.status_lists[0].clone());
    let exchanged = |p: &mut SignedParts| p.status_lists = other.status_lists.clone();
    let unnamed =
        |p: &mut SignedParts| p.policies.push(Key::named("policy").sign1(vec![0xa0], Content::Policy));
    let no_trust = |p: &mut SignedParts| p.snapshot.parts.retain(|part| part.name != PartName::Trust);
    let twice = |a: &mut Authority| a.trust.keys.push(a.issuer.trusted_for(Role::Issuer));
    let weak = |a: &mut Authority| {
        let mut point = [0; 32];
        point[0] = 1;
        let mut key = a.issuer.trusted_for(Role::Issuer);
        key.key = PublicKey::Ed25519(point);
        a.trust.keys.push(key);
    };
    vec![
        forged("magic_altered", [&whole[..5], b"2", &whole[6..]].concat(), "DCB2 instead of DCB1."),
        forged("trailing_byte", [&whole[..], &[0]].concat(), "A byte follows the bundle."),
        forged("cut", whole[..whole.len() - 1].to_vec(), "The last byte is missing."),
        forged_parts(
            "part_missing",
            |p| p.status_lists.clear(),
            "A status list that the snapshot names is missing.",
        ),
        forged_parts("part_added", added, "A status list that the snapshot does not name."),
        forged_parts(
            "part_exchanged",
            exchanged,
            "A well-signed status list, not the one that the snapshot names.",
        ),
        forged_parts("policy_unnamed", unnamed, "A policy pack that the snapshot does not name."),
        forged_parts("trust_unnamed", no_trust, "The snapshot names no trust list."),
        forged_parts(
            "trust_version_disagrees",
            |p| p.snapshot.parts[0].version = Version::new(2),
            "Snapshot and trust list disagree about its version.",
        ),
        forged_with("two_keys_with_one_kid", twice, "Two keys of the trust list share a key id."),
        forged_with("weak_key", weak, "A key of small order: anything verifies under it."),
    ]
}

fn status_lists() -> Vec<Vector> {
    let altered = |field: &str, change: fn(&mut StatusToken)| {
        let authority = Authority::new();
        let key = &authority.status_key;
        let honest = Unsigned::new(key.kid(), authority.status[0].encode(), Content::StatusList);
        let signature = key.sign(&honest.to_be_signed());
        let mut token = authority.status[0].clone();
        change(&mut token);
        let bytes = Unsigned::new(key.kid(), token.encode(), Content::StatusList).with_signature(&signature);
        // The snapshot names the altered list, so that only the list's own signature can refuse it.
        let mut named = authority.clone();
        named.status[0] = token;
        let parts = named.parts().with(|p| {
            p.snapshot.parts[1].sha256 = sha256(&bytes);
            p.status_lists[0] = bytes;
        });
        let about = "One field of a status list was altered after signing.";
        forged(&format!("status_{field}_altered"), parts.to_bytes(), about)
    };
    let stated = |length| {
        move |p: &mut SignedParts| {
            p.snapshot.parts[1].unpacked.as_mut().expect("a status list").length = length;
        }
    };
    let huge = |a: &mut Authority| {
        a.status[0].list = StatusList::new(credential::status_list::Bits::Two, 70_000_000);
    };
    let status = |a: &Authority| a.status_key.kid();
    vec![
        altered("sub", |t| t.issuer = Key::named("policy").kid()),
        altered("iat", |t| t.issued = t.issued.plus_seconds(60)),
        altered("exp", |t| t.expires = t.expires.plus_seconds(DAY)),
        altered("ttl", |t| t.ttl_seconds += 1),
        altered("lst", |t| assert!(t.list.set(INDEX, Status::Suspended))),
        forged_with(
            "status_by_stranger",
            |a| a.status_key = Key::named("stranger"),
            "A key that nobody listed.",
        ),
        forged_with("status_by_issuer", |a| a.status_key = a.issuer.clone(), "A key of another role."),
        forged_with(
            "status_of_another_province",
            |a| a.trusted(status(a)).regions = vec![region(21)],
            "Liaoning's status key revokes nobody in Jilin.",
        ),
        forged_with(
            "status_for_nobody",
            |a| a.status[0].issuer = Key::named("stranger").kid(),
            "A list for a key that nobody listed.",
        ),
        forged_parts(
            "status_inflates_past_stated",
            stated(1023),
            "It inflates to 1024 bytes, 1023 are stated.",
        ),
        forged_parts("status_inflates_short", stated(1025), "It inflates to 1024 bytes, 1025 are stated."),
        forged_with("status_bomb", huge, "17 kB that inflate to 17.5 MB: more than the country needs."),
    ]
}

fn versions() -> Vec<Vector> {
    let two = Setting::changed("version_2", |a| {
        a.version = 2;
        a.trust.version = Version::new(2);
    });
    let back = |name: &str, change: fn(&mut SignedParts, &Authority), about| {
        let parts = two.authority.parts().with(|p| {
            p.snapshot.version = Version::new(3);
            change(p, &Authority::new());
        });
        after(&[&two], offered(name, parts.to_bytes(), Expected::Refuse(Refusal::BundleRolledBack), about))
    };
    vec![
        after(
            &[&two],
            offered(
                "rolled_back",
                Authority::new().bundle(),
                Expected::Refuse(Refusal::BundleRolledBack),
                "Yesterday's bundle after today's.",
            ),
        ),
        back(
            "status_rolled_back",
            |p, _| p.snapshot.parts[1].version = Version::new(1),
            "A newer snapshot that names an older status list.",
        ),
        back(
            "trust_rolled_back",
            |p, old| {
                p.snapshot.parts[0].version = old.trust.version;
                exchange_trust_list(p, old.trust_list());
            },
            "A newer snapshot that names an older trust list.",
        ),
    ]
}
