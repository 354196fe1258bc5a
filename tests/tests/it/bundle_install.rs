//! A bundle is offered to a verifier: what it is refused for, and that a refused one changes nothing.

use credential::bundle::Bundle as Parts;
use credential::sign1::Content;
use credential::snapshot::{PartName, Version, sha256};
use credential::status_list::{Bits, Status, StatusList};
use credential::trust_list::{KeyState, Role, RootSet, TrustedKey};
use credential::{PublicKey, UnixTime};
use tests::authority::{
    Authority, DAY, INDEX, Key, NOW, SIGNED, SignedParts, empty_status_list, region, root_set,
};
use tests::vectors::fares;
use verifier::{Bundle, Refusal, State};

/// What a verifier that has these roots and saw nothing yet says of a bundle.
fn refusal_of(roots: &RootSet, bytes: &[u8]) -> Option<Refusal> {
    refusal_by(&mut State::pinned(roots.clone()), bytes)
}

/// Refuses or not; a refused bundle leaves the state as it was.
fn refusal_by(state: &mut State, bytes: &[u8]) -> Option<Refusal> {
    let before = state.clone();
    let refusal = Bundle::install(bytes, state).err();
    if refusal.is_some() {
        assert!(*state == before, "a refused bundle must not move the state");
    }
    refusal
}

fn forged_if(change: impl FnOnce(&mut Authority)) -> Option<Refusal> {
    let authority = Authority::new();
    let roots = authority.trust.roots.clone();
    refusal_of(&roots, &authority.with(change).bundle())
}

fn forged_if_parts(change: impl FnOnce(&mut SignedParts)) -> Option<Refusal> {
    let authority = Authority::new();
    refusal_of(&authority.trust.roots, &authority.parts().with(change).to_bytes())
}

const FORGED: Option<Refusal> = Some(Refusal::BundleForged);

#[test]
fn an_untouched_bundle_installs_and_moves_the_state_forward() {
    let authority = Authority::new().with(|a| a.version = 7);
    let mut state = authority.pinned();
    let bundle = Bundle::install(&authority.bundle(), &mut state).unwrap();
    assert_eq!((state.snapshot(), state.newest_signed()), (Version::new(7), SIGNED));
    assert_eq!(
        (bundle.snapshot().version, bundle.trust_list()),
        (Version::new(7), &{
            let mut sorted = authority.trust.clone();
            sorted.keys.sort_by_key(TrustedKey::kid);
            sorted
        })
    );
    assert_eq!((bundle.status_lists().len(), bundle.age_seconds(NOW)), (1, 3600));
    assert_eq!(State::from_slice(&state.to_bytes()).as_ref(), Ok(&state));
}

#[test]
fn bytes_that_are_no_bundle_are_forged_and_so_is_every_cut_one() {
    let authority = Authority::new();
    let whole = authority.bundle();
    for bytes in [&b""[..], b"hello", &whole[1..]] {
        assert_eq!(refusal_of(&authority.trust.roots, bytes), FORGED);
    }
    for cut in 0..whole.len() {
        assert_eq!(refusal_of(&authority.trust.roots, &whole[..cut]), FORGED, "cut at {cut}");
    }
}

#[test]
fn no_altered_byte_of_a_bundle_is_installed() {
    let authority = Authority::new();
    let whole = authority.bundle();
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1 << (at % 8);
        assert_eq!(refusal_of(&authority.trust.roots, &altered), FORGED, "byte {at}");
    }
}

// ── roots ──

#[test]
fn a_trust_list_needs_the_threshold_of_its_roots() {
    assert_eq!(forged_if(|a| a.signing_roots.truncate(1)), FORGED, "one of two");
    assert_eq!(forged_if(|a| a.signing_roots = vec![]), FORGED, "nobody");
    assert_eq!(forged_if(|a| a.signing_roots.push(Key::named("root c"))), None, "three of two");
    assert_eq!(forged_if(|a| a.signing_roots[0] = Key::named("root c")), None, "any two of three");
}

#[test]
fn a_root_that_signs_twice_counts_once() {
    // The builder keeps one signature of each key, so the second one is written by hand.
    let authority = Authority::new().with(|a| a.signing_roots.truncate(1));
    let once = authority.trust_list();
    let signature = &once[once.len() - SIGNATURE_ENTRY_BYTES..];
    let mut twice = once.clone();
    let head = once.len() - SIGNATURE_ENTRY_BYTES - 1;
    assert_eq!(twice[head], 0x81, "an array of one signature");
    twice[head] = 0x82;
    twice.extend_from_slice(signature);
    let forged = authority.parts().with(|parts| exchange_trust_list(parts, twice));
    assert_eq!(refusal_of(&authority.trust.roots, &forged.to_bytes()), FORGED);
}

fn exchange_trust_list(parts: &mut SignedParts, bytes: Vec<u8>) {
    parts.snapshot.parts[0].sha256 = sha256(&bytes);
    parts.trust_list = bytes;
}

/// `[{1: -8, 4: kid} in a byte string, {}, 64 bytes in a byte string]`.
const SIGNATURE_ENTRY_BYTES: usize = 1 + (1 + 9) + 1 + (2 + 64);

#[test]
fn a_signature_by_somebody_who_is_no_root_counts_for_nothing() {
    assert_eq!(forged_if(|a| a.signing_roots[1] = Key::named("stranger")), FORGED);
    assert_eq!(forged_if(|a| a.signing_roots[1] = a.snapshot_key.clone()), FORGED);
    assert_eq!(forged_if(|a| a.signing_roots.push(Key::named("stranger"))), None, "nor does it harm");
}

#[test]
fn a_list_that_lowers_its_own_threshold_still_needs_the_one_in_force() {
    let roots = ["root a", "root b", "root c"].map(Key::named);
    let lower = |a: &mut Authority| {
        a.trust.roots = root_set(1, &roots);
        a.signing_roots.truncate(1);
    };
    assert_eq!(forged_if(lower), FORGED);
}

#[test]
fn new_roots_need_the_threshold_of_the_old_and_of_the_new() {
    let [old_a, old_b, new_a, new_b] = ["root a", "root b", "root x", "root y"].map(Key::named);
    let rotated = |signers: &[&Key]| {
        let signing_roots = signers.iter().map(|key| (*key).clone()).collect();
        forged_if(|a| {
            a.trust.roots = root_set(2, &[new_a.clone(), new_b.clone()]);
            a.signing_roots = signing_roots;
        })
    };
    assert_eq!(rotated(&[&old_a, &old_b, &new_a, &new_b]), None);
    assert_eq!(rotated(&[&old_a, &old_b, &new_a]), FORGED, "the new set is one short");
    assert_eq!(rotated(&[&old_a, &new_a, &new_b]), FORGED, "the old set is one short");
    assert_eq!(rotated(&[&new_a, &new_b]), FORGED, "the new set alone");
    assert_eq!(rotated(&[&old_a, &old_b]), FORGED, "the old set alone");
}

#[test]
fn after_a_rotation_only_the_new_roots_count() {
    let old = ["root a", "root b"].map(Key::named);
    let new = ["root x", "root y"].map(Key::named);
    let before = Authority::new();
    let rotation = before.clone().with(|a| {
        a.trust.roots = root_set(2, &new);
        a.trust.version = Version::new(2);
        a.signing_roots = [&old[..], &new[..]].concat();
    });
    let mut state = before.pinned();
    assert_eq!(refusal_by(&mut state, &rotation.bundle()), None);
    assert_eq!(state.roots(), &rotation.trust.roots);

    let by_the_old = before.clone().with(|a| a.trust.version = Version::new(3));
    assert_eq!(refusal_by(&mut state, &by_the_old.bundle()), FORGED);
    let by_the_new = rotation.with(|a| {
        a.trust.version = Version::new(3);
        a.signing_roots = new.to_vec();
    });
    assert_eq!(refusal_by(&mut state, &by_the_new.bundle()), None);
}

#[test]
fn two_keys_with_one_kid_are_refused() {
    let again = |a: &mut Authority| {
        let mut second = a.issuer.trusted_for(Role::Issuer);
        second.regions = vec![region(0)];
        a.trust.keys.push(second);
    };
    assert_eq!(forged_if(again), FORGED);
}

#[test]
fn a_key_that_is_no_point_or_a_weak_one_makes_the_list_worthless() {
    let mut neutral = [0; 32];
    neutral[0] = 1;
    for key in [neutral, [2; 32]] {
        let add = |a: &mut Authority| {
            let mut weak = a.issuer.trusted_for(Role::Issuer);
            weak.key = PublicKey::Ed25519(key);
            a.trust.keys.push(weak);
        };
        assert_eq!(forged_if(add), FORGED);
    }
}

// ── the snapshot and its parts ──

#[test]
fn a_snapshot_counts_only_by_a_snapshot_key_in_its_time() {
    assert_eq!(forged_if_parts(|p| p.snapshot_key = Key::named("stranger")), FORGED);
    assert_eq!(forged_if_parts(|p| p.snapshot_key = Key::named("status")), FORGED, "another role");
    let snapshot_kid = Key::named("snapshot").kid();
    assert_eq!(forged_if(|a| a.trusted(snapshot_kid).not_before = SIGNED.plus_seconds(1)), FORGED);
    assert_eq!(forged_if(|a| a.trusted(snapshot_kid).not_before = SIGNED), None);
    assert_eq!(forged_if(|a| a.trusted(snapshot_kid).not_after = SIGNED), FORGED);
    assert_eq!(forged_if(|a| a.trusted(snapshot_kid).not_after = SIGNED.plus_seconds(1)), None);
    let since = SIGNED;
    assert_eq!(forged_if(|a| a.trusted(snapshot_kid).state = KeyState::Retired { since }), FORGED);
    let since = SIGNED.plus_seconds(1);
    assert_eq!(forged_if(|a| a.trusted(snapshot_kid).state = KeyState::Retired { since }), None);
    assert_eq!(forged_if(|a| a.trusted(snapshot_kid).state = KeyState::Compromised { since }), FORGED);
}

#[test]
fn a_part_that_is_missing_added_or_exchanged_is_noticed() {
    let extra = Authority::new().with(|a| a.status[0].issued = SIGNED.plus_seconds(1)).parts();
    assert_eq!(forged_if_parts(|p| drop(p.status_lists.pop())), FORGED, "missing");
    assert_eq!(forged_if_parts(|p| p.status_lists.push(extra.status_lists[0].clone())), FORGED, "added");
    assert_eq!(forged_if_parts(|p| p.status_lists.push(p.status_lists[0].clone())), FORGED, "twice");
    assert_eq!(forged_if_parts(|p| p.status_lists = extra.status_lists.clone()), FORGED, "exchanged");
    let no_trust = |p: &mut SignedParts| p.snapshot.parts.retain(|part| part.name != PartName::Trust);
    assert_eq!(forged_if_parts(no_trust), FORGED, "the snapshot names no trust list");
    let unnamed =
        |p: &mut SignedParts| p.policies.push(Key::named("policy").sign1(vec![0xa0], Content::Policy));
    assert_eq!(forged_if_parts(unnamed), FORGED, "a policy pack that the snapshot does not name");
    let nameless = |p: &mut SignedParts| p.snapshot.parts.truncate(1);
    assert_eq!(forged_if_parts(nameless), FORGED, "a status list that the snapshot does not name");
}

#[test]
fn an_older_list_under_a_newer_ones_name_is_noticed_among_two_issuers() {
    let second = Key::named("second issuer");
    let two = Authority::new().with(|a| {
        a.trust.keys.push(second.trusted_for(Role::Issuer));
        a.status.push(empty_status_list(second.kid()));
    });
    assert_eq!(refusal_of(&two.trust.roots, &two.bundle()), None);
    let roots = two.trust.roots.clone();
    // The first issuer's list under both names: the second issuer would have no list, the first one two.
    let swapped = two.parts().with(|p| {
        let (first, digest) = (p.status_lists[0].clone(), sha256(&p.status_lists[0]));
        p.status_lists[1] = first;
        p.snapshot.parts[2].sha256 = digest;
    });
    assert_eq!(refusal_of(&roots, &swapped.to_bytes()), FORGED);
    let crossed = two.parts().with(|p| {
        let (a, b) = (p.snapshot.parts[1].sha256, p.snapshot.parts[2].sha256);
        (p.snapshot.parts[1].sha256, p.snapshot.parts[2].sha256) = (b, a);
    });
    assert_eq!(refusal_of(&roots, &crossed.to_bytes()), FORGED, "names and digests crossed");
    let reordered = two.parts().with(|p| p.status_lists.reverse());
    assert_eq!(refusal_of(&roots, &reordered.to_bytes()), None, "the order in the file means nothing");
}

#[test]
fn a_trust_list_of_another_version_than_the_snapshot_says_is_noticed() {
    let wrong = |p: &mut SignedParts| p.snapshot.parts[0].version = Version::new(2);
    assert_eq!(forged_if_parts(wrong), FORGED);
}

#[test]
fn parts_of_two_bundles_do_not_mix() {
    let monday = Authority::new();
    let tuesday = Authority::new().with(|a| {
        a.version = 2;
        a.trust.version = Version::new(2);
        a.set_status(INDEX, Status::Invalid);
    });
    let (first, second) = (monday.bundle(), tuesday.bundle());
    let (a, b) = (Parts::parse(&first).unwrap(), Parts::parse(&second).unwrap());
    let mixes = [
        Parts { snapshot: a.snapshot, ..b.clone() },
        Parts { trust_list: a.trust_list, ..b.clone() },
        Parts { status_lists: a.status_lists.clone(), ..b.clone() },
    ];
    for mix in mixes {
        assert_eq!(refusal_of(&monday.trust.roots, &mix.to_bytes()), FORGED);
    }
    assert_eq!(refusal_of(&monday.trust.roots, &b.to_bytes()), None);
}

// ── status lists ──

#[test]
fn a_status_list_counts_only_by_a_status_key_that_covers_the_issuer() {
    assert_eq!(forged_if(|a| a.status_key = Key::named("stranger")), FORGED);
    assert_eq!(forged_if(|a| a.status_key = a.issuer.clone()), FORGED, "another role");
    let status_kid = Key::named("status").kid();
    assert_eq!(forged_if(|a| a.trusted(status_kid).regions = vec![region(21)]), FORGED, "another province");
    assert_eq!(forged_if(|a| a.trusted(status_kid).regions = vec![region(2201)]), FORGED, "only a part");
    assert_eq!(forged_if(|a| a.trusted(status_kid).regions = vec![]), FORGED);
    assert_eq!(forged_if(|a| a.trusted(status_kid).regions = vec![region(21), region(22)]), None);
    assert_eq!(forged_if(|a| a.trusted(status_kid).regions = vec![region(0)]), None);
    let since = SIGNED;
    assert_eq!(forged_if(|a| a.trusted(status_kid).state = KeyState::Retired { since }), FORGED);
}

#[test]
fn a_key_with_both_roles_may_sign_its_own_list() {
    let both = |a: &mut Authority| {
        a.trusted_issuer().roles = vec![Role::Issuer, Role::Status];
        a.status_key = a.issuer.clone();
    };
    assert_eq!(forged_if(both), None);
}

#[test]
fn a_status_list_for_nobodys_key_is_refused() {
    assert_eq!(forged_if(|a| a.status[0].issuer = Key::named("stranger").kid()), FORGED);
}

#[test]
fn a_status_list_that_inflates_to_another_size_than_stated_is_refused() {
    for (stated, refusal) in [(1024, None), (1023, FORGED), (1025, FORGED), (0, FORGED)] {
        let change = |p: &mut SignedParts| {
            p.snapshot.parts[1].unpacked.as_mut().unwrap().length = stated;
        };
        assert_eq!(forged_if_parts(change), refusal, "stated {stated}");
    }
    let digest = |p: &mut SignedParts| p.snapshot.parts[1].unpacked.as_mut().unwrap().sha256[0] ^= 1;
    assert_eq!(forged_if_parts(digest), FORGED, "the right size, another content");
}

#[test]
fn a_status_list_larger_than_any_country_needs_is_not_unpacked() {
    let huge = |a: &mut Authority| a.status[0].list = StatusList::new(Bits::One, u32::MAX / 4);
    assert_eq!(forged_if(huge), FORGED);
}

// ── policy packs ──

#[test]
fn a_policy_pack_counts_if_any_region_of_its_key_contains_its_jurisdiction() {
    let policy_kid = Key::named("policy").kid();
    for (regions, refusal) in [
        (vec![22], None),
        (vec![21, 22], None),
        (vec![0], None),
        (vec![21], FORGED),
        (vec![2201], FORGED),
        (vec![], FORGED),
    ] {
        let authority = fares()
            .with(|a| a.trusted(policy_kid).regions = regions.iter().map(|code| region(*code)).collect());
        assert_eq!(refusal_of(&authority.trust.roots, &authority.bundle()), refusal, "{regions:?}");
    }
}

// ── what was seen before ──

#[test]
fn an_older_bundle_is_a_rollback_and_the_same_one_is_not() {
    let [one, two] = [1, 2].map(|version| Authority::new().with(|a| a.version = version));
    let mut state = one.pinned();
    assert_eq!(refusal_by(&mut state, &two.bundle()), None);
    assert_eq!(refusal_by(&mut state, &one.bundle()), Some(Refusal::BundleRolledBack));
    assert_eq!(refusal_by(&mut state, &two.bundle()), None);
}

#[test]
fn an_older_part_under_a_newer_snapshot_is_a_rollback() {
    let new_trust = Authority::new().with(|a| a.trust.version = Version::new(5));
    let mut state = new_trust.pinned();
    assert_eq!(refusal_by(&mut state, &new_trust.bundle()), None);
    let old_trust = Authority::new().with(|a| {
        a.version = 9;
        a.trust.version = Version::new(4);
    });
    assert_eq!(refusal_by(&mut state, &old_trust.bundle()), Some(Refusal::BundleRolledBack));

    let old_list = new_trust.parts().with(|p| {
        p.snapshot.version = Version::new(9);
        p.snapshot.parts[1].version = Version::new(0);
    });
    assert_eq!(refusal_by(&mut state, &old_list.to_bytes()), Some(Refusal::BundleRolledBack));
}

#[test]
fn a_part_that_went_away_does_not_come_back_older() {
    let with_list = Authority::new().with(|a| a.version = 5);
    let without = Authority::new().with(|a| {
        a.version = 6;
        a.status.clear();
    });
    let mut state = with_list.pinned();
    assert_eq!(refusal_by(&mut state, &with_list.bundle()), None);
    assert_eq!(refusal_by(&mut state, &without.bundle()), None);
    let back = with_list.parts().with(|p| {
        p.snapshot.version = Version::new(7);
        p.snapshot.parts[1].version = Version::new(4);
    });
    assert_eq!(refusal_by(&mut state, &back.to_bytes()), Some(Refusal::BundleRolledBack));
}

#[test]
fn a_state_that_was_saved_and_read_back_still_knows_a_rollback() {
    let [one, two] = [1, 2].map(|version| Authority::new().with(|a| a.version = version));
    let mut state = one.pinned();
    assert_eq!(refusal_by(&mut state, &two.bundle()), None);
    let mut restarted = State::from_slice(&state.to_bytes()).unwrap();
    assert_eq!(refusal_by(&mut restarted, &one.bundle()), Some(Refusal::BundleRolledBack));
}

#[test]
fn the_newest_time_signed_is_that_of_the_snapshot_or_the_trust_list() {
    let later = SIGNED.plus_seconds(60);
    let changes: [fn(&mut Authority, UnixTime); 2] = [|a, t| a.issued = t, |a, t| a.trust.issued = t];
    for change in changes {
        let authority = Authority::new().with(|a| {
            a.expires = NOW.plus_seconds(DAY);
            change(a, later);
        });
        assert_eq!(authority.installed().newest_signed(), later);
    }
}
