//! Where in a status list a credential stands: drawn at random, so that neighbours tell nothing of each other.

use std::collections::HashSet;

use credential::status_list::StatusIndex;
use rand_core::Rng;

use crate::Error;
use crate::register::{IssuerKey, Register};

/// Draws indices at random, none twice.
pub(crate) struct Indices<'a> {
    register: &'a dyn Register,
    key: IssuerKey,
    drawn: HashSet<StatusIndex>,
}

impl<'a> Indices<'a> {
    pub(crate) fn new(register: &'a dyn Register, key: IssuerKey, wanted: usize) -> Result<Self, Error> {
        let taken = register.taken_count(key.kid)?.saturating_add(wanted as u64);
        // Above three quarters, random drawing grows slow and what is free grows guessable.
        if taken.saturating_mul(4) > u64::from(key.list_size).saturating_mul(3) {
            return Err(Error::StatusListFull);
        }
        Ok(Self { register, key, drawn: HashSet::new() })
    }

    pub(crate) fn draw(&mut self, rng: &mut impl Rng) -> Result<StatusIndex, Error> {
        loop {
            let index = StatusIndex::new(below(self.key.list_size, rng));
            if !self.drawn.contains(&index) && !self.register.is_taken(self.key.kid, index)? {
                self.drawn.insert(index);
                return Ok(index);
            }
        }
    }
}

/// A number below a limit, each as likely as the others: what does not divide evenly is drawn again.
fn below(limit: u32, rng: &mut impl Rng) -> u32 {
    let even = u32::MAX - u32::MAX % limit.max(1);
    loop {
        let number = rng.next_u32();
        if number < even {
            return number % limit.max(1);
        }
    }
}
