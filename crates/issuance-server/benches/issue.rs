//! Certificates a second, durable: prepared, rehearsed, signed, verified, in SQLite with FULL, and drawn up as QR text.
//! Batches of one beside batches of a thousand, and the cryptography alone for comparison.
#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use credential::qr_text::QrText;
use issuance::issuing::Cursor;
use issuance::register::Register;
use issuance::signer::Signer;

#[path = "../tests/it/office.rs"]
#[expect(dead_code, reason = "the office of the tests; a bench needs a part of it")]
mod office;

fn main() {
    println!("{:<38} {:>12} {:>10}", "issued, durable, with QR text 签发", "certificates", "per s");
    for (batch, people) in [(1, 500), (100, 2_000), (1000, 8_000)] {
        let folder = std::env::temp_dir().join(format!("zhengka-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
        let mut register = office::sqlite(&folder.join(format!("{batch}.sqlite")));
        office::approved_many(&mut register, (0..people).map(office::case));
        let seconds = issue_all(&mut register, batch);
        println!("{:<38} {people:>12} {:>10.0}", format!("batches of {batch}"), people as f64 / seconds);
        drop(register);
        std::fs::remove_dir_all(&folder).expect("what was made can be removed");
    }
    let key = office::key();
    let started = Instant::now();
    let signatures = 20_000;
    for n in 0..signatures {
        black_box(key.sign(&[n as u8; 130])).expect("a key in memory signs");
    }
    println!(
        "{:<38} {:>12} {:>10.0}",
        "signature alone",
        "",
        f64::from(signatures) / started.elapsed().as_secs_f64()
    );
}

fn issue_all(register: &mut dyn Register, size: usize) -> f64 {
    let key = office::key();
    let mut cursor = Some(Cursor::default());
    office::with_issuer(&key, |issuer, actor, rng| {
        let started = Instant::now();
        while let Some(from) = cursor {
            let batch = issuance::issuing::issue_batch(register, issuer, from, size, actor, rng)
                .expect("what was approved is issued");
            for credential in batch.issued.into_iter().flat_map(|issued| issued.credentials) {
                black_box(QrText::new(credential.bytes).to_text());
            }
            cursor = batch.next;
        }
        started.elapsed().as_secs_f64()
    })
}
