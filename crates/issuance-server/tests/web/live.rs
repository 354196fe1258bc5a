//! What only a socket can show: TLS, a client that is too slow, and a stop that lets an open request end.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use issuance_server::web::serve::{ServeError, serve};
use issuance_server::web::settings::{Limits, Settings, Tls};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::browser::Service;

struct Live {
    at: SocketAddr,
    handle: Handle<SocketAddr>,
    served: JoinHandle<Result<(), ServeError>>,
}

async fn live(tls: Option<Tls>) -> Live {
    let limits = Limits { receive_seconds: 1, ..Limits::default() };
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let service = Service::with(Settings { listen, tls, limits, ..Settings::default() });
    let handle = Handle::new();
    let served = tokio::spawn(serve(service.app.clone(), handle.clone()));
    let at = handle.listening().await.expect("it listens");
    Live { at, handle, served }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_offers_http_2_is_served_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (tls, certificate) = certificate(folder.path());
    let live = live(Some(tls)).await;
    let at = live.at;
    let answer = spawn_blocking(move || ask_over_tls(at, certificate)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("ok\n"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
}

#[tokio::test]
async fn a_missing_certificate_is_an_error_and_not_plain_http() {
    let missing = Tls { certificate: "/nowhere/cert.pem".into(), key: "/nowhere/key.pem".into() };
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let service = Service::with(Settings { listen, tls: Some(missing), ..Settings::default() });
    assert!(matches!(serve(service.app.clone(), Handle::new()).await, Err(ServeError::Tls(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_finish_its_request_is_cut_off() {
    let live = live(None).await;
    let at = live.at;
    let head = "POST /sign-in HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nContent-Length: 9\r\n\r\na=";
    for (part, answer) in [("GET / HTTP/1.1\r\nHost: a\r\n", ""), (head, "HTTP/1.1 408")] {
        let received = spawn_blocking(move || send(at, part)).await.unwrap();
        assert!(received.starts_with(answer), "{received}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_open_requests_end() {
    let live = live(None).await;
    let at = live.at;
    let mut open = spawn_blocking(move || TcpStream::connect(at).unwrap()).await.unwrap();
    open.write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\n").unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    live.handle.graceful_shutdown(Some(Duration::from_secs(5)));
    open.write_all(b"\r\n").unwrap();
    let answer = spawn_blocking(move || read_all(&mut open)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(live.served.await.unwrap().is_ok());
    assert!(TcpStream::connect(at).is_err(), "nothing listens any more");
}

fn certificate(folder: &Path) -> (Tls, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = Tls { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
    std::fs::write(&tls.certificate, made.cert.pem()).unwrap();
    std::fs::write(&tls.key, made.signing_key.serialize_pem()).unwrap();
    (tls, made.cert.der().clone())
}

fn ask_over_tls(at: SocketAddr, certificate: CertificateDer<'static>) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(at).unwrap());
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert_eq!(stream.conn.alpn_protocol(), Some(b"http/1.1".as_slice()));
    read_all(&mut stream)
}

fn send(at: SocketAddr, part: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(part.as_bytes()).unwrap();
    read_all(&mut stream)
}

/// Until the other side closes; waiting longer than the stream's limit fails the test.
fn read_all(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("still open"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}
