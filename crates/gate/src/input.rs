//! Threads that carry bytes from scanners, controllers and cameras into the loop. They understand nothing.
//! A device that goes away is opened again and again; the gate goes on with the others.

use std::fs::File;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::edge::{Inbox, Message, Source};
use crate::error::Error;
use crate::settings::Input;

#[cfg(feature = "camera")]
mod camera;
#[cfg(feature = "pcsc")]
mod cards;
mod frames;
mod keyboard;
#[cfg(any(test, feature = "camera"))]
mod luma;

/// Starts a thread for each input; returns how many there are, standard input aside.
pub(crate) fn start(input: &Input, inbox: &Inbox) -> Result<usize, Error> {
    let mut source = 0;
    let mut next = || {
        source += 1;
        Source(source)
    };
    if input.stdin {
        let (source, inbox) = (STDIN, inbox.clone());
        thread::spawn(move || {
            let _ = pump(io::stdin(), source, &inbox);
            let _ = inbox.send(Message::Ended(source));
        });
    }
    for path in input.files.clone() {
        let source = next();
        keep_open(path, inbox, move |path, inbox| pump(File::open(path)?, source, inbox));
    }
    for path in input.keyboards.clone() {
        let source = next();
        keep_open(path, inbox, move |path, inbox| keyboard::pump(path, source, inbox));
    }
    if let Some(folder) = input.frames.clone() {
        let source = next();
        keep_open(folder, inbox, move |folder, inbox| frames::pump(folder, source, inbox));
    }
    #[cfg(feature = "camera")]
    for path in input.cameras.clone() {
        let source = next();
        keep_open(path, inbox, move |path, inbox| camera::pump(path, source, inbox));
    }
    #[cfg(feature = "pcsc")]
    for reader in input.readers.clone() {
        let _ = next();
        keep_open(reader.into(), inbox, |reader, inbox| cards::pump(&reader.to_string_lossy(), inbox));
    }
    let others = source as usize + usize::from(input.tcp.is_some());
    if let Some(address) = input.tcp {
        listen(address, inbox.clone())?;
    }
    Ok(others)
}

/// Runs a pump until it stops, says once why, and runs it again.
fn keep_open(path: PathBuf, inbox: &Inbox, pump: impl Fn(&Path, &Inbox) -> io::Result<()> + Send + 'static) {
    let inbox = inbox.clone();
    thread::spawn(move || {
        let mut told = false;
        loop {
            let pumped = pump(&path, &inbox);
            // A FIFO ends whenever its writer goes: that is no trouble.
            if let Err(error) = &pumped
                && !told
            {
                let _ = inbox.send(Message::Trouble("input", format!("{}: {error}", path.display())));
            }
            told = pumped.is_err();
            thread::sleep(REOPEN);
        }
    });
}

/// Carries bytes until the end. Whatever a scanner sent before it was unplugged ends there.
fn pump(mut from: impl Read, source: Source, inbox: &Inbox) -> io::Result<()> {
    let mut buffer = [0; 4096];
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        if inbox.send(Message::Bytes(source, buffer[..read].to_vec())).is_err() {
            return Ok(());
        }
    }
}

/// One thread a connection; more connections than a station has controllers are closed at once.
fn listen(address: SocketAddr, inbox: Inbox) -> Result<(), Error> {
    let unusable = |source| Error::io(Path::new(&address.to_string()), source);
    let listener = TcpListener::bind(address).map_err(unusable)?;
    let open = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for (stream, number) in listener.incoming().flatten().zip(FIRST_CONNECTION..) {
            if open.load(Ordering::Relaxed) >= MAX_CONNECTIONS {
                continue;
            }
            open.fetch_add(1, Ordering::Relaxed);
            let (inbox, open) = (inbox.clone(), Arc::clone(&open));
            thread::spawn(move || {
                let _ = serve(stream, Source(number), &inbox);
                let _ = inbox.send(Message::Ended(Source(number)));
                open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
    Ok(())
}

fn serve(stream: TcpStream, source: Source, inbox: &Inbox) -> io::Result<()> {
    let answers = stream.try_clone()?;
    // A controller that does not read its answers must not hold up the gate.
    answers.set_write_timeout(Some(Duration::from_millis(200)))?;
    answers.set_nodelay(true)?;
    let _ = inbox.send(Message::Connected(source, answers));
    pump(stream, source, inbox)
}

/// Standard input.
pub(crate) const STDIN: Source = Source(0);
const REOPEN: Duration = Duration::from_millis(500);
/// A station has fewer lanes.
const MAX_CONNECTIONS: usize = 64;
/// Above all devices of a settings file.
const FIRST_CONNECTION: u64 = 1 << 32;
