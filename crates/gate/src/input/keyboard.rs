//! Scanners that pretend to be a keyboard (USB HID): key codes of Linux back into the characters they stand for.
//! The device is grabbed, so that codes reach nobody's console. Only the characters of a QR text are known.

use std::io;
use std::path::Path;

use evdev::{Device, EventSummary, KeyCode};

use crate::edge::{Inbox, Message, Source};

pub(super) fn pump(path: &Path, source: Source, inbox: &Inbox) -> io::Result<()> {
    let mut device = Device::open(path)?;
    device.grab()?;
    let mut keys = Keys::default();
    loop {
        let mut bytes = vec![];
        for event in device.fetch_events()? {
            if let EventSummary::Key(_, key, value) = event.destructure() {
                bytes.extend(keys.on(key, value));
            }
        }
        if !bytes.is_empty() && inbox.send(Message::Bytes(source, bytes)).is_err() {
            return Ok(());
        }
    }
}

/// Whether a shift key is down.
#[derive(Default)]
struct Keys {
    shift: bool,
}

impl Keys {
    /// The character of a key press on the US layout, which scanners use out of the box.
    fn on(&mut self, key: KeyCode, value: i32) -> Option<u8> {
        let pressed = value != RELEASED;
        if matches!(key, KeyCode::KEY_LEFTSHIFT | KeyCode::KEY_RIGHTSHIFT) {
            self.shift = pressed;
        }
        if !pressed {
            return None;
        }
        let (_, plain, shifted) = LAYOUT.iter().find(|(code, ..)| *code == key)?;
        Some(if self.shift { *shifted } else { *plain })
    }
}

const RELEASED: i32 = 0;

const LAYOUT: &[(KeyCode, u8, u8)] = &[
    (KeyCode::KEY_0, b'0', b')'),
    (KeyCode::KEY_1, b'1', b'!'),
    (KeyCode::KEY_2, b'2', b'@'),
    (KeyCode::KEY_3, b'3', b'#'),
    (KeyCode::KEY_4, b'4', b'$'),
    (KeyCode::KEY_5, b'5', b'%'),
    (KeyCode::KEY_6, b'6', b'^'),
    (KeyCode::KEY_7, b'7', b'&'),
    (KeyCode::KEY_8, b'8', b'*'),
    (KeyCode::KEY_9, b'9', b'('),
    (KeyCode::KEY_A, b'a', b'A'),
    (KeyCode::KEY_B, b'b', b'B'),
    (KeyCode::KEY_C, b'c', b'C'),
    (KeyCode::KEY_D, b'd', b'D'),
    (KeyCode::KEY_E, b'e', b'E'),
    (KeyCode::KEY_F, b'f', b'F'),
    (KeyCode::KEY_G, b'g', b'G'),
    (KeyCode::KEY_H, b'h', b'H'),
    (KeyCode::KEY_I, b'i', b'I'),
    (KeyCode::KEY_J, b'j', b'J'),
    (KeyCode::KEY_K, b'k', b'K'),
    (KeyCode::KEY_L, b'l', b'L'),
    (KeyCode::KEY_M, b'm', b'M'),
    (KeyCode::KEY_N, b'n', b'N'),
    (KeyCode::KEY_O, b'o', b'O'),
    (KeyCode::KEY_P, b'p', b'P'),
    (KeyCode::KEY_Q, b'q', b'Q'),
    (KeyCode::KEY_R, b'r', b'R'),
    (KeyCode::KEY_S, b's', b'S'),
    (KeyCode::KEY_T, b't', b'T'),
    (KeyCode::KEY_U, b'u', b'U'),
    (KeyCode::KEY_V, b'v', b'V'),
    (KeyCode::KEY_W, b'w', b'W'),
    (KeyCode::KEY_X, b'x', b'X'),
    (KeyCode::KEY_Y, b'y', b'Y'),
    (KeyCode::KEY_Z, b'z', b'Z'),
    (KeyCode::KEY_SEMICOLON, b';', b':'),
    (KeyCode::KEY_SLASH, b'/', b'?'),
    (KeyCode::KEY_DOT, b'.', b'>'),
    (KeyCode::KEY_MINUS, b'-', b'_'),
    (KeyCode::KEY_ENTER, b'\n', b'\n'),
    (KeyCode::KEY_KPENTER, b'\n', b'\n'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_is_typed_comes_out_as_it_is_written() {
        let mut keys = Keys::default();
        let mut typed = String::new();
        for wanted in "DC1:0123456789\nhttps://zk.example:8443/#17\n".chars() {
            let of = |character: u8| {
                LAYOUT.iter().find_map(|(key, plain, shifted)| match character {
                    c if c == *plain => Some((*key, false)),
                    c if c == *shifted => Some((*key, true)),
                    _ => None,
                })
            };
            let (key, shift) = of(wanted as u8).unwrap();
            let shift_key = shift.then_some(KeyCode::KEY_LEFTSHIFT);
            let presses = shift_key.into_iter().chain([key]).map(|key| (key, 1));
            let releases = [key].into_iter().chain(shift_key).map(|key| (key, 0));
            for (key, value) in presses.chain(releases) {
                typed.extend(keys.on(key, value).map(char::from));
            }
        }
        assert_eq!(typed, "DC1:0123456789\nhttps://zk.example:8443/#17\n");
        assert_eq!(keys.on(KeyCode::KEY_F1, 1), None);
    }
}
