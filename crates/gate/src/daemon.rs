//! The one loop: bytes become lines, lines become events, actions are done in their order.
//! Whatever fails outside is reported and the loop goes on; only the system ends it.

use std::collections::{HashMap, VecDeque};
use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use bundle_store::{Opened, Store};
use serde_json::json;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::decision::Decision;
use crate::edge::{Clock, Inbox, Message, Ride, RideWire, Source, Tap};
use crate::entry::Entry;
use crate::error::Error;
use crate::gate::{Action, Debited, Event, Gate, Journaled};
use crate::input::{self, STDIN};
use crate::journal::Journal;
use crate::line_reader::LineReader;
use crate::moment::Moment;
use crate::output::Output;
use crate::settings::Settings;
use crate::update;

/// Runs until the system asks to stop, or standard input was the only input and ended.
pub fn run(settings: Settings) -> Result<(), Error> {
    let clock = Clock::start();
    let Opened { store, bundle, refused } = Store::open(&settings.folder)?;
    let (journal, entries) = Journal::open(&settings.folder, settings.journal_max_bytes)?;
    let (inbox, messages) = sync_channel(QUEUE);
    let snapshot = bundle.as_ref().map(|bundle| bundle.snapshot().version.as_u32());
    let gate = Gate::new(settings.rules, bundle, &entries, clock.now());
    let output = Output::open(settings.barrier.clone())?;
    let other_inputs = input::start(&settings.input, &inbox)?;
    stop_on_signals(inbox.clone())?;
    update::start(settings.updates.clone(), &settings.device, store, inbox);

    let (sources, rides) = (HashMap::new(), None);
    let mut daemon = Daemon { clock, gate, journal, output, settings, sources, other_inputs, rides };
    daemon.say(&json!({ "event": "started", "snapshot": snapshot, "journal_lines": entries.len() }));
    if let Some(refusal) = refused {
        daemon.trouble("bundle", &format!("{refusal}: {} {}", refusal.zh(), refusal.en()));
    }
    daemon.work(&messages);
    daemon.say(&json!({ "event": "stopped" }));
    Ok(())
}

struct Daemon {
    clock: Clock,
    gate: Gate,
    journal: Journal,
    output: Output,
    settings: Settings,
    sources: HashMap<Source, Scanner>,
    other_inputs: usize,
    /// Of the card that is being decided.
    rides: Option<RideWire>,
}

/// A scanner or a connection, and where its answers go.
struct Scanner {
    lines: LineReader,
    answers: Option<TcpStream>,
}

enum Next {
    GoOn,
    Stop,
}

impl Daemon {
    fn work(&mut self, messages: &Receiver<Message>) {
        loop {
            let next = match messages.recv_timeout(self.patience()) {
                Ok(message) => self.receive(message),
                Err(RecvTimeoutError::Timeout) => self.tick(),
                Err(RecvTimeoutError::Disconnected) => Next::Stop,
            };
            if matches!(next, Next::Stop) {
                return;
            }
        }
    }

    /// Short while a line or a pulse waits for its end.
    fn patience(&self) -> Duration {
        let waiting =
            self.sources.values().any(|scanner| scanner.lines.is_waiting()) || self.output.is_raised();
        if waiting { SHORT_TICK } else { TICK }
    }

    fn receive(&mut self, message: Message) -> Next {
        let now = self.clock.now();
        match message {
            Message::Connected(source, answers) => {
                let scanner = self.scanner(source);
                scanner.answers = Some(answers);
            }
            Message::Bytes(source, bytes) => {
                let lines = self.scanner(source).lines.push(&bytes, now.uptime);
                lines.iter().for_each(|line| self.scan(source, line));
            }
            Message::Card(tap) => self.tap(tap),
            Message::Ended(source) => {
                let line = self.scanner(source).lines.end();
                line.iter().for_each(|line| self.scan(source, line));
                self.sources.remove(&source);
                if source == STDIN && self.other_inputs == 0 {
                    return Next::Stop;
                }
            }
            Message::Bundle(bundle) => {
                let version = bundle.snapshot().version.as_u32();
                let actions = self.gate.on(Event::Bundle(bundle), now);
                self.perform(actions, None);
                self.say(&json!({ "event": "bundle", "time": now.clock.to_string(), "snapshot": version }));
            }
            Message::Trouble(what, why) => self.trouble(what, &why),
            Message::Stop => return Next::Stop,
        }
        Next::GoOn
    }

    fn tick(&mut self) -> Next {
        let now = self.clock.now();
        let paused =
            |(source, scanner): (&Source, &mut Scanner)| Some((*source, scanner.lines.pause(now.uptime)?));
        let lines: Vec<_> = self.sources.iter_mut().filter_map(paused).collect();
        lines.iter().for_each(|(source, line)| self.scan(*source, line));
        let actions = self.gate.on(Event::Tick, now);
        self.perform(actions, None);
        let lowered = self.output.lower_if_due(now.uptime);
        self.watch("barrier", lowered);
        Next::GoOn
    }

    fn scan(&mut self, source: Source, line: &str) {
        let actions = self.gate.on(Event::Scan(line), self.clock.now());
        self.perform(actions, Some(source));
    }

    /// The reader holds the card until its wire is dropped.
    fn tap(&mut self, tap: Tap) {
        let now = self.clock.now();
        let actions = match tap {
            Tap::NoPass(refusal) => self.gate.on(Event::NoPass(refusal), now),
            Tap::Shown { pass, message, signature, rides } => {
                self.rides = Some(rides);
                self.gate.on(Event::Card { pass: &pass, message: &message, signature: &signature }, now)
            }
        };
        self.perform(actions, None);
        self.rides = None;
    }

    fn take_ride(&mut self) -> Vec<Action> {
        let ride = self.rides.as_ref().map_or(Ride::TornAway, RideWire::take);
        let debited = match &ride {
            Ride::Taken { message, signature } => Debited::Taken { message, signature },
            Ride::NoneLeft => Debited::NoneLeft,
            Ride::TornAway => Debited::TornAway,
        };
        self.gate.on(Event::Debited(debited), self.clock.now())
    }

    /// In order. What follows from a line of the journal comes before whatever else was to be done.
    fn perform(&mut self, actions: Vec<Action>, asked_by: Option<Source>) {
        let mut actions = VecDeque::from(actions);
        while let Some(action) = actions.pop_front() {
            let now = self.clock.now();
            match action {
                Action::Journal(entry) => {
                    let journaled = self.append(&entry, now);
                    let next = self.gate.on(Event::Journaled(journaled), now);
                    next.into_iter().rev().for_each(|action| actions.push_front(action));
                }
                Action::Debit => {
                    let next = self.take_ride();
                    next.into_iter().rev().for_each(|action| actions.push_front(action));
                }
                Action::Note(entry) => {
                    self.make_room(now);
                    let noted = self.journal.note(&entry);
                    self.watch("journal", noted);
                }
                Action::Open => {
                    let released = self.output.release(now.uptime);
                    self.watch("barrier", released);
                }
                Action::Report(decision) => self.report(&decision, asked_by),
                Action::Warn(warning) => {
                    eprintln!("{}", warning.text());
                    self.say(&json!({ "event": "warning", "time": now.clock.to_string(), "about": warning }));
                }
            }
        }
    }

    fn append(&mut self, entry: &Entry, now: Moment) -> Journaled {
        self.make_room(now);
        let appended = self.journal.append(entry);
        let journaled = if appended.is_ok() { Journaled::Durably } else { Journaled::Failed };
        self.watch("journal", appended);
        journaled
    }

    fn make_room(&mut self, now: Moment) {
        if self.journal.is_full() {
            let rotated = self.journal.rotate(self.gate.carried(now));
            self.watch("journal", rotated);
        }
    }

    fn report(&mut self, decision: &Decision, asked_by: Option<Source>) {
        if !decision.is_admitted() {
            let stayed = self.output.stay();
            self.watch("barrier", stayed);
        }
        let answer = self.output.answer(decision.is_admitted());
        if let Some(Scanner { answers: Some(stream), .. }) = asked_by.and_then(|s| self.sources.get_mut(&s)) {
            // A controller that has gone reads no answer; its connection ends by itself.
            let _ = stream.write_all(answer.as_bytes());
        }
        print_line(&decision.to_json(&self.settings.signs));
    }

    fn scanner(&mut self, source: Source) -> &mut Scanner {
        let pause = self.settings.input.pause_millis;
        let fresh = || Scanner { lines: LineReader::new(pause), answers: None };
        self.sources.entry(source).or_insert_with(fresh)
    }

    fn watch(&self, what: &'static str, done: io::Result<()>) {
        if let Err(error) = done {
            self.trouble(what, &error.to_string());
        }
    }

    fn trouble(&self, what: &str, why: &str) {
        eprintln!("{what}: {why}");
        let time = self.clock.now().clock.to_string();
        self.say(&json!({ "event": "trouble", "time": time, "what": what, "why": why }));
    }

    fn say(&self, line: &serde_json::Value) {
        print_line(&line.to_string());
    }
}

/// Whoever listened may have gone; the gate goes on.
fn print_line(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn stop_on_signals(inbox: Inbox) -> Result<(), Error> {
    let mut signals = Signals::new([SIGTERM, SIGINT]).map_err(|e| Error::io("signals".as_ref(), e))?;
    thread::spawn(move || {
        for _ in signals.forever() {
            let _ = inbox.send(Message::Stop);
        }
    });
    Ok(())
}

const TICK: Duration = Duration::from_secs(1);
const SHORT_TICK: Duration = Duration::from_millis(50);
/// Some reads of 4 kB.
const QUEUE: usize = 64;
