//! Command chaining (ISO 7816-4, 5.1.1.1): one long command as several short ones, CLA bit 5 on all but the last.
//! Lies below secure messaging: a wrapped command is cut, and put together again before it is unwrapped.

use crate::{Command, Error, MAX_DATA};
use core::fmt;

/// Bit 5 of CLA: more of this command follows.
const MORE: u8 = 0x10;

/// Cuts a command into links of at most 255 data bytes, for readers and cards without extended length.
pub fn links<'a>(command: Command<'a>) -> impl Iterator<Item = Command<'a>> {
    let count = command.data.len().div_ceil(255).max(1);
    let last = count.saturating_sub(1);
    (0..count).zip(command.data.chunks(255).chain(core::iter::once(&[][..]))).map(move |(index, data)| {
        if index == last {
            Command { data, ..command }
        } else {
            Command { cla: command.cla | MORE, data, expected: 0, ..command }
        }
    })
}

/// Puts the links of a chain together, on the card.
pub struct Chain {
    /// CLA, INS, P1, P2 of the chain being received.
    open: Option<[u8; 4]>,
    data: [u8; MAX_DATA],
    length: usize,
}

impl Default for Chain {
    fn default() -> Self {
        Self { open: None, data: [0; MAX_DATA], length: 0 }
    }
}

/// A chain may carry a PIN: only its length is shown.
impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Chain {
    /// Takes one command as it came. `None`: a link was kept, answer 9000 and wait for the next.
    ///
    /// # Errors
    /// [`Error::BrokenChain`] where another command came inside a chain, or the chain grew past
    /// [`MAX_DATA`]; what was collected is dropped. A card answers 6883.
    pub fn push<'c>(&'c mut self, command: Command<'c>) -> Result<Option<Command<'c>>, Error> {
        let more = command.cla & 0x70 == MORE;
        let head =
            [if more { command.cla & !MORE } else { command.cla }, command.ins, command.p1, command.p2];
        match self.open {
            None if !more => return Ok(Some(command)),
            None => self.length = 0,
            Some(open) if open == head => {}
            Some(_) => return self.broken(),
        }
        let end = self.length.saturating_add(command.data.len());
        let Some(place) = self.data.get_mut(self.length..end) else { return self.broken() };
        place.copy_from_slice(command.data);
        self.length = end;
        self.open = more.then_some(head);
        if more {
            return Ok(None);
        }
        let data = self.data.get(..end).unwrap_or_default();
        Ok(Some(Command { data, ..command }))
    }

    /// Forgets a chain left open: after a reset, or a SELECT.
    pub fn clear(&mut self) {
        self.open = None;
        self.length = 0;
    }

    fn broken<T>(&mut self) -> Result<T, Error> {
        self.clear();
        Err(Error::BrokenChain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_long_command_arrives_whole() {
        for length in [0, 1, 255, 256, 600, MAX_DATA] {
            let data: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let command = Command::new(0x84, 0xE2, 0x80, 3).with_data(&data).expecting(256);
            let mut chain = Chain::default();
            let sent: Vec<_> = links(command).collect();
            let (last, first) = sent.split_last().unwrap();
            for link in first {
                assert_eq!(chain.push(*link), Ok(None));
            }
            assert_eq!(chain.push(*last), Ok(Some(command)), "{length}");
        }
    }

    #[test]
    fn a_chain_never_prints_what_it_carries() {
        let mut chain = Chain::default();
        assert_eq!(chain.push(Command::new(0x10, 0x20, 0, 1).with_data(&[0x26, 0x12])), Ok(None));
        assert_eq!(std::format!("{chain:?}"), "Chain { length: 2, .. }");
    }

    #[test]
    fn a_chain_broken_by_another_command_is_dropped() {
        let data = [1; 300];
        let command = Command::new(0, 0xE2, 0, 0).with_data(&data);
        let first = links(command).next().unwrap();
        let mut chain = Chain::default();
        assert_eq!(chain.push(first), Ok(None));
        assert_eq!(chain.push(Command::new(0, 0xB0, 0, 0)), Err(Error::BrokenChain));
        let alone = Command::new(0, 0xB0, 0, 0).expecting(1);
        assert_eq!(chain.push(alone), Ok(Some(alone)));
    }

    #[test]
    fn a_chain_longer_than_the_buffer_is_refused() {
        let data = [1; MAX_DATA + 1];
        let mut chain = Chain::default();
        let outcome: Result<Vec<_>, _> = links(Command::new(0, 0xE2, 0, 0).with_data(&data))
            .map(|link| chain.push(link).map(drop))
            .collect();
        assert_eq!(outcome, Err(Error::BrokenChain));
    }
}
