//! Who speaks through a secure channel: each role is an SCP03 key set of its own version.

/// A key set's version number, as INITIALIZE UPDATE and PUT KEY name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyVersion(u8);

impl KeyVersion {
    /// Any version a key set can have: 01 to 7F.
    #[must_use]
    pub const fn new(version: u8) -> Option<Self> {
        if version >= 1 && version <= 0x7F { Some(Self(version)) } else { None }
    }

    /// The byte on the wire.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        self.0
    }
}

/// What a key set may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The card maker's keys: bring the issuer's keys in, and are gone then.
    Transport,
    /// The issuing service: writes every file, makes the key pair, ends and blocks.
    Issue,
    /// The update kiosk: renews files and ride periods.
    Update,
    /// The office: reads the certificate and the photo.
    Read,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Transport, Self::Issue, Self::Update, Self::Read];

    /// The version of the role's key set.
    #[must_use]
    pub const fn version(self) -> KeyVersion {
        KeyVersion(match self {
            Self::Transport => 0x01,
            Self::Issue => 0x30,
            Self::Update => 0x31,
            Self::Read => 0x20,
        })
    }

    /// The role whose key set has this version.
    #[must_use]
    pub fn from_version(version: KeyVersion) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.version() == version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_is_found_by_its_version() {
        for role in Role::ALL {
            assert_eq!(Role::from_version(role.version()), Some(role));
        }
        assert_eq!(Role::from_version(KeyVersion::new(0x32).unwrap()), None);
        assert_eq!((KeyVersion::new(0), KeyVersion::new(0x80)), (None, None));
    }
}
