//! The short dialogues with a card that has its files: what a gate, a counter and an office say to it.

use crate::batch::exchange;
use crate::channel::{ok, select};
use crate::{HostError, WrongCard};
use card_protocol::{
    CardStatus, Challenge, Command, Debit, Ef, Fci, LifeCycle, MAX_COMMAND, Needs, Pin, Presence, Response,
    StatusWord, Transport, ins,
};

/// What a card showed at a gate: its pass, and a fresh signature that its key is there.
///
/// Nothing here is trusted yet: the verifier checks the pass, and then `signature` over `message` with the pass's
/// `cnf` key. A pass copied to another chip fails there.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    /// The bytes of EF.PASS.
    pub pass: Vec<u8>,
    /// What the card says it signed: built here, out of the challenge that was sent.
    pub message: [u8; Presence::MESSAGE_LENGTH],
    /// The card's signature.
    pub signature: [u8; 64],
    /// The card's transaction counter.
    pub counter: u32,
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Presented(pass of {} bytes, counter {})", self.pass.len(), self.counter)
    }
}

/// The gate's transaction: SELECT, READ BINARY (EF.PASS), INTERNAL AUTHENTICATE with a challenge that is random and
/// new each time.
///
/// # Errors
/// [`HostError::WrongCard`] for a blocked, ended, blank or foreign card; [`HostError::Link`] and the rest.
pub fn present<T: Transport>(card: &mut T, challenge: &Challenge) -> Result<Presented, HostError> {
    open(card)?;
    let read = Command::new(0x00, ins::READ_BINARY, 0x80 | Ef::Pass.sfi(), 0).expecting(256);
    let mut pass = command(card, &read)?;
    if pass.len() == 256 {
        pass.extend(read_on(card, pass.len())?);
    }
    let authenticate =
        Command::new(0x00, ins::INTERNAL_AUTHENTICATE, 0, 0).with_data(challenge).expecting(256);
    let Presence { nonce, counter, signature } = Presence::from_slice(&command(card, &authenticate)?)?;
    Ok(Presented { pass, message: Presence::message(challenge, nonce, counter), signature, counter })
}

/// Takes one ride, and brings the card's signature over what is left. The application was selected by [`present`].
///
/// # Errors
/// [`HostError::Refused`] with 6985 where no ride is left.
pub fn debit<T: Transport>(card: &mut T, challenge: &Challenge) -> Result<Debit, HostError> {
    let debit = Command::new(0x80, ins::DEBIT, 0, 0).with_data(challenge).expecting(256);
    Ok(Debit::from_slice(&command(card, &debit)?)?)
}

/// Shows the holder's PIN to the card, which then gives EF.CERT and EF.PHOTO over contacts. The application was
/// selected by [`present`] or [`read_status`].
///
/// # Errors
/// [`HostError::WrongPin`] with the tries left.
pub fn verify_pin<T: Transport>(card: &mut T, pin: &Pin) -> Result<(), HostError> {
    let verify = Command::new(0x00, ins::VERIFY, 0x00, 0x01).with_data(pin.expose_block());
    pin_answer(ins::VERIFY, card, &verify)
}

/// Changes the PIN to the holder's own choice.
///
/// # Errors
/// [`HostError::WrongPin`] with the tries left.
pub fn change_pin<T: Transport>(card: &mut T, old: &Pin, new: &Pin) -> Result<(), HostError> {
    let blocks = [*old.expose_block(), *new.expose_block()].concat();
    let change = Command::new(0x00, ins::CHANGE_REFERENCE_DATA, 0x00, 0x01).with_data(&blocks);
    pin_answer(ins::CHANGE_REFERENCE_DATA, card, &change)
}

/// Reads a whole file in the clear: the certificate and the photo after [`verify_pin`], the others always.
///
/// # Errors
/// [`HostError::Refused`] with 6982 where the PIN was not shown, or the card lies on a contactless reader.
pub fn read_file<T: Transport>(card: &mut T, ef: Ef) -> Result<Vec<u8>, HostError> {
    let read = Command::new(0x00, ins::READ_BINARY, 0x80 | ef.sfi(), 0).expecting(256);
    let mut file = command(card, &read)?;
    // A full piece means that there may be more; the end is told by a short one, or by 6B00 at the very end.
    while file.len() % 256 == 0 && !file.is_empty() && file.len() < ef.capacity() {
        let more = read_on(card, file.len())?;
        if more.is_empty() {
            break;
        }
        file.extend(more);
    }
    Ok(file)
}

/// What service the holder needs.
///
/// # Errors
/// As [`read_file`].
pub fn read_needs<T: Transport>(card: &mut T) -> Result<Needs, HostError> {
    let file = read_file(card, Ef::Needs)?;
    Ok(if file.is_empty() { Needs::NONE } else { Needs::from_slice(&file)? })
}

/// Selects the application and reads what the card says of itself.
///
/// # Errors
/// [`HostError::WrongCard`] where the card is not of this profile.
pub fn read_status<T: Transport>(card: &mut T) -> Result<CardStatus, HostError> {
    fci(card)?;
    Ok(CardStatus::from_slice(&read_file(card, Ef::Status)?)?)
}

/// Selects the application of a card in use.
fn open<T: Transport>(card: &mut T) -> Result<(), HostError> {
    let fci = fci(card)?;
    let wrong = match fci.life_cycle {
        LifeCycle::Active => return Ok(()),
        LifeCycle::Terminated => return Err(WrongCard::Terminated.into()),
        LifeCycle::Blocked => |serial| WrongCard::Blocked { serial },
        LifeCycle::Blank | LifeCycle::Keyed => |serial| WrongCard::Blank { serial },
    };
    Err(wrong(serial(card)?).into())
}

fn serial<T: Transport>(card: &mut T) -> Result<card_protocol::Serial, HostError> {
    use card_protocol::{Error, Serial, object, tlv};
    let [p1, p2] = object::SERIAL.to_be_bytes();
    let answer = command(card, &Command::new(0x80, ins::GET_DATA, p1, p2).expecting(256))?;
    let bytes = tlv::find(&answer, &[object::SERIAL])?;
    Ok(Serial::new(bytes.try_into().map_err(|_| Error::BadObject { object: "card serial" })?))
}

fn fci<T: Transport>(card: &mut T) -> Result<Fci, HostError> {
    let answer = send(card, &select())?;
    let response = Response::parse(&answer)?;
    match response.status {
        StatusWord::OK | StatusWord::DEACTIVATED => Ok(Fci::parse(response.data)?),
        _ => Err(name_foreign_card(card)?.into()),
    }
}

/// Asks a card that does not know our application whether it is a bank card.
fn name_foreign_card<T: Transport>(card: &mut T) -> Result<WrongCard, HostError> {
    for name in PAYMENT_ENVIRONMENTS {
        let answer = send(card, &Command::new(0x00, ins::SELECT, 0x04, 0x00).with_data(name).expecting(256))?;
        if Response::parse(&answer)?.status.is_ok() {
            return Ok(WrongCard::BankCard);
        }
    }
    Ok(WrongCard::Unknown)
}

/// EMV's proximity and contact payment environments (EMV Book B, 3.3.2; Book 1, 12.2.2).
pub(crate) const PAYMENT_ENVIRONMENTS: [&[u8]; 2] = [b"2PAY.SYS.DDF01", b"1PAY.SYS.DDF01"];

fn read_on<T: Transport>(card: &mut T, offset: usize) -> Result<Vec<u8>, HostError> {
    let [high, low] = u16::try_from(offset).map_err(|_| card_protocol::Error::BufferFull)?.to_be_bytes();
    let answer = send(card, &Command::new(0x00, ins::READ_BINARY, high, low).expecting(256))?;
    let response = Response::parse(&answer)?;
    if response.status == StatusWord::WRONG_OFFSET {
        return Ok(Vec::new());
    }
    Ok(ok(ins::READ_BINARY, response)?.to_vec())
}

fn pin_answer<T: Transport>(ins: u8, card: &mut T, command: &Command<'_>) -> Result<(), HostError> {
    let answer = send(card, command)?;
    let response = Response::parse(&answer)?;
    match (response.status, response.status.tries()) {
        (_, Some(tries_left)) => Err(HostError::WrongPin { tries_left }),
        (StatusWord::AUTHENTICATION_BLOCKED, None) => Err(HostError::WrongPin { tries_left: 0 }),
        _ => ok(ins, response).map(|_| ()),
    }
}

fn command<T: Transport>(card: &mut T, command: &Command<'_>) -> Result<Vec<u8>, HostError> {
    let answer = send(card, command)?;
    Ok(ok(command.ins, Response::parse(&answer)?)?.to_vec())
}

fn send<T: Transport>(card: &mut T, command: &Command<'_>) -> Result<Vec<u8>, HostError> {
    let mut wire = [0; MAX_COMMAND];
    Ok(exchange(card, command.write(&mut wire)?)?)
}
