//! The application's life cycle: BLANK -> KEYED -> ACTIVE <-> BLOCKED -> TERMINATED.

use crate::Error;

/// A life-cycle state, coded as GlobalPlatform codes applications (Card Specification 2.3.1, table 11-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LifeCycle {
    /// As delivered: only the transport keys are in it.
    Blank = 0x07,
    /// The issuer's keys are in it, and the transport keys are gone.
    Keyed = 0x0F,
    /// Personalised: opens gates.
    Active = 0x1F,
    /// Put out of use by the issuer; can be put back.
    Blocked = 0x9F,
    /// Keys and files are wiped, for ever.
    Terminated = 0xFF,
}

impl LifeCycle {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Blank, Self::Keyed, Self::Active, Self::Blocked, Self::Terminated];

    /// The byte on the wire and in memory.
    #[must_use]
    pub const fn as_u8(self) -> u8 {
        self as u8
    }

    /// From its byte.
    ///
    /// # Errors
    /// [`Error::BadObject`] for a byte that is no state.
    pub fn from_u8(byte: u8) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_u8() == byte)
            .ok_or(Error::BadObject { object: "life cycle" })
    }

    /// Whether SET STATUS may lead from this state to `next`. KEYED is reached by PUT KEY alone.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Keyed | Self::Blocked, Self::Active)
                | (Self::Active, Self::Blocked)
                | (Self::Keyed | Self::Active | Self::Blocked, Self::Terminated)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_state_follows_termination_and_none_leads_back_to_blank() {
        for state in LifeCycle::ALL {
            assert_eq!(LifeCycle::from_u8(state.as_u8()), Ok(state));
            assert!(!LifeCycle::Terminated.may_become(state));
            assert!(!state.may_become(LifeCycle::Blank));
            assert!(!state.may_become(LifeCycle::Keyed));
        }
        assert!(LifeCycle::from_u8(0).is_err());
    }
}
