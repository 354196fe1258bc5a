//! What a stolen snapshot key can do to the verifiers' memory, and how the roots undo it.

use credential::UnixTime;
use credential::snapshot::Version;
use credential::trust_list::{KeyState, Role};
use tests::authority::{Authority, DAY, HOUR, Key, NOW, SIGNED};
use verifier::{Bundle, MAX_VERSION_STEP, Refusal, State};

fn with_version(version: u32) -> Authority {
    Authority::new().with(|a| a.version = version)
}

/// The authority after the ceremony that names a new snapshot key and says what became of the old one.
fn after_ceremony(became: Option<KeyState>) -> Authority {
    let new = Key::named("snapshot 2");
    Authority::new().with(|a| {
        let old = a.snapshot_key.kid();
        match became {
            Some(state) => a.trusted(old).state = state,
            None => a.trust.keys.retain(|key| key.kid() != old),
        }
        a.trust.keys.push(new.trusted_for(Role::Snapshot));
        a.trust.version = Version::new(2);
        a.version = 8;
        a.snapshot_key = new;
    })
}

fn install(authority: &Authority, state: &mut State) -> Result<(), Refusal> {
    Bundle::install(&authority.bundle(), state).map(|_| ())
}

#[test]
fn a_version_that_jumps_further_than_anybody_could_is_refused_and_the_state_stays() {
    let mut state = Authority::new().pinned();
    install(&with_version(7), &mut state).unwrap();
    let before = state.clone();
    for version in [7 + MAX_VERSION_STEP + 1, u32::MAX] {
        assert_eq!(install(&with_version(version), &mut state), Err(Refusal::BundleForged), "{version}");
        assert_eq!(state, before);
    }
    assert_eq!(install(&with_version(7 + MAX_VERSION_STEP), &mut state), Ok(()));
}

#[test]
fn a_part_that_jumps_is_refused_even_when_the_snapshot_does_not() {
    let far = Authority::new().parts().with(|parts| {
        parts.snapshot.parts[1].version = Version::new(u32::MAX);
    });
    let refused = Bundle::install(&far.to_bytes(), &mut Authority::new().pinned()).err();
    assert_eq!(refused, Some(Refusal::BundleForged));
}

#[test]
fn the_marks_of_a_stolen_snapshot_key_go_when_the_roots_say_that_it_was_stolen() {
    for became in [Some(KeyState::Compromised { since: SIGNED }), None] {
        let mut state = Authority::new().pinned();
        let thief = with_version(MAX_VERSION_STEP).with(|a| a.issued = NOW.plus_seconds(300 * DAY));
        let thief = thief.with(|a| a.expires = NOW.plus_seconds(301 * DAY));
        install(&thief, &mut state).unwrap();
        assert!(state.newest_signed() > NOW);

        let healed = after_ceremony(became);
        assert_eq!(install(&healed, &mut state), Ok(()));
        assert_eq!(state.newest_signed(), SIGNED);
        // Neither the thief's bundle nor an honest one from before comes back.
        assert_eq!(install(&thief, &mut state), Err(Refusal::BundleRolledBack));
        assert_eq!(install(&with_version(9), &mut state), Err(Refusal::BundleRolledBack));
    }
}

#[test]
fn a_snapshot_key_that_merely_retired_keeps_its_marks() {
    let mut state = Authority::new().pinned();
    install(&with_version(9), &mut state).unwrap();
    let lower = after_ceremony(Some(KeyState::Retired { since: NOW }));
    assert_eq!(install(&lower, &mut state), Err(Refusal::BundleRolledBack));
}

#[test]
fn the_time_a_status_key_claims_does_not_move_the_newest_signed_time() {
    let late = Authority::new().with(|a| {
        a.status[0].issued = NOW.plus_seconds(100 * DAY);
        a.status[0].expires = NOW.plus_seconds(101 * DAY);
    });
    let mut state = late.pinned();
    install(&late, &mut state).unwrap();
    assert_eq!(state.newest_signed(), UnixTime::from_seconds(NOW.as_seconds() - HOUR));
}
