//! Chips that are not ours, in a slot of the virtual reader: what a clerk takes out of a drawer by mistake.
//! The card's end of the driver's wire is spoken here by hand, for our own card knows our own commands only.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// In the reader until it is dropped.
pub struct ForeignChip {
    connection: TcpStream,
    wire: Option<JoinHandle<()>>,
}

impl ForeignChip {
    /// A chip that answers so to reset, and to each command what `answer` says.
    #[must_use]
    pub fn insert(
        reader: SocketAddr,
        atr: &'static [u8],
        mut answer: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static,
    ) -> Self {
        let connection = TcpStream::connect(reader).expect("the reader service runs");
        connection.set_nodelay(true).expect("it is TCP");
        let wire = connection.try_clone().expect("a handle more");
        let wire = thread::spawn(move || {
            while let Ok(said) = receive(&wire) {
                let answer = match said[..] {
                    [4] => atr.to_vec(),
                    [] | [_] => continue,
                    _ => answer(&said),
                };
                if send(&wire, &answer).is_err() {
                    return;
                }
            }
        });
        Self { connection, wire: Some(wire) }
    }

    /// A bank card: it knows EMV's payment environment (Book 1, 12.2.2; Book B, 3.3.2), and nothing of ours.
    #[must_use]
    pub fn bank_card(reader: SocketAddr) -> Self {
        Self::insert(reader, BANK_ATR, |command| {
            let is_environment = command.get(5..19).is_some_and(|name| PAYMENT.contains(&name));
            if is_environment { [PPSE, &[0x90, 0x00]].concat() } else { NOT_FOUND.to_vec() }
        })
    }

    /// A chip of which nobody knows what it is: neither its ATR nor an application of ours.
    #[must_use]
    pub fn unknown(reader: SocketAddr) -> Self {
        Self::insert(reader, UNKNOWN_ATR, |_| NOT_FOUND.to_vec())
    }
}

impl Drop for ForeignChip {
    /// Pulled out; and the reader, which looks every 400 ms, has noticed.
    fn drop(&mut self) {
        let _ = self.connection.shutdown(Shutdown::Both);
        if let Some(wire) = self.wire.take() {
            let _ = wire.join();
        }
        thread::sleep(Duration::from_millis(500));
    }
}

fn receive(mut connection: &TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    connection.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    connection.read_exact(&mut message)?;
    Ok(message)
}

fn send(mut connection: &TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    connection.write_all(&[&length.to_be_bytes()[..], message].concat())
}

/// T=0, as a debit card answers.
const BANK_ATR: &[u8] = &[0x3B, 0x65, 0x00, 0x00, 0x20, 0x63, 0xCB, 0x66, 0x00];
const UNKNOWN_ATR: &[u8] = &[0x3B, 0x02, 0x14, 0x50];
const PAYMENT: [&[u8]; 2] = [b"1PAY.SYS.DDF01", b"2PAY.SYS.DDF01"];
/// FCI with a directory of one application, UnionPay debit.
const PPSE: &[u8] = &[
    0x6F, 0x23, 0x84, 0x0E, b'2', b'P', b'A', b'Y', b'.', b'S', b'Y', b'S', b'.', b'D', b'D', b'F', b'0',
    b'1', 0xA5, 0x11, 0xBF, 0x0C, 0x0E, 0x61, 0x0C, 0x4F, 0x08, 0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01,
    0x01, 0x87, 0x00,
];
/// File or application not found.
const NOT_FOUND: [u8; 2] = [0x6A, 0x82];
