//! The keys behind all cards of an issuer. They live where the service lives, never at a desk.

use card_protocol::{KeyVersion, MasterKey, Role, Serial, StaticKeys};

/// One master key for each role, so that a stolen kiosk cannot issue; and the transport keys cards arrive with.
#[derive(Debug)]
pub struct IssuerKeys {
    /// What the card maker put into blank cards, the same in a batch. Gone at first contact.
    pub transport: StaticKeys,
    /// Of key sets 30.
    pub issue: MasterKey,
    /// Of key sets 31.
    pub update: MasterKey,
    /// Of key sets 20.
    pub read: MasterKey,
}

impl IssuerKeys {
    /// The keys of one card for a role; `None` for the transport role, whose keys are not diversified.
    #[must_use]
    pub fn of_card(&self, role: Role, serial: Serial) -> Option<StaticKeys> {
        let version: KeyVersion = role.version();
        match role {
            Role::Transport => None,
            Role::Issue => Some(self.issue.diversify(serial, version)),
            Role::Update => Some(self.update.diversify(serial, version)),
            Role::Read => Some(self.read.diversify(serial, version)),
        }
    }

    /// The keys in key form for EXTERNAL AUTHENTICATE to this card in this role.
    pub(crate) fn for_session(&self, role: Role, serial: Serial) -> StaticKeys {
        self.of_card(role, serial)
            .unwrap_or_else(|| StaticKeys::from_bytes(self.transport.to_secret().expose()))
    }
}
