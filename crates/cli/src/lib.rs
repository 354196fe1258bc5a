//! `zhengka`, the inspector's, the operator's and the card desk's command: verify, inspect, keys, trust, policy, desk.
//!
//! Each command is a module with one struct of arguments and one `run(self, &mut Output) -> Result<Exit, Error>`;
//! `command` names them all. What a person reads comes in Chinese or English, through `Output`.
//! The clock, the environment and the terminal are read in `edge` and `output`, nowhere else.
//!
//! Deliberately absent: casework, storage and keys of cards (see `zhengka-issuer`), the network but for the desk's way
//! to its issuer, and a second opinion: every verdict comes from `verifier`.

// The command line and its words.
mod command;
mod completions;
mod error;
mod output;

// The world outside.
mod durable_file;
mod edge;
mod input;
mod picture;
mod state_file;
mod time;
mod trust_base;
mod unreadable;

// desk
mod desk;
mod pin;

// inspect
mod inspect;

// keys
mod keys;
mod open_key;
mod passphrase;

// policy
mod policy;

// trust
mod trust;

// verify
mod card;
mod holder;
mod next_step;
mod report;
mod verdict;
mod verify;

pub use command::run;
