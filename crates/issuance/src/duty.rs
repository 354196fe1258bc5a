//! Separation of duties: in one case each officer acts in one duty only.
//! So nobody reviews what they entered or assessed, and nobody approves what they entered, assessed or
//! reviewed (残疾人证管理办法; domain rules, casework). The register repeats this rule as a primary key.

use crate::Error;
use crate::id::OfficerId;

/// What an officer is in one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Duty {
    /// Entered, accepted, completed, published: the clerk's part.
    Entry,
    /// Assessed: one of the two doctors.
    Assessment,
    /// Settled a dispute.
    Settlement,
    /// Reviewed.
    Review,
    /// Approved.
    Approval,
    /// Carried out the signature; never a person.
    Signing,
}

impl Duty {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Entry, Self::Assessment, Self::Settlement, Self::Review, Self::Approval, Self::Signing];

    /// As stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Assessment => "assessment",
            Self::Settlement => "settlement",
            Self::Review => "review",
            Self::Approval => "approval",
            Self::Signing => "signing",
        }
    }

    /// As a sentence names it.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Entry => "受理",
            Self::Assessment => "评定",
            Self::Settlement => "异议裁定",
            Self::Review => "审核",
            Self::Approval => "批准",
            Self::Signing => "签发",
        }
    }
}

/// Who holds which duty in one case, in the order they came in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duties(Vec<(OfficerId, Duty)>);

impl Duties {
    /// Gives the officer the duty, unless they already act in another one here.
    pub fn assume(&mut self, officer: OfficerId, duty: Duty) -> Result<(), Error> {
        match self.of(officer) {
            Some(held) if held == duty => Ok(()),
            Some(held) => Err(Error::DutiesNotSeparated { officer, held, wanted: duty }),
            None => {
                self.0.push((officer, duty));
                Ok(())
            }
        }
    }

    /// The duty an officer has in this case.
    #[must_use]
    pub fn of(&self, officer: OfficerId) -> Option<Duty> {
        self.0.iter().find(|(who, _)| *who == officer).map(|(_, duty)| *duty)
    }

    /// Each officer with their duty.
    pub fn iter(&self) -> impl Iterator<Item = (OfficerId, Duty)> {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_officer_keeps_the_first_duty_in_a_case() {
        let (clerk, other) = (OfficerId::from_stored(1), OfficerId::from_stored(2));
        let mut duties = Duties::default();
        duties.assume(clerk, Duty::Entry).unwrap();
        duties.assume(clerk, Duty::Entry).unwrap();
        for wanted in [Duty::Assessment, Duty::Settlement, Duty::Review, Duty::Approval] {
            let refused = Error::DutiesNotSeparated { officer: clerk, held: Duty::Entry, wanted };
            assert_eq!(duties.assume(clerk, wanted), Err(refused));
        }
        duties.assume(other, Duty::Review).unwrap();
        assert_eq!(duties.iter().count(), 2);
    }
}
