//! The whole card: firmware, simulator, host and reader service together.

mod desk;
mod gate;
mod peers;
mod personalise;
mod program;
mod reader_service;
mod upkeep;
