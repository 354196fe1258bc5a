//! The settings of `serve`: one TOML file, every key with a value that is safe when it is left out.
//! An unknown key is refused with its line: a misspelt limit must not silently be no limit.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

/// Everything that may stand in the file.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where to listen. On this machine only, unless said otherwise.
    pub listen: SocketAddr,
    /// Where Prometheus may read `/metrics`. Nowhere, unless said otherwise.
    pub metrics_listen: Option<SocketAddr>,
    /// How browsers see the service: `https://issuer.example`. Empty: taken from the request.
    pub public_origin: String,
    /// Addresses of proxies whose `X-Forwarded-For` is believed. None, unless said otherwise.
    pub trusted_proxies: Vec<IpAddr>,
    /// Certificate and key for TLS.
    pub tls: Option<Tls>,
    /// Time and size limits.
    pub limits: Limits,
    /// How long a session lasts.
    pub sessions: Sessions,
    /// Everything on every page says that it is a demonstration.
    pub demo: bool,
    /// How much the log tells. On no level does it name anybody.
    pub log_level: LogLevel,
}

/// How much the log tells.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Each request, what was signed, and faults.
    #[default]
    Info,
    /// What the service does by itself as well.
    Debug,
    /// All that it and its libraries can say.
    Trace,
}

/// TLS by the service itself.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM file with the chain, the service's own certificate first.
    pub certificate: PathBuf,
    /// PEM file with its private key.
    pub key: PathBuf,
}

/// Limits against slow, large and frequent requests.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The largest form, in bytes.
    pub form_bytes: usize,
    /// The largest upload, in bytes.
    pub upload_bytes: usize,
    /// Seconds for the head of a request, and for its body.
    pub receive_seconds: u64,
    /// Seconds for the answer: to be made, and to be taken up. A slow line gets one more for each kilobyte it takes.
    pub answer_seconds: u64,
    /// Requests of one address at once; thereafter ten a second.
    pub requests_burst: u64,
    /// Sign-ins of one address at once, and for one login; thereafter one in ten seconds.
    pub sign_in_burst: u64,
    /// Threads that hold the database.
    pub database_threads: usize,
    /// Seconds that a stream of progress flows before the browser asks for it again; fewer than `stop_seconds`, so
    /// that no stream holds up a stop.
    pub live_seconds: u64,
    /// Seconds for open requests to end after a stop was asked for.
    pub stop_seconds: u64,
}

/// Life of a session.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Sessions {
    /// Minutes without a request after which it ends.
    pub idle_minutes: u64,
    /// Hours after which it ends in any case: a working day.
    pub longest_hours: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8443)),
            metrics_listen: None,
            public_origin: String::new(),
            trusted_proxies: Vec::new(),
            tls: None,
            limits: Limits::default(),
            sessions: Sessions::default(),
            demo: false,
            log_level: LogLevel::Info,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            form_bytes: 64 << 10,
            upload_bytes: 12 << 20,
            receive_seconds: 20,
            answer_seconds: 30,
            requests_burst: 100,
            sign_in_burst: 10,
            database_threads: 4,
            live_seconds: 15,
            stop_seconds: 20,
        }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self { idle_minutes: 30, longest_hours: 12 }
    }
}

impl Settings {
    /// Reads and checks the file.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// Reads and checks the file's text.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let settings: Self = toml::from_str(text)?;
        settings.check()?;
        Ok(settings)
    }

    /// What no combination may leave open.
    pub fn check(&self) -> Result<(), SettingsError> {
        let Limits { form_bytes, upload_bytes, receive_seconds, answer_seconds, database_threads, .. } =
            self.limits;
        if form_bytes == 0
            || upload_bytes == 0
            || receive_seconds == 0
            || answer_seconds == 0
            || database_threads == 0
        {
            return Err(SettingsError::LimitZero);
        }
        let encrypted = self.tls.is_some() || !self.trusted_proxies.is_empty();
        if !self.listen.ip().is_loopback() && !encrypted {
            return Err(SettingsError::OpenWithoutTls { listen: self.listen });
        }
        let origin = &self.public_origin;
        let is_origin = origin.split_once("://").is_some_and(|(scheme, host)| {
            matches!(scheme, "http" | "https") && !host.is_empty() && !host.contains(['/', ' '])
        });
        if !origin.is_empty() && !is_origin {
            return Err(SettingsError::Origin { origin: origin.clone() });
        }
        Ok(())
    }

    /// Whether browsers reach the service over TLS, so that cookies may demand it.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.tls.is_some()
            || self.public_origin.starts_with("https://")
            || (self.public_origin.is_empty() && !self.trusted_proxies.is_empty())
    }
}

/// Why the service does not start with these settings.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("设置文件 {path} 无法读取 · cannot read the settings file {path}: {source}", path = path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not TOML, an unknown key or a wrong type; the text names line and column.
    #[error("设置文件有误 · fault in the settings file: {0}")]
    Format(#[from] toml::de::Error),
    /// A limit of zero would refuse everything.
    #[error(
        "limits 的值不能为 0；要用默认值请删去该行 · a limit must not be 0; leave the line out for its default"
    )]
    LimitZero,
    /// Passwords would travel in clear.
    #[error(
        "listen = {listen} 对外开放，但未设 tls 或 trusted_proxies；请设其一，或只监听 127.0.0.1 · \
         {listen} is open to the network without tls or trusted_proxies: set one, or listen on 127.0.0.1"
    )]
    OpenWithoutTls {
        /// Where it would listen.
        listen: SocketAddr,
    },
    /// Not an origin.
    #[error(
        "public_origin 应如 https://issuer.example，而不是 {origin} · public_origin is https://host, not {origin}"
    )]
    Origin {
        /// What stands there.
        origin: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_safe_one() {
        let settings = Settings::parse("").unwrap();
        assert_eq!(settings, Settings::default());
        assert!(settings.listen.ip().is_loopback());
        assert!(settings.metrics_listen.is_none() && !settings.demo && settings.trusted_proxies.is_empty());
    }

    /// Commented lines too, so that no key is missing and none has gone.
    #[test]
    fn the_example_file_says_every_key_with_its_default() {
        let example = include_str!("../../serve.toml");
        assert_eq!(Settings::parse(example).unwrap(), Settings::default());
        let keys = crate::web::pages::settings::lines(&Settings::default(), "");
        for key in keys.iter().map(|(key, _)| key.rsplit('.').next().unwrap()).chain(["certificate", "key"]) {
            let says = |line: &str| {
                let line = line.trim_start_matches("# ");
                line.starts_with(&format!("{key} = ")) || line == format!("[{key}]")
            };
            assert!(example.lines().any(says), "{key}");
        }
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = Settings::parse("demo = true\n\n[limits]\nform_byte = 10\n").unwrap_err().to_string();
        assert!(error.contains("line 4") && error.contains("form_byte"), "{error}");
    }

    #[test]
    fn an_open_address_without_tls_is_refused() {
        let open = "listen = \"0.0.0.0:80\"\n";
        assert!(matches!(Settings::parse(open), Err(SettingsError::OpenWithoutTls { .. })));
        assert!(Settings::parse(&format!("{open}trusted_proxies = [\"10.0.0.1\"]")).is_ok());
        assert!(Settings::parse(&format!("{open}[tls]\ncertificate = \"c\"\nkey = \"k\"")).is_ok());
    }

    #[test]
    fn a_limit_of_zero_and_half_an_origin_are_refused() {
        assert!(matches!(Settings::parse("[limits]\nform_bytes = 0"), Err(SettingsError::LimitZero)));
        for origin in ["issuer.example", "https://", "https://a/b", "ftp://a"] {
            let file = format!("public_origin = \"{origin}\"");
            assert!(matches!(Settings::parse(&file), Err(SettingsError::Origin { .. })), "{origin}");
        }
        assert!(Settings::parse("public_origin = \"https://issuer.example\"").unwrap().is_secure());
    }
}
