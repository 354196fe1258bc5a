//! Bytes from a scanner into lines. A line ends with CR or LF, or when the scanner falls silent:
//! half a code is then a line that does not verify, and never the beginning of the next one.

use credential::qr_text::MAX_QR_TEXT_CHARS;

use crate::moment::Uptime;

/// Collects the bytes of one scanner.
pub struct LineReader {
    pending: Vec<u8>,
    last_byte: Uptime,
    /// A line that grew too long was handed out; its rest is dropped.
    overflowed: bool,
    pause_millis: i64,
}

impl LineReader {
    /// Takes a pause of so many milliseconds for the end of a line.
    #[must_use]
    pub fn new(pause_millis: i64) -> Self {
        Self { pending: Vec::new(), last_byte: Uptime::from_millis(0), overflowed: false, pause_millis }
    }

    /// Takes bytes as they arrive; returns the lines that they end, without their ends.
    /// What is no UTF-8 is replaced: such a line verifies under no key.
    pub fn push(&mut self, bytes: &[u8], now: Uptime) -> Vec<String> {
        let mut lines: Vec<String> = self.pause(now).into_iter().collect();
        self.last_byte = now;
        for byte in bytes {
            match byte {
                b'\r' | b'\n' => lines.extend(self.end()),
                _ if self.overflowed => {}
                _ => {
                    self.pending.push(*byte);
                    if self.pending.len() > MAX_QR_TEXT_CHARS {
                        lines.extend(self.end());
                        self.overflowed = true;
                    }
                }
            }
        }
        lines
    }

    /// Ends the line if the scanner has been silent for long enough.
    pub fn pause(&mut self, now: Uptime) -> Option<String> {
        let silent = now.is_millis_past(self.pause_millis, self.last_byte);
        if silent { self.end() } else { None }
    }

    /// Whether a line has begun.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Ends the line, because nothing more will come. Empty lines are nobody's code.
    pub fn end(&mut self) -> Option<String> {
        self.overflowed = false;
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.pending)).into_owned();
        (!line.trim().is_empty()).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: i64 = 500;

    fn at(millis: i64) -> Uptime {
        Uptime::from_millis(millis)
    }

    #[test]
    fn lines_end_with_cr_lf_or_both_however_they_arrive() {
        let mut reader = LineReader::new(PAUSE);
        assert_eq!(reader.push(b"DC1:00", at(0)), [""; 0]);
        assert_eq!(reader.push(b"3\r\nDC1:1\n\n\rDC1:", at(10)), ["DC1:003", "DC1:1"]);
        assert_eq!(reader.push(b"2\r", at(20)), ["DC1:2"]);
    }

    #[test]
    fn half_a_code_ends_with_the_pause_and_does_not_spoil_the_next() {
        let mut reader = LineReader::new(PAUSE);
        reader.push(b"DC1:12", at(0));
        assert_eq!(reader.pause(at(499)), None);
        assert_eq!(reader.push(b"DC1:003\n", at(500)), ["DC1:12", "DC1:003"]);
        reader.push(b"DC1:3", at(600));
        assert_eq!(reader.pause(at(1100)), Some("DC1:3".to_owned()));
        assert_eq!(reader.pause(at(9999)), None);
    }

    #[test]
    fn an_endless_line_is_handed_out_once_and_takes_no_memory() {
        let mut reader = LineReader::new(PAUSE);
        let mut lines = vec![];
        for n in 0..1000 {
            lines.extend(reader.push(&[b'9'; 1000], at(n)));
        }
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].len(), MAX_QR_TEXT_CHARS + 1);
        assert!(reader.pending.is_empty());
        assert_eq!(reader.push(b"\nDC1:003\n", at(1001)), ["DC1:003"]);
    }

    #[test]
    fn bytes_that_are_no_text_still_make_a_line() {
        let mut reader = LineReader::new(PAUSE);
        assert_eq!(reader.push(b"DC1:\xff\xfe0\n", at(0)), ["DC1:\u{fffd}\u{fffd}0"]);
    }
}
