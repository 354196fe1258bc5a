//! Serves files over HTTP/1.1 on the loopback with their length as ETag, as any web server serves a folder.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::{io, thread};

/// The server; it lives as long as the program.
pub struct FileServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl FileServer {
    /// Files by their path, which begins with a slash.
    #[must_use]
    pub fn with(files: Vec<(&'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let requests = Arc::new(Mutex::new(vec![]));
        let log = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = answer(&stream, &files, &log);
            }
        });
        Self { address, requests }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The paths that were asked for and the status of each answer, in order: `200 /b.dcb`.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().map(|requests| requests.clone()).unwrap_or_default()
    }
}

fn answer(mut stream: &TcpStream, files: &[(&str, Vec<u8>)], log: &Mutex<Vec<String>>) -> io::Result<()> {
    let lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let lines: Vec<String> = lines.collect();
    let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let asks_unless = |length: usize| {
        let header = format!("if-none-match: \"{length}\"");
        lines.iter().any(|line| line.eq_ignore_ascii_case(&header))
    };
    let (status, body) = match files.iter().find(|(name, _)| *name == path) {
        None => ("404 Not Found", &[][..]),
        Some((_, body)) if asks_unless(body.len()) => ("304 Not Modified", &[][..]),
        Some((_, body)) => ("200 OK", body.as_slice()),
    };
    if let Ok(mut log) = log.lock() {
        log.push(format!("{} {path}", &status[..3]));
    }
    let length = body.len();
    let tag = if body.is_empty() { String::new() } else { format!("ETag: \"{length}\"\r\n") };
    write!(stream, "HTTP/1.1 {status}\r\n{tag}Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)
}
