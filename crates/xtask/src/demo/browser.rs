//! As much of a browser as the demo needs: one officer's cookie, pages and forms of the console on this machine.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A browser at the console.
pub(crate) struct Browser {
    at: SocketAddr,
    cookie: String,
    form_token: String,
}

/// An answer: its status, where it sends the browser, and the page.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) page: String,
}

impl Browser {
    /// With nothing in it.
    pub(crate) fn new(at: SocketAddr) -> Self {
        Self { at, cookie: String::new(), form_token: String::new() }
    }

    /// A page.
    pub(crate) fn get(&mut self, path: &str) -> Result<Answer> {
        self.ask(&format!("GET {path} HTTP/1.1\r\n"), "")
    }

    /// A form of the page that was shown last.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let token = self.form_token.clone();
        let fields = [&[("form_token", token.as_str())], fields].concat();
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let body = pairs.join("&");
        let head = format!(
            "POST {path} HTTP/1.1\r\nOrigin: http://{}\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n",
            self.at,
            body.len()
        );
        self.ask(&head, &body)
    }

    fn ask(&mut self, head: &str, body: &str) -> Result<Answer> {
        let mut stream = TcpStream::connect(self.at)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let Self { at, cookie, .. } = self;
        write!(stream, "{head}Host: {at}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n{body}")?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let (head, page) = text.split_once("\r\n\r\n").context("an answer without a head")?;
        let status =
            head.get(9..12).and_then(|digits| digits.parse().ok()).context("an answer without a status")?;
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        if let Some((cookie, _)) = header("set-cookie: ").split_once(';') {
            self.cookie = cookie.to_owned();
        }
        if let Some((_, rest)) = page.split_once("name=\"form_token\" value=\"") {
            self.form_token = rest.split('"').next().unwrap_or_default().to_owned();
        }
        Ok(Answer { status, location: header("location: ").to_owned(), page: page.to_owned() })
    }
}

impl Answer {
    /// Sent on to another page, as after every form that was taken.
    pub(crate) fn sent_on(self, what: &str) -> Result<String> {
        ensure!(self.status == 303, "{what}: {} {}", self.status, self.page);
        Ok(self.location.split('?').next().unwrap_or_default().to_owned())
    }
}

/// Percent-encoding of everything but letters and digits.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
