//! A verifier's memory on disk: what survives crashes, torn files, bad updates and full disks.

use std::fs;
use std::path::Path;

use bundle_store::{Error, Fetched, Opened, Remote, Store};
use credential::delta::Delta;
use credential::snapshot::Version;
use credential::status_list::Status;
use tempfile::{TempDir, tempdir};
use tests::authority::{Authority, DAY, INDEX, NOW};
use tests::file_server::FileServer;
use verifier::Refusal;

/// Today's authority, and the one of the day after, which revoked a pass.
fn today_and_tomorrow() -> (Authority, Authority) {
    let revoked = |a: &mut Authority| {
        a.version = 2;
        a.set_status(INDEX, Status::Invalid);
    };
    (Authority::new(), Authority::new().with(revoked))
}

fn ready(authority: &Authority) -> (TempDir, Store) {
    let folder = tempdir().unwrap();
    let store = Store::init(folder.path(), authority.trust.roots.clone()).unwrap();
    (folder, store)
}

fn version(folder: &Path) -> Option<u32> {
    Store::open(folder).unwrap().bundle.map(|bundle| bundle.snapshot().version.as_u32())
}

#[test]
fn a_bundle_that_was_taken_is_in_force_after_a_restart() {
    let (today, tomorrow) = today_and_tomorrow();
    let (folder, mut store) = ready(&today);
    store.update(&today.bundle(), NOW).unwrap();
    store.update(&tomorrow.bundle(), NOW).unwrap();
    drop(store);
    assert_eq!(version(folder.path()), Some(2));
}

#[test]
fn a_rolled_back_forged_or_torn_update_leaves_everything_as_it_was_and_says_why() {
    let (today, tomorrow) = today_and_tomorrow();
    let (folder, mut store) = ready(&today);
    store.update(&tomorrow.bundle(), NOW).unwrap();
    let files = |folder: &Path| ["state", "bundle"].map(|name| fs::read(folder.join(name)).unwrap());
    let before = files(folder.path());
    let torn = &tomorrow.bundle()[..700];
    for (file, wanted) in
        [(today.bundle().as_slice(), Refusal::BundleRolledBack), (torn, Refusal::BundleForged)]
    {
        let Err(Error::Refused { refusal }) = store.update(file, NOW) else { panic!("accepted") };
        assert_eq!(refusal, wanted);
        assert!(files(folder.path()) == before);
    }
}

#[test]
fn a_bundle_from_the_future_is_refused_before_its_time_is_remembered() {
    let (today, tomorrow) = today_and_tomorrow();
    let (_folder, mut store) = ready(&today);
    store.update(&today.bundle(), NOW).unwrap();
    let early = tomorrow.with(|a| (a.issued, a.expires) = (NOW.plus_seconds(DAY), NOW.plus_seconds(2 * DAY)));
    let refused = store.update(&early.bundle(), NOW);
    assert!(matches!(refused, Err(Error::Refused { refusal: Refusal::ClockBehind })));
    assert!(store.state().newest_signed() < NOW);
}

#[test]
fn a_missing_or_damaged_state_never_means_start_from_nothing() {
    let (today, _) = today_and_tomorrow();
    let (folder, mut store) = ready(&today);
    store.update(&today.bundle(), NOW).unwrap();
    drop(store);
    let state = folder.path().join("state");
    let good = fs::read(&state).unwrap();
    for cut in [0, 1, good.len() / 2, good.len() - 1] {
        fs::write(&state, &good[..cut]).unwrap();
        assert!(matches!(Store::open(folder.path()), Err(Error::StateDamaged { .. })), "{cut}");
        let again = Store::init(folder.path(), today.trust.roots.clone());
        assert!(matches!(again, Err(Error::AlreadyInitialised { .. })));
    }
    fs::remove_file(&state).unwrap();
    assert!(matches!(Store::open(folder.path()), Err(Error::NotInitialised { .. })));
    assert!(matches!(Store::open(&folder.path().join("other")), Err(Error::NotInitialised { .. })));
}

#[test]
fn a_crash_between_the_two_files_is_an_ordinary_update_at_the_next_start() {
    let (today, tomorrow) = today_and_tomorrow();
    let (folder, mut store) = ready(&today);
    store.update(&today.bundle(), NOW).unwrap();
    drop(store);
    fs::write(folder.path().join("bundle"), tomorrow.bundle()).unwrap();
    assert_eq!(version(folder.path()), Some(2));
    fs::write(folder.path().join("bundle"), today.bundle()).unwrap();
    let opened = Store::open(folder.path()).unwrap();
    assert_eq!((opened.bundle.is_none(), opened.refused), (true, Some(Refusal::BundleRolledBack)));
}

#[test]
fn a_damaged_bundle_leaves_none_in_force_until_the_next_update() {
    let (today, tomorrow) = today_and_tomorrow();
    let (folder, mut store) = ready(&today);
    store.update(&today.bundle(), NOW).unwrap();
    drop(store);
    fs::write(folder.path().join("bundle"), b"torn").unwrap();
    let Opened { mut store, bundle, refused } = Store::open(folder.path()).unwrap();
    assert_eq!((bundle.is_none(), refused), (true, Some(Refusal::BundleForged)));
    store.update(&tomorrow.bundle(), NOW).unwrap();
}

#[test]
fn two_programs_do_not_share_a_folder() {
    let (folder, store) = ready(&Authority::new());
    assert!(matches!(Store::open(folder.path()), Err(Error::InUse { .. })));
    drop(store);
    assert!(Store::open(folder.path()).is_ok());
}

#[test]
fn a_disk_without_room_keeps_the_bundle_in_force() {
    let (today, tomorrow) = today_and_tomorrow();
    let (folder, mut store) = ready(&today);
    store.update(&today.bundle(), NOW).unwrap();
    // Opening this for writing and writing to it fails with "no space left on device".
    std::os::unix::fs::symlink("/dev/full", folder.path().join("bundle.new")).unwrap();
    assert!(matches!(store.update(&tomorrow.bundle(), NOW), Err(Error::Io { .. })));
    drop(store);
    assert_eq!(version(folder.path()), Some(1));
}

#[test]
fn a_delta_leaves_the_very_files_that_the_whole_bundle_would() {
    let (today, tomorrow) = today_and_tomorrow();
    let delta = Delta::between(&today.bundle(), &tomorrow.bundle()).unwrap();
    let [by_delta, by_bundle] = [delta, tomorrow.bundle()].map(|file| {
        let (folder, mut store) = ready(&today);
        store.update(&today.bundle(), NOW).unwrap();
        store.update(&file, NOW).unwrap();
        ["state", "bundle"].map(|name| fs::read(folder.path().join(name)).unwrap())
    });
    assert!(by_delta == by_bundle);
}

#[test]
fn a_delta_from_elsewhere_names_the_base_it_wants_and_changes_nothing() {
    let (today, tomorrow) = today_and_tomorrow();
    let delta = Delta::between(&today.bundle(), &tomorrow.bundle()).unwrap();
    let (_folder, mut store) = ready(&today);
    let wanted =
        |refused| matches!(refused, Err(Error::OtherBase { wanted, .. }) if wanted == Version::new(1));
    assert!(wanted(store.update(&delta, NOW)), "there is no bundle yet");
    store.update(&tomorrow.bundle(), NOW).unwrap();
    assert!(wanted(store.update(&delta, NOW)), "the bundle is another one");
    assert_eq!(store.state().snapshot(), Version::new(2));
}

#[test]
fn a_delta_whose_result_does_not_verify_is_refused_like_a_bundle() {
    let (today, tomorrow) = today_and_tomorrow();
    let mut delta = Delta::between(&today.bundle(), &tomorrow.bundle()).unwrap();
    let (_folder, mut store) = ready(&today);
    store.update(&today.bundle(), NOW).unwrap();
    // The last signature byte of the one patched list; `[]` of the policies follows.
    let at = delta.len() - 2;
    delta[at] ^= 1;
    let refused = store.update(&delta, NOW);
    assert!(matches!(refused, Err(Error::Refused { refusal: Refusal::BundleForged })));
}

#[test]
fn an_unchanged_bundle_is_not_sent_twice_and_a_delta_is_asked_for_by_version() {
    let (today, tomorrow) = today_and_tomorrow();
    let delta = Delta::between(&today.bundle(), &tomorrow.bundle()).unwrap();
    let server = FileServer::with(vec![("/b.dcb", today.bundle()), ("/b.dcb.from-1", delta.clone())]);
    let mut remote = Remote::new(&format!("{}/b.dcb", server.address()));
    let Ok(Fetched::File { bytes, etag }) = remote.fetch() else { panic!("the bundle is there") };
    assert!(bytes == today.bundle());
    assert!(remote.fetch().unwrap() != Fetched::Unchanged, "it was not taken yet");
    remote.taken(etag);
    assert!(remote.fetch().unwrap() == Fetched::Unchanged);
    let Ok(Fetched::File { bytes, .. }) = remote.fetch_delta(Version::new(1)) else {
        panic!("the delta is there")
    };
    assert!(bytes == delta);
    assert!(remote.fetch_delta(Version::new(2)).unwrap() == Fetched::Unchanged);
}

#[test]
fn a_server_that_fails_or_sends_something_else_is_an_error_that_says_so() {
    let server = FileServer::with(vec![]);
    let error = Remote::new(&format!("{}/none", server.address())).fetch().err().unwrap();
    assert!(matches!(error, Error::Download { .. }) && error.to_string().contains("404"), "{error}");
    assert!(matches!(Remote::new("http://127.0.0.1:1/").fetch(), Err(Error::Download { .. })));
}
