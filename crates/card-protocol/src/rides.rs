//! EF.RIDES: how many free rides the card has left in a period. DEBIT takes one, UPDATE opens a new period.

use crate::Error;

/// The ride counter, 8 bytes: period (4), allowed (2), used (2), big-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rides {
    /// The period it counts, as the policy names it: 202611 for November 2026.
    pub period: u32,
    /// Rides granted in the period.
    pub allowed: u16,
    /// Rides taken; never more than allowed.
    pub used: u16,
}

impl Rides {
    /// Bytes of the file.
    pub const LENGTH: usize = 8;

    /// The file's bytes.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let [p0, p1, p2, p3] = self.period.to_be_bytes();
        let [a0, a1] = self.allowed.to_be_bytes();
        let [u0, u1] = self.used.to_be_bytes();
        [p0, p1, p2, p3, a0, a1, u0, u1]
    }

    /// Reads the file's bytes.
    ///
    /// # Errors
    /// [`Error::BadObject`] for another length, or more used than allowed.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, Error> {
        const BAD: Error = Error::BadObject { object: "EF.RIDES" };
        let &[p0, p1, p2, p3, a0, a1, u0, u1] = bytes else { return Err(BAD) };
        let rides = Self {
            period: u32::from_be_bytes([p0, p1, p2, p3]),
            allowed: u16::from_be_bytes([a0, a1]),
            used: u16::from_be_bytes([u0, u1]),
        };
        if rides.used > rides.allowed { Err(BAD) } else { Ok(rides) }
    }

    /// Rides left.
    #[must_use]
    pub const fn left(self) -> u16 {
        self.allowed.saturating_sub(self.used)
    }

    /// The counter after one more ride; `None` where none is left.
    #[must_use]
    pub const fn after_one(self) -> Option<Self> {
        match self.used.checked_add(1) {
            Some(used) if used <= self.allowed => Some(Self { used, ..self }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rides_are_taken_until_none_is_left() {
        let rides = Rides { period: 202_611, allowed: 2, used: 1 };
        assert_eq!(Rides::from_slice(&rides.to_bytes()), Ok(rides));
        let last = rides.after_one().unwrap();
        assert_eq!((last.used, last.left(), last.after_one()), (2, 0, None));
        assert_eq!(Rides { allowed: u16::MAX, used: u16::MAX, ..rides }.after_one(), None);
    }

    #[test]
    fn more_used_than_allowed_is_refused() {
        let rides = Rides { period: 202_611, allowed: 2, used: 3 };
        assert!(Rides::from_slice(&rides.to_bytes()).is_err());
        assert!(Rides::from_slice(&[0; 7]).is_err());
    }
}
