//! A V4L2 camera: each frame is read for a QR code. Whether it sends YUYV or JPEG pictures, only brightness counts.
//! A code that stays before the camera is one reading, until another one or a second without any.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rscam::{Camera, Config};
use rxing::helpers::detect_in_luma;

use crate::edge::{Inbox, Message, Source};
use crate::input::luma::{Layout, luma};

pub(super) fn pump(path: &Path, source: Source, inbox: &Inbox) -> io::Result<()> {
    let device = path.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut camera = Camera::new(device)?;
    let layout = start(&mut camera)?;
    let mut shown = Shown::default();
    loop {
        let frame = camera.capture()?;
        let (width, height) = frame.resolution;
        // A torn frame is one of ten a second.
        let Some(brightness) = luma(&frame, width, height, layout) else { continue };
        let code = detect_in_luma(brightness, width, height, None).ok();
        if let Some(line) = shown.on(code.as_ref().map(|code| code.getText()), now())
            && inbox.send(Message::Bytes(source, line.into_bytes())).is_err()
        {
            return Ok(());
        }
    }
}

/// Every camera for video calls has one of these.
fn start(camera: &mut Camera) -> io::Result<Layout> {
    let mut refused = io::Error::from(io::ErrorKind::Unsupported);
    for (format, layout) in [(b"YUYV", Layout::Yuyv), (b"MJPG", Layout::Jpeg)] {
        let config =
            Config { interval: (1, FRAMES_A_SECOND), resolution: RESOLUTION, format, ..Config::default() };
        match camera.start(&config) {
            Ok(()) => return Ok(layout),
            Err(error) => refused = io::Error::other(error.to_string()),
        }
    }
    Err(refused)
}

/// The code before the camera.
#[derive(Default)]
struct Shown {
    text: String,
    last: Option<Instant>,
}

impl Shown {
    /// The line to send for a frame, if it shows something new.
    fn on(&mut self, code: Option<&str>, now: Instant) -> Option<String> {
        let code = code?;
        let stayed = self.last.is_some_and(|last| now.duration_since(last) < GONE_AFTER) && self.text == code;
        self.last = Some(now);
        if stayed {
            return None;
        }
        code.clone_into(&mut self.text);
        Some(format!("{code}\n"))
    }
}

#[expect(clippy::disallowed_methods, reason = "the gate's edge; the moment of a frame decides nothing else")]
fn now() -> Instant {
    Instant::now()
}

/// A pass fills a third of the picture at arm's length: six pixels a module.
const RESOLUTION: (u32, u32) = (640, 480);
/// Reading one takes some milliseconds.
const FRAMES_A_SECOND: u32 = 10;
const GONE_AFTER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camera_that_is_not_there_says_so() {
        let (inbox, _kept) = std::sync::mpsc::sync_channel(1);
        let missing = pump(Path::new("/dev/video-that-is-not-there"), Source(1), &inbox);
        assert_eq!(missing.unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_code_that_stays_before_the_camera_is_one_reading() {
        let start = now();
        let after = |millis| start + Duration::from_millis(millis);
        let mut shown = Shown::default();
        assert_eq!(shown.on(Some("a"), after(0)).as_deref(), Some("a\n"));
        assert_eq!(shown.on(Some("a"), after(900)), None);
        assert_eq!(shown.on(None, after(1000)), None);
        assert_eq!(shown.on(Some("a"), after(1800)), None, "held still, but for a blink");
        assert_eq!(shown.on(Some("b"), after(1900)).as_deref(), Some("b\n"));
        assert_eq!(shown.on(Some("b"), after(3000)).as_deref(), Some("b\n"), "shown again");
    }
}
