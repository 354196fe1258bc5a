//! A bundle whose every signature, digest and version was checked: the only thing a credential is verified against.
//! Follows PROFILE.md, section 5. Whether it is fresh enough is asked with each verification.

use alloc::vec::Vec;

use credential::bundle::Bundle as Parts;
use credential::policy_pack::PolicyPack;
use credential::sign::Sign;
use credential::sign1::{Content, Sign1};
use credential::snapshot::{Part, PartName, Snapshot, Unpacked, sha256};
use credential::status_list::{MAX_PACKED_BYTES, Status, StatusIndex};
use credential::status_token::StatusToken;
use credential::trust_list::{Role, RootSet, TrustList};
use credential::{Kid, Malformed, UnixTime};

use crate::policy::Policies;
use crate::refusal::Refusal;
use crate::state::State;
use crate::trusted_key::{ReadyKey, ed25519, verify_strict};

/// Everything needed to verify credentials offline.
pub struct Bundle {
    snapshot: Snapshot,
    trust_list: TrustList,
    keys: Vec<ReadyKey>,
    status_lists: Vec<StatusToken>,
    policies: Policies,
    newest_signed: UnixTime,
}

impl Bundle {
    /// Checks the bytes of a bundle against the state, and moves the state forward when all is well.
    /// On refusal the state stays as it was, so the bundle in force stays in force.
    pub fn install(bytes: &[u8], state: &mut State) -> Result<Self, Refusal> {
        let parts = Parts::parse(bytes).map_err(forged)?;
        let trust_list = verify_trust_list(parts.trust_list, state.roots())?;
        let keys = ready_keys(&trust_list)?;
        let (snapshot, signer) = verify_snapshot(parts.snapshot, &keys)?;
        check_whole(&parts, &snapshot, &trust_list)?;
        let mut moved = state.under(&trust_list);
        moved.check_versions(&snapshot)?;
        let status_lists = verify_status_lists(&parts.status_lists, &snapshot, &keys)?;
        let policies = verify_policies(&parts.policies, &snapshot, &keys)?;

        moved.advance(&snapshot, signer, &trust_list);
        let newest_signed = moved.newest_signed();
        *state = moved;
        Ok(Self { snapshot, trust_list, keys, status_lists, policies, newest_signed })
    }

    /// The snapshot it consists of.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Its trust list.
    #[must_use]
    pub fn trust_list(&self) -> &TrustList {
        &self.trust_list
    }

    /// Its status lists.
    #[must_use]
    pub fn status_lists(&self) -> &[StatusToken] {
        &self.status_lists
    }

    /// Its policy packs.
    #[must_use]
    pub fn policies(&self) -> &Policies {
        &self.policies
    }

    /// Seconds since it was signed.
    #[must_use]
    pub fn age_seconds(&self, now: UnixTime) -> u64 {
        now.seconds_since(self.snapshot.issued)
    }

    /// The newest time that a trusted key signed, in this bundle or one before.
    #[must_use]
    pub fn newest_signed(&self) -> UnixTime {
        self.newest_signed
    }

    pub(crate) fn key(&self, kid: Kid) -> Option<&ReadyKey> {
        self.keys.binary_search_by_key(&kid, |key| key.kid).ok().and_then(|at| self.keys.get(at))
    }

    pub(crate) fn status(&self, issuer: Kid, index: StatusIndex) -> Option<(Status, &StatusToken)> {
        let token = self.status_lists.iter().find(|token| token.issuer == issuer)?;
        Some((token.list.get(index)?, token))
    }
}

/// The threshold of the roots in force must have signed, and of the roots it brings, if they are others.
/// Public for the ceremony that makes a trust list; whether it is older than another is asked with the bundle.
pub fn verify_trust_list(bytes: &[u8], roots: &RootSet) -> Result<TrustList, Refusal> {
    let signed = Sign::parse(bytes).map_err(forged)?;
    let list = TrustList::decode(signed.payload()).map_err(forged)?;
    if signed_by_threshold(&signed, roots) && signed_by_threshold(&signed, &list.roots) {
        Ok(list)
    } else {
        Err(Refusal::BundleForged)
    }
}

/// Whether enough of the roots signed. `Sign` holds each key id once, so no root counts twice.
fn signed_by_threshold(signed: &Sign<'_>, roots: &RootSet) -> bool {
    let valid = |root: &&credential::PublicKey| {
        let kid = root.kid();
        let Some(point) = ed25519(root) else { return false };
        let Some(signature) = signed.signatures().iter().find(|s| s.kid == kid) else { return false };
        verify_strict(&point, &signed.to_be_signed(kid), &signature.bytes)
    };
    roots.keys().iter().filter(valid).count() >= usize::from(roots.threshold())
}

fn ready_keys(list: &TrustList) -> Result<Vec<ReadyKey>, Refusal> {
    list.keys.iter().map(|key| ReadyKey::new(key.clone()).ok_or(Refusal::BundleForged)).collect()
}

fn verify_snapshot(bytes: &[u8], keys: &[ReadyKey]) -> Result<(Snapshot, Kid), Refusal> {
    let signed = Sign1::parse(bytes, Content::Snapshot).map_err(forged)?;
    let snapshot = Snapshot::decode(signed.payload()).map_err(forged)?;
    let signer = verify_part(&signed, Role::Snapshot, snapshot.issued, keys)?;
    Ok((snapshot, signer.kid))
}

/// A part is signed by a key that has the role and might sign at that time.
fn verify_part<'k>(
    signed: &Sign1<'_>,
    role: Role,
    at: UnixTime,
    keys: &'k [ReadyKey],
) -> Result<&'k ReadyKey, Refusal> {
    let key = keys.iter().find(|key| key.kid == signed.kid()).ok_or(Refusal::BundleForged)?;
    let valid = key.may_sign(role, at) && key.verifies(&signed.to_be_signed(), signed.signature());
    if valid { Ok(key) } else { Err(Refusal::BundleForged) }
}

/// The parts in the file are exactly those that the snapshot names: none missing, none added, none exchanged.
fn check_whole(parts: &Parts<'_>, snapshot: &Snapshot, trust_list: &TrustList) -> Result<(), Refusal> {
    let trust = snapshot.part(&PartName::Trust).ok_or(Refusal::BundleForged)?;
    if trust.sha256 != sha256(parts.trust_list) || trust.version != trust_list.version {
        return Err(Refusal::BundleForged);
    }
    let count =
        |wanted: fn(&PartName) -> bool| snapshot.parts.iter().filter(|part| wanted(&part.name)).count();
    let all_status_lists = count(|name| matches!(name, PartName::Status(_))) == parts.status_lists.len();
    let all_policies = count(|name| matches!(name, PartName::Policy(_))) == parts.policies.len();
    if all_status_lists && all_policies { Ok(()) } else { Err(Refusal::BundleForged) }
}

fn verify_status_lists(
    lists: &[&[u8]],
    snapshot: &Snapshot,
    keys: &[ReadyKey],
) -> Result<Vec<StatusToken>, Refusal> {
    let mut tokens = Vec::with_capacity(lists.len());
    for bytes in lists {
        let (part, kid) = named_status(snapshot, &sha256(bytes)).ok_or(Refusal::BundleForged)?;
        let token = verify_status_list(bytes, part.unpacked, keys)?;
        if token.issuer != kid || tokens.iter().any(|other: &StatusToken| other.issuer == kid) {
            return Err(Refusal::BundleForged);
        }
        tokens.push(token);
    }
    Ok(tokens)
}

fn named_status<'s>(snapshot: &'s Snapshot, digest: &[u8; 32]) -> Option<(&'s Part, Kid)> {
    snapshot.parts.iter().find_map(|part| match part.name {
        PartName::Status(kid) if part.sha256 == *digest => Some((part, kid)),
        _ => None,
    })
}

fn verify_status_list(
    bytes: &[u8],
    unpacked: Option<Unpacked>,
    keys: &[ReadyKey],
) -> Result<StatusToken, Refusal> {
    let stated = unpacked.ok_or(Refusal::BundleForged)?;
    let limit = (stated.length as usize).min(MAX_PACKED_BYTES);
    let signed = Sign1::parse(bytes, Content::StatusList).map_err(forged)?;
    let token = StatusToken::decode(signed.payload(), limit).map_err(forged)?;
    let signer = verify_part(&signed, Role::Status, token.issued, keys)?;
    // Somebody else's status key must not revoke, or revive, this issuer's credentials.
    let issuer = keys.iter().find(|key| key.kid == token.issuer).ok_or(Refusal::BundleForged)?;
    let covered = |region| signer.listed.regions.iter().any(|r| r.contains(region));
    let covers_issuer = issuer.listed.regions.iter().all(|region| covered(*region));
    if covers_issuer && Unpacked::of(token.list.packed()) == stated {
        Ok(token)
    } else {
        Err(Refusal::BundleForged)
    }
}

fn verify_policies(parts: &[&[u8]], snapshot: &Snapshot, keys: &[ReadyKey]) -> Result<Policies, Refusal> {
    let mut packs: Vec<PolicyPack> = Vec::with_capacity(parts.len());
    for bytes in parts {
        let pack = verify_policy(bytes, snapshot, keys)?;
        if packs.iter().any(|other| other.name == pack.name) {
            return Err(Refusal::BundleForged);
        }
        packs.push(pack);
    }
    Ok(Policies::new(packs))
}

/// A policy pack on its own, under a trust list that was verified: for the issuer, which takes packs in one by one.
/// Whether it is older than another is asked with the bundle.
pub fn verify_policy_pack(bytes: &[u8], trust_list: &TrustList) -> Result<PolicyPack, Refusal> {
    verify_signed_policy(bytes, &ready_keys(trust_list)?)
}

fn verify_policy(bytes: &[u8], snapshot: &Snapshot, keys: &[ReadyKey]) -> Result<PolicyPack, Refusal> {
    let pack = verify_signed_policy(bytes, keys)?;
    let part = snapshot.part(&pack.part_name()).ok_or(Refusal::BundleForged)?;
    if part.sha256 == sha256(bytes) && part.version == pack.version {
        Ok(pack)
    } else {
        Err(Refusal::BundleForged)
    }
}

fn verify_signed_policy(bytes: &[u8], keys: &[ReadyKey]) -> Result<PolicyPack, Refusal> {
    let signed = Sign1::parse(bytes, Content::Policy).map_err(forged)?;
    let pack = PolicyPack::decode(signed.payload()).map_err(forged)?;
    let signer = verify_part(&signed, Role::Policy, pack.issued, keys)?;
    // A prefecture's policy key must not make rules for the province.
    let covered = signer.listed.regions.iter().any(|region| region.contains(pack.jurisdiction));
    if covered { Ok(pack) } else { Err(Refusal::BundleForged) }
}

/// A bundle that does not parse was not made by the authority.
fn forged(_: Malformed) -> Refusal {
    Refusal::BundleForged
}
