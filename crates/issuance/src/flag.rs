//! What a reviewer and an approver should look at twice. A flag says why; it refuses nothing.
//! Drawn from the cases that are open in the home county: relatives of an officer, one address with many applicants,
//! one doctor with many findings, a notice that ran no longer than it had to.

use credential::region::Region;

use crate::Error;
use crate::application::{Application, Filed};
use crate::officer::Officer;
use crate::register::{CaseQuery, Register};
use crate::step::Action;
use crate::transition::State;

/// One thing to look at twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Other open cases with the same address.
    SameAddress {
        /// How many others.
        others: usize,
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
        cases: usize,
    },
    /// The case was reviewed on the first day after its notice.
    ShortNotice,
}

/// The open cases of a county, beside which a case is looked at.
#[derive(Clone, Debug)]
pub struct Neighbours(Vec<Filed>);

impl Neighbours {
    /// Those whose home is this county.
    pub fn of(register: &dyn Register, home: Region) -> Result<Self, Error> {
        let mut open = Vec::new();
        for state in State::ALL.iter().filter(|state| !state.is_closed()) {
            let query = CaseQuery { state: Some(*state), ..CaseQuery::all(home, COMPARED) };
            open.extend(register.applications(&query)?);
        }
        Ok(Self(open))
    }

    /// The flags of one case of the county.
    pub fn flags(&self, register: &dyn Register, filed: &Filed) -> Result<Vec<Flag>, Error> {
        let mut flags = Vec::new();
        let address = filed.application.request().particulars.address.as_ref();
        let lives_there = |case: &&Filed| case.application.request().particulars.address.as_ref() == address;
        let others = self.0.iter().filter(|case| case.person != filed.person).filter(lives_there).count();
        if address.is_some() && others > 0 {
            flags.push(Flag::SameAddress { others });
        }
        for (id, _) in filed.application.duties().iter() {
            let Some(officer) = register.officer(id)? else { continue };
            if is_namesake(&officer, &filed.application) {
                flags.push(Flag::OfficersSurname { officer });
            }
        }
        for doctor in doctors(&filed.application) {
            let cases = self.0.iter().filter(|case| doctors(&case.application).contains(&doctor)).count();
            if cases >= MANY_FROM_ONE_DOCTOR
                && let Some(doctor) = register.officer(doctor)?
            {
                flags.push(Flag::ManyFromOneDoctor { doctor, cases });
            }
        }
        if is_hasty(&filed.application) {
            flags.push(Flag::ShortNotice);
        }
        Ok(flags)
    }
}

/// The flags of a case.
pub fn of(register: &dyn Register, filed: &Filed) -> Result<Vec<Flag>, Error> {
    Neighbours::of(register, filed.application.request().home)?.flags(register, filed)
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

fn doctors(case: &Application) -> Vec<crate::id::OfficerId> {
    let signed = case.steps().iter().flat_map(|step| match &step.action {
        Action::Assess(_) | Action::Countersign => vec![step.by],
        Action::Transcribe { doctors, .. } => doctors.to_vec(),
        _ => Vec::new(),
    });
    let mut doctors: Vec<_> = signed.collect();
    doctors.sort_unstable();
    doctors.dedup();
    doctors
}

fn is_hasty(case: &Application) -> bool {
    let Some(until) = case.notice_until() else { return false };
    let review = case.steps().iter().rev().find(|step| step.action == Action::Review);
    review.is_some_and(|review| review.at.date_in_china().to_days() <= until.to_days().saturating_add(1))
}

/// Of each state; a county has some dozens open.
const COMPARED: usize = 300;
/// A designated hospital has several doctors; one with this many open findings in one county stands out.
const MANY_FROM_ONE_DOCTOR: usize = 10;
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
