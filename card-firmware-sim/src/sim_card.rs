//! A card one can hold: it can be put on a reader, pulled out, and lose power at any write.

use crate::{Image, SimError};
use card_applet::{Applet, Flash, FlashFault, Platform, RandomFault};
use card_protocol::{Atr, Interface, LinkError, MAX_RESPONSE, Response, Serial, StaticKeys, Transport};
use rand_core::{CryptoRng, Rng as _, UnwrapErr};

/// A simulated card.
pub struct SimCard {
    power: Power,
    interface: Interface,
}

enum Power {
    Off(Box<Chip>),
    On(Box<Applet<Box<Chip>>>),
    /// Between two of the above, and for ever if the memory is unreadable.
    Dead,
}

struct Chip {
    image: Image,
    rng: Box<dyn CryptoRng + Send>,
}

impl SimCard {
    /// The card maker's act: a blank chip becomes a card with a serial and transport keys.
    ///
    /// # Errors
    /// [`SimError::Store`] where the chip is a card already.
    pub fn manufacture(image: Image, serial: Serial, transport: StaticKeys) -> Result<Self, SimError> {
        let chip = Applet::manufacture(Box::new(Chip::new(image)), serial, transport)?;
        Ok(Self { power: Power::Off(chip), interface: Interface::Contact })
    }

    /// A card made earlier.
    #[must_use]
    pub fn from_image(image: Image) -> Self {
        Self { power: Power::Off(Box::new(Chip::new(image))), interface: Interface::Contact }
    }

    /// The same card on the other kind of reader.
    #[must_use]
    pub fn over(mut self, interface: Interface) -> Self {
        self.power_off();
        self.interface = interface;
        self
    }

    /// The same card drawing from another generator, so that a test can be repeated.
    #[must_use]
    pub fn with_rng(mut self, rng: impl CryptoRng + Send + 'static) -> Self {
        self.power_off();
        if let Power::Off(chip) = &mut self.power {
            chip.rng = Box::new(rng);
        }
        self
    }

    /// What it answers to reset.
    #[must_use]
    pub fn atr(&self) -> Atr {
        Atr::ours(self.interface)
    }

    /// Power comes on, after being pulled or torn too. A card whose memory is unreadable stays silent.
    pub fn power_on(&mut self) {
        self.power_off();
        self.power = match std::mem::replace(&mut self.power, Power::Dead) {
            Power::Off(mut chip) => {
                chip.image.power_up();
                Applet::power_on(chip, self.interface)
                    .map_or(Power::Dead, |applet| Power::On(Box::new(applet)))
            }
            other => other,
        };
    }

    /// Power goes: everything volatile is lost.
    pub fn power_off(&mut self) {
        self.power = match std::mem::replace(&mut self.power, Power::Dead) {
            Power::On(applet) => Power::Off(applet.power_off()),
            other => other,
        };
    }

    /// A warm reset.
    pub fn warm_reset(&mut self) {
        match &mut self.power {
            Power::On(applet) => applet.reset(self.interface),
            Power::Off(_) | Power::Dead => self.power_on(),
        }
    }

    /// Answers one command; `None` where the card has no power, or lost it over this command.
    pub fn process<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Option<&'r [u8]> {
        let Power::On(applet) = &mut self.power else { return None };
        let answer = applet.process(command, response);
        if applet.platform().image.is_powerless() {
            return None;
        }
        Some(answer)
    }

    /// Lets power fail in the middle of the `nth` flash operation from now, 1 being the next.
    pub fn tear_at(&mut self, nth: u64) {
        if let Some(image) = self.image() {
            image.tear_at(nth);
        }
    }

    /// Flash operations so far.
    pub fn flash_operations(&mut self) -> u64 {
        self.image().map_or(0, |image| image.operations())
    }

    /// Pages erased among them.
    pub fn pages_erased(&mut self) -> u64 {
        self.image().map_or(0, |image| image.pages_erased())
    }

    fn image(&mut self) -> Option<&mut Image> {
        match &mut self.power {
            Power::Off(chip) => Some(&mut chip.image),
            Power::On(applet) => Some(&mut applet.platform().image),
            Power::Dead => None,
        }
    }
}

impl std::fmt::Debug for SimCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SimCard({:?})", self.interface)
    }
}

/// In process, without a reader. The card is on the reader from the first command on; torn, it must be put back
/// with [`SimCard::power_on`].
impl Transport for SimCard {
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
        if matches!(&self.power, Power::Off(chip) if !chip.image.is_powerless()) {
            self.power_on();
        }
        if response.len() < MAX_RESPONSE {
            return Err(LinkError::BadResponse);
        }
        let answer = self.process(command, response).ok_or(LinkError::CardRemoved)?;
        Response::parse(answer).map_err(|_| LinkError::BadResponse)
    }

    fn reset(&mut self) -> Result<(), LinkError> {
        self.power_off();
        match &self.power {
            Power::Off(chip) if !chip.image.is_powerless() => {
                self.power_on();
                Ok(())
            }
            _ => Err(LinkError::CardRemoved),
        }
    }
}

impl Chip {
    fn new(image: Image) -> Self {
        Self { image, rng: Box::new(UnwrapErr(getrandom::SysRng)) }
    }
}

impl Flash for Box<Chip> {
    fn read(&self, address: usize, out: &mut [u8]) -> Result<(), FlashFault> {
        self.image.read(address, out)
    }

    fn program(&mut self, address: usize, word: [u8; 4]) -> Result<(), FlashFault> {
        self.image.program(address, word)
    }

    fn erase(&mut self, page: usize) -> Result<(), FlashFault> {
        self.image.erase(page)
    }
}

impl Platform for Box<Chip> {
    fn random(&mut self, out: &mut [u8]) -> Result<(), RandomFault> {
        self.rng.fill_bytes(out);
        Ok(())
    }
}

/// GlobalPlatform's well-known test key, 404142...4F. Cards sold for development carry it; so do ours.
pub const EXAMPLE_TRANSPORT_KEY: [u8; 16] = *b"@ABCDEFGHIJKLMNO";

/// Transport keys for demonstrations: the test key three times.
#[must_use]
pub fn example_transport_keys() -> StaticKeys {
    let mut bytes = [0; 48];
    for (place, byte) in bytes.iter_mut().zip(EXAMPLE_TRANSPORT_KEY.into_iter().cycle()) {
        *place = byte;
    }
    StaticKeys::from_bytes(&bytes)
}

/// A serial for a new card.
#[must_use]
pub fn random_serial() -> Serial {
    let mut bytes = [0; 8];
    UnwrapErr(getrandom::SysRng).fill_bytes(&mut bytes);
    Serial::new(bytes)
}
