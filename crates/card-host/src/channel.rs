//! A secure channel being used in batches: commands are wrapped as they are added, answers unwrapped in order.

use crate::{Batch, HostError, IssuerKeys, WrongCard};
use card_protocol::scp03::host::{HostChannel, Sent};
use card_protocol::scp03::{Challenge, Greeting, Level};
use card_protocol::{
    CardStatus, Command, Ef, Error, Fci, MAX_COMMAND, MAX_DATA, Response, Role, Serial, StatusWord, ins,
    object, tlv,
};
use rand_core::CryptoRng;

/// What the first batch told of a card.
#[derive(Debug)]
pub(crate) struct Greeted {
    pub(crate) serial: Serial,
    pub(crate) status: CardStatus,
    /// The longest data field the card takes on the wire.
    max_data: usize,
    role: Role,
    challenge: Challenge,
    greeting: Greeting,
}

/// The first batch: SELECT, serial, status, INITIALIZE UPDATE for a role, or for the one the card chooses.
pub(crate) fn greet(role: Option<Role>, challenge: &Challenge) -> Result<Batch, HostError> {
    let get_data = |tag: u16| {
        let [p1, p2] = tag.to_be_bytes();
        Command::new(0x80, ins::GET_DATA, p1, p2).expecting(256)
    };
    Batch::default()
        .with(&select())?
        .with(&get_data(object::SERIAL))?
        .with(&get_data(object::STATUS))?
        .with(&card_protocol::scp03::host::initialize_update(role.map(Role::version), challenge))
}

/// SELECT by the whole AID.
pub(crate) const fn select() -> Command<'static> {
    Command::new(0x00, ins::SELECT, 0x04, 0x00).with_data(&card_protocol::AID).expecting(256)
}

pub(crate) fn challenge<const N: usize>(rng: &mut impl CryptoRng) -> [u8; N] {
    let mut challenge = [0; N];
    rng.fill_bytes(&mut challenge);
    challenge
}

impl Greeted {
    /// Reads the answers to [`greet`] past SELECT, whose answer is `fci`.
    pub(crate) fn read(
        fci: Response<'_>,
        [serial, status, greeting]: [Response<'_>; 3],
        challenge: Challenge,
    ) -> Result<Self, HostError> {
        let fci = Fci::parse(fci.data)?;
        let bytes = tlv::find(ok(ins::GET_DATA, serial)?, &[object::SERIAL])?;
        let serial = Serial::new(bytes.try_into().map_err(|_| Error::BadObject { object: "card serial" })?);
        let status = CardStatus::from_slice(tlv::find(ok(ins::GET_DATA, status)?, &[object::STATUS])?)?;
        if status.life_cycle == card_protocol::LifeCycle::Terminated {
            return Err(WrongCard::Terminated.into());
        }
        let greeting = Greeting::from_slice(ok(ins::INITIALIZE_UPDATE, greeting)?)?;
        let role = card_protocol::KeyVersion::new(greeting.version).and_then(Role::from_version);
        // The two places a card tells its serial in must agree: keys are derived from the one in the greeting.
        if greeting.serial()? != serial {
            return Err(Error::BadObject { object: "card serial" }.into());
        }
        let role = role.ok_or(WrongCard::OtherIssuer { serial })?;
        let max_data = usize::from(fci.max_data).min(MAX_DATA);
        Ok(Self { serial, status, max_data, role, challenge, greeting })
    }

    /// The same card answering INITIALIZE UPDATE once more, for another key set.
    pub(crate) fn again(self, greeting: &[u8], role: Role, challenge: Challenge) -> Result<Self, HostError> {
        let greeting = Greeting::from_slice(greeting)?;
        Ok(Self { role, challenge, greeting, ..self })
    }

    /// Opens the channel at level 33; EXTERNAL AUTHENTICATE is the first command of its batch.
    pub(crate) fn open(&self, keys: &IssuerKeys) -> Result<Channel, HostError> {
        let static_keys = keys.for_session(self.role, self.serial);
        let aid = &card_protocol::AID;
        let (host, proof) =
            HostChannel::open(&static_keys, &self.challenge, &self.greeting, Level::Full, aid)
                .map_err(|_| WrongCard::OtherIssuer { serial: self.serial })?;
        let batch = Batch::default().with(&proof.command())?;
        Ok(Channel {
            host,
            max_data: self.max_data,
            batch,
            awaited: vec![Awaited::Plain(ins::EXTERNAL_AUTHENTICATE)],
        })
    }
}

/// An open channel and the batch being filled.
#[derive(Debug)]
pub(crate) struct Channel {
    host: HostChannel,
    max_data: usize,
    batch: Batch,
    awaited: Vec<Awaited>,
}

#[derive(Debug)]
enum Awaited {
    Plain(u8),
    Secured(u8, Sent),
}

impl Channel {
    /// Adds a command through the channel.
    pub(crate) fn secured(&mut self, command: &Command<'_>) -> Result<(), HostError> {
        let mut wire = [0; MAX_COMMAND];
        let (wire, sent) = self.host.wrap(command, &mut wire)?;
        self.batch.push(wire.to_vec());
        self.awaited.push(Awaited::Secured(command.ins, sent));
        Ok(())
    }

    /// Adds a command past the channel, which ends it: SELECT or INITIALIZE UPDATE, and what follows.
    pub(crate) fn plain(&mut self, command: &Command<'_>) -> Result<(), HostError> {
        self.batch = std::mem::take(&mut self.batch).with(command)?;
        self.awaited.push(Awaited::Plain(command.ins));
        Ok(())
    }

    /// Adds STORE DATA, in as many blocks as the groupings need; the last one commits. Returns how many.
    pub(crate) fn store(&mut self, groupings: &[u8]) -> Result<usize, HostError> {
        let capacity = self.host.level().command_capacity(self.wire_data());
        let blocks = groupings.chunks(capacity).count();
        for (number, block) in groupings.chunks(capacity).enumerate() {
            let p1 = if number + 1 == blocks { 0x88 } else { 0x08 };
            let p2 = u8::try_from(number).map_err(|_| Error::BufferFull)?;
            self.secured(&Command::new(0x80, ins::STORE_DATA, p1, p2).with_data(block))?;
        }
        Ok(blocks)
    }

    /// Adds READ BINARY of a whole file known to have `length` bytes; returns how many commands that took.
    pub(crate) fn read(&mut self, ef: Ef, length: usize) -> Result<usize, HostError> {
        let capacity = self.host.level().response_capacity(self.wire_data());
        let mut offset = 0;
        let mut commands = 0;
        // The first command names the file, later ones go on in it. Nothing is asked of an empty file but that it is.
        while offset < length || commands == 0 {
            let [high, low] = u16::try_from(offset).map_err(|_| Error::BufferFull)?.to_be_bytes();
            let (p1, p2) = if commands == 0 { (0x80 | ef.sfi(), 0) } else { (high, low) };
            let wanted = (length - offset).clamp(1, capacity);
            self.secured(&Command::new(0x00, ins::READ_BINARY, p1, p2).expecting(wanted))?;
            offset += wanted;
            commands += 1;
        }
        Ok(commands)
    }

    /// The batch filled so far, to be carried to the card.
    pub(crate) fn take_batch(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    /// Reads the answers to the batch taken last: plain data of each. Any refusal ends the script.
    pub(crate) fn read_answers(&mut self, answers: &crate::Answers) -> Result<Vec<Vec<u8>>, HostError> {
        let awaited = std::mem::take(&mut self.awaited);
        let responses = answers.read_all(awaited.len())?;
        let mut plain = [0; MAX_DATA];
        let mut data = Vec::with_capacity(responses.len());
        for (awaited, response) in awaited.into_iter().zip(responses) {
            data.push(match awaited {
                Awaited::Plain(ins) => ok(ins, response)?.to_vec(),
                Awaited::Secured(ins, sent) => {
                    ok(ins, self.host.unwrap(sent, response, &mut plain)?)?.to_vec()
                }
            });
        }
        Ok(data)
    }

    fn wire_data(&self) -> usize {
        // A short command has at most 255 data bytes; above, extended length is used, Lc and Le with two bytes.
        self.max_data.max(255)
    }
}

/// The data of a command that was carried out.
pub(crate) fn ok(ins: u8, response: Response<'_>) -> Result<&[u8], HostError> {
    match response.status {
        StatusWord::OK | StatusWord::END_OF_FILE | StatusWord::DEACTIVATED => Ok(response.data),
        status => Err(HostError::Refused { ins, status }),
    }
}
