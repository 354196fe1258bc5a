//! Application, assessment, approval, credential: the casework of an issuing service.
//! A case moves by one table (`transition`), each officer acts in one duty of it (`duty`), and what is signed
//! follows from an approval (`issuing`). Use cases are functions over the port `Register`:
//!
//! ```
//! use issuance::{actor::Actor, casework, id::ApplicationId, register::Register, step::Action, Error};
//!
//! fn approve(register: &mut dyn Register, id: ApplicationId, actor: &Actor<'_>) -> Result<(), Error> {
//!     casework::take_step(register, id, Action::Approve, actor).map(drop)
//! }
//! ```
//!
//! Deliberately absent: SQL, HTTP, files, clocks, randomness of its own, a runtime. `now` and `rng` are arguments.

// Who, and what they write down.
pub mod actor;
pub mod applicants_file;
pub mod fault;
pub mod form;
pub mod id;
pub mod office;
pub mod officer;
pub mod person;
pub mod pilot;
pub mod staff;
pub mod text;

// A case: its rules and its use cases.
pub mod application;
pub mod calendar;
pub mod casework;
pub mod document;
pub mod duty;
pub mod dwelling;
pub mod flag;
pub mod kind;
pub mod local;
pub mod reading;
pub mod step;
pub mod transition;

// A certificate: how it comes to be, how it stands, how gates hear of it.
pub mod card;
pub mod card_board;
pub mod card_job;
pub mod certificate;
pub mod entitlement;
pub mod grants;
pub mod issuing;
pub mod pass_exchange;
pub mod publication;
pub mod rehearsal;
pub mod removal;
pub mod renewal;
pub mod standing;
pub mod status_change;

// The ports, and the twin in memory.
pub mod audit;
pub mod audit_story;
pub mod memory;
pub mod register;
pub mod signer;
pub mod unusual;

mod error;
mod words;

pub use error::Error;
