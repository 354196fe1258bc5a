//! Tests of the firmware core, one module a story.

mod bad_input;
mod bench;
mod dialogue;
mod dialogues;
mod nor;
mod signatures;
mod store_content;
mod store_power_cut;
