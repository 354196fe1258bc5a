//! The trust list: which keys may sign what, where and when, and which roots say so (PROFILE.md, section 5).
//! Rotation follows TUF: a new set of roots needs the threshold of the old and of the new.

use alloc::vec::Vec;

use crate::cbor::{Reader, Writer};
use crate::credential::Kind;
use crate::error::Malformed;
use crate::key::{Kid, PublicKey};
use crate::region::Region;
use crate::snapshot::Version;
use crate::time::UnixTime;

/// The roots and how many of them must sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootSet {
    threshold: u8,
    keys: Vec<PublicKey>,
}

impl RootSet {
    /// Refuses a threshold that cannot be met or is zero, a repeated key id, and keys that are not Ed25519.
    pub fn new(threshold: u8, mut keys: Vec<PublicKey>) -> Result<Self, Malformed> {
        keys.sort_by_key(PublicKey::kid);
        if threshold == 0 || usize::from(threshold) > keys.len() {
            return Err(Malformed::OutOfRange("threshold"));
        }
        if !keys.is_sorted_by(|a, b| a.kid() < b.kid()) {
            return Err(Malformed::RepeatedKid);
        }
        if keys.iter().any(|key| !matches!(key, PublicKey::Ed25519(_))) {
            return Err(Malformed::UnknownAlgorithm);
        }
        Ok(Self { threshold, keys })
    }

    /// How many of the roots must sign.
    #[must_use]
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// The roots, sorted by key id.
    #[must_use]
    pub fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    /// The file that a verifier is given once, by hand: `["DCR1", threshold, [+ COSE_Key]]`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.write(Writer::new().array(3).text(MAGIC)).finish()
    }

    /// Reads the pinned file.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Malformed> {
        Reader::whole(bytes, |reader| {
            reader.array_of(3)?;
            if reader.text()? != MAGIC {
                return Err(Malformed::WrongTag);
            }
            Self::read(reader)
        })
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let threshold = u8::try_from(reader.uint()?).map_err(|_| Malformed::OutOfRange("threshold"))?;
        let keys = reader.list(1, MAX_ROOTS, PublicKey::read)?;
        // One set, one encoding.
        if !keys.is_sorted_by_key(PublicKey::kid) {
            return Err(Malformed::NotCanonical("roots"));
        }
        Self::new(threshold, keys)
    }

    fn write(&self, writer: Writer) -> Writer {
        writer.uint(self.threshold).list(&self.keys, |w, key| key.write(w))
    }
}

/// The payload of the COSE_Sign that roots sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustList {
    /// Grows with every change.
    pub version: Version,
    /// When it was made.
    pub issued: UnixTime,
    /// From this moment on it is stale.
    pub expires: UnixTime,
    /// Who must sign the next one.
    pub roots: RootSet,
    /// Everybody else's keys; no two share a key id.
    pub keys: Vec<TrustedKey>,
}

/// A key and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// An Ed25519 key.
    pub key: PublicKey,
    /// What it may sign; sorted, none twice.
    pub roles: Vec<Role>,
    /// Which kinds of credential an issuer may sign; sorted, none twice.
    pub kinds: Vec<Kind>,
    /// Where: code prefixes; `0` for the whole nation.
    pub regions: Vec<Region>,
    /// What it signed before this moment does not count.
    pub not_before: UnixTime,
    /// It stops signing at this moment; what it signed before stays valid.
    pub not_after: UnixTime,
    /// Whether it is still to be trusted.
    pub state: KeyState,
}

/// What a key may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Certificates and passes.
    Issuer = 1,
    /// Snapshots.
    Snapshot = 2,
    /// Status lists.
    Status = 3,
    /// Policy packs.
    Policy = 4,
}

/// Whether a key is still to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyState {
    /// In use.
    Active,
    /// No longer signs; what it signed before stays valid.
    Retired {
        /// The end of its use.
        since: UnixTime,
    },
    /// Stolen or lost: nothing that it signed counts, for a thief writes any date he likes.
    Compromised {
        /// When that became known; for people, no check reads it.
        since: UnixTime,
    },
}

impl TrustList {
    /// Decodes the payload.
    pub fn decode(payload: &[u8]) -> Result<Self, Malformed> {
        Reader::whole(payload, |reader| {
            let mut map = reader.map()?;
            let list = Self {
                version: map.required(VERSION, Version::read)?,
                issued: map.required(ISSUED, Reader::uint).map(UnixTime::from_seconds)?,
                expires: map.required(EXPIRES, Reader::uint).map(UnixTime::from_seconds)?,
                roots: map.required(ROOTS, |r| r.array_of(2).and_then(|()| RootSet::read(r)))?,
                keys: map.required(KEYS, |r| r.list(0, MAX_KEYS, TrustedKey::read))?,
            };
            map.end()?;
            if list.expires <= list.issued {
                return Err(Malformed::OutOfRange("expires"));
            }
            if !list.keys.is_sorted_by(|a, b| a.kid() < b.kid()) {
                return Err(Malformed::RepeatedKid);
            }
            Ok(list)
        })
    }

    /// Encodes the payload, keys sorted by key id.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Self { version, issued, expires, roots, keys } = self;
        let mut sorted: Vec<&TrustedKey> = keys.iter().collect();
        sorted.sort_by_key(|key| key.kid());
        let writer = Writer::new().map(5).int(VERSION).uint(version.as_u32());
        let writer = writer.int(ISSUED).uint(issued.as_seconds()).int(EXPIRES).uint(expires.as_seconds());
        roots.write(writer.int(ROOTS).array(2)).int(KEYS).list(&sorted, |w, key| key.write(w)).finish()
    }

    /// The key with this id.
    #[must_use]
    pub fn key(&self, kid: Kid) -> Option<&TrustedKey> {
        self.keys.iter().find(|key| key.kid() == kid)
    }
}

impl TrustedKey {
    /// Its id.
    #[must_use]
    pub fn kid(&self) -> Kid {
        self.key.kid()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let mut map = reader.map()?;
        let key = Self {
            key: map.required(KEY, PublicKey::read)?,
            roles: map.required(ROLES, |r| r.list(1, 4, |r| Role::from_number(r.uint()?)))?,
            kinds: map.required(KINDS, |r| r.list(0, 2, |r| Kind::from_number(r.uint()?)))?,
            regions: map.required(REGIONS, |r| r.list(0, MAX_REGIONS, |r| Region::from_code(r.uint()?)))?,
            not_before: map.required(NOT_BEFORE, Reader::uint).map(UnixTime::from_seconds)?,
            not_after: map.required(NOT_AFTER, Reader::uint).map(UnixTime::from_seconds)?,
            state: map.optional(STATE, KeyState::read)?.unwrap_or(KeyState::Active),
        };
        map.end()?;
        if !matches!(key.key, PublicKey::Ed25519(_)) {
            return Err(Malformed::UnknownAlgorithm);
        }
        if !key.roles.is_sorted_by(|a, b| a < b) || !key.kinds.is_sorted_by(|a, b| a < b) {
            return Err(Malformed::NotCanonical("roles or kinds"));
        }
        if key.not_after <= key.not_before {
            return Err(Malformed::OutOfRange("not_after"));
        }
        Ok(key)
    }

    fn write(&self, writer: Writer) -> Writer {
        let Self { key, roles, kinds, regions, not_before, not_after, state } = self;
        let state = state.code();
        let writer = writer.map(if state.is_some() { 7 } else { 6 });
        key.write(writer.int(KEY))
            .int(ROLES)
            .list(roles, |w, role| w.uint(*role as u8))
            .int(KINDS)
            .list(kinds, |w, kind| w.uint(kind.number()))
            .int(REGIONS)
            .list(regions, |w, region| w.uint(region.code()))
            .int(NOT_BEFORE)
            .uint(not_before.as_seconds())
            .int(NOT_AFTER)
            .uint(not_after.as_seconds())
            .with(state, |w, (code, since)| w.int(STATE).array(2).uint(code).uint(since.as_seconds()))
    }
}

impl Role {
    fn from_number(number: u64) -> Result<Self, Malformed> {
        match number {
            1 => Ok(Self::Issuer),
            2 => Ok(Self::Snapshot),
            3 => Ok(Self::Status),
            4 => Ok(Self::Policy),
            _ => Err(Malformed::OutOfRange("role")),
        }
    }
}

impl KeyState {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        reader.array_of(2)?;
        let code = reader.uint()?;
        let since = UnixTime::from_seconds(reader.uint()?);
        match code {
            1 => Ok(Self::Retired { since }),
            2 => Ok(Self::Compromised { since }),
            _ => Err(Malformed::OutOfRange("state")),
        }
    }

    fn code(self) -> Option<(u8, UnixTime)> {
        match self {
            Self::Active => None,
            Self::Retired { since } => Some((1, since)),
            Self::Compromised { since } => Some((2, since)),
        }
    }
}

const MAGIC: &str = "DCR1";
// Keys of the trust list.
const VERSION: i64 = 1;
const ISSUED: i64 = 2;
const EXPIRES: i64 = 3;
const ROOTS: i64 = 4;
const KEYS: i64 = 5;
// Keys of a trusted key.
const KEY: i64 = 1;
const ROLES: i64 = 2;
const KINDS: i64 = 3;
const REGIONS: i64 = 4;
const NOT_BEFORE: i64 = 5;
const NOT_AFTER: i64 = 6;
const STATE: i64 = 7;
/// A ceremony with more holders has not been seen.
const MAX_ROOTS: u64 = 16;
/// 34 provinces, each with ten years of issuer, status, snapshot and policy keys.
const MAX_KEYS: u64 = 4096;
/// A province has some 60 to 180 counties.
const MAX_REGIONS: u64 = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn key(n: u8) -> TrustedKey {
        TrustedKey {
            key: PublicKey::Ed25519([n; 32]),
            roles: vec![Role::Issuer],
            kinds: vec![Kind::Certificate, Kind::Pass],
            regions: vec![Region::from_code(22).unwrap()],
            not_before: UnixTime::from_seconds(1),
            not_after: UnixTime::from_seconds(9),
            state: KeyState::Active,
        }
    }

    fn list(keys: Vec<TrustedKey>) -> TrustList {
        TrustList {
            version: Version::new(3),
            issued: UnixTime::from_seconds(5),
            expires: UnixTime::from_seconds(50),
            roots: RootSet::new(2, vec![PublicKey::Ed25519([8; 32]), PublicKey::Ed25519([9; 32])]).unwrap(),
            keys,
        }
    }

    #[test]
    fn a_list_with_keys_in_every_state_reads_back() {
        let since = UnixTime::from_seconds(4);
        let retired = TrustedKey { state: KeyState::Retired { since }, ..key(2) };
        let compromised = TrustedKey { state: KeyState::Compromised { since }, ..key(3) };
        let mut made = list(vec![key(1), retired, compromised]);
        made.keys.sort_by_key(TrustedKey::kid);
        assert_eq!(TrustList::decode(&made.encode()), Ok(made.clone()));
        assert_eq!(RootSet::from_slice(&made.roots.to_bytes()), Ok(made.roots));
    }

    #[test]
    fn two_keys_with_one_kid_are_refused() {
        let twice = list(vec![key(1), TrustedKey { not_before: UnixTime::from_seconds(2), ..key(1) }]);
        assert_eq!(TrustList::decode(&twice.encode()), Err(Malformed::RepeatedKid));
        let root = PublicKey::Ed25519([8; 32]);
        assert_eq!(RootSet::new(1, vec![root, root]), Err(Malformed::RepeatedKid));
    }

    #[test]
    fn roots_in_another_order_are_refused() {
        let mut roots = [8, 9].map(|n| PublicKey::Ed25519([n; 32]));
        roots.sort_by_key(PublicKey::kid);
        let file = |keys: &[PublicKey]| {
            Writer::new().array(3).text(MAGIC).uint(1_u8).list(keys, |w, key| key.write(w)).finish()
        };
        assert!(RootSet::from_slice(&file(&roots)).is_ok());
        roots.reverse();
        assert_eq!(RootSet::from_slice(&file(&roots)), Err(Malformed::NotCanonical("roots")));
    }

    #[test]
    fn a_threshold_of_nobody_or_of_more_than_there_are_is_refused() {
        for threshold in [0, 2] {
            let refused = RootSet::new(threshold, vec![PublicKey::Ed25519([8; 32])]);
            assert_eq!(refused, Err(Malformed::OutOfRange("threshold")));
        }
    }

    #[test]
    fn a_phone_key_neither_roots_nor_issues() {
        let p256 = PublicKey::P256 { x: [1; 32], y_is_odd: true };
        assert_eq!(RootSet::new(1, vec![p256]), Err(Malformed::UnknownAlgorithm));
        let issuer = list(vec![TrustedKey { key: p256, ..key(1) }]);
        assert_eq!(TrustList::decode(&issuer.encode()), Err(Malformed::UnknownAlgorithm));
    }
}
