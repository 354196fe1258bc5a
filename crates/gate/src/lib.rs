//! `zhengka-gate`: lets people in by their passes, offline, and accounts for each before the barrier opens.
//!
//! ```
//! use credential::UnixTime;
//! use gate::gate::{Action, Event, Gate};
//! use gate::moment::{Moment, Uptime};
//! use gate::settings::Settings;
//!
//! let rules = Settings::parse("purpose = \"transit\"")?.rules;
//! let now = Moment::new(UnixTime::from_seconds(1_795_500_000), Uptime::from_millis(0));
//! let mut gate = Gate::new(rules, None, &[], now);
//! // Without a bundle nobody gets in, and those who run the gate hear why.
//! let actions = gate.on(Event::Scan("DC1:003"), now);
//! assert!(matches!(actions[..], [Action::Warn(_), Action::Report(_)]));
//! # Ok::<(), gate::error::Error>(())
//! ```
//!
//! Deliberately absent: any way to open the barrier before the journal holds the line, and any reason on the screen.

// What is decided.
pub mod decision;
pub mod gate;
pub mod moment;
pub mod presence;
pub mod quota;
pub mod warning;

// What is kept.
pub mod entry;
pub mod journal;

// What is said and read.
pub mod error;
pub mod line_reader;
pub mod settings;

// The wires.
pub mod command;
pub mod daemon;
mod edge;
mod input;
mod output;
mod update;
