//! A gate as its own process: started, fed, watched, and killed.
//! The program is any that hands its arguments to `gate::command::main` after the word `gate`.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bundle_store::Store;
use credential::UnixTime;
use credential::pass::Pass;
use credential::qr_text::QrText;
use credential::status_list::StatusIndex;
use serde_json::Value;

use crate::authority::{Authority, DAY, HOUR, pass};

/// The clock that the process sees.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "a process of its own reads the system's clock, so its story does too"
)]
pub fn wall_clock() -> UnixTime {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::from_seconds(since_epoch.as_secs())
}

/// An authority that signed an hour before the clock's time, whatever the year.
#[must_use]
pub fn authority_of_today() -> Authority {
    let now = wall_clock();
    Authority::new().with(|a| {
        sign_at(a, UnixTime::from_seconds(now.as_seconds() - HOUR));
        a.trust.issued = a.issued;
        a.trust.expires = now.plus_seconds(365 * DAY);
        for key in &mut a.trust.keys {
            key.not_before = UnixTime::from_seconds(0);
            key.not_after = now.plus_seconds(3650 * DAY);
        }
    })
}

/// The next bundle is signed at this time.
pub fn sign_at(authority: &mut Authority, time: UnixTime) {
    (authority.issued, authority.expires) = (time, time.plus_seconds(7 * DAY));
    for list in &mut authority.status {
        (list.issued, list.expires) = (time, time.plus_seconds(7 * DAY));
    }
}

/// A pass for one person, valid for a year from now.
#[must_use]
pub fn pass_of_today(index: u32) -> Pass {
    let mut pass =
        Pass { status: StatusIndex::new(index), expires: wall_clock().plus_seconds(365 * DAY), ..pass() };
    pass.grants.truncate(1);
    pass
}

/// What a scanner reads from a pass.
#[must_use]
pub fn code(authority: &Authority, pass: &Pass) -> String {
    QrText::new(authority.issue(pass.encode())).to_text()
}

/// Where a gate is set up: its folder with a state, the bundle, and the settings.
pub struct Site {
    folder: PathBuf,
    settings: PathBuf,
}

impl Site {
    /// Makes the state and installs the bundle. The settings follow the purpose and the folder.
    #[must_use]
    pub fn new(root: &Path, authority: &Authority, settings: &str) -> Self {
        let site = Self { folder: root.join("state"), settings: root.join("gate.toml") };
        let mut store = Store::init(&site.folder, authority.trust.roots.clone()).expect("an empty folder");
        store.update(&authority.bundle(), wall_clock()).expect("the authority's bundle verifies");
        site.set(settings);
        site
    }

    /// Writes other settings.
    pub fn set(&self, settings: &str) {
        let folder = self.folder.display();
        let text = format!("purpose = \"transit\"\nfolder = \"{folder}\"\n{settings}\n");
        fs::write(&self.settings, text).expect("the folder is ours");
    }

    /// The gate's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The command that runs the gate.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.args(["gate", "run", "--config"]).arg(&self.settings);
        command
    }

    /// Starts the gate.
    #[must_use]
    pub fn start(&self, program: impl AsRef<OsStr>) -> RunningGate {
        RunningGate::start(self.command(program))
    }
}

/// The process. Killed when dropped.
pub struct RunningGate {
    process: Child,
    scanner: Option<ChildStdin>,
    lines: Receiver<Value>,
}

impl RunningGate {
    /// Starts it; its complaints go nowhere.
    #[must_use]
    pub fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the program can be run");
        let out = process.stdout.take().expect("it is piped");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // A line that was cut by a kill is no JSON; whatever it was to say, it said to nobody.
                if let Ok(line) = serde_json::from_str(&line) {
                    let _ = sender.send(line);
                }
            }
        });
        let scanner = process.stdin.take();
        Self { process, scanner, lines }
    }

    /// A scan. A gate that is gone reads nothing.
    pub fn scan(&mut self, text: &str) {
        self.send(format!("{text}\n").as_bytes());
    }

    /// Bytes, as a scanner sends them.
    pub fn send(&mut self, bytes: &[u8]) {
        if let Some(scanner) = &mut self.scanner {
            let _ = scanner.write_all(bytes).and_then(|()| scanner.flush());
        }
    }

    /// The next line of this kind; others are dropped. `None` when the time is over or the gate is gone.
    #[must_use]
    pub fn next(&self, event: &str) -> Option<Value> {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).ok()?;
            if line["event"] == event {
                return Some(line);
            }
        }
    }

    /// The next line of any kind, if there is one within the time.
    #[must_use]
    pub fn any_within(&self, time: Duration) -> Option<Value> {
        self.lines.recv_timeout(time).ok()
    }

    /// Its number, for signals.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends its standard input and waits; returns what it still said, and its exit code.
    #[must_use]
    pub fn finish(mut self) -> (Vec<Value>, Option<i32>) {
        drop(self.scanner.take());
        let status = self.process.wait().expect("it was started");
        (self.lines.iter().collect(), status.code())
    }

    /// SIGKILL; returns everything it had said and nobody had read.
    #[must_use]
    pub fn kill(mut self) -> Vec<Value> {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.lines.iter().collect()
    }
}

impl Drop for RunningGate {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Longer than any machine that runs tests takes for a decision.
const PATIENCE: Duration = Duration::from_secs(20);
