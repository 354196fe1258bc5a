//! INITIALIZE UPDATE and EXTERNAL AUTHENTICATE (GlobalPlatform Amendment D, 7.1): the counters around SCP03.
//! The cryptography is [`CardChannel`]'s.
//!
//! [`CardChannel`]: card_protocol::scp03::card::CardChannel

use super::file::put;
use super::{Card, Selection};
use crate::permission::Action;
use crate::platform::Platform;
use crate::secrets::Secrets;
use crate::state::Attempts;
use card_protocol::scp03::Challenge;
use card_protocol::{AID, Command, Interface, KeyVersion, Role, SECURITY_DOMAIN, StatusWord, Writer};

/// Failures in a row after which a key set no longer answers over the air.
///
/// A guess succeeds with probability 2^-64 and the sequence counter ends after 2^24, so this is not what stops
/// guessing: it ends the nuisance. At contacts the set still answers, or a stranger in a crowd could lock it.
const FAILURES_OVER_THE_AIR: u8 = 15;
/// The sequence counter has three bytes (Amendment D, 6.2.2.1).
const LAST_SEQUENCE: u32 = 0x00FF_FFFF;

impl<P: Platform> Card<P> {
    pub(super) fn initialize_update(
        &mut self,
        version: Option<KeyVersion>,
        challenge: &Challenge,
        out: &mut Writer<'_>,
    ) -> Result<(), StatusWord> {
        self.permit(Action::OpenChannel)?;
        let role = self.key_set_for(version)?;
        let Attempts { sequence, failures } = self.state.attempts(role);
        if failures >= FAILURES_OVER_THE_AIR && self.interface == Interface::Contactless {
            return Err(StatusWord::AUTHENTICATION_BLOCKED);
        }
        if sequence >= LAST_SEQUENCE {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        let sequence = sequence.saturating_add(1);
        let serial = self.store.birth().serial;
        let mut secrets = Secrets::load(&self.store)?;
        let keys = secrets.key_set(role).as_ref().ok_or(StatusWord::REFERENCE_NOT_FOUND)?;
        // Durable before the challenge goes out: none ever comes twice.
        self.commit(self.state.with_attempts(role, Attempts { sequence, failures }))?;
        let [_, s0, s1, s2] = sequence.to_be_bytes();
        let aid: &[u8] = match self.volatile.selection {
            Selection::Application => &AID,
            Selection::SecurityDomain => &SECURITY_DOMAIN,
        };
        let greeting = self.volatile.channel.initialize_update(
            keys,
            role.version(),
            challenge,
            [s0, s1, s2],
            serial,
            aid,
        );
        self.volatile.greeted = Some(role);
        put(out, &greeting.to_bytes())
    }

    /// The failure is counted first and taken back after success, so that pulling the card hides none.
    pub(super) fn external_authenticate(
        &mut self,
        wire: &Command<'_>,
        greeted: Option<Role>,
    ) -> Result<(), StatusWord> {
        let role = greeted.ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let Attempts { sequence, failures } = self.state.attempts(role);
        let failed = Attempts { sequence, failures: failures.saturating_add(1) };
        self.commit(self.state.with_attempts(role, failed))?;
        self.volatile.channel.external_authenticate(wire)?;
        let counted = self.commit(self.state.with_attempts(role, Attempts { sequence, failures: 0 }));
        if counted.is_err() {
            self.volatile.channel.close();
        }
        counted
    }

    /// Version 00 lets the card choose: the issuer's keys, or the transport keys while it has no others.
    fn key_set_for(&self, version: Option<KeyVersion>) -> Result<Role, StatusWord> {
        let wanted = match version {
            Some(version) => Role::from_version(version),
            None => [Role::Issue, Role::Transport].into_iter().find(|role| self.state.has_key_set(*role)),
        };
        wanted.filter(|role| self.state.has_key_set(*role)).ok_or(StatusWord::REFERENCE_NOT_FOUND)
    }
}
