//! Who may do what, and when: one table, and one function that asks it.
//! The elementary files bring their own columns, see [`Ef::read_access`] and [`Ef::write_access`].

use card_protocol::{Ef, Interface, LifeCycle, ReadAccess, Role, StatusWord, scp03::Level};

/// What a command wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Read(Ef),
    Write(Ef),
    StoreData,
    UsePin,
    ResetPin,
    ProvePresence,
    Debit,
    MakeKeyPair,
    ReadPublicKey,
    PutKey,
    Become(LifeCycle),
    OpenChannel,
}

/// Who is allowed to.
enum Who {
    Anyone,
    /// Over contacts anyone, over the air only inside a channel: nobody in a crowd uses up another's tries.
    AnyoneAtContacts,
    /// The holder who gave the PIN over contacts, or a channel of one of these roles at level 33.
    HolderOr(&'static [Role]),
    /// A channel of one of these roles that encrypts commands.
    Channel(&'static [Role]),
    /// A channel of one of these roles at level 33.
    FullChannel(&'static [Role]),
}

/// The table. `None`: not in this state, whoever asks.
fn who(action: Action, state: LifeCycle) -> Option<Who> {
    use Action as A;
    use LifeCycle as L;
    Some(match (action, state) {
        (A::Read(Ef::Status), _) => Who::Anyone,
        (A::Read(ef), L::Keyed | L::Active) => match ef.read_access() {
            ReadAccess::Always => Who::Anyone,
            ReadAccess::PinOrSession(roles) => Who::HolderOr(roles),
        },
        (A::Read(_), L::Blocked) => Who::FullChannel(&[Role::Issue, Role::Update]),
        (A::Write(ef), L::Keyed | L::Active) => Who::Channel(ef.write_access()),
        (A::StoreData, L::Keyed | L::Active) => Who::Channel(&[Role::Issue, Role::Update]),
        (A::UsePin, L::Active) => Who::AnyoneAtContacts,
        (A::ResetPin, L::Keyed | L::Active) => Who::Channel(&[Role::Issue, Role::Update]),
        (A::ProvePresence | A::Debit, L::Active) => Who::Anyone,
        (A::MakeKeyPair, L::Keyed) => Who::Channel(&[Role::Issue]),
        (A::ReadPublicKey, L::Keyed | L::Active | L::Blocked) => Who::Anyone,
        (A::PutKey, L::Blank) => Who::Channel(&[Role::Transport]),
        (A::PutKey, L::Keyed | L::Active | L::Blocked) => Who::Channel(&[Role::Issue]),
        (A::Become(next), now) if now.may_become(next) => match next {
            L::Blocked => Who::Channel(&[Role::Issue, Role::Update]),
            _ => Who::Channel(&[Role::Issue]),
        },
        (A::OpenChannel, L::Blank | L::Keyed | L::Active | L::Blocked) => Who::Anyone,
        _ => return None,
    })
}

/// What the answer depends on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances {
    pub(crate) state: LifeCycle,
    pub(crate) interface: Interface,
    pub(crate) pin_verified: bool,
    /// The open channel, through which the command came.
    pub(crate) channel: Option<(Role, Level)>,
}

/// Proof that the table was asked about an action, and said yes.
#[derive(Debug)]
pub(crate) struct Permit(());

impl Circumstances {
    /// Asks the table.
    pub(crate) fn permit(&self, action: Action) -> Result<Permit, StatusWord> {
        let who = who(action, self.state).ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let at_contacts = self.interface == Interface::Contact;
        let channel_of = |roles: &[Role], sufficient: fn(Level) -> bool| {
            self.channel.is_some_and(|(role, level)| roles.contains(&role) && sufficient(level))
        };
        let allowed = match who {
            Who::Anyone => true,
            Who::AnyoneAtContacts => at_contacts || self.channel.is_some(),
            Who::HolderOr(roles) => (at_contacts && self.pin_verified) || channel_of(roles, is_full),
            Who::Channel(roles) => channel_of(roles, Level::encrypts_commands),
            Who::FullChannel(roles) => channel_of(roles, is_full),
        };
        if allowed { Ok(Permit(())) } else { Err(StatusWord::SECURITY_NOT_SATISFIED) }
    }
}

/// Level 33: all that goes either way is encrypted and carries a MAC.
fn is_full(level: Level) -> bool {
    level.encrypts_commands() && level.encrypts_responses()
}
