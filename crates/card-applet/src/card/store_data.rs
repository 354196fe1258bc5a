//! STORE DATA (GlobalPlatform 2.3.1, 11.11): data groupings come in numbered blocks, are staged as they come, and the
//! last block commits all of them at once. Whatever goes wrong drops everything that was staged.

use super::file::body;
use super::{Card, pin};
use crate::permission::Action;
use crate::platform::Platform;
use crate::secrets::Secrets;
use crate::state::State;
use crate::store::File;
use card_protocol::dgi::{self, Groupings, Piece};
use card_protocol::{Ef, LifeCycle, Pin, Rides, StatusWord, Step};

/// What has come so far.
#[derive(Default)]
pub(super) struct Staging {
    groupings: Groupings,
    /// The number the next block must have; none is awaited before block 0 came.
    next_block: Option<u8>,
    target: Option<Target>,
    /// Files that have a staged body: a grouping comes once.
    files: [bool; Ef::ALL.len()],
    counter: Option<u32>,
    rides: Option<Rides>,
    pin: Option<Pin>,
    /// The value of a short grouping, until it is whole.
    short: [u8; SHORT],
    short_length: usize,
}

/// The longest value that is not the body of a file.
const SHORT: usize = 8;

/// Where the value of the grouping in progress goes.
#[derive(Debug, Clone, Copy)]
enum Target {
    Body(File),
    Counter,
    Rides,
    Pin,
}

impl<P: Platform> Card<P> {
    pub(super) fn store_data(&mut self, block: u8, last: bool, data: &[u8]) -> Result<(), StatusWord> {
        let outcome = self.stage(block, data).and_then(|()| if last { self.commit_staged() } else { Ok(()) });
        if last || outcome.is_err() {
            self.drop_staged();
        }
        outcome
    }

    pub(super) fn drop_staged(&mut self) {
        self.volatile.staging = Staging::default();
        self.store.abort();
    }

    fn stage(&mut self, block: u8, data: &[u8]) -> Result<(), StatusWord> {
        self.permit(Action::StoreData)?;
        // The pass names the card's key, so that comes first.
        if self.state.status.step < Step::KeyPair {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        if block == 0 {
            self.drop_staged();
        } else if self.volatile.staging.next_block != Some(block) {
            return Err(StatusWord::WRONG_PARAMETERS);
        }
        self.volatile.staging.next_block = block.checked_add(1);
        let mut rest = data;
        while let Some(piece) = self.volatile.staging.groupings.next(&mut rest) {
            match piece {
                Piece::Head { tag, length } => self.begin(tag, usize::from(length))?,
                Piece::Value(bytes) => self.take(bytes)?,
            }
        }
        Ok(())
    }

    /// A grouping begins: may it come, does it fit, has it not come before?
    fn begin(&mut self, tag: u16, length: usize) -> Result<(), StatusWord> {
        let staging = &mut self.volatile.staging;
        staging.short_length = 0;
        let (target, wanted, repeated) = match tag {
            dgi::UPDATE_COUNTER => (Target::Counter, 4, staging.counter.is_some()),
            dgi::PIN => {
                let repeated = staging.pin.is_some();
                self.permit(Action::ResetPin)?;
                (Target::Pin, 8, repeated)
            }
            _ => {
                let ef = Ef::from_file_id(tag).ok_or(StatusWord::REFERENCE_NOT_FOUND)?;
                let repeated = staging.rides.is_some();
                self.permit(Action::Write(ef))?;
                match body(ef) {
                    Some(file) => return self.begin_body(ef, file, length),
                    None => (Target::Rides, Rides::LENGTH, repeated),
                }
            }
        };
        if length != wanted || repeated {
            return Err(StatusWord::WRONG_DATA);
        }
        self.volatile.staging.target = Some(target);
        Ok(())
    }

    fn begin_body(&mut self, ef: Ef, file: File, length: usize) -> Result<(), StatusWord> {
        if length > ef.capacity() {
            return Err(StatusWord::NOT_ENOUGH_MEMORY);
        }
        let staged = self.volatile.staging.files.get_mut(ef as usize).ok_or(StatusWord::WRONG_DATA)?;
        if core::mem::replace(staged, true) {
            return Err(StatusWord::WRONG_DATA);
        }
        self.volatile.staging.target = Some(Target::Body(file));
        // An empty body replaces the file too.
        Ok(self.store.append(file, &[])?)
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), StatusWord> {
        const BAD: StatusWord = StatusWord::WRONG_DATA;
        let staging = &mut self.volatile.staging;
        let target = staging.target.ok_or(BAD)?;
        if let Target::Body(file) = target {
            return Ok(self.store.append(file, bytes)?);
        }
        let end = staging.short_length.saturating_add(bytes.len());
        staging.short.get_mut(staging.short_length..end).ok_or(BAD)?.copy_from_slice(bytes);
        staging.short_length = end;
        match (target, end, &staging.short) {
            (Target::Counter, 4, &[c0, c1, c2, c3, ..]) => {
                staging.counter = Some(u32::from_be_bytes([c0, c1, c2, c3]));
            }
            (Target::Rides, Rides::LENGTH, rides) => {
                staging.rides = Some(Rides::from_slice(rides).map_err(|_| BAD)?);
            }
            (Target::Pin, 8, block) => staging.pin = Some(Pin::from_block(block).map_err(|_| BAD)?),
            // Not whole yet.
            _ => {}
        }
        Ok(())
    }

    /// The last block came: one commit for all of it.
    fn commit_staged(&mut self) -> Result<(), StatusWord> {
        let Staging { groupings, counter, rides, pin, .. } = core::mem::take(&mut self.volatile.staging);
        groupings.finish().map_err(|_| StatusWord::WRONG_DATA)?;
        let mut next = self.state;
        // Exactly one more than the card has: neither a replay nor a lost update passes.
        let expected = self.state.status.update_counter.checked_add(1);
        next.status.update_counter = counter.filter(|_| counter == expected).ok_or(StatusWord::WRONG_DATA)?;
        if let Some(rides) = rides {
            next.rides = rides_that_never_go_back(&self.state, rides)?;
        }
        if let Some(pin) = pin {
            let secrets = Secrets { pin: Some(pin), ..Secrets::load(&self.store)? };
            secrets.stage(&mut self.store)?;
            next = next.with_pin(pin::FULL);
            self.volatile.pin_verified = false;
        }
        if next.status.life_cycle == LifeCycle::Keyed {
            next = next.with_step(Step::Files);
        }
        self.commit(next)
    }
}

/// A later period starts anew; within a period no ride is ever given back.
fn rides_that_never_go_back(state: &State, new: Rides) -> Result<Rides, StatusWord> {
    let old = state.rides;
    let forward = new.period > old.period || (new.period == old.period && new.used >= old.used);
    if forward { Ok(new) } else { Err(StatusWord::WRONG_DATA) }
}
