//! The README's first screen is true: its picture is a pass that the example issuer signed, and its links lead somewhere.

use std::path::{Path, PathBuf};

use credential::pass::Pass;
use credential::qr_text::QrText;
use credential::sign1::{Content, Sign1};
use ed25519_dalek::{Signature, VerifyingKey};

#[test]
fn the_picture_is_a_pass_that_the_example_issuer_signed() {
    let picture = linked().into_iter().find(|link| link.ends_with("pass.png")).expect("a picture of a pass");
    let picture = image::open(root().join(picture)).expect("a picture").to_luma8();
    let (width, height) = picture.dimensions();
    let text = rxing::helpers::detect_in_luma(picture.into_raw(), width, height, None).expect("a QR code");
    let qr = QrText::parse(text.getText()).map_err(|error| format!("{error:?}")).expect("a QR text of ours");
    let signed = Sign1::parse(qr.as_bytes(), Content::Credential).expect("a COSE_Sign1");
    Pass::decode(signed.payload()).expect("a pass");

    let line =
        std::fs::read_to_string(root().join("keys-example/EXAMPLE-issuer.pub")).expect("the example issuer");
    let key = line.trim().rsplit(':').next().expect("a key in hex");
    let key: [u8; 32] = hex::decode(key).expect("hex").try_into().expect("32 bytes");
    let key = VerifyingKey::from_bytes(&key).expect("a point");
    key.verify_strict(&signed.to_be_signed(), &Signature::from_bytes(signed.signature()))
        .expect("signed by it");
}

#[test]
fn every_link_of_the_readme_and_the_architecture_leads_to_something() {
    for link in linked() {
        assert!(root().join(&link).exists(), "{link}");
    }
}

/// What README.md and ARCHITECTURE.md link to inside the repository.
fn linked() -> Vec<String> {
    ["README.md", "ARCHITECTURE.md"]
        .iter()
        .flat_map(|page| {
            let text = std::fs::read_to_string(root().join(page)).expect("a page");
            let inside = |link: &&str| !link.starts_with("http") && !link.starts_with('#');
            let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            targets.filter(inside).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
