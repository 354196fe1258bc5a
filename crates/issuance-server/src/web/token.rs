//! Tokens of sessions and programs: 256 random bits, of which the database keeps the SHA-256 only.
//! The token of a form is derived from the session's token, so that a form is good for one session and a page
//! that leaks does not give the session away. Knows nothing of cookies' flags; see `session`.

use std::fmt;

use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The secret that a browser or a program holds.
pub struct Token(Zeroizing<[u8; 32]>);

impl Token {
    /// A new one.
    pub fn generate(rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    /// From 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(text, bytes.as_mut()).ok()?;
        Some(Self(bytes))
    }

    /// From the text that a program was given.
    #[must_use]
    pub fn parse_for_program(text: &str) -> Option<Self> {
        text.strip_prefix(PROGRAM_PREFIX).and_then(Self::parse)
    }

    /// The text for a program: it says what it is, so that a leaked one is found by a search.
    #[must_use]
    pub fn expose_for_program(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PROGRAM_PREFIX}{}", self.expose_hex().as_str()))
    }

    /// What the database keeps.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_slice()).into()
    }

    /// What the forms of this session carry.
    #[must_use]
    pub fn form_token(&self) -> FormToken {
        let mut hash = Sha256::new_with_prefix("zhengka form token\0");
        hash.update(self.0.as_slice());
        FormToken(hex::encode(hash.finalize()))
    }

    /// The text for the cookie.
    #[must_use]
    pub fn expose_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.as_slice()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([secret])")
    }
}

/// The token in each form, against requests forged by another site.
#[derive(Clone)]
pub struct FormToken(String);

impl FormToken {
    /// Whether a form carries this one; in constant time.
    #[must_use]
    pub fn is(&self, sent: &str) -> bool {
        self.0.as_bytes().ct_eq(sent.as_bytes()).into()
    }

    /// The text for the hidden field.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken([secret])")
    }
}

/// Before the digits of a program's token.
const PROGRAM_PREFIX: &str = "zhengka_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_does_not_print() {
        let token = Token(Zeroizing::new([7; 32]));
        let again = Token::parse(&token.expose_hex()).unwrap();
        assert_eq!(token.digest(), again.digest());
        assert!(token.form_token().is(again.form_token().expose()));
        let programs = Token::parse_for_program(&token.expose_for_program()).unwrap();
        assert_eq!(programs.digest(), token.digest());
        assert!(Token::parse_for_program(&token.expose_hex()).is_none(), "a cookie is no bearer token");
        assert_eq!(format!("{token:?} {:?}", token.form_token()), "Token([secret]) FormToken([secret])");
    }

    #[test]
    fn a_form_token_of_another_session_does_not_fit() {
        let (mine, other) = (Token(Zeroizing::new([7; 32])), Token(Zeroizing::new([8; 32])));
        assert!(!mine.form_token().is(other.form_token().expose()));
        assert!(!mine.form_token().is(""));
        assert_ne!(mine.form_token().expose(), hex::encode(mine.digest()), "one does not give the other");
    }

    #[test]
    fn anything_but_64_digits_is_no_token() {
        for text in ["", "00", &"g".repeat(64), &"0".repeat(66)] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }
}
