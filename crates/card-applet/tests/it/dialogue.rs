//! Card dialogues: scripts that a card engineer reads as they are, `dialogues/*.txt`.
//!
//! | line | meaning |
//! |---|---|
//! | `# text` | a remark; also at the end of a line |
//! | `after personalise` | first runs another script |
//! | `keys 30 <48 bytes>` | the key set of version 30, for `open` |
//! | `reset contact` | power goes and comes; or `reset contactless` |
//! | `open 30 33` | INITIALIZE UPDATE and EXTERNAL AUTHENTICATE with key version 30, level 33 |
//! | `> 00 A4 ..` | a command as it goes over the wire |
//! | `>> 84 E2 ..` | a command that the open channel wraps; written as it is before |
//! | `< .. * 9000` | its answer: `..` is any byte, `*` any run of bytes |
//!
//! `5A*200` stands for two hundred bytes 5A. The card is as the maker delivered it: [`SERIAL`], [`TRANSPORT_KEYS`].
//! The runner knows nothing of the applet, so the same scripts run on whatever implements [`Bench`].

use card_protocol::scp03::host::{self, HostChannel};
use card_protocol::scp03::{Greeting, Level};
use card_protocol::{AID, Command, KeyVersion, MAX_COMMAND, MAX_DATA, Response, SECURITY_DOMAIN, StaticKeys};
use std::collections::HashMap;

/// Serial number of the card under test.
pub(crate) const SERIAL: [u8; 8] = [0, 1, 2, 3, 4, 5, 6, 7];
/// Its transport keys: three times the well-known test key of GlobalPlatform.
pub(crate) const TRANSPORT_KEYS: [u8; 48] = {
    let mut keys = [0; 48];
    let mut place = 0;
    while place < 48 {
        keys[place] = 0x40 + (place % 16) as u8;
        place += 1;
    }
    keys
};

/// How the card is held to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Contact,
    Contactless,
}

/// A card in a reader.
pub(crate) trait Bench {
    fn send(&mut self, command: &[u8]) -> Vec<u8>;
    fn reset(&mut self, held: Held);
}

/// All scripts by name.
pub(crate) const SCRIPTS: [(&str, &str); 10] = [
    ("personalise", include_str!("../dialogues/personalise.txt")),
    ("gate", include_str!("../dialogues/gate.txt")),
    ("pin", include_str!("../dialogues/pin.txt")),
    ("private_files", include_str!("../dialogues/private_files.txt")),
    ("rides", include_str!("../dialogues/rides.txt")),
    ("store_data", include_str!("../dialogues/store_data.txt")),
    ("life_cycle", include_str!("../dialogues/life_cycle.txt")),
    ("channel", include_str!("../dialogues/channel.txt")),
    ("wire", include_str!("../dialogues/wire.txt")),
    ("identity", include_str!("../dialogues/identity.txt")),
];

/// Runs a script; stops with its line where the card answers otherwise.
pub(crate) fn run(name: &str, bench: &mut impl Bench) {
    run_until("(the end)", name, bench);
}

/// Runs a script up to the first line that holds `stop`.
pub(crate) fn run_until(stop: &str, name: &str, bench: &mut impl Bench) {
    Runner { bench, stop, keys: HashMap::new(), channel: None, answer: None }.run(name);
}

struct Runner<'b, B> {
    bench: &'b mut B,
    stop: &'b str,
    keys: HashMap<u8, [u8; 48]>,
    channel: Option<HostChannel>,
    answer: Option<Vec<u8>>,
}

impl<B: Bench> Runner<'_, B> {
    fn run(&mut self, name: &str) {
        let (_, script) =
            SCRIPTS.into_iter().find(|(known, _)| *known == name).expect("a script of that name");
        for (number, line) in (1..).zip(script.lines()) {
            let place = format!("{name}.txt:{number}");
            if line.contains(self.stop) {
                return;
            }
            let line = line.split('#').next().unwrap_or_default();
            let words: Vec<&str> = line.split_whitespace().collect();
            let Some((verb, rest)) = words.split_first() else { continue };
            match (*verb, rest) {
                ("after", [other]) => self.run(other),
                ("keys", [version, keys @ ..]) => {
                    self.keys.insert(byte(version), hex(keys).try_into().expect("48 bytes"));
                }
                ("reset", ["contact"]) => self.bench.reset(Held::Contact),
                ("reset", ["contactless"]) => self.bench.reset(Held::Contactless),
                ("open", [version, level]) => self.open(byte(version), byte(level), &place),
                (">", command) => self.answer = Some(self.bench.send(&hex(command))),
                (">>", command) => self.answer = Some(self.send_wrapped(&hex(command), &place)),
                ("<", pattern) => {
                    let answer = self.answer.take().expect("an answer to look at");
                    assert!(fits(pattern, &answer), "{place}: the card answered {}", shown(&answer));
                }
                _ => panic!("{place}: not a line of a dialogue"),
            }
        }
    }

    fn open(&mut self, version: u8, level: u8, place: &str) {
        let keys = StaticKeys::from_bytes(self.keys.get(&version).expect("keys of that version"));
        let challenge = [0x11; 8];
        let greeting = self.send_plain(&host::initialize_update(KeyVersion::new(version), &challenge));
        let (data, status) = greeting.split_at(greeting.len() - 2);
        assert_eq!(status, [0x90, 0], "{place}: INITIALIZE UPDATE");
        let greeting = Greeting::from_slice(data).unwrap();
        let level = Level::from_u8(level).unwrap();
        let open = |aid: &[u8]| HostChannel::open(&keys, &challenge, &greeting, level, aid);
        let (channel, proof) = open(&AID).or_else(|_| open(&SECURITY_DOMAIN)).unwrap();
        assert_eq!(self.send_plain(&proof.command()), [0x90, 0], "{place}: EXTERNAL AUTHENTICATE");
        self.channel = Some(channel);
    }

    fn send_plain(&mut self, command: &Command<'_>) -> Vec<u8> {
        let mut wire = [0; MAX_COMMAND];
        let wire = command.write(&mut wire).unwrap();
        self.bench.send(wire)
    }

    fn send_wrapped(&mut self, command: &[u8], place: &str) -> Vec<u8> {
        let channel = self.channel.as_mut().expect("an open channel");
        let mut wire = [0; MAX_COMMAND];
        let (wire, sent) = {
            let command = Command::parse(command).unwrap_or_else(|error| panic!("{place}: {error}"));
            channel.wrap(&command, &mut wire).unwrap()
        };
        let answer = self.bench.send(wire);
        let mut plain = [0; MAX_DATA];
        let response = Response::parse(&answer).unwrap();
        let opened = channel.unwrap(sent, response, &mut plain);
        let Ok(opened) = opened else { panic!("{place}: the card answered {}", shown(&answer)) };
        [opened.data, &opened.status.to_bytes()].concat()
    }
}

/// Bytes, with spaces anywhere and `5A*200` for a run.
pub(crate) fn hex(words: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for word in words {
        match word.split_once('*') {
            Some((value, count)) => bytes.extend(vec![byte(value); count.parse::<usize>().expect("a count")]),
            None => {
                let pairs = word.as_bytes().chunks(2);
                bytes.extend(pairs.map(|pair| byte(std::str::from_utf8(pair).expect("hexadecimal"))));
            }
        }
    }
    bytes
}

fn byte(text: &str) -> u8 {
    assert_eq!(text.len(), 2, "{text}: two hexadecimal digits");
    u8::from_str_radix(text, 16).expect("hexadecimal")
}

fn fits(pattern: &[&str], bytes: &[u8]) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return bytes.is_empty() };
    match *first {
        "*" => (0..=bytes.len()).any(|skip| fits(rest, &bytes[skip..])),
        ".." => !bytes.is_empty() && fits(rest, &bytes[1..]),
        word => bytes.strip_prefix(&hex(&[word])[..]).is_some_and(|left| fits(rest, left)),
    }
}

/// Test cards hold invented bytes only, so an answer may be printed.
fn shown(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
