//! The reader on the table: cards come and go, the reader is unplugged, its service restarts. Here that is only waiting.

use std::thread;
use std::time::Duration;

use card_host::{CardInReader, HostError, Readers};

use crate::desk::news::News;
use crate::desk::stop::Stop;
use crate::error::Error;

/// Where cards are put.
pub(crate) struct Place {
    wanted: Option<String>,
    /// `None` while the reader service is away.
    readers: Option<Readers>,
    stop: Stop,
}

impl Place {
    pub(crate) fn new(wanted: Option<String>, stop: Stop) -> Self {
        Self { wanted, readers: None, stop }
    }

    /// The next card, however long it takes; `None` when somebody ended the shift.
    pub(crate) fn next_card(&mut self, news: &mut News<'_>) -> Result<Option<CardInReader>, Error> {
        let wanted = self.wanted.clone();
        while !self.stop.is_wanted() {
            let Some(readers) = self.readers(news)? else { continue };
            let mut told = Ok(());
            let found = readers.wait_for_card(wanted.as_deref(), SLICE, &mut |waiting| {
                if told.is_ok() {
                    told = news.waiting(waiting);
                }
            });
            told?;
            match found {
                Ok(card) => return Ok(Some(card)),
                Err(HostError::TimedOut) => {}
                // The service, or the reader, went away while we asked.
                Err(_) => self.begin_anew(),
            }
        }
        Ok(None)
    }

    /// Until the card is off the reader, or the reader off the machine. Says so after a moment only: most take it at once.
    pub(crate) fn wait_for_removal(&mut self, reader: &str, news: &mut News<'_>) -> Result<(), Error> {
        while !self.stop.is_wanted() {
            let Some(readers) = self.readers(news)? else { continue };
            match readers.wait_for_removal(reader, SLICE) {
                Err(HostError::TimedOut) => news.waiting_for_removal(reader)?,
                Ok(()) => return Ok(()),
                Err(_) => {
                    self.begin_anew();
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// A torn card is still "present" until the reader looks again: a moment, after which it is gone or was put back.
    pub(crate) fn let_it_leave(&mut self, reader: &str) {
        if let Some(readers) = &self.readers
            && !matches!(readers.wait_for_removal(reader, SLICE), Ok(()) | Err(HostError::TimedOut))
        {
            self.begin_anew();
        }
    }

    /// Whatever was connected is not relied on any more.
    pub(crate) fn begin_anew(&mut self) {
        self.readers = None;
        thread::sleep(BREATH);
    }

    fn readers(&mut self, news: &mut News<'_>) -> Result<Option<&Readers>, Error> {
        if self.readers.is_none() {
            match Readers::open() {
                Ok(readers) => self.readers = Some(readers),
                Err(_) => {
                    news.waiting_for_service()?;
                    thread::sleep(SLICE);
                }
            }
        }
        Ok(self.readers.as_ref())
    }
}

/// How soon Ctrl-C is heard.
const SLICE: Duration = Duration::from_millis(500);
/// A service that restarts is not asked without a pause.
const BREATH: Duration = Duration::from_millis(200);
