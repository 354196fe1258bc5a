//! An application: what is asked for, and every step taken since.
//! It moves by the table in `transition` and by nothing else. The register stores the steps; `from_stored`
//! takes them again one by one, so that a row which skipped a rule does not come back to life.

mod approved;
mod term;

pub use approved::Approved;
pub use term::{DISPUTE_WORKING_DAYS, NOTICE_WORKING_DAYS, REVIEW_WORKING_DAYS, post_notice};

use credential::disability::Components;
use credential::number::Reissue;
use credential::region::Region;
use credential::time::{Date, UnixTime};

use crate::Error;
use crate::duty::{Duties, Duty};
use crate::id::{ApplicationId, CertificateId, OfficerId, PersonId};
use crate::kind::{Kind, Route};
use crate::local::LocalRules;
use crate::office::OfficeKind;
use crate::officer::{Officer, Role};
use crate::person::{Particulars, is_minor};
use crate::step::{Action, Sheet, Step};
use crate::transition::{self, Place, State, To, Transition, Verb};

/// What is asked for. Fixed when the application is entered, but for `particulars`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// A new certificate or a change of one.
    pub kind: Kind,
    /// By way of the doctors or straight to review.
    pub route: Route,
    /// Birth date of the holder.
    pub born: Date,
    /// What the certificate is to say.
    pub particulars: Particulars,
    /// The county that approves and issues.
    pub home: Region,
    /// The county that took the application; the same unless the holder lives elsewhere (跨省通办).
    pub desk: Region,
    /// The certificate it follows; for a new one, `None`.
    pub earlier: Option<Earlier>,
    /// The suffix that a certificate from before this register had.
    pub suffix: Reissue,
}

/// The certificate that an application follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Which one.
    pub certificate: CertificateId,
    /// What it says.
    pub components: Components,
    /// Its suffix.
    pub reissue: Reissue,
    /// From when on it is no longer valid.
    pub expires: UnixTime,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    request: Request,
    steps: Vec<Step>,
    duties: Duties,
    state: State,
    /// Where `EvidenceWanted` leads back to.
    back_to: State,
}

/// An application with its place in the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filed {
    /// Which one.
    pub id: ApplicationId,
    /// Whose.
    pub person: PersonId,
    /// The case.
    pub application: Application,
}

impl Application {
    /// A new case, entered by a clerk of the desk.
    pub fn submit(request: Request, clerk: &Officer, now: UnixTime) -> Result<Self, Error> {
        clerk.must_hold(Role::Clerk)?;
        clerk.must_serve(request.desk)?;
        Self::begin(request, Step { by: clerk.id, at: now, action: Action::Submit })
    }

    /// The next step. Refuses a step that is not due, an officer without the power, of another region
    /// or with another duty in this case, and an action that breaks a rule of its own.
    pub fn take(&mut self, officer: &Officer, action: Action, now: UnixTime) -> Result<(), Error> {
        let row = transition::find(self.state, action.verb(), self.request.route)?;
        match row.role {
            Some(role) => officer.must_hold(role)?,
            None => return Err(Error::NotNow { state: self.state, verb: action.verb() }),
        }
        self.must_be_in_place(officer, row.place)?;
        if let Action::Assess(sheet) | Action::Settle(sheet) | Action::Transcribe { sheet, .. } = &action {
            LocalRules::shipped()?.check_age(&sheet.components, self.request.born, sheet.signed_on)?;
        }
        self.admit(Step { by: officer.id, at: now, action })
    }

    /// The step of the service itself: the certificate was signed.
    pub(crate) fn issued_as(&mut self, certificate: CertificateId, now: UnixTime) -> Result<(), Error> {
        self.admit(Step { by: OfficerId::SERVICE, at: now, action: Action::Issue(certificate) })
    }

    /// Puts right what was asked for, while evidence is wanted.
    pub fn amend(&mut self, particulars: Particulars) -> Result<(), Error> {
        if !matches!(self.state, State::Submitted | State::EvidenceWanted) {
            return Err(Error::NotNow { state: self.state, verb: Verb::Supply });
        }
        let needed = is_minor(self.request.born, self.now_known())
            || self.components().is_some_and(Components::need_guardian);
        if needed && particulars.guardian.is_none() {
            return Err(Error::GuardianRequired);
        }
        self.request.particulars = particulars;
        Ok(())
    }

    /// Takes every step again, as they were stored. Powers are not asked for again: an officer may have
    /// changed office since; every other rule is.
    pub fn from_stored(request: Request, steps: Vec<Step>) -> Result<Self, Error> {
        let mut steps = steps.into_iter();
        let first = steps.next().ok_or(Error::BrokenStep { verb: Verb::Submit })?;
        let mut application = Self::begin(request, first)?;
        steps.try_for_each(|step| application.admit(step))?;
        Ok(application)
    }

    /// Where the case stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// What is asked for.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Every step so far, oldest first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Who acts as what in this case.
    #[must_use]
    pub fn duties(&self) -> &Duties {
        &self.duties
    }

    /// What the certificate will say: the latest finding, or that of the certificate it follows.
    #[must_use]
    pub fn components(&self) -> Option<&Components> {
        let assessed = self.assessment().map(|sheet| &sheet.components);
        assessed.or_else(|| self.request.earlier.as_ref().map(|earlier| &earlier.components))
    }

    /// The latest finding: of the doctors, or of the committee that settled a dispute.
    #[must_use]
    pub fn assessment(&self) -> Option<&Sheet> {
        self.steps.iter().rev().find_map(|step| match &step.action {
            Action::Assess(sheet) | Action::Transcribe { sheet, .. } | Action::Settle(sheet) => Some(sheet),
            _ => None,
        })
    }

    /// The suffix of the new certificate.
    pub fn reissue(&self) -> Result<Reissue, Error> {
        match (&self.request.earlier, self.request.kind) {
            (Some(earlier), Kind::Replacement) => earlier.reissue.next().ok_or(Error::SuffixesUsedUp),
            (Some(earlier), _) => Ok(earlier.reissue),
            (None, _) => Ok(self.request.suffix),
        }
    }

    /// The proof that different officers entered, reviewed and approved it, and that it waits to be signed.
    #[must_use]
    pub fn approved(&self) -> Option<Approved<'_>> {
        let components = self.components().filter(|_| self.state == State::Approved)?;
        let [approval] = self.steps.last_chunk()?;
        Some(Approved { application: self, approval, components })
    }

    fn begin(request: Request, first: Step) -> Result<Self, Error> {
        if first.action != Action::Submit {
            return Err(Error::BrokenStep { verb: first.action.verb() });
        }
        let Request { kind, route, born, particulars, earlier, .. } = &request;
        if !kind.routes().contains(route) {
            return Err(Error::WrongRoute { kind: *kind, route: *route });
        }
        if earlier.is_some() == (*kind == Kind::New) {
            return Err(Error::EarlierCertificate { kind: *kind });
        }
        if *born > first.at.date_in_china() {
            return Err(Error::BornLater);
        }
        if is_minor(*born, first.at.date_in_china()) && particulars.guardian.is_none() {
            return Err(Error::GuardianRequired);
        }
        let mut duties = Duties::default();
        duties.assume(first.by, Duty::Entry)?;
        let (steps, state) = (vec![first], State::Submitted);
        Ok(Self { request, steps, duties, state, back_to: state })
    }

    /// Every rule that holds for a step whenever it is looked at: now, or read back after years.
    fn admit(&mut self, step: Step) -> Result<(), Error> {
        let row = transition::find(self.state, step.action.verb(), self.request.route)?;
        if let Some(last) = self.steps.last().filter(|last| step.at < last.at) {
            return Err(Error::ClockBehind { now: step.at, last: last.at });
        }
        let mut duties = self.duties.clone();
        duties.assume(step.by, row.duty)?;
        self.check(&step, &mut duties)?;
        self.duties = duties;
        self.move_along(row);
        self.steps.push(step);
        Ok(())
    }

    /// The rules that belong to one action.
    fn check(&self, step: &Step, duties: &mut Duties) -> Result<(), Error> {
        let today = step.at.date_in_china();
        let minor = is_minor(self.request.born, today);
        match &step.action {
            Action::Assess(sheet) | Action::Settle(sheet) => self.check_sheet(sheet, today),
            Action::Transcribe { sheet, doctors: [first, second] } => {
                if first == second {
                    return Err(Error::OneDoctor { officer: *first });
                }
                duties.assume(*first, Duty::Assessment)?;
                duties.assume(*second, Duty::Assessment)?;
                self.check_sheet(sheet, today)
            }
            Action::Countersign | Action::Disagree => match self.steps.last() {
                Some(first) if first.by == step.by => Err(Error::OneDoctor { officer: step.by }),
                _ => Ok(()),
            },
            // 异议: the prefecture, then the province, whose word is final.
            Action::Dispute if self.settlements() >= 2 => Err(Error::DisputeFinal),
            Action::PostNotice { .. } if minor => Err(Error::MinorNotPublished),
            Action::WaiveNotice if !minor => Err(Error::NoticeRequired),
            Action::PostNotice { posted, until } => {
                let assessed = self.assessment().map(|sheet| sheet.signed_on);
                let on_time = *posted <= today && assessed.is_none_or(|assessed| *posted >= assessed);
                // Five working days span at least five days; the calendar said how many more.
                let long_enough = until.to_days() >= posted.to_days() + u64::from(NOTICE_WORKING_DAYS);
                if on_time && long_enough { Ok(()) } else { Err(Error::NoticeDates) }
            }
            Action::Review => match self.running_notice() {
                Some(until) if today <= until => Err(Error::NoticeRuns { until }),
                _ => Ok(()),
            },
            Action::Approve => match self.reissue() {
                Ok(_) if self.components().is_some() => Ok(()),
                Ok(_) => Err(Error::NotAssessed),
                Err(error) => Err(error),
            },
            _ => Ok(()),
        }
    }

    fn check_sheet(&self, sheet: &Sheet, today: Date) -> Result<(), Error> {
        if sheet.signed_on > today {
            return Err(Error::SignedLater);
        }
        if sheet.components.need_guardian() && self.request.particulars.guardian.is_none() {
            return Err(Error::GuardianRequired);
        }
        Ok(())
    }

    /// How often a dispute was settled.
    fn settlements(&self) -> usize {
        self.steps.iter().filter(|step| step.action.verb() == Verb::Settle).count()
    }

    fn must_be_in_place(&self, officer: &Officer, place: Place) -> Result<(), Error> {
        match place {
            Place::Desk => officer.must_serve(self.request.desk),
            Place::Home => officer.must_serve(self.request.home),
            Place::AboveHome => {
                let is_above = match self.settlements() {
                    0 => matches!(officer.office.kind, OfficeKind::Prefecture | OfficeKind::Province),
                    _ => officer.office.kind == OfficeKind::Province,
                };
                if !is_above {
                    return Err(Error::HigherOfficeNeeded { officer: officer.id });
                }
                officer.must_serve(self.request.home)
            }
        }
    }

    fn move_along(&mut self, row: &Transition) {
        let next = match row.to {
            To::State(state) => state,
            To::Back => self.back_to,
        };
        if next == State::EvidenceWanted {
            self.back_to = self.state;
        }
        self.state = next;
    }
}
