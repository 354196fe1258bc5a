//! The program `serve` as a process of its own, in a demonstration's folder: a browser that speaks HTTP over a socket,
//! with sessions that stand in the register already.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use credential::time::UnixTime;
use issuance::officer::Login;
use issuance::register::OfficeStore;
use issuance_server::sqlite::SqliteRegister;
use issuance_server::web::account::Account;
use issuance_server::web::desk::Desk;
use issuance_server::web::password::{Cost, Hash, Password, Salt};
use issuance_server::web::session::{Session, Stage};
use issuance_server::web::token::Token;

use super::office::{Seeded, personal, program, run};

/// A running service.
pub(super) struct Served {
    pub(super) child: Child,
    pub(super) at: SocketAddr,
}

impl Served {
    /// Starts it and waits until it answers.
    pub(super) fn start(folder: &Path, at: SocketAddr, log: Stdio, more: &[&str]) -> Self {
        let config = config(folder, at);
        Self::of(program(folder, &[&["serve", "--config", &config], more].concat()), at, log)
    }

    /// The same with a command of one's own.
    pub(super) fn of(mut serve: Command, at: SocketAddr, log: Stdio) -> Self {
        let mut child = serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        for _ in 0..3000 {
            if ask(at, "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").is_some() {
                return Self { child, at };
            }
            assert!(child.try_wait().unwrap().is_none(), "serve ended by itself");
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("serve does not answer");
    }

    /// SIGKILL.
    pub(super) fn kill(self) {}
}

/// A test that fails leaves no service behind.
impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The settings of a service that many requests come to from one address.
pub(super) fn config(folder: &Path, at: SocketAddr) -> String {
    let config = folder.join("serve.toml");
    let text = format!("listen = \"{at}\"\n[limits]\nrequests_burst = 1000000\n");
    std::fs::write(&config, text).unwrap();
    config.to_str().unwrap().to_owned()
}

/// An address that nothing listens on.
pub(super) fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// An officer's browser.
#[derive(Clone)]
pub(super) struct Officer {
    cookie: String,
    form_token: String,
}

/// Signs an officer in by hand: a session, and the password beside it.
pub(super) fn signed_in(folder: &Path, login: &str, now: UnixTime) -> Officer {
    let register = SqliteRegister::open(&folder.join("issuer/issuer.sqlite"), personal()).unwrap();
    let id = register.officer_by_login(&Login::parse(login).unwrap()).unwrap().unwrap().id;
    let mut rng = Seeded(id.get() as u64);
    let token = Token::generate(&mut rng);
    let hash = Hash::new(&Password::new(PASSWORD.into()), Cost::Least, Salt::generate(&mut rng)).unwrap();
    let opened = Desk { register }.change(|change| {
        Account::reset(change.connection(), id, &hash, now)?;
        Account::set_password(change.connection(), id, &hash, now)?;
        Ok(Session::open(change.connection(), &token, id, Stage::Full, now)?)
    });
    assert_eq!(opened, Ok(()));
    Officer { cookie: token.expose_hex().to_string(), form_token: token.form_token().expose().to_owned() }
}

pub(super) const PASSWORD: &str = "three old elms, 2 magpies";

impl Officer {
    /// Status and page; `None` where the service went away before it answered.
    pub(super) fn get(&self, at: SocketAddr, path: &str) -> Option<(u16, String)> {
        let cookie = &self.cookie;
        answered(ask(
            at,
            &format!(
                "GET {path} HTTP/1.1\r\nHost: {at}\r\nCookie: zhengka={cookie}\r\nConnection: close\r\n\r\n"
            ),
        )?)
    }

    /// The same for a form; the head of the answer, for its `Location`.
    pub(super) fn post(&self, at: SocketAddr, path: &str, fields: &[(&str, &str)]) -> Option<(u16, String)> {
        answered(ask(at, &self.form(at, path, fields))?)
    }

    /// A form as it is sent.
    pub(super) fn form(&self, at: SocketAddr, path: &str, fields: &[(&str, &str)]) -> String {
        let fields = [&[("form_token", self.form_token.as_str())], fields].concat();
        let body = serde_urlencoded::to_string(fields).unwrap();
        let (cookie, length) = (&self.cookie, body.len());
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nCookie: zhengka={cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        head + &body
    }

    /// Enters an application; the path of the case once the service has said that it is filed.
    pub(super) fn enter(&self, at: SocketAddr, number: &str, name: &str) -> Option<String> {
        let (status, answer) = self.send_application(at, number, name)?;
        assert_eq!(status, 303, "{answer}");
        let location = answer.lines().find_map(|line| line.strip_prefix("location: "))?;
        Some(location.split('?').next()?.to_owned())
    }

    /// The same, whatever the answer is.
    pub(super) fn send_application(&self, at: SocketAddr, number: &str, name: &str) -> Option<(u16, String)> {
        answered(ask(at, &self.application(at, number, name))?)
    }

    /// An application as it is sent.
    pub(super) fn application(&self, at: SocketAddr, number: &str, name: &str) -> String {
        let fields = [
            ("identity_number", number),
            ("name", name),
            ("county", "220102"),
            ("address", ADDRESS),
            ("phone", PHONE),
            ("step", "4"),
            ("go", "on"),
        ];
        self.form(at, "/applications/new", &fields)
    }
}

/// A program with a token, which speaks to the API.
pub(super) struct Program {
    token: String,
    sent: AtomicU64,
}

impl Program {
    /// A client of an officer, made by the administrator at the command line.
    pub(super) fn with_token(folder: &Path, login: &str, scope: &str) -> Self {
        let add = ["--json", "--as", "admin", "client", "add", login, "--name", "test", "--scope", scope];
        let (code, out, err) = run(folder, &add);
        assert_eq!(code, 0, "{err}");
        let added: serde_json::Value = serde_json::from_str(&out).unwrap();
        Self { token: added["token"].as_str().unwrap().to_owned(), sent: AtomicU64::new(0) }
    }

    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Status and answer; `None` where the service went away before it answered.
    pub(super) fn get(&self, at: SocketAddr, path: &str) -> Option<(u16, String)> {
        let token = &self.token;
        answered(ask(
            at,
            &format!(
                "GET {path} HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
            ),
        )?)
    }

    /// The same for a write or a question.
    pub(super) fn post(&self, at: SocketAddr, path: &str, body: &str) -> Option<(u16, String)> {
        answered(ask(at, &self.write(at, path, body))?)
    }

    /// A write as it is sent, under a key of its own.
    pub(super) fn write(&self, at: SocketAddr, path: &str, body: &str) -> String {
        let (token, length) = (&self.token, body.len());
        let key = self.sent.fetch_add(1, Ordering::Relaxed);
        format!(
            "POST {path} HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }
}

pub(super) const ADDRESS: &str = "南关区人民大街一百零七号";
pub(super) const PHONE: &str = "13904310077";

/// Requests on sockets of their own that are whole at the same instant; what each was answered.
pub(super) fn at_once<const N: usize>(at: SocketAddr, requests: [String; N]) -> [(u16, String); N] {
    let barrier = Arc::new(Barrier::new(N));
    let threads = requests.map(|request| {
        let barrier = Arc::clone(&barrier);
        std::thread::spawn(move || {
            let mut stream = TcpStream::connect(at).unwrap();
            stream.set_nodelay(true).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            let (most, last) = request.split_at(request.len() - 1);
            stream.write_all(most.as_bytes()).unwrap();
            barrier.wait();
            stream.write_all(last.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answered(answer).unwrap()
        })
    });
    threads.map(|thread| thread.join().unwrap())
}

/// What came back, if all of it did.
fn ask(at: SocketAddr, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(at).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    text.contains("\r\n\r\n").then_some(text)
}

fn answered(answer: String) -> Option<(u16, String)> {
    Some((answer.get(9..12)?.parse().ok()?, answer))
}
