//! The wire between a card and the virtual reader of pcscd: listened to, and played back by a forger's chip.
//! Each message is a length of 16 bits and a body; the reader's own bodies are one byte, and of those only 4 (the ATR)
//! is answered.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What the reader said, what the card answered, and when.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) said: Vec<u8>,
    pub(crate) answer: Vec<u8>,
    pub(crate) from: Instant,
    pub(crate) to: Instant,
}

/// Stands between a card and its reader and hears everything.
pub(crate) struct Listener {
    /// Where the card finds its reader.
    pub(crate) at: SocketAddr,
    heard: Arc<Mutex<Vec<Exchange>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    pub(crate) fn before(reader: SocketAddr) -> io::Result<Self> {
        let door = TcpListener::bind("127.0.0.1:0")?;
        let at = door.local_addr()?;
        let (heard, over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let thread = thread::spawn({
            let (heard, over) = (Arc::clone(&heard), Arc::clone(&over));
            move || {
                for card in door.incoming().map_while(Result::ok) {
                    if over.load(Ordering::Acquire) {
                        return;
                    }
                    // Either end may leave at any time; the card knocks again by itself.
                    let _ = TcpStream::connect(reader).and_then(|reader| pass_on(&card, &reader, &heard));
                }
            }
        });
        Ok(Self { at, heard, over, thread: Some(thread) })
    }

    /// Forgets what it heard so far.
    pub(crate) fn forget(&self) {
        locked(&self.heard).clear();
    }

    pub(crate) fn heard(&self) -> Vec<Exchange> {
        locked(&self.heard).clone()
    }
}

impl Drop for Listener {
    /// A last knock wakes the thread, which then sees that it is over.
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.at);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Until one of the two is gone, and then neither is there.
fn pass_on(card: &TcpStream, reader: &TcpStream, heard: &Mutex<Vec<Exchange>>) -> io::Result<()> {
    card.set_nodelay(true)?;
    reader.set_nodelay(true)?;
    let said = Mutex::new((Vec::new(), now()));
    thread::scope(|scope| {
        scope.spawn(|| {
            while let Ok(message) = receive(reader) {
                *locked(&said) = (message.clone(), now());
                if send(card, &message).is_err() {
                    break;
                }
            }
            let _ = card.shutdown(Shutdown::Both);
        });
        while let Ok(answer) = receive(card) {
            let (said, from) = locked(&said).clone();
            locked(heard).push(Exchange { said, answer: answer.clone(), from, to: now() });
            if send(reader, &answer).is_err() {
                break;
            }
        }
        let _ = reader.shutdown(Shutdown::Both);
    });
    Ok(())
}

/// A chip that says what another one once said. It has no key, so a new challenge gets an old proof.
pub(crate) struct Forgery {
    connection: TcpStream,
    thread: Option<JoinHandle<()>>,
}

impl Forgery {
    /// Puts it into a reader.
    pub(crate) fn insert(heard: Vec<Exchange>, reader: SocketAddr) -> io::Result<Self> {
        let connection = TcpStream::connect(reader)?;
        connection.set_nodelay(true)?;
        let wire = connection.try_clone()?;
        let thread = thread::spawn(move || {
            while let Ok(said) = receive(&wire) {
                let answered = |alike: usize| {
                    heard.iter().rev().find(|heard| heard.said.get(..alike) == said.get(..alike))
                };
                let answer = match said[..] {
                    [4] | [_, _, ..] => answered(said.len()).or_else(|| answered(HEADER)),
                    _ => continue,
                };
                let answer = answer.map_or_else(|| UNKNOWN.to_vec(), |heard| heard.answer.clone());
                if send(&wire, &answer).is_err() {
                    return;
                }
            }
        });
        Ok(Self { connection, thread: Some(thread) })
    }
}

impl Drop for Forgery {
    /// Returns when the reader must have noticed that it is gone.
    fn drop(&mut self) {
        let _ = self.connection.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        thread::sleep(NOTICED);
    }
}

/// The driver sends length and body in two segments; the second waits until the first is acknowledged.
fn receive(mut connection: &TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    acknowledge_at_once(connection)?;
    connection.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    acknowledge_at_once(connection)?;
    connection.read_exact(&mut message)?;
    Ok(message)
}

#[cfg(target_os = "linux")]
fn acknowledge_at_once(connection: &TcpStream) -> io::Result<()> {
    std::os::linux::net::TcpStreamExt::set_quickack(connection, true)
}

#[cfg(not(target_os = "linux"))]
fn acknowledge_at_once(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

fn send(mut connection: &TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    connection.write_all(&[&length.to_be_bytes()[..], message].concat())
}

#[expect(clippy::disallowed_methods, reason = "the demo measures the wire: this is a program's edge")]
fn now() -> Instant {
    Instant::now()
}

/// A thread that panicked leaves what it heard as it is.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whole time of a conversation's commands and how many they are; and of it the time that the card took.
pub(crate) fn measure(heard: &[Exchange]) -> Option<(usize, Duration, Duration)> {
    let commands: Vec<&Exchange> = heard.iter().filter(|heard| heard.said.len() >= HEADER).collect();
    let whole = commands.last()?.to.duration_since(commands.first()?.from);
    let card = commands.iter().map(|command| command.to.duration_since(command.from)).sum();
    Some((commands.len(), whole, card))
}

/// The reader looks for its card every 400 ms.
const NOTICED: Duration = Duration::from_millis(500);
/// CLA INS P1 P2.
const HEADER: usize = 4;
/// Instruction not supported.
const UNKNOWN: [u8; 2] = [0x6D, 0x00];
