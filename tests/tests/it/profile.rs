//! crates/credential/PROFILE.md says what the code does: its tables and its worked example, held against both.

use std::fs;

use credential::bundle::MAX_BUNDLE_BYTES;
use credential::certificate::Certificate;
use credential::grant::Grant;
use credential::pass::Pass;
use credential::policy_pack::{MAX_CASES, MAX_PACK_BYTES, MAX_RULES};
use credential::purpose::Purpose;
use credential::qr_text::{MAX_CREDENTIAL_BYTES, MAX_QR_TEXT_CHARS, QrText};
use credential::status_list::MAX_PACKED_BYTES;
use credential::text::MAX_TEXT_CHARS;
use tests::authority::{Authority, certificate, pass};
use verifier::{CLOCK_TOLERANCE_SECONDS, MAX_VERSION_STEP, Refusal};

#[test]
fn the_table_of_refusals_is_that_of_the_code() {
    let written: Vec<(String, String)> =
        rows("## 8.").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let coded: Vec<(String, String)> =
        Refusal::ALL.iter().map(|r| (r.number().to_string(), r.name().to_owned())).collect();
    assert_eq!(written, coded);
}

#[test]
fn the_limits_are_those_of_the_code() {
    let coded = [
        ("MAX_QR_TEXT_CHARS", MAX_QR_TEXT_CHARS as u64),
        ("MAX_CREDENTIAL_BYTES", MAX_CREDENTIAL_BYTES as u64),
        ("MAX_TEXT_CHARS", MAX_TEXT_CHARS as u64),
        ("MAX_PACKED_BYTES", MAX_PACKED_BYTES as u64),
        ("MAX_BUNDLE_BYTES", MAX_BUNDLE_BYTES as u64),
        ("MAX_PACK_BYTES", MAX_PACK_BYTES as u64),
        ("MAX_RULES", MAX_RULES),
        ("MAX_CASES", MAX_CASES),
        ("MAX_VERSION_STEP", MAX_VERSION_STEP.into()),
        ("CLOCK_TOLERANCE_SECONDS", CLOCK_TOLERANCE_SECONDS),
    ];
    let written: Vec<(String, u64)> =
        rows("## 9.").into_iter().map(|row| (row[0].clone(), row[1].parse().unwrap())).collect();
    assert_eq!(written, coded.map(|(name, value)| (name.to_owned(), value)));
    let prose = section("## 5.").replace(',', "");
    assert!(prose.contains(&format!("higher by more than {MAX_VERSION_STEP}")));
    let tolerance = format!("more than {CLOCK_TOLERANCE_SECONDS} seconds");
    assert_eq!(section("## 8.").matches(&tolerance).count(), 2);
}

#[test]
fn grants_and_purposes_are_those_of_the_code() {
    let text = section("## 6.");
    for grant in Grant::ALL {
        let cell = format!("| {} | {} |", grant.number(), grant.name());
        assert!(text.contains(&cell), "{cell}");
    }
    for purpose in Purpose::ALL {
        let numbers: Vec<String> = purpose.grants().iter().map(|grant| grant.number().to_string()).collect();
        let answer = if numbers.is_empty() { "none".into() } else { format!("{} |", numbers.join(", ")) };
        let cell = format!("| {} | {answer}", purpose.name());
        assert!(text.contains(&cell), "{cell}");
    }
}

#[test]
fn the_worked_examples_are_what_the_code_makes() {
    let [pass_bytes, certificate_payload] = &blocks(section("## 11."))[..] else { panic!("two examples") };
    let made = Authority::new().issue(pass().encode());
    assert_eq!(hex::encode(&made), *pass_bytes);
    assert_eq!(hex::encode(certificate().encode()), *certificate_payload);
    assert_eq!(Pass::decode(&pass().encode()), Ok(pass()));
    assert!(Certificate::decode(&certificate().encode()) == Ok(certificate()));
    let text = QrText::new(made).to_text();
    assert_eq!(text.len(), "DC1:".len() + 243);
    assert!(section("## 11.").contains(&format!("`{}...`", &text[..4 + 17])));
}

fn profile() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/credential/PROFILE.md")).unwrap()
}

/// From a heading to the next one.
fn section(heading: &str) -> String {
    let text = profile();
    let start = text.find(&format!("\n{heading}")).unwrap() + 1;
    let end = text[start..].find("\n## ").map_or(text.len(), |end| start + end);
    text[start..end].to_owned()
}

/// The cells of a section's first table, without its head.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let text = section(heading);
    let table = text.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let cells = |line: &str| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    table.take_while(|line| line.starts_with('|')).map(cells).collect()
}

/// The hex of each fenced block: of every line what stands before two spaces.
fn blocks(text: String) -> Vec<String> {
    let fenced = text.split("\n```").skip(1).step_by(2);
    let bytes = |line: &str| line.trim().split("  ").next().unwrap_or_default().replace(' ', "");
    fenced.map(|block| block.lines().skip(1).map(bytes).collect()).collect()
}
