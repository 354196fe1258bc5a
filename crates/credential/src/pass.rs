//! The pass: what a gate or a counter sees (PROFILE.md, section 2).
//! Invariant: it never carries name, number, category or level.

use alloc::vec::Vec;

use crate::cbor::{Reader, Writer};
use crate::certificate::EXP;
use crate::error::Malformed;
use crate::grant::Grant;
use crate::key::PublicKey;
use crate::region::Region;
use crate::status_list::StatusIndex;
use crate::time::UnixTime;

/// The claims of a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// From this moment on it is no longer valid.
    pub expires: UnixTime,
    /// The key whose possession must be proven: a card's or a phone's. Without it the pass is a static code.
    pub holder_key: Option<PublicKey>,
    /// Where it holds.
    pub jurisdiction: Region,
    /// What it entitles to; sorted by number, none twice, at least one.
    pub grants: Vec<Grant>,
    /// Index in the issuer key's status list.
    pub status: StatusIndex,
}

impl Pass {
    /// Decodes the payload of a pass.
    pub fn decode(payload: &[u8]) -> Result<Self, Malformed> {
        Reader::whole(payload, |reader| {
            let mut map = reader.map()?;
            let expires = map.required(EXP, Reader::uint).map(UnixTime::from_seconds)?;
            let holder_key = map.optional(CNF, read_cnf)?;
            let (jurisdiction, grants, status) = map.required(ENTITLEMENT, |r| {
                r.array_of(3)?;
                let jurisdiction = Region::from_code(r.uint()?)?;
                let grants = r.list(1, MAX_GRANTS, |r| Grant::from_number(r.uint()?))?;
                Ok((jurisdiction, grants, StatusIndex::read(r)?))
            })?;
            map.end()?;
            if !grants.is_sorted_by(|a, b| a < b) {
                return Err(Malformed::NotCanonical("grants"));
            }
            Ok(Self { expires, holder_key, jurisdiction, grants, status })
        })
    }

    /// Encodes the payload.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Self { expires, holder_key, jurisdiction, grants, status } = self;
        Writer::new()
            .map(if holder_key.is_some() { 3 } else { 2 })
            .int(EXP)
            .uint(expires.as_seconds())
            .with(holder_key.as_ref(), |w, key| key.write(w.int(CNF).map(1).int(CNF_COSE_KEY)))
            .int(ENTITLEMENT)
            .array(3)
            .uint(jurisdiction.code())
            .list(grants, |w, grant| w.uint(grant.number()))
            .uint(status.as_u32())
            .finish()
    }
}

fn read_cnf(reader: &mut Reader<'_>) -> Result<PublicKey, Malformed> {
    let mut map = reader.map()?;
    let key = map.required(CNF_COSE_KEY, PublicKey::read)?;
    map.end()?;
    Ok(key)
}

/// RFC 8747, section 3.1.
const CNF: i64 = 8;
const CNF_COSE_KEY: i64 = 1;
const ENTITLEMENT: i64 = -65_538;
/// As many as there are.
const MAX_GRANTS: u64 = Grant::ALL.len() as u64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Kid;
    use crate::sign1::{Content, Unsigned};
    use alloc::vec;

    fn pass() -> Pass {
        Pass {
            expires: UnixTime::from_seconds(2_111_000_000),
            holder_key: None,
            jurisdiction: Region::from_code(22).unwrap(),
            grants: vec![Grant::TransitFree, Grant::CompanionOne],
            status: StatusIndex::new(700_001),
        }
    }

    #[test]
    fn static_card_and_phone_passes_read_back() {
        for holder_key in
            [None, Some(PublicKey::Ed25519([3; 32])), Some(PublicKey::P256 { x: [4; 32], y_is_odd: false })]
        {
            let pass = Pass { holder_key, ..pass() };
            assert_eq!(Pass::decode(&pass.encode()), Ok(pass));
        }
    }

    #[test]
    fn a_pass_stays_within_its_size() {
        let two = pass();
        let signed =
            Unsigned::new(Kid::new([0; 4]), two.encode(), Content::Credential).with_signature(&[0; 64]);
        assert!(signed.len() <= 106, "{}", signed.len());
    }

    #[test]
    fn unsorted_repeated_missing_or_unknown_grants_are_refused() {
        for grants in [vec![], vec![Grant::CompanionOne, Grant::TransitFree], vec![Grant::Priority; 2]] {
            assert!(Pass::decode(&Pass { grants, ..pass() }.encode()).is_err());
        }
        let mut bytes = pass().encode();
        let companion = bytes.len() - 6;
        assert_eq!(bytes[companion], 3);
        bytes[companion] = 17;
        assert_eq!(Pass::decode(&bytes), Err(Malformed::OutOfRange("grant")));
    }
}
