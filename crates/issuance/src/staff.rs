//! The use cases of an administrator: offices and officers. An administrator manages people and does no casework.

use credential::region::Region;

use crate::Error;
use crate::actor::Actor;
use crate::audit::{Deed, Other, Subject};
use crate::id::{OfficeId, OfficerId};
use crate::office::OfficeKind;
use crate::officer::{Login, Officer, Role, Roles};
use crate::register::{NewOffice, NewOfficer, Register};
use crate::text::{Line, Name};

/// An officer and the office they belong to, as an administrator enters them.
#[derive(Clone, Debug)]
pub struct Appointment {
    /// What they sign in with.
    pub login: Login,
    /// What colleagues see.
    pub name: Name,
    /// What they may do.
    pub roles: Roles,
    /// What kind of place they work in.
    pub kind: OfficeKind,
    /// The region it serves.
    pub region: Region,
    /// Its name, where the office is new.
    pub office: Line,
}

/// Adds an officer, and the office if there is none of this kind, region and name.
pub fn appoint(
    register: &mut dyn Register,
    appointment: &Appointment,
    actor: &Actor<'_>,
) -> Result<OfficerId, Error> {
    actor.officer.must_hold(Role::Administrator)?;
    actor.officer.must_serve(appointment.region)?;
    add(register, appointment, actor)
}

/// Adds the first administrator of a new register; refuses a register that has officers.
pub fn appoint_first(
    register: &mut dyn Register,
    appointment: &Appointment,
    actor: &Actor<'_>,
) -> Result<OfficerId, Error> {
    if !register.officers()?.is_empty() {
        return Err(Error::PowerMissing { officer: actor.officer.id, role: Role::Administrator });
    }
    add(register, appointment, actor)
}

/// Adds an administrator when none can sign in any more. Who may ask for it is settled outside: it takes the machine and
/// its keys, and no officer has the power.
pub fn appoint_again(
    register: &mut dyn Register,
    appointment: &Appointment,
    actor: &Actor<'_>,
) -> Result<OfficerId, Error> {
    if actor.officer.id != OfficerId::SERVICE || !appointment.roles.has(Role::Administrator) {
        return Err(Error::PowerMissing { officer: actor.officer.id, role: Role::Administrator });
    }
    add(register, appointment, actor)
}

/// Gives an officer other powers, or takes their place away. Nobody does this to themselves: a register keeps an
/// administrator, and it takes two to give one powers.
pub fn change(
    register: &mut dyn Register,
    id: OfficerId,
    roles: Roles,
    active: bool,
    actor: &Actor<'_>,
) -> Result<(), Error> {
    actor.officer.must_hold(Role::Administrator)?;
    let officer = register.officer(id)?.ok_or(Error::NoOfficer { officer: id })?;
    actor.officer.must_serve(officer.office.region)?;
    if id == actor.officer.id {
        return Err(Error::OwnPowers { officer: id });
    }
    let audit = actor.entry(Deed::Other(Other::OfficerChanged), Subject::Officer(id));
    Ok(register.change_officer(id, roles, active, &audit)?)
}

/// The officer with this login, if they still work here.
pub fn officer(register: &dyn Register, login: &Login) -> Result<Option<Officer>, Error> {
    Ok(register.officer_by_login(login)?.filter(|officer| officer.active))
}

fn add(
    register: &mut dyn Register,
    appointment: &Appointment,
    actor: &Actor<'_>,
) -> Result<OfficerId, Error> {
    let Appointment { login, name, roles, kind, region, office } = appointment.clone();
    let office = office_for(register, NewOffice { kind, region, name: office }, actor)?;
    let audit = actor.entry(Deed::Other(Other::OfficerAdded), Subject::Register);
    Ok(register.add_officer(&NewOfficer { login, name, office, roles }, &audit)?)
}

fn office_for(register: &mut dyn Register, wanted: NewOffice, actor: &Actor<'_>) -> Result<OfficeId, Error> {
    let same = |office: &&crate::office::Office| {
        office.kind == wanted.kind && office.region == wanted.region && office.name == wanted.name
    };
    if let Some(office) = register.offices()?.iter().find(same) {
        return Ok(office.id);
    }
    let audit = actor.entry(Deed::Other(Other::OfficeAdded), Subject::Register);
    Ok(register.add_office(&wanted, &audit)?)
}
