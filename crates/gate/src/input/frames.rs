//! A camera that puts pictures into a folder: each new picture is read once for a QR code. Pictures are left where they are.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{fs, io, thread};

use rxing::helpers::detect_in_luma;

use crate::edge::{Inbox, Message, Source};

pub(super) fn pump(folder: &Path, source: Source, inbox: &Inbox) -> io::Result<()> {
    let mut seen = newest(folder)?;
    loop {
        for (at, name) in pictures(folder)? {
            let picture = (at, name);
            if seen.as_ref().is_some_and(|seen| picture <= *seen) {
                continue;
            }
            let line = read_code(&folder.join(&picture.1)).map(|text| format!("{text}\n").into_bytes());
            seen = Some(picture);
            if let Some(line) = line
                && inbox.send(Message::Bytes(source, line)).is_err()
            {
                return Ok(());
            }
        }
        thread::sleep(LOOK_AGAIN);
    }
}

type Picture = (SystemTime, OsString);

/// What was there before the gate started was shown to nobody.
fn newest(folder: &Path) -> io::Result<Option<Picture>> {
    Ok(pictures(folder)?.pop())
}

/// Oldest first. A picture that is still being written keeps changing its time, so it is read again when it is whole.
fn pictures(folder: &Path) -> io::Result<Vec<Picture>> {
    let mut pictures = vec![];
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_file() {
            pictures.push((metadata.modified()?, entry.file_name()));
        }
    }
    pictures.sort();
    Ok(pictures)
}

fn read_code(path: &Path) -> Option<String> {
    let picture = image::open(path).ok()?.to_luma8();
    let (width, height) = picture.dimensions();
    let code = detect_in_luma(picture.into_raw(), width, height, None).ok()?;
    Some(code.getText().to_owned())
}

/// Five pictures a second.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
