//! What the card's own key does: prove that the card is there, give a ride. The key is made on the card and never
//! leaves it; the counters are durable before a signature exists.

use super::Card;
use super::file::put;
use crate::permission::{Action, Permit};
use crate::platform::Platform;
use crate::secrets::Secrets;
use crate::state::State;
use card_protocol::{Challenge, Debit, Presence, Secret, Signature, StatusWord, Step, Writer, object};
use ed25519_dalek::{Signer as _, SigningKey};

impl<P: Platform> Card<P> {
    pub(super) fn internal_authenticate(
        &mut self,
        challenge: &Challenge,
        out: &mut Writer<'_>,
    ) -> Result<(), StatusWord> {
        let permit = self.permit(Action::ProvePresence)?;
        let (key, nonce, counter) = self.prepare(permit)?;
        self.commit(State { transactions: counter, ..self.state })?;
        let signature = sign(&key, &Presence::message(challenge, nonce, counter));
        put(out, &Presence { nonce, counter, signature }.to_bytes())
    }

    /// Takes one ride. Both counters move with the same word of flash.
    pub(super) fn debit(&mut self, challenge: &Challenge, out: &mut Writer<'_>) -> Result<(), StatusWord> {
        let permit = self.permit(Action::Debit)?;
        let rides = self.state.rides.after_one().ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        let (key, nonce, counter) = self.prepare(permit)?;
        self.commit(State { transactions: counter, rides, ..self.state })?;
        let signature = sign(&key, &Debit::message(challenge, nonce, counter, rides));
        put(out, &Debit { nonce, counter, rides, signature }.to_bytes())
    }

    /// Makes the card's key pair, and forgets the one before: a pass already stored no longer fits.
    pub(super) fn generate_key_pair(&mut self, out: &mut Writer<'_>) -> Result<(), StatusWord> {
        self.permit(Action::MakeKeyPair)?;
        let mut outcome = Ok(());
        let seed = Secret::<32>::filled(|seed| outcome = self.store.platform().random(seed));
        outcome.map_err(|_| StatusWord::MEMORY_FAILURE)?;
        let public = public_key(&seed);
        let secrets = Secrets { seed: Some(seed), ..Secrets::load(&self.store)? };
        secrets.stage(&mut self.store)?;
        self.commit(self.state.with_step(Step::KeyPair))?;
        put_public_key(out, &public)
    }

    pub(super) fn read_public_key(&self, out: &mut Writer<'_>) -> Result<(), StatusWord> {
        self.permit(Action::ReadPublicKey)?;
        let seed = Secrets::load(&self.store)?.seed.ok_or(StatusWord::REFERENCE_NOT_FOUND)?;
        put_public_key(out, &public_key(&seed))
    }

    pub(super) fn get_challenge(&mut self, length: usize, out: &mut Writer<'_>) -> Result<(), StatusWord> {
        let mut challenge = [0; 16];
        self.store.platform().random(&mut challenge).map_err(|_| StatusWord::MEMORY_FAILURE)?;
        put(out, challenge.get(..length).ok_or(StatusWord::WRONG_LENGTH)?)
    }

    /// Key, nonce and the next transaction number; nothing is written yet.
    fn prepare(&mut self, _: Permit) -> Result<(Secret<32>, [u8; 8], u32), StatusWord> {
        let seed = Secrets::load(&self.store)?.seed.ok_or(StatusWord::REFERENCE_NOT_USABLE)?;
        let mut nonce = [0; 8];
        self.store.platform().random(&mut nonce).map_err(|_| StatusWord::MEMORY_FAILURE)?;
        let counter = self.state.transactions.checked_add(1).ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        Ok((seed, nonce, counter))
    }
}

/// The public key is derived anew each time: a stored one that was damaged would betray the private key.
fn sign(seed: &Secret<32>, message: &[u8]) -> Signature {
    SigningKey::from_bytes(seed.expose()).sign(message).to_bytes()
}

fn public_key(seed: &Secret<32>) -> [u8; 32] {
    SigningKey::from_bytes(seed.expose()).verifying_key().to_bytes()
}

fn put_public_key(out: &mut Writer<'_>, key: &[u8; 32]) -> Result<(), StatusWord> {
    object::put_public_key(out, key).map_err(|_| StatusWord::WRONG_LENGTH)
}
