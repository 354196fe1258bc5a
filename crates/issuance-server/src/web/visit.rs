//! What is known of a request before anybody looks into it: from where, in which language, with which cookie.
//! Made once by the outermost layer; what happens on the way (who it was, which case, a new cookie) is left in it
//! for the log line and the answer.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, header};
use credential::time::UnixTime;
use issuance::id::{ApplicationId, OfficerId};
use issuance::text::Line;

use crate::web::lang::Lang;
use crate::web::settings::Settings;
use crate::web::token::{FormToken, Token};

/// One request's circumstances; clones share what is left in it.
#[derive(Clone, Debug)]
pub struct Visit(Arc<Facts>);

#[derive(Debug)]
struct Facts {
    id: String,
    now: UnixTime,
    address: IpAddr,
    lang: Lang,
    token: Option<Token>,
    path: String,
    is_secure: bool,
    is_stream: bool,
    new_token: Mutex<Option<NewCookie>>,
    officer: OnceLock<OfficerId>,
    case: OnceLock<ApplicationId>,
}

#[derive(Debug)]
struct NewCookie {
    header: HeaderValue,
    form_token: FormToken,
}

impl Visit {
    /// Reads the head of a request.
    #[must_use]
    pub fn new(id: String, head: &Parts, settings: &Settings, now: UnixTime) -> Self {
        let Parts { headers, extensions, uri, .. } = head;
        let is_secure = settings.is_secure();
        let address = client_address(headers, extensions, &settings.trusted_proxies);
        // A program says its language in a header and who it is in another; cookies are for pages.
        let is_program = uri.path().starts_with("/api/");
        let lang = match is_program {
            true => accepted_language(headers),
            false => cookie(headers, LANGUAGE_COOKIE).map_or_else(Lang::default, Lang::parse),
        };
        let token = cookie(headers, session_cookie(is_secure)).filter(|_| !is_program).and_then(Token::parse);
        Self(Arc::new(Facts {
            id,
            now,
            address,
            lang,
            token,
            path: uri.path_and_query().map_or_else(String::new, |path| path.as_str().to_owned()),
            is_secure,
            is_stream: headers.get(header::ACCEPT).is_some_and(|kind| kind == "text/event-stream"),
            new_token: Mutex::new(None),
            officer: OnceLock::new(),
            case: OnceLock::new(),
        }))
    }

    /// Its number in the log.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// When it came: one time for all that it does.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        self.0.now
    }

    /// From where.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.0.address
    }

    /// From where, as the audit keeps it.
    #[must_use]
    pub fn origin(&self) -> Option<Line> {
        Line::parse(&format!("console {}", self.address())).ok()
    }

    /// For which address of this host.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Whether a page asked for it by itself, again and again: no sign that anybody sits there.
    #[must_use]
    pub fn is_stream(&self) -> bool {
        self.0.is_stream
    }

    /// In which language the answer is wanted.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.0.lang
    }

    /// The token in the cookie it came with.
    #[must_use]
    pub fn token(&self) -> Option<&Token> {
        self.0.token.as_ref()
    }

    /// What forms of the answer carry: of the cookie it goes back with.
    #[must_use]
    pub fn form_token(&self) -> Option<FormToken> {
        let new = self.new_token().as_ref().map(|new| new.form_token.clone());
        new.or_else(|| self.token().map(Token::form_token))
    }

    /// Sends a new token with the answer; the old one ends.
    pub fn give(&self, token: &Token) {
        let secure = if self.0.is_secure { "; Secure" } else { "" };
        let name = session_cookie(self.0.is_secure);
        let text =
            format!("{name}={}; Path=/; HttpOnly; SameSite=Strict{secure}", token.expose_hex().as_str());
        if let Ok(mut header) = HeaderValue::try_from(text) {
            header.set_sensitive(true);
            *self.new_token() = Some(NewCookie { header, form_token: token.form_token() });
        }
    }

    /// The cookie to send.
    #[must_use]
    pub fn cookie(&self) -> Option<HeaderValue> {
        self.new_token().take().map(|new| new.header)
    }

    /// The cookie that keeps a language.
    #[must_use]
    pub fn language_cookie(&self, lang: Lang) -> String {
        let secure = if self.0.is_secure { "; Secure" } else { "" };
        format!(
            "{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}",
            lang.as_str()
        )
    }

    /// Leaves who it was for the log.
    pub fn note_officer(&self, officer: OfficerId) {
        let _ = self.0.officer.set(officer);
    }

    /// Leaves which case it was about for the log.
    pub fn note_case(&self, case: ApplicationId) {
        let _ = self.0.case.set(case);
    }

    /// Who it was.
    #[must_use]
    pub fn officer(&self) -> Option<OfficerId> {
        self.0.officer.get().copied()
    }

    /// Which case it was about.
    #[must_use]
    pub fn case(&self) -> Option<ApplicationId> {
        self.0.case.get().copied()
    }

    fn new_token(&self) -> std::sync::MutexGuard<'_, Option<NewCookie>> {
        self.0.new_token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `__Host-` binds the cookie to this host, the whole path and TLS (RFC 6265bis, 4.1.3.2), so that no neighbouring
/// host can plant one. Browsers take it over TLS only; plain HTTP is for this machine alone.
const fn session_cookie(is_secure: bool) -> &'static str {
    if is_secure { "__Host-zhengka" } else { "zhengka" }
}

const LANGUAGE_COOKIE: &str = "zhengka-lang";

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The first of ours in `Accept-Language` (RFC 9110, 12.5.4), by its weight.
fn accepted_language(headers: &HeaderMap) -> Lang {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
    let ranges = lines.flat_map(|line| line.split(',')).filter_map(|range| {
        let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
        let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
        let lang = match tag.trim().split('-').next()? {
            "zh" => Lang::Zh,
            "en" => Lang::En,
            _ => return None,
        };
        (weight > 0.0).then_some((lang, weight))
    });
    // Of two that weigh the same, the first one said.
    let best = ranges.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map_or_else(Lang::default, |(lang, _)| lang)
}

/// The peer; behind a trusted proxy, the last address of `X-Forwarded-For` that is not itself a trusted proxy.
/// What stands before that one can be written by anybody.
fn client_address(headers: &HeaderMap, extensions: &Extensions, trusted: &[IpAddr]) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let Some(peer) = peer else { return IpAddr::from([0, 0, 0, 0]) };
    if !trusted.contains(&peer) {
        return peer;
    }
    let lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok()).collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let addresses = hops.map_while(|hop| hop.trim().parse::<IpAddr>().ok());
    addresses.map(|address| address.to_canonical()).find(|address| !trusted.contains(address)).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: [u8; 4], forwarded: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from((peer, 4000))));
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_str(line).unwrap());
        }
        client_address(&headers, &extensions, &[IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])])
            .to_string()
    }

    #[test]
    fn forwarded_addresses_count_only_from_a_trusted_proxy() {
        assert_eq!(address([203, 0, 113, 9], &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(address([10, 0, 0, 1], &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_the_client_wrote_itself_does_not_count() {
        assert_eq!(address([10, 0, 0, 1], &["1.2.3.4, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(address([10, 0, 0, 1], &["1.2.3.4", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(address([10, 0, 0, 1], &["1.2.3.4, nonsense"]), "10.0.0.1");
        assert_eq!(address([10, 0, 0, 1], &[]), "10.0.0.1");
    }

    #[test]
    fn one_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; zhengka-lang=en; b=2"));
        assert_eq!(cookie(&headers, LANGUAGE_COOKIE), Some("en"));
        assert_eq!(cookie(&headers, "zhengka"), None);
    }

    #[test]
    fn a_program_says_its_language_by_weight() {
        let lang = |line: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(line).unwrap());
            accepted_language(&headers)
        };
        assert_eq!(lang("en-GB,en;q=0.9,zh;q=0.8"), Lang::En);
        assert_eq!(lang("fr, zh-CN;q=0.7, en;q=0.3"), Lang::Zh);
        assert_eq!(lang("en;q=0"), Lang::Zh);
        assert_eq!(lang(";;;q=x"), Lang::Zh);
    }
}
