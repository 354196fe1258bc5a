//! Readers of this machine, through PC/SC: what is plugged in, waiting for a card, and one card held exclusively.

use crate::HostError;
use card_protocol::{Atr, LinkError, Response, Transport};
use pcsc::{
    Card, Context, Disposition, Error, PNP_NOTIFICATION, Protocols, ReaderState, Scope, ShareMode, State,
};
use std::ffi::{CStr, CString};
use std::fmt;
use std::time::{Duration, Instant};

/// A connection to the machine's reader service.
pub struct Readers {
    context: Context,
}

/// What a wait is for, each time it changes: tell the clerk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waiting {
    /// No reader is plugged in, or not the one asked for.
    ForReader,
    /// The reader is there, empty.
    ForCard {
        /// Its name.
        reader: String,
    },
    /// The card lies there and does not answer: upside down, dirty, or not a chip card.
    CardMute {
        /// Its name.
        reader: String,
    },
    /// Another program holds the card.
    InUse {
        /// Its name.
        reader: String,
    },
}

impl Waiting {
    /// What the clerk reads, in Chinese.
    #[must_use]
    pub fn zh(&self) -> String {
        match self {
            Self::ForReader => "请插好读卡器……".into(),
            Self::ForCard { reader } => format!("请把卡放到读卡器上（{reader}）……"),
            Self::CardMute { reader } => format!("卡片没有应答（{reader}）。请翻面、擦净芯片后再放。"),
            Self::InUse { reader } => format!("其他程序正在使用这张卡（{reader}）。请关闭该程序。"),
        }
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForReader => f.write_str("Plug in a card reader..."),
            Self::ForCard { reader } => write!(f, "Put the card on the reader ({reader})..."),
            Self::CardMute { reader } => {
                write!(f, "The card does not answer ({reader}): turn it over, or wipe the chip.")
            }
            Self::InUse { reader } => write!(f, "Another program uses the card ({reader}): close it."),
        }
    }
}

/// A card held exclusively: nobody else can speak to it until this is dropped, which resets it.
pub struct CardInReader {
    card: Card,
    reader: String,
    atr: Atr,
}

impl Readers {
    /// Connects to the reader service.
    ///
    /// # Errors
    /// [`HostError::NoService`] where it does not run.
    pub fn open() -> Result<Self, HostError> {
        Ok(Self { context: Context::establish(Scope::User).map_err(host_error)? })
    }

    /// The readers plugged in now, by name.
    ///
    /// # Errors
    /// [`HostError::NoService`] where the service stopped.
    pub fn names(&self) -> Result<Vec<String>, HostError> {
        let names = self.context.list_readers_owned().map_err(host_error)?;
        Ok(names.into_iter().map(|name| name.to_string_lossy().into_owned()).collect())
    }

    /// Waits until a card can be used, in the reader whose name contains `wanted` or in any, and takes it.
    ///
    /// Readers may be plugged in and out meanwhile. `tell` hears of each change, at once and never twice the same.
    ///
    /// # Errors
    /// [`HostError::TimedOut`], or [`HostError::NoService`].
    pub fn wait_for_card(
        &self,
        wanted: Option<&str>,
        limit: Duration,
        tell: &mut dyn FnMut(&Waiting),
    ) -> Result<CardInReader, HostError> {
        let deadline = Deadline::new(limit);
        let mut told = None;
        loop {
            let mut states = self.states(wanted)?;
            let waiting = match self.take(&states)? {
                Taken::Card(card) => return Ok(card),
                Taken::Not(waiting) => waiting,
            };
            let busy = matches!(waiting, Waiting::InUse { .. } | Waiting::CardMute { .. });
            if told.as_ref() != Some(&waiting) {
                tell(&waiting);
                told = Some(waiting);
            }
            let left = deadline.left().ok_or(HostError::TimedOut)?;
            // Release by another program does not always make an event.
            let nap = if busy { left.min(RETRY_BUSY) } else { left };
            match self.context.get_status_change(nap, &mut states) {
                Ok(()) | Err(Error::Timeout) => {}
                // A reader went away between the list and the wait.
                Err(Error::UnknownReader | Error::NoReadersAvailable) => {}
                Err(error) => return Err(host_error(error)),
            }
        }
    }

    /// Waits until the card is taken off the reader, so that the next one can come.
    ///
    /// # Errors
    /// [`HostError::TimedOut`], or [`HostError::NoService`].
    pub fn wait_for_removal(&self, reader: &str, limit: Duration) -> Result<(), HostError> {
        let deadline = Deadline::new(limit);
        let name = CString::new(reader).map_err(|_| HostError::NoReader)?;
        let mut states = [ReaderState::new(name, State::UNAWARE)];
        loop {
            let left = deadline.left().ok_or(HostError::TimedOut)?;
            match self.context.get_status_change(left, &mut states) {
                Ok(()) | Err(Error::Timeout) => {}
                Err(Error::UnknownReader | Error::NoReadersAvailable) => return Ok(()),
                Err(error) => return Err(host_error(error)),
            }
            let [state] = &mut states;
            if !state.event_state().contains(State::PRESENT) {
                return Ok(());
            }
            state.sync_current_state();
        }
    }

    /// The state of every reader that may serve, and of the list of readers itself.
    fn states(&self, wanted: Option<&str>) -> Result<Vec<ReaderState>, HostError> {
        let mut states = vec![ReaderState::new(PNP_NOTIFICATION(), State::UNAWARE)];
        let wanted = |name: &CString| wanted.is_none_or(|part| name.to_string_lossy().contains(part));
        let names = self.context.list_readers_owned().map_err(host_error)?;
        // The upper half of the notifier's state counts readers; telling it makes it wait for the next change.
        states.extend(names.into_iter().filter(wanted).map(|name| ReaderState::new(name, State::UNAWARE)));
        match self.context.get_status_change(Duration::ZERO, &mut states) {
            Ok(()) | Err(Error::Timeout | Error::UnknownReader | Error::NoReadersAvailable) => {}
            Err(error) => return Err(host_error(error)),
        }
        states.iter_mut().for_each(ReaderState::sync_current_state);
        Ok(states)
    }

    fn take(&self, states: &[ReaderState]) -> Result<Taken, HostError> {
        let mut waiting = Waiting::ForReader;
        for state in states.iter().filter(|state| state.name() != PNP_NOTIFICATION()) {
            let reader = state.name().to_string_lossy().into_owned();
            if !state.event_state().contains(State::PRESENT) {
                if waiting == Waiting::ForReader {
                    waiting = Waiting::ForCard { reader };
                }
                continue;
            }
            match self.connect(state.name()) {
                Ok(card) => return Ok(Taken::Card(card)),
                Err(Error::SharingViolation) => waiting = Waiting::InUse { reader },
                Err(Error::UnresponsiveCard | Error::UnpoweredCard | Error::ProtoMismatch) => {
                    waiting = Waiting::CardMute { reader };
                }
                Err(Error::NoSmartcard | Error::RemovedCard) => waiting = Waiting::ForCard { reader },
                Err(Error::UnknownReader | Error::ReaderUnavailable) => {}
                Err(error) => return Err(host_error(error)),
            }
        }
        Ok(Taken::Not(waiting))
    }

    fn connect(&self, reader: &CStr) -> Result<CardInReader, Error> {
        let card = self.context.connect(reader, ShareMode::Exclusive, Protocols::ANY)?;
        let atr = Atr::from_slice(card.status2_owned()?.atr());
        Ok(CardInReader { card, reader: reader.to_string_lossy().into_owned(), atr })
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Readers")
    }
}

impl CardInReader {
    /// The reader's name.
    #[must_use]
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// The card's answer to reset.
    #[must_use]
    pub const fn atr(&self) -> Atr {
        self.atr
    }

    /// Runs a dialogue, and runs it again from its beginning where the card was reset under it.
    ///
    /// # Errors
    /// The dialogue's own, after three attempts.
    pub fn with_retries<T>(
        &mut self,
        mut dialogue: impl FnMut(&mut Self) -> Result<T, HostError>,
    ) -> Result<T, HostError> {
        for _ in 1..ATTEMPTS {
            match dialogue(self) {
                Err(HostError::Link(LinkError::CardReset)) => self.reset()?,
                outcome => return outcome,
            }
        }
        dialogue(self)
    }
}

impl fmt::Debug for CardInReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardInReader({})", self.reader)
    }
}

impl Transport for CardInReader {
    fn transmit<'r>(&mut self, command: &[u8], response: &'r mut [u8]) -> Result<Response<'r>, LinkError> {
        let received = self.card.transmit(command, response).map_err(link_error)?;
        // Some drivers report a card pulled in the middle of a command as an answer of no bytes.
        if received.is_empty() {
            return Err(LinkError::CardRemoved);
        }
        Response::parse(received).map_err(|_| LinkError::BadResponse)
    }

    fn reset(&mut self) -> Result<(), LinkError> {
        self.card.reconnect(ShareMode::Exclusive, Protocols::ANY, Disposition::ResetCard).map_err(link_error)
    }
}

enum Taken {
    Card(CardInReader),
    Not(Waiting),
}

/// The moment a wait ends.
struct Deadline(Option<Instant>);

impl Deadline {
    #[expect(
        clippy::disallowed_methods,
        reason = "waiting for a person needs a clock, and no rule hangs on it"
    )]
    fn new(limit: Duration) -> Self {
        Self(Instant::now().checked_add(limit))
    }

    /// `None` once it has passed. Capped: PC/SC counts milliseconds in 32 bits.
    #[expect(
        clippy::disallowed_methods,
        reason = "waiting for a person needs a clock, and no rule hangs on it"
    )]
    fn left(&self) -> Option<Duration> {
        let Some(end) = self.0 else { return Some(LONGEST_WAIT) };
        let left = end.saturating_duration_since(Instant::now());
        (!left.is_zero()).then(|| left.min(LONGEST_WAIT))
    }
}

fn host_error(error: Error) -> HostError {
    match error {
        Error::NoService | Error::ServiceStopped | Error::Shutdown | Error::InvalidHandle => {
            HostError::NoService
        }
        Error::NoReadersAvailable | Error::UnknownReader => HostError::NoReader,
        Error::SharingViolation => HostError::InUse,
        Error::Timeout => HostError::TimedOut,
        error => HostError::Link(link_error(error)),
    }
}

fn link_error(error: Error) -> LinkError {
    match error {
        // Just after the card was pulled the driver says "not transacted", later "removed".
        Error::RemovedCard | Error::NoSmartcard | Error::NotTransacted => LinkError::CardRemoved,
        Error::ResetCard => LinkError::CardReset,
        Error::UnresponsiveCard | Error::UnpoweredCard | Error::Timeout => LinkError::CardMute,
        Error::ReaderUnavailable | Error::UnknownReader | Error::NoService | Error::ServiceStopped => {
            LinkError::ReaderGone
        }
        Error::InsufficientBuffer => LinkError::BadResponse,
        error => LinkError::Failed { code: error as u32 },
    }
}

/// How often a busy or mute card is tried again.
const RETRY_BUSY: Duration = Duration::from_millis(300);
/// A wait without end is cut into pieces of this length.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// A card reset three times in one dialogue lies on a bad contact.
const ATTEMPTS: u32 = 3;
