//! The chain from bytes to a verdict. Each step consumes the one before, and only it can make the next:
//! `Unverified -> Authentic -> InForce -> NotRevoked -> Accepted`.
//! Follows PROFILE.md, section 8: the order of the checks is the order of the refusals' tens.

use credential::purpose::Purpose;
use credential::qr_text::{QrText, QrTextError};
use credential::region::Region;
use credential::sign1::{Content, Sign1};
use credential::status_list::{Status, StatusIndex};
use credential::trust_list::{KeyState, Role};
use credential::{Credential, Kid, Kind, UnixTime};

use crate::accepted::Accepted;
use crate::bundle::Bundle;
use crate::entitlement::{decide, in_days_of_grace};
use crate::policy::Unconfirmed;
use crate::refusal::Refusal;
use crate::trusted_key::{ReadyKey, ed25519, verify_strict};

/// What is asked of a credential, and under which circumstances. Nothing here has a default.
#[derive(Clone, Copy, Debug)]
pub struct Check<'c> {
    /// What for; `None` asks only whether the credential is genuine and in force.
    pub purpose: Option<Purpose>,
    /// Where the check takes place; `None` leaves the jurisdiction to the reader of the verdict.
    pub place: Option<Region>,
    /// The time at the place.
    pub now: UnixTime,
    /// What an out-of-date bundle means.
    pub staleness: Staleness,
    /// What a policy pack may do whose sources nobody confirmed.
    pub unconfirmed: Unconfirmed,
    /// What the holder's card or phone proved.
    pub possession: Possession<'c>,
}

/// What an out-of-date bundle means: the caller says, for a gate without a network judges differently from an office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staleness {
    /// Bundle and status list must not have expired.
    RefuseStale,
    /// They may have, up to this age.
    AcceptStale {
        /// Counted from when snapshot and status list were signed, and from when the trust list expired.
        at_most_seconds: u64,
    },
}

/// Whether the original was present, or maybe a copy.
#[derive(Clone, Copy, Debug)]
pub enum Possession<'c> {
    /// A printed or copied code: nothing to prove with.
    StaticCode,
    /// Somebody signed this message, with a fresh challenge in it, using the key that the pass names.
    Signed {
        /// The bytes that were signed.
        message: &'c [u8],
        /// R and S of Ed25519.
        signature: &'c [u8; 64],
    },
}

/// The whole chain, from the text of a QR code.
/// The bytes are handed back in `Accepted` only as far as the purpose may see them.
pub fn verify<'a>(bytes: &'a [u8], bundle: &Bundle, check: &Check<'_>) -> Result<Accepted<'a>, Refusal> {
    Unverified::parse(bytes)?
        .authenticate(bundle, check.now)?
        .in_force(bundle, check)?
        .not_revoked(bundle, check.now, check.staleness)?
        .accept(bundle, check)
}

/// The signed bytes inside a QR text: refusals 10, 11 and 12.
pub fn read_qr_text(text: &str) -> Result<QrText, Refusal> {
    QrText::parse(text).map_err(|error| match error {
        QrTextError::NotACredential => Refusal::NotACredential,
        QrTextError::TooLong => Refusal::TooLong,
        QrTextError::Malformed(_) => Refusal::Malformed,
    })
}

/// Well-formed, and nothing more: nobody may look inside yet.
pub struct Unverified<'a> {
    envelope: Sign1<'a>,
    claims: Credential<'a>,
}

impl<'a> Unverified<'a> {
    /// Refusals 10, 11, 12.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        if bytes.len() > credential::qr_text::MAX_CREDENTIAL_BYTES {
            return Err(Refusal::TooLong);
        }
        if bytes.first() != Some(&COSE_SIGN1_HEAD) {
            return Err(Refusal::NotACredential);
        }
        let envelope = Sign1::parse(bytes, Content::Credential)?;
        Ok(Self { envelope, claims: Credential::decode(envelope.payload())? })
    }

    /// Refusals 20 to 23: the issuer is known, signed these bytes, and might.
    pub fn authenticate(self, bundle: &Bundle, now: UnixTime) -> Result<Authentic<'a>, Refusal> {
        let Self { envelope, claims } = self;
        let key = bundle.key(envelope.kid()).ok_or(Refusal::UnknownIssuer)?;
        // The signature first: until it holds, the claims are only somebody's words.
        if !key.verifies(&envelope.to_be_signed(), envelope.signature()) {
            return Err(Refusal::BadSignature);
        }
        check_trusted(key, claims.issued(), now)?;
        check_in_scope(key, &claims)?;
        Ok(Authentic { kid: envelope.kid(), claims })
    }
}

/// Signed by an issuer that might sign it.
pub struct Authentic<'a> {
    kid: Kid,
    claims: Credential<'a>,
}

impl<'a> Authentic<'a> {
    /// Refusals 30 and 31. Some policies honour an expired credential for some days.
    pub fn in_force(self, bundle: &Bundle, check: &Check<'_>) -> Result<InForce<'a>, Refusal> {
        let now = check.now;
        if self.claims.issued().is_some_and(|issued| now.plus_seconds(CLOCK_TOLERANCE_SECONDS) < issued) {
            return Err(Refusal::NotYetInForce);
        }
        if now >= self.claims.expires() && !in_days_of_grace(&self.claims, bundle.policies(), check) {
            return Err(Refusal::Expired);
        }
        let Self { kid, claims } = self;
        Ok(InForce { kid, claims })
    }

    /// The issuer's key.
    #[must_use]
    pub fn kid(&self) -> Kid {
        self.kid
    }

    /// The claims, for a tool that shows what a refused but genuine credential says.
    #[must_use]
    pub fn claims(&self) -> &Credential<'a> {
        &self.claims
    }
}

/// Within its time, or within days of grace.
pub struct InForce<'a> {
    kid: Kid,
    claims: Credential<'a>,
}

impl<'a> InForce<'a> {
    /// Refusals 40 to 43.
    pub fn not_revoked(
        self,
        bundle: &Bundle,
        now: UnixTime,
        staleness: Staleness,
    ) -> Result<NotRevoked<'a>, Refusal> {
        let Self { kid, claims } = self;
        let (status, token) = bundle.status(kid, claims.status()).ok_or(Refusal::StatusUnknown)?;
        match status {
            Status::Valid => {}
            Status::Invalid | Status::Specific => return Err(Refusal::Revoked),
            Status::Suspended => return Err(Refusal::Suspended),
        }
        if !staleness.accepts(token.issued, token.expires, now) {
            return Err(Refusal::StatusTooOld);
        }
        Ok(NotRevoked { kid, claims })
    }
}

/// Neither revoked nor suspended, as far as the bundle knows.
pub struct NotRevoked<'a> {
    kid: Kid,
    claims: Credential<'a>,
}

impl<'a> NotRevoked<'a> {
    /// Refusals 50 to 74: entitled, present, and judged by a bundle that is fresh enough.
    pub fn accept(self, bundle: &Bundle, check: &Check<'_>) -> Result<Accepted<'a>, Refusal> {
        let Self { kid, claims } = self;
        let (status, kind, expires): (StatusIndex, Kind, UnixTime) =
            (claims.status(), claims.kind(), claims.expires());
        let possession_proven = match &claims {
            Credential::Pass(pass) => Some((pass.holder_key, check.possession)),
            Credential::Certificate(_) => None,
        };
        let (facts, award) = decide(claims, bundle.policies(), check)?;
        let possession_proven = match possession_proven {
            Some((Some(key), Possession::Signed { message, signature })) => prove(&key, message, signature)?,
            Some((Some(_), Possession::StaticCode)) => return Err(Refusal::PossessionRequired),
            // A pass that names no key cannot be proven with one: the signature is somebody else's.
            Some((None, Possession::Signed { .. })) => return Err(Refusal::PossessionFailed),
            Some((None, Possession::StaticCode)) | None => false,
        };
        check_fresh(bundle, check)?;
        let bundle_age_seconds = bundle.age_seconds(check.now);
        Ok(Accepted { kid, status, kind, expires, facts, award, possession_proven, bundle_age_seconds })
    }
}

/// Refusal 21. Of a retired key, what was signed in its time counts; a pass states no time, so it lives as long as it says.
/// Of a compromised key nothing counts: whoever holds it writes any date he likes.
fn check_trusted(key: &ReadyKey, issued: Option<UnixTime>, now: UnixTime) -> Result<(), Refusal> {
    let listed = &key.listed;
    let in_its_time = match issued {
        Some(issued) => (listed.not_before..listed.not_after).contains(&issued),
        None => now >= listed.not_before,
    };
    let alive = match listed.state {
        KeyState::Active => true,
        KeyState::Retired { since } => issued.is_none_or(|issued| issued < since),
        KeyState::Compromised { .. } => false,
    };
    if listed.roles.contains(&Role::Issuer) && in_its_time && alive {
        Ok(())
    } else {
        Err(Refusal::IssuerNotTrusted)
    }
}

/// Refusal 22.
fn check_in_scope(key: &ReadyKey, claims: &Credential<'_>) -> Result<(), Refusal> {
    let region = match claims {
        Credential::Certificate(certificate) => certificate.county,
        Credential::Pass(pass) => pass.jurisdiction,
    };
    let covered = key.listed.regions.iter().any(|r| r.contains(region));
    if covered && key.listed.kinds.contains(&claims.kind()) { Ok(()) } else { Err(Refusal::OutOfScope) }
}

/// Refusal 61.
fn prove(key: &credential::PublicKey, message: &[u8], signature: &[u8; 64]) -> Result<bool, Refusal> {
    let proven = ed25519(key).is_some_and(|point| verify_strict(&point, message, signature));
    if proven { Ok(true) } else { Err(Refusal::PossessionFailed) }
}

/// Refusals 72 and 74.
fn check_fresh(bundle: &Bundle, check: &Check<'_>) -> Result<(), Refusal> {
    let (snapshot, trust_list) = (bundle.snapshot(), bundle.trust_list());
    // A trust list is made for a year or more, so its grace counts from its end: counted from the snapshot,
    // a stolen snapshot key would keep alive the very list that still trusts it.
    let fresh = check.staleness.accepts(snapshot.issued, snapshot.expires, check.now)
        && check.staleness.accepts(trust_list.expires, trust_list.expires, check.now);
    if !fresh {
        return Err(Refusal::BundleExpired);
    }
    if check.now.plus_seconds(CLOCK_TOLERANCE_SECONDS) < bundle.newest_signed() {
        return Err(Refusal::ClockBehind);
    }
    Ok(())
}

impl Staleness {
    fn accepts(self, issued: UnixTime, expires: UnixTime, now: UnixTime) -> bool {
        match self {
            Self::RefuseStale => now < expires,
            Self::AcceptStale { at_most_seconds } => {
                now < expires || now.seconds_since(issued) <= at_most_seconds
            }
        }
    }
}

/// Tag 18, RFC 9052, table 1.
const COSE_SIGN1_HEAD: u8 = 0xd2;
/// Two clocks that are set by hand now and then differ by less.
pub const CLOCK_TOLERANCE_SECONDS: u64 = 300;
