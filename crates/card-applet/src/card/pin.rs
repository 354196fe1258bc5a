//! VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER (ISO 7816-4, 11.5). A try is taken durably before the PIN is
//! compared, so pulling the card never gives one back.

use super::Card;
use crate::permission::Action;
use crate::platform::Platform;
use crate::secrets::Secrets;
use card_protocol::{Pin, PinState, StatusWord};

impl<P: Platform> Card<P> {
    /// VERIFY without data: 9000 when verified, else 63Cx.
    pub(super) fn query_pin(&self) -> Result<StatusWord, StatusWord> {
        match self.state.status.pin {
            PinState::Unset => Err(StatusWord::REFERENCE_NOT_USABLE),
            PinState::TriesLeft(_) if self.volatile.pin_verified => Ok(StatusWord::OK),
            PinState::TriesLeft(tries) => Ok(StatusWord::tries_left(tries)),
        }
    }

    pub(super) fn verify(&mut self, candidate: &Pin) -> Result<(), StatusWord> {
        self.compare(candidate)?;
        self.commit(self.state.with_pin(FULL))?;
        self.volatile.pin_verified = true;
        Ok(())
    }

    pub(super) fn change_pin(&mut self, old: &Pin, new: Pin) -> Result<(), StatusWord> {
        self.compare(old)?;
        self.set_pin(new)?;
        self.volatile.pin_verified = true;
        Ok(())
    }

    pub(super) fn reset_pin(&mut self, new: Option<Pin>) -> Result<(), StatusWord> {
        self.permit(Action::ResetPin)?;
        self.volatile.pin_verified = false;
        match new {
            Some(new) => self.set_pin(new),
            None if self.state.status.pin == PinState::Unset => Err(StatusWord::REFERENCE_NOT_USABLE),
            None => self.commit(self.state.with_pin(FULL)),
        }
    }

    /// Takes a try, then compares. The caller gives the tries back in its next commit.
    fn compare(&mut self, candidate: &Pin) -> Result<(), StatusWord> {
        self.permit(Action::UsePin)?;
        self.volatile.pin_verified = false;
        let PinState::TriesLeft(tries) = self.state.status.pin else {
            return Err(StatusWord::REFERENCE_NOT_USABLE);
        };
        let left = tries.checked_sub(1).ok_or(StatusWord::AUTHENTICATION_BLOCKED)?;
        self.commit(self.state.with_pin(PinState::TriesLeft(left)))?;
        let pin = Secrets::load(&self.store)?.pin.ok_or(StatusWord::REFERENCE_NOT_USABLE)?;
        if pin.is(candidate.expose_block()) { Ok(()) } else { Err(StatusWord::tries_left(left)) }
    }

    fn set_pin(&mut self, new: Pin) -> Result<(), StatusWord> {
        let secrets = Secrets { pin: Some(new), ..Secrets::load(&self.store)? };
        secrets.stage(&mut self.store)?;
        self.commit(self.state.with_pin(FULL))
    }
}

pub(super) const FULL: PinState = PinState::TriesLeft(Pin::TRIES);
