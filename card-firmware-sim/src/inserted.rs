//! A card in a virtual reader of pcscd: the card's side of the protocol that vsmartcard's driver speaks over TCP.
//!
//! Each message is a length of 16 bits, big-endian, and a body. A body of one byte is the reader's: 0 power off,
//! 1 power on, 2 reset (none is answered), 4 asks for the ATR, every 400 ms, to see whether a card is there. A longer
//! one is a command. The end of the connection is the card being pulled out.

use crate::hold::{Hold, LOOK};
use crate::link_times::Stopwatch;
use crate::{Held, LinkTimes, SimCard};
use card_protocol::MAX_RESPONSE;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Where the driver listens for the card of its first slot; the second slot is one port above.
pub const FIRST_SLOT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 35_963);

/// When the card's end acknowledges the first segment of a command, for which the reader holds back the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acknowledge {
    /// At once (Linux: `TCP_QUICKACK`).
    #[default]
    AtOnce,
    /// When the system likes to: what a simulator costs that knows nothing of it, for comparison.
    Late,
}

/// A card being offered to a virtual reader, until it is taken out or torn.
#[derive(Debug)]
pub struct Inserted {
    shared: Arc<Shared>,
    link: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    card: Mutex<SimCard>,
    connection: Mutex<Option<TcpStream>>,
    times: Mutex<LinkTimes>,
    acknowledge: Acknowledge,
    hold: Hold,
    out: AtomicBool,
}

impl Inserted {
    /// Puts the card into the reader. The reader may start later: the card keeps knocking.
    #[must_use]
    pub fn insert(card: SimCard, reader: SocketAddr) -> Self {
        Self::insert_with(card, reader, Acknowledge::AtOnce)
    }

    /// The same, with a link of either kind.
    #[must_use]
    pub fn insert_with(card: SimCard, reader: SocketAddr, acknowledge: Acknowledge) -> Self {
        let shared = Arc::new(Shared {
            card: Mutex::new(card),
            connection: Mutex::new(None),
            times: Mutex::new(LinkTimes::default()),
            acknowledge,
            hold: Hold::none(),
            out: AtomicBool::new(false),
        });
        let link = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.stay_in(reader)
        });
        Self { shared, link: Some(link) }
    }

    /// Whether the card is still in; a torn card is out.
    #[must_use]
    pub fn is_in(&self) -> bool {
        !self.shared.out.load(Ordering::Acquire)
    }

    /// Whether a reader has taken the card.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        locked(&self.shared.connection).is_some()
    }

    /// The card, between two commands: to let it tear, or to count its writes.
    pub fn card(&self) -> MutexGuard<'_, SimCard> {
        locked(&self.shared.card)
    }

    /// Holds the card before the first command after so many flash operations, counted from its making.
    pub fn hold_after(&self, operations: u64) -> Held<'_> {
        self.shared.hold.after(operations)
    }

    /// What its commands took since it was put in.
    #[must_use]
    pub fn times(&self) -> LinkTimes {
        locked(&self.shared.times).clone()
    }

    /// Pulls the card out, in the middle of whatever it does not answer yet, and gives it into the hand.
    ///
    /// Returns when the reader must have noticed: put back sooner, the card was never out for the reader service.
    #[must_use]
    pub fn remove(mut self) -> SimCard {
        self.pull();
        std::thread::sleep(NOTICED);
        let shared = Arc::clone(&self.shared);
        drop(self);
        // The thread is gone, so this was the last other owner.
        let card = Arc::try_unwrap(shared).map(|shared| shared.card.into_inner());
        let mut card = match card {
            Ok(Ok(card)) => card,
            Ok(Err(poisoned)) => poisoned.into_inner(),
            Err(_) => unreachable!("the link's thread has ended and dropped its share"),
        };
        card.power_off();
        card
    }

    fn pull(&mut self) {
        self.shared.out.store(true, Ordering::Release);
        if let Some(connection) = locked(&self.shared.connection).take() {
            // It may be closed already.
            let _ = connection.shutdown(Shutdown::Both);
        }
        if let Some(link) = self.link.take() {
            let _ = link.join();
        }
    }
}

impl Drop for Inserted {
    fn drop(&mut self) {
        self.pull();
    }
}

impl Shared {
    fn stay_in(&self, reader: SocketAddr) {
        while !self.out.load(Ordering::Acquire) {
            let served = TcpStream::connect_timeout(&reader, KNOCK).and_then(|connection| {
                *locked(&self.connection) = Some(connection.try_clone()?);
                self.serve(connection)
            });
            locked(&self.connection).take();
            locked(&self.card).power_off();
            if served.is_err() && !self.out.load(Ordering::Acquire) {
                std::thread::sleep(KNOCK);
            }
        }
    }

    fn card_when_let_go(&self, for_a_command: bool) -> MutexGuard<'_, SimCard> {
        loop {
            let mut card = locked(&self.card);
            let waits = for_a_command && self.hold.stops(card.flash_operations());
            if !waits || self.out.load(Ordering::Acquire) {
                return card;
            }
            drop(card);
            std::thread::sleep(LOOK);
        }
    }

    fn serve(&self, mut connection: TcpStream) -> io::Result<()> {
        connection.set_nodelay(true)?;
        let mut message = Vec::new();
        let mut response = [0; MAX_RESPONSE];
        while !self.out.load(Ordering::Acquire) {
            let stopwatch = self.receive(&mut connection, &mut message)?;
            let mut card = self.card_when_let_go(message.len() > 1);
            let answer = match message[..] {
                [] => continue,
                [0] => {
                    card.power_off();
                    continue;
                }
                [1] => {
                    card.power_on();
                    continue;
                }
                [2] => {
                    card.warm_reset();
                    continue;
                }
                [4] => card.atr().as_bytes().to_vec(),
                [_] => continue,
                _ => match card.process(&message, &mut response) {
                    Some(answer) => answer.to_vec(),
                    // Torn: the card has left the reader without an answer.
                    None => {
                        self.out.store(true, Ordering::Release);
                        connection.shutdown(Shutdown::Both)?;
                        return Ok(());
                    }
                },
            };
            drop(card);
            let Ok(length) = u16::try_from(answer.len()) else { continue };
            if message.len() > 1 {
                locked(&self.times).add(&stopwatch);
            }
            // One segment: a second one would wait for the acknowledgement of the first.
            connection.write_all(&[&length.to_be_bytes()[..], &answer].concat())?;
        }
        Ok(())
    }

    /// Reads one message. The driver sends length and body in two segments, and the second waits until the first is
    /// acknowledged: without QUICKACK before every read each command takes 44 ms instead of 0.1 ms.
    fn receive(&self, connection: &mut TcpStream, message: &mut Vec<u8>) -> io::Result<Stopwatch> {
        let acknowledge = |connection: &TcpStream| match self.acknowledge {
            Acknowledge::AtOnce => acknowledge_at_once(connection),
            Acknowledge::Late => Ok(()),
        };
        let mut length = [0; 2];
        acknowledge(connection)?;
        connection.read_exact(&mut length)?;
        let mut stopwatch = Stopwatch::start();
        message.resize(usize::from(u16::from_be_bytes(length)), 0);
        acknowledge(connection)?;
        connection.read_exact(message)?;
        stopwatch.body_came();
        Ok(stopwatch)
    }
}

#[cfg(target_os = "linux")]
fn acknowledge_at_once(connection: &TcpStream) -> io::Result<()> {
    std::os::linux::net::TcpStreamExt::set_quickack(connection, true)
}

#[cfg(not(target_os = "linux"))]
fn acknowledge_at_once(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

/// A poisoned lock guards a card whose thread panicked; its flash is what it is.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often a card without a reader tries again.
const KNOCK: Duration = Duration::from_millis(200);

/// The reader looks for its card every 400 ms.
const NOTICED: Duration = Duration::from_millis(500);
