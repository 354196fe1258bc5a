//! Bytes as decimal digits, so that a QR code stores them in numeric mode and keyboard-wedge scanners,
//! input methods and URL fragments pass them unharmed. The method of FIDO hybrid transport (CTAP 2.2, 11.5.1):
//! each 7 bytes, little-endian, become 17 digits; a tail of 1-6 bytes becomes 3, 5, 8, 10, 13 or 15.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Malformed;

/// Writes bytes as digits.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut digits = Vec::with_capacity(bytes.len().div_ceil(CHUNK).saturating_mul(17));
    for chunk in bytes.chunks(CHUNK) {
        let width = DIGITS_OF.get(chunk.len()).copied().unwrap_or(0);
        let start = digits.len();
        let mut value = chunk.iter().rev().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
        digits.resize(start.saturating_add(width), b'0');
        for digit in digits.iter_mut().skip(start).rev() {
            *digit = b'0' | (value % 10) as u8;
            value /= 10;
        }
    }
    // Only ASCII digits were pushed.
    String::from_utf8(digits).unwrap_or_default()
}

/// Reads digits back. Refuses other characters, lengths that no bytes have, and values that do not fit their bytes,
/// so that each byte string has exactly one text.
pub fn decode(digits: &str) -> Result<Vec<u8>, Malformed> {
    let mut bytes = Vec::with_capacity(digits.len().div_ceil(17).saturating_mul(CHUNK));
    for chunk in digits.as_bytes().chunks(17) {
        let size = DIGITS_OF.iter().position(|width| *width == chunk.len()).ok_or(Malformed::BadDigits)?;
        let mut value = 0u64;
        for digit in chunk {
            let digit = digit.wrapping_sub(b'0');
            if digit > 9 {
                return Err(Malformed::BadDigits);
            }
            // 17 digits stay below 10^17 < 2^64.
            value = value.wrapping_mul(10).wrapping_add(digit.into());
        }
        if value.checked_shr((size as u32).wrapping_mul(8)).is_some_and(|rest| rest != 0) {
            return Err(Malformed::BadDigits);
        }
        bytes.extend(value.to_le_bytes().iter().take(size));
    }
    Ok(bytes)
}

/// Bytes a full chunk.
const CHUNK: usize = 7;
/// Digits for 0 to 7 bytes: the shortest width that holds every value.
const DIGITS_OF: [usize; 8] = [0, 3, 5, 8, 10, 13, 15, 17];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths_are_those_of_the_profile() {
        for (bytes, width) in
            [(1, 3), (2, 5), (3, 8), (4, 10), (5, 13), (6, 15), (7, 17), (8, 20), (105, 255)]
        {
            assert_eq!(encode(&alloc::vec![255; bytes]).len(), width);
        }
        assert_eq!(encode(&[1, 2]), "00513");
    }

    #[test]
    fn texts_that_no_bytes_have_are_refused() {
        for digits in ["1", "12", "256", "65536", "1234", "99999999999999999", "12a", "１２３", "-12"] {
            assert_eq!(decode(digits), Err(Malformed::BadDigits), "{digits}");
        }
    }

    proptest! {
        #[test]
        fn bytes_read_back(bytes in any::<Vec<u8>>()) {
            prop_assert_eq!(decode(&encode(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn a_text_that_is_read_is_the_only_one_for_its_bytes(digits in "[0-9]{0,60}") {
            if let Ok(bytes) = decode(&digits) {
                prop_assert_eq!(encode(&bytes), digits);
            }
        }
    }
}
