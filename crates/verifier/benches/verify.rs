//! What a whole verification costs beside the bare signature check, how large the two kinds of credential are,
//! and what a status list of a million entries costs. Both sides of a ratio take turns in one run.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use authority::{Authority, certificate, check, pass};
use credential::certificate::Certificate;
use credential::pass::Pass;
use credential::qr_text::QrText;
use credential::sign1::{Content, Sign1};
use credential::status_list::{Bits, MAX_PACKED_BYTES, Status, StatusIndex, StatusList};
use credential::status_token::StatusToken;
use credential::{PublicKey, cbor::Reader, cbor::Writer};
use ed25519_dalek::{Signature, VerifyingKey};
use qrcode::{EcLevel, QrCode};
use verifier::{Bundle, read_qr_text, verify};

#[path = "../../../tests/src/authority.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "the invented authority of the tests; a bench needs a part of it"
)]
mod authority;

fn main() {
    let authority = Authority::new();
    let bundle = authority.installed();
    verifications(&authority, &bundle);
    sizes(&authority);
    status_list(&authority);
}

fn verifications(authority: &Authority, bundle: &Bundle) {
    println!(
        "{:<34} {:>9} {:>9} {:>7} {:>9}",
        "DC1 text to verdict 核验", "bare us", "full us", "ratio", "per s"
    );
    for (name, payload) in [("certificate", certificate().encode()), ("pass", pass().encode())] {
        let bytes = authority.issue(payload);
        let text = QrText::new(bytes.clone()).to_text();
        let envelope = Sign1::parse(&bytes, Content::Credential).expect("our own");
        let message = envelope.to_be_signed();
        let signature = Signature::from_bytes(envelope.signature());
        let PublicKey::Ed25519(key) = authority.issuer.public() else { unreachable!("an Ed25519 key") };
        let key = VerifyingKey::from_bytes(&key).expect("a point");
        let question = check();
        let (bare, full) = side_by_side(
            || key.verify_strict(black_box(&message), black_box(&signature)).is_ok(),
            || {
                let read = read_qr_text(black_box(&text)).expect("our own");
                verify(read.as_bytes(), bundle, black_box(&question)).is_ok()
            },
        );
        let (ratio, per_second) = (full / bare, 1e6 / full);
        println!("{name:<34} {bare:>9.2} {full:>9.2} {ratio:>7.3} {per_second:>9.0}");
    }
}

fn sizes(authority: &Authority) {
    println!("\n{:<34} {:>9} {:>9} {:>9}", "size 大小 (level M)", "bytes", "DC1:", "link");
    // As large as an index is in a province's list.
    let status = StatusIndex::new(700_001);
    let (certificate, pass) = (Certificate { status, ..certificate() }, Pass { status, ..pass() });
    for (name, payload, most, side) in
        [("certificate, four characters", certificate.encode(), 140, 49), ("pass", pass.encode(), 106, 45)]
    {
        let bytes = authority.issue(payload);
        let code = QrText::new(bytes.clone());
        let modules = |text: String| {
            QrCode::with_error_correction_level(text, EcLevel::M).expect("a small text").width()
        };
        let (plain, link) = (modules(code.to_text()), modules(code.to_link("zhengka.example")));
        println!(
            "{name:<34} {:>9} {:>9} {:>9}",
            bytes.len(),
            format!("{plain}x{plain}"),
            format!("{link}x{link}")
        );
        assert!(bytes.len() <= most && plain <= side, "{name} has outgrown its size");
    }
}

fn status_list(authority: &Authority) {
    println!(
        "\n{:<34} {:>9} {:>9} {:>9} {:>9}",
        "status list 状态名单 (2 bits)", "bytes", "inflate us", "install us", "look-up ns"
    );
    for (percent, revoked) in [("0.1", 1_000), ("1", 10_000), ("5", 50_000)] {
        let authority = authority.clone().with(|a| a.status[0].list = list(1_000_000, revoked));
        let token: &StatusToken = &authority.status[0];
        let written = token.list.write(Writer::new()).finish();
        let whole = authority.bundle();
        let inflate =
            median(|| Reader::whole(black_box(&written), |r| StatusList::read(r, MAX_PACKED_BYTES)).is_ok());
        let install = median(|| Bundle::install(black_box(&whole), &mut authority.pinned()).is_ok());
        let indices: Vec<_> = scattered(1_000_000, 1000).collect();
        let look_up = median(|| indices.iter().all(|index| token.list.get(black_box(*index)).is_some()));
        let name = format!("1 M entries, {percent} % revoked");
        println!("{name:<34} {:>9} {inflate:>9.0} {install:>9.0} {look_up:>9.2}", written.len());
    }
}

/// So many distinct entries revoked, scattered as random indices are.
fn list(entries: u32, revoked: usize) -> StatusList {
    let mut list = StatusList::new(Bits::Two, entries);
    for index in scattered(entries, revoked) {
        assert!(list.set(index, Status::Invalid));
    }
    list
}

/// A full-period generator modulo 2^20, skipping what is past the end: no index twice, the same in every run.
fn scattered(entries: u32, count: usize) -> impl Iterator<Item = StatusIndex> {
    let next = |x: &u32| Some((x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)) & 0xf_ffff);
    let mixed = |x: u32| (x ^ (x >> 7)) & 0xf_ffff;
    std::iter::successors(Some(1), next)
        .map(mixed)
        .filter(move |x| *x < entries)
        .take(count)
        .map(StatusIndex::new)
}

/// Medians of both in microseconds a call; they take turns, so that a busy machine slows both.
fn side_by_side(one: impl Fn() -> bool, other: impl Fn() -> bool) -> (f64, f64) {
    let rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| (micros(CALLS, &one), micros(CALLS, &other))).collect();
    let middle = |pick: fn(&(f64, f64)) -> f64| middle(rounds.iter().map(pick).collect());
    (middle(|round| round.0), middle(|round| round.1))
}

/// Median in microseconds a call.
fn median(work: impl Fn() -> bool) -> f64 {
    middle((0..101).map(|_| micros(1, &work)).collect())
}

fn micros(calls: u32, work: impl Fn() -> bool) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        assert!(work());
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

const ROUNDS: usize = 401;
const CALLS: u32 = 20;
