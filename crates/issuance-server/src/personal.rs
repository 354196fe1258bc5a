//! People's facts on their way into columns and out again: the one place where they are sealed and opened.
//! Everything that names a person, a diagnosis or a shared secret passes here: identity, particulars, birth date,
//! components, the facts of a step, the payload of a credential and of a card's pass, an authenticator's secret,
//! pictures of papers and faces.
//!
//! A sealed cell is one byte that names the key, 24 random bytes of nonce, and XChaCha20-Poly1305 over the fact with
//! column and row as associated data: it opens where it was written and nowhere else. People are found by tags
//! (HMAC-SHA-256, cut short) of number, name and birth date, and who lives where they do by one of the address. A
//! signature lets whoever has the public key try guesses of what it signs, so it stands masked: its 64 bytes XOR
//! HMAC-SHA-512 of its own cell, which is written once.
//!
//! In clear stay ids, times, states, region codes, dates of validity, codes of reasons, sizes and SHA-256 of pictures
//! (which nobody guesses), and the officers' own names and logins. Equal tags show that two people share a name, a
//! birthday or an address, not which.

use std::sync::Arc;

use chacha20poly1305::{AeadInPlace, KeyInit as _, Tag, XChaCha20Poly1305, XNonce};
use credential::disability::{Component, Components};
use credential::number::IdentityNumber;
use credential::time::Date;
use hmac::{Hmac, KeyInit, Mac};
use issuance::person::{Guardian, Particulars};
use issuance::register::Digest;
use issuance::text::{Phone, Text};
use rand_core::Rng;
use serde::{Deserialize, Serialize};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use crate::edge;
use crate::personal_keys::{Key, PersonalKeys};

/// Turns facts into what a column holds, and back. Clones share the keys.
#[derive(Clone)]
pub struct Personal(Arc<Keys>);

struct Keys {
    lookup: Key,
    ciphers: Vec<(u8, XChaCha20Poly1305)>,
    /// Seals what is written now.
    current: u8,
}

/// Where a fact stands: a column by its full name, and a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    column: &'static str,
    row: i64,
    number: i64,
}

impl Cell {
    /// In a table with one number a row: `Cell::new("person.identity", id)`.
    #[must_use]
    pub const fn new(column: &'static str, row: i64) -> Self {
        Self::numbered(column, row, 0)
    }

    /// In a table with two: `Cell::numbered("step.facts", application, number)`.
    #[must_use]
    pub const fn numbered(column: &'static str, row: i64, number: i64) -> Self {
        Self { column, row, number }
    }

    /// The numbers have one length, so that no two cells read the same.
    fn to_bytes(self) -> Vec<u8> {
        let Self { column, row, number } = self;
        [&row.to_be_bytes()[..], &number.to_be_bytes(), column.as_bytes()].concat()
    }
}

impl Personal {
    /// Under the keys of a register: the newest seals, all of them open.
    #[must_use]
    pub fn new(keys: &PersonalKeys) -> Self {
        Self::with(keys, keys.current().0)
    }

    /// The same, with an earlier one to seal: for as long as a program works that knows no newer one. A number that is
    /// none of theirs is the newest.
    #[must_use]
    pub fn sealing_with(keys: &PersonalKeys, number: u8) -> Self {
        let is_ours = keys.seals().iter().any(|(known, _)| *known == number);
        Self::with(keys, if is_ours { number } else { keys.current().0 })
    }

    fn with(keys: &PersonalKeys, current: u8) -> Self {
        let cipher = |key: &Key| XChaCha20Poly1305::new(key.as_slice().into());
        let ciphers = keys.seals().iter().map(|(number, key)| (*number, cipher(key))).collect();
        Self(Arc::new(Keys { lookup: keys.lookup().clone(), ciphers, current }))
    }

    /// What a column holds.
    #[must_use]
    pub fn seal(&self, at: Cell, fact: &[u8]) -> Vec<u8> {
        let Some((number, cipher)) = self.cipher(self.0.current) else { unreachable!("one of the keys") };
        let mut nonce = [0; NONCE_BYTES];
        edge::rng().fill_bytes(&mut nonce);
        let mut sealed = Vec::with_capacity(OVERHEAD_BYTES + fact.len());
        sealed.push(*number);
        sealed.extend(nonce);
        sealed.extend(fact);
        let (_, body) = sealed.split_at_mut(1 + NONCE_BYTES);
        let Ok(tag) = cipher.encrypt_in_place_detached(XNonce::from_slice(&nonce), &at.to_bytes(), body)
        else {
            unreachable!("a fact is shorter than the 256 GB that the cipher takes")
        };
        sealed.extend(tag);
        sealed
    }

    /// The inverse; `None` for what this did not seal, or not for this cell.
    #[must_use]
    pub fn open(&self, at: Cell, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let (_, cipher) = self.cipher(*sealed.first()?)?;
        let tag = *sealed.last_chunk::<TAG_BYTES>()?;
        sealed.truncate(sealed.len() - TAG_BYTES);
        let nonce: [u8; NONCE_BYTES] = sealed.get(1..)?.first_chunk().copied()?;
        let mut fact = sealed.split_off(1 + NONCE_BYTES);
        let tag = Tag::from_slice(&tag);
        cipher.decrypt_in_place_detached(XNonce::from_slice(&nonce), &at.to_bytes(), &mut fact, tag).ok()?;
        Some(fact)
    }

    /// The number of the key that seals what is written now.
    #[must_use]
    pub fn current_key(&self) -> u8 {
        self.0.current
    }

    /// The number of the newest key there is. Where it does not seal yet, an exchange waits.
    #[must_use]
    pub fn newest_key(&self) -> u8 {
        self.0.ciphers.last().map_or(0, |(number, _)| *number)
    }

    fn cipher(&self, number: u8) -> Option<&(u8, XChaCha20Poly1305)> {
        self.0.ciphers.iter().find(|(known, _)| *known == number)
    }

    /// By which a fact is found again: the same for the same fact of a column, and nothing for who has no key.
    #[must_use]
    pub fn tag(&self, column: &'static str, fact: &[u8]) -> Vec<u8> {
        let tag = self.hmac(&[column.as_bytes(), b"\0", fact]);
        tag.iter().take(LOOKUP_BYTES).copied().collect()
    }

    /// The same for a line of a file, of which the whole digest is kept.
    #[must_use]
    pub fn source(&self, line: &Digest) -> Digest {
        self.hmac(&[b"application.source\0", line])
    }

    /// By which a person is found.
    #[must_use]
    pub fn lookup(&self, identity: IdentityNumber) -> Vec<u8> {
        self.tag("person.lookup", &identity.first_17().to_be_bytes())
    }

    /// Masks a signature, and unmasks it.
    #[must_use]
    pub fn mask(&self, at: Cell, signature: &[u8; 64]) -> [u8; 64] {
        let Ok(mut mac) = <Hmac<Sha512> as KeyInit>::new_from_slice(self.0.lookup.as_slice()) else {
            unreachable!("HMAC takes keys of any length")
        };
        mac.update(&at.to_bytes());
        let mask: [u8; 64] = mac.finalize().into_bytes().into();
        std::array::from_fn(|place| signature[place] ^ mask[place])
    }

    fn hmac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.lookup.as_slice()) else {
            unreachable!("HMAC takes keys of any length")
        };
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }

    pub(crate) fn seal_identity(&self, at: Cell, identity: IdentityNumber) -> Vec<u8> {
        self.seal(at, identity.expose().as_bytes())
    }

    pub(crate) fn open_identity(&self, at: Cell, column: Vec<u8>) -> Option<IdentityNumber> {
        let text = String::from_utf8(self.open(at, column)?).ok()?;
        IdentityNumber::parse(&text).ok()
    }

    /// In hexadecimal: the column is one of text.
    pub(crate) fn seal_date(&self, at: Cell, date: Date) -> String {
        hex::encode(self.seal(at, date.to_string().as_bytes()))
    }

    pub(crate) fn open_date(&self, at: Cell, column: &str) -> Option<Date> {
        let text = String::from_utf8(self.open(at, hex::decode(column).ok()?)?).ok()?;
        Date::parse(&text).ok()
    }

    pub(crate) fn seal_components(&self, at: Cell, components: &Components) -> Vec<u8> {
        let codes: Vec<u8> = components.as_slice().iter().map(|component| component.code()).collect();
        self.seal(at, &codes)
    }

    pub(crate) fn open_components(&self, at: Cell, column: Vec<u8>) -> Option<Components> {
        let codes = self.open(at, column)?.into_iter();
        let list = codes.map(|code| Component::from_code(code.into())).collect::<Result<_, _>>();
        list.and_then(Components::from_sorted).ok()
    }

    pub(crate) fn seal_particulars(&self, at: Cell, particulars: &Particulars) -> Option<Vec<u8>> {
        let Particulars { name, ethnic_group, address, phone, guardian } = particulars;
        let columns = Columns {
            name: name.expose().into(),
            ethnic_group: ethnic_group.as_ref().map(|text| text.expose().into()),
            address: address.as_ref().map(|text| text.expose().into()),
            phone: phone.as_ref().map(|text| text.expose().into()),
            guardian: guardian.as_ref().map(|Guardian { name, relation, phone }| GuardianColumns {
                name: name.expose().into(),
                relation: relation.expose().into(),
                phone: phone.as_ref().map(|text| text.expose().into()),
            }),
        };
        serde_json::to_vec(&columns).ok().map(|json| self.seal(at, &Zeroizing::new(json)))
    }

    pub(crate) fn open_particulars(&self, at: Cell, column: Vec<u8>) -> Option<Particulars> {
        let Columns { name, ethnic_group, address, phone, guardian } =
            serde_json::from_slice(&Zeroizing::new(self.open(at, column)?)).ok()?;
        let guardian = match guardian {
            None => None,
            Some(GuardianColumns { name, relation, phone }) => Some(Guardian {
                name: Text::parse(&name).ok()?,
                relation: Text::parse(&relation).ok()?,
                phone: opened(phone, Phone::parse)?,
            }),
        };
        Some(Particulars {
            name: Text::parse(&name).ok()?,
            ethnic_group: opened(ethnic_group, Text::parse)?,
            address: opened(address, Text::parse)?,
            phone: opened(phone, Phone::parse)?,
            guardian,
        })
    }
}

impl std::fmt::Debug for Personal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Personal([secret])")
    }
}

/// A missing text is fine; one that no longer parses is not.
fn opened<T, E>(text: Option<String>, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<Option<T>> {
    text.map(|text| parse(&text)).transpose().ok()
}

#[derive(Serialize, Deserialize)]
struct Columns {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ethnic_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guardian: Option<GuardianColumns>,
}

#[derive(Serialize, Deserialize)]
struct GuardianColumns {
    name: String,
    relation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

/// Of XChaCha20: long enough that random ones do not meet.
const NONCE_BYTES: usize = 24;
/// Of Poly1305.
const TAG_BYTES: usize = 16;
const OVERHEAD_BYTES: usize = 1 + NONCE_BYTES + TAG_BYTES;
/// 128 bits: no two people share one by chance.
const LOOKUP_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::Seeded;

    const HERE: Cell = Cell::numbered("step.facts", 7, 1);

    fn keys() -> PersonalKeys {
        PersonalKeys::generate(&mut Seeded::new(1))
    }

    #[test]
    fn a_sealed_fact_opens_in_its_own_cell_alone() {
        let personal = Personal::new(&keys());
        let sealed = personal.seal(HERE, "样例街 1 号".as_bytes());
        assert_eq!(personal.open(HERE, sealed.clone()).as_deref(), Some("样例街 1 号".as_bytes()));
        let elsewhere = [
            Cell::numbered("step.facts", 8, 1),
            Cell::numbered("step.facts", 7, 2),
            Cell::numbered("step.fact", 7, 1),
            Cell::new("step.facts", 7),
        ];
        for cell in elsewhere {
            assert_eq!(personal.open(cell, sealed.clone()), None, "{cell:?}");
        }
    }

    #[test]
    fn equal_facts_look_different_and_tags_of_columns_too() {
        let personal = Personal::new(&keys());
        assert_ne!(personal.seal(HERE, b"42"), personal.seal(HERE, b"42"));
        assert_eq!(personal.tag("a", b"42"), personal.tag("a", b"42"));
        assert_ne!(personal.tag("a", b"42"), personal.tag("b", b"42"));
    }

    #[test]
    fn a_changed_byte_a_short_cell_and_another_key_open_nothing() {
        let personal = Personal::new(&keys());
        let sealed = personal.seal(HERE, b"42");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(personal.open(HERE, changed), None, "byte {at}");
            assert_eq!(personal.open(HERE, sealed[..at].to_vec()), None, "{at} bytes");
        }
        let other = Personal::new(&PersonalKeys::generate(&mut Seeded::new(2)));
        assert_eq!(other.open(HERE, sealed), None);
        assert_ne!(other.tag("a", b"42"), personal.tag("a", b"42"));
    }

    #[test]
    fn what_an_earlier_key_sealed_opens_after_a_new_one_came() {
        let (before, after) = (keys(), keys().with_next(&mut Seeded::new(2)).unwrap());
        let (before, after) = (Personal::new(&before), Personal::new(&after));
        assert_eq!(after.open(HERE, before.seal(HERE, b"42")).as_deref(), Some(&b"42"[..]));
        assert_eq!(before.open(HERE, after.seal(HERE, b"42")), None);
        assert_eq!(before.tag("a", b"42"), after.tag("a", b"42"), "people are still found");
    }

    #[test]
    fn where_a_program_knows_no_newer_key_its_own_seals_and_both_open() {
        let both = keys().with_next(&mut Seeded::new(2)).unwrap();
        let (newest, waiting) = (Personal::new(&both), Personal::sealing_with(&both, 1));
        assert_eq!((waiting.current_key(), waiting.newest_key(), newest.current_key()), (1, 2, 2));
        let (early, late) = (waiting.seal(HERE, b"42"), newest.seal(HERE, b"42"));
        assert_eq!(Personal::new(&keys()).open(HERE, early).as_deref(), Some(&b"42"[..]));
        assert_eq!(waiting.open(HERE, late).as_deref(), Some(&b"42"[..]));
        assert_eq!(Personal::sealing_with(&both, 9).current_key(), 2, "none of theirs");
    }

    #[test]
    fn a_masked_signature_tells_nothing_and_comes_back() {
        let personal = Personal::new(&keys());
        let masked = personal.mask(HERE, &[0; 64]);
        assert_ne!(masked, [0; 64]);
        assert_eq!(personal.mask(HERE, &masked), [0; 64]);
        assert_ne!(personal.mask(Cell::new("step.facts", 8), &[0; 64]), masked);
    }

    #[test]
    fn nothing_of_the_keys_prints() {
        assert_eq!(format!("{:?}", Personal::new(&keys())), "Personal([secret])");
    }
}
