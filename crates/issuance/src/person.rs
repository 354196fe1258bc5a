//! A person who applied, and what their certificate says about them.
//! Particulars travel with the application and become the person's when the certificate is issued,
//! so that old and new can stand side by side until then.

use credential::number::IdentityNumber;
use credential::region::Region;
use credential::time::Date;

use crate::id::PersonId;
use crate::text::{Line, Name, Phone, Word};

/// A person in the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Which row; never the number.
    pub id: PersonId,
    /// Who, by the identity card.
    pub identity: IdentityNumber,
    /// The home county.
    pub home: Region,
    /// What the last certificate (or the first application) says.
    pub particulars: Particulars,
}

/// A person as a form describes them, before the register knows whether it has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    /// Who, by the identity card.
    pub identity: IdentityNumber,
    /// The home county.
    pub home: Region,
    /// What the certificate is to say.
    pub particulars: Particulars,
}

/// What the face of a certificate says about a person, and how to reach them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Particulars {
    /// Full name.
    pub name: Name,
    /// 民族
    pub ethnic_group: Option<Word>,
    /// Where they live.
    pub address: Option<Line>,
    /// How to reach them.
    pub phone: Option<Phone>,
    /// Required for minors, intellectual and mental disability.
    pub guardian: Option<Guardian>,
}

/// Who answers for the holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guardian {
    /// Full name.
    pub name: Name,
    /// `母亲`, `配偶`, ...
    pub relation: Word,
    /// How to reach them.
    pub phone: Option<Phone>,
}

/// Whether someone born on a date is a minor on another: under 18 (民法典 article 17).
#[must_use]
pub fn is_minor(born: Date, on: Date) -> bool {
    born.full_years_until(on) < 18
}

/// On the identity card and on the certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 女
    Female,
    /// 男
    Male,
}

impl Sex {
    /// The seventeenth digit is odd for men (GB 11643-1999, 4.3).
    #[must_use]
    pub fn of(identity: IdentityNumber) -> Self {
        if identity.first_17() % 2 == 1 { Self::Male } else { Self::Female }
    }

    /// `女` or `男`.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Female => "女",
            Self::Male => "男",
        }
    }
}
