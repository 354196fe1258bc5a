//! The commands: each reads its arguments, calls a use case, and prints what came of it.

pub(crate) mod approve;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod bundle;
pub(crate) mod card_job;
pub(crate) mod client;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod drill;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod issue;
pub(crate) mod keys;
pub(crate) mod list;
pub(crate) mod officer;
pub(crate) mod pilot;
pub(crate) mod policy;
pub(crate) mod qr;
pub(crate) mod serve;
pub(crate) mod show;
pub(crate) mod status;
