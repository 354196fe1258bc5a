//! What a reviewer and an approver should look at twice. A flag says why; it refuses nothing.
//! Relatives of an officer, one address with many applicants, one doctor with many findings, a notice that ran no longer
//! than it had to. The register counts; nobody else's case is opened for it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use credential::region::Region;
use credential::time::UnixTime;

use crate::Error;
use crate::application::{Application, Filed};
use crate::duty::Duty;
use crate::dwelling::Dwelling;
use crate::id::OfficerId;
use crate::officer::Officer;
use crate::register::Register;
use crate::step::Action;

/// One thing to look at twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Others who ask, or within a year were granted, from the same address.
    SameAddress {
        /// How many others.
        others: u64,
    },
    /// The applicant or guardian has the surname of an officer who acts in this case.
    OfficersSurname {
        /// That officer.
        officer: Officer,
    },
    /// A doctor of this case assessed many of the open ones.
    ManyFromOneDoctor {
        /// The doctor.
        doctor: Officer,
        /// How many of the open cases.
        cases: u64,
    },
    /// The case was reviewed on the first day after its notice.
    ShortNotice,
}

/// Looks at one case after another; what a doctor found in a county is counted once.
pub struct Lookout<'a> {
    register: &'a dyn Register,
    now: UnixTime,
    findings: HashMap<(OfficerId, Region), u64>,
}

impl<'a> Lookout<'a> {
    /// Over this register, today.
    pub fn new(register: &'a dyn Register, now: UnixTime) -> Self {
        Self { register, now, findings: HashMap::new() }
    }

    /// The flags of a case.
    pub fn flags(&mut self, filed: &Filed) -> Result<Vec<Flag>, Error> {
        let case = &filed.application;
        let mut flags = Vec::new();
        let others = self.others(filed)?;
        if others > 0 {
            flags.push(Flag::SameAddress { others });
        }
        for (id, duty) in case.duties().iter() {
            let Some(officer) = self.register.officer(id)? else { continue };
            if is_namesake(&officer, case) {
                flags.push(Flag::OfficersSurname { officer: officer.clone() });
            }
            let cases = if duty == Duty::Assessment { self.findings(id, case.request().home)? } else { 0 };
            if cases >= MANY_FROM_ONE_DOCTOR {
                flags.push(Flag::ManyFromOneDoctor { doctor: officer, cases });
            }
        }
        if is_hasty(case) {
            flags.push(Flag::ShortNotice);
        }
        Ok(flags)
    }

    fn others(&self, filed: &Filed) -> Result<u64, Error> {
        let request = filed.application.request();
        let Some(dwelling) = Dwelling::of(request.home, &request.particulars) else { return Ok(0) };
        let since = UnixTime::from_seconds(self.now.as_seconds().saturating_sub(A_YEAR_SECONDS));
        Ok(self.register.others_at(&dwelling, filed.person, since)?)
    }

    fn findings(&mut self, doctor: OfficerId, home: Region) -> Result<u64, Error> {
        Ok(match self.findings.entry((doctor, home)) {
            Entry::Occupied(counted) => *counted.get(),
            Entry::Vacant(new) => *new.insert(self.register.open_findings(doctor, home)?),
        })
    }
}

fn is_namesake(officer: &Officer, case: &Application) -> bool {
    let particulars = &case.request().particulars;
    let names = [Some(&particulars.name), particulars.guardian.as_ref().map(|guardian| &guardian.name)];
    let surname = surname(officer.name.expose());
    names.into_iter().flatten().any(|name| self::surname(name.expose()) == surname)
}

/// The first character, or the first two of the common double surnames.
fn surname(name: &str) -> &str {
    let end = |characters: usize| name.char_indices().nth(characters).map_or(name.len(), |(at, _)| at);
    let is_double = DOUBLE_SURNAMES.iter().any(|double| name.starts_with(double));
    name.get(..end(if is_double { 2 } else { 1 })).unwrap_or_default()
}

fn is_hasty(case: &Application) -> bool {
    let Some(until) = case.notice_until() else { return false };
    let review = case.steps().iter().rev().find(|step| step.action == Action::Review);
    review.is_some_and(|review| review.at.date_in_china().to_days() <= until.to_days().saturating_add(1))
}

/// A relative who was certified some months ago still counts.
const A_YEAR_SECONDS: u64 = 365 * 86_400;
/// A designated hospital has several doctors; one with this many open findings in one county stands out.
const MANY_FROM_ONE_DOCTOR: u64 = 10;
const DOUBLE_SURNAMES: [&str; 12] =
    ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "长孙", "慕容", "司徒"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_surname_is_one_character_or_a_known_pair() {
        assert_eq!(
            (surname("王秀兰"), surname("欧阳建国"), surname("欧"), surname("")),
            ("王", "欧阳", "欧", "")
        );
    }
}
