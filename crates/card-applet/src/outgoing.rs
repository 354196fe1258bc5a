//! The answer on its way out: handed over in the pieces the host asks for (ISO 7816-4, 5.3.4: GET RESPONSE).

use card_protocol::{MAX_DATA, StatusWord, Writer};

/// One answer, and how much of it is gone.
pub(crate) struct Outgoing {
    bytes: [u8; MAX_DATA],
    start: usize,
    end: usize,
    status: StatusWord,
}

impl Default for Outgoing {
    fn default() -> Self {
        Self { bytes: [0; MAX_DATA], start: 0, end: 0, status: StatusWord::OK }
    }
}

impl Outgoing {
    /// Lets `answer` write the data and say how long it is and how it went.
    pub(crate) fn fill(&mut self, answer: impl FnOnce(&mut [u8]) -> (usize, StatusWord)) {
        let (length, status) = answer(&mut self.bytes);
        self.start = 0;
        self.end = length.min(MAX_DATA);
        self.status = status;
    }

    /// An answer without data; returns the length that goes with it.
    pub(crate) fn refuse(&mut self, status: StatusWord) -> usize {
        self.clear();
        self.status = status;
        0
    }

    /// Forgets what was not fetched.
    pub(crate) fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// Gives at most `most` bytes; the status is 61xx as long as some are left.
    pub(crate) fn hand_out(&mut self, most: usize, out: &mut Writer<'_>) -> StatusWord {
        let end = self.start.saturating_add(most).min(self.end);
        let piece = self.bytes.get(self.start..end).unwrap_or_default();
        if out.put(piece).is_ok() {
            self.start = end;
        }
        match self.end.saturating_sub(self.start) {
            0 => self.status,
            left => StatusWord::bytes_available(u8::try_from(left).unwrap_or(0)),
        }
    }
}
