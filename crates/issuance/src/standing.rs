//! The use cases that change where a certificate stands: suspend, lift, revoke, confirm.
//! The status list follows with the next bundle.

use credential::time::Date;

use crate::Error;
use crate::actor::Actor;
use crate::audit::{Deed, Subject};
use crate::certificate::Certificate;
use crate::id::{CertificateId, ChangeId};
use crate::register::Register;
use crate::status_change::{Outcome, Reason, Standing, StatusChange};

/// Enters a change. It is in force at once where one officer suffices; otherwise it waits for a second.
pub fn enter(
    register: &mut dyn Register,
    id: CertificateId,
    reason: Reason,
    effective: Date,
    actor: &Actor<'_>,
) -> Result<(ChangeId, StatusChange), Error> {
    let certificate = certificate(register, id, actor)?;
    certificate.standing.after(reason.of())?;
    must_be_overdue(register, &certificate, reason, actor)?;
    let change = StatusChange::enter(id, reason, effective, actor.officer, actor.now)?;
    let deed = Deed::Entered(change.change());
    let audit = actor.entry_because(deed, Subject::Certificate(id), reason.as_str());
    let (number, _) = register.enter_change(&change, certificate.standing, None, &[audit])?;
    Ok((number, change))
}

/// A second officer confirms or drops a change that waits.
pub fn decide(
    register: &mut dyn Register,
    id: ChangeId,
    agrees: bool,
    actor: &Actor<'_>,
) -> Result<StatusChange, Error> {
    let mut change = register.change(id)?.ok_or(Error::NoChange { change: id })?;
    // Before anything is said about the change: another office learns nothing of it.
    let certificate = certificate(register, change.certificate(), actor)?;
    if change.outcome() != Outcome::Waiting {
        return Err(Error::ChangeClosed { change: id });
    }
    if agrees {
        certificate.standing.after(change.change())?;
    }
    change.decide(actor.officer, agrees, actor.now)?;
    let deed = if agrees { Deed::Confirmed(change.change()) } else { Deed::Dropped(change.change()) };
    let subject = Subject::Certificate(change.certificate());
    let audit = actor.entry_because(deed, subject, change.reason().as_str());
    register.decide_change(id, &change, certificate.standing, &audit)?;
    Ok(change)
}

/// 注销 for being overdue: a year after the end, or half a year after the suspension for being overdue for half a year.
fn must_be_overdue(
    register: &dyn Register,
    certificate: &Certificate,
    reason: Reason,
    actor: &Actor<'_>,
) -> Result<(), Error> {
    if reason != Reason::OverdueOneYear {
        return Ok(());
    }
    let expired = certificate.expires.date_in_china().plus_years(1);
    let mut suspended = register.changes_of(certificate.id)?.into_iter().rev().filter_map(|(_, change)| {
        let counts = change.is_in_force() && change.reason() == Reason::OverdueSixMonths;
        counts.then(|| Date::from_days(change.effective().to_days() + HALF_A_YEAR_DAYS))
    });
    let suspended = suspended.next().filter(|_| certificate.standing == Standing::Suspended);
    let from = suspended.map_or(expired, |suspended| suspended.min(expired));
    if actor.now.date_in_china() < from { Err(Error::NotOverdue { from }) } else { Ok(()) }
}

fn certificate(register: &dyn Register, id: CertificateId, actor: &Actor<'_>) -> Result<Certificate, Error> {
    let certificate = register.certificate(id)?.filter(|certificate| certificate.signed);
    let certificate = certificate.ok_or(Error::NoCertificate { certificate: id })?;
    actor.officer.must_serve(certificate.county)?;
    Ok(certificate)
}

/// The longer half.
const HALF_A_YEAR_DAYS: u64 = 184;
