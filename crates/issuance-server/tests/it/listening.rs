//! `serve` as whoever runs the machine meets it: TLS with a client that checks, files that are not what they should be, a
//! stop that is asked for, and figures while the register is held.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::commands::issued;
use super::office::{approved, personal, program, run};
use super::serving::{Served, config, free_address};
use issuance_server::sqlite::SqliteRegister;

/// A certificate for `localhost`, good from one year to another, and its key, as files.
fn certificate(folder: &Path, from: i32, until: i32) -> rcgen::Certificate {
    let mut wanted = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    wanted.not_before = rcgen::date_time_ymd(from, 1, 1);
    wanted.not_after = rcgen::date_time_ymd(until, 1, 1);
    let key = rcgen::KeyPair::generate().unwrap();
    let made = wanted.self_signed(&key).unwrap();
    fs::write(folder.join("cert.pem"), made.pem()).unwrap();
    fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    made
}

/// The settings of a service that speaks TLS.
fn over_tls(folder: &Path, at: SocketAddr) -> String {
    let path = config(folder, at);
    let mut text = fs::read_to_string(&path).unwrap();
    text += "[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n";
    fs::write(&path, text).unwrap();
    path
}

fn ask_over_tls(
    at: SocketAddr,
    trusted: &rcgen::Certificate,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
    let client = Arc::new(builder.with_root_certificates(roots).with_no_client_auth());
    let connection = ClientConnection::new(client, ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(at)?);
    stream.write_all(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn tls_is_served_to_a_client_that_checks_and_files_that_cannot_serve_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run(path, &["init"]).0, 0);
    let at = free_address();
    let config = over_tls(path, at);
    let start = || run(path, &["serve", "--config", &config]);

    let doctor = |at: &str| run(path, &["--at", at, "doctor", "--json", "--config", &config]).1;

    // Each is named with its file, and nothing listens.
    let (code, _, err) = start();
    assert!(code == 2 && err.contains("cert.pem") && err.contains("key.pem"), "missing: {err}");
    certificate(path, 2020, 2021);
    let (code, _, err) = start();
    assert!(
        code == 2 && err.contains("cert.pem is good from 2020-01-01") && err.contains("2021-01-01"),
        "{err}"
    );
    certificate(path, 2100, 2101);
    let (code, _, err) = start();
    assert!(code == 2 && err.contains("is good from 2100-01-01"), "not yet: {err}");
    // The doctor tells it beforehand.
    for (at, said) in [
        ("2101-06-01T00:00:00Z", r#""area":"tls","level":"bad""#),
        ("2100-12-15T00:00:00Z", r#""area":"tls","level":"look","text":"the certificate ends on 2101-01-01"#),
        (
            "2100-06-01T00:00:00Z",
            r#""area":"tls","level":"well","text":"the certificate is good until 2101-01-01"#,
        ),
    ] {
        let told = doctor(at);
        assert!(told.contains(said), "{at}: {told}");
    }
    let good = certificate(path, 2020, 2100);
    let key = fs::read(path.join("key.pem")).unwrap();
    for (what, bytes) in [
        ("another key", rcgen::KeyPair::generate().unwrap().serialize_pem().into_bytes()),
        ("no key", b"-----BEGIN NOTHING-----\n".to_vec()),
        ("empty", Vec::new()),
    ] {
        fs::write(path.join("key.pem"), bytes).unwrap();
        let (code, _, err) = start();
        assert!(code == 2 && err.contains("key.pem"), "{what}: {err}");
    }
    assert!(TcpStream::connect(at).is_err());
    fs::write(path.join("key.pem"), key).unwrap();

    let mut serve = program(path, &["serve", "--config", &config]);
    let mut child = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..2000 {
        if TcpStream::connect(at).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        let answer = ask_over_tls(at, &good, &[version]).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.contains("strict-transport-security: max-age=63072000"), "{answer}");
        assert!(answer.contains("set-cookie: __Host-zhengka=") && answer.contains("; Secure"), "{answer}");
    }
    let stranger = certificate(path, 2020, 2100);
    assert!(ask_over_tls(at, &stranger, &[&rustls::version::TLS13]).is_err(), "a client checks who answers");
    // Whoever speaks without TLS gets nothing of a page.
    let mut plain = TcpStream::connect(at).unwrap();
    plain.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    plain.write_all(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!String::from_utf8_lossy(&answer).contains("HTTP/"), "{answer:?}");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_stop_that_is_asked_for_lets_a_request_end_and_takes_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert_eq!(run(path, &["init"]).0, 0);
    let log = fs::File::create(path.join("log")).unwrap();
    let mut served = Served::start(path, free_address(), log.into(), &[]);
    let at = served.at;
    let (code, _, err) = run(path, &["serve", "--config", &config(path, at)]);
    assert!(code == 2 && err.contains(&format!("cannot listen on {at}")), "a second one says where: {err}");
    let body = "login=clerk&secret_password=wrong";
    let mut open = TcpStream::connect(at).unwrap();
    open.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{}",
        body.len(),
        &body[..5]
    );
    open.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let asked = Command::new("kill").args(["-TERM", &served.child.id().to_string()]).status().unwrap();
    assert!(asked.success());
    for _ in 0..400 {
        if TcpStream::connect(at).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(TcpStream::connect(at).is_err(), "nothing new is taken");
    assert!(served.child.try_wait().unwrap().is_none(), "it waits for the open request");
    open.write_all(&body.as_bytes()[5..]).unwrap();
    let mut answer = Vec::new();
    open.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("location: /sign-in"), "{answer}");
    let ended = served.child.wait().unwrap();
    assert!(ended.success(), "{ended}");
    let log = fs::read_to_string(path.join("log")).unwrap();
    assert!(log.contains("\"stopping\"") && log.contains("\"route\":\"/sign-in\""), "{log}");
}

#[test]
fn a_held_register_keeps_neither_health_nor_figures_from_answering() {
    let folder = issued(1);
    let path = folder.path();
    let (at, figures) = (free_address(), free_address());
    let config = config(path, at);
    let text = format!("metrics_listen = \"{figures}\"\n{}", fs::read_to_string(&config).unwrap());
    fs::write(&config, text).unwrap();
    let database = path.join("issuer/issuer.sqlite");
    approved(&mut SqliteRegister::open(&database, personal()).unwrap(), 50);
    let holder = rusqlite::Connection::open(&database).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let log = fs::File::create(path.join("log")).unwrap();
    let served = Served::of(program(path, &["serve", "--sign", "--config", &config]), at, log.into());
    // What was approved cannot be signed now, and the task that tries holds nobody up while it waits.
    let log = fs::read_to_string(path.join("log")).unwrap();
    assert!(log.contains("\"route\":\"/livez\"") && !log.contains("nothing signed"), "{log}");
    let get = |at: SocketAddr, path: &str| {
        let mut stream = TcpStream::connect(at).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes())
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    for path in ["/livez", "/readyz"] {
        let answer = get(at, path);
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"), "{path}: {answer}");
    }
    let told = get(figures, "/metrics");
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("route=\"/readyz\""), "{told}");
    assert!(get(at, "/metrics").starts_with("HTTP/1.1 404"), "figures are the operator's alone");
    // Let go, it is signed.
    holder.execute_batch("ROLLBACK").unwrap();
    let signed = "SELECT count(*) FROM certificate WHERE signed = 1";
    for _ in 0..2000 {
        if holder.query_row(signed, [], |row| row.get::<_, i64>(0)).unwrap() == 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(holder.query_row(signed, [], |row| row.get::<_, i64>(0)), Ok(2));
    served.kill();
}
