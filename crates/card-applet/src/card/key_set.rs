//! PUT KEY (GlobalPlatform 2.3.1, 11.8): one key set, each key wrapped with the key-encryption key of the channel's
//! own set. Replacing the transport set by the issuer's ends the card maker's part: BLANK becomes KEYED.

use super::Card;
use super::file::put;
use crate::permission::Action;
use crate::platform::Platform;
use crate::secrets::Secrets;
use crate::state::{Attempts, State};
use card_protocol::{KeyVersion, LifeCycle, Role, StaticKeys, StatusWord, Step, Writer};

impl<P: Platform> Card<P> {
    pub(super) fn put_key(
        &mut self,
        replaced: Option<KeyVersion>,
        data: &[u8],
        out: &mut Writer<'_>,
    ) -> Result<(), StatusWord> {
        self.permit(Action::PutKey)?;
        let (own, _) = self.volatile.channel.authority().ok_or(StatusWord::SECURITY_NOT_SATISFIED)?;
        let own = Role::from_version(own).ok_or(StatusWord::SECURITY_NOT_SATISFIED)?;
        let mut secrets = Secrets::load(&self.store)?;
        let wrapping = secrets.key_set(own).as_ref().ok_or(StatusWord::REFERENCE_NOT_FOUND)?;
        let (version, keys) =
            StaticKeys::from_wrapped(data, &wrapping.dek).map_err(|_| StatusWord::WRONG_DATA)?;
        let role = Role::from_version(version).ok_or(StatusWord::WRONG_DATA)?;
        let receipt = keys.receipt(version);

        let state = self.with_new_key_set(role, replaced)?;
        if !state.has_key_set(Role::Transport) {
            *secrets.key_set(Role::Transport) = None;
        }
        *secrets.key_set(role) = Some(keys);
        secrets.stage(&mut self.store)?;
        self.commit(state)?;
        put(out, &receipt)
    }

    /// The state after the command, where its P1 fits what the card has.
    fn with_new_key_set(&self, role: Role, replaced: Option<KeyVersion>) -> Result<State, StatusWord> {
        let replaced = match replaced {
            None => None,
            Some(version) => Some(Role::from_version(version).ok_or(StatusWord::REFERENCE_NOT_FOUND)?),
        };
        let present = |role| self.state.has_key_set(role);
        let sequence = self.state.attempts(role).sequence;
        let next = self.state.with_key_set(role).with_attempts(role, Attempts { sequence, failures: 0 });
        match (replaced, role) {
            // Transport keys come from the card maker only.
            (_, Role::Transport) => Err(StatusWord::WRONG_DATA),
            (None, _) if !present(role) => Ok(next),
            (Some(Role::Transport), Role::Issue) if present(Role::Transport) => Ok(next
                .without_key_set(Role::Transport)
                .with_life_cycle(LifeCycle::Keyed)
                .with_step(Step::Keys)),
            (Some(replaced), _) if replaced == role && present(role) => Ok(next),
            _ => Err(StatusWord::REFERENCE_NOT_FOUND),
        }
    }
}
