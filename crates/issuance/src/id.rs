//! Which row is meant: a number given by the register, with a type for each kind of row.
//! They carry no meaning and no personal data, so they may stand in logs, file names and addresses.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(i64);

        impl $name {
            /// From the number that stands in the register.
            #[must_use]
            pub const fn from_stored(number: i64) -> Self {
                Self(number)
            }

            /// As a number.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.strip_prefix('#').unwrap_or(text).parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// An office: a federation of a province, prefecture, county or township, or a hospital.
    OfficeId
    /// An officer: one natural person with a login.
    OfficerId
    /// A person who applied at least once.
    PersonId
    /// One application: one case from the form to the certificate.
    ApplicationId
    /// One certificate: what an application led to. Its credentials are the signed forms of it.
    CertificateId
    /// One change of a certificate's status.
    ChangeId
    /// The work on one card.
    CardJobId
    /// One document of a case.
    DocumentId
    /// A program with a token that acts for an officer.
    ClientId
}

impl OfficerId {
    /// The service itself, as the one who carries out a signature that officers approved.
    pub const SERVICE: Self = Self(0);
}
