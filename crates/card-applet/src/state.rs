//! What the card remembers of itself besides files and secrets: the state part of every record in the store.
//! No secret is in it.

use crate::store::{self, STATE_BYTES, StoreError};
use card_protocol::{CardStatus, LifeCycle, Pin, PinState, Rides, Role, Step};

/// The card's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// What EF.STATUS shows. Its key versions are in the order of [`Role::ALL`].
    pub(crate) status: CardStatus,
    /// Signatures made so far.
    pub(crate) transactions: u32,
    /// What EF.RIDES shows.
    pub(crate) rides: Rides,
    /// Use of each role's key set, in the order of [`Role::ALL`].
    pub(crate) attempts: [Attempts; ROLES],
}

/// How often a key set was used to open a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Attempts {
    /// The sequence counter of SCP03, 24 bits. Never set back, not even with a new key.
    pub(crate) sequence: u32,
    /// EXTERNAL AUTHENTICATE that failed in a row.
    pub(crate) failures: u8,
}

/// Slots of an array with one element for each role.
pub(crate) const ROLES: usize = Role::ALL.len();

impl State {
    /// As the card maker delivers it.
    pub(crate) fn blank() -> Self {
        let status = CardStatus {
            life_cycle: LifeCycle::Blank,
            update_counter: 0,
            pin: PinState::Unset,
            step: Step::None,
            key_versions: [None; ROLES],
        };
        let rides = Rides { period: 0, allowed: 0, used: 0 };
        let state = Self { status, transactions: 0, rides, attempts: [Attempts::default(); ROLES] };
        state.with_key_set(Role::Transport)
    }

    /// The same, with a key set of this role.
    pub(crate) fn with_key_set(mut self, role: Role) -> Self {
        *slot(&mut self.status.key_versions, role) = Some(role.version());
        self
    }

    /// The same, without.
    pub(crate) fn without_key_set(mut self, role: Role) -> Self {
        *slot(&mut self.status.key_versions, role) = None;
        self
    }

    /// The same with another life-cycle state.
    pub(crate) fn with_life_cycle(mut self, life_cycle: LifeCycle) -> Self {
        self.status.life_cycle = life_cycle;
        self
    }

    /// The same with another step.
    pub(crate) fn with_step(mut self, step: Step) -> Self {
        self.status.step = step;
        self
    }

    /// The same with another PIN state.
    pub(crate) fn with_pin(mut self, pin: PinState) -> Self {
        self.status.pin = pin;
        self
    }

    /// The same with another use of a key set.
    pub(crate) fn with_attempts(mut self, role: Role, attempts: Attempts) -> Self {
        *slot(&mut self.attempts, role) = attempts;
        self
    }

    /// The same, without any key set or PIN.
    pub(crate) fn without_secrets(mut self) -> Self {
        self.status.key_versions = [None; ROLES];
        self.with_pin(PinState::Unset)
    }

    /// Whether the role has keys.
    pub(crate) fn has_key_set(mut self, role: Role) -> bool {
        slot(&mut self.status.key_versions, role).is_some()
    }

    pub(crate) fn attempts(mut self, role: Role) -> Attempts {
        *slot(&mut self.attempts, role)
    }

    pub(crate) fn to_stored(self) -> store::State {
        let Self { status, transactions, rides, attempts } = self;
        let attempts = attempts.into_iter().flat_map(|Attempts { sequence, failures }| {
            let [_, s0, s1, s2] = sequence.to_be_bytes();
            [s0, s1, s2, failures]
        });
        let fields = status
            .to_bytes()
            .into_iter()
            .chain(transactions.to_be_bytes())
            .chain(rides.to_bytes())
            .chain(attempts);
        let mut stored = [0; STATE_BYTES];
        for (place, byte) in stored.iter_mut().zip(fields) {
            *place = byte;
        }
        stored
    }

    /// Repeats the rules that hold for every state this firmware wrote.
    pub(crate) fn from_stored(stored: &store::State) -> Result<Self, StoreError> {
        const BAD: StoreError = StoreError::BadContent;
        let (status, rest) = stored.split_first_chunk::<{ CardStatus::LENGTH }>().ok_or(BAD)?;
        let (transactions, rest) = rest.split_first_chunk().ok_or(BAD)?;
        let (rides, rest) = rest.split_first_chunk::<{ Rides::LENGTH }>().ok_or(BAD)?;
        let status = CardStatus::from_slice(status).map_err(|_| BAD)?;
        if matches!(status.pin, PinState::TriesLeft(tries) if tries > Pin::TRIES) {
            return Err(BAD);
        }
        let mut attempts = [Attempts::default(); ROLES];
        for (attempts, &[s0, s1, s2, failures]) in attempts.iter_mut().zip(rest.as_chunks().0) {
            *attempts = Attempts { sequence: u32::from_be_bytes([0, s0, s1, s2]), failures };
        }
        Ok(Self {
            status,
            transactions: u32::from_be_bytes(*transactions),
            rides: Rides::from_slice(rides).map_err(|_| BAD)?,
            attempts,
        })
    }
}

/// The role's element of an array in the order of [`Role::ALL`].
pub(crate) fn slot<T>(array: &mut [T; ROLES], role: Role) -> &mut T {
    let [transport, issue, update, read] = array;
    match role {
        Role::Transport => transport,
        Role::Issue => issue,
        Role::Update => update,
        Role::Read => read,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_reads_back_the_same() {
        let rides = Rides { period: 202_611, allowed: 60, used: 59 };
        let state = State { transactions: 0x0102_0304, rides, ..State::blank() }
            .with_key_set(Role::Read)
            .without_key_set(Role::Transport)
            .with_pin(PinState::TriesLeft(2))
            .with_attempts(Role::Update, Attempts { sequence: 0xFF_FFFE, failures: 15 });
        assert_eq!(State::from_stored(&state.to_stored()), Ok(state));
        assert_eq!(state.attempts(Role::Update).sequence, 0xFF_FFFE);
        assert!(state.has_key_set(Role::Read) && !state.has_key_set(Role::Transport));
    }

    #[test]
    fn a_state_that_breaks_the_rules_is_refused() {
        let good = State::blank().to_stored();
        // Life cycle, PIN tries, step, rides used.
        for (place, value) in [(1, 0x33), (6, 4), (7, 9), (23, 1)] {
            let mut bad = good;
            bad[place] = value;
            assert_eq!(State::from_stored(&bad), Err(StoreError::BadContent), "byte {place}");
        }
    }
}
