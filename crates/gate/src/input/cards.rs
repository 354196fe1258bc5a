//! A card reader: each card that comes is asked for its pass and a fresh proof of its key, and held while the gate
//! decides, for its ride may be wanted. What the card says is judged elsewhere.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::time::Duration;

use card_host::{CardInReader, HostError, Presented, Readers, WrongCard, debit, present};
use card_protocol::{Challenge, Debit, StatusWord};
use getrandom::SysRng;
use getrandom::rand_core::TryRng;
use verifier::Refusal;

use crate::edge::{Inbox, Message, Ride, RideWire, Tap};

/// Until the reader service goes away; the caller begins again.
pub(super) fn pump(reader: &str, inbox: &Inbox) -> io::Result<()> {
    let readers = Readers::open().map_err(io::Error::other)?;
    loop {
        let waited = readers.wait_for_card(Some(reader), Duration::MAX, &mut |_| {});
        let mut card = waited.map_err(io::Error::other)?;
        let name = card.reader().to_owned();
        if !serve(&mut card, inbox)? {
            return Ok(());
        }
        // Whoever lets go of a card resets it: it must leave before it counts as another one.
        drop(card);
        readers.wait_for_removal(&name, Duration::MAX).map_err(io::Error::other)?;
    }
}

/// One card; false when the gate has ended.
fn serve(card: &mut CardInReader, inbox: &Inbox) -> io::Result<bool> {
    let challenge = challenge()?;
    let presented = card.with_retries(|card| present(card, &challenge));
    let presented = match presented {
        Ok(presented) => presented,
        Err(error) => return Ok(inbox.send(Message::Card(Tap::NoPass(refusal(error)))).is_ok()),
    };
    let Presented { pass, message, signature, counter: _ } = presented;
    let ((ask, asked), (answer_to, answer)) = (sync_channel(1), channel());
    let (message, signature, rides) = (message.to_vec(), Box::new(signature), RideWire { ask, answer });
    if inbox.send(Message::Card(Tap::Shown { pass, message, signature, rides })).is_err() {
        return Ok(false);
    }
    give_ride(card, &asked, &answer_to)?;
    Ok(true)
}

/// Holds the card until the gate has decided, and takes a ride if that is what it wants.
fn give_ride(card: &mut CardInReader, asked: &Receiver<()>, answer: &Sender<Ride>) -> io::Result<()> {
    while asked.recv().is_ok() {
        let challenge = challenge()?;
        let ride = match debit(card, &challenge) {
            Ok(Debit { nonce, counter, rides, signature }) => Ride::Taken {
                message: Debit::message(&challenge, nonce, counter, rides).to_vec(),
                signature: Box::new(signature),
            },
            Err(HostError::Refused { status: StatusWord::CONDITIONS_NOT_SATISFIED, .. }) => Ride::NoneLeft,
            Err(_) => Ride::TornAway,
        };
        let _ = answer.send(ride);
    }
    Ok(())
}

/// A card that was put out of use says so itself; one that was torn away, or does not answer, is asked for again.
const fn refusal(error: HostError) -> Refusal {
    match error {
        HostError::WrongCard(WrongCard::Blocked { .. }) => Refusal::Suspended,
        HostError::WrongCard(WrongCard::Terminated) => Refusal::Revoked,
        HostError::WrongCard(_) => Refusal::NotACredential,
        _ => Refusal::PossessionRequired,
    }
}

fn challenge() -> io::Result<Challenge> {
    let mut challenge = Challenge::default();
    SysRng.try_fill_bytes(&mut challenge).map_err(io::Error::other)?;
    Ok(challenge)
}
