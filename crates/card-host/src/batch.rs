//! Commands that travel together from the service to the reader, and their answers back: one round trip.

use crate::HostError;
use card_protocol::{Command, LinkError, MAX_COMMAND, MAX_DATA, MAX_RESPONSE, Response, Transport, ins};

/// Commands to carry to the card in order, each as it stands on the wire.
///
/// Holds no key and no file in the clear, except what the card gives to anyone: secured commands are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch(Vec<Vec<u8>>);

impl Batch {
    /// From what the service sent.
    #[must_use]
    pub const fn new(commands: Vec<Vec<u8>>) -> Self {
        Self(commands)
    }

    /// The commands.
    #[must_use]
    pub fn commands(&self) -> &[Vec<u8>] {
        &self.0
    }

    /// The same batch with one more command.
    ///
    /// # Errors
    /// [`HostError::Protocol`] where the command is longer than any APDU of the profile.
    pub(crate) fn with(mut self, command: &Command<'_>) -> Result<Self, HostError> {
        let mut wire = [0; MAX_COMMAND];
        self.0.push(command.write(&mut wire)?.to_vec());
        Ok(self)
    }

    pub(crate) fn push(&mut self, wire: Vec<u8>) {
        self.0.push(wire);
    }
}

/// The card's answers to a batch, one for each command, data and status word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers(Vec<Vec<u8>>);

impl Answers {
    /// From what the desk sent.
    #[must_use]
    pub const fn new(answers: Vec<Vec<u8>>) -> Self {
        Self(answers)
    }

    /// The answers, as they came.
    #[must_use]
    pub fn responses(&self) -> &[Vec<u8>] {
        &self.0
    }

    /// The answers read, if there are as many as there were commands.
    pub(crate) fn read<const N: usize>(&self) -> Result<[Response<'_>; N], HostError> {
        let read = self.read_all(N)?;
        read.try_into().map_err(|_| HostError::AnswersOutOfStep { expected: N, came: self.0.len() })
    }

    pub(crate) fn read_all(&self, expected: usize) -> Result<Vec<Response<'_>>, HostError> {
        if self.0.len() != expected {
            return Err(HostError::AnswersOutOfStep { expected, came: self.0.len() });
        }
        self.0.iter().map(|bytes| Ok(Response::parse(bytes)?)).collect()
    }
}

/// Carries a batch to the card. Every command is sent, whatever the card answers to the one before: the script
/// that made the batch reads the answers, and the card keeps its own rules.
///
/// # Errors
/// The way to the card broke: nothing is known of the rest, and the script is begun again.
pub fn carry<T: Transport>(card: &mut T, batch: &Batch) -> Result<Answers, LinkError> {
    batch.0.iter().map(|command| exchange(card, command)).collect::<Result<_, _>>().map(Answers)
}

/// Sends one command and collects its whole response: asks again with the right Le (6Cxx), and fetches what waits
/// (61xx), as readers with T=0 need it (ISO 7816-3, 12.2).
pub(crate) fn exchange<T: Transport>(card: &mut T, command: &[u8]) -> Result<Vec<u8>, LinkError> {
    let mut buffer = [0; MAX_RESPONSE];
    let mut whole = Vec::new();
    let mut wire = command.to_vec();
    for _ in 0..MAX_LEGS {
        let Response { data, status } = card.transmit(&wire, &mut buffer)?;
        whole.extend_from_slice(data);
        match (status.sw1(), wire.last_mut()) {
            (0x61, _) => wire = vec![0x00, ins::GET_RESPONSE, 0, 0, status.sw2()],
            (0x6C, Some(le)) => *le = status.sw2(),
            _ => {
                whole.extend_from_slice(&status.to_bytes());
                return Ok(whole);
            }
        }
    }
    Err(LinkError::BadResponse)
}

/// A response of 1024 bytes comes in four pieces, and one more leg corrects Le. A card that always has more to
/// give is not one of ours.
const MAX_LEGS: usize = MAX_DATA / 256 + 2;

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers by heart, as a card behind a T=0 reader would.
    struct Scripted(Vec<(Vec<u8>, Vec<u8>)>);

    impl Transport for Scripted {
        fn transmit<'r>(&mut self, command: &[u8], out: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
            let (expected, answer) = self.0.remove(0);
            assert_eq!(command, expected);
            out[..answer.len()].copy_from_slice(&answer);
            Response::parse(&out[..answer.len()]).map_err(|_| LinkError::BadResponse)
        }

        fn reset(&mut self) -> Result<(), LinkError> {
            Ok(())
        }
    }

    #[test]
    fn what_a_t0_reader_leaves_waiting_is_fetched() {
        let mut card = Scripted(vec![
            (vec![0, 0xB0, 0x81, 0, 0], vec![0x6C, 3]),
            (vec![0, 0xB0, 0x81, 0, 3], vec![1, 0x61, 2]),
            (vec![0, 0xC0, 0, 0, 2], vec![2, 3, 0x90, 0]),
        ]);
        assert_eq!(exchange(&mut card, &[0, 0xB0, 0x81, 0, 0]), Ok(vec![1, 2, 3, 0x90, 0]));
    }

    #[test]
    fn a_card_that_always_has_more_to_give_is_refused() {
        let mut script = vec![(vec![0, 0xB0, 0, 0, 0], vec![0x61, 0])];
        script.extend(std::iter::repeat_n((vec![0, 0xC0, 0, 0, 0], vec![0x61, 0]), 20));
        assert_eq!(exchange(&mut Scripted(script), &[0, 0xB0, 0, 0, 0]), Err(LinkError::BadResponse));
    }
}
