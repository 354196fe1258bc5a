//! Clients that dawdle at the real service: a head or a body that drips, a client that says nothing, one that never
//! reads. Each is dropped within its limit, and others are answered meanwhile.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::office::{program, run};
use super::serving::{Program, Served, config, free_address};

#[test]
fn whoever_dawdles_is_dropped_within_the_limit_and_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run(path, &["init"]).0, 0);
    let at = free_address();
    let config = config(path, at);
    // The one for the question ends well before the one for the whole answer.
    let limits = format!("{}receive_seconds = 4\nanswer_seconds = 7\n", fs::read_to_string(&config).unwrap());
    fs::write(&config, limits).unwrap();
    let token = Program::with_token(path, "clerk", "read_cases").token().to_owned();
    let log = fs::File::create(path.join("log")).unwrap();
    let served = Served::of(program(path, &["serve", "--config", &config]), at, log.into());
    // Whoever asked whether it lives has hung up by then.
    let settled = (0..20).map(|_| {
        thread::sleep(Duration::from_millis(10));
        sockets(&served)
    });
    let before = settled.min().unwrap();

    let form = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 5000\r\n\r\n"
    );
    let question = format!(
        "POST /api/v1/people/search HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
    );
    let head = "GET /sign-in HTTP/1.1\r\nHost: a\r\nX-Slow: ".to_owned();
    let begun = Arc::new(AtomicUsize::new(0));
    let mut dawdlers = Vec::new();
    for (what, sent) in [("head", head), ("form", form), ("question", question), ("silence", String::new())] {
        for _ in 0..OF_EACH {
            let (sent, begun) = (sent.clone(), Arc::clone(&begun));
            dawdlers.push((what, thread::spawn(move || drip(at, &sent, what != "silence", &begun))));
        }
    }
    let deaf: Vec<_> = (0..OF_EACH).map(|_| never_reads(at, &begun)).collect();

    // All of them hang on the service at the same time.
    let mut most = 0;
    for _ in 0..2000 {
        most = most.max(sockets(&served));
        if begun.load(Ordering::SeqCst) == 5 * OF_EACH && most >= before + 5 * OF_EACH {
            break;
        }
        thread::sleep(Duration::from_millis(5));
    }
    assert!(most >= before + 5 * OF_EACH, "{most} sockets at most, {before} before");
    for path in ["/livez", "/sign-in", "/api/v1/applications"] {
        let answer = get(at, path, &token);
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }
    let mut told = 0;
    for (what, dawdler) in dawdlers {
        let said = dawdler.join().unwrap();
        told += usize::from(matches!(what, "form" | "question") && !said.is_empty());
        let expected = match what {
            "form" => said.starts_with("HTTP/1.1 408") && said.contains("text/html"),
            "question" => said.starts_with("HTTP/1.1 408") && said.contains("\"too_slow\""),
            // Whoever has not asked yet is told so in a line, or not answered.
            _ => said.starts_with("HTTP/1.1 408"),
        };
        // A byte that crosses the end of the connection may wipe out what had come.
        assert!(expected || said.is_empty(), "{what}: {said}");
    }
    assert!(told > OF_EACH, "{told} were told why");
    // Nobody reads what was asked for; the sockets go all the same.
    for _ in 0..600 {
        if sockets(&served) <= before {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(sockets(&served), before, "whoever never reads is dropped");
    drop(deaf);
    assert!(get(at, "/sign-in", &token).starts_with("HTTP/1.1 200"));
    served.kill();
    let log = fs::read_to_string(path.join("log")).unwrap();
    assert!(!log.contains("\"status\":500") && !log.contains("panic"), "{log}");
}

/// A byte now and then until the service hangs up; what it said.
fn drip(at: SocketAddr, sent: &str, goes_on: bool, begun: &AtomicUsize) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    stream.write_all(sent.as_bytes()).unwrap();
    begun.fetch_add(1, Ordering::SeqCst);
    let mut said = Vec::new();
    for _ in 0..600 {
        let mut piece = [0; 4096];
        match stream.read(&mut piece) {
            Ok(0) => return String::from_utf8(said).unwrap(),
            Ok(bytes) => said.extend(&piece[..bytes]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                if goes_on && stream.write_all(b"x").is_err() {
                    return String::from_utf8(said).unwrap();
                }
            }
            // It hung up while a byte was under way.
            Err(_) => return String::from_utf8(said).unwrap(),
        }
    }
    panic!("after half a minute the service still waits: {}", String::from_utf8_lossy(&said));
}

/// Asks for more than lies between two sockets, and leaves it there.
fn never_reads(at: SocketAddr, begun: &AtomicUsize) -> TcpStream {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut asked = String::new();
    for _ in 0..200 {
        let _ = write!(asked, "GET /api/v1/openapi.json HTTP/1.1\r\nHost: {at}\r\n\r\n");
    }
    stream.write_all(asked.as_bytes()).unwrap();
    begun.fetch_add(1, Ordering::SeqCst);
    stream
}

fn get(at: SocketAddr, path: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let asked = format!(
        "GET {path} HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(asked.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The sockets that the service holds.
fn sockets(served: &Served) -> usize {
    let folder = format!("/proc/{}/fd", served.child.id());
    let links = fs::read_dir(folder).unwrap().filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    links.filter(|link| link.to_string_lossy().starts_with("socket:")).count()
}

const OF_EACH: usize = 8;
