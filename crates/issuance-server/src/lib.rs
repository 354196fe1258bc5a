//! zhengka-issuer: the issuing service. Storage, keys and commands around the casework of `issuance`.
//! Rules never live here: a command reads its arguments, calls one use case, and prints what came of it.
//!
//! Deliberately absent: rules of casework (see `issuance`), the roots' ceremony (see `zhengka trust`), verdicts.

pub mod card_desk;
pub mod folder;
pub mod personal;
pub mod personal_keys;
pub mod picture;
pub mod qr_picture;
pub mod region_name;
pub mod sqlite;
pub mod web;

mod command;
mod commands;
mod edge;
mod error;
mod keys;
mod output;
mod packs;

pub use command::run;
pub use error::Error;
