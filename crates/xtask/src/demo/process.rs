//! A program that runs beside the story, and never longer than it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

/// Asked to end when it is dropped, and killed if it does not.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// The lines it says, as it says them.
    pub(crate) fn lines(&mut self) -> Result<Receiver<String>> {
        let out = self.0.stdout.take().context("its output")?;
        let (sender, receiver) = channel();
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Ok(receiver)
    }

    /// Asks it to end in order.
    pub(crate) fn ask_to_end(&self) {
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
    }

    /// Whether it ended within the time that an orderly end takes.
    pub(crate) fn ends(&mut self) -> bool {
        for _ in 0..500 {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.ask_to_end();
        }
        if !self.ends() {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// Somebody else's test may hold the reader service for a minute.
pub(crate) const PATIENCE: Duration = Duration::from_secs(70);
