//! TLS by the service itself: 1.2 and 1.3, certificate and key from their files. rustls checks that the key is the
//! certificate's; for how long the certificate is good stands here, for a browser would refuse it without a word in our
//! log. Reads no more of X.509 than that (RFC 5280, 4.1.2.5).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use credential::time::{Date, UnixTime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::web::settings::Tls;

/// Why the service does not start with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// One of them cannot be read, holds something else, or the key is of another certificate.
    #[error(
        "TLS 证书 {certificate} 或密钥 {key} 不可用 · the TLS certificate {certificate} or its key {key} cannot be used: {source}",
        certificate = tls.certificate.display(), key = tls.key.display()
    )]
    Files {
        /// Which files.
        tls: Tls,
        /// Why.
        source: std::io::Error,
    },
    /// No certificate in it that says how long it is good.
    #[error("{path} 中没有可读的 TLS 证书 · no readable TLS certificate in {path}", path = path.display())]
    NoCertificate {
        /// Which file.
        path: PathBuf,
    },
    /// It is over, or has not begun.
    #[error(
        "TLS 证书 {path} 有效期为 {from} 至 {until}，现在是 {now}；请换用有效证书，或校准时钟 · \
         the TLS certificate {path} is good from {from} to {until}, and it is {now}: take another one, or set the clock",
        path = path.display()
    )]
    OutOfTime {
        /// Which file.
        path: PathBuf,
        /// From when.
        from: UnixTime,
        /// Until when.
        until: UnixTime,
        /// The time of the start.
        now: UnixTime,
    },
}

/// HTTP/1.1 only, and said so: a browser that was promised HTTP/2 would get nothing.
pub(crate) async fn config(tls: &Tls, now: UnixTime) -> Result<RustlsConfig, TlsError> {
    // Set once for the process; a second start in one process finds it set.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = RustlsConfig::from_pem_file(&tls.certificate, &tls.key).await;
    let config = config.map_err(|source| TlsError::Files { tls: tls.clone(), source })?;
    let (until, is_soon) = check(&tls.certificate, now)?;
    if is_soon {
        tracing::warn!(%until, "the TLS certificate ends soon");
    }
    let mut inner = config.get_inner().as_ref().clone();
    inner.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.reload_from_config(Arc::new(inner));
    Ok(config)
}

/// Refuses a certificate that no browser takes at this time; its last second, and whether that is soon.
pub(crate) fn check(path: &Path, now: UnixTime) -> Result<(UnixTime, bool), TlsError> {
    let missing = || TlsError::NoCertificate { path: path.to_owned() };
    let certificate = CertificateDer::from_pem_file(path).map_err(|_| missing())?;
    let (from, until) = validity(&certificate).ok_or_else(missing)?;
    if now < from || until < now {
        return Err(TlsError::OutOfTime { path: path.to_owned(), from, until, now });
    }
    Ok((until, until.seconds_since(now) < SOON_SECONDS))
}

/// From the first second that it is good to the last.
fn validity(certificate: &[u8]) -> Option<(UnixTime, UnixTime)> {
    let (mut fields, _) = inside(SEQUENCE, inside(SEQUENCE, certificate)?.0)?;
    if let Some((_, rest)) = inside(VERSION, fields) {
        fields = rest;
    }
    for tag in [INTEGER, SEQUENCE, SEQUENCE] {
        // Serial number, algorithm, issuer.
        fields = inside(tag, fields)?.1;
    }
    let (from, rest) = time(inside(SEQUENCE, fields)?.0)?;
    Some((from, time(rest)?.0))
}

/// What stands in the first value if it has this tag, and what comes after it (X.690, 8.1).
fn inside(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        // So many bytes say it; none would be a length that is not said, and no certificate needs more than four.
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest)
    };
    (found == tag).then(|| rest.split_at_checked(length))?
}

/// A UTCTime of 1950 to 2049, or a GeneralizedTime; both end with `Z` here (RFC 5280, 4.1.2.5.1 and 4.1.2.5.2).
fn time(bytes: &[u8]) -> Option<(UnixTime, &[u8])> {
    let (century, text, rest) = match inside(UTC_TIME, bytes) {
        Some((text, rest)) => (None, text, rest),
        None => {
            let (text, rest) = inside(GENERALIZED_TIME, bytes)?;
            let (century, text) = text.split_at_checked(2)?;
            (Some(digits(century)?), text, rest)
        }
    };
    let (text, [b'Z']) = text.split_at_checked(12)? else { return None };
    let pairs = text.chunks(2).map(digits).collect::<Option<Vec<_>>>()?;
    let [year, month, day, hour, minute, second] = pairs[..] else { return None };
    let century = century.unwrap_or(if year < 50 { 20 } else { 19 });
    let days = Date::new(century * 100 + year, month as u8, day as u8)?.to_days();
    let seconds = u64::from(hour) * 3600 + u64::from(minute) * 60 + u64::from(second);
    Some((UnixTime::from_seconds(days * DAY_SECONDS + seconds), rest))
}

fn digits(pair: &[u8]) -> Option<u16> {
    let [a @ b'0'..=b'9', b @ b'0'..=b'9'] = pair else { return None };
    Some(u16::from(a - b'0') * 10 + u16::from(b - b'0'))
}

/// A certificate authority answers within a month.
const SOON_SECONDS: u64 = 30 * DAY_SECONDS;
const DAY_SECONDS: u64 = 86_400;
const INTEGER: u8 = 0x02;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_validity_is_read_from_either_form_of_time_and_nothing_else_is_one() {
        let mut wanted = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        // Before 2050 in two digits of a year, after it in four.
        wanted.not_before = rcgen::date_time_ymd(2026, 11, 24);
        wanted.not_after = rcgen::date_time_ymd(2051, 2, 3);
        let key = rcgen::KeyPair::generate().unwrap();
        let made = wanted.self_signed(&key).unwrap();
        let utc = |day: &str| Date::parse(day).unwrap().start_in_china().plus_seconds(8 * 3600);
        assert_eq!(validity(made.der()), Some((utc("2026-11-24"), utc("2051-02-03"))));
        for end in 0..60 {
            assert_eq!(validity(&made.der()[..end]), None, "{end} bytes");
        }
        assert_eq!(time(b"\x17\x0d491231235959Z").unwrap().0, utc("2049-12-31").plus_seconds(86_399));
        assert_eq!(time(b"\x17\x0d491231235959+"), None);
        assert_eq!(time(b"\x17\x0b4912312359Z"), None, "without seconds");
        assert_eq!(time(b"\x17\x0d491331235959Z"), None, "there is no such month");
    }
}
