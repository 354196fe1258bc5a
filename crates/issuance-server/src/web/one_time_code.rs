//! One-time codes of the second factor: TOTP with SHA-1, 30 seconds, 6 digits (RFC 6238), as every
//! authenticator app reads them. A code counts once: the step it belongs to is kept, and only later ones pass.

use std::fmt;

use credential::time::UnixTime;
use hmac::{Hmac, KeyInit, Mac};
use rand_core::CryptoRng;
use sha1::Sha1;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The secret that service and authenticator share: 160 bits, as RFC 4226, 4 recommends.
pub struct OneTimeSecret(Zeroizing<[u8; 20]>);

impl OneTimeSecret {
    /// A new one.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut bytes = Zeroizing::new([0; 20]);
        rng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    /// From the 20 bytes of a row.
    #[must_use]
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// For the row, and for nothing else.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The step that a code belongs to, if it is that of now or of one step before or after, and later
    /// than the last one used. A code that was used once is refused, within its 30 seconds too.
    #[must_use]
    pub fn accept(&self, code: &str, last_used: Option<u64>, now: UnixTime) -> Option<u64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let present = now.as_seconds() / STEP_SECONDS;
        let steps = present.saturating_sub(DRIFT_STEPS)..=present.saturating_add(DRIFT_STEPS);
        // All three are computed, so that the time taken tells nothing.
        let fits = |step: u64| bool::from(self.code_at(step).as_bytes().ct_eq(code.as_bytes()));
        let found = steps.fold(None, |found, step| if fits(step) { Some(step) } else { found });
        found.filter(|step| last_used.is_none_or(|used| *step > used))
    }

    /// The code of a time, for whoever plays the authenticator.
    #[must_use]
    pub fn code(&self, now: UnixTime) -> String {
        self.code_at(now.as_seconds() / STEP_SECONDS)
    }

    /// The address that an authenticator app reads from the QR code (Key Uri Format).
    #[must_use]
    pub fn expose_uri(&self, login: &str) -> Zeroizing<String> {
        let secret = self.expose_base32();
        Zeroizing::new(format!("otpauth://totp/Zhengka:{login}?secret={}&issuer=Zhengka", secret.as_str()))
    }

    /// For typing by hand (RFC 4648, 6).
    #[must_use]
    pub fn expose_base32(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(32));
        for five in self.0.chunks(5) {
            let bits = five.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
            for place in (0..8).rev() {
                let digit = (bits >> (place * 5) & 31) as usize;
                text.extend(BASE32.get(digit).map(|b| char::from(*b)));
            }
        }
        text
    }

    /// RFC 4226, 5.3: dynamic truncation.
    fn code_at(&self, step: u64) -> String {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(self.0.as_slice()) else {
            unreachable!("HMAC takes keys of any length");
        };
        mac.update(&step.to_be_bytes());
        let tag: [u8; 20] = mac.finalize().into_bytes().into();
        let offset = usize::from(tag[19] & 15);
        let four = tag.iter().skip(offset).take(4).fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
    }
}

impl fmt::Debug for OneTimeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeSecret([secret])")
    }
}

/// RFC 6238, 5.2.
const STEP_SECONDS: u64 = 30;
/// One step either way for slow typing and a clock that drifts (RFC 6238, 5.2).
const DRIFT_STEPS: u64 = 1;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc() -> OneTimeSecret {
        OneTimeSecret::from_stored(b"12345678901234567890").unwrap()
    }

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_seconds(seconds)
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        // The RFC prints eight digits; six are their end.
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(rfc().code(at(seconds)), code);
        }
    }

    #[test]
    fn a_code_counts_once() {
        let step = rfc().accept("287 082", None, at(59)).unwrap();
        assert_eq!(step, 1);
        assert_eq!(rfc().accept("287082", Some(step), at(59)), None);
        assert_eq!(rfc().accept("287082", Some(step), at(61)), None);
    }

    #[test]
    fn an_old_an_early_and_a_wrong_code_are_refused() {
        assert_eq!(rfc().accept("287082", None, at(89)), Some(1));
        assert_eq!(rfc().accept("287082", None, at(90)), None);
        assert_eq!(rfc().accept(&rfc().code(at(150)), None, at(59)), None);
        for code in ["", "287083", "2870820", "28708２"] {
            assert_eq!(rfc().accept(code, None, at(59)), None, "{code}");
        }
    }

    #[test]
    fn the_secret_is_typed_in_base_32_and_does_not_print() {
        assert_eq!(rfc().expose_base32().as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(format!("{:?}", rfc()), "OneTimeSecret([secret])");
    }
}
