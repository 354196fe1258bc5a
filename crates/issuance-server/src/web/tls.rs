//! TLS by the service itself: 1.2 and 1.3, certificate and key from their files. rustls checks that the key is the
//! certificate's; for how long the certificate is good (RFC 5280, 4.1.2.5) is looked at here, for a browser would refuse
//! it without a word in our log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use credential::time::UnixTime;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::time::{Time, Validity};

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

/// From the first second that it is good to the last; none in what is no certificate.
fn validity(certificate: &[u8]) -> Option<(UnixTime, UnixTime)> {
    let Validity { not_before, not_after } =
        Certificate::from_der(certificate).ok()?.tbs_certificate.validity;
    let time = |time: Time| UnixTime::from_seconds(time.to_unix_duration().as_secs());
    Some((time(not_before), time(not_after)))
}

/// A certificate authority answers within a month.
const SOON_SECONDS: u64 = 30 * DAY_SECONDS;
const DAY_SECONDS: u64 = 86_400;

#[cfg(test)]
mod tests {
    use credential::time::Date;

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
    }
}
