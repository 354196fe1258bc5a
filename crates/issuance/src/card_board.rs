//! What lies before a card desk: the cards that wait, those that were begun, those issued today, and the certificates
//! for which none was ordered. Whoever looks sees names, and leaves a row in the audit; the tally names nobody.

use crate::Error;
use crate::actor::Actor;
use crate::audit::{Deed, Other, Subject};
use crate::card::CardJob;
use crate::certificate::Certificate;
use crate::officer::Role;
use crate::person::Person;
use crate::register::{CardQuery, CardTally, Register};

/// A card desk's work, within the region of the officer's office.
#[derive(Clone, Debug)]
pub struct Board {
    /// How much there is of each.
    pub tally: CardTally,
    /// Cards that still have to be written, oldest first.
    pub open: Vec<Place>,
    /// Cards issued today, the latest first.
    pub issued: Vec<Place>,
    /// Valid certificates without a card, the latest first.
    pub without: Vec<(Certificate, Person)>,
}

/// One card on the board.
#[derive(Clone, Debug)]
pub struct Place {
    /// How far it has come.
    pub job: CardJob,
    /// For which certificate.
    pub certificate: Certificate,
    /// Whose.
    pub person: Person,
}

/// The whole board.
pub fn board(register: &mut dyn Register, actor: &Actor<'_>) -> Result<Board, Error> {
    actor.officer.must_hold(Role::CardOperator)?;
    register.note(&actor.entry(Deed::Other(Other::Searched), Subject::Register))?;
    let region = actor.officer.office.region;
    let open = CardQuery { region, issued_since: None, after: None, limit: SHOWN };
    let issued = CardQuery { issued_since: Some(midnight(actor)), ..open };
    let without = register.without_card(region, actor.now, SHOWN)?;
    Ok(Board {
        tally: tally(register, actor)?,
        open: places(register, register.card_jobs(&open)?)?,
        issued: places(register, register.card_jobs(&issued)?)?,
        without: without.into_iter().map(|one| holder(register, one)).collect::<Result<_, _>>()?,
    })
}

/// How far each card has come that is shown as open: numbers and stages, no names.
pub fn progress(register: &dyn Register, actor: &Actor<'_>) -> Result<(CardTally, Vec<CardJob>), Error> {
    actor.officer.must_hold(Role::CardOperator)?;
    let region = actor.officer.office.region;
    let open = register.card_jobs(&CardQuery { region, issued_since: None, after: None, limit: SHOWN })?;
    Ok((tally(register, actor)?, open))
}

/// How much there is of each; issued cards are today's.
pub fn tally(register: &dyn Register, actor: &Actor<'_>) -> Result<CardTally, Error> {
    actor.officer.must_hold(Role::CardOperator)?;
    Ok(register.card_tally(actor.officer.office.region, midnight(actor))?)
}

/// The cards of one certificate, oldest first, for those who may see the certificate.
pub fn cards_of(
    register: &dyn Register,
    certificate: &Certificate,
    actor: &Actor<'_>,
) -> Result<Vec<CardJob>, Error> {
    actor.officer.must_serve(certificate.county)?;
    Ok(register.card_jobs_of(certificate.id)?)
}

fn places(register: &dyn Register, jobs: Vec<CardJob>) -> Result<Vec<Place>, Error> {
    let place = |job: CardJob| {
        let missing = Error::NoCertificate { certificate: job.certificate };
        let found = register.certificate(job.certificate)?.ok_or(missing)?;
        let (certificate, person) = holder(register, found)?;
        Ok(Place { job, certificate, person })
    };
    jobs.into_iter().map(place).collect()
}

fn holder(register: &dyn Register, certificate: Certificate) -> Result<(Certificate, Person), Error> {
    let missing = Error::NoPerson { person: certificate.person };
    let person = register.person(certificate.person)?.ok_or(missing)?;
    Ok((certificate, person))
}

fn midnight(actor: &Actor<'_>) -> credential::time::UnixTime {
    actor.now.date_in_china().start_in_china()
}

/// As many of each as a desk takes in at a glance.
const SHOWN: usize = 20;
