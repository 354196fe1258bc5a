//! A key of the trust list, made ready to verify with, and the question whether it might sign.

use credential::trust_list::{KeyState, Role, TrustedKey};
use credential::{Kid, PublicKey, UnixTime};
use ed25519_dalek::{Signature, VerifyingKey};

/// An Ed25519 key whose point was found on the curve.
#[derive(Clone)]
pub(crate) struct ReadyKey {
    pub(crate) listed: TrustedKey,
    pub(crate) kid: Kid,
    point: VerifyingKey,
}

impl ReadyKey {
    /// `None` for bytes that are no point, and for a point of small order: anything verifies under those.
    pub(crate) fn new(listed: TrustedKey) -> Option<Self> {
        Some(Self { kid: listed.kid(), point: ed25519(&listed.key)?, listed })
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        verify_strict(&self.point, message, signature)
    }

    /// Whether something that says it was signed at this time counts: the key has the role, was in its time,
    /// and was not retired before. A compromised key may have signed any date, so it counts for nothing.
    pub(crate) fn may_sign(&self, role: Role, signed: UnixTime) -> bool {
        let TrustedKey { roles, not_before, not_after, state, .. } = &self.listed;
        let alive = match *state {
            KeyState::Active => true,
            KeyState::Retired { since } => signed < since,
            KeyState::Compromised { .. } => false,
        };
        roles.contains(&role) && (*not_before..*not_after).contains(&signed) && alive
    }
}

/// The signature check. Only `verify_strict`: it refuses keys and signatures that others might read differently.
pub(crate) fn verify_strict(key: &VerifyingKey, message: &[u8], signature: &[u8; 64]) -> bool {
    key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
}

/// The curve point of a key.
pub(crate) fn ed25519(key: &PublicKey) -> Option<VerifyingKey> {
    match key {
        PublicKey::Ed25519(bytes) => VerifyingKey::from_bytes(bytes).ok().filter(|point| !point.is_weak()),
        PublicKey::P256 { .. } => None,
    }
}
