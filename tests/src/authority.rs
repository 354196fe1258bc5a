//! An invented authority with fixed keys and a hand-set time: roots, an issuer, its status list, a bundle.
//! Every field is open, so that a test says "given an authority whose issuer was retired" in one line.
//! Follows crates/credential/PROFILE.md; signs with ed25519-dalek, so the same story always gives the same bytes.

use credential::bundle::Bundle as Parts;
use credential::certificate::{Certificate, Document};
use credential::disability::{Component, Components};
use credential::grant::Grant;
use credential::number::{IdentityNumber, Reissue};
use credential::pass::Pass;
use credential::region::Region;
use credential::sign::{Signature, assemble, to_be_signed};
use credential::sign1::{Content, Unsigned};
use credential::snapshot::{Part, PartName, Snapshot, Unpacked, Version, sha256};
use credential::status_list::{Bits, Status, StatusIndex, StatusList};
use credential::status_token::StatusToken;
use credential::trust_list::{KeyState, Role, RootSet, TrustList, TrustedKey};
use credential::{Kid, Kind, PublicKey, UnixTime};
use ed25519_dalek::{Signer, SigningKey};
use verifier::policy::Unconfirmed;
use verifier::{Bundle, Check, Possession, Refusal, Staleness, State};

/// 2026-11-24T06:00:00Z: the time of every story that does not set its own.
pub const NOW: UnixTime = UnixTime::from_seconds(1_795_500_000);
/// One hour before [`NOW`]: when status list and snapshot were signed.
pub const SIGNED: UnixTime = UnixTime::from_seconds(NOW.as_seconds() - HOUR);
/// An hour in seconds.
pub const HOUR: u64 = 3600;
/// A day in seconds.
pub const DAY: u64 = 24 * HOUR;

/// A key pair whose seed is the digest of its name, so that every run has the same.
#[derive(Clone)]
pub struct Key(SigningKey);

impl Key {
    /// The key with this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(SigningKey::from_bytes(&sha256(name.as_bytes())))
    }

    /// Its public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey::Ed25519(self.0.verifying_key().to_bytes())
    }

    /// Its id.
    #[must_use]
    pub fn kid(&self) -> Kid {
        self.public().kid()
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// A finished COSE_Sign1 over a payload.
    #[must_use]
    pub fn sign1(&self, payload: Vec<u8>, content: Content) -> Vec<u8> {
        let unsigned = Unsigned::new(self.kid(), payload, content);
        unsigned.with_signature(&self.sign(&unsigned.to_be_signed()))
    }

    /// As the trust list has it: active for ten years around [`NOW`], in all of Jilin.
    #[must_use]
    pub fn trusted_for(&self, role: Role) -> TrustedKey {
        TrustedKey {
            key: self.public(),
            roles: vec![role],
            kinds: if role == Role::Issuer { vec![Kind::Certificate, Kind::Pass] } else { vec![] },
            regions: vec![region(22)],
            not_before: UnixTime::from_seconds(NOW.as_seconds() - 5 * 365 * DAY),
            not_after: NOW.plus_seconds(5 * 365 * DAY),
            state: KeyState::Active,
        }
    }
}

/// The authority. Change what the story wants changed, then ask for its bundle.
#[derive(Clone)]
pub struct Authority {
    /// Who put their signatures to the trust list; not necessarily those whom it names.
    pub signing_roots: Vec<Key>,
    /// Signs certificates and passes.
    pub issuer: Key,
    /// Signs status lists.
    pub status_key: Key,
    /// Signs snapshots.
    pub snapshot_key: Key,
    /// Signs policy packs.
    pub policy_key: Key,
    /// Names roots, two of three, and the four keys above.
    pub trust: TrustList,
    /// One list of 4096 entries, for the issuer.
    pub status: Vec<StatusToken>,
    /// Name and signed bytes of each policy pack; none to begin with.
    pub policies: Vec<(String, Vec<u8>)>,
    /// Version of snapshot, status lists and policy packs.
    pub version: u32,
    /// When the snapshot was signed.
    pub issued: UnixTime,
    /// When it goes stale.
    pub expires: UnixTime,
}

impl Default for Authority {
    fn default() -> Self {
        let roots = ["root a", "root b", "root c"].map(Key::named);
        let issuer = Key::named("issuer");
        let status_key = Key::named("status");
        let snapshot_key = Key::named("snapshot");
        let policy_key = Key::named("policy");
        let trust = TrustList {
            version: Version::new(1),
            issued: UnixTime::from_seconds(NOW.as_seconds() - 30 * DAY),
            expires: NOW.plus_seconds(335 * DAY),
            roots: root_set(2, &roots),
            keys: vec![
                issuer.trusted_for(Role::Issuer),
                status_key.trusted_for(Role::Status),
                snapshot_key.trusted_for(Role::Snapshot),
                policy_key.trusted_for(Role::Policy),
            ],
        };
        let [root_a, root_b, _] = roots;
        Self {
            signing_roots: vec![root_a, root_b],
            status: vec![empty_status_list(issuer.kid())],
            policies: vec![],
            version: 1,
            issued: SIGNED,
            expires: NOW.plus_seconds(DAY),
            issuer,
            status_key,
            snapshot_key,
            policy_key,
            trust,
        }
    }
}

impl Authority {
    /// The usual one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes it by a closure, for stories told in one line.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The trust list's row for a key.
    pub fn trusted(&mut self, kid: Kid) -> &mut TrustedKey {
        self.trust.keys.iter_mut().find(|key| key.kid() == kid).expect("the trust list names this key")
    }

    /// The trust list's row for the issuer.
    pub fn trusted_issuer(&mut self) -> &mut TrustedKey {
        self.trusted(self.issuer.kid())
    }

    /// Sets a status in the issuer's list.
    pub fn set_status(&mut self, index: StatusIndex, status: Status) {
        assert!(self.status[0].list.set(index, status), "the list has no such index");
    }

    /// A certificate or a pass, signed by the issuer.
    #[must_use]
    pub fn issue(&self, payload: Vec<u8>) -> Vec<u8> {
        self.issuer.sign1(payload, Content::Credential)
    }

    /// The trust list, signed by [`Self::signing_roots`].
    #[must_use]
    pub fn trust_list(&self) -> Vec<u8> {
        let payload = self.trust.encode();
        let signature = |root: &Key| {
            let kid = root.kid();
            Signature { kid, bytes: root.sign(&to_be_signed(kid, &payload)) }
        };
        assemble(&payload, self.signing_roots.iter().map(signature).collect())
    }

    /// All parts, each signed, with the snapshot that names them: before they become a file, a story may spoil them.
    #[must_use]
    pub fn parts(&self) -> SignedParts {
        let trust_list = self.trust_list();
        let version = Version::new(self.version);
        let mut named = vec![Part {
            name: PartName::Trust,
            version: self.trust.version,
            sha256: sha256(&trust_list),
            unpacked: None,
        }];
        let mut status_lists = vec![];
        for token in &self.status {
            let bytes = self.status_key.sign1(token.encode(), Content::StatusList);
            let unpacked = Some(Unpacked::of(token.list.packed()));
            named.push(Part {
                name: PartName::Status(token.issuer),
                version,
                sha256: sha256(&bytes),
                unpacked,
            });
            status_lists.push(bytes);
        }
        for (name, bytes) in &self.policies {
            let name = PartName::Policy(name.clone());
            named.push(Part { name, version, sha256: sha256(bytes), unpacked: None });
        }
        SignedParts {
            snapshot: Snapshot { version, issued: self.issued, expires: self.expires, parts: named },
            snapshot_key: self.snapshot_key.clone(),
            trust_list,
            status_lists,
            policies: self.policies.iter().map(|(_, bytes)| bytes.clone()).collect(),
        }
    }

    /// The bundle as a file.
    #[must_use]
    pub fn bundle(&self) -> Vec<u8> {
        self.parts().to_bytes()
    }

    /// The state of a verifier that was given this authority's roots by hand and has seen nothing yet.
    #[must_use]
    pub fn pinned(&self) -> State {
        State::pinned(self.trust.roots.clone())
    }

    /// The bundle, installed at a verifier that has seen nothing yet.
    #[must_use]
    pub fn installed(&self) -> Bundle {
        Bundle::install(&self.bundle(), &mut self.pinned()).expect("an untouched bundle installs")
    }

    /// The verdict on a credential by a verifier that has this authority's bundle, as refusal or nothing.
    pub fn refusal(&self, credential: &[u8], check: &Check<'_>) -> Option<Refusal> {
        verifier::verify(credential, &self.installed(), check).err()
    }
}

/// The parts of a bundle before they become a file. The snapshot is signed last.
#[derive(Clone)]
pub struct SignedParts {
    /// What the snapshot will say.
    pub snapshot: Snapshot,
    /// Who signs it.
    pub snapshot_key: Key,
    /// COSE_Sign.
    pub trust_list: Vec<u8>,
    /// COSE_Sign1 each.
    pub status_lists: Vec<Vec<u8>>,
    /// COSE_Sign1 each.
    pub policies: Vec<Vec<u8>>,
}

impl SignedParts {
    /// Changes them by a closure.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let snapshot = self.snapshot_key.sign1(self.snapshot.encode(), Content::Snapshot);
        Parts {
            snapshot: &snapshot,
            trust_list: &self.trust_list,
            status_lists: self.status_lists.iter().map(Vec::as_slice).collect(),
            policies: self.policies.iter().map(Vec::as_slice).collect(),
        }
        .to_bytes()
    }
}

/// So many of these roots must sign.
#[must_use]
pub fn root_set(threshold: u8, roots: &[Key]) -> RootSet {
    RootSet::new(threshold, roots.iter().map(Key::public).collect()).expect("distinct roots, enough of them")
}

/// 4096 entries, all valid, signed an hour ago, to be renewed within a day.
#[must_use]
pub fn empty_status_list(issuer: Kid) -> StatusToken {
    StatusToken {
        issuer,
        issued: SIGNED,
        expires: NOW.plus_seconds(DAY),
        ttl_seconds: DAY,
        list: StatusList::new(Bits::Two, 4096),
    }
}

/// The index of the certificate and the pass below.
pub const INDEX: StatusIndex = StatusIndex::new(1234);

/// A certificate issued the day before, of an invented person with the number from the standard's own example.
#[must_use]
pub fn certificate() -> Certificate<'static> {
    Certificate {
        expires: NOW.plus_seconds(3652 * DAY),
        issued: UnixTime::from_seconds(NOW.as_seconds() - DAY),
        name: "欧阳示例",
        birth_date: None,
        guardian: None,
        photo: None,
        document: Document::Identity(
            IdentityNumber::parse("11010519491231002X").expect("the example of GB 11643"),
        ),
        components: components(&[42]),
        county: region(220_104),
        status: INDEX,
        reissue: Reissue::Never,
    }
}

/// A static pass that rides free with a companion, in all of Jilin.
#[must_use]
pub fn pass() -> Pass {
    Pass {
        expires: NOW.plus_seconds(1826 * DAY),
        holder_key: None,
        jurisdiction: region(22),
        grants: vec![Grant::TransitFree, Grant::CompanionOne],
        status: INDEX,
    }
}

/// Components by their codes, heaviest first.
#[must_use]
pub fn components(codes: &[u64]) -> Components {
    let component = |code: &u64| Component::from_code(*code).expect("category * 10 + level");
    Components::new(codes.iter().map(component).collect()).expect("no category twice")
}

/// A region by its code.
#[must_use]
pub fn region(code: u64) -> Region {
    Region::from_code(code).expect("0, or 2, 4 or 6 digits")
}

/// Asks for nothing in particular, at [`NOW`], of a static code, with a fresh bundle.
#[must_use]
pub fn check() -> Check<'static> {
    Check {
        purpose: None,
        place: None,
        now: NOW,
        staleness: Staleness::RefuseStale,
        unconfirmed: Unconfirmed::Refuse,
        possession: Possession::StaticCode,
    }
}
