//! An office's issuer on the network: `zhengka-issuer serve --sign` as a process of its own, killed and started again at
//! the same address. And as much of a client of its API as a story needs.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::issuing_office::{IssuingOffice, json_lines};

/// The service. Killed when dropped.
pub struct ServedOffice {
    at: SocketAddr,
    program: PathBuf,
    folder: PathBuf,
    arguments: &'static [&'static str],
    process: Option<Child>,
}

/// What a program is given.
pub struct Token {
    /// As it stands in the file of a desk.
    pub text: String,
    /// Its client, for the command that takes it back.
    pub client: String,
}

impl IssuingOffice {
    /// Serves this office, and signs.
    #[must_use]
    pub fn serve(&self) -> ServedOffice {
        self.serve_with(&["--sign"])
    }

    /// Serves this office with these options.
    #[must_use]
    pub fn serve_with(&self, arguments: &'static [&'static str]) -> ServedOffice {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let at = free.expect("an address of this machine");
        // The most that the log can tell: whatever a story does, it may be asked whom it named.
        let settings = format!("listen = \"{at}\"\nlog_level = \"trace\"\n");
        fs::write(self.path("serve.toml"), settings).expect("the folder is ours");
        let (program, folder) = (self.path("zhengka-issuer"), self.path(""));
        let mut served = ServedOffice { at, program, folder, arguments, process: None };
        served.start();
        served
    }

    /// A token for a program that acts for this officer, within these scopes.
    #[must_use]
    pub fn token(&self, login: &str, scopes: &str) -> Token {
        let add = ["--as", "admin", "--json", "client", "add", login, "--name", "desk", "--scope", scopes];
        let added = json_lines(&self.issuer(&add).stdout).remove(0);
        let text = added["token"].as_str().expect("the token is shown once").to_owned();
        Token { text, client: added["client"].to_string() }
    }

    /// Takes a token back.
    pub fn revoke(&self, token: &Token) {
        self.issuer(&["--as", "admin", "client", "revoke", &token.client]);
    }

    /// A desk that reaches its issuer by the network, one JSON object an event.
    #[must_use]
    pub fn desk_by_http(&self, issuer: &str, token: &str, reader: &str) -> Command {
        let mut command = self.zhengka();
        command.args(["desk", "--json", "--reader", reader, "--issuer", issuer]);
        command.env("ZHENGKA_TOKEN", token);
        command
    }
}

impl ServedOffice {
    /// Its address, as a desk is told it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    /// The address of a proxy before it, as most sites have one: it keeps its clients' connections, whatever becomes of
    /// the service behind it.
    #[must_use]
    pub fn behind_a_proxy(&self) -> String {
        let door = TcpListener::bind("127.0.0.1:0").expect("an address of this machine");
        let (url, service) = (format!("http://{}", door.local_addr().expect("it is bound")), self.at);
        thread::spawn(move || {
            for client in door.incoming().map_while(Result::ok) {
                thread::spawn(move || while pass_on(&client, service).is_some() {});
            }
        });
        url
    }

    /// Starts it, after a kill too, and waits until it answers.
    pub fn start(&mut self) {
        let log = File::create(self.folder.join("serve.log")).expect("the folder is ours");
        let mut process = Command::new(&self.program)
            .args(["--demo", "--dir", "issuer", "serve", "--config", "serve.toml"])
            .args(self.arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the program can be run");
        while self.ask("GET", "/livez", "", "").is_none() {
            let ended = process.try_wait().expect("it was started");
            assert!(
                ended.is_none(),
                "{}",
                fs::read_to_string(self.folder.join("serve.log")).unwrap_or_default()
            );
            thread::sleep(Duration::from_millis(10));
        }
        self.process = Some(process);
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// A write: its status, and what it answers.
    #[must_use]
    pub fn post(&self, path: &str, token: &str, body: &str) -> (u16, Value) {
        self.ask("POST", path, token, body).expect("the service answers")
    }

    /// `None` where nobody answers.
    fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> Option<(u16, Value)> {
        let mut stream = TcpStream::connect(self.at).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
        let (at, length) = (self.at, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {path}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        stream.write_all((head + body).as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.get(9..12)?.parse().ok()?;
        Some((status, serde_json::from_str(body).unwrap_or_default()))
    }
}

/// One request there, one answer back; `None` when either end is gone.
fn pass_on(mut client: &TcpStream, service: SocketAddr) -> Option<()> {
    let request = message(client)?;
    let mut service = TcpStream::connect(service).ok()?;
    service.write_all(&request).ok()?;
    client.write_all(&message(&service)?).ok()
}

/// Head and body of an HTTP message with a length.
fn message(mut connection: &TcpStream) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    while !message.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte).ok()?;
        message.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&message).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse().ok()?;
    let mut body = vec![0; length];
    connection.read_exact(&mut body).ok()?;
    message.extend(body);
    Some(message)
}

impl Drop for ServedOffice {
    fn drop(&mut self) {
        self.kill();
    }
}
