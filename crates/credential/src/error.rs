//! Why bytes or text are not what they claim to be.
//! One cause a variant; the verifier folds them all into refusal 11 (or 10, 12),
//! `zhengka inspect` shows them as they are.

use core::fmt;

use crate::snapshot::Version;

/// The first fault found while parsing. Nothing after it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The input ends inside an item (RFC 8949, 5.3.1).
    Truncated,
    /// Bytes follow the item that should be the last.
    TrailingBytes,
    /// An integer or a length is written longer than needed (RFC 8949, 4.2.1).
    NotShortest,
    /// An indefinite length, a float or another additional information that this profile never uses.
    Unsupported,
    /// An item of another type than the profile names for this place.
    WrongType {
        /// Offset of the item in its own byte string.
        at: usize,
    },
    /// A text that is not UTF-8.
    NotUtf8,
    /// The tag or the magic word before the item is missing or another one.
    WrongTag,
    /// A required key is missing, or stands out of order.
    MissingKey(i64),
    /// A key that is unknown, repeated, or stands out of order.
    UnexpectedKey,
    /// An array, a text or a byte string has a length the profile does not allow.
    WrongLength,
    /// The unprotected header is not empty.
    UnprotectedHeader,
    /// The protected header names an algorithm this profile does not know.
    UnknownAlgorithm,
    /// A number outside the range of its field; the field is named in words of the profile.
    OutOfRange(&'static str),
    /// A list that must be sorted or free of repetition is not.
    NotCanonical(&'static str),
    /// A name or another text with control characters, or with nothing in it.
    BadText(&'static str),
    /// Digits of a QR text that no bytes encode to.
    BadDigits,
    /// The identity number has the wrong form.
    IdentityForm,
    /// The identity number's birth date is no date.
    IdentityBirthDate,
    /// GB 11643: the check character should be another one.
    CheckCharacter {
        /// What the first seventeen digits demand.
        expected: char,
    },
    /// The certificate number is not `17 digits, check character, category 1-7, level 1-4, optional B or B1..B99`.
    CertificateForm,
    /// The status list is no zlib stream, or inflates past its stated size.
    BadCompression,
    /// Two keys of a trust list share a key id.
    RepeatedKid,
    /// The delta starts from another bundle than this one.
    WrongBase {
        /// The version of the snapshot that it starts from.
        wanted: Version,
    },
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("ends inside an item"),
            Self::TrailingBytes => f.write_str("bytes follow the last item"),
            Self::NotShortest => f.write_str("an integer or length is not in its shortest form"),
            Self::Unsupported => f.write_str("indefinite length, float or reserved value"),
            Self::WrongType { at } => write!(f, "another type than expected at offset {at}"),
            Self::NotUtf8 => f.write_str("text is not UTF-8"),
            Self::WrongTag => f.write_str("tag or magic word missing"),
            Self::MissingKey(key) => write!(f, "key {key} missing or out of order"),
            Self::UnexpectedKey => f.write_str("a key is unknown, repeated or out of order"),
            Self::WrongLength => f.write_str("a length the profile does not allow"),
            Self::UnprotectedHeader => f.write_str("unprotected header is not empty"),
            Self::UnknownAlgorithm => f.write_str("unknown algorithm"),
            Self::OutOfRange(field) => write!(f, "{field} is out of range"),
            Self::NotCanonical(field) => write!(f, "{field} is unsorted or repeats itself"),
            Self::BadText(field) => write!(f, "{field} is empty or has control characters"),
            Self::BadDigits => f.write_str("digits that encode no bytes"),
            Self::IdentityForm => f.write_str("identity number is not 17 digits and a check character"),
            Self::IdentityBirthDate => f.write_str("birth date in the identity number is no date"),
            Self::CheckCharacter { expected } => {
                write!(f, "check character of the identity number should be {expected}")
            }
            Self::CertificateForm => f.write_str("certificate number has the wrong form"),
            Self::BadCompression => f.write_str("status list does not inflate to its stated size"),
            Self::RepeatedKid => f.write_str("two keys share one key id"),
            Self::WrongBase { wanted } => write!(f, "the delta starts from snapshot {wanted}"),
        }
    }
}

impl core::error::Error for Malformed {}
