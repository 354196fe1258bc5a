//! The identity number (GB 11643) and the certificate number derived from it.
//! Both leak birth date, sex, origin and diagnosis: `Display` masks them, `Debug` shows nothing,
//! the way out is called `expose`. Neither is ever a key.

#![expect(clippy::arithmetic_side_effects, reason = "17 digits and small weights stay far below 2^64")]

use alloc::string::String;
use core::fmt;

use crate::disability::{FaceCategory, Level};
use crate::error::Malformed;
use crate::time::Date;

/// An 18-character identity number whose check character was right.
/// Shape: 6 digits region, 8 digits birth date, 3 digits sequence (odd for men), check character 0-9 or X.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityNumber(u64);

impl IdentityNumber {
    /// Parses the 18 characters. A lower-case `x` is refused: the law prints `X`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let Some((digits, check)) = text.split_at_checked(17) else { return Err(Malformed::IdentityForm) };
        if !digits.bytes().all(|b| b.is_ascii_digit()) || !matches!(check.as_bytes(), [b'0'..=b'9' | b'X']) {
            return Err(Malformed::IdentityForm);
        }
        let number = Self::from_first_17(digits.parse().map_err(|_| Malformed::IdentityForm)?)?;
        let expected = number.check_character();
        if check.starts_with(expected) { Ok(number) } else { Err(Malformed::CheckCharacter { expected }) }
    }

    /// Takes the first 17 digits as an integer, as a certificate carries them; the check character follows from them.
    pub fn from_first_17(digits: u64) -> Result<Self, Malformed> {
        // Region codes start at 11 (Beijing): seventeen digits never begin with a zero.
        if !(10_000_000_000_000_000..100_000_000_000_000_000).contains(&digits) {
            return Err(Malformed::IdentityForm);
        }
        let number = Self(digits);
        if number.birth_digits_are_a_date() { Ok(number) } else { Err(Malformed::IdentityBirthDate) }
    }

    /// The first 17 digits as an integer.
    #[must_use]
    pub fn first_17(self) -> u64 {
        self.0
    }

    /// The birth date that the number carries.
    #[must_use]
    pub fn birth_date(self) -> Date {
        let (year, month, day) = self.birth_digits();
        Date::new(year, month, day).unwrap_or(Date::EPOCH)
    }

    /// The six-digit region in which the number was first given: origin, not residence.
    #[must_use]
    pub fn region_of_origin(self) -> u32 {
        (self.0 / 100_000_000_000) as u32
    }

    /// The whole number in clear. For what the law prints and for the encrypted column only.
    #[must_use]
    pub fn expose(self) -> String {
        alloc::format!("{:017}{}", self.0, self.check_character())
    }

    /// GB 11643-1999, ISO 7064 MOD 11-2.
    #[must_use]
    pub fn check_character(self) -> char {
        let mut rest = self.0;
        let mut sum = 0;
        for weight in WEIGHTS.iter().rev() {
            sum += (rest % 10) * weight;
            rest /= 10;
        }
        CHECK_CHARACTERS.get((sum % 11) as usize).copied().unwrap_or('?')
    }

    fn birth_digits(self) -> (u16, u8, u8) {
        let digits = self.0 / 1000;
        ((digits / 10_000 % 10_000) as u16, (digits / 100 % 100) as u8, (digits % 100) as u8)
    }

    fn birth_digits_are_a_date(self) -> bool {
        let (year, month, day) = self.birth_digits();
        (1850..=2150).contains(&year) && Date::new(year, month, day).is_some()
    }
}

/// `220104********712X`.
impl fmt::Display for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}********{:03}{}", self.region_of_origin(), self.0 % 1000, self.check_character())
    }
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityNumber(hidden)")
    }
}

/// What follows the twenty characters after a loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reissue {
    /// No suffix: never lost.
    #[default]
    Never,
    /// `B` without a number, as old data has it. Encoded as 0.
    Unnumbered,
    /// `B1` to `B99`.
    Numbered(u8),
}

impl Reissue {
    /// The suffix of the next replacement. `None` after B99.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Never => Some(Self::Numbered(1)),
            // A bare B was the first replacement, so the next one is the second.
            Self::Unnumbered => Some(Self::Numbered(2)),
            Self::Numbered(n) if n < 99 => Some(Self::Numbered(n + 1)),
            Self::Numbered(_) => None,
        }
    }

    /// As in a certificate: absent, 0 for a bare `B`, 1-99.
    pub fn from_code(code: Option<u64>) -> Result<Self, Malformed> {
        match code {
            None => Ok(Self::Never),
            Some(0) => Ok(Self::Unnumbered),
            Some(n @ 1..=99) => Ok(Self::Numbered(n as u8)),
            Some(_) => Err(Malformed::OutOfRange("reissue")),
        }
    }

    /// The inverse of [`Self::from_code`].
    #[must_use]
    pub fn code(self) -> Option<u64> {
        match self {
            Self::Never => None,
            Self::Unnumbered => Some(0),
            Self::Numbered(n) => Some(n.into()),
        }
    }

    /// Parses the empty text, `B`, or `B1`..`B99`.
    pub fn parse(suffix: &str) -> Result<Self, Malformed> {
        match suffix.as_bytes() {
            [] => Ok(Self::Never),
            [b'B'] => Ok(Self::Unnumbered),
            [b'B', b'1'..=b'9'] | [b'B', b'1'..=b'9', b'0'..=b'9'] => {
                suffix[1..].parse().map(Self::Numbered).map_err(|_| Malformed::CertificateForm)
            }
            _ => Err(Malformed::CertificateForm),
        }
    }
}

impl fmt::Display for Reissue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => Ok(()),
            Self::Unnumbered => f.write_str("B"),
            Self::Numbered(n) => write!(f, "B{n}"),
        }
    }
}

/// The number on the face of a certificate: identity number, category, level, suffix.
/// `^[0-9]{17}[0-9X][1-7][1-4](B([1-9][0-9]?)?)?$` with a right check character.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateNumber {
    identity: IdentityNumber,
    category: FaceCategory,
    level: Level,
    reissue: Reissue,
}

impl CertificateNumber {
    /// Puts a number together; it cannot fail, each part was checked by its own type.
    #[must_use]
    pub fn new(identity: IdentityNumber, category: FaceCategory, level: Level, reissue: Reissue) -> Self {
        Self { identity, category, level, reissue }
    }

    /// Parses what is printed on a certificate.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let Some((identity, tail)) = text.split_at_checked(18) else {
            return Err(Malformed::CertificateForm);
        };
        let Some((face, suffix)) = tail.split_at_checked(2) else { return Err(Malformed::CertificateForm) };
        let [category @ b'1'..=b'7', level @ b'1'..=b'4'] = face.as_bytes() else {
            return Err(Malformed::CertificateForm);
        };
        Ok(Self {
            identity: IdentityNumber::parse(identity)?,
            category: FaceCategory::from_digit(category - b'0')?,
            level: Level::from_digit(level - b'0')?,
            reissue: Reissue::parse(suffix)?,
        })
    }

    /// The identity number inside.
    #[must_use]
    pub fn identity(self) -> IdentityNumber {
        self.identity
    }

    /// The suffix.
    #[must_use]
    pub fn reissue(self) -> Reissue {
        self.reissue
    }

    /// The whole number in clear, as the law prints it.
    #[must_use]
    pub fn expose(self) -> String {
        let Self { identity, category, level, reissue } = self;
        alloc::format!("{}{}{}{reissue}", identity.expose(), category.digit(), level.digit())
    }
}

/// `220104********712X**B1`: category and level are the diagnosis, so they are masked too.
impl fmt::Display for CertificateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}**{}", self.identity, self.reissue)
    }
}

impl fmt::Debug for CertificateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CertificateNumber(hidden)")
    }
}

/// GB 11643-1999, table 1.
const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// GB 11643-1999, table 2: by the remainder of the weighted sum modulo 11.
const CHECK_CHARACTERS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn the_standards_example_is_accepted_and_masked() {
        let number = IdentityNumber::parse("11010519491231002X").unwrap();
        assert_eq!(number.expose(), "11010519491231002X");
        assert_eq!(format!("{number}"), "110105********002X");
        assert_eq!(format!("{number:?}"), "IdentityNumber(hidden)");
        assert_eq!(number.birth_date(), Date::new(1949, 12, 31).unwrap());
    }

    #[test]
    fn the_regulations_own_example_fails_its_check_character() {
        let refused = CertificateNumber::parse("12345619701111001343");
        assert_eq!(refused, Err(Malformed::CheckCharacter { expected: '7' }));
    }

    #[test]
    fn every_form_of_the_suffix_is_read_and_written() {
        for suffix in ["", "B", "B1", "B9", "B10", "B99"] {
            let text = format!("11010519491231002X73{suffix}");
            let number = CertificateNumber::parse(&text).unwrap();
            assert_eq!(number.expose(), text);
            assert_eq!(format!("{number}"), format!("110105********002X**{suffix}"));
            assert_eq!(format!("{number:?}"), "CertificateNumber(hidden)");
        }
        for suffix in ["B0", "B01", "B100", "C", "b1", "B1 ", " "] {
            assert!(CertificateNumber::parse(&format!("11010519491231002X73{suffix}")).is_err(), "{suffix}");
        }
    }

    #[test]
    fn wrong_forms_are_refused() {
        for text in [
            "",
            "1",
            "11010519491231002x",
            "1101051949123100２X",
            "11010519491331002X",
            "01010519491231002X",
            "证",
        ] {
            assert!(IdentityNumber::parse(text).is_err(), "{text}");
        }
        for face in ["03", "83", "70", "75", "7", "7é"] {
            assert!(CertificateNumber::parse(&format!("11010519491231002X{face}")).is_err(), "{face}");
        }
    }

    #[test]
    fn after_a_bare_b_comes_b2_and_after_b99_nothing() {
        assert_eq!(Reissue::Never.next(), Some(Reissue::Numbered(1)));
        assert_eq!(Reissue::Unnumbered.next(), Some(Reissue::Numbered(2)));
        assert_eq!(Reissue::Numbered(99).next(), None);
    }
}
