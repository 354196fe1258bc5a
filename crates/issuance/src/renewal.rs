//! What comes to its renewal: the certificates of each county that may be renewed already, and those that have ended.
//! From which day on a place renews is data (`local`). The tally names nobody; whoever opens a county's list sees names,
//! and leaves a row in the audit.

use credential::region::Region;
use credential::time::{Date, UnixTime};

use crate::Error;
use crate::actor::Actor;
use crate::audit::{Deed, Other, Subject};
use crate::certificate::Certificate;
use crate::id::{ApplicationId, CertificateId};
use crate::local::LocalRules;
use crate::person::Person;
use crate::register::{EndingQuery, Register};

/// Where a certificate stands on its way to a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// It counts still, and may be renewed.
    Due,
    /// It has ended, and was not renewed.
    Ended,
}

/// How many there are in a county.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The county.
    pub county: Region,
    /// May be renewed.
    pub due: u64,
    /// Have ended.
    pub ended: u64,
}

/// One certificate to renew.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// Which one.
    pub certificate: Certificate,
    /// Whose.
    pub person: Person,
    /// The case of theirs that is open: often the renewal itself.
    pub open: Option<ApplicationId>,
}

/// The end of the last certificate that was seen: a list goes on behind it.
pub type Place = (UnixTime, CertificateId);

impl Term {
    /// Each.
    pub const ALL: [Self; 2] = [Self::Due, Self::Ended];

    /// From its word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|term| term.as_str() == text)
    }

    /// As lists name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Ended => "ended",
        }
    }

    /// Which one a certificate stands in that ends on a day, if in any.
    #[must_use]
    pub fn of(ends: Date, county: Region, today: Date, rules: &LocalRules) -> Option<Self> {
        if today >= ends {
            Some(Self::Ended)
        } else {
            (today >= rules.renewed_from(ends, county)).then_some(Self::Due)
        }
    }

    /// The same of a whole county: the times from which and before which its certificates end.
    fn span(self, county: Region, today: Date, rules: &LocalRules) -> (UnixTime, UnixTime) {
        let after = |day: Date| Date::from_days(day.to_days().saturating_add(1)).start_in_china();
        match self {
            Self::Ended => (UnixTime::from_seconds(0), after(today)),
            Self::Due => (after(today), after(rules.renewed_until(today, county))),
        }
    }
}

/// How many certificates there are to renew in each county of the officer's region that issued any.
pub fn tally(register: &dyn Register, rules: &LocalRules, actor: &Actor<'_>) -> Result<Vec<Tally>, Error> {
    let today = actor.now.date_in_china();
    let mut list = Vec::new();
    for county in register.counties(actor.officer.office.region)? {
        let count = |term: Term| {
            let (from, until) = term.span(county, today, rules);
            register.count_ending(county, from, until)
        };
        list.push(Tally { county, due: count(Term::Due)?, ended: count(Term::Ended)? });
    }
    Ok(list)
}

/// One page of a county's certificates to renew, those that end first at the head.
pub fn list(
    register: &mut dyn Register,
    county: Region,
    term: Term,
    after: Option<Place>,
    rules: &LocalRules,
    actor: &Actor<'_>,
) -> Result<Vec<Renewal>, Error> {
    actor.officer.must_serve(county)?;
    register.note(&actor.entry(Deed::Other(Other::Searched), Subject::Register))?;
    let mut found = Vec::new();
    for certificate in of_county(register, county, term, after, rules, actor.now.date_in_china())? {
        let missing = Error::NoPerson { person: certificate.person };
        let person = register.person(certificate.person)?.ok_or(missing)?;
        let open = register.open_application(person.id)?;
        found.push(Renewal { certificate, person, open });
    }
    Ok(found)
}

/// The certificates alone of such a page.
pub fn of_county(
    register: &dyn Register,
    county: Region,
    term: Term,
    after: Option<Place>,
    rules: &LocalRules,
    today: Date,
) -> Result<Vec<Certificate>, Error> {
    let (from, until) = term.span(county, today, rules);
    Ok(register.ending(&EndingQuery { county, from, until, after, limit: A_PAGE })?)
}

/// A page that shows so many says that there may be more.
pub const A_PAGE: usize = 50;
