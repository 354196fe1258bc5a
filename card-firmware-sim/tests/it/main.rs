//! The whole card: firmware, simulator, host and reader service together.

mod desk;
mod gate;
mod peers;
mod personalise;
#[path = "../../../crates/card-applet/tests/it/power_cuts.rs"]
mod power_cuts;
mod profile;
mod program;
mod reader_service;
mod upkeep;
