//! Where an applicant lives, as far as two written addresses can be told to be one: their letters and digits, full-width
//! ones as narrow ones, within one county. Spaces, dots and dashes are every clerk's own.

use credential::region::Region;

use crate::person::Particulars;

/// A dwelling; equal where two cases name the same one.
#[derive(Clone, PartialEq, Eq)]
pub struct Dwelling {
    home: Region,
    letters: String,
}

impl Dwelling {
    /// Others there are counted so far: a village without street names is one dwelling, and its number says no more.
    pub const COUNTED: u64 = 100;

    /// Of somebody with an address that says anything.
    #[must_use]
    pub fn of(home: Region, particulars: &Particulars) -> Option<Self> {
        let address = particulars.address.as_ref()?.expose();
        let letters: String = address
            .chars()
            .map(narrow)
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        (!letters.is_empty()).then_some(Self { home, letters })
    }

    /// What a register finds it by, once it has made a secret of it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.home.code().to_be_bytes()[..], self.letters.as_bytes()].concat()
    }
}

impl std::fmt::Debug for Dwelling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dwelling(hidden)")
    }
}

/// The ASCII character that a full-width form (U+FF01 to U+FF5E) stands for.
fn narrow(c: char) -> char {
    let code = u32::from(c);
    if (0xff01..=0xff5e).contains(&code) { char::from_u32(code - 0xfee0).unwrap_or(c) } else { c }
}
