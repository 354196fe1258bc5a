//! The applet on the workbench: a chip in memory, and hosts that speak to it.

use crate::dialogue::{self, Bench, Held, SERIAL, TRANSPORT_KEYS};
use crate::nor::Nor;
use card_applet::{Applet, Interface};
use card_protocol::scp03::host::{self, HostChannel, HostProof};
use card_protocol::scp03::{Greeting, Level};
use card_protocol::{
    AID, Command, MAX_COMMAND, MAX_DATA, MAX_RESPONSE, Response, Role, SECURITY_DOMAIN, Serial, StaticKeys,
};

pub(crate) struct Card(pub(crate) Applet<Nor>);

impl Card {
    /// As the maker delivers it.
    pub(crate) fn blank() -> Self {
        let transport = StaticKeys::from_bytes(&TRANSPORT_KEYS);
        Self::mounted(Applet::manufacture(Nor::blank(1), Serial::new(SERIAL), transport).unwrap())
    }

    /// As the dialogue `personalise` leaves it, with the application selected.
    pub(crate) fn active() -> Self {
        let mut card = Self::blank();
        dialogue::run("personalise", &mut card);
        card.reset(Held::Contact);
        card.select();
        card
    }

    pub(crate) fn mounted(nor: Nor) -> Self {
        Self(Applet::power_on(nor, Interface::Contact).unwrap())
    }

    pub(crate) fn select(&mut self) {
        let answer = self.send(&SELECT);
        assert!(matches!(answer[answer.len() - 2..], [0x90, 0] | [0x62, 0x83]));
    }

    /// Opens a channel at level 33.
    pub(crate) fn open(&mut self, role: Role) -> HostChannel {
        self.try_open(role).expect("the channel opens")
    }

    pub(crate) fn try_open(&mut self, role: Role) -> Option<HostChannel> {
        self.try_open_at(Level::Full, role)
    }

    /// Opens one at any level.
    pub(crate) fn try_open_at(&mut self, level: Level, role: Role) -> Option<HostChannel> {
        let (channel, proof) = self.greet(level, role)?;
        (self.send_command(&proof.command()) == [0x90, 0]).then_some(channel)
    }

    /// INITIALIZE UPDATE, and what the host would say next.
    pub(crate) fn greet(&mut self, level: Level, role: Role) -> Option<(HostChannel, HostProof)> {
        let challenge = [7; 8];
        let greeting = self.send_command(&host::initialize_update(Some(role.version()), &challenge));
        let greeting = Greeting::from_slice(&greeting[..greeting.len() - 2]).ok()?;
        let keys = issuer_keys(role);
        // The challenge names the application that is selected; either will do here.
        let open = |aid: &[u8]| HostChannel::open(&keys, &challenge, &greeting, level, aid).ok();
        open(&AID).or_else(|| open(&SECURITY_DOMAIN))
    }

    pub(crate) fn send_command(&mut self, command: &Command<'_>) -> Vec<u8> {
        let mut wire = [0; MAX_COMMAND];
        let wire = command.write(&mut wire).unwrap().to_vec();
        self.send(&wire)
    }

    /// Sends through a channel; `None` where the answer's MAC is wrong or missing.
    pub(crate) fn send_wrapped(
        &mut self,
        channel: &mut HostChannel,
        command: &Command<'_>,
    ) -> Option<Vec<u8>> {
        let mut wire = [0; MAX_COMMAND];
        let (wire, sent) = channel.wrap(command, &mut wire).unwrap();
        let answer = self.send(wire);
        let mut plain = [0; MAX_DATA];
        let opened = channel.unwrap(sent, Response::parse(&answer).ok()?, &mut plain).ok()?;
        Some([opened.data, &opened.status.to_bytes()].concat())
    }
}

impl Bench for Card {
    fn send(&mut self, command: &[u8]) -> Vec<u8> {
        let mut response = [0; MAX_RESPONSE];
        self.0.process(command, &mut response).to_vec()
    }

    fn reset(&mut self, held: Held) {
        self.0.reset(match held {
            Held::Contact => Interface::Contact,
            Held::Contactless => Interface::Contactless,
        });
    }
}

/// SELECT of the application, with Le.
pub(crate) const SELECT: [u8; 13] =
    [0x00, 0xA4, 0x04, 0x00, 0x07, 0xF0, 0x44, 0x43, 0x41, 0x52, 0x44, 0x01, 0x00];

/// The keys that the dialogue `personalise` leaves in the card.
pub(crate) fn issuer_keys(role: Role) -> StaticKeys {
    let version = role.version().as_u8();
    let mut keys = [version; 48];
    (keys[15], keys[31], keys[47]) = (1, 2, 3);
    if role == Role::Transport {
        keys = TRANSPORT_KEYS;
    }
    StaticKeys::from_bytes(&keys)
}
