//! The card behind the wire: what it remembers until power goes, and one match over all commands.

mod channel;
mod file;
mod identity;
mod key_set;
mod pin;
mod proof;
mod store_data;

use crate::permission::{Action, Circumstances, Permit};
use crate::platform::Platform;
use crate::request::Request;
use crate::state::State;
use crate::store::{Store, StoreError};
use card_protocol::scp03::card::CardChannel;
use card_protocol::{Command, Ef, Interface, LifeCycle, MAX_DATA, Role, StatusWord, Step, Writer};
use store_data::Staging;

/// A mounted card. Deliberately without Debug, as all that is below: it would print PIN blocks and files.
pub(crate) struct Card<P> {
    store: Store<P>,
    state: State,
    interface: Interface,
    volatile: Volatile,
}

/// What a reset forgets.
#[derive(Default)]
struct Volatile {
    selection: Selection,
    current: Option<Ef>,
    pin_verified: bool,
    channel: CardChannel,
    /// Whose INITIALIZE UPDATE was the command before.
    greeted: Option<Role>,
    staging: Staging,
}

/// The selected application; at power-up the issuer security domain, as GlobalPlatform has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Selection {
    #[default]
    SecurityDomain,
    Application,
}

impl<P: Platform> Card<P> {
    pub(crate) fn mount(platform: P, interface: Interface) -> Result<Self, StoreError> {
        let mut store = Store::mount(platform)?;
        let state = State::from_stored(store.state())?;
        if state.status.life_cycle == LifeCycle::Terminated {
            store.finish_forgetting()?;
        }
        Ok(Self { store, state, interface, volatile: Volatile::default() })
    }

    pub(crate) fn reset(&mut self, interface: Interface) {
        self.store.abort();
        self.volatile = Volatile::default();
        self.interface = interface;
    }

    pub(crate) fn life_cycle(&self) -> LifeCycle {
        self.state.status.life_cycle
    }

    pub(crate) fn platform(&mut self) -> &mut P {
        self.store.platform()
    }

    pub(crate) fn into_platform(self) -> P {
        self.store.into_platform()
    }

    /// Carries out one command and writes what it answers; `plain` is room to decrypt it in.
    pub(crate) fn process(
        &mut self,
        wire: &Command<'_>,
        plain: &mut [u8; MAX_DATA],
        out: &mut Writer<'_>,
    ) -> StatusWord {
        let greeted = self.volatile.greeted.take();
        let outcome = self
            .volatile
            .channel
            .receive(wire, plain)
            .and_then(|command| Request::parse(&command))
            .and_then(|request| self.exec(request, wire, greeted, out));
        outcome.unwrap_or_else(|refusal| refusal)
    }

    /// Wraps the answer if its command was wrapped; returns the bytes that go out before the status word.
    pub(crate) fn protect(
        &mut self,
        answer: &mut [u8],
        length: usize,
        status: StatusWord,
    ) -> (usize, StatusWord) {
        match self.volatile.channel.respond(answer, length, status) {
            Ok(length) => (length, status),
            Err(refusal) => (0, refusal),
        }
    }

    fn exec(
        &mut self,
        request: Request<'_>,
        wire: &Command<'_>,
        greeted: Option<Role>,
        out: &mut Writer<'_>,
    ) -> Result<StatusWord, StatusWord> {
        if request.needs_application() && self.volatile.selection != Selection::Application {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        if !matches!(request, Request::StoreData { .. }) {
            self.drop_staged();
        }
        match request {
            Request::Select { name } => return self.select(name, out),
            Request::ReadBinary { ef, offset, expected } => {
                return self.read_binary(ef, offset, expected, out);
            }
            Request::QueryPin => return self.query_pin(),
            Request::Verify(pin) => self.verify(&pin)?,
            Request::ChangePin { old, new } => self.change_pin(&old, new)?,
            Request::ResetPin { new } => self.reset_pin(new)?,
            Request::GetChallenge { length } => self.get_challenge(length, out)?,
            Request::InternalAuthenticate(challenge) => self.internal_authenticate(challenge, out)?,
            Request::Debit(challenge) => self.debit(challenge, out)?,
            Request::GenerateKeyPair => self.generate_key_pair(out)?,
            Request::ReadPublicKey => self.read_public_key(out)?,
            Request::InitializeUpdate { version, challenge } => {
                self.initialize_update(version, challenge, out)?;
            }
            Request::ExternalAuthenticate => self.external_authenticate(wire, greeted)?,
            Request::StoreData { block, last, data } => self.store_data(block, last, data)?,
            Request::PutKey { replaced, data } => self.put_key(replaced, data, out)?,
            Request::SetStatus(next) => self.set_status(next)?,
            Request::GetStatus { scope, name } => self.get_status(scope, name, out)?,
            Request::GetData { tag } => self.get_data(tag, out)?,
        }
        Ok(StatusWord::OK)
    }

    /// SET STATUS. Termination erases every key, the PIN and all files.
    fn set_status(&mut self, next: LifeCycle) -> Result<(), StatusWord> {
        let _: Permit = self.permit(Action::Become(next))?;
        let state = self.state.with_life_cycle(next);
        match next {
            LifeCycle::Active if self.state.status.step != Step::Files => {
                Err(StatusWord::CONDITIONS_NOT_SATISFIED)
            }
            LifeCycle::Terminated => {
                let state = State { rides: State::blank().rides, ..state.without_secrets() };
                let outcome = self.store.forget(state.to_stored());
                self.follow(state);
                Ok(outcome?)
            }
            _ => self.commit(state),
        }
    }

    fn permit(&self, action: Action) -> Result<Permit, StatusWord> {
        let channel = self
            .volatile
            .channel
            .authority()
            .and_then(|(version, level)| Some((Role::from_version(version)?, level)));
        let circumstances = Circumstances {
            state: self.state.status.life_cycle,
            interface: self.interface,
            pin_verified: self.volatile.pin_verified,
            channel,
        };
        circumstances.permit(action)
    }

    /// Makes a state durable, together with whatever is staged.
    fn commit(&mut self, state: State) -> Result<(), StatusWord> {
        let outcome = self.store.commit(state.to_stored());
        self.follow(state);
        Ok(outcome?)
    }

    /// Believes what the store says, whether or not the operation around it was finished.
    fn follow(&mut self, state: State) {
        if *self.store.state() == state.to_stored() {
            self.state = state;
        }
    }
}

impl From<StoreError> for StatusWord {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TooLong { .. } => Self::NOT_ENOUGH_MEMORY,
            _ => Self::MEMORY_FAILURE,
        }
    }
}
