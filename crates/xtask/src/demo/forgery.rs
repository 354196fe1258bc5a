//! What a forger does to a genuine credential: everything but sign it.

use anyhow::{Context, Result, anyhow};
use credential::PublicKey;
use credential::certificate::Certificate;
use credential::disability::{Component, Components, Level};
use credential::pass::Pass;
use credential::qr_text::QrText;
use credential::sign1::{Content, Sign1, Unsigned};
use ed25519_dalek::{Signer, SigningKey};

/// The bytes of a QR text.
fn bytes_of(text: &str) -> Result<Vec<u8>> {
    QrText::parse(text).map(|text| text.as_bytes().to_vec()).map_err(|error| anyhow!("{error:?}"))
}

/// Changes one digit in the middle.
pub(crate) fn another_digit(text: &str) -> String {
    let at = text.len() / 2;
    let digit = |digit: char| if digit == '9' { '8' } else { char::from(digit as u8 + 1) };
    text.char_indices().map(|(place, c)| if place == at { digit(c) } else { c }).collect()
}

/// Makes every component as heavy as can be and keeps the signature.
pub(crate) fn heavier(text: &str) -> Result<String> {
    let bytes = bytes_of(text)?;
    let signed = Sign1::parse(&bytes, Content::Credential)?;
    let mut certificate = Certificate::decode(signed.payload())?;
    let heaviest = Level::from_digit(1)?;
    let list = certificate.components.as_slice().iter();
    certificate.components =
        Components::new(list.map(|one| Component { level: heaviest, ..*one }).collect())?;
    let forged = Unsigned::new(signed.kid(), certificate.encode(), Content::Credential);
    Ok(QrText::new(forged.with_signature(signed.signature())).to_text())
}

/// The same pass, signed by an issuer that no trust list names.
pub(crate) fn by_a_stranger(text: &str) -> Result<String> {
    let bytes = bytes_of(text)?;
    let pass = Pass::decode(Sign1::parse(&bytes, Content::Credential)?.payload())?;
    let stranger = stranger()?;
    let kid = PublicKey::Ed25519(stranger.verifying_key().to_bytes()).kid();
    let unsigned = Unsigned::new(kid, pass.encode(), Content::Credential);
    Ok(QrText::new(unsigned.with_signature(&stranger.sign(&unsigned.to_be_signed()).to_bytes())).to_text())
}

/// The last field of an example key's line is its seed.
fn stranger() -> Result<SigningKey> {
    let seed = STRANGER.trim().rsplit(':').next().context("a seed")?;
    let seed = hex::decode(seed).ok().and_then(|seed| seed.try_into().ok()).context("32 bytes")?;
    Ok(SigningKey::from_bytes(&seed))
}

const STRANGER: &str = include_str!("../../../../keys-example/EXAMPLE-foreign-issuer.key");
