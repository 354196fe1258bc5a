//! The use cases that change where a certificate stands: suspend, lift, revoke, confirm.
//! The status list follows with the next bundle.

use credential::time::Date;

use crate::Error;
use crate::actor::Actor;
use crate::audit::{Deed, Subject};
use crate::certificate::Certificate;
use crate::id::{CertificateId, ChangeId};
use crate::register::Register;
use crate::status_change::{Outcome, Reason, StatusChange};

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
    if change.outcome() != Outcome::Waiting {
        return Err(Error::ChangeClosed { change: id });
    }
    let certificate = certificate(register, change.certificate(), actor)?;
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

fn certificate(register: &dyn Register, id: CertificateId, actor: &Actor<'_>) -> Result<Certificate, Error> {
    let certificate = register.certificate(id)?.filter(|certificate| certificate.signed);
    let certificate = certificate.ok_or(Error::NoCertificate { certificate: id })?;
    actor.officer.must_serve(certificate.county)?;
    Ok(certificate)
}
