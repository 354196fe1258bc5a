//! The barrier: a command as text to a file, terminal or FIFO, and a GPIO line that goes to 1 and back.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;
use crate::moment::Uptime;
use crate::settings::Barrier;

/// The wires to the barrier.
pub(crate) struct Output {
    settings: Barrier,
    to: Option<File>,
    /// Since when the GPIO line is at 1.
    raised: Option<Uptime>,
}

impl Output {
    pub(crate) fn open(settings: Barrier) -> Result<Self, Error> {
        let to = settings.to.as_deref().map(|path| open(path).map_err(|e| Error::io(path, e))).transpose()?;
        let output = Self { settings, to, raised: None };
        // Whatever a gate that was killed left raised comes down.
        if let Some(gpio) = &output.settings.gpio {
            output.set_line("0").map_err(|e| Error::io(gpio, e))?;
        }
        Ok(output)
    }

    /// Lets one person in.
    pub(crate) fn release(&mut self, now: Uptime) -> io::Result<()> {
        if let Some(to) = &mut self.to {
            to.write_all(format!("{}\n", self.settings.open).as_bytes())?;
        }
        self.raised = Some(now);
        self.set_line("1")
    }

    /// Lets nobody in.
    pub(crate) fn stay(&mut self) -> io::Result<()> {
        match &mut self.to {
            Some(to) if !self.settings.stay.is_empty() => {
                to.write_all(format!("{}\n", self.settings.stay).as_bytes())
            }
            _ => Ok(()),
        }
    }

    /// Ends the pulse when its time is over.
    pub(crate) fn lower_if_due(&mut self, now: Uptime) -> io::Result<()> {
        let millis = i64::try_from(self.settings.pulse.as_millis()).unwrap_or(i64::MAX);
        if self.raised.is_some_and(|raised| now.is_millis_past(millis, raised)) {
            self.raised = None;
            self.set_line("0")?;
        }
        Ok(())
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.raised.is_some() && self.settings.gpio.is_some()
    }

    /// What a controller that asked over TCP gets back.
    pub(crate) fn answer(&self, admitted: bool) -> String {
        let stay = if self.settings.stay.is_empty() { "STAY" } else { &self.settings.stay };
        format!("{}\n", if admitted { &self.settings.open } else { stay })
    }

    fn set_line(&self, value: &str) -> io::Result<()> {
        self.settings.gpio.as_deref().map_or(Ok(()), |path| fs::write(path, value))
    }
}

/// For reading too, so that opening a FIFO waits for nobody.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).open(path)
}
