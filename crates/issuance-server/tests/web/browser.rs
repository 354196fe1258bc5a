//! A service with a few offices and officers, and a browser that keeps cookies and fills in forms.

use std::convert::Infallible;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, StatusCode, header};
use credential::region::Region;
use credential::time::UnixTime;
use http_body_util::BodyExt;
use issuance::audit::{Deed, Entry, Other, Subject};
use issuance::calendar::Calendar;
use issuance::id::{OfficeId, OfficerId};
use issuance::office::OfficeKind;
use issuance::officer::{Login, Role, Roles};
use issuance::register::{AuditStore, NewOffice, NewOfficer, OfficeStore};
use issuance::text::{Line, Name};
use issuance_server::personal::Personal;
use issuance_server::personal_keys::PersonalKeys;
use issuance_server::sqlite::SqliteRegister;
use issuance_server::web;
use issuance_server::web::account::Account;
use issuance_server::web::app::{App, Plan};
use issuance_server::web::clock::{Clock, Random};
use issuance_server::web::desk::{Desk, Desks};
use issuance_server::web::one_time_code::OneTimeSecret;
use issuance_server::web::password::{Cost, Hash, Password, Salt};
use issuance_server::web::settings::{Limits, Settings};
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

/// The service under test.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) app: App,
    pub(crate) router: Router,
    seconds: Arc<AtomicU64>,
    /// Forms that did what they were sent for, as they were sent.
    pub(crate) done: Arc<Mutex<Vec<Sent>>>,
    /// Removed with the last clone.
    folder: Arc<tempfile::TempDir>,
}

/// A form on its way, byte for byte.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) path: String,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: Bytes,
}

/// One officer of the cast: login and role; everybody's password is [`PASSWORD`].
pub(crate) const CAST: [(&str, Role, &str); 11] = [
    ("root", Role::Administrator, "22"),
    ("clerk", Role::Clerk, "220102"),
    ("doctor", Role::Assessor, "220102"),
    ("reviewer", Role::Reviewer, "220102"),
    ("approver", Role::Approver, "220102"),
    ("desk", Role::CardOperator, "220102"),
    ("auditor", Role::Auditor, "22"),
    ("chief", Role::Administrator, "220102"),
    ("foreign", Role::Clerk, "220202"),
    ("doctor2", Role::Assessor, "220102"),
    ("approver2", Role::Approver, "220102"),
];

pub(crate) const PASSWORD: &str = "three old elms, two magpies";
/// 2026-11-24, 08:00 in China.
pub(crate) const START: u64 = 1_795_478_400;

impl Service {
    pub(crate) fn new() -> Self {
        // A stream of progress says what there is and ends.
        let limits = Limits { live_seconds: 0, ..Limits::default() };
        Self::with(Settings { demo: true, limits, ..Settings::default() })
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let seconds = Arc::new(AtomicU64::new(START));
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let random = Random::new(Seeded { seed: 7, drawn: 0 });
        let desk = Desks::open(1, || Ok::<_, ()>(furnish(folder.path(), &random)))
            .unwrap_or_else(|_| panic!("no desk"));
        let (calendar, clock) = (Calendar::shipped().unwrap(), Clock::HandSet(Arc::clone(&seconds)));
        let plan = Plan { desk, settings, calendar, clock, random, cost: Cost::Least };
        let app = App::new(plan).unwrap();
        let router = web::router(&app);
        Self { app, router, seconds, done: Arc::default(), folder }
    }

    /// The same register under a process that remembers nothing.
    pub(crate) fn restarted(&self) -> Self {
        let random = Random::new(Seeded { seed: 8, drawn: 0 });
        let path = self.folder.path().join("register.db");
        let open = || {
            let personal = Personal::new(&PersonalKeys::example());
            SqliteRegister::open(&path, personal).map(|register| Desk { register })
        };
        let desk = Desks::open(1, open).unwrap_or_else(|_| panic!("no desk"));
        let (calendar, clock) = (Calendar::shipped().unwrap(), Clock::HandSet(Arc::clone(&self.seconds)));
        let settings = self.app.settings.clone();
        let plan = Plan { desk, settings, calendar, clock, random, cost: Cost::Least };
        let app = App::new(plan).unwrap();
        Self { router: web::router(&app), app, ..self.clone() }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { service: self.clone(), cookies: Vec::new(), page: String::new() }
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.seconds.load(Ordering::SeqCst))
    }

    /// A browser with an officer signed in.
    pub(crate) async fn signed_in(&self, login: &str) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(login).await;
        browser
    }

    /// What stands in the audit, by deed.
    pub(crate) async fn deeds(&self) -> Vec<String> {
        let rows = self.app.desk.run(|desk| Ok(desk.register.audit_rows(0, 10_000)?)).await.unwrap();
        rows.iter().map(|row| row.entry.deed.to_stored()).collect()
    }

    /// Asks the console's own tables.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        let ask = move |desk: &mut Desk| Ok(desk.connection().query_row(sql, [], |row| row.get(0))?);
        self.app.desk.run(ask).await.unwrap()
    }
}

/// The secret that every officer of the cast has in their telephone.
pub(crate) fn secret(login: &str) -> OneTimeSecret {
    let digest = Sha256::digest(login);
    OneTimeSecret::from_stored(&digest[..20]).unwrap()
}

fn furnish(folder: &Path, random: &Random) -> Desk {
    let register =
        SqliteRegister::create(&folder.join("register.db"), Personal::new(&PersonalKeys::example())).unwrap();
    let mut desk = Desk { register };
    let entry = Entry {
        at: UnixTime::from_seconds(START),
        who: OfficerId::SERVICE,
        origin: Line::parse("command").unwrap(),
        deed: Deed::Other(Other::Initialised),
        subject: Subject::Register,
        reason: None,
    };
    let mut offices = std::collections::HashMap::new();
    for (login, role, region) in CAST {
        let office: OfficeId = *offices.entry(region).or_insert_with(|| {
            let kind = if region.len() == 2 { OfficeKind::Province } else { OfficeKind::County };
            let name = Line::parse(&format!("{region} 残联")).unwrap();
            desk.register
                .add_office(&NewOffice { kind, region: Region::parse(region).unwrap(), name }, &entry)
                .unwrap()
        });
        hire(&mut desk, random, login, &[role], office);
    }
    desk
}

/// As a command leaves it in the audit.
pub(crate) fn by_hand(at: UnixTime) -> Entry {
    Entry {
        at,
        who: OfficerId::SERVICE,
        origin: Line::parse("command").unwrap(),
        deed: Deed::Other(Other::OfficerAdded),
        subject: Subject::Register,
        reason: None,
    }
}

/// An officer with an account that is ready to be used.
pub(crate) fn hire(desk: &mut Desk, random: &Random, login: &str, roles: &[Role], office: OfficeId) {
    let entry = by_hand(UnixTime::from_seconds(START));
    let officer = NewOfficer {
        login: Login::parse(login).unwrap(),
        name: Name::parse(&format!("李{login}")).unwrap(),
        office,
        roles: Roles::new(roles),
    };
    let id = desk.register.add_officer(&officer, &entry).unwrap();
    let salt = random.with(|rng| Salt::generate(rng));
    let hash = Hash::new(&Password::new(PASSWORD.into()), Cost::Least, salt).unwrap();
    let now = UnixTime::from_seconds(START);
    let opened = desk.change(|change| {
        Account::reset(change.connection(), id, &hash, now)?;
        Account::set_password(change.connection(), id, &hash, now)?;
        Account::offer(change.connection(), change.personal(), id, &secret(login))?;
        Ok(Account::use_step(change.connection(), id, 0)?)
    });
    assert_eq!(opened, Ok(true));
}

/// A browser: cookies, the page it shows, forms.
#[derive(Clone)]
pub(crate) struct Browser {
    service: Service,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) page: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: axum::http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends the form of the page it shows: with its hidden fields, and these.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut all = hidden(&self.page, path);
        all.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let body = serde_urlencoded::to_string(all).unwrap();
        self.post_raw(path, &body, Some("http://issuer.example")).await
    }

    pub(crate) async fn post_raw(&mut self, path: &str, body: &str, origin: Option<&str>) -> Answer {
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    pub(crate) async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        request.headers_mut().insert(header::HOST, "issuer.example".parse().unwrap());
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let sent = Sent { path: head.uri.to_string(), headers: head.headers.clone(), body: body.clone() };
        let is_form = head.method == Method::POST;
        let request = Request::from_parts(head, Body::from(body));
        let response =
            self.service.router.clone().oneshot(request).await.unwrap_or_else(|e: Infallible| match e {});
        if is_form && response.status() == StatusCode::SEE_OTHER {
            self.service.done.lock().unwrap().push(sent);
        }
        let (parts, body) = response.into_parts();
        for line in parts.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        let body = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        let is_page =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/html; charset=utf-8");
        if is_page {
            self.page = body.clone();
        }
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn sign_in(&mut self, login: &str) {
        self.get("/sign-in").await;
        let answer = self.post("/sign-in", &[("login", login), ("secret_password", PASSWORD)]).await;
        assert_eq!(answer.location(), "/sign-in/code", "{}", answer.body);
        self.get("/sign-in/code").await;
        // A code counts once; the next sign-in of this login waits for the next one.
        self.service.wait(30);
        let code = secret(login).code(self.service.now());
        let answer = self.post("/sign-in/code", &[("secret_code", &code)]).await;
        assert_eq!(answer.location(), "/", "{}", answer.body);
        self.get("/").await;
    }

    pub(crate) fn token(&self) -> &str {
        self.cookies.iter().find(|(name, _)| name == "zhengka").map_or("", |(_, value)| value)
    }
}

/// The hidden fields of the form with that action.
pub(crate) fn hidden(page: &str, action: &str) -> Vec<(String, String)> {
    let start = page.find(&format!("action=\"{action}\"")).unwrap_or(page.len());
    let form = page[start..].split("</form>").next().unwrap();
    let inputs = form.split("<input type=\"hidden\" ").skip(1);
    let attribute = |text: &str, name: &str| {
        let value = text.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        let entities =
            [("&#38;", "&"), ("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&amp;", "&")];
        entities.iter().fold(value.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
    };
    inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect()
}

struct Seeded {
    seed: u64,
    drawn: u64,
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.try_next_u64()? as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, into: &mut [u8]) -> Result<(), Infallible> {
        for piece in into.chunks_mut(32) {
            self.drawn += 1;
            let block = Sha256::digest([self.seed.to_le_bytes(), self.drawn.to_le_bytes()].concat());
            piece.copy_from_slice(&block[..piece.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}
