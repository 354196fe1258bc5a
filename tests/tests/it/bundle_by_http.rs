//! Bundles on their way: what `zhengka-issuer bundle export` publishes and `serve` hands out, taken by a verifier's own
//! client into a verifier's own memory: whole, not again, and from the version before as a delta.

use std::fs;
use std::path::Path;

use bundle_store::{Error, Fetched, Opened, Remote, Store};
use credential::UnixTime;
use credential::delta::Delta;
use credential::trust_list::RootSet;
use tempfile::tempdir;

use crate::card_desk::office;

#[test]
fn a_verifier_takes_the_bundle_once_and_then_what_changed() {
    let (_folder, office) = office(3);
    office.issuer(&["bundle", "export", "1.dcb"]);
    let issuer = office.serve();
    let mut remote = Remote::new(&format!("{}/api/v1/bundle", issuer.url()));
    let verifier = tempdir().unwrap();
    let roots = RootSet::from_slice(&fs::read(office.path("issuer/root.dcr")).unwrap()).unwrap();
    let mut store = Store::init(verifier.path(), roots).unwrap();
    let now = now();

    // Nothing leads from nothing to the newest; the whole one is taken, and not sent again.
    assert!(remote.fetch_delta(store.state().snapshot()).unwrap() == Fetched::Unchanged);
    let (bytes, etag) = file(remote.fetch());
    assert!(bytes == fs::read(office.path("1.dcb")).unwrap());
    let first = store.update(&bytes, now).unwrap().snapshot().version;
    let unasked = file(remote.fetch());
    assert!(unasked == (bytes.clone(), etag.clone()), "one that was not accepted is asked for again");
    remote.taken(etag);
    assert!(remote.fetch().unwrap() == Fetched::Unchanged, "304");
    assert!(remote.fetch_delta(first).unwrap() == Fetched::Unchanged, "nothing is newer");

    // Two changes, published by another process while the service runs.
    let mut versions = vec![first];
    for (n, certificate) in [(2, "1"), (3, "2")] {
        office.issuer(&["--as", "clerk", "status", "suspend", certificate, "--reason", "data_conflict"]);
        let name = format!("{n}.dcb");
        office.issuer(&["bundle", "export", &name]);
        let whole = fs::read(office.path(&name)).unwrap();
        let (delta, etag) = file(remote.fetch_delta(store.state().snapshot()));
        assert!(Delta::is_delta(&delta) && etag.is_none());
        assert!(delta.len() < whole.len(), "{} of {} bytes", delta.len(), whole.len());
        println!("bundle {n}: {} bytes, delta {}", whole.len(), delta.len());
        versions.push(store.update(&delta, now).unwrap().snapshot().version);
        assert!(in_force(verifier.path()) == whole, "the very file that the whole bundle would be");
        assert!(remote.fetch_delta(store.state().snapshot()).unwrap() == Fetched::Unchanged);
    }
    assert!(versions.is_sorted_by(|one, next| one < next), "{versions:?}");

    // A verifier that was away for one of them is led past it; for another's base the delta is of no use.
    let away = tempdir().unwrap();
    let roots = RootSet::from_slice(&fs::read(office.path("issuer/root.dcr")).unwrap()).unwrap();
    let mut late = Store::init(away.path(), roots).unwrap();
    late.update(&bytes, now).unwrap();
    let (from_second, _) = file(remote.fetch_delta(versions[1]));
    assert!(matches!(late.update(&from_second, now), Err(Error::OtherBase { .. })));
    let (from_first, _) = file(remote.fetch_delta(versions[0]));
    assert_eq!(late.update(&from_first, now).unwrap().snapshot().version, versions[2]);
    assert!(in_force(away.path()) == in_force(verifier.path()));

    // Whoever comes with the tag of an earlier one gets the newest whole, and all of it survives a restart.
    let (newest, etag) = file(remote.fetch());
    assert!(newest == in_force(verifier.path()));
    remote.taken(etag);
    assert!(remote.fetch().unwrap() == Fetched::Unchanged);
    drop(store);
    let Opened { bundle, .. } = Store::open(verifier.path()).unwrap();
    assert_eq!(bundle.unwrap().snapshot().version, versions[2]);
}

fn file(fetched: Result<Fetched, Error>) -> (Vec<u8>, Option<String>) {
    match fetched.unwrap() {
        Fetched::File { bytes, etag } => (bytes, etag),
        Fetched::Unchanged => panic!("nothing came"),
    }
}

fn in_force(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("bundle")).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "bundles are good from the time that the issuer's own clock shows"
)]
fn now() -> UnixTime {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    UnixTime::from_seconds(since.as_secs())
}
