//! The card against a reference: random commands, and a model of it written from the profile.

use crate::bench::Card;
use crate::dialogue::{Bench, Held};
use crate::nor::Dice;
use card_protocol::scp03::Level;
use card_protocol::scp03::host::HostChannel;
use card_protocol::{Command, Role};

/// What the holder and the issuer think the card is.
#[derive(Debug)]
struct Model {
    life: Life,
    held: Held,
    application: bool,
    channel: Channel,
    verified: bool,
    pin: u8,
    tries: u8,
    update: u32,
    files: [Vec<u8>; 4],
    rides: (u32, u16, u16),
    transactions: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Active = 0x1F,
    Blocked = 0x9F,
    Terminated = 0xFF,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channel {
    None,
    Open(Role, Level),
    Lost,
}

/// How a command is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    Wrapped,
}

#[derive(Debug, Clone)]
enum Act {
    Reset(Held),
    Select,
    Open(Role, Level),
    Read(u8),
    QueryPin,
    Verify(u8),
    Change(u8, u8),
    ResetPin(Option<u8>),
    Sign,
    Debit,
    Store { counter: u32, file: Option<(u8, Vec<u8>)>, rides: Option<(u32, u16, u16)>, pin: Option<u8> },
    Become(Life),
}

impl Model {
    fn new() -> Self {
        Self {
            life: Life::Active,
            held: Held::Contact,
            application: true,
            channel: Channel::None,
            verified: false,
            pin: 12,
            tries: 3,
            update: 1,
            files: [vec![0xD1; 20], vec![0xC2; 19], vec![0xF0, 0xF1, 0xF2], vec![0x82, 2, 4]],
            rides: (202_599, 3, 0),
            transactions: 0,
        }
    }

    /// The answer's data and status. `None` for data that the model cannot know: signatures.
    fn answer(&mut self, act: &Act, way: Way) -> (Option<Vec<u8>>, u16) {
        match act {
            Act::Reset(held) => {
                (self.held, self.application) = (*held, false);
                (self.channel, self.verified) = (Channel::None, false);
                return (None, 0x9000);
            }
            Act::Select => {
                self.application = true;
                (self.channel, self.verified) = (Channel::None, false);
                return (None, if self.life == Life::Active { 0x9000 } else { 0x6283 });
            }
            Act::Open(role, level) => {
                self.channel =
                    if self.life == Life::Terminated { Channel::None } else { Channel::Open(*role, *level) };
                return (None, if self.life == Life::Terminated { 0x6985 } else { 0x9000 });
            }
            _ => {}
        }
        let host = match (self.channel, way) {
            (Channel::None, Way::Plain) => None,
            (Channel::Open(role, level), Way::Wrapped) => Some((role, level)),
            _ => {
                self.channel = Channel::Lost;
                return (Some(vec![]), 0x6982);
            }
        };
        if !self.application && !matches!(act, Act::Become(_)) {
            return (Some(vec![]), 0x6985);
        }
        match self.carry_out(act, host) {
            Ok(data) => (data, 0x9000),
            Err(status) => (Some(vec![]), status),
        }
    }

    fn carry_out(&mut self, act: &Act, host: Option<(Role, Level)>) -> Result<Option<Vec<u8>>, u16> {
        let full = matches!(host, Some((_, Level::Full)));
        let staff = matches!(host, Some((Role::Issue | Role::Update, level)) if encrypted(level));
        let nothing = Ok(Some(vec![]));
        match act {
            Act::Reset(_) | Act::Select | Act::Open(..) => nothing,
            Act::Read(6) => Ok(Some(self.status())),
            Act::Read(_) if self.life == Life::Terminated => Err(0x6985),
            Act::Read(sfi @ (2 | 3)) if self.life == Life::Active => {
                let holder = self.held == Held::Contact && self.verified;
                if holder || full { Ok(self.file(*sfi)) } else { Err(0x6982) }
            }
            Act::Read(sfi) if self.life == Life::Active || (staff && full) => Ok(self.file(*sfi)),
            Act::Read(_) => Err(0x6982),
            Act::QueryPin if self.life == Life::Terminated => Err(0x6984),
            Act::QueryPin if self.verified => nothing,
            Act::QueryPin => Err(0x63C0 + u16::from(self.tries)),
            Act::Verify(pin) => {
                self.guess(*pin, host.is_some())?;
                (self.verified, self.tries) = (true, 3);
                nothing
            }
            Act::Change(old, new) => {
                self.guess(*old, host.is_some())?;
                (self.verified, self.tries, self.pin) = (true, 3, *new);
                nothing
            }
            Act::ResetPin(_) if self.life != Life::Active => Err(0x6985),
            Act::ResetPin(_) if !staff => Err(0x6982),
            Act::ResetPin(new) => {
                (self.verified, self.tries, self.pin) = (false, 3, new.unwrap_or(self.pin));
                nothing
            }
            Act::Sign | Act::Debit if self.life != Life::Active => Err(0x6985),
            Act::Sign => {
                self.transactions += 1;
                Ok(None)
            }
            Act::Debit if self.rides.2 == self.rides.1 => Err(0x6985),
            Act::Debit => {
                self.transactions += 1;
                self.rides.2 += 1;
                Ok(None)
            }
            Act::Store { .. } if self.life != Life::Active => Err(0x6985),
            Act::Store { .. } if !staff => Err(0x6982),
            Act::Store { counter, file, rides, pin } => {
                if *counter != self.update + 1 {
                    return Err(0x6A80);
                }
                if let Some((period, _, used)) = *rides {
                    let (old_period, _, old_used) = self.rides;
                    if period < old_period || (period == old_period && used < old_used) {
                        return Err(0x6A80);
                    }
                }
                self.update += 1;
                if let Some((sfi, body)) = file {
                    self.files[usize::from(*sfi) - 1].clone_from(body);
                }
                self.rides = rides.unwrap_or(self.rides);
                if let Some(pin) = pin {
                    (self.verified, self.tries, self.pin) = (false, 3, *pin);
                }
                nothing
            }
            Act::Become(next) => self.become_it(*next, host),
        }
    }

    fn become_it(&mut self, next: Life, host: Option<(Role, Level)>) -> Result<Option<Vec<u8>>, u16> {
        let allowed: &[Role] = match (self.life, next) {
            (Life::Active, Life::Blocked) => &[Role::Issue, Role::Update],
            (Life::Blocked, Life::Active) | (Life::Active | Life::Blocked, Life::Terminated) => {
                &[Role::Issue]
            }
            _ => return Err(0x6985),
        };
        if !host.is_some_and(|(role, level)| allowed.contains(&role) && encrypted(level)) {
            return Err(0x6982);
        }
        self.life = next;
        Ok(Some(vec![]))
    }

    fn guess(&mut self, pin: u8, in_channel: bool) -> Result<(), u16> {
        if self.life != Life::Active {
            return Err(0x6985);
        }
        if self.held == Held::Contactless && !in_channel {
            return Err(0x6982);
        }
        self.verified = false;
        if self.tries == 0 {
            return Err(0x6983);
        }
        self.tries -= 1;
        if pin == self.pin { Ok(()) } else { Err(0x63C0 + u16::from(self.tries)) }
    }

    fn file(&self, sfi: u8) -> Option<Vec<u8>> {
        let (period, allowed, used) = self.rides;
        let rides = [&period.to_be_bytes()[..], &allowed.to_be_bytes(), &used.to_be_bytes()].concat();
        Some(if sfi == 5 { rides } else { self.files[usize::from(sfi) - 1].clone() })
    }

    fn status(&self) -> Vec<u8> {
        let mut status = vec![1, self.life as u8];
        status.extend(self.update.to_be_bytes());
        let terminated = self.life == Life::Terminated;
        status.push(if terminated { 0xFF } else { self.tries });
        status.push(3);
        status.extend(if terminated { [0; 4] } else { [0, 0x30, 0x31, 0x20] });
        status
    }
}

/// A host with all keys, which sends what the model is asked.
struct Hosts {
    card: Card,
    channel: Option<HostChannel>,
}

impl Hosts {
    fn perform(&mut self, act: &Act, way: Way) -> (Vec<u8>, u16) {
        let (cla, ins, p1, p2, data) = match act {
            Act::Reset(held) => {
                self.card.reset(*held);
                self.channel = None;
                return (vec![], 0x9000);
            }
            Act::Open(role, level) => {
                self.channel = self.card.try_open_at(*level, *role);
                return (vec![], if self.channel.is_some() { 0x9000 } else { 0x6985 });
            }
            Act::Select => {
                self.channel = None;
                (0x00, 0xA4, 4, 0, card_protocol::AID.to_vec())
            }
            Act::Read(sfi) => (0x00, 0xB0, 0x80 | sfi, 0, vec![]),
            Act::QueryPin => (0x00, 0x20, 0, 1, vec![]),
            Act::Verify(pin) => (0x00, 0x20, 0, 1, block(*pin)),
            Act::Change(old, new) => (0x00, 0x24, 0, 1, [block(*old), block(*new)].concat()),
            Act::ResetPin(None) => (0x00, 0x2C, 3, 1, vec![]),
            Act::ResetPin(Some(new)) => (0x00, 0x2C, 2, 1, block(*new)),
            Act::Sign => (0x00, 0x88, 0, 0, vec![5; 16]),
            Act::Debit => (0x80, 0x34, 0, 0, vec![5; 16]),
            Act::Store { counter, file, rides, pin } => {
                (0x80, 0xE2, 0x80, 0, groupings(*counter, file.as_ref(), *rides, *pin))
            }
            Act::Become(life) => (0x80, 0xF0, 0x40, *life as u8, vec![]),
        };
        let command = Command::new(cla, ins, p1, p2).with_data(&data).expecting(256);
        let answer = match (way, &mut self.channel) {
            (Way::Wrapped, Some(channel)) => {
                self.card.send_wrapped(channel, &command).expect("the answer's MAC is right")
            }
            _ => self.card.send_command(&command),
        };
        let (data, status) = answer.split_at(answer.len() - 2);
        (data.to_vec(), u16::from_be_bytes([status[0], status[1]]))
    }
}

/// Levels 03, 13 and 33.
fn encrypted(level: Level) -> bool {
    level.as_u8() & 0x02 != 0
}

fn block(pin: u8) -> Vec<u8> {
    vec![0x26, 0x12, 0x34, if pin == 12 { 0x56 } else { pin }, 0xFF, 0xFF, 0xFF, 0xFF]
}

fn groupings(
    counter: u32,
    file: Option<&(u8, Vec<u8>)>,
    rides: Option<(u32, u16, u16)>,
    pin: Option<u8>,
) -> Vec<u8> {
    let mut data = vec![0xDC, 0x20, 4];
    data.extend(counter.to_be_bytes());
    if let Some((sfi, body)) = file {
        data.extend([0xDC, *sfi, u8::try_from(body.len()).unwrap()]);
        data.extend(body);
    }
    if let Some((period, allowed, used)) = rides {
        data.extend([0xDC, 0x05, 8]);
        data.extend(period.to_be_bytes());
        data.extend(allowed.to_be_bytes());
        data.extend(used.to_be_bytes());
    }
    if let Some(pin) = pin {
        data.extend([0xDC, 0x10, 8]);
        data.extend(block(pin));
    }
    data
}

fn random_act(dice: &mut Dice, model: &Model) -> Act {
    let pin = [12, 12, 12, 0x77, 0x88][dice.below(5)];
    let role = [Role::Issue, Role::Update, Role::Read][dice.below(3)];
    let level = if dice.below(3) == 0 { Level::ALL[dice.below(5)] } else { Level::Full };
    match dice.below(28) {
        0 => Act::Reset([Held::Contact, Held::Contactless][dice.below(2)]),
        1..=3 => Act::Select,
        4..=6 => Act::Open(role, level),
        7..=12 => Act::Read(1 + u8::try_from(dice.below(6)).unwrap()),
        13 => Act::QueryPin,
        14..=16 => Act::Verify(if dice.below(2) == 0 { model.pin } else { pin }),
        17 => Act::Change(model.pin, pin),
        18 => Act::ResetPin((dice.below(2) == 0).then_some(pin)),
        19 => Act::Sign,
        20..=21 => Act::Debit,
        22..=25 => {
            let counter = if dice.below(5) == 0 { dice.below(9) as u32 } else { model.update + 1 };
            let length = dice.below(15);
            let body = dice.bytes(length);
            let file = (dice.below(2) == 0).then(|| (1 + dice.below(4) as u8, body));
            let period = 202_599 + dice.below(3) as u32;
            let used = dice.below(3) as u16;
            let rides = (dice.below(2) == 0).then_some((period, used + dice.below(5) as u16, used));
            Act::Store { counter, file, rides, pin: (dice.below(4) == 0).then_some(pin) }
        }
        26 => Act::Become([Life::Active, Life::Blocked][dice.below(2)]),
        _ if dice.below(12) == 0 => Act::Become(Life::Terminated),
        _ => Act::Become(Life::Active),
    }
}

#[test]
fn random_commands_are_answered_as_the_reference_answers() {
    let mut answered = [0; 2];
    for seed in 0..250 {
        let mut dice = Dice(seed);
        let mut model = Model::new();
        let mut hosts = Hosts { card: Card::active(), channel: None };
        let mut trace = Vec::new();
        for _ in 0..120 {
            let act = random_act(&mut dice, &model);
            // Mostly the way that can succeed.
            let open = hosts.channel.is_some();
            let way = if open && dice.below(12) != 0 { Way::Wrapped } else { Way::Plain };
            trace.push((act.clone(), way));
            let (data, status) = model.answer(&act, way);
            let (found, found_status) = hosts.perform(&act, way);
            let told = &trace[trace.len().saturating_sub(12)..];
            assert_eq!(found_status, status, "seed {seed}: {told:#?} {model:?}");
            if let Some(data) = data {
                assert_eq!(found, data, "seed {seed}: {told:#?}");
            } else if matches!(act, Act::Sign | Act::Debit) {
                assert_eq!(found[8..12], model.transactions.to_be_bytes(), "seed {seed}: the counter");
            }
            answered[usize::from(found_status == 0x9000)] += 1;
        }
    }
    println!("applet: {} commands done and {} refused, as the reference says", answered[1], answered[0]);
    assert!(answered.iter().all(|count| *count > 5_000), "both kinds came often: {answered:?}");
}
