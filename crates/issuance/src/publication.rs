//! The bundle: trust list, status lists and policy packs under one snapshot, for verifiers to carry.
//! Versions follow the clock and always grow, so that a register restored from an older copy does not
//! publish a lower one. The trust list comes from the ceremony of the roots, signed; it is passed on as it is.

use credential::bundle::Bundle;
use credential::key::Kid;
use credential::sign::{self, Sign, Signature};
use credential::sign1::{Content, Unsigned};
use credential::snapshot::{Part, PartName, Snapshot, Unpacked, Version, sha256};
use credential::status_list::{Bits, StatusList};
use credential::status_token::StatusToken;
use credential::time::UnixTime;
use credential::trust_list::{RootSet, TrustList};
use verifier::{Bundle as VerifiedBundle, State};

use crate::Error;
use crate::actor::Actor;
use crate::audit::{Deed, Other, Subject};
use crate::register::{IssuerKey, Register};
use crate::signer::Signer;

/// The keys that speak for the register's state.
pub struct Publisher<'a> {
    /// Signs status lists.
    pub status: &'a dyn Signer,
    /// Signs snapshots.
    pub snapshot: &'a dyn Signer,
    /// The roots that verifiers have pinned.
    pub roots: &'a RootSet,
    /// The trust list as the roots signed it.
    pub trust_list: &'a [u8],
    /// Policy packs as their key signed them, with name and version.
    pub policies: &'a [Policy],
}

/// A policy pack, signed elsewhere.
pub struct Policy {
    /// Its name in the snapshot.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// Its signed bytes.
    pub bytes: Vec<u8>,
}

/// A bundle, checked by our own verifier.
pub struct Published {
    /// Its version.
    pub version: Version,
    /// From when on verifiers call it stale.
    pub expires: UnixTime,
    /// The file.
    pub bytes: Vec<u8>,
    /// How many credentials it calls suspended or revoked.
    pub not_valid: usize,
}

/// Makes the next bundle, has our own verifier install it, and notes it.
pub fn publish(
    register: &mut dyn Register,
    publisher: &Publisher<'_>,
    actor: &Actor<'_>,
) -> Result<Published, Error> {
    let now = actor.now;
    let version = next_version(register.last_bundle_version()?, now);
    let mut tokens = Vec::new();
    let mut not_valid = 0;
    for key in register.issuer_keys()? {
        let list = status_list(register, key)?;
        not_valid += list.1;
        tokens.push(token(key.kid, list.0, now));
    }
    let bytes = assemble(publisher, &tokens, version, now)?;
    let mut state = State::pinned(publisher.roots.clone());
    VerifiedBundle::install(&bytes, &mut state).map_err(|refusal| Error::BundleRefused { refusal })?;
    let audit = actor.entry(Deed::Other(Other::Published), Subject::Bundle(version.as_u32()));
    register.publish(version.as_u32(), &sha256(&bytes), &audit)?;
    Ok(Published { version, expires: now.plus_seconds(STALE_AFTER_SECONDS), bytes, not_valid })
}

/// Signs a trust list with its roots. Outside a demonstration this happens offline, one root at a time.
pub fn sign_trust_list(list: &TrustList, roots: &[&dyn Signer]) -> Result<Vec<u8>, Error> {
    let payload = list.encode();
    let sign_with = |root: &&dyn Signer| {
        let kid = root.public_key().kid();
        let bytes = root.sign(&sign::to_be_signed(kid, &payload)).map_err(Error::Signer)?;
        Ok(Signature { kid, bytes })
    };
    let signatures = roots.iter().map(sign_with).collect::<Result<Vec<_>, Error>>()?;
    Ok(sign::assemble(&payload, signatures))
}

/// Puts the parts under one snapshot.
pub(crate) fn assemble(
    publisher: &Publisher<'_>,
    tokens: &[StatusToken],
    version: Version,
    now: UnixTime,
) -> Result<Vec<u8>, Error> {
    let trust = Sign::parse(publisher.trust_list).and_then(|sign| TrustList::decode(sign.payload()));
    let trust_version = trust.map_err(|_| Error::TrustListUnreadable)?.version;
    let mut parts = vec![part(PartName::Trust, trust_version, publisher.trust_list, None)];
    let mut status_lists = Vec::new();
    for token in tokens {
        let bytes = sign1(publisher.status, token.encode(), Content::StatusList)?;
        let unpacked = Some(Unpacked::of(token.list.packed()));
        parts.push(part(PartName::Status(token.issuer), version, &bytes, unpacked));
        status_lists.push(bytes);
    }
    for policy in publisher.policies {
        parts.push(part(PartName::Policy(policy.name.clone()), policy.version, &policy.bytes, None));
    }
    let expires = now.plus_seconds(STALE_AFTER_SECONDS);
    let snapshot = Snapshot { version, issued: now, expires, parts };
    let snapshot = sign1(publisher.snapshot, snapshot.encode(), Content::Snapshot)?;
    let bundle = Bundle {
        snapshot: &snapshot,
        trust_list: publisher.trust_list,
        status_lists: status_lists.iter().map(Vec::as_slice).collect(),
        policies: publisher.policies.iter().map(|policy| policy.bytes.as_slice()).collect(),
    };
    Ok(bundle.to_bytes())
}

/// A status list token that is fresh from now.
pub(crate) fn token(issuer: Kid, list: StatusList, now: UnixTime) -> StatusToken {
    let expires = now.plus_seconds(STALE_AFTER_SECONDS);
    StatusToken { issuer, issued: now, expires, ttl_seconds: TTL_SECONDS, list }
}

/// The state of a key's list, and how many of its entries are not valid.
fn status_list(register: &dyn Register, key: IssuerKey) -> Result<(StatusList, usize), Error> {
    let mut list = StatusList::new(Bits::Two, key.list_size);
    let not_valid = register.not_valid(key.kid)?;
    for (index, standing) in &not_valid {
        if !list.set(*index, standing.status()) {
            return Err(Error::StatusListFull);
        }
    }
    Ok((list, not_valid.len()))
}

/// At least the time in minutes: so a register that was restored, and has forgotten its last versions, still
/// goes beyond them, and a verifier that starts from nothing does not take the number for a thief's leap.
fn next_version(last: u32, now: UnixTime) -> Version {
    let by_clock = u32::try_from(now.as_seconds() / 60).unwrap_or(u32::MAX);
    Version::new(by_clock.max(last.saturating_add(1)))
}

fn sign1(signer: &dyn Signer, payload: Vec<u8>, content: Content) -> Result<Vec<u8>, Error> {
    let unsigned = Unsigned::new(signer.public_key().kid(), payload, content);
    let signature = signer.sign(&unsigned.to_be_signed()).map_err(Error::Signer)?;
    Ok(unsigned.with_signature(&signature))
}

fn part(name: PartName, version: Version, bytes: &[u8], unpacked: Option<Unpacked>) -> Part {
    Part { name, version, sha256: sha256(bytes), unpacked }
}

/// A verifier with a network asks again after this long (credential profile, section 5: soft limit).
const TTL_SECONDS: u64 = 24 * 3600;
/// A bundle serves a gate without a network for this long (credential profile, section 5: hard limit).
const STALE_AFTER_SECONDS: u64 = 7 * 24 * 3600;
