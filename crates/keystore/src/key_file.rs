//! The key file: an armored age file (age-encryption.org/v1, scrypt passphrase) of one line, `DCK1:KID:64 hex digits`.
//! `age --decrypt` opens it too, should this program be lost. Plain, the line is accepted for example keys only.

use age::armor::ArmoredReader;
use age::{Decryptor, scrypt};
use std::io::{BufReader, Read};
use zeroize::Zeroizing;

use credential::Kid;

use crate::error::KeyError;
use crate::example::{Use, is_example};
use crate::passphrase::Passphrase;
use crate::public_key::first_line;
use crate::signing_key::SigningKey;

/// Encrypts a key for the disk.
pub fn seal(key: &SigningKey, passphrase: &Passphrase) -> Result<String, KeyError> {
    seal_text(&key_line(key), passphrase)
}

/// Encrypts other secrets of an issuer for the disk: the keys of its cards.
pub fn seal_text(text: &str, passphrase: &Passphrase) -> Result<String, KeyError> {
    let mut recipient = scrypt::Recipient::new(passphrase.secret());
    recipient.set_work_factor(WORK_FACTOR);
    age::encrypt_and_armor(&recipient, text.as_bytes()).map_err(|_| KeyError::NotSealed)
}

/// The inverse of [`seal_text`]. What lies in clear is passed through: the caller knows whether it may.
pub fn open_text(
    file: &[u8],
    passphrase: impl FnOnce() -> Result<Passphrase, KeyError>,
) -> Result<(Zeroizing<String>, Sealed), KeyError> {
    if file.len() > MAX_KEY_FILE_BYTES {
        return Err(KeyError::NotAKeyFile);
    }
    if file.trim_ascii_start().starts_with(ARMOR_BEGIN) {
        return Ok((decrypt(file, &passphrase()?)?, Sealed::Encrypted));
    }
    let text = core::str::from_utf8(file).map_err(|_| KeyError::NotAKeyFile)?;
    Ok((Zeroizing::new(text.to_owned()), Sealed::InClear))
}

/// Other secrets in the place of those in a file: each text that `make` returns is sealed under the same passphrase,
/// which is asked for once. What lay in clear stays in clear.
pub fn exchange_text<T>(
    file: &[u8],
    passphrase: impl FnOnce() -> Result<Passphrase, KeyError>,
    make: impl FnOnce(&str, Sealed) -> Result<(T, Vec<Zeroizing<String>>), KeyError>,
) -> Result<(T, Vec<Zeroizing<String>>), KeyError> {
    let mut known = None;
    let typed = || {
        let passphrase = passphrase()?;
        known = Some(passphrase.again());
        Ok(passphrase)
    };
    let (text, sealed) = open_text(file, typed)?;
    let (value, texts) = make(&text, sealed)?;
    let Some(passphrase) = known else { return Ok((value, texts)) };
    let sealed = texts.iter().map(|text| seal_text(text, &passphrase).map(Zeroizing::new));
    Ok((value, sealed.collect::<Result<_, _>>()?))
}

/// How a secret lay on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// Under a passphrase.
    Encrypted,
    /// For anyone to read.
    InClear,
}

/// Opens a key file. The passphrase is asked for only where the file is encrypted.
pub fn open(
    file: &[u8],
    allowed: Use,
    passphrase: impl FnOnce() -> Result<Passphrase, KeyError>,
) -> Result<SigningKey, KeyError> {
    if file.len() > MAX_KEY_FILE_BYTES {
        return Err(KeyError::NotAKeyFile);
    }
    let key = if file.trim_ascii_start().starts_with(ARMOR_BEGIN) {
        parse_key_line(&decrypt(file, &passphrase()?)?)?
    } else {
        let key = read_plain(file)?;
        let kid = key.public().kid;
        if !is_example(kid) {
            return Err(KeyError::Unencrypted(kid));
        }
        key
    };
    allowed.check(key.public().kid)?;
    Ok(key)
}

/// Reads a key that lies in clear, in order to encrypt it. Lines that begin with `#` are passed over.
pub fn read_plain(file: &[u8]) -> Result<SigningKey, KeyError> {
    let text = core::str::from_utf8(file).map_err(|_| KeyError::NotAKeyFile)?;
    let line = first_line(text).filter(|line| line.starts_with(MAGIC)).ok_or(KeyError::NotAKeyFile)?;
    parse_key_line(line)
}

fn decrypt(file: &[u8], passphrase: &Passphrase) -> Result<Zeroizing<String>, KeyError> {
    let mut identity = scrypt::Identity::new(passphrase.secret());
    identity.set_max_work_factor(MAX_WORK_FACTOR);
    let decryptor = Decryptor::new_buffered(BufReader::new(ArmoredReader::new(file)))
        .map_err(|_| KeyError::NotAKeyFile)?;
    let mut reader =
        decryptor.decrypt([&identity as &dyn age::Identity].into_iter()).map_err(|error| match error {
            age::DecryptError::ExcessiveWork { .. } => KeyError::TooMuchWork,
            age::DecryptError::NoMatchingKeys => KeyError::NotAKeyFile,
            _ => KeyError::WrongPassphrase,
        })?;
    // Room for the whole file from the start, so that no copy of the seed stays behind in a smaller buffer.
    let mut line = Zeroizing::new(String::with_capacity(MAX_KEY_FILE_BYTES));
    reader.read_to_string(&mut line).map_err(|_| KeyError::WrongPassphrase)?;
    Ok(line)
}

fn key_line(key: &SigningKey) -> Zeroizing<String> {
    let mut digits = Zeroizing::new([0; 64]);
    // 32 bytes are 64 hex digits.
    let _ = hex::encode_to_slice(*key.expose_seed(), &mut *digits);
    let digits = core::str::from_utf8(&*digits).unwrap_or_default();
    Zeroizing::new(format!("{MAGIC}{}:{digits}\n", key.public().kid))
}

fn parse_key_line(line: &str) -> Result<SigningKey, KeyError> {
    let rest = line.trim().strip_prefix(MAGIC).ok_or(KeyError::BadKeyLine)?;
    let (kid, digits) = rest.split_once(':').ok_or(KeyError::BadKeyLine)?;
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(digits, &mut *seed).map_err(|_| KeyError::BadKeyLine)?;
    let key = SigningKey::from_seed(seed);
    if Kid::parse(kid) == Ok(key.public().kid) { Ok(key) } else { Err(KeyError::BadKeyLine) }
}

const MAGIC: &str = "DCK1:";
const ARMOR_BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
/// 2^17 rounds take 128 MB and some 0.3 s: a clerk does not wait, a guesser does.
const WORK_FACTOR: u8 = 17;
/// 2^20 rounds take 1 GB; a file that asks for more is an attack on the machine.
const MAX_WORK_FACTOR: u8 = 20;
/// A key file has some 400 bytes.
pub const MAX_KEY_FILE_BYTES: usize = 8192;

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> Result<Passphrase, KeyError> {
        Passphrase::new(text.into())
    }

    #[test]
    fn texts_are_exchanged_under_the_passphrase_of_before() {
        let word = || passphrase("a long passphrase");
        let sealed = seal_text("one", &word().unwrap()).unwrap();
        let make = |text: &str, _| Ok((text.len(), vec![Zeroizing::new(format!("{text} two"))]));
        let (value, texts) = exchange_text(sealed.as_bytes(), word, make).unwrap();
        assert!(value == 3 && !texts[0].contains("two"));
        let (again, lay) = open_text(texts[0].as_bytes(), word).unwrap();
        assert_eq!((again.as_str(), lay), ("one two", Sealed::Encrypted));
        let never = || Err(KeyError::NoPassphrase);
        assert_eq!(*exchange_text(b"one", never, make).unwrap().1[0], "one two", "clear stays clear");
        let refused = exchange_text(sealed.as_bytes(), || passphrase("another passphrase"), make);
        assert_eq!(refused.err(), Some(KeyError::WrongPassphrase));
    }

    #[test]
    fn a_sealed_key_opens_with_its_passphrase_alone() {
        let key = SigningKey::from_seed(Zeroizing::new([9; 32]));
        let file = seal(&key, &passphrase("a long passphrase").unwrap()).unwrap();
        assert!(!file.contains("0909"));
        let again = open(file.as_bytes(), Use::Production, || passphrase("a long passphrase")).unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(again.sign(b"x"), key.sign(b"x"));
        let wrong = open(file.as_bytes(), Use::Production, || passphrase("another passphrase"));
        assert_eq!(wrong.err(), Some(KeyError::WrongPassphrase));
        let mut altered = file.into_bytes();
        let middle = altered.len() / 2;
        altered[middle] = if altered[middle] == b'A' { b'B' } else { b'A' };
        assert!(open(&altered, Use::Production, || passphrase("a long passphrase")).is_err());
    }

    #[test]
    fn a_sealed_text_opens_with_its_passphrase_alone_and_says_how_it_lay() {
        let file = seal_text("issue 00", &passphrase("a long passphrase").unwrap()).unwrap();
        assert!(!file.contains("issue"));
        let (text, sealed) = open_text(file.as_bytes(), || passphrase("a long passphrase")).unwrap();
        assert_eq!((text.as_str(), sealed), ("issue 00", Sealed::Encrypted));
        let wrong = open_text(file.as_bytes(), || passphrase("another passphrase"));
        assert_eq!(wrong.err(), Some(KeyError::WrongPassphrase));
        let (_, sealed) = open_text(b"issue 00", || passphrase("not asked for it")).unwrap();
        assert_eq!(sealed, Sealed::InClear);
    }

    #[test]
    fn a_plain_key_is_refused_until_it_is_encrypted() {
        let key = SigningKey::from_seed(Zeroizing::new([9; 32]));
        let plain = key_line(&key);
        let ask = || passphrase("not asked for it");
        let refused = KeyError::Unencrypted(key.public().kid);
        assert_eq!(open(plain.as_bytes(), Use::Demo, ask).err(), Some(refused));
        assert_eq!(read_plain(plain.as_bytes()).unwrap().public(), key.public());
    }

    #[test]
    fn files_that_are_no_key_are_told_apart() {
        let ask = || passphrase("not asked for it");
        for file in [&b""[..], b"hello", b"DCP1:00000000:00", &[0xff; 100], &[b'#'; 9000]] {
            assert_eq!(open(file, Use::Demo, ask).err(), Some(KeyError::NotAKeyFile));
        }
        let other_id = b"DCK1:00000000:0909090909090909090909090909090909090909090909090909090909090909";
        assert_eq!(open(other_id, Use::Demo, ask).err(), Some(KeyError::BadKeyLine));
        let begun = b"-----BEGIN AGE ENCRYPTED FILE-----\n????\n-----END AGE ENCRYPTED FILE-----\n";
        assert_eq!(open(begun, Use::Demo, ask).err(), Some(KeyError::NotAKeyFile));
    }
}
