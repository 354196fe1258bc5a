//! A desk and an issuer for the stories: blank cards, example keys, and the relay between the two.

use card_firmware_sim::{Image, SimCard, example_transport_keys};
use card_host::{
    Answers, Batch, CardFiles, EXAMPLE_KEYS, HostError, Issued, IssuerKeys, KeyPair, Next, Personalisation,
    carry,
};
use card_protocol::{LinkError, Need, Needs, Pin, Response, Rides, Serial, Transport};
use rand_core::UnwrapErr;

pub(crate) const SERIAL: Serial = Serial::new([0xDC, 0, 0, 0, 0, 0, 0, 1]);
pub(crate) const OTHER_SERIAL: Serial = Serial::new([0xDC, 0, 0, 0, 0, 0, 0, 2]);
pub(crate) const RIDES: Rides = Rides { period: 202_611, allowed: 60, used: 0 };
pub(crate) const PIN: &str = "135790";

pub(crate) fn rng() -> UnwrapErr<getrandom::SysRng> {
    UnwrapErr(getrandom::SysRng)
}

pub(crate) fn keys() -> IssuerKeys {
    IssuerKeys::parse(EXAMPLE_KEYS).unwrap()
}

pub(crate) fn blank(serial: Serial) -> SimCard {
    SimCard::manufacture(Image::in_memory(), serial, example_transport_keys()).unwrap()
}

/// A pass as long as a real one with `cnf`, holding the card's key; what it says is of no interest here.
pub(crate) fn files(key: &KeyPair) -> CardFiles {
    CardFiles {
        pass: [&[0x50; 117][..], &key.public_key].concat(),
        certificate: (0..139).collect(),
        photo: (0..6000u32).map(|n| n.to_le_bytes()[0]).collect(),
        needs: Needs::NONE.with(Need::LargePrint).with(Need::Escort),
        rides: RIDES,
        pin: Some(Pin::parse(PIN).unwrap()),
    }
}

/// One job: the serial it is bound to, kept across runs as a service keeps it in a row.
#[derive(Debug, Default)]
pub(crate) struct Job {
    pub(crate) bound: Option<Serial>,
    /// Round trips of the last run.
    pub(crate) round_trips: usize,
    /// Bytes to the card in the last run, and back.
    pub(crate) bytes: (usize, usize),
    pub(crate) commands: usize,
}

impl Job {
    /// Runs the script from its beginning against whatever lies on the reader.
    pub(crate) fn run<T: Transport>(&mut self, card: &mut T) -> Result<Issued, HostError> {
        self.run_with(card, files)
    }

    pub(crate) fn run_with<T: Transport>(
        &mut self,
        card: &mut T,
        files: fn(&KeyPair) -> CardFiles,
    ) -> Result<Issued, HostError> {
        (self.round_trips, self.bytes, self.commands) = (0, (0, 0), 0);
        let keys = keys();
        let (mut script, batch) = Personalisation::start(self.bound, &mut rng())?;
        let mut next = Next::Send(batch);
        loop {
            let batch = match next {
                Next::Send(batch) => batch,
                Next::Card(found) => {
                    self.bound = Some(found.serial);
                    script.accept(&keys, &mut rng())?
                }
                Next::KeyPair(key) => script.store(&files(&key))?,
                Next::Done(issued) => return Ok(issued),
            };
            let answers = self.relay(card, &batch)?;
            next = script.on(&answers, &keys, &mut rng())?;
        }
    }

    fn relay<T: Transport>(&mut self, card: &mut T, batch: &Batch) -> Result<Answers, LinkError> {
        self.round_trips += 1;
        self.commands += batch.commands().len();
        self.bytes.0 += batch.commands().iter().map(Vec::len).sum::<usize>();
        let answers = carry(card, batch)?;
        self.bytes.1 += answers.responses().iter().map(Vec::len).sum::<usize>();
        Ok(answers)
    }
}

pub(crate) fn issued(serial: Serial) -> (SimCard, Issued) {
    let mut card = blank(serial);
    let issued = Job::default().run(&mut card).unwrap();
    (card, issued)
}

/// Counts what passes through it.
pub(crate) struct Counted<T> {
    pub(crate) card: T,
    pub(crate) commands: usize,
    pub(crate) out: usize,
    pub(crate) back: usize,
    blocks: usize,
}

impl<T> Counted<T> {
    pub(crate) fn new(card: T) -> Self {
        Self { card, commands: 0, out: 0, back: 0, blocks: 0 }
    }

    /// ISO 14443-4 at 106 kbit/s: 9 bits a byte of 9.44 us each, and 3 bytes of frame around each block of at most 253.
    /// Activation, signing and writing are not in it.
    pub(crate) fn air_millis(&self) -> f64 {
        (self.out + self.back + 3 * self.blocks) as f64 * 9.0 * 128.0 / 13_560.0
    }
}

impl<T: Transport> Transport for Counted<T> {
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
        let response = self.card.transmit(command, response)?;
        let back = response.data.len() + 2;
        self.commands += 1;
        (self.out, self.back) = (self.out + command.len(), self.back + back);
        self.blocks += command.len().div_ceil(253) + back.div_ceil(253);
        Ok(response)
    }

    fn reset(&mut self) -> Result<(), LinkError> {
        self.card.reset()
    }
}
