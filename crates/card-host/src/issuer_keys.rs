//! The keys behind all cards of an issuer. They live where the service lives, never at a desk.

use crate::HostError;
use card_protocol::{Error, KeyVersion, MasterKey, Role, Serial, StaticKeys};

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

/// The example keys that everybody knows. Production refuses them: [`IssuerKeys::are_example`].
pub const EXAMPLE_KEYS: &str = include_str!("../../../keys-example/EXAMPLE-card.keys");

impl IssuerKeys {
    /// Reads a key file: the lines `transport` (ENC, MAC, DEK), `issue`, `update` and `read`, each once, in
    /// hexadecimal; `#` begins a comment line.
    ///
    /// # Errors
    /// [`HostError::Protocol`], which repeats nothing of the file.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        const BAD: Error = Error::BadObject { object: "card key file" };
        let lines: Vec<_> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| line.split_once(' ').ok_or(BAD))
            .collect::<Result<_, _>>()?;
        let key = |name: &str| match lines.iter().filter(|(first, _)| *first == name).collect::<Vec<_>>()[..]
        {
            [(_, hex)] => Ok(*hex),
            _ => Err(BAD),
        };
        if lines.len() != 4 {
            return Err(BAD.into());
        }
        Ok(Self {
            transport: StaticKeys::parse(key("transport")?)?,
            issue: MasterKey::parse(key("issue")?)?,
            update: MasterKey::parse(key("update")?)?,
            read: MasterKey::parse(key("read")?)?,
        })
    }

    /// Whether any of the master keys is an example that everybody knows.
    #[must_use]
    pub fn are_example(&self) -> bool {
        // Equal masters give a card equal keys.
        let (serial, version) = (Serial::new([0; 8]), Role::Issue.version());
        let derived = |master: &MasterKey| master.diversify(serial, version).to_secret();
        Self::parse(EXAMPLE_KEYS).is_ok_and(|example| {
            let known = [&example.issue, &example.update, &example.read].map(derived);
            [&self.issue, &self.update, &self.read]
                .map(derived)
                .iter()
                .any(|own| known.iter().any(|known| own.is(known.expose())))
        })
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_keys_are_known_as_such_and_others_are_not() {
        assert!(IssuerKeys::parse(EXAMPLE_KEYS).unwrap().are_example());
        let own = EXAMPLE_KEYS.replace("issue ", "issue 0000").replace("update ", "update 0000");
        assert!(IssuerKeys::parse(&own).is_err(), "too many digits");
        let hex = |digit: &str| digit.repeat(32);
        let own = format!(
            "transport {0}{0}{0}\nissue {1}\nupdate {2}\nread {3}\n",
            hex("a"),
            hex("b"),
            hex("c"),
            hex("d")
        );
        assert!(!IssuerKeys::parse(&own).unwrap().are_example());
    }

    #[test]
    fn a_key_file_with_a_missing_doubled_or_unknown_line_is_refused_without_repeating_it() {
        for change in [("read ", "reed "), ("read ", "issue "), ("\nissue", "\n# issue")] {
            let error = IssuerKeys::parse(&EXAMPLE_KEYS.replace(change.0, change.1)).unwrap_err();
            assert_eq!(error, HostError::Protocol(Error::BadObject { object: "card key file" }));
        }
        assert!(IssuerKeys::parse(&format!("{EXAMPLE_KEYS}\nextra 00")).is_err());
    }
}
